package boltstore

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// UndoConversion makes the lead again; see storetest.Joining.
func (s *Store) UndoConversion(ctx context.Context, actor, id string, now time.Time) (out crm.Conversion, err error) {
	err = s.update(ctx, func(u *unit) error {
		c, err := u.undoConversion(actor, id, now)
		out = c.Conversion
		return err
	})
	if err != nil {
		return crm.Conversion{}, fmt.Errorf("undo conversion %s: %w", id, err)
	}
	return out, nil
}

func (u *unit) undoConversion(actor, id string, now time.Time) (conversion, error) {
	c, err := conversions().read(u.tx, id)
	switch {
	case err != nil:
		return c, err
	case !c.Undone.IsZero():
		return c, fmt.Errorf("%w: it was undone already", crm.ErrRefused)
	case c.Blank:
		return c, fmt.Errorf("%w: somebody whom it knew was erased, and what it kept with them", crm.ErrRefused)
	}
	if err := u.unhindered(c.Contact, c.Seq, c.ID); err != nil {
		return c, err
	}
	if c.NewAccount {
		if err := u.unhindered(c.Account, c.Seq, c.ID); err != nil {
			return c, err
		}
	}
	before := c
	if err := u.takeDealBack(actor, &c); err != nil {
		return c, err
	}
	if c.Merge != "" {
		err = u.unconvertFrom(actor, &c, now)
	} else {
		err = u.unconvertItself(&c)
	}
	if err != nil {
		return c, err
	}
	if err := u.takeAccountBack(actor, &c); err != nil {
		return c, err
	}
	c.Undone, c.UndoneBy = now, actor
	if err := conversions().put(u, &before, &c); err != nil {
		return c, err
	}
	if err := u.flush(); err != nil {
		return c, err
	}
	if err := u.advance(); err != nil {
		return c, err
	}
	return c, u.auditJoin(actor, now, "undo conversion", c.Contact, c.Person, "conversion/"+c.ID)
}

func (u *unit) unconvertItself(c *conversion) error {
	current, err := u.personToMerge(c.Contact)
	if err != nil {
		return err
	}
	if current.Kind != crm.Contact {
		return fmt.Errorf("%w: %q is a lead already", crm.ErrRefused, current.Name)
	}
	lead := crm.UnconvertPerson(current, *c.Made, *c.Before)
	if err := u.leaveAccount(lead, current.AccountID); err != nil {
		return err
	}
	_, err = u.savePerson(lead)
	return err
}

// leaveAccount takes the account that somebody is about to leave off the activities to which it came by them.
func (u *unit) leaveAccount(p crm.Person, account string) error {
	if account == "" || account == p.AccountID {
		return nil
	}
	belonging := u.belonging(map[string]string{p.ID: p.AccountID})
	return u.eachOfPerson(p.ID, func(st *actState) error {
		return belonging.settle(&st.cur.Activity, account, func(q *crm.Participant) bool { return q.ID == p.ID })
	})
}

// unconvertFrom takes the lead out of the contact that it was merged into.
func (u *unit) unconvertFrom(actor string, c *conversion, now time.Time) error {
	m, err := u.unmerge(actor, c.Merge, now, c.ID)
	if err != nil {
		return err
	}
	contact, err := readPerson(u.tx, c.Contact)
	if err != nil {
		return err
	}
	given, err := nowCalled(u.tx, c.Made.AccountID)
	if err != nil {
		return err
	}
	if contact.Converted.Equal(c.Made.Converted) {
		contact.Converted = m.Before.Converted
	}
	if left := contact.AccountID; m.Before.AccountID == "" && left == given {
		contact.AccountID = ""
		if err := u.leaveAccount(contact, left); err != nil {
			return err
		}
	}
	_, err = u.savePerson(contact)
	return err
}

// takeDealBack removes the opportunity that the conversion made if it is as it was made; it stays otherwise.
func (u *unit) takeDealBack(actor string, c *conversion) error {
	if c.Opportunity == "" || c.Deal == nil {
		return nil
	}
	o, err := opportunities().find(u.tx, c.Opportunity)
	if err != nil || o == nil {
		return err
	}
	if o.Contract != "" {
		c.Stayed = append(c.Stayed, "opportunity/"+o.ID, "contract/"+o.Contract)
		return nil
	}
	now, made := *o, *c.Deal
	if made.Account, err = nowCalled(u.tx, made.Account); err != nil {
		return err
	}
	now.Updated, made.Updated = time.Time{}, time.Time{}
	if !sameRecord(now, made) {
		c.Stayed = append(c.Stayed, "opportunity/"+o.ID)
		return nil
	}
	return u.deleteOpportunity(actor, o.ID)
}

// takeAccountBack removes the account that the conversion made if it is as it was made and nothing hangs on it: nobody
// belongs to it, and no activity is there because of it alone.
func (u *unit) takeAccountBack(actor string, c *conversion) error {
	if !c.NewAccount {
		return nil
	}
	if err := u.flush(); err != nil {
		return err
	}
	a, err := readAccount(u.tx, c.Account)
	there, err := isThere(err)
	if err != nil || !there {
		return err
	}
	c.Stayed = append(c.Stayed, "account/"+a.ID)
	hangs, err := u.hangsOn(a.ID)
	if err != nil || hangs != "" || !sameRecord(a, *c.Founded) {
		return err
	}
	alone := true
	err = u.eachOfPerson(a.ID, func(st *actState) error {
		alone = alone && slices.ContainsFunc(st.cur.People, isMatched)
		return nil
	})
	if err != nil || !alone {
		return err
	}
	proposed, err := proposalsOf(u.tx, a.ID)
	if err != nil {
		return err
	}
	for i := range proposed {
		if err := u.putProposal(&proposed[i], nil); err != nil {
			return err
		}
	}
	if err := u.removeAccount(a); err != nil {
		return err
	}
	if c.Stayed = c.Stayed[:len(c.Stayed)-1]; len(c.Stayed) == 0 {
		c.Stayed = nil
	}
	return u.auditChange(actor, "account", a.ID, &a, (*crm.Account)(nil))
}

// sameRecord compares two records as they are stored, in which an empty list is none.
func sameRecord[T any](a, b T) bool {
	x, err := encodeRecord(a)
	if err != nil {
		return reflect.DeepEqual(a, b)
	}
	y, err := encodeRecord(b)
	return err == nil && string(x) == string(y)
}
