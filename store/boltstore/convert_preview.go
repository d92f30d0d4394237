package boltstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// PreviewConversion says what a conversion would do, and what is there that fits; see storetest.Joining.
func (s *Store) PreviewConversion(ctx context.Context, plan crm.ConversionPlan) (out crm.ConversionPreview, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, err = previewConversion(tx, plan)
		return err
	})
	if err != nil {
		return crm.ConversionPreview{}, fmt.Errorf("preview the conversion of %s: %w", plan.Person, err)
	}
	return out, nil
}

func previewConversion(tx *bbolt.Tx, plan crm.ConversionPlan) (out crm.ConversionPreview, err error) {
	lead, err := readPerson(tx, plan.Person)
	if err != nil {
		return out, err
	}
	if lead.Kind != crm.Lead {
		return out, fmt.Errorf("%w: %q is a contact already", crm.ErrRefused, lead.Name)
	}
	now := lead.Updated
	c := conversion{Conversion: crm.Conversion{Person: lead.ID, Contact: cmp.Or(plan.Contact, lead.ID), Before: &lead, At: now}}
	if plan.Contact != "" {
		contact, err := readPerson(tx, plan.Contact)
		if err != nil {
			return out, err
		}
		plan.Account = cmp.Or(plan.Account, contact.AccountID)
		out.Person, _, _ = crm.MergePersons(contact, lead)
	}
	if plan.Account != "" {
		if out.Account, err = readAccount(tx, plan.Account); err != nil {
			return out, err
		}
	} else {
		out.New, out.Account = true, newAccount(tx, plan, &lead, now)
	}
	c.Account = out.Account.ID
	if plan.Contact == "" {
		out.Person = crm.ConvertPerson(lead, out.Account.ID, plan.Owner, now)
	} else {
		out.Person.AccountID = cmp.Or(out.Person.AccountID, out.Account.ID)
	}
	if plan.Opportunity != nil {
		o, err := plannedDeal(tx, plan, &lead, &c)
		if err != nil {
			return out, err
		}
		out.Opportunity = &o
	}
	if out.Accounts, err = fittingAccounts(tx, plan, &lead); err != nil {
		return out, err
	}
	out.Contacts, err = fittingContacts(tx, &lead)
	return out, err
}

// fittingAccounts are the accounts that the lead could belong to: by the domain of an address, then by the name proper of
// the company.
func fittingAccounts(tx *bbolt.Tx, plan crm.ConversionPlan, lead *crm.Person) ([]crm.Candidate, error) {
	out := []crm.Candidate{}
	offer := func(c crm.Candidate) {
		if !slices.ContainsFunc(out, func(known crm.Candidate) bool { return known.ID == c.ID }) {
			out = append(out, c)
		}
	}
	l := &lookup{tx: tx}
	if b := unlessEmpty(tx.Bucket(bucketDomains)); b != nil {
		l.domains = b.Cursor()
	}
	for _, address := range normalAddresses(lead.Emails) {
		refs, err := l.domain(crm.AddressDomain(address))
		if err != nil {
			return nil, err
		}
		for _, ref := range refs {
			offer(crm.Candidate{Kind: "account", ID: ref.ID, Name: ref.Name, Rule: crm.RuleDomain, Evidence: ref.Domain})
		}
	}
	name := cmp.Or(plan.AccountName, lead.Company)
	if name == "" {
		return out, nil
	}
	namesakes, err := twinAccountsOf(tx, crm.Account{Name: name})
	if err != nil {
		return nil, err
	}
	for _, a := range namesakes {
		offer(crm.Candidate{Kind: "account", ID: a.ID, Name: a.Name, Rule: crm.RuleName, Evidence: a.Name})
	}
	return out, nil
}

// fittingContacts are the contacts who could be the lead: by an address, a telephone number, or name and company.
func fittingContacts(tx *bbolt.Tx, lead *crm.Person) ([]crm.Candidate, error) {
	out := []crm.Candidate{}
	twins, err := twinsOf(tx, *lead)
	if err != nil {
		return nil, err
	}
	theirs := normalAddresses(lead.Emails)
	for _, p := range twins {
		if p.Kind != crm.Contact {
			continue
		}
		c := crm.Candidate{Kind: string(p.Kind), ID: p.ID, Name: p.Name, Rule: crm.RuleName, Evidence: p.Name}
		for _, phone := range p.Phones {
			if phone.E164 != "" && slices.ContainsFunc(lead.Phones, func(q crm.Phone) bool { return q.E164 == phone.E164 }) {
				c.Rule, c.Evidence = crm.RulePhone, phone.E164
			}
		}
		for _, address := range normalAddresses(p.Emails) {
			if slices.Contains(theirs, address) {
				c.Rule, c.Evidence = crm.RuleAddress, address
				break
			}
		}
		out = append(out, c)
	}
	rank := func(c crm.Candidate) int {
		return slices.Index([]crm.Rule{crm.RuleAddress, crm.RulePhone, crm.RuleName}, c.Rule)
	}
	slices.SortStableFunc(out, func(a, b crm.Candidate) int { return cmp.Compare(rank(a), rank(b)) })
	return out, nil
}
