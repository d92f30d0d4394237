package boltstore

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// FactsOf gives what is counted of a person; see storetest.Life.
func (s *Store) FactsOf(ctx context.Context, id string) (out []crm.Fact, err error) {
	person := idOf(id)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(bucketFacts).Cursor()
		for k, v := cursor.Seek(person[:]); hasPrefix(k, person[:]); k, v = cursor.Next() {
			month, err := decodeFacts(v)
			if err != nil {
				return err
			}
			out = append(out, month...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read facts of %s: %w", id, err)
	}
	return out, nil
}

// lookAgain changes nothing of somebody but when they are looked at again.
func (u *unit) lookAgain(key id16, at time.Time) error {
	st, _, err := readStanding(u.tx, key)
	if err != nil || st == nil {
		return err
	}
	later := *st
	later.Look = at
	u.reindex(lookKeys(key, st), lookKeys(key, &later))
	return u.put(bucketStandings, u.arena.copy(key[:]), encodeStanding(&later))
}
