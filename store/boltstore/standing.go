package boltstore

import (
	"bytes"
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// GetStanding gives the standing of a person or account; see storetest.Life.
func (s *Store) GetStanding(ctx context.Context, id string) (st crm.Standing, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		key := idOf(id)
		found, _, err := readStanding(tx, key)
		if err == nil && found == nil {
			return crm.ErrNotFound
		}
		if err == nil {
			st = *found
		}
		return err
	})
	if err != nil {
		return crm.Standing{}, fmt.Errorf("read standing of %s: %w", id, err)
	}
	return st, nil
}

// readStanding gives nil if there is none.
func readStanding(tx *bbolt.Tx, key id16) (*crm.Standing, []byte, error) {
	raw := tx.Bucket(bucketStandings).Get(key[:])
	if raw == nil {
		return nil, nil, nil
	}
	st, err := decodeStanding(raw)
	return &st, raw, err
}

// setStanding puts a standing in the place of the old one; nil removes. The lists follow if it is a person's, whose owner was
// and is whom.
func (u *unit) setStanding(key id16, was, is string, st *crm.Standing, person bool) error {
	old, raw, err := readStanding(u.tx, key)
	if err != nil || old == nil && st == nil {
		return err
	}
	if person {
		u.reindex(listKeys(key, was, old), listKeys(key, is, st))
		u.countLists(was, old, -1)
		u.countLists(is, st, 1)
	}
	u.reindex(lookKeys(key, old), lookKeys(key, st))
	if st == nil {
		delete(u.life.origins, key)
		return u.delete(bucketStandings, key[:])
	}
	fresh := encodeStanding(st)
	if bytes.Equal(fresh, raw) {
		return nil
	}
	delete(u.life.origins, key)
	return u.put(bucketStandings, u.arena.copy(key[:]), fresh)
}

// relist moves somebody from the lists of one owner to those of another.
func (u *unit) relist(key id16, was, is string) error {
	st, _, err := readStanding(u.tx, key)
	if err != nil || st == nil {
		return err
	}
	u.reindex(listKeys(key, was, st), listKeys(key, is, st))
	u.countLists(was, st, -1)
	u.countLists(is, st, 1)
	return nil
}

// lookKeys are the entries by which a standing is found that time alone changes.
func lookKeys(key id16, st *crm.Standing) []change {
	if st == nil || st.Look.IsZero() {
		return nil
	}
	when := timeKey(st.Look)
	return []change{entry(bucketLooks, append(when[:], key[:]...), nothing)}
}
