package boltstore

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// DeclareSources makes the stored sources those of the configuration; see storetest.Sources.
func (s *Store) DeclareSources(ctx context.Context, sources []crm.Source, now time.Time) error {
	err := s.update(ctx, func(u *unit) error {
		declared := map[string]bool{}
		for _, src := range sources {
			declared[src.ID] = true
			if err := u.declare(src, now); err != nil {
				return err
			}
		}
		return u.disableOthers(declared)
	})
	if err != nil {
		return fmt.Errorf("declare sources: %w", err)
	}
	return nil
}

func (u *unit) declare(src crm.Source, now time.Time) error {
	if src.ID == "" {
		return fmt.Errorf("a source has no id")
	}
	st, err := u.source(src.ID)
	if err != nil {
		return err
	}
	if st == nil {
		fresh := crm.Source{ID: src.ID, Kind: src.Kind, Owner: src.Owner, Fingerprint: src.Fingerprint, State: crm.SourceNeverRun, Due: now}
		if src.State == crm.SourceDisabled {
			fresh.State, fresh.Due = crm.SourceDisabled, time.Time{}
		}
		_, err := u.addSource(fresh)
		return err
	}
	c := &st.cur
	changed := c.Fingerprint != src.Fingerprint
	c.Kind, c.Owner, c.Fingerprint = src.Kind, src.Owner, src.Fingerprint
	switch {
	case src.State == crm.SourceDisabled:
		c.State, c.Due, c.woken = crm.SourceDisabled, time.Time{}, time.Time{}
	case c.State == crm.SourceDisabled:
		c.State = crm.SourceNeverRun
		if !c.LastSuccess.IsZero() {
			c.State = crm.SourceOK
		}
		c.wake(now)
	case changed && c.paused():
		c.wake(now)
	case changed && !c.LeaseUntil.IsZero():
		c.woken = now // the pass that is under way may end in a pause because of the old settings
	}
	return nil
}

// paused says that nothing is called until somebody does something.
func (s *source) paused() bool {
	return s.Due.IsZero() || s.State == crm.SourceAuthExpired || s.State == crm.SourceNeedsIT
}

// wake makes a source due, and due again after the pass that may be under way.
func (s *source) wake(now time.Time) {
	s.Due = now
	if !s.LeaseUntil.IsZero() {
		s.woken = now
	}
}

func (u *unit) disableOthers(declared map[string]bool) error {
	var missing []string
	err := u.bucket(bucketSources).ForEach(func(k, _ []byte) error {
		if !declared[string(k)] {
			missing = append(missing, string(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range missing {
		st, err := u.source(id)
		if err != nil {
			return err
		}
		st.cur.State, st.cur.Due, st.cur.woken = crm.SourceDisabled, time.Time{}, time.Time{}
		if !st.cur.LeaseUntil.IsZero() { // what its pass still brings must not be stored: it may be forgotten meanwhile
			st.cur.Epoch++
			st.cur.LeaseUntil = time.Time{}
		}
	}
	return nil
}

// ClaimDue claims the sources that have been due longest and are not leased, at most limit of them.
func (s *Store) ClaimDue(ctx context.Context, now time.Time, lease time.Duration, limit int) (claims []crm.Claim, err error) {
	waiting := false
	err = s.view(ctx, func(tx *bbolt.Tx) error { // mostly there is nothing to do, and nothing to write
		ids, err := dueSources(tx, now, 1)
		waiting = len(ids) > 0
		return err
	})
	if err == nil && waiting {
		err = s.update(ctx, func(u *unit) error {
			claims = nil
			ids, err := dueSources(u.tx, now, limit)
			if err != nil {
				return err
			}
			for _, id := range ids {
				claim, ok, err := u.claim(id, now, lease)
				if err != nil {
					return err
				}
				if ok {
					claims = append(claims, claim)
				}
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("claim what is due: %w", err)
	}
	return claims, nil
}

// dueSources are the ids of the sources that are due longest and not leased, at most limit.
func dueSources(tx *bbolt.Tx, now time.Time, limit int) ([]string, error) {
	var ids []string
	end := timeKey(now)
	cursor := tx.Bucket(bucketDue).Cursor()
	for k, _ := cursor.First(); k != nil && len(ids) < limit && string(k[:8]) <= string(end[:]); k, _ = cursor.Next() {
		src, err := readSource(tx, string(k[8:]))
		if err != nil {
			return nil, err
		}
		if !src.LeaseUntil.After(now) {
			ids = append(ids, src.ID)
		}
	}
	return ids, nil
}

// ClaimSource claims one source whether it is due or not.
func (s *Store) ClaimSource(ctx context.Context, id string, now time.Time, lease time.Duration) (claim crm.Claim, ok bool, err error) {
	err = s.update(ctx, func(u *unit) error {
		var err error
		claim, ok, err = u.claim(id, now, lease)
		return err
	})
	if err != nil {
		return crm.Claim{}, false, fmt.Errorf("claim %s: %w", id, err)
	}
	return claim, ok, nil
}

func (u *unit) claim(id string, now time.Time, lease time.Duration) (crm.Claim, bool, error) {
	st, err := u.source(id)
	if err != nil || st == nil || st.cur.State == crm.SourceDisabled || st.cur.LeaseUntil.After(now) {
		return crm.Claim{}, false, err
	}
	st.cur.Epoch++
	st.cur.LeaseUntil = now.Add(lease)
	st.cur.LastTry, st.cur.woken = now, time.Time{}
	return crm.Claim{Source: st.cur.Source, Until: st.cur.LeaseUntil}, true, nil
}

// Renew pushes the lease's end forward.
func (s *Store) Renew(ctx context.Context, id string, epoch uint64, until time.Time) error {
	return s.updateSource(ctx, "renew the claim of", id, func(c *source) error {
		if c.Epoch != epoch || c.LeaseUntil.IsZero() {
			return crm.ErrFenced
		}
		c.LeaseUntil = until
		return nil
	})
}

// Settle ends a claim.
func (s *Store) Settle(ctx context.Context, t crm.Settlement) error {
	return s.updateSource(ctx, "settle", t.Source, func(c *source) error {
		if c.Epoch != t.Epoch || c.LeaseUntil.IsZero() {
			return crm.ErrFenced
		}
		c.LeaseUntil = time.Time{}
		c.Error, c.Hint = t.Error, t.Hint
		switch {
		case t.Error != "":
			c.Attempts++
			if c.FailingFrom.IsZero() {
				c.FailingFrom = t.At
			}
		default:
			c.Attempts, c.FailingFrom = 0, time.Time{}
		}
		if t.Success {
			c.LastSuccess = t.At
		}
		if c.State == crm.SourceDisabled {
			return nil // it was taken out of the configuration meanwhile
		}
		c.State, c.Due = t.State, t.Due
		if w := c.woken; !w.IsZero() && (c.Due.IsZero() || w.Before(c.Due)) {
			c.Due = w
		}
		c.woken = time.Time{}
		return nil
	})
}

// Wake makes a source due now, also a paused one, but not a disabled one.
func (s *Store) Wake(ctx context.Context, id string, now time.Time) error {
	return s.updateSource(ctx, "wake", id, func(c *source) error {
		if c.State != crm.SourceDisabled {
			c.wake(now)
		}
		return nil
	})
}

// ResetCursor forgets the cursor, so that the source is read anew.
func (s *Store) ResetCursor(ctx context.Context, id string) error {
	return s.updateSource(ctx, "reset the cursor of", id, func(c *source) error {
		c.Cursor, c.Progress = "", crm.Progress{}
		return nil
	})
}

func (s *Store) updateSource(ctx context.Context, what, id string, change func(c *source) error) error {
	err := s.update(ctx, func(u *unit) error {
		st, err := u.source(id)
		if err != nil {
			return err
		}
		if st == nil {
			return crm.ErrNotFound
		}
		return change(&st.cur)
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, id, err)
	}
	return nil
}

// NextDue is when the next unleased source is due, or a lease ends.
func (s *Store) NextDue(ctx context.Context) (next time.Time, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(bucketDue).Cursor()
		for k, _ := cursor.First(); k != nil; k, _ = cursor.Next() {
			src, err := readSource(tx, string(k[8:]))
			if err != nil {
				return err
			}
			at := src.Due
			if src.LeaseUntil.After(at) {
				at = src.LeaseUntil
			}
			if next.IsZero() || at.Before(next) {
				next = at
			}
			if src.LeaseUntil.IsZero() {
				break // whatever follows is due later
			}
		}
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("read the next due time: %w", err)
	}
	return next, nil
}

// ListSources gives all sources, ordered by ID, with their tallies.
func (s *Store) ListSources(ctx context.Context) (out []crm.Source, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketSources).ForEach(func(_, v []byte) error {
			src, err := decodeSource(v)
			out = append(out, src.Source)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	return out, nil
}

// GetSource gives one source.
func (s *Store) GetSource(ctx context.Context, id string) (crm.Source, error) {
	var src source
	err := s.view(ctx, func(tx *bbolt.Tx) (err error) {
		src, err = readSource(tx, id)
		return err
	})
	if err != nil {
		return crm.Source{}, fmt.Errorf("read source %s: %w", id, err)
	}
	return src.Source, nil
}

func readSource(tx *bbolt.Tx, id string) (source, error) {
	raw := tx.Bucket(bucketSources).Get([]byte(id))
	if raw == nil {
		return source{}, crm.ErrNotFound
	}
	return decodeSource(raw)
}
