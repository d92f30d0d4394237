package boltstore

import (
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The external key of who was merged into another leads to the winner from then on: what an import says of the one it
// says of the other.
var bucketJoinedKeys = []byte("joinedkeys") // kind of the merge (first byte), hash(16) of the loser's external key, id16 of the loser → nothing

// keyOfLoser is the external key of the record that a merge keeps.
func (m *merge) keyOfLoser() string {
	switch {
	case m.Person != nil:
		return m.Person.ExternalKey
	case m.Account != nil:
		return m.Account.ExternalKey
	}
	return ""
}

func joinedKeyPrefix(kind crm.MergeKind, key string) []byte {
	hash := keyHash(key)
	if hash == nil {
		return nil
	}
	return append([]byte{kind[0]}, hash...)
}

// keepKey makes the loser's external key lead to the winner.
func (u *unit) keepKey(m *merge) error {
	prefix := joinedKeyPrefix(m.Kind, m.keyOfLoser())
	if prefix == nil {
		return nil
	}
	id := idOf(m.Loser)
	return u.put(bucketJoinedKeys, append(prefix, id[:]...), nothing)
}

// dropKey takes that back.
func (u *unit) dropKey(m *merge) error {
	prefix := joinedKeyPrefix(m.Kind, m.keyOfLoser())
	if prefix == nil {
		return nil
	}
	id := idOf(m.Loser)
	return u.delete(bucketJoinedKeys, append(prefix, id[:]...))
}

// joinedByKey is the id of the record into which the one with an external key was merged; crm.ErrNotFound.
func joinedByKey(tx *bbolt.Tx, kind crm.MergeKind, key string) (string, error) {
	prefix := joinedKeyPrefix(kind, key)
	if prefix == nil {
		return "", crm.ErrNotFound
	}
	c := tx.Bucket(bucketJoinedKeys).Cursor()
	for k, _ := c.Seek(prefix); hasPrefix(k, prefix); k, _ = c.Next() {
		raw := tx.Bucket(bucketJoinedInto).Get(k[len(prefix):])
		if raw == nil {
			continue
		}
		sign, err := decodeSign(raw)
		if err != nil {
			return "", err
		}
		m, err := merges().read(tx, sign.merge)
		if err != nil {
			return "", err
		}
		if m.keyOfLoser() == key {
			return nowCalled(tx, sign.winner)
		}
	}
	return "", crm.ErrNotFound
}

// keyGuard holds that an external key is of one record only, among those of a save too.
type keyGuard struct {
	kind  crm.MergeKind
	find  func(tx *bbolt.Tx, key string) (id string, err error)
	has   func(tx *bbolt.Tx, id string) (key string, err error) // the key that a record has
	saved map[string]string                                     // key → id of the record that has it by this save
}

func personKeyGuard() *keyGuard {
	return &keyGuard{kind: crm.MergePeople, saved: map[string]string{}, find: func(tx *bbolt.Tx, key string) (string, error) {
		p, err := personByKey(tx, key)
		return p.ID, err
	}, has: func(tx *bbolt.Tx, id string) (string, error) {
		p, err := readPerson(tx, id)
		return p.ExternalKey, err
	}}
}

func accountKeyGuard() *keyGuard {
	return &keyGuard{kind: crm.MergeAccounts, saved: map[string]string{}, find: func(tx *bbolt.Tx, key string) (string, error) {
		a, err := accountByKey(tx, key)
		return a.ID, err
	}, has: func(tx *bbolt.Tx, id string) (string, error) {
		a, err := readAccount(tx, id)
		return a.ExternalKey, err
	}}
}

// claim refuses a key that is another record's, unless the record has it already.
func (g *keyGuard) claim(u *unit, id, key string) error {
	if key == "" {
		return nil
	}
	if has, err := g.has(u.tx, id); has == key || err != nil && !errors.Is(err, crm.ErrNotFound) {
		return err
	}
	owner, saved := g.saved[key]
	if !saved {
		var err error
		if owner, err = g.find(u.tx, key); err != nil && !errors.Is(err, crm.ErrNotFound) {
			return err
		}
	}
	if owner != "" && owner != id {
		return fmt.Errorf("%w: the external key %q is that of %s (%s); one record only can have it", crm.ErrRefused, key, u.called(g.kind, owner), owner)
	}
	g.saved[key] = id
	return nil
}
