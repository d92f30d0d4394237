package boltstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// EachActivity calls fn with every activity in the order they were first stored. It holds no transaction
// while fn runs. The cursor returned goes on after the last activity fn was called with, unless fn returned
// an error other than crm.ErrStop: then that activity comes again.
func (s *Store) EachActivity(ctx context.Context, after string, fn func(crm.Activity) error) (string, error) {
	const chunk = 200
	var done uint64
	if after != "" {
		n, err := strconv.ParseUint(after, 16, 64)
		if err != nil {
			return "", fmt.Errorf("walk activities: cursor %q: %w", after, err)
		}
		done = n
	}
	for {
		list, seqs, err := s.activitiesAfter(ctx, done, chunk)
		if err != nil {
			return "", fmt.Errorf("walk activities: %w", err)
		}
		for i, a := range list {
			err := fn(a)
			stop := errors.Is(err, crm.ErrStop)
			if err != nil && !stop {
				return strconv.FormatUint(done, 16), err
			}
			done = seqs[i]
			if stop {
				return strconv.FormatUint(done, 16), nil
			}
		}
		if len(list) < chunk {
			return "", nil
		}
	}
}

func (s *Store) activitiesAfter(ctx context.Context, done uint64, limit int) (out []crm.Activity, seqs []uint64, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(bucketActivities).Cursor()
		for k, v := cursor.Seek(u64(done + 1)); k != nil && len(out) < limit; k, v = cursor.Next() {
			a, err := decodeActivity(v, false)
			if err != nil {
				return err
			}
			out, seqs = append(out, a.Activity), append(seqs, getU64(k))
		}
		return nil
	})
	return out, seqs, err
}

// ExcludeRows makes ledger rows excluded, and scrubs what they leave; see storetest.Upkeep. Rows that are
// not there are passed over.
func (s *Store) ExcludeRows(ctx context.Context, actor string, refs []crm.ItemRef, reason crm.Reason, now time.Time) error {
	if len(refs) == 0 {
		return nil
	}
	err := s.update(ctx, func(u *unit) error {
		n := 0
		for _, ref := range refs {
			st, err := u.rowOf(ref.Source, ref.ExternalID)
			if err != nil {
				return err
			}
			if st == nil || st.cur == nil {
				continue
			}
			n++
			if err := u.exclude(st, ref.Source, reason); err != nil {
				return err
			}
		}
		return u.audit(crm.AuditRecord{At: now, Actor: actor, Action: "exclude items",
			Object: fmt.Sprintf("%d items", n), After: string(reason)})
	})
	if err == nil {
		err = s.Scrub(ctx)
	}
	if err != nil {
		return fmt.Errorf("exclude rows: %w", err)
	}
	return nil
}

// exclude turns a row into an excluded one, which has no content anywhere.
func (u *unit) exclude(st *rowState, sourceID string, reason crm.Reason) error {
	was := *st.cur
	fresh := row{src: was.src, entry: was.entry}
	e := &fresh.entry
	e.Verdict, e.Reason, e.Activity, e.Attempts, e.NextTry = crm.Excluded, reason, "", 0, time.Time{}
	st.cur = &fresh
	if was.entry.Activity != "" {
		if err := u.unobserve(was.entry.Activity, sourceID, st.id.ext); err != nil {
			return err
		}
	}
	for _, id := range was.reviews {
		if err := u.unraise(id, sourceID, st.id.ext); err != nil {
			return err
		}
	}
	return nil
}

// unraise takes what an excluded item said off a review that it raised. An open review that no other
// item waits for goes.
func (u *unit) unraise(id, sourceID, item string) error {
	r, err := readReview(u.tx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.State == crm.ReviewOpen {
		waits, err := u.waitsFor(id, r.Address)
		if err != nil {
			return err
		}
		if !waits {
			return u.saveReview(&r, nil)
		}
	}
	if r.Source != sourceID || r.item != item {
		return nil
	}
	fresh := r
	fresh.Subject, fresh.Name, fresh.item = "", "", ""
	return u.saveReview(&r, &fresh)
}

// waitsFor says whether a row, as the unit leaves it, raised the review.
func (u *unit) waitsFor(id, address string) (bool, error) {
	rows, err := u.pendingRows(address)
	if err != nil {
		return false, err
	}
	for _, seq := range rows {
		st, err := u.rowBySeq(seq)
		if err != nil {
			return false, err
		}
		if slices.Contains(st.cur.reviews, id) {
			return true, nil
		}
	}
	return false, nil
}

// Rematch replaces match, people and accounts of an activity, and the addresses its rows wait for.
func (s *Store) Rematch(ctx context.Context, a crm.Activity, pending []string) error {
	hashes := s.pendingOf(pending)
	err := s.update(ctx, func(u *unit) error {
		st, err := u.activity(a.ID)
		if err != nil {
			return err
		}
		if st.cur == nil {
			return crm.ErrNotFound
		}
		cur := *st.cur
		cur.Match, cur.People, cur.Accounts = a.Match, a.People, a.Accounts
		crm.CarryWas(&cur.Activity, &st.cur.Activity)
		cur.Activity = crm.Merge(cur.Activity, cur.Activity) // brings the lists into order
		st.cur = &cur
		for _, o := range cur.Observed {
			r, err := u.rowOf(o.Source, o.ExternalID)
			if err != nil {
				return err
			}
			if r != nil && r.cur != nil {
				fresh := *r.cur
				fresh.pending = hashes
				r.cur = &fresh
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rematch activity %s: %w", a.ID, err)
	}
	return nil
}

// Prune removes expired sessions and audit records older than auditBefore, and says how many.
func (s *Store) Prune(ctx context.Context, now, auditBefore time.Time) (removed int, err error) {
	err = s.update(ctx, func(u *unit) error {
		var expired [][]byte
		err := u.bucket(bucketSessions).ForEach(func(k, v []byte) error {
			if len(v) < 8 || !keyTime(v).After(now) {
				expired = append(expired, append([]byte(nil), k...))
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, k := range expired {
			if err := u.delete(bucketSessions, k); err != nil {
				return err
			}
		}
		bound := timeKey(auditBefore)
		n, err := u.deleteUntil(bucketAudit, bound[:], false)
		removed = len(expired) + n
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prune: %w", err)
	}
	return removed, nil
}

// Size is how many bytes the store takes on disk.
func (s *Store) Size(ctx context.Context) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	info, err := os.Stat(s.path)
	if err != nil {
		return 0, fmt.Errorf("size of store: %w", err)
	}
	return bytesOnDisk(info), nil
}
