package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// runLife holds a store to what Life says.
func runLife(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"who is followed", testMarks},
		{"who is marked again stays marked", testMarkedMeanwhile},
		{"the order of following", testFollowOrder},
		{"when time alone changes something", testLook},
		{"everybody is marked", testMarkAll},
		{"all that a person is followed by", testFollowingPerson},
		{"all that an account is followed by", testFollowingAccount},
		{"what following made", testFollow},
		{"changes of rules and of people", testFollowChanges},
		{"changes by people", testAddChange},
		{"undoing changes", testUndoChange},
		{"history of saved people", testSavedHistory},
		{"lists and counts", testLifeLists},
		{"loads", testLoads},
		{"calls and notes", testLogActivity},
		{"calls that cannot be logged", testLogRefused},
		{"what stays of a call when a source goes", testLoggedStays},
		{"a life is erased", testEraseLife},
		{"words go with their mail", testForgottenWords},
		{"what a policy accepts", testPolicy},
		{"numbers of activities", testActivityNumbers},
		{"numbers of people", testPeopleNumbers},
		{"where people came from", testOrigin},
		{"asking for numbers", testNumberQueries},
		{"numbers in any order", testNumbersInAnyOrder},
		{"numbers agree with a model", testNumbersModel},
		{"following while marks arrive", testFollowRace},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, open(t))
			test.run(t, w)
			Check(t, w.s)
		})
	}
}

// later is a time at which everything that was marked so far is to be followed.
func later() time.Time { return time.Now().Add(time.Hour) }

// due are those who are to be followed, by ID.
func (w *world) due() map[string]crm.Following {
	w.t.Helper()
	list, err := w.s.NextFollowing(w.ctx, start(), later(), 100)
	w.ok(err)
	out := map[string]crm.Following{}
	for _, f := range list {
		if (f.Person == nil) == (f.Account == nil) {
			w.t.Errorf("%s is neither a person nor an account, or both", f.ID)
		}
		out[f.ID] = f
	}
	return out
}

func (w *world) wantDue(why string, want ...string) {
	w.t.Helper()
	var got []string
	for id := range w.due() {
		got = append(got, id)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("%s: %q are to be followed, want %q", why, got, want)
	}
	if n, err := w.s.CountFollowing(w.ctx); err != nil || n < int64(len(want)) {
		w.t.Errorf("%s: %d are counted, %v", why, n, err)
	}
}

// follow follows everybody who is due until nobody is.
func (w *world) follow(made func(crm.Following) crm.Followed) {
	w.t.Helper()
	for range 100 {
		due := w.due()
		if len(due) == 0 {
			return
		}
		var list []crm.Followed
		for _, f := range due {
			list = append(list, made(f))
		}
		w.ok(w.s.Follow(w.ctx, list))
	}
	w.t.Fatal("following does not end")
}

// asIs makes nothing of somebody.
func asIs(f crm.Following) crm.Followed {
	return crm.Followed{ID: f.ID, Mark: f.Mark, Standing: f.Standing, Changes: f.Changes}
}

func (w *world) standing(id string) crm.Standing {
	w.t.Helper()
	st, err := w.s.GetStanding(w.ctx, id)
	w.ok(err)
	return st
}

func (w *world) account(id string, domains ...string) crm.Account {
	return crm.Account{ID: id, Name: "Account " + id, Domains: domains, Created: w.now, Updated: w.now}
}

func testMarks(t *testing.T, w *world) {
	p, q := w.person("p", "p@client.co.jp"), w.person("q", "q@other.co.jp")
	p.AccountID = "acc"
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{w.account("acc", "client.co.jp"), w.account("other")}))
	w.savePeople(p, q)
	w.wantDue("saved", "acc", "other", "p", "q")
	w.follow(asIs)
	w.wantDue("followed")
	if n, _ := w.s.CountFollowing(w.ctx); n != 0 {
		t.Errorf("%d are counted as marked", n)
	}
	steps := []struct {
		name string
		do   func()
		want []string
	}{
		{"a mail", func() { w.commit(w.a, w.logged(w.a, "1", "m", "p", "nobody")) }, []string{"p", "acc"}},
		{"the same mail", func() { w.commit(w.a, w.logged(w.a, "1", "m", "p", "nobody")) }, nil},
		{"another view of it", func() { w.commit(w.b, w.logged(w.b, "1", "m", "p", "nobody")) }, []string{"p", "acc"}},
		{"it is matched anew", func() {
			a := w.activity("m")
			a.People, a.Accounts = []crm.Participant{{Kind: crm.Contact, ID: "q", Address: "q@other.co.jp", Role: crm.RoleFrom}}, []string{"other"}
			w.ok(w.s.Rematch(w.ctx, a, nil))
		}, []string{"p", "q", "acc", "other"}},
		{"somebody moves", func() {
			q.AccountID = "acc"
			w.savePeople(q)
		}, []string{"q", "acc", "other"}},
		{"an account changes", func() {
			w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{w.account("other", "other.co.jp")}))
		}, []string{"other"}},
		{"an account goes below another", func() {
			below := w.account("other", "other.co.jp")
			below.Parent = "acc"
			w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{below}))
		}, []string{"acc", "other"}},
		{"a decision", func() {
			_, err := w.s.AddChange(w.ctx, sato, crm.Change{Person: "p", Field: crm.ChangeOwner, To: sato})
			w.ok(err)
		}, []string{"p", "acc"}},
		{"it is excluded", func() {
			w.ok(w.s.ExcludeRows(w.ctx, "x", []crm.ItemRef{{Source: "a", ExternalID: "1"}, {Source: "b", ExternalID: "1"}}, "x", w.now))
		}, []string{"q", "acc", "other"}},
		{"a call", func() {
			w.ok(w.s.LogActivity(w.ctx, sato, crm.Activity{Key: "call", Kind: crm.KindCall, Time: w.now, People: []crm.Participant{{ID: "p"}}}))
		}, []string{"p", "acc"}},
		{"somebody goes", func() { w.ok(w.s.DeletePerson(w.ctx, "cli", "p")) }, []string{"acc"}},
	}
	for _, step := range steps {
		step.do()
		w.wantDue(step.name, step.want...)
		w.follow(asIs)
	}
	if n, _ := w.s.CountFollowing(w.ctx); n != 0 {
		t.Errorf("%d are counted as marked at the end", n)
	}
}

func testMarkedMeanwhile(t *testing.T, w *world) {
	p := w.lead("p", "田中", "p@client.co.jp")
	w.savePeople(p)
	read := w.due()["p"]
	w.commit(w.a, w.logged(w.a, "1", "m", "p"))
	made := asIs(read)
	made.Status, made.Standing.Freshness, made.Owner = crm.StatusWorking, 7, sato
	made.Facts = []crm.Fact{{Metric: crm.MetricLeads, At: w.now, Value: 1}}
	made.Changes = []crm.Change{{ID: "c", Field: crm.ChangeStatus, At: w.now, By: crm.ByRules}}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	if got := w.getPerson("p"); got.Status != crm.StatusNew || got.Owner != "" {
		t.Errorf("what was made of an older state was stored: %+v", got)
	}
	if _, err := w.s.GetStanding(w.ctx, "p"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("so was the standing: %v", err)
	}
	if list, _ := w.s.ListChanges(w.ctx, "p"); len(list) != 0 {
		t.Errorf("so were changes: %+v", list)
	}
	if n := w.numbersOf(crm.NumberQuery{Metric: crm.MetricLeads, Grain: crm.GrainDay}); len(n) != 0 {
		t.Errorf("so were facts: %+v", n)
	}
	fresh := w.due()["p"]
	if len(fresh.Activities) != 1 {
		t.Fatalf("they are not followed again: %+v", fresh)
	}
	made.Mark = fresh.Mark
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made, {ID: "nobody", Mark: fresh.Mark, Missing: true}}))
	if got := w.getPerson("p"); got.Status != crm.StatusWorking || got.Owner != sato || w.standing("p").Freshness != 7 {
		t.Errorf("followed: %+v, %+v", got, w.standing("p"))
	}
	w.wantDue("a person is not marked by being followed")
}

func testFollowOrder(t *testing.T, w *world) {
	for _, id := range []string{"c", "a", "b"} {
		w.savePeople(w.person(id, id+"@client.co.jp"))
	}
	middle := time.Now()
	w.savePeople(w.person("d", "d@client.co.jp"), w.person("c", "c2@client.co.jp"))
	ids := func(markedBefore time.Time, limit int) (out []string) {
		t.Helper()
		list, err := w.s.NextFollowing(w.ctx, start(), markedBefore, limit)
		w.ok(err)
		for _, f := range list {
			out = append(out, f.ID)
		}
		return out
	}
	if got := ids(later(), 3); !slices.Equal(got, []string{"c", "a", "b"}) {
		t.Errorf("the first three: %q", got)
	}
	if got := ids(middle, 10); !slices.Equal(got, []string{"c", "a", "b"}) {
		t.Errorf("those marked before: %q", got)
	}
	if got := ids(later(), 10); !slices.Equal(got, []string{"c", "a", "b", "d"}) {
		t.Errorf("all: %q", got)
	}
	if got := ids(start().Add(-100*time.Hour), 10); len(got) != 0 {
		t.Errorf("nobody was marked so early: %q", got)
	}
}

func testLook(t *testing.T, w *world) {
	w.savePeople(w.person("p", "p@client.co.jp"), w.person("q", "q@client.co.jp"))
	w.follow(func(f crm.Following) crm.Followed {
		out := asIs(f)
		out.Standing.Look = w.now.Add(map[string]time.Duration{"p": time.Hour, "q": 2 * time.Hour}[f.ID])
		return out
	})
	look := func(at time.Time, want ...string) crm.Following {
		t.Helper()
		list, err := w.s.NextFollowing(w.ctx, at, later(), 10)
		w.ok(err)
		var got []string
		for _, f := range list {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("at %s: %q, want %q", at, got, want)
		}
		if len(list) == 0 {
			return crm.Following{}
		}
		return list[0]
	}
	look(w.now.Add(59 * time.Minute))
	first := look(w.now.Add(time.Hour), "p")
	look(w.now.Add(3*time.Hour), "p", "q")
	first.Standing.Look = w.now.Add(4 * time.Hour)
	w.ok(w.s.Follow(w.ctx, []crm.Followed{asIs(first)}))
	look(w.now.Add(3*time.Hour), "q")
	w.ok(w.s.DeletePerson(w.ctx, "cli", "q"))
	look(w.now.Add(3 * time.Hour))
	first.Standing.Look = time.Time{}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{asIs(first)}))
	look(w.now.Add(100 * time.Hour))
}

func testMarkAll(t *testing.T, w *world) {
	var want []string
	for i := range 30 {
		id := fmt.Sprint("p", i)
		w.savePeople(w.person(id, id+"@client.co.jp"))
		want = append(want, id)
	}
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{w.account("acc")}))
	w.follow(asIs)
	w.ok(w.s.MarkAll(w.ctx, w.now))
	w.wantDue("all", append(want, "acc")...)
	w.follow(asIs)
	w.wantDue("none")
}

// testFollowRace logs mails while others follow: in the end each standing knows all mails of its person.
func testFollowRace(t *testing.T, w *world) {
	const people, mails = 8, 60
	for i := range people {
		w.savePeople(w.person(fmt.Sprint("p", i), fmt.Sprintf("p%d@client.co.jp", i)))
	}
	count := func(f crm.Following) crm.Followed {
		out := asIs(f)
		out.Standing.Freshness = len(f.Activities)
		out.Facts = nil
		for _, a := range f.Activities {
			out.Facts = append(out.Facts, crm.Fact{Metric: crm.MetricResponse, At: a.Time, Detail: f.ID, Value: 2})
		}
		return out
	}
	var all sync.WaitGroup
	errs := make(chan error, 1000)
	stop := make(chan struct{})
	for n, claim := range []crm.Claim{w.a, w.b} {
		all.Go(func() {
			for i := range mails {
				id := fmt.Sprint("p", i%people)
				write := w.logged(claim, fmt.Sprint(i), fmt.Sprint(n, "-", i), id)
				errs <- w.s.Commit(w.ctx, crm.Commit{Source: claim.Source.ID, Epoch: claim.Source.Epoch, Owner: claim.Source.Owner, At: w.now, Writes: []crm.Write{write}})
			}
		})
	}
	var followers sync.WaitGroup
	for range 2 {
		followers.Go(func() {
			for {
				list, err := w.s.NextFollowing(w.ctx, start(), later(), 5)
				var made []crm.Followed
				for _, f := range list {
					made = append(made, count(f))
				}
				errs <- errors.Join(err, w.s.Follow(w.ctx, made))
				select {
				case <-stop:
					return
				default:
					for len(errs) > 500 {
						w.ok(<-errs)
					}
				}
			}
		})
	}
	all.Wait()
	close(stop)
	followers.Wait()
	close(errs)
	for err := range errs {
		w.ok(err)
	}
	w.follow(count)
	total := 0
	for i := range people {
		total += w.standing(fmt.Sprint("p", i)).Freshness
	}
	if total != 2*mails {
		t.Errorf("the standings know %d mails", total)
	}
	var sum, counted int64
	for _, n := range w.numbersOf(crm.NumberQuery{Metric: crm.MetricResponse, Grain: crm.GrainMonth}) {
		sum, counted = sum+n.Sum, counted+n.Count
	}
	if counted != 2*mails || sum != 4*mails {
		t.Errorf("%d are counted, their sum is %d", counted, sum)
	}
}

func testFollowingPerson(t *testing.T, w *world) {
	p := w.lead("p", "田中 太郎", "p@client.co.jp")
	p.Company = "株式会社サンプル"
	p.Phones = []crm.Phone{{Number: "03-1234-5678", E164: "+81312345678"}}
	byPhone, byName, nobody := w.lead("r", "別の人", "r@x.jp"), w.lead("s", "田中太郎", "s@x.jp"), w.lead("n", "田中 太郎", "n@x.jp")
	byPhone.Phones, byName.Company = p.Phones, "(株)サンプル"
	w.savePeople(p, w.lead("q", "だれか", "P@client.co.jp"), byPhone, byName, nobody)
	const mails = crm.FollowWindow + 3
	var writes []crm.Write
	for i := range mails {
		write := w.logged(w.a, fmt.Sprint(i), fmt.Sprint("m", i), "p")
		write.Activity.Time = w.now.Add(time.Duration(i) * time.Minute)
		write.Activity.FullText, write.Activity.Signals = "all of the text", []crm.Signal{{Kind: crm.SignalPromised, Evidence: "明日送ります"}}
		writes = append(writes, write)
	}
	w.commit(w.a, writes...)
	call := crm.Activity{Key: "call", Kind: crm.KindCall, Direction: crm.DirectionOut, Time: w.now.Add(999 * time.Hour), Text: "said", People: []crm.Participant{{ID: "p"}},
		Call: &crm.Call{Result: crm.CallAgain, Note: "later", Next: crm.NextAction{When: "2026-12-01", What: "call"}}}
	w.ok(w.s.LogActivity(w.ctx, sato, call))
	f := w.due()["p"]
	if len(f.Activities) != crm.FollowWindow || !f.More || f.Activities[0].Key != "call" || f.Activities[1].Subject != fmt.Sprint("件名 m", mails-1) {
		t.Fatalf("%d activities, more: %v", len(f.Activities), f.More)
	}
	if diff := cmp.Diff(call.Call, f.Activities[0].Call); diff != "" {
		t.Errorf("the call (-want +got):\n%s", diff)
	}
	want := w.activity(fmt.Sprint("m", mails-1))
	want.Text, want.FullText = "", ""
	if diff := cmp.Diff(want, f.Activities[1]); diff != "" {
		t.Errorf("an activity (-want +got):\n%s", diff)
	}
	var twins []string
	for _, twin := range f.Twins {
		twins = append(twins, twin.ID)
	}
	if slices.Sort(twins); !slices.Equal(twins, []string{"q", "r", "s"}) {
		t.Errorf("twins %q", twins)
	}
	f.Standing.Freshness, f.Standing.Segments = 42, []string{"x"}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{asIs(f)}))
	again, err := w.s.GetFollowing(w.ctx, "p")
	w.ok(err)
	if again.Standing.Freshness != 42 || again.Standing.ID != "p" || again.Mark < f.Mark {
		t.Errorf("read again: %+v", again.Standing)
	}
	if _, err := w.s.GetFollowing(w.ctx, "nobody"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	if strings.Contains(fmt.Sprint(again.Activities), "all of the text") {
		t.Error("texts are read, too")
	}
}

func testFollowingAccount(t *testing.T, w *world) {
	acc := w.account("acc", "client.co.jp")
	acc.Name = "株式会社サンプル"
	twin := w.account("twin")
	twin.Name = "サンプル(株)"
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{acc, twin, w.account("other")}))
	p := w.person("p", "p@client.co.jp")
	p.AccountID = "acc"
	w.savePeople(p)
	in, out := w.logged(w.a, "1", "in", "p"), w.logged(w.a, "2", "out", "p")
	in.Activity.Time, out.Activity.Time = w.now.Add(-2*time.Hour), w.now.Add(-time.Hour)
	out.Activity.Direction = crm.DirectionOut
	w.commit(w.a, in, out)
	first := w.due()["p"]
	first.Standing.LastHeard = in.Activity.Time
	w.ok(w.s.Follow(w.ctx, []crm.Followed{asIs(first)}))
	f := w.due()["acc"]
	if len(f.Members) != 1 || !f.Members[0].LastHeard.Equal(in.Activity.Time) || len(f.Activities) != 0 {
		t.Errorf("members %+v", f.Members)
	}
	if !f.Heard[0].Equal(in.Activity.Time) || !f.Heard[1].Equal(out.Activity.Time) {
		t.Errorf("heard %v", f.Heard)
	}
	if len(f.TwinAccounts) != 1 || f.TwinAccounts[0].ID != "twin" {
		t.Errorf("twins %+v", f.TwinAccounts)
	}
	w.follow(asIs)
	again := w.due()
	if len(again) != 0 {
		t.Fatal("still due")
	}
	first, err := w.s.GetFollowing(w.ctx, "p")
	w.ok(err)
	w.ok(w.s.Follow(w.ctx, []crm.Followed{asIs(first)}))
	w.wantDue("a standing that stayed the same")
	first.Standing.Freshness = 3
	w.ok(w.s.Follow(w.ctx, []crm.Followed{asIs(first)}))
	w.wantDue("a standing that changed", "acc")
}
