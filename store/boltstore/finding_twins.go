package boltstore

import (
	"context"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxTwins is how many records a record is compared with at most.
const maxTwins = 20

// Twins gives the people who share an address, a telephone number or a crm.NameKey with a person: candidates for
// crm.ComparePeople, at most 20, those with an address first. Of a contact Company is the name of the account.
// crm.ErrNotFound.
func (s *Store) Twins(ctx context.Context, id string) (out []crm.Person, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		p, err := readPerson(tx, id)
		if err != nil {
			return err
		}
		out, err = twinsOf(tx, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find twins of %s: %w", id, err)
	}
	return out, nil
}

// TwinAccounts gives the accounts that share a domain or a crm.Company.Base with an account; see Twins.
func (s *Store) TwinAccounts(ctx context.Context, id string) (out []crm.Account, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		a, err := readAccount(tx, id)
		if err != nil {
			return err
		}
		out, err = twinAccountsOf(tx, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find twins of %s: %w", id, err)
	}
	return out, nil
}

// twinsOf is Twins for a person who need not be stored.
func twinsOf(tx *bbolt.Tx, p crm.Person) ([]crm.Person, error) {
	ids, err := twinIDs(tx, &p, nil)
	if err != nil {
		return nil, err
	}
	var out []crm.Person
	people := tx.Bucket(bucketPeople)
	for _, id := range ids {
		raw := people.Get(id[:])
		if raw == nil {
			continue // removed in this transaction; its index entries go when the unit is flushed
		}
		other, err := decodePerson(raw)
		if err != nil {
			return nil, err
		}
		if other.AccountID != "" {
			if other.Company, err = companyOf(tx, &other); err != nil {
				return nil, err
			}
		}
		out = append(out, other)
	}
	return out, nil
}

// twinIDs are the keys of twinsOf; of some there may be nobody any more.
func twinIDs(tx *bbolt.Tx, p *crm.Person, names nameKeys) ([]id16, error) {
	company, err := companyOf(tx, p)
	if err != nil {
		return nil, err
	}
	t := twins{tx: tx, self: idOf(p.ID)}
	for _, address := range normalAddresses(p.Emails) {
		t.gather(bucketAddresses, append([]byte(address), 0))
	}
	for _, phone := range p.Phones {
		if phone.E164 != "" && len(phone.E164) <= maxNameKey {
			t.gather(bucketPhones, phonePrefix(phone.E164))
		}
	}
	for _, name := range namesOf(p) {
		if key := names.of(name, company); key != "" {
			t.gather(bucketNames, namePrefix(key))
		}
	}
	return t.ids, nil
}

// twinAccountsOf is TwinAccounts for an account that need not be stored.
func twinAccountsOf(tx *bbolt.Tx, a crm.Account) ([]crm.Account, error) {
	t := twins{tx: tx, self: idOf(a.ID)}
	for _, domain := range normalDomains(a.Domains) {
		t.gather(bucketDomains, append([]byte(domain), 0))
	}
	if base := baseKey(a.Name); base != nil {
		t.gather(bucketAcctBase, base)
	}
	var out []crm.Account
	accounts := tx.Bucket(bucketAccounts)
	for _, id := range t.ids {
		raw := accounts.Get(id[:])
		if raw == nil {
			continue
		}
		other, err := decodeAccount(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, other)
	}
	return out, nil
}

// twins gathers the ids at the end of index entries.
type twins struct {
	tx   *bbolt.Tx
	self id16
	ids  []id16
}

func (t *twins) gather(bucket, prefix []byte) {
	c := t.tx.Bucket(bucket).Cursor()
	for k, _ := c.Seek(prefix); hasPrefix(k, prefix) && len(t.ids) < maxTwins; k, _ = c.Next() {
		if len(k) != len(prefix)+16 {
			continue
		}
		if id := id16(k[len(prefix):]); id != t.self && !slices.Contains(t.ids, id) {
			t.ids = append(t.ids, id)
		}
	}
}
