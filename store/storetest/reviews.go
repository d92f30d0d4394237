package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (w *world) review(address string, raised time.Time) crm.Review {
	return crm.Review{ID: crm.ReviewID(crm.ReviewNewContact, address), Kind: crm.ReviewNewContact, Address: address, Name: "名前",
		Subject: "secret subject", Source: "a", Owner: sato, Raised: raised, State: crm.ReviewOpen,
		Candidates: []crm.Candidate{{Kind: "contact", ID: "p", Name: "P", Rule: crm.RuleAddress, Evidence: address}}}
}

// waiting is a write of a mail that waits for a decision about an address.
func (w *world) waiting(ext, address string, raised time.Time) crm.Write {
	write := w.other(ext, ext, crm.Waiting, crm.ReasonNewContact, address)
	write.Reviews = []crm.Review{w.review(address, raised)}
	return write
}

// made is the contact that accepting a review makes.
func (w *world) made(r crm.Review) crm.Person {
	p := w.person(crm.DerivedID("person", "review", r.ID), r.Address)
	p.Origin, p.Created, p.Updated = "review", w.now, w.now
	return p
}

func testReviews(t *testing.T, w *world) {
	const address = "new@client.co.jp"
	w.commit(w.a, w.waiting("1", address, w.now), w.waiting("2", "other@client.co.jp", w.now.Add(-time.Minute)))
	w.commit(w.a, w.waiting("3", address, w.now.Add(-time.Hour)))
	id := crm.ReviewID(crm.ReviewNewContact, address)
	got, err := w.s.GetReview(w.ctx, id)
	w.ok(err)
	if diff := cmp.Diff(w.review(address, w.now.Add(-time.Hour)), got); diff != "" {
		t.Errorf("review (-want +got):\n%s", diff)
	}
	list, _, err := w.s.ListReviews(w.ctx, crm.ReviewOpen, "", 10)
	w.ok(err)
	if len(list) != 2 || list[1].ID != id {
		t.Errorf("open reviews: %+v", list)
	}
	person := w.made(got)
	decided := got
	decided.State, decided.Person, decided.DecidedBy, decided.DecidedAt = crm.ReviewAccepted, person.ID, sato, w.now
	w.ok(w.s.Decide(w.ctx, sato, decided, &person))
	if n, _ := w.s.CountReviews(w.ctx, crm.ReviewOpen); n != 1 {
		t.Errorf("%d open", n)
	}
	if n, _ := w.s.CountReviews(w.ctx, ""); n != 2 {
		t.Errorf("%d in all", n)
	}
	answer, err := w.s.Lookup(w.ctx, crm.Question{Addresses: []string{address}})
	w.ok(err)
	if d := answer.Addresses[address]; len(d.People) != 1 || d.Decision == nil || *d.Decision != (crm.Decision{Review: id, Person: person.ID, By: sato}) {
		t.Errorf("answer: %+v", d)
	}
	if diff := cmp.Diff([]string{address + " a/1", address + " a/3"}, sorted(w.lateWork())); diff != "" {
		t.Errorf("late (-want +got):\n%s", diff)
	}
	w.commit(w.a, w.waiting("4", address, w.now.Add(-2*time.Hour)))
	if got, _ = w.s.GetReview(w.ctx, id); got.State != crm.ReviewAccepted || !got.Raised.Equal(w.now.Add(-2*time.Hour)) {
		t.Errorf("raised again: %+v", got)
	}
	got.State = crm.ReviewOpen
	w.ok(w.s.Decide(w.ctx, sato, got, nil))
	answer, _ = w.s.Lookup(w.ctx, crm.Question{Addresses: []string{address}})
	if answer.Addresses[address].Decision != nil {
		t.Error("the decision was not undone")
	}
	audited, _, err := w.s.FindAudit(w.ctx, crm.AuditFilter{Object: "review/"})
	w.ok(err)
	for _, r := range audited {
		if got.Subject == "" || strings.Contains(r.Before+r.After, got.Subject) {
			t.Errorf("the audit keeps the subject %q: %+v", got.Subject, r)
		}
	}
	if len(audited) != 2 {
		t.Errorf("%d decisions are audited", len(audited))
	}
	page, next, _ := w.s.ListReviews(w.ctx, "", "", 1)
	rest, end, _ := w.s.ListReviews(w.ctx, "", next, 1)
	if len(page) != 1 || len(rest) != 1 || page[0].ID == rest[0].ID || end != "" {
		t.Errorf("pages: %+v %+v %q", page, rest, end)
	}
}

func testDecideTwice(t *testing.T, w *world) {
	const address = "new@client.co.jp"
	w.commit(w.a, w.waiting("1", address, w.now))
	open, err := w.s.GetReview(w.ctx, crm.ReviewID(crm.ReviewNewContact, address))
	w.ok(err)
	if err := w.s.Decide(w.ctx, suzuki, open, nil); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("an open review was opened: %v", err)
	}
	dismissed, accepted := open, open
	dismissed.State, dismissed.DecidedBy, dismissed.DecidedAt = crm.ReviewDismissed, sato, w.now
	w.ok(w.s.Decide(w.ctx, sato, dismissed, nil))
	late := w.lateWork()
	person := w.person("created", address)
	accepted.State, accepted.Person, accepted.DecidedBy, accepted.DecidedAt = crm.ReviewAccepted, "created", suzuki, w.now.Add(time.Second)
	if err := w.s.Decide(w.ctx, suzuki, accepted, &person); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("the second decision: %v", err)
	}
	if got, err := w.s.GetReview(w.ctx, open.ID); err != nil || !cmp.Equal(got, dismissed) {
		t.Errorf("the first decision does not stand (%v): %s", err, cmp.Diff(dismissed, got))
	}
	if _, err := w.s.GetPerson(w.ctx, "created"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the person of the refused decision: %v", err)
	}
	if again := w.lateWork(); len(late) != 1 || len(again) != 0 {
		t.Errorf("late work %v, then %v", late, again)
	}
	w.ok(w.s.Decide(w.ctx, suzuki, open, nil))
	if n, _ := w.s.CountReviews(w.ctx, crm.ReviewOpen); n != 1 {
		t.Errorf("%d open", n)
	}
}

func testExcludeReview(t *testing.T, w *world) {
	w.commit(w.a, w.waiting("1", "x@c.jp", w.now), w.waiting("2", "y@c.jp", w.now), w.waiting("3", "y@c.jp", w.now.Add(time.Minute)))
	w.ok(w.s.ExcludeRows(w.ctx, "admin", []crm.ItemRef{{Source: "a", ExternalID: "1"}, {Source: "a", ExternalID: "2"}}, "subject: secret", w.now))
	if _, err := w.s.GetReview(w.ctx, crm.ReviewID(crm.ReviewNewContact, "x@c.jp")); err == nil {
		t.Error("a review that nothing waits for is there")
	}
	r, err := w.s.GetReview(w.ctx, crm.ReviewID(crm.ReviewNewContact, "y@c.jp"))
	w.ok(err)
	if r.Subject != "" || r.Name != "" {
		t.Errorf("the review still shows what is excluded: %+v", r)
	}
	if n, _ := w.s.CountReviews(w.ctx, crm.ReviewOpen); n != 1 {
		t.Errorf("%d open", n)
	}
}
