package boltstore

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func contracts() recordKind[crm.Contract] {
	return recordKind[crm.Contract]{bucket: bucketContracts, what: "contract",
		id: func(c *crm.Contract) string { return c.ID }, lines: contractLines}
}

func contractLines(c *crm.Contract) []change {
	state := byte(stateOpen)
	if !c.Open() {
		state = stateClosed
	}
	return recordLines(lineContracts, state, dayOrder(c.End), idOf(c.ID), []byte(c.NoticeDay()), dealScopes(c.Owner, c.Account, "", c.Contacts)...)
}

// followContract makes, carries on or takes back the contract of an opportunity that is about to be stored.
func (u *unit) followContract(actor string, before, after *crm.Opportunity) error {
	at := after.Updated
	if after.Contract == "" {
		if !after.MakesContract() {
			return nil
		}
		fresh := crm.ContractOf(after, at)
		after.Contract = fresh.ID
		old, err := contracts().find(u.tx, fresh.ID)
		if err != nil || old != nil {
			return err
		}
		return u.putContract(actor, nil, &fresh)
	}
	c, err := contracts().find(u.tx, after.Contract)
	if err != nil || c == nil {
		return err // somebody removed it: it is not made again
	}
	if after.Won() {
		fresh, changed := crm.CarryContract(*c, before, after, at)
		if !changed {
			return nil
		}
		return u.putContract(actor, c, &fresh)
	}
	if before.Won() && crm.ContractUntouched(*c, before) {
		after.Contract = ""
		return u.putContract(actor, c, nil)
	}
	return nil
}

// SaveContract inserts or replaces a contract.
func (s *Store) SaveContract(ctx context.Context, actor string, c crm.Contract) (out crm.Contract, err error) {
	err = s.update(ctx, func(u *unit) error {
		out, err = u.saveContract(actor, c)
		return err
	})
	if err != nil {
		return crm.Contract{}, fmt.Errorf("save contract %s: %w", c.ID, err)
	}
	return out, nil
}

func (u *unit) saveContract(actor string, c crm.Contract) (crm.Contract, error) {
	if c.ID == "" {
		return c, errors.New("it has no id")
	}
	if err := crm.Refuse("contract", crm.CheckContract(&c)); err != nil {
		return c, err
	}
	if err := u.accountStands(c.Account); err != nil {
		return c, err
	}
	before, err := contracts().find(u.tx, c.ID)
	if err != nil {
		return c, err
	}
	at := u.s.now()
	if before != nil {
		at = versionAfter(before.Updated, at)
	}
	c = crm.NextContract(before, c, at)
	return c, u.putContract(actor, before, &c)
}

// putContract is putOpportunity for contracts.
func (u *unit) putContract(actor string, before, after *crm.Contract) error {
	if err := u.storeContract(before, after); err != nil {
		return err
	}
	id := contracts().idOf(before, after)
	return u.auditChange(actor, "contract", id, before, after)
}

// storeContract is putContract without the audit.
func (u *unit) storeContract(before, after *crm.Contract) error {
	for _, c := range []*crm.Contract{before, after} {
		if c != nil {
			u.markRecords(append([]string{c.Account}, c.Contacts...)...)
		}
	}
	return contracts().put(u, before, after)
}

// GetContract gives a contract by ID.
func (s *Store) GetContract(ctx context.Context, id string) (crm.Contract, error) {
	return getRecord(ctx, s, contracts(), id)
}

// DeleteContract removes a contract. The opportunity that made it does not make it again.
func (s *Store) DeleteContract(ctx context.Context, actor, id string) error {
	err := s.update(ctx, func(u *unit) error {
		before, err := contracts().read(u.tx, id)
		if err != nil {
			return err
		}
		return u.putContract(actor, &before, nil)
	})
	if err != nil {
		return fmt.Errorf("delete contract %s: %w", id, err)
	}
	return nil
}

// ListContracts gives a page of contracts by end, those without one last, then ID.
func (s *Store) ListContracts(ctx context.Context, f crm.DealFilter) (out []crm.Contract, next string, err error) {
	q := dealQuery(lineContracts, f)
	fits := func(c *crm.Contract, _ []byte) bool { return fitsDeal(f, c.Owner, c.Account, c.Contacts) }
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, next, err = readLines(tx, contracts(), q, fits)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list contracts: %w", err)
	}
	return out, next, nil
}

// ListNotices gives a page of the open contracts whose day of notice is today or before, by end. The day stands in the index, so that
// only those that are listed are read.
func (s *Store) ListNotices(ctx context.Context, today, after string, limit int) (out []crm.Contract, next string, err error) {
	limit = atMost(limit)
	q := lineQuery{line: lineContracts, states: []byte{stateOpen}, until: []byte("9999-99-99"), after: after, limit: limit}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		next, err = q.walk(tx, func(id, day []byte) (bool, error) {
			if len(day) == 0 || string(day) > today {
				return false, nil
			}
			if len(out) == limit {
				return true, nil
			}
			c, err := contracts().readKey(tx, id)
			out = append(out, c)
			return true, err
		})
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list notices: %w", err)
	}
	return out, next, nil
}
