package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Follow stores what following made of people and accounts; see storetest.Life.
func (s *Store) Follow(ctx context.Context, list []crm.Followed) error {
	order := make([]*crm.Followed, len(list))
	for i := range list {
		order[i] = &list[i]
	}
	slices.SortStableFunc(order, func(a, b *crm.Followed) int { // as they are kept
		x, y := idOf(a.ID), idOf(b.ID)
		return bytes.Compare(x[:], y[:])
	})
	err := s.absorbAll(ctx)
	if err == nil {
		err = s.update(ctx, func(u *unit) error { return u.followAll(order) })
	}
	if err != nil {
		return fmt.Errorf("follow: %w", err)
	}
	return nil
}

func (u *unit) followAll(order []*crm.Followed) error {
	for more := true; more; {
		var err error
		if more, err = u.absorb(); err != nil {
			return err
		}
	}
	for i, f := range order {
		if i > 0 && order[i-1].ID == f.ID {
			continue
		}
		if err := u.follow(f); err != nil {
			return fmt.Errorf("%s: %w", f.ID, err)
		}
	}
	return nil
}

// follow stores one, unless it was marked again since it was read.
func (u *unit) follow(f *crm.Followed) error {
	key := idOf(f.ID)
	if q, ok := queued(u.bucket(bucketFollowing).Get(key[:])); ok && q.mark > f.Mark {
		return nil
	}
	was, _, err := readStanding(u.tx, key)
	if f.Keep && errors.Is(err, crm.ErrCorrupt) {
		return u.leaveUnread(key)
	}
	if err != nil || was != nil && was.Mark > f.Mark { // somebody who knew more was faster
		return err
	}
	if err := u.dequeue(key); err != nil || f.Missing {
		return err
	}
	if f.Keep {
		return u.lookAgain(key, f.Standing.Look)
	}
	u.quiet = key
	err = u.followed(key, f)
	u.quiet = id16{}
	if err != nil {
		return err
	}
	return u.followRecords(f)
}

// leaveUnread takes somebody off the queue and off those who are looked at again, whose standing says no more when that is.
// They are followed again once something changes of them.
func (u *unit) leaveUnread(key id16) error {
	var places [][]byte
	cursor := u.bucket(bucketLooks).Cursor()
	for k, _ := cursor.First(); k != nil; k, _ = cursor.Next() {
		if bytes.HasSuffix(k, key[:]) {
			places = append(places, bytes.Clone(k))
		}
	}
	for _, place := range places {
		if err := u.delete(bucketLooks, place); err != nil {
			return err
		}
	}
	return u.dequeue(key)
}

func (u *unit) followed(key id16, f *crm.Followed) error {
	p, err := readPerson(u.tx, f.ID)
	switch {
	case err == nil:
		return u.followedPerson(key, &p, f)
	case !errors.Is(err, crm.ErrNotFound):
		return err
	}
	a, err := readAccount(u.tx, f.ID)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	st := f.Standing
	st.ID, st.Mark = a.ID, f.Mark
	return u.setStanding(key, "", "", &st, false)
}

func (u *unit) followedPerson(key id16, p *crm.Person, f *crm.Followed) error {
	before := *p
	if p.Kind == crm.Lead && f.Status != "" {
		p.Status, p.Reason, p.StatusAt = f.Status, f.Reason, f.StatusAt.UTC()
	}
	if f.Owner != "" {
		p.Owner = f.Owner
	}
	if f.Request != "" {
		p.Request, p.Stage, p.Final = f.Request, f.Stage, f.Final
	}
	if p.Request != before.Request || p.Stage != before.Stage || p.Final != before.Final || p.Status != before.Status || p.Reason != before.Reason || !p.StatusAt.Equal(before.StatusAt) || p.Owner != before.Owner {
		if _, err := u.savePerson(*p); err != nil {
			return err
		}
		if err := u.auditChange(crm.ByRules, "person", p.ID, &before, p); err != nil {
			return err
		}
	}
	if err := u.replaceChanges(p, f); err != nil {
		return err
	}
	var from *time.Time
	if !f.FactsFrom.IsZero() {
		from = &f.FactsFrom
	}
	if err := u.replaceFacts(key, f.Facts, from); err != nil {
		return err
	}
	return u.followedStanding(key, &before, p, f)
}

// followedStanding stores a person's standing. If it is another one, the account is followed too; if they came from
// elsewhere first, their activities are counted by that from now on.
func (u *unit) followedStanding(key id16, before, p *crm.Person, f *crm.Followed) error {
	was, raw, err := readStanding(u.tx, key)
	if err != nil {
		return err
	}
	st := f.Standing
	st.ID, st.Mark = p.ID, f.Mark
	if err := u.setStanding(key, before.Owner, p.Owner, &st, true); err != nil {
		return err
	}
	if was == nil || !sameStanding(was, &st, raw) {
		u.mark(p.AccountID)
	}
	var first crm.Touch
	if was != nil {
		first = was.First
	}
	if first.Channel == st.First.Channel && first.Campaign == st.First.Campaign {
		return nil
	}
	return u.walkPerson(p.ID, func(*actState) error { return nil })
}

// followRecords stores what was raised for a person or account, and does what a policy accepts. That may change them, so
// that they are followed again.
func (u *unit) followRecords(f *crm.Followed) error {
	for _, p := range f.Proposals {
		if err := u.raiseProposal(p); err != nil {
			return err
		}
	}
	for _, t := range f.Tasks {
		if err := u.addTask(t); err != nil {
			return err
		}
	}
	for i := range f.TasksDone {
		if err := u.finishTask(&f.TasksDone[i]); err != nil {
			return err
		}
	}
	for _, id := range f.Apply {
		err := u.applyProposal(crm.ByRules, id, u.s.now())
		if errors.Is(err, crm.ErrNotFound) || errors.Is(err, crm.ErrConflict) || errors.Is(err, crm.ErrRefused) {
			continue // it stays open, for somebody to decide
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// finishTask stores a task as done or dropped, if it is still open.
func (u *unit) finishTask(t *crm.Task) error {
	old, err := tasks().find(u.tx, t.ID)
	if err != nil || old == nil || !old.Open() {
		return err
	}
	done := *old
	done.Done, done.DoneBy, done.Dropped = t.Done, t.DoneBy, t.Dropped
	return u.putTask(crm.ByRules, old, &done)
}

// sameStanding reports whether a standing says what it said, as raw, before it was worked out again.
func sameStanding(was, is *crm.Standing, raw []byte) bool {
	again := *is
	again.Mark = was.Mark
	return bytes.Equal(raw, encodeStanding(&again))
}
