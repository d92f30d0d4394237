package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (w *world) numbersOf(q crm.NumberQuery) []crm.Number {
	w.t.Helper()
	list, err := w.s.Numbers(w.ctx, q)
	w.ok(err)
	return list
}

func (w *world) wantNumbers(why string, q crm.NumberQuery, want ...crm.Number) {
	w.t.Helper()
	if diff := gocmp.Diff(want, w.numbersOf(q)); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", why, diff)
	}
}

func byDay(m crm.Metric) crm.NumberQuery { return crm.NumberQuery{Metric: m, Grain: crm.GrainDay} }

func testActivityNumbers(_ *testing.T, w *world) {
	late := w.logged(w.a, "1", "late", "p") // 23:30 in UTC is the next day in Tokyo
	late.Activity.Time = time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC)
	w.commit(w.a, late)
	shared := w.logged(w.b, "1", "late", "p")
	shared.Activity.Time = late.Activity.Time
	w.commit(w.b, shared)
	w.wantNumbers("once for all", byDay(crm.MetricActivities), crm.Number{Period: "2026-11-21", Detail: "email/in", Count: 1, Sum: 1})
	q := byDay(crm.MetricActivities)
	q.By = crm.ByOwner
	w.wantNumbers("each owner is credited", q, crm.Number{Period: "2026-11-21", Key: sato, Detail: "email/in", Count: 1, Sum: 1},
		crm.Number{Period: "2026-11-21", Key: suzuki, Detail: "email/in", Count: 1, Sum: 1})
	w.wantNumbers("it came by itself", byDay(crm.MetricManual), crm.Number{Period: "2026-11-21", Detail: "automatic", Count: 1, Sum: 1})
	form := w.logged(w.a, "2", "form", "p")
	form.Activity.Kind, form.Activity.Product, form.Activity.Form = crm.KindForm, "会計", "f"
	form.Activity.Touch = crm.Touch{Channel: "web", Campaign: "spring"}
	w.commit(w.a, form)
	q = crm.NumberQuery{Metric: crm.MetricProducts, Grain: crm.GrainMonth, By: crm.ByCampaign}
	w.wantNumbers("what is asked for", q, crm.Number{Period: "2026-11", Key: "spring", Detail: "会計", Count: 1, Sum: 1})
	w.ok(w.s.LogActivity(w.ctx, sato, crm.Activity{Key: "call", Kind: crm.KindCall, Direction: crm.DirectionOut, Time: w.now, Call: &crm.Call{Result: crm.CallNoAnswer}}))
	w.wantNumbers("a call", byDay(crm.MetricCalls), crm.Number{Period: "2026-11-21", Detail: "no_answer", Count: 1, Sum: 1})
	w.wantNumbers("what was typed", byDay(crm.MetricManual), crm.Number{Period: "2026-11-21", Detail: "automatic", Count: 2, Sum: 2},
		crm.Number{Period: "2026-11-21", Detail: "typed", Count: 1, Sum: 1})
	w.commit(w.a, w.other("1", "late", crm.Excluded, crm.ReasonSubject), w.other("2", "form", crm.Excluded, crm.ReasonSubject))
	q = byDay(crm.MetricActivities)
	q.By = crm.ByOwner
	w.wantNumbers("what is gone is not counted", q, crm.Number{Period: "2026-11-21", Key: sato, Detail: "call/out", Count: 1, Sum: 1},
		crm.Number{Period: "2026-11-21", Key: suzuki, Detail: "email/in", Count: 1, Sum: 1})
	w.wantNumbers("nor products", byDay(crm.MetricProducts))
}

func testPeopleNumbers(t *testing.T, w *world) {
	w.savePeople(w.lead("p", "P", "p@c.jp"))
	day := func(n int) time.Time { return time.Date(2026, 10, 30+n, 3, 0, 0, 0, time.UTC) }
	follow := func(from time.Time, facts ...crm.Fact) {
		t.Helper()
		f, err := w.s.GetFollowing(w.ctx, "p")
		w.ok(err)
		made := asIs(f)
		made.Facts, made.FactsFrom = facts, from
		w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	}
	won := func(n int, value int64) crm.Fact {
		return crm.Fact{Metric: crm.MetricResponse, At: day(n), Owners: []string{sato}, Channel: "web", Detail: "hour", Value: value}
	}
	q := byDay(crm.MetricResponse)
	follow(time.Time{}, won(0, 10), won(1, 20), won(1, 5), won(3, 40))
	w.wantNumbers("counted", q, crm.Number{Period: "2026-10-30", Detail: "hour", Count: 1, Sum: 10},
		crm.Number{Period: "2026-10-31", Detail: "hour", Count: 2, Sum: 25}, crm.Number{Period: "2026-11-02", Detail: "hour", Count: 1, Sum: 40})
	follow(time.Time{}, won(3, 40), won(1, 5), won(1, 20), won(0, 10))
	follow(day(1), won(1, 7), won(4, 1))
	w.wantNumbers("replaced from a time on", q, crm.Number{Period: "2026-10-30", Detail: "hour", Count: 1, Sum: 10},
		crm.Number{Period: "2026-10-31", Detail: "hour", Count: 1, Sum: 7}, crm.Number{Period: "2026-11-03", Detail: "hour", Count: 1, Sum: 1})
	follow(day(1), won(0, 99))
	w.wantNumbers("what lies before is not touched", q, crm.Number{Period: "2026-10-30", Detail: "hour", Count: 1, Sum: 10})
	w.ok(w.s.DeletePerson(w.ctx, "cli", "p"))
	w.wantNumbers("of somebody who is gone", q)
}

func testOrigin(t *testing.T, w *world) {
	w.s.EnableOutbox(true)
	w.savePeople(w.lead("p", "P", "p@c.jp"), w.lead("q", "Q", "q@c.jp"))
	w.commit(w.a, w.logged(w.a, "1", "m", "p", "q"))
	version := w.activity("m").Version
	origin := func(id string, touch crm.Touch) {
		t.Helper()
		f, err := w.s.GetFollowing(w.ctx, id)
		w.ok(err)
		made := asIs(f)
		made.Standing.First = touch
		w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	}
	outbox := func() int {
		rows, err := w.s.ListOutbox(w.ctx, 0, 100)
		w.ok(err)
		return len(rows)
	}
	told := outbox()
	q := byDay(crm.MetricActivities)
	q.By = crm.ByChannel
	one := func(key string, count int64) crm.Number {
		return crm.Number{Period: "2026-11-21", Key: key, Detail: "email/in", Count: count, Sum: count}
	}
	w.wantNumbers("nobody knows", q, one("", 1))
	origin("q", crm.Touch{Channel: "fair"})
	w.wantNumbers("the first one on it counts", q, one("", 1))
	origin("p", crm.Touch{Channel: "web", Campaign: "spring"})
	w.wantNumbers("it is stamped", q, one("web", 1))
	w.wantDue("a stamp concerns nobody")
	w.commit(w.a, w.logged(w.a, "2", "n", "p"), w.logged(w.a, "3", "o", "q"))
	w.wantNumbers("what comes later", q, one("fair", 1), one("web", 2))
	w.follow(asIs)
	if n := outbox(); n != told+2 {
		t.Errorf("the targets are told %d things of stamps", n-told-2)
	}
	if got := w.activity("m").Version; got != version {
		t.Errorf("the version is %d", got)
	}
	origin("p", crm.Touch{Channel: "call"})
	q.By = crm.ByCampaign
	w.wantNumbers("no campaign any more", q, one("", 3))
	form := w.logged(w.a, "4", "f", "p")
	form.Activity.Kind, form.Activity.Touch = crm.KindForm, crm.Touch{Channel: "ad"}
	w.commit(w.a, form)
	w.follow(asIs)
	q.By = crm.ByChannel
	told2 := one("ad", 1)
	told2.Detail = "form/in"
	w.wantNumbers("a form tells itself", q, told2, one("call", 2), one("fair", 1))
	w.ok(w.s.DeletePerson(w.ctx, "cli", "p"))
	w.wantNumbers("without the first the second counts", q, one("", 1), told2, one("fair", 2))
}

func text(s string) *string { return &s }

func testNumberQueries(t *testing.T, w *world) {
	w.savePeople(w.lead("p", "P", "p@c.jp"))
	made := asIs(w.due()["p"])
	at := func(month, day int) time.Time { return time.Date(2026, time.Month(month), day, 3, 0, 0, 0, time.UTC) }
	fact := func(at time.Time, channel, campaign, detail string, value int64, owners ...string) {
		made.Facts = append(made.Facts, crm.Fact{Metric: crm.MetricWon, At: at, Owners: owners, Channel: channel, Campaign: campaign, Detail: detail, Value: value})
	}
	fact(at(1, 5), "web", "spring", "won", 100, sato)
	fact(at(1, 5), "web", "spring", "won", 50, sato, suzuki)
	fact(at(1, 6), "fair", "spring", "lost", 7)
	fact(at(2, 1), "web", "", "won", 1, suzuki)
	fact(at(3, 1), "web", "spring", "won", 1000, suzuki)
	made.Facts = append(made.Facts, crm.Fact{Metric: crm.MetricWon + "x", At: at(1, 5), Value: 1})
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	n := func(period, key, detail string, count, sum int64) crm.Number {
		return crm.Number{Period: period, Key: key, Detail: detail, Count: count, Sum: sum}
	}
	for _, test := range []struct {
		name string
		q    crm.NumberQuery
		want []crm.Number
	}{
		{"days", crm.NumberQuery{Grain: crm.GrainDay, From: "2026-01-05", To: "2026-02-01"},
			[]crm.Number{n("2026-01-05", "", "won", 2, 150), n("2026-01-06", "", "lost", 1, 7), n("2026-02-01", "", "won", 1, 1)}},
		{"one day", crm.NumberQuery{Grain: crm.GrainDay, From: "2026-01-06", To: "2026-01-06"}, []crm.Number{n("2026-01-06", "", "lost", 1, 7)}},
		{"months are whole", crm.NumberQuery{Grain: crm.GrainMonth, From: "2026-01-31", To: "2026-02-01"},
			[]crm.Number{n("2026-01", "", "lost", 1, 7), n("2026-01", "", "won", 2, 150), n("2026-02", "", "won", 1, 1)}},
		{"weeks are whole", crm.NumberQuery{Grain: crm.GrainWeek, From: "2026-01-06", To: "2026-02-24"},
			[]crm.Number{n("2026-01-05", "", "lost", 1, 7), n("2026-01-05", "", "won", 2, 150), n("2026-01-26", "", "won", 1, 1), n("2026-02-23", "", "won", 1, 1000)}},
		{"weeks by owner", crm.NumberQuery{Grain: crm.GrainWeek, By: crm.ByOwner, To: "2026-01-05"},
			[]crm.Number{n("2026-01-05", "", "lost", 1, 7), n("2026-01-05", sato, "won", 2, 150), n("2026-01-05", suzuki, "won", 1, 50)}},
		{"weeks of an owner", crm.NumberQuery{Grain: crm.GrainWeek, Owner: text(suzuki), From: "2026-01-12"},
			[]crm.Number{n("2026-01-26", "", "won", 1, 1), n("2026-02-23", "", "won", 1, 1000)}},
		{"weeks of one campaign by campaign", crm.NumberQuery{Grain: crm.GrainWeek, By: crm.ByCampaign, Campaign: text("spring"), To: "2026-02-22"},
			[]crm.Number{n("2026-01-05", "spring", "lost", 1, 7), n("2026-01-05", "spring", "won", 2, 150)}},
		{"by owner", crm.NumberQuery{Grain: crm.GrainMonth, By: crm.ByOwner, To: "2026-01-31"},
			[]crm.Number{n("2026-01", "", "lost", 1, 7), n("2026-01", sato, "won", 2, 150), n("2026-01", suzuki, "won", 1, 50)}},
		{"an owner's days", crm.NumberQuery{Grain: crm.GrainDay, Owner: text(suzuki)},
			[]crm.Number{n("2026-01-05", "", "won", 1, 50), n("2026-02-01", "", "won", 1, 1), n("2026-03-01", "", "won", 1, 1000)}},
		{"by owner of one owner", crm.NumberQuery{Grain: crm.GrainDay, By: crm.ByOwner, Owner: text(sato)}, []crm.Number{n("2026-01-05", sato, "won", 2, 150)}},
		{"nobody's", crm.NumberQuery{Grain: crm.GrainDay, Owner: text("")}, []crm.Number{n("2026-01-06", "", "lost", 1, 7)}},
		{"somebody unknown", crm.NumberQuery{Grain: crm.GrainDay, Owner: text("zz")}, nil},
		{"a campaign's days", crm.NumberQuery{Grain: crm.GrainDay, Campaign: text("spring"), From: "2026-01-06"},
			[]crm.Number{n("2026-01-06", "", "lost", 1, 7), n("2026-03-01", "", "won", 1, 1000)}},
		{"a campaign's owners", crm.NumberQuery{Grain: crm.GrainMonth, By: crm.ByOwner, Campaign: text("spring")},
			[]crm.Number{n("2026-01", "", "lost", 1, 7), n("2026-01", sato, "won", 2, 150), n("2026-01", suzuki, "won", 1, 50), n("2026-03", suzuki, "won", 1, 1000)}},
		{"an owner's campaigns", crm.NumberQuery{Grain: crm.GrainMonth, By: crm.ByCampaign, Owner: text(suzuki)},
			[]crm.Number{n("2026-01", "spring", "won", 1, 50), n("2026-02", "", "won", 1, 1), n("2026-03", "spring", "won", 1, 1000)}},
		{"two restrictions", crm.NumberQuery{Grain: crm.GrainMonth, Owner: text(suzuki), Channel: text("web")},
			[]crm.Number{n("2026-01", "", "won", 1, 50), n("2026-02", "", "won", 1, 1), n("2026-03", "", "won", 1, 1000)}},
		{"three", crm.NumberQuery{Grain: crm.GrainMonth, Owner: text(suzuki), Channel: text("web"), Campaign: text("")}, []crm.Number{n("2026-02", "", "won", 1, 1)}},
	} {
		test.q.Metric = crm.MetricWon
		w.wantNumbers(test.name, test.q, test.want...)
	}
	for name, q := range map[string]crm.NumberQuery{
		"no grain":               {},
		"another dimension":      {Grain: crm.GrainDay, By: "product"},
		"two restrictions, days": {Grain: crm.GrainDay, Owner: text("a"), Channel: text("b")},
		"the same of weeks":      {Grain: crm.GrainWeek, Owner: text("a"), Channel: text("b")},
		"by one of another":      {Grain: crm.GrainDay, By: crm.ByOwner, Channel: text("b")},
	} {
		if _, err := w.s.Numbers(w.ctx, q); !errors.Is(err, crm.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// testNumbersInAnyOrder logs the same mails in several orders, with the origins known before, between and after.
func testNumbersInAnyOrder(t *testing.T, w *world) {
	var want []crm.Number
	for round := range 4 {
		r := rand.New(rand.NewPCG(1, uint64(round)))
		month := fmt.Sprintf("20%d-0", 30+round)
		var jobs []func()
		for i := range 12 {
			jobs = append(jobs, func() {
				write := w.logged(w.a, fmt.Sprint(round, "/", i), fmt.Sprint(round, "-", i), fmt.Sprint("p", round, i%3), fmt.Sprint("p", round, (i+1)%3))
				write.Activity.Time = time.Date(2030+round, time.Month(1+i%2), 1+i%5, 0, 0, 0, 0, time.UTC)
				if i%4 == 0 {
					write.Activity.Direction = crm.DirectionOut
				}
				w.commit(w.a, write)
			})
		}
		for i := range 3 {
			id := fmt.Sprint("p", round, i)
			jobs = append(jobs, func() {
				w.savePeople(w.lead(id, id, id+"@c.jp"))
				f, err := w.s.GetFollowing(w.ctx, id)
				w.ok(err)
				made := asIs(f)
				made.Standing.First = crm.Touch{Channel: fmt.Sprint("channel", i), Campaign: fmt.Sprint("campaign", i%2)}
				w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
			})
		}
		r.Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
		for _, job := range jobs {
			job()
		}
		var got []crm.Number
		for _, by := range []crm.Dimension{crm.ByNone, crm.ByOwner, crm.ByChannel, crm.ByCampaign} {
			for _, n := range w.numbersOf(crm.NumberQuery{Metric: crm.MetricActivities, Grain: crm.GrainDay, By: by, From: month, To: month + "9"}) {
				n.Period = n.Period[5:]
				got = append(got, n)
			}
		}
		if round == 0 {
			want = got
		}
		if diff := gocmp.Diff(want, got); diff != "" || len(got) == 0 {
			t.Errorf("round %d (-want +got):\n%s", round, diff)
		}
	}
}

// testNumbersModel gives people random facts, time and again, and compares all questions with a naive sum.
func testNumbersModel(t *testing.T, w *world) {
	stored := map[string][]crm.Fact{}
	for _, id := range []string{"p", "q"} {
		w.savePeople(w.lead(id, id, id+"@c.jp"))
		stored[id] = nil
	}
	pick := func(rt *rapid.T, label string, from ...string) string { return rapid.SampledFrom(from).Draw(rt, label) }
	when := func(rt *rapid.T) time.Time {
		return time.Date(2026, 1, 1, rapid.IntRange(0, 90*24).Draw(rt, "hour"), 0, 0, 0, time.UTC)
	}
	rapid.Check(t, func(rt *rapid.T) {
		rt.Repeat(map[string]func(*rapid.T){
			"follow": func(rt *rapid.T) {
				id := pick(rt, "person", "p", "q")
				f, err := w.s.GetFollowing(w.ctx, id)
				w.ok(err)
				made := asIs(f)
				if rapid.Bool().Draw(rt, "partly") {
					made.FactsFrom = when(rt)
				}
				for range rapid.IntRange(0, 4).Draw(rt, "facts") {
					fact := crm.Fact{Metric: crm.MetricResponse, At: when(rt), Channel: pick(rt, "channel", "", "web"), Campaign: pick(rt, "campaign", "", "a", "a\x00b"),
						Detail: pick(rt, "detail", "x", "y"), Value: int64(rapid.IntRange(0, 3).Draw(rt, "value"))}
					fact.Owners = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{sato, suzuki}), 0, 2, rapid.ID[string]).Draw(rt, "owners")
					if !fact.At.Before(made.FactsFrom) {
						made.Facts = append(made.Facts, fact)
					}
				}
				w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
				kept := slices.DeleteFunc(slices.Clone(stored[id]), func(f crm.Fact) bool { return !f.At.Before(made.FactsFrom) })
				stored[id] = append(kept, made.Facts...)
			},
			"ask": func(rt *rapid.T) {
				q := crm.NumberQuery{Metric: crm.MetricResponse, Grain: crm.GrainMonth, By: crm.Dimension(pick(rt, "by", "", "owner", "channel", "campaign"))}
				if rapid.Bool().Draw(rt, "days") {
					q.Grain = crm.GrainDay
				}
				limits := 0
				limit := func(label string, values ...string) *string {
					if rapid.IntRange(0, 2).Draw(rt, label) > 0 {
						return nil
					}
					if string(q.By) != label {
						limits++
					}
					return text(pick(rt, label, values...))
				}
				q.Owner, q.Channel, q.Campaign = limit("owner", "", sato), limit("channel", "", "web"), limit("campaign", "a", "a b")
				if q.By != "" && limits > 0 || limits > 1 {
					q.Grain = crm.GrainMonth
				}
				q.From, q.To = when(rt).Format(time.DateOnly), when(rt).Format(time.DateOnly)
				var facts []crm.Fact
				for _, list := range stored {
					facts = append(facts, list...)
				}
				if diff := gocmp.Diff(naive(facts, q), w.numbersOf(q)); diff != "" {
					rt.Fatalf("%+v (-want +got):\n%s", q, diff)
				}
			},
		})
	})
}

// naive answers a question from the facts themselves.
func naive(facts []crm.Fact, q crm.NumberQuery) []crm.Number {
	tokyo := time.FixedZone("JST", 9*3600)
	sums := map[crm.Number][2]int64{}
	clean := func(s string) string {
		if s == "a\x00b" {
			return "a b"
		}
		return s
	}
	for _, f := range facts {
		length := len(time.DateOnly)
		if q.Grain == crm.GrainMonth {
			length = len("2026-11")
		}
		period := f.At.In(tokyo).Format(time.DateOnly)[:length]
		if period < q.From[:length] || period > q.To[:length] {
			continue
		}
		owners := f.Owners
		if len(owners) == 0 {
			owners = []string{""}
		}
		if q.By != crm.ByOwner && q.Owner == nil {
			owners = owners[:1] // it counts once
		}
		for _, owner := range owners {
			if q.Owner != nil && owner != *q.Owner || q.Channel != nil && f.Channel != *q.Channel || q.Campaign != nil && clean(f.Campaign) != *q.Campaign {
				continue
			}
			key := map[crm.Dimension]string{crm.ByOwner: owner, crm.ByChannel: f.Channel, crm.ByCampaign: clean(f.Campaign)}[q.By]
			n := crm.Number{Period: period, Key: key, Detail: f.Detail}
			sums[n] = [2]int64{sums[n][0] + 1, sums[n][1] + f.Value}
		}
	}
	var out []crm.Number
	for n, sum := range sums {
		n.Count, n.Sum = sum[0], sum[1]
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b crm.Number) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Detail, b.Detail))
	})
	return out
}
