package boltstore

import (
	"context"
	"encoding/hex"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// GetChange gives one change; see storetest.Life.
func (s *Store) GetChange(ctx context.Context, id string) (c crm.Change, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		c, err = changeByID(tx, id)
		return err
	})
	if err != nil {
		return crm.Change{}, fmt.Errorf("get change %s: %w", id, err)
	}
	return c, nil
}

// ListSubsidiaries gives the accounts right below another, ordered by ID; see storetest.Life.
func (s *Store) ListSubsidiaries(ctx context.Context, id, after string, limit int) (out []crm.Account, next string, err error) {
	limit = atMost(limit)
	top := idOf(id)
	start := top[:]
	if place, err := hex.DecodeString(after); err == nil && len(place) == 16 {
		start = append(append(start, place...), 0)
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor, last := tx.Bucket(bucketSubsidiaries).Cursor(), ""
		for k, _ := cursor.Seek(start); hasPrefix(k, top[:]) && len(k) == 32; k, _ = cursor.Next() {
			if len(out) == limit {
				next = last
				return nil
			}
			a, err := decodeAccount(tx.Bucket(bucketAccounts).Get(k[16:]))
			if err != nil {
				return err
			}
			out, last = append(out, a), hex.EncodeToString(k[16:])
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("list subsidiaries: %w", err)
	}
	return out, next, nil
}
