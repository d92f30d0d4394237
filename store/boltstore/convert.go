package boltstore

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Convert makes a contact of a lead; see storetest.Joining.
func (s *Store) Convert(ctx context.Context, actor string, p crm.ConversionPlan, now time.Time) (out crm.Conversion, err error) {
	err = s.update(ctx, func(u *unit) error {
		c, err := u.convert(actor, p, now)
		out = c.Conversion
		return err
	})
	if err != nil {
		return crm.Conversion{}, fmt.Errorf("convert %s: %w", p.Person, err)
	}
	return out, nil
}

func (u *unit) convert(actor string, plan crm.ConversionPlan, now time.Time) (conversion, error) {
	lead, err := u.personToMerge(plan.Person)
	if err != nil {
		return conversion{}, err
	}
	if lead.Kind != crm.Lead {
		return conversion{}, fmt.Errorf("%w: %q is a contact already", crm.ErrRefused, lead.Name)
	}
	c := conversion{Conversion: crm.Conversion{ID: crm.NewID(), Person: lead.ID, Contact: lead.ID, Before: &lead, At: now, By: actor}}
	if plan.Contact != "" {
		if plan.Account, err = u.accountOfContact(plan); err != nil {
			return c, err
		}
	}
	if err := u.convertAccount(&c, plan, &lead); err != nil {
		return c, err
	}
	if plan.Contact != "" {
		err = u.convertInto(&c, plan)
	} else {
		err = u.convertItself(&c, plan, lead)
	}
	if err != nil {
		return c, err
	}
	if plan.Opportunity != nil {
		if err := u.convertDeal(&c, plan, &lead); err != nil {
			return c, err
		}
	}
	if c.Seq, err = u.nextJoin(); err != nil {
		return c, err
	}
	if err := conversions().put(u, nil, &c); err != nil {
		return c, err
	}
	if err := u.flush(); err != nil {
		return c, err
	}
	if err := u.advance(); err != nil {
		return c, err
	}
	return c, u.auditJoin(actor, now, "convert lead", c.Person, c.Contact, "conversion/"+c.ID)
}

// accountOfContact is the account of a conversion into an existing contact: the contact's, if it has one.
func (u *unit) accountOfContact(plan crm.ConversionPlan) (string, error) {
	contact, err := u.personToMerge(plan.Contact)
	switch {
	case err != nil:
		return "", err
	case contact.Kind != crm.Contact:
		return "", fmt.Errorf("%w: %q is no contact", crm.ErrRefused, contact.Name)
	case contact.AccountID != "" && plan.Account != "" && contact.AccountID != plan.Account:
		return "", fmt.Errorf("%w: the contact %q belongs to another account, %s", crm.ErrRefused, contact.Name, u.called(crm.MergeAccounts, contact.AccountID))
	}
	return cmp.Or(contact.AccountID, plan.Account), nil
}

// convertAccount finds the account or makes it.
func (u *unit) convertAccount(c *conversion, plan crm.ConversionPlan, lead *crm.Person) error {
	if plan.Account != "" {
		a, err := u.accountToMerge(plan.Account)
		c.Account = a.ID
		return err
	}
	a := newAccount(u.tx, plan, lead, c.At)
	a.ID = crm.NewID()
	c.Account, c.NewAccount, c.Founded = a.ID, true, &a
	if _, err := u.saveAccount(a); err != nil {
		return err
	}
	return u.auditChange(c.By, "account", a.ID, (*crm.Account)(nil), &a)
}

// newAccount is the account that a conversion would make, without an ID. A domain that another account has is not given
// to it: nobody could tell any more who is meant.
func newAccount(tx *bbolt.Tx, plan crm.ConversionPlan, lead *crm.Person, now time.Time) crm.Account {
	name := cmp.Or(strings.TrimSpace(plan.AccountName), strings.TrimSpace(lead.Company), lead.Name)
	a := crm.Account{Name: name, Owner: cmp.Or(plan.Owner, lead.Owner), Origin: "conversion", Created: now, Updated: now}
	domain, ok := crm.NormalizeDomain(plan.Domain)
	if plan.Domain == "" || !ok {
		return a
	}
	cursor, prefix := tx.Bucket(bucketDomains).Cursor(), append([]byte(domain), 0)
	if k, _ := cursor.Seek(prefix); !hasPrefix(k, prefix) {
		a.Domains = []string{domain}
	}
	return a
}

// convertItself makes the lead the contact.
func (u *unit) convertItself(c *conversion, plan crm.ConversionPlan, lead crm.Person) error {
	made := crm.ConvertPerson(lead, c.Account, plan.Owner, c.At)
	c.Made = &made
	_, err := u.savePerson(made)
	return err
}

// convertInto merges the lead into a contact.
func (u *unit) convertInto(c *conversion, plan crm.ConversionPlan) error {
	r, err := u.merge(c.By, crm.MergePeople, plan.Contact, c.Person, c.At)
	if err != nil {
		return err
	}
	contact, err := readPerson(u.tx, plan.Contact)
	if err != nil {
		return err
	}
	contact.AccountID = c.Account
	if contact.Converted.IsZero() {
		contact.Converted = c.At
	}
	c.Merge, c.Contact, c.Made = r.ID, plan.Contact, &contact
	_, err = u.savePerson(contact)
	return err
}

// convertDeal makes the opportunity.
func (u *unit) convertDeal(c *conversion, plan crm.ConversionPlan, lead *crm.Person) error {
	o, err := plannedDeal(u.tx, plan, lead, c)
	if err != nil {
		return err
	}
	if o.ID == "" {
		o.ID = crm.NewID()
	} else if there, err := opportunities().find(u.tx, o.ID); err != nil || there != nil {
		if err == nil {
			err = fmt.Errorf("%w: there is an opportunity %s already", crm.ErrRefused, o.ID)
		}
		return err
	}
	made, err := u.saveOpportunity(c.By, o)
	if err != nil {
		return err
	}
	c.Opportunity, c.Deal = made.ID, &made
	return nil
}

// plannedDeal fills what a plan leaves empty of its opportunity.
func plannedDeal(tx *bbolt.Tx, plan crm.ConversionPlan, lead *crm.Person, c *conversion) (crm.Opportunity, error) {
	o := *plan.Opportunity
	touch, err := firstTouch(tx, lead)
	if err != nil {
		return o, err
	}
	o.Account = cmp.Or(o.Account, c.Account)
	if len(o.Contacts) == 0 && c.Contact != "" {
		o.Contacts = []string{c.Contact}
	}
	o.Lead = cmp.Or(o.Lead, c.Contact)
	o.Touch = cmp.Or(o.Touch, touch)
	o.Owner = cmp.Or(o.Owner, plan.Owner, lead.Owner)
	o.Stage = cmp.Or(o.Stage, crm.StageProspect)
	o.Name = cmp.Or(o.Name, lead.Company, lead.Name)
	if o.Created.IsZero() {
		o.Created = c.At
	}
	if o.Updated.IsZero() {
		o.Updated = c.At
	}
	return o, nil
}

// firstTouch is where somebody came from first, as far as it is known.
func firstTouch(tx *bbolt.Tx, p *crm.Person) (crm.Touch, error) {
	standing, _, err := readStanding(tx, idOf(p.ID))
	if err != nil || standing == nil {
		return p.Given, err
	}
	return cmp.Or(standing.First, p.Given), nil
}
