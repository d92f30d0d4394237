package boltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxSessions bounds how many sessions are listed.
const maxSessions = 20_000

// ListSessions gives the sessions that are not expired, in no order that means anything. There are as many as people
// signed in within the time that a session lasts.
func (s *Store) ListSessions(ctx context.Context, now time.Time) (out []crm.StoredSession, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(bucketSessions).Cursor()
		for k, v := cursor.First(); k != nil && len(out) < maxSessions; k, v = cursor.Next() {
			if len(v) < 8 || !keyTime(v).After(now) {
				continue
			}
			out = append(out, crm.StoredSession{Key: string(k), Data: append([]byte{}, v[8:]...), Expiry: keyTime(v)})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return out, nil
}

// TouchSession replaces the data of a session that goes on. crm.ErrNotFound if it has ended: it does not begin again.
func (s *Store) TouchSession(ctx context.Context, id string, data []byte) error {
	err := s.update(ctx, func(u *unit) error {
		key := sessionKey(id)
		raw := u.bucket(bucketSessions).Get(key)
		if len(raw) < 8 {
			return crm.ErrNotFound
		}
		value := append(append([]byte{}, raw[:8]...), data...)
		return u.put(bucketSessions, key, value)
	})
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}

// EndSessions ends sessions by their StoredSession.Key and audits that as something done to an object, such as
// "user/sato@example.co.jp". Those that ended already are left out.
func (s *Store) EndSessions(ctx context.Context, actor, object string, keys []string) error {
	if object == "" {
		return errors.New("end sessions: it is not said whose they are")
	}
	err := s.update(ctx, func(u *unit) error {
		ended := 0
		for _, key := range keys {
			if u.bucket(bucketSessions).Get([]byte(key)) == nil {
				continue
			}
			if err := u.delete(bucketSessions, []byte(key)); err != nil {
				return err
			}
			ended++
		}
		if ended == 0 {
			return nil
		}
		return u.audit(crm.AuditRecord{Actor: actor, Action: "end session", Object: object, Before: fmt.Sprintf(`{"sessions":%d}`, ended)})
	})
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}
