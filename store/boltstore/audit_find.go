package boltstore

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// auditScan is how many audit records one page looks at. A search that finds fewer rows than asked for within them gives
// what it found, and the place to go on from.
const auditScan = 20_000

// FindAudit gives a page of the audit records that a filter chooses, newest first.
func (s *Store) FindAudit(ctx context.Context, f crm.AuditFilter) (out []crm.AuditRecord, next string, err error) {
	limit := atMost(f.Limit)
	words := strings.Fields(crm.Fold(f.Query))
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		stop := auditStop(f)
		cursor := tx.Bucket(bucketAudit).Cursor()
		last, scanned := "", 0
		for k, v := before(cursor, stop); k != nil; k, v = cursor.Prev() {
			if len(k) < 8 || !f.Since.IsZero() && keyTime(k).Before(f.Since) {
				return nil
			}
			if len(out) == limit || scanned == auditScan {
				next = last
				return nil
			}
			if scanned++; scanned%256 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			r, err := decodeAudit(v)
			if err != nil {
				return err
			}
			last = hex.EncodeToString(k)
			if auditMatches(&r, &f, words) {
				out = append(out, r)
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("find audit records: %w", err)
	}
	return out, next, nil
}

// auditStop is the key before which a page begins; nil for the newest.
func auditStop(f crm.AuditFilter) []byte {
	if key, err := hex.DecodeString(f.After); err == nil && len(key) == 16 {
		return key
	}
	if f.Until.IsZero() {
		return nil
	}
	bound := timeKey(f.Until)
	return bound[:]
}

func auditMatches(r *crm.AuditRecord, f *crm.AuditFilter, words []string) bool {
	switch {
	case f.Actor != "" && r.Actor != f.Actor,
		!strings.HasPrefix(r.Action, f.Action),
		!strings.HasPrefix(r.Object, f.Object):
		return false
	case len(words) == 0:
		return true
	}
	text := crm.Fold(strings.Join([]string{r.Actor, r.Action, r.Object, r.Before, r.After}, "\x00"))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
