package boltstore

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func reviewStates() []crm.ReviewState {
	return []crm.ReviewState{crm.ReviewOpen, crm.ReviewAccepted, crm.ReviewDismissed}
}

func stateByte(s crm.ReviewState) byte {
	for i, known := range reviewStates() {
		if s == known {
			return byte(i)
		}
	}
	return 0x7f
}

// GetReview gives a review by ID.
func (s *Store) GetReview(ctx context.Context, id string) (crm.Review, error) {
	var r review
	err := s.view(ctx, func(tx *bbolt.Tx) (err error) {
		r, err = readReview(tx, id)
		return err
	})
	if err != nil {
		return crm.Review{}, fmt.Errorf("read review %s: %w", id, err)
	}
	return r.Review, nil
}

func readReview(tx *bbolt.Tx, id string) (review, error) {
	key := idOf(id)
	raw := tx.Bucket(bucketReviews).Get(key[:])
	if raw == nil {
		return review{}, crm.ErrNotFound
	}
	return decodeReview(raw)
}

// raise stores a review that an item raised. One that exists keeps its state; the earliest mail that
// raised it gives what it shows.
func (u *unit) raise(r crm.Review, item string) error {
	if r.State == "" {
		r.State = crm.ReviewOpen
	}
	old, err := readReview(u.tx, r.ID)
	if errors.Is(err, crm.ErrNotFound) {
		return u.saveReview(nil, &review{r, item})
	}
	if err != nil {
		return err
	}
	if r.Raised.After(old.Raised) || r.Raised.Equal(old.Raised) && r.Source+"\x00"+item >= old.Source+"\x00"+old.item {
		return nil
	}
	if old.State != crm.ReviewOpen {
		fresh := old
		fresh.Raised = r.Raised
		return u.saveReview(&old, &fresh)
	}
	r.State, r.Person, r.DecidedBy, r.DecidedAt = old.State, old.Person, old.DecidedBy, old.DecidedAt
	return u.saveReview(&old, &review{r, item})
}

// saveReview puts a review with its index and its count; old or fresh is nil for one that was not or is no more.
func (u *unit) saveReview(old, fresh *review) error {
	if old != nil {
		id, when := idOf(old.ID), timeKey(old.Raised)
		if err := u.delete(bucketReviewTime, reviewTimeKey(old.State, when, id)); err != nil {
			return err
		}
		if err := u.metaAdd(reviewCount(old.State), -1); err != nil {
			return err
		}
		if fresh == nil {
			return u.delete(bucketReviews, id[:])
		}
	}
	id, when := idOf(fresh.ID), timeKey(fresh.Raised)
	if err := u.put(bucketReviewTime, reviewTimeKey(fresh.State, when, id), nothing); err != nil {
		return err
	}
	if err := u.metaAdd(reviewCount(fresh.State), 1); err != nil {
		return err
	}
	return u.put(bucketReviews, id[:], encodeReview(*fresh))
}

func reviewTimeKey(state crm.ReviewState, when [8]byte, id id16) []byte {
	key := append(make([]byte, 0, 25), stateByte(state))
	key = append(key, when[:]...)
	return append(key, id[:]...)
}

func reviewCount(state crm.ReviewState) []byte {
	return append([]byte("reviews "), state...)
}

// ListReviews gives a page of reviews, newest Raised first.
func (s *Store) ListReviews(ctx context.Context, state crm.ReviewState, after string, limit int) (out []crm.Review, next string, err error) {
	limit = atMost(limit)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		var end []byte
		if key, err := hex.DecodeString(after); err == nil && len(key) == 24 {
			end = key
		}
		lines := reviewLines(tx, state, end)
		last := ""
		for {
			line := newestRow(lines)
			if line == nil {
				return nil
			}
			if len(out) == limit {
				next = last
				return nil
			}
			r, err := decodeReview(tx.Bucket(bucketReviews).Get(line.place[8:]))
			if err != nil {
				return err
			}
			out, last = append(out, r.Review), hex.EncodeToString(line.place)
			line.set(line.cursor.Prev())
		}
	})
	if err != nil {
		return nil, "", fmt.Errorf("list reviews: %w", err)
	}
	return out, next, nil
}

func reviewLines(tx *bbolt.Tx, state crm.ReviewState, end []byte) []*rowLine {
	var lines []*rowLine
	for _, known := range reviewStates() {
		if state == "" || state == known {
			lines = append(lines, newRowLine(tx.Bucket(bucketReviewTime), []byte{stateByte(known)}, end))
		}
	}
	return lines
}

// CountReviews is how many reviews are in a state; "" means all.
func (s *Store) CountReviews(ctx context.Context, state crm.ReviewState) (int64, error) {
	if state != "" {
		return s.count(ctx, reviewCount(state))
	}
	var sum int64
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		for _, known := range reviewStates() {
			sum += int64(getU64(tx.Bucket(bucketMeta).Get(reviewCount(known))))
		}
		return nil
	})
	return sum, err
}

// CountPending says how many ledger rows wait for a normalised address; retired rows do not.
func (s *Store) CountPending(ctx context.Context, address string) (n int64, err error) {
	hash := s.pendingHash(address)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		x, err := openLayered(tx, bucketPending)
		if err != nil {
			return err
		}
		return x.eachKey(hash[:], func(key []byte) bool {
			if _, retired, err := pendingKey(key); err == nil && !retired {
				n++
			}
			return true
		})
	})
	return n, err
}
