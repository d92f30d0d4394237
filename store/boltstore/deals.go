package boltstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func opportunities() recordKind[crm.Opportunity] {
	return recordKind[crm.Opportunity]{bucket: bucketOpportunities, what: "opportunity",
		id: func(o *crm.Opportunity) string { return o.ID }, lines: opportunityLines}
}

func opportunityLines(o *crm.Opportunity) []change {
	state := byte(stateOpen)
	if o.Ends != "" {
		state = stateClosed
	}
	return recordLines(lineOpportunities, state, dayOrder(o.Expected), idOf(o.ID), nothing, dealScopes(o.Owner, o.Account, o.Lead, o.Contacts)...)
}

// dealScopes are whom a deal is about: the account, the contacts, the lead that it began with, and the owner.
func dealScopes(owner, account, lead string, contacts []string) []id16 {
	out := []id16{idOf(account), ownerScope(owner)}
	for _, id := range append(slices.Clone(contacts), lead) {
		if id != "" {
			out = append(out, idOf(id))
		}
	}
	return out
}

// SaveOpportunity inserts or replaces an opportunity, and makes its contract follow; see storetest.Records.
func (s *Store) SaveOpportunity(ctx context.Context, actor string, o crm.Opportunity) (out crm.Opportunity, err error) {
	err = s.update(ctx, func(u *unit) error {
		out, err = u.saveOpportunity(actor, o)
		return err
	})
	if err != nil {
		return crm.Opportunity{}, fmt.Errorf("save opportunity %s: %w", o.ID, err)
	}
	return out, nil
}

func (u *unit) saveOpportunity(actor string, o crm.Opportunity) (crm.Opportunity, error) {
	if o.ID == "" {
		return o, errors.New("it has no id")
	}
	if err := crm.Refuse("opportunity", crm.CheckOpportunity(&o)); err != nil {
		return o, err
	}
	if err := u.accountStands(o.Account); err != nil {
		return o, err
	}
	before, err := opportunities().find(u.tx, o.ID)
	if err != nil {
		return o, err
	}
	at := o.Updated
	if at.IsZero() || before != nil && !at.After(before.Updated) {
		at = u.s.now()
	}
	if before != nil {
		at = versionAfter(before.Updated, at)
	}
	o = crm.NextOpportunity(before, o, actor, at, u.s.loc)
	if err := u.followContract(actor, before, &o); err != nil {
		return o, err
	}
	return o, u.putOpportunity(actor, before, &o)
}

// accountStands is crm.ErrNotFound if there is no such account.
func (u *unit) accountStands(id string) error {
	key := idOf(id)
	if u.bucket(bucketAccounts).Get(key[:]) == nil {
		return fmt.Errorf("account %s: %w", id, crm.ErrNotFound)
	}
	return nil
}

// putOpportunity stores an opportunity as it is, with all that follows, audited; before or after is nil for one that was
// not or is no more.
func (u *unit) putOpportunity(actor string, before, after *crm.Opportunity) error {
	if err := u.storeOpportunity(before, after); err != nil {
		return err
	}
	id := opportunities().idOf(before, after)
	return u.auditChange(actor, "opportunity", id, before, after)
}

// storeOpportunity is putOpportunity without the audit.
func (u *unit) storeOpportunity(before, after *crm.Opportunity) error {
	var facts [2][]crm.Fact
	for i, o := range []*crm.Opportunity{before, after} {
		if o != nil {
			facts[i] = crm.OpportunityFacts(o, u.s.loc)
			u.markRecords(append([]string{o.Account, o.Lead}, o.Contacts...)...)
		}
	}
	u.countRecord(facts[0], facts[1])
	u.listFacts(countedDeal, idOf(opportunities().idOf(before, after)), facts[0], facts[1])
	return opportunities().put(u, before, after)
}

// GetOpportunity gives an opportunity by ID.
func (s *Store) GetOpportunity(ctx context.Context, id string) (crm.Opportunity, error) {
	return getRecord(ctx, s, opportunities(), id)
}

func getRecord[T any](ctx context.Context, s *Store, k recordKind[T], id string) (out T, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, err = k.read(tx, id)
		return err
	})
	if err != nil {
		var zero T
		return zero, fmt.Errorf("read %s %s: %w", k.what, id, err)
	}
	return out, nil
}

// DeleteOpportunity removes an opportunity that has no contract.
func (s *Store) DeleteOpportunity(ctx context.Context, actor, id string) error {
	err := s.update(ctx, func(u *unit) error { return u.deleteOpportunity(actor, id) })
	if err != nil {
		return fmt.Errorf("delete opportunity %s: %w", id, err)
	}
	return nil
}

func (u *unit) deleteOpportunity(actor, id string) error {
	before, err := opportunities().read(u.tx, id)
	if err != nil {
		return err
	}
	c, err := contracts().find(u.tx, before.Contract)
	if err != nil {
		return err
	}
	if before.Contract != "" && c != nil {
		return fmt.Errorf("%w: it made the contract %q, which has to be removed first", crm.ErrRefused, c.Name)
	}
	return u.putOpportunity(actor, &before, nil)
}

// ListOpportunities gives a page of opportunities by expected close, those without one last, then ID.
func (s *Store) ListOpportunities(ctx context.Context, f crm.DealFilter) (out []crm.Opportunity, next string, err error) {
	q := dealQuery(lineOpportunities, f)
	fits := func(o *crm.Opportunity, _ []byte) bool {
		return (f.Stage == "" || o.Stage == f.Stage) && fitsDeal(f, o.Owner, o.Account, append(slices.Clone(o.Contacts), o.Lead)) &&
			(f.Since == "" || o.Expected != "")
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, next, err = readLines(tx, opportunities(), q, fits)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list opportunities: %w", err)
	}
	return out, next, nil
}

// dealQuery walks over the line that the filter narrows most.
func dealQuery(line byte, f crm.DealFilter) lineQuery {
	q := lineQuery{line: line, states: []byte{stateOpen, stateClosed}, after: f.After, limit: f.Limit}
	if f.Open {
		q.states = q.states[:1]
	}
	switch {
	case f.Person != "":
		q.scope = idOf(f.Person)
	case f.Account != "":
		q.scope = idOf(f.Account)
	case f.Owner != "":
		q.scope = ownerScope(f.Owner)
	}
	if f.Since != "" {
		q.since = []byte(f.Since)
	}
	if f.Until != "" {
		q.until = []byte(f.Until)
	}
	return q
}

func fitsDeal(f crm.DealFilter, owner, account string, people []string) bool {
	return (f.Owner == "" || f.Owner == owner) && (f.Account == "" || f.Account == account) &&
		(f.Person == "" || slices.Contains(people, f.Person))
}
