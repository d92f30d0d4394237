package boltstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Decide stores what a person decided about a review, or opens it again; see storetest.Reviews.
func (s *Store) Decide(ctx context.Context, actor string, r crm.Review, person *crm.Person) error {
	err := s.update(ctx, func(u *unit) error { return u.decide(actor, r, person) })
	if err != nil {
		return fmt.Errorf("decide review %s: %w", r.ID, err)
	}
	return nil
}

func (u *unit) decide(actor string, r crm.Review, person *crm.Person) error {
	old, err := readReview(u.tx, r.ID)
	if err != nil {
		return err
	}
	if (old.State == crm.ReviewOpen) == (r.State == crm.ReviewOpen) {
		return crm.ErrConflict
	}
	fresh := old
	fresh.State, fresh.Person, fresh.DecidedBy, fresh.DecidedAt = r.State, r.Person, r.DecidedBy, r.DecidedAt
	if fresh.Person, err = nowCalled(u.tx, r.Person); err != nil {
		return err
	}
	fresh.Changed = r.Changed && r.State == crm.ReviewAccepted
	if r.State == crm.ReviewOpen {
		fresh.Person, fresh.DecidedBy, fresh.DecidedAt = "", "", time.Time{}
	}
	if fresh.State == crm.ReviewOpen {
		if err := u.unmakeDecided(actor, &old); err != nil {
			return err
		}
	}
	if person != nil {
		if err := u.createPerson(*person); err != nil {
			return err
		}
	}
	if err := u.saveReview(&old, &fresh); err != nil {
		return err
	}
	if err := u.setDecision(actor, fresh); err != nil {
		return err
	}
	if err := u.flush(); err != nil {
		return err
	}
	if err := u.queueFiled(&old, &fresh); err != nil {
		return err
	}
	if err := u.queueAddress(fresh.Address); err != nil {
		return err
	}
	if err := u.auditReview(actor, &old.Review, &fresh.Review); err != nil {
		return err
	}
	return u.advance()
}

// queueFiled has what a decision filed on somebody taken off them when the decision is taken back, and then matched again.
func (u *unit) queueFiled(old, fresh *review) error {
	if fresh.State != crm.ReviewOpen || old.Rule() && old.Person == "" {
		return nil
	}
	if old.Person == "" { // what was dismissed still waits, if anything does
		u.mayBeSettled(fresh.Address)
		return nil
	}
	people, err := u.filedOn(old)
	if err != nil {
		return err
	}
	for _, person := range people {
		if err := u.queueLast(late{address: fresh.Address, person: person}); err != nil {
			return err
		}
	}
	return u.queueLast(late{address: fresh.Address}) // not before the other, though it may be queued already
}

// returnDecided has what decisions about addresses filed on the winner of a merge that was undone matched again: whom they name may
// be the loser again.
func (u *unit) returnDecided(winner string, addresses []string) error {
	for _, address := range addresses {
		if u.bucket(bucketDecisions).Get([]byte(address)) == nil {
			continue
		}
		for _, l := range []late{{address: address, person: winner}, {address: address}} {
			if err := u.queueLast(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// filedOn are those on whom a decision may have filed something: whom it names, by today's name, and, since they may have been part
// of each other for a while, all who have the address.
func (u *unit) filedOn(r *review) ([]string, error) {
	person, err := nowCalled(u.tx, r.Person)
	if err != nil {
		return nil, err
	}
	people := []string{person}
	answer, err := newLookup(u.tx, u.s).address(r.Address)
	if err != nil || answer == nil {
		return people, err
	}
	for _, ref := range answer.People {
		people = append(people, ref.ID)
	}
	slices.Sort(people)
	return slices.Compact(people), nil
}

// auditReview notes a decision without the words of the mail that raised it: those go when the mail goes, the audit stays.
func (u *unit) auditReview(actor string, before, after *crm.Review) error {
	bare := func(r *crm.Review) *crm.Review {
		if r == nil {
			return nil
		}
		out := *r
		out.Subject = ""
		return &out
	}
	return u.auditChange(actor, "review", after.ID, bare(before), bare(after))
}

// setDecision makes the newest decision about the address the one that counts. When one is undone, that of
// the other kind of review about the same address counts again, if there is one.
func (u *unit) setDecision(actor string, r review) error {
	key := []byte(r.Address)
	if r.Rule() && r.State == crm.ReviewDismissed { // no rule was wanted; what was decided about the address stands
		return nil
	}
	if r.State != crm.ReviewOpen {
		by := r.DecidedBy
		if by == "" {
			by = actor
		}
		return u.put(bucketDecisions, key, encodeDecision(crm.Decision{Review: r.ID, Person: r.Person, By: by}))
	}
	for _, kind := range []crm.ReviewKind{crm.ReviewFileTo, crm.ReviewFileNot, crm.ReviewNewContact, crm.ReviewAmbiguous} {
		other, err := readReview(u.tx, crm.ReviewID(kind, r.Address))
		if err == nil && other.ID != r.ID && other.State != crm.ReviewOpen && (!other.Rule() || other.State == crm.ReviewAccepted) {
			return u.setDecision(actor, other)
		}
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			return err
		}
	}
	return u.delete(bucketDecisions, key)
}
