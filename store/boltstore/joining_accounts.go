package boltstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// DeleteAccount removes an account to which nothing belongs: crm.ErrRefused while it has members, subsidiaries,
// opportunities, contracts or tasks, or others are part of it by merges that could be undone. Activities lose it, and wait for its domains. crm.ErrNotFound.
func (s *Store) DeleteAccount(ctx context.Context, actor, id string) error {
	err := s.update(ctx, func(u *unit) error {
		a, err := readAccount(u.tx, id)
		if err != nil {
			return err
		}
		hangs, err := u.hangsOn(id)
		if err != nil {
			return err
		}
		if hangs != "" {
			return fmt.Errorf("%w: it still has %s", crm.ErrRefused, hangs)
		}
		if err := u.unjoined(id); err != nil {
			return err
		}
		if err := u.removeAccount(a); err != nil {
			return err
		}
		return u.auditChange(actor, "account", id, &a, (*crm.Account)(nil))
	})
	if err != nil {
		return fmt.Errorf("delete account %s: %w", id, err)
	}
	return nil
}

// removeAccount takes an account out of everything. Its members and subsidiaries must have gone elsewhere.
func (u *unit) removeAccount(a crm.Account) error {
	key := idOf(a.ID)
	if err := u.delete(bucketAccounts, key[:]); err != nil {
		return err
	}
	u.reindex(accountKeys(&a), nil)
	if err := u.searchAccount(&a, nil); err != nil {
		return err
	}
	if err := u.accountChanged(&a, nil); err != nil {
		return err
	}
	if err := u.metaAdd(metaAccounts, -1); err != nil {
		return err
	}
	domains := normalDomains(a.Domains)
	err := u.eachOfPerson(a.ID, func(st *actState) error {
		st.cur.Accounts = slices.DeleteFunc(slices.Clone(st.cur.Accounts), func(id string) bool { return id == a.ID })
		var unknown []string
		for _, p := range st.cur.People {
			address, ok := crm.NormalizeAddress(p.Address)
			if ok && p.ID == "" && !p.Internal && domainAmong([]string{crm.AddressDomain(address)}, domains) != "" {
				unknown = append(unknown, address)
			}
		}
		return u.awaitParticipants(st, unknown)
	})
	if err != nil {
		return err
	}
	return u.advance()
}

// hangsOn says what belongs to an account, in a word; "" if nothing does.
func (u *unit) hangsOn(id string) (string, error) {
	for _, known := range []struct {
		bucket []byte
		what   string
	}{{bucketMembers, "members"}, {bucketSubsidiaries, "subsidiaries"}} {
		list, err := u.under(known.bucket, id)
		if err != nil || len(list) > 0 {
			return known.what, err
		}
	}
	for _, known := range []struct {
		line byte
		what string
	}{{lineOpportunities, "opportunities"}, {lineContracts, "contracts"}, {lineTasks, "tasks"}} {
		list, err := u.recordsOf(known.line, id)
		if err != nil || len(list) > 0 {
			return known.what, err
		}
	}
	return "", nil
}
