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
				list, err := w.s.NextFollowing(w.ctx, start(), later(), 5, nil)
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
