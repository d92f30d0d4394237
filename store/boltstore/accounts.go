package boltstore

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// GetAccount gives an account by ID.
func (s *Store) GetAccount(ctx context.Context, id string) (a crm.Account, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		a, err = readAccount(tx, id)
		return err
	})
	if err != nil {
		return crm.Account{}, fmt.Errorf("read account %s: %w", id, err)
	}
	return a, nil
}

func readAccount(tx *bbolt.Tx, id string) (crm.Account, error) {
	key := idOf(id)
	raw := tx.Bucket(bucketAccounts).Get(key[:])
	if raw == nil {
		return crm.Account{}, crm.ErrNotFound
	}
	return decodeAccount(raw)
}

// SaveAccounts inserts or replaces accounts; see storetest.People.
func (s *Store) SaveAccounts(ctx context.Context, actor string, accounts []crm.Account) error {
	for _, a := range accounts {
		if a.ID == "" {
			return errors.New("save accounts: an account has no id")
		}
	}
	err := s.update(ctx, func(u *unit) error { return u.saveAccounts(actor, accounts) })
	if err != nil {
		return fmt.Errorf("save accounts: %w", err)
	}
	return nil
}

func (u *unit) saveAccounts(actor string, accounts []crm.Account) error {
	keys := accountKeyGuard()
	for _, a := range accounts {
		if err := keys.claim(u, a.ID, a.ExternalKey); err != nil {
			return err
		}
		before, err := u.saveAccount(a)
		if err != nil {
			return err
		}
		if len(accounts) > auditEach {
			continue
		}
		if err := u.auditChange(actor, "account", a.ID, before, &a); err != nil {
			return err
		}
	}
	if len(accounts) > auditEach {
		if err := u.audit(crm.AuditRecord{Actor: actor, Action: "save accounts", Object: fmt.Sprintf("%d accounts", len(accounts))}); err != nil {
			return err
		}
	}
	if len(accounts) == 0 {
		return nil
	}
	return u.advance()
}

// saveAccount stores an account with its indexes and queues late work for new domains.
func (u *unit) saveAccount(a crm.Account) (before *crm.Account, err error) {
	key := idOf(a.ID)
	old, err := readAccount(u.tx, a.ID)
	switch {
	case err == nil:
		before = &old
	case !errors.Is(err, crm.ErrNotFound):
		return nil, err
	default:
		if err := u.unsigned(crm.MergeAccounts, a.ID); err != nil {
			return nil, err
		}
		if err := u.metaAdd(metaAccounts, 1); err != nil {
			return nil, err
		}
	}
	if err := u.checkParent(before, &a); err != nil {
		return nil, err
	}
	if err := u.put(bucketAccounts, key[:], encodeAccount(a)); err != nil {
		return nil, err
	}
	u.reindex(accountKeys(before), accountKeys(&a))
	if err := u.searchAccount(before, &a); err != nil {
		return nil, err
	}
	if err := u.accountChanged(before, &a); err != nil {
		return nil, err
	}
	if before == nil || before.Name != a.Name {
		if err := u.renameCompany(before, a); err != nil {
			return nil, err
		}
	}
	now := normalDomains(a.Domains)
	if before != nil {
		now = without(now, normalDomains(before.Domains))
	}
	for _, domain := range now {
		if err := u.queueDomain(domain); err != nil {
			return nil, err
		}
	}
	return before, nil
}

// accountKeys are all index entries of an account; none if a is nil.
func accountKeys(a *crm.Account) []change {
	if a == nil {
		return nil
	}
	id := idOf(a.ID)
	out := []change{entry(bucketAcctName, nameKey(a.Name, id), append([]byte{}, accountText(*a)...))}
	seen := map[string]bool{}
	for _, domain := range normalDomains(a.Domains) {
		if seen[domain] {
			continue
		}
		seen[domain] = true
		ref := crm.AccountRef{ID: a.ID, Name: a.Name, Domain: domain}
		out = append(out, entry(bucketDomains, append(append([]byte(domain), 0), id[:]...), encodeAccountRef(ref)))
	}
	return out
}

func normalDomains(domains []string) []string {
	var out []string
	for _, d := range domains {
		if domain, ok := crm.NormalizeDomain(d); ok {
			out = append(out, domain)
		}
	}
	return out
}
