package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func testExclude(t *testing.T, w *world) {
	w.s.EnableOutbox(true)
	w.commit(w.a, w.logged(w.a, "1", "gone", "p"), w.logged(w.a, "2", "shared", "p"), w.logged(w.a, "3", "stays", "p"))
	w.commit(w.b, w.logged(w.b, "2", "shared", "p"))
	refs := []crm.ItemRef{{Source: "a", ExternalID: "1"}, {Source: "a", ExternalID: "2"}, {Source: "a", ExternalID: "none"}, {Source: "none", ExternalID: "1"}}
	w.ok(w.s.ExcludeRows(w.ctx, "admin", refs, "subject: secret", w.now))
	if got, want := w.tally("a"), (crm.Tally{Seen: 3, Logged: 1, Excluded: 2}); got != want {
		t.Errorf("tally %+v, want %+v", got, want)
	}
	if a := w.activity("shared"); !slices.Equal(a.Owners, []string{suzuki}) {
		t.Errorf("shared: %+v", a)
	}
	if text := backup(w); bytes.Contains(text, []byte("text of gone")) || !bytes.Contains(text, []byte("text of stays")) {
		t.Error("a back-up holds what was excluded, or not what was not")
	}
	rows, _ := w.s.ListOutbox(w.ctx, 0, 10)
	deleted := 0
	for _, r := range rows {
		if r.Op == "delete" && r.Activity == string(key("gone")) {
			deleted++
		}
	}
	if deleted != 1 {
		t.Errorf("the targets are not told: %+v", rows)
	}
}

// testExcludeReviewed excludes what waited for a review: as it waits, when it is read again, and after it was logged.
func testExcludeReviewed(t *testing.T, w *world) {
	const address = "new@client.co.jp"
	id := crm.ReviewID(crm.ReviewNewContact, address)
	private := func() { w.commit(w.a, w.other("1", "1", crm.Excluded, crm.ReasonPrivate)) }
	byRule := func() {
		w.ok(w.s.ExcludeRows(w.ctx, "admin", []crm.ItemRef{{Source: "a", ExternalID: "1"}}, "subject: secret", w.now))
	}
	log := func() { w.commit(w.a, w.logged(w.a, "1", "1", "p")) }
	for name, steps := range map[string][]func(){"waiting, by a rule": {byRule}, "waiting, read again": {private}, "logged, by a rule": {log, byRule}, "logged, read again": {log, private}} {
		w.commit(w.a, w.waiting("1", address, w.now))
		if _, err := w.s.GetReview(w.ctx, id); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, step := range steps {
			step()
		}
		if r, err := w.s.GetReview(w.ctx, id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%s: there is still the review %+v, %v", name, r, err)
		}
	}
}

func backup(w *world) []byte {
	w.t.Helper()
	var out bytes.Buffer
	w.ok(w.s.Backup(w.ctx, &out))
	if size, err := w.s.Size(w.ctx); err != nil || size <= 0 {
		w.t.Errorf("size %d, %v", size, err)
	}
	return out.Bytes()
}

func testRematch(t *testing.T, w *world) {
	write := w.logged(w.a, "1", "m", "p")
	write.Pending = []string{"x@c.jp"}
	w.commit(w.a, write)
	a := w.activity("m")
	a.Accounts = []string{"acc"}
	a.People = append(a.People, crm.Participant{Kind: crm.Lead, ID: "x", Address: "x@c.jp", Role: crm.RoleTo})
	a.Match = crm.Match{Rule: crm.RuleDecision, Evidence: "x@c.jp"}
	a.Subject = "not taken"
	w.ok(w.s.Rematch(w.ctx, a, []string{"y@c.jp"}))
	got := w.activity("m")
	if got.Match.Rule != crm.RuleDecision || got.Subject != "件名 m" || len(timeline(t, w.s, crm.ActivityFilter{Person: "x"})) != 1 {
		t.Errorf("rematched: %+v", got)
	}
	a.People, a.Accounts = a.People[:1], nil
	w.ok(w.s.Rematch(w.ctx, a, nil))
	if len(timeline(t, w.s, crm.ActivityFilter{Person: "x"}))+len(timeline(t, w.s, crm.ActivityFilter{Account: "acc"})) != 0 {
		t.Error("the old match is still on a timeline")
	}
	for address, want := range map[string]int64{"x@c.jp": 0, "y@c.jp": 0} {
		if n, _ := w.s.CountPending(w.ctx, address); n != want {
			t.Errorf("%d rows wait for %s", n, address)
		}
	}
	a.ID = "none"
	if err := w.s.Rematch(w.ctx, a, nil); err == nil {
		t.Error("an activity that is not there was rematched")
	}
}

func testConcurrent(t *testing.T, w *world) {
	var all sync.WaitGroup
	errs := make(chan error, 400)
	for n := range 4 {
		claim := []crm.Claim{w.a, w.b}[n%2]
		all.Go(func() {
			for i := range 25 {
				mail := fmt.Sprint("c", (n/2)*20+i) // overlapping mails
				errs <- w.s.Commit(w.ctx, crm.Commit{Source: claim.Source.ID, Epoch: claim.Source.Epoch, Owner: claim.Source.Owner, At: w.now,
					Writes: []crm.Write{w.logged(claim, fmt.Sprint(n, "/", i), mail, "p")}})
				if err := w.s.Commit(w.ctx, crm.Commit{Source: claim.Source.ID, Epoch: claim.Source.Epoch + 7}); err == nil {
					errs <- fmt.Errorf("an unfenced commit went through")
				}
			}
		})
		all.Go(func() {
			for i := range 25 {
				errs <- w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person(fmt.Sprint(n, "/", i), fmt.Sprintf("%d.%d@c.jp", n, i))})
				_, _, err := w.s.ListActivities(w.ctx, crm.ActivityFilter{})
				errs <- err
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		w.ok(err)
	}
	if got := w.tally("a").Logged + w.tally("b").Logged; got != 100 {
		t.Errorf("%d rows", got)
	}
	if n, _ := w.s.CountPeople(w.ctx); n != 100 {
		t.Errorf("%d people", n)
	}
	if n := len(timeline(t, w.s, crm.ActivityFilter{})); n != 45 {
		t.Errorf("%d activities", n)
	}
}
