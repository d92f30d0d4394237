package boltstore

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// unmakeDecided removes the contact that accepting a review made, when that is taken back: while there is somebody with the
// address nothing would be left to ask. One that people have worked with since stays, and so does the answer: crm.ErrRefused.
func (u *unit) unmakeDecided(actor string, r *review) error {
	if r.Kind != crm.ReviewNewContact || r.State != crm.ReviewAccepted {
		return nil
	}
	answer, err := newLookup(u.tx, u.s).address(r.Address)
	if err != nil || answer == nil || len(answer.People) == 0 {
		return err
	}
	made, err := readPerson(u.tx, crm.DerivedID("person", "review", r.ID))
	if errors.Is(err, crm.ErrNotFound) {
		return fmt.Errorf("%w: somebody else has the address by now", crm.ErrRefused)
	}
	if err != nil {
		return err
	}
	busy, err := u.workedWith(&made, r.Address)
	if err != nil {
		return err
	}
	if busy || len(answer.People) > 1 {
		return fmt.Errorf("%w: the contact was worked with since", crm.ErrRefused)
	}
	if _, err := u.removePerson(made.ID); err != nil {
		return err
	}
	if err := u.forgetChanges(&made); err != nil {
		return err
	}
	return u.auditChange(actor, "person", made.ID, &made, (*crm.Person)(nil))
}

// workedWith says whether a contact that a review made is more than that: it was changed or merged, or has anything but the mail
// of its address.
func (u *unit) workedWith(p *crm.Person, address string) (bool, error) {
	if p.Origin != "review" || !p.Updated.Equal(p.Created) {
		return true, nil
	}
	if err := u.unjoined(p.ID); err != nil {
		if errors.Is(err, crm.ErrRefused) {
			return true, nil
		}
		return false, err
	}
	if comments, err := u.commentsOf(p.ID); err != nil || len(comments) > 0 {
		return true, err
	}
	if hangs, err := u.hasRecords(p.ID); err != nil || hangs {
		return hangs, err
	}
	busy := false
	err := u.walkPerson(p.ID, func(st *actState) error {
		byAddress := func(on crm.Participant) bool {
			normal, _ := crm.NormalizeAddress(on.Address)
			return on.ID != p.ID || normal == address && on.Role != crm.RoleFiled
		}
		busy = busy || st.cur.By != "" || slices.ContainsFunc(st.cur.People, func(on crm.Participant) bool { return !byAddress(on) })
		return nil
	})
	return busy, err
}
