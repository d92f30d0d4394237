package boltstore

import (
	"context"
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxAddresses is how many addresses or telephone numbers a merged person may have.
const maxAddresses = 100

// Merge makes one record of two; see storetest.Joining.
func (s *Store) Merge(ctx context.Context, actor string, kind crm.MergeKind, winner, loser string, now time.Time) (r crm.MergeRecord, err error) {
	err = s.update(ctx, func(u *unit) error {
		r, err = u.merge(actor, kind, winner, loser, now)
		return err
	})
	if err != nil {
		return crm.MergeRecord{}, fmt.Errorf("merge %s: %w", kind, err)
	}
	return r, nil
}

// merge is Merge within a unit.
func (u *unit) merge(actor string, kind crm.MergeKind, winner, loser string, now time.Time) (crm.MergeRecord, error) {
	if winner == loser {
		return crm.MergeRecord{}, fmt.Errorf("%w: a record cannot be merged with itself", crm.ErrRefused)
	}
	seq, err := u.nextJoin()
	if err != nil {
		return crm.MergeRecord{}, err
	}
	m := merge{Seq: seq, MergeRecord: crm.MergeRecord{ID: crm.NewID(), Kind: kind, Winner: winner, Loser: loser, At: now, By: actor}}
	switch kind {
	case crm.MergePeople:
		err = u.mergePeople(&m)
	case crm.MergeAccounts:
		err = u.mergeAccounts(&m)
	default:
		err = fmt.Errorf("%w: %q is no kind of merge", crm.ErrRefused, kind)
	}
	if err != nil {
		return crm.MergeRecord{}, err
	}
	if err := merges().put(u, nil, &m); err != nil {
		return crm.MergeRecord{}, err
	}
	if err := u.flush(); err != nil {
		return crm.MergeRecord{}, err
	}
	return m.MergeRecord, u.auditJoin(actor, now, "merge "+string(kind), m.Loser, m.Winner, "merge/"+m.ID)
}

// auditJoin says which record took the place of which; what they held is kept in the merge or conversion.
func (u *unit) auditJoin(actor string, now time.Time, action, before, after, object string) error {
	return u.audit(crm.AuditRecord{At: now, Actor: actor, Action: action, Object: object, Before: before, After: after})
}

// personToMerge reads a person; one that was merged already is named.
func (u *unit) personToMerge(id string) (crm.Person, error) {
	p, err := readPerson(u.tx, id)
	if err != nil {
		return p, u.notThere(crm.MergePeople, id, err)
	}
	return p, nil
}

// notThere says of a record that is not there into which one it was merged, if it was.
func (u *unit) notThere(kind crm.MergeKind, id string, err error) error {
	sign, ok, signErr := readSign(u.tx, id)
	switch {
	case signErr != nil:
		return signErr
	case ok:
		return fmt.Errorf("%w: %s was merged into %s already", crm.ErrRefused, id, u.called(kind, sign.winner))
	}
	return fmt.Errorf("%s %s: %w", kind, id, err)
}

func (u *unit) mergePeople(m *merge) error {
	winner, err := u.personToMerge(m.Winner)
	if err != nil {
		return err
	}
	loser, err := u.personToMerge(m.Loser)
	if err != nil {
		return err
	}
	if winner.Kind == crm.Lead && loser.Kind == crm.Contact {
		return fmt.Errorf("%w: the contact %q cannot be merged into the lead %q, only the other way round", crm.ErrRefused, loser.Name, winner.Name)
	}
	merged, _, gained := crm.MergePersons(winner, loser)
	if len(merged.Emails) > maxAddresses || len(merged.Phones) > maxAddresses {
		return fmt.Errorf("%w: together they have more than %d addresses or telephone numbers", crm.ErrRefused, maxAddresses)
	}
	merged.Updated = m.At
	m.Person, m.Before, m.Gained = &loser, &winner, gained
	if err := u.leaveSign(m); err != nil {
		return err
	}
	if _, err := u.savePerson(merged); err != nil {
		return err
	}
	if err := u.moveRecords(m); err != nil {
		return err
	}
	if err := u.moveSuccessors(m.Loser, m.Winner, m); err != nil {
		return err
	}
	if err := u.eachOfPerson(m.Loser, u.touch); err != nil {
		return err
	}
	_, err = u.removePerson(m.Loser)
	return err
}

// touch leaves an activity to be stored again, by which it is resolved.
func (u *unit) touch(*actState) error { return nil }
