package boltstore

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

var (
	bucketPersonKey = []byte("personkey") // hash(16) of the external key, id16 → nothing
	bucketAcctKey   = []byte("acctkey")   // the same for accounts
	bucketAcctBase  = []byte("acctbase")  // hash(16) of crm.Company.Base, id16 → nothing
)

// FindPersonByKey gives the person with an external key, or whom the one with it was merged into; of several the one with the
// least ID.
func (s *Store) FindPersonByKey(ctx context.Context, key string) (p crm.Person, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		p, err = personByKey(tx, key)
		return err
	})
	if err != nil {
		return crm.Person{}, fmt.Errorf("find person by key: %w", err)
	}
	return p, nil
}

// FindAccountByKey gives the account with an external key, or the one that it was merged into.
func (s *Store) FindAccountByKey(ctx context.Context, key string) (a crm.Account, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		a, err = accountByKey(tx, key)
		return err
	})
	if err != nil {
		return crm.Account{}, fmt.Errorf("find account by key: %w", err)
	}
	return a, nil
}

func personByKey(tx *bbolt.Tx, key string) (p crm.Person, err error) {
	people := tx.Bucket(bucketPeople)
	err = eachByKey(tx, bucketPersonKey, key, func(id []byte) (bool, error) {
		raw := people.Get(id)
		if raw == nil { // removed a moment ago
			return false, nil
		}
		p, err = decodePerson(raw)
		return err == nil && p.ExternalKey == key, err
	})
	if !errors.Is(err, crm.ErrNotFound) {
		return p, err
	}
	id, err := joinedByKey(tx, crm.MergePeople, key)
	if err != nil {
		return crm.Person{}, err
	}
	return readPerson(tx, id)
}

func accountByKey(tx *bbolt.Tx, key string) (a crm.Account, err error) {
	accounts := tx.Bucket(bucketAccounts)
	err = eachByKey(tx, bucketAcctKey, key, func(id []byte) (bool, error) {
		raw := accounts.Get(id)
		if raw == nil {
			return false, nil
		}
		a, err = decodeAccount(raw)
		return err == nil && a.ExternalKey == key, err
	})
	if !errors.Is(err, crm.ErrNotFound) {
		return a, err
	}
	id, err := joinedByKey(tx, crm.MergeAccounts, key)
	if err != nil {
		return crm.Account{}, err
	}
	return readAccount(tx, id)
}

// eachByKey calls found with the ids under a key until it returns true; crm.ErrNotFound if it never does.
func eachByKey(tx *bbolt.Tx, bucket []byte, key string, found func(id []byte) (bool, error)) error {
	prefix := keyHash(key)
	if prefix == nil {
		return crm.ErrNotFound
	}
	c := tx.Bucket(bucket).Cursor()
	for k, _ := c.Seek(prefix); hasPrefix(k, prefix); k, _ = c.Next() {
		if ok, err := found(k[len(prefix):]); ok || err != nil {
			return err
		}
	}
	return crm.ErrNotFound
}

// keyHash is what an external key is found by: it can be of any length. Nil for none.
func keyHash(key string) []byte {
	if key == "" {
		return nil
	}
	return namePrefix("external\x00" + key)
}

// baseKey is what accounts of alike names are found by; nil for a name that says nothing.
func baseKey(name string) []byte {
	if crm.CompanyKey(name) == "" {
		return nil
	}
	base := crm.NormalizeCompany(name).Base
	if base == "" {
		return nil
	}
	return namePrefix("base\x00" + base)
}

func personFindKeys(p *crm.Person) []change {
	if p == nil || p.ExternalKey == "" {
		return nil
	}
	id := idOf(p.ID)
	return []change{entry(bucketPersonKey, append(keyHash(p.ExternalKey), id[:]...), nothing)}
}

func accountFindKeys(a *crm.Account) []change {
	if a == nil {
		return nil
	}
	id := idOf(a.ID)
	var out []change
	if key := keyHash(a.ExternalKey); key != nil {
		out = append(out, entry(bucketAcctKey, append(key, id[:]...), nothing))
	}
	if base := baseKey(a.Name); base != nil {
		out = append(out, entry(bucketAcctBase, append(base, id[:]...), nothing))
	}
	return out
}
