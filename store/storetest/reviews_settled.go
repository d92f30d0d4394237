package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// openAbout says whether the question of a new contact about an address is open.
func (w *world) openAbout(address string) bool {
	w.t.Helper()
	r, err := w.s.GetReview(w.ctx, crm.ReviewID(crm.ReviewNewContact, address))
	if errors.Is(err, crm.ErrNotFound) {
		return false
	}
	w.ok(err)
	return r.State == crm.ReviewOpen
}

// testSettledReview: a question is open as long as an item waits for the answer.
func testSettledReview(t *testing.T, w *world) {
	const address = "new@client.co.jp"
	w.commit(w.a, w.waiting("1", address, w.now), w.waiting("2", address, w.now.Add(time.Minute)))
	w.commit(w.b, w.waiting("3", address, w.now.Add(time.Minute)))
	for _, step := range []struct {
		name string
		do   func()
		open bool
	}{
		{"two of three wait", func() { w.commit(w.a, w.logged(w.a, "1", "1", "p")) }, true},
		{"one waits, and cannot be read just now", func() {
			w.commit(w.a, w.logged(w.a, "2", "2", "p"))
			w.commit(w.b, w.other("3", "3", crm.Failed, crm.ReasonUnreadable))
		}, true},
		{"nothing waits", func() { w.commit(w.b, w.logged(w.b, "3", "3", "p")) }, false},
		{"another mail asks again", func() { w.commit(w.a, w.waiting("4", address, w.now)) }, true},
		{"it is gone from its source", func() { w.commit(w.a, w.other("4", "4", crm.Unmatched, crm.ReasonGone)) }, false},
		{"a logged one asks", func() {
			write := w.logged(w.a, "5", "5", "p")
			write.Reviews, write.Pending = []crm.Review{w.review(address, w.now)}, []string{address}
			w.commit(w.a, write)
		}, true},
		{"matched again, it waits for nobody", func() { w.ok(w.s.Rematch(w.ctx, w.activity("5"), nil)) }, false},
	} {
		if step.do(); w.openAbout(address) != step.open {
			t.Fatalf("%s: open %v, want %v", step.name, !step.open, step.open)
		}
	}
	w.commit(w.a, w.waiting("6", address, w.now), w.waiting("7", address, w.now.Add(time.Minute)))
	w.commit(w.a, w.other("6", "6", crm.Unmatched, crm.ReasonNobody, address)) // a rule made since does not ask
	r, err := w.s.GetReview(w.ctx, crm.ReviewID(crm.ReviewNewContact, address))
	if err != nil || r.State != crm.ReviewOpen || r.Subject != "" {
		t.Errorf("one of two does not ask any more: %+v, %v", r, err)
	}
	if w.commit(w.a, w.other("7", "7", crm.Unmatched, crm.ReasonNobody, address)); w.openAbout(address) {
		t.Error("no rule asks any more, and the question is open")
	}
}

// testUndoMade: taking back that somebody is wanted removes the contact it made, unless people worked with it since.
func testUndoMade(t *testing.T, w *world) {
	accept := func(n int) (crm.Review, crm.Person) {
		address := []string{"a@client.co.jp", "b@client.co.jp", "c@client.co.jp", "d@client.co.jp"}[n]
		w.commit(w.a, w.waiting(address, address, w.now))
		r := w.review(address, w.now)
		p := w.made(r)
		r.State, r.Person, r.DecidedBy, r.DecidedAt = crm.ReviewAccepted, p.ID, sato, w.now
		w.ok(w.s.Decide(w.ctx, sato, r, &p))
		write := w.logged(w.a, address, address, p.ID)
		write.Activity.People[0].Address = address
		write.Activity.Match = crm.Match{Rule: crm.RuleDecision, Evidence: address}
		w.commit(w.a, write)
		r.State = crm.ReviewOpen
		return r, p
	}
	r, p := accept(0)
	w.ok(w.s.Decide(w.ctx, suzuki, r, nil))
	if _, err := w.s.GetPerson(w.ctx, p.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the contact is there: %v", err)
	}
	a := w.activity(r.Address)
	if a.People[0].ID != "" {
		t.Errorf("the mail is still on the contact: %+v", a.People)
	}
	if n, _ := w.s.CountPending(w.ctx, r.Address); n != 1 {
		t.Errorf("%d rows wait for the answer", n)
	}
	for n, work := range []func(p crm.Person){
		func(p crm.Person) { p.Title, p.Updated = "部長", w.now.Add(time.Minute); w.savePeople(p) },
		func(p crm.Person) {
			w.ok(w.s.SaveTask(w.ctx, sato, crm.Task{ID: crm.NewID(), Kind: crm.TaskCall, Person: p.ID, What: "call", Due: "2026-11-21", Owner: sato}))
		},
		func(p crm.Person) { w.savePeople(w.person("another", p.Emails[0])) },
	} {
		r, p := accept(n + 1)
		work(p)
		if err := w.s.Decide(w.ctx, suzuki, r, nil); !errors.Is(err, crm.ErrRefused) {
			t.Errorf("%d: taken back although somebody worked with the contact: %v", n, err)
		}
		if got, err := w.s.GetReview(w.ctx, r.ID); err != nil || got.State != crm.ReviewAccepted {
			t.Errorf("%d: the answer does not stand: %+v, %v", n, got, err)
		}
	}
}

// testEraseAsked: nobody is asked again about somebody who was erased, by none of their addresses; what is asked about others
// stays without them.
func testEraseAsked(t *testing.T, w *world) {
	const home, shared = "home@forget.jp", "shared@client.co.jp"
	gone := w.person("forgotten", forgotten)
	gone.Emails = append(gone.Emails, home, shared)
	w.savePeople(gone, w.person("other", shared))
	both := w.waiting("2", shared, w.now)
	both.Reviews[0].Candidates = []crm.Candidate{{Kind: "contact", ID: "forgotten", Rule: crm.RuleAddress, Evidence: shared}, {Kind: "contact", ID: "other", Rule: crm.RuleAddress, Evidence: shared}}
	w.commit(w.a, w.waiting("1", home, w.now), both)
	w.lateWork()
	_, _, err := w.s.Erase(w.ctx, "it", forgotten, w.now)
	w.ok(err)
	if w.openAbout(home) || !w.openAbout(shared) {
		t.Errorf("asked about another address of theirs: %v, about one that somebody has: %v", w.openAbout(home), w.openAbout(shared))
	}
	if r, err := w.s.GetReview(w.ctx, both.Reviews[0].ID); err != nil || len(r.Candidates) != 1 || r.Candidates[0].ID != "other" {
		t.Errorf("who may be meant: %+v, %v", r.Candidates, err)
	}
	if e, err := w.s.GetEntry(w.ctx, "a", "1"); err != nil || e.Verdict != crm.Unmatched {
		t.Errorf("what waited for an answer about them: %+v, %v", e, err)
	}
	answer, err := w.s.Lookup(w.ctx, crm.Question{Addresses: []string{home, shared}})
	w.ok(err)
	if h, s := answer.Addresses[home], answer.Addresses[shared]; !h.Unasked || h.Erased || s.Unasked || len(s.People) != 1 {
		t.Errorf("answers %+v and %+v", h, s)
	}
	w.gone(home)
	if work := w.lateWork(); len(work) != 1 {
		t.Errorf("late work %v, want what waits for the one who is left", work)
	}
}

// testAddressLeft: when of two who share an address one loses it, is merged or goes, what waited to learn who is meant is looked at
// again; when nobody is left with it, it is not.
func testAddressLeft(t *testing.T, w *world) {
	const address = "shared@client.co.jp"
	w.commit(w.a, w.waiting("1", address, w.now))
	for _, step := range []struct {
		name string
		do   func()
		late int
	}{
		{"loses it", func() { w.savePeople(w.person("x", "x@client.co.jp")) }, 1},
		{"is merged", func() {
			_, err := w.s.Merge(w.ctx, sato, crm.MergePeople, "y", "x", w.now)
			w.ok(err)
		}, 1},
		{"goes", func() { w.ok(w.s.DeletePerson(w.ctx, sato, "x")) }, 1},
		{"nobody is left", func() {
			w.ok(w.s.DeletePerson(w.ctx, sato, "x"))
			w.lateWork()
			w.ok(w.s.DeletePerson(w.ctx, sato, "z"))
		}, 0},
	} {
		w.savePeople(w.person("x", address), w.person("y", address))
		if step.name == "nobody is left" {
			w.savePeople(w.person("y", "y@client.co.jp"), w.person("z", address))
		}
		if w.lateWork(); !t.Failed() {
			step.do()
		}
		if work := w.lateWork(); len(work) != step.late {
			t.Errorf("%s: late work %v, want %d", step.name, work, step.late)
		}
		for _, m := range w.mergesOf("y") {
			_, err := w.s.Unmerge(w.ctx, sato, m, w.now)
			w.ok(err)
		}
	}
}

// mergesOf are the merges into somebody that stand.
func (w *world) mergesOf(id string) (ids []string) {
	list, _, err := w.s.ListMerges(w.ctx, id, "", 10)
	w.ok(err)
	for _, m := range list {
		if m.Undone.IsZero() {
			ids = append(ids, m.ID)
		}
	}
	return ids
}
