package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

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
		{"who cannot be followed", testKeep},
		{"what is counted of a person", testFactsOf},
		{"one change", testGetChange},
		{"accounts below another", testSubsidiaries},
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
	list, err := w.s.NextFollowing(w.ctx, start(), later(), 100, nil)
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
	ids := func(markedBefore time.Time, limit int, but ...string) (out []string) {
		t.Helper()
		passed := map[string]bool{}
		for _, id := range but {
			passed[id] = true
		}
		list, err := w.s.NextFollowing(w.ctx, start(), markedBefore, limit, passed)
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
	if got := ids(later(), 2, "c", "b"); !slices.Equal(got, []string{"a", "d"}) {
		t.Errorf("the first two besides c and b: %q", got)
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
		list, err := w.s.NextFollowing(w.ctx, at, later(), 10, nil)
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

func testMarkAll(_ *testing.T, w *world) {
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
