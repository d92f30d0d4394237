package boltstore

import (
	"context"
	"errors"
	"fmt"
	"math"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxSubmission bounds a stored submission, and maxListed what a page of the queue holds of them, in bytes.
const (
	maxSubmission = 1 << 20
	maxListed     = 8 << 20
)

// AddSubmission makes a submission durable; see storetest.Intake. Of an excluded one nothing but the shell is
// stored, whatever it holds. Errors: crm.ErrTooBig if it takes more than a mebibyte.
func (s *Store) AddSubmission(ctx context.Context, sub crm.Submission) (stored crm.Submission, fresh bool, err error) {
	if sub, err = admissible(sub); err != nil {
		return crm.Submission{}, false, fmt.Errorf("add submission: %w", err)
	}
	err = s.update(ctx, func(u *unit) (err error) {
		stored, fresh, err = u.addSubmission(sub)
		return err
	})
	if err != nil {
		return crm.Submission{}, false, fmt.Errorf("add submission %s: %w", sub.ID, err)
	}
	if fresh && stored.State != crm.SubmissionQuarantined {
		s.news.ring()
	}
	return stored, fresh, nil
}

// admissible is a submission as it may be stored.
func admissible(s crm.Submission) (crm.Submission, error) {
	switch {
	case s.ID == "":
		return s, errors.New("it has no id")
	case s.State == crm.SubmissionExcluded:
		s = crm.Submission{ID: s.ID, Form: s.Form, At: s.At, State: s.State, Reason: s.Reason}
	case s.State != crm.SubmissionAccepted && s.State != crm.SubmissionQuarantined:
		return s, fmt.Errorf("submission %s comes in as %q", s.ID, s.State)
	}
	if n := len(encodeSubmission(&s)); n > maxSubmission {
		return s, fmt.Errorf("submission %s of %d bytes: %w", s.ID, n, crm.ErrTooBig)
	}
	return s, nil
}

func (u *unit) addSubmission(s crm.Submission) (stored crm.Submission, fresh bool, err error) {
	before, err := readLetterbox(u.tx, idOf(s.ID))
	if err != nil {
		return s, false, err
	}
	if known := before.holding(s.Fields); known != nil {
		return *known, false, nil
	}
	s.Version = 1
	if last := before.newest(); last != nil {
		s.Version = last.Version + 1
	}
	if s.Seq, err = u.nextInQueue(); err != nil {
		return s, false, err
	}
	after := before
	if s.State == crm.SubmissionQuarantined {
		after.held = &s
	} else {
		after.admitted = &s
	}
	return s, true, u.saveLetterbox(before, after)
}

// ListSubmissions gives a page of the queue; see storetest.Intake. It holds some mebibytes at most.
func (s *Store) ListSubmissions(ctx context.Context, after uint64, limit int) (out []crm.Submission, err error) {
	if after == math.MaxUint64 {
		return nil, ctx.Err()
	}
	limit = atMost(limit)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		size := 0
		cursor := tx.Bucket(bucketSubmissions).Cursor()
		for k, v := cursor.Seek(u64(after + 1)); k != nil && len(out) < limit && size < maxListed; k, v = cursor.Next() {
			sub, err := decodeSubmission(v)
			if err != nil {
				return err
			}
			sub.Seq = getU64(k)
			out, size = append(out, sub), size+len(v)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list submissions: %w", err)
	}
	return out, nil
}

// WaitSubmission returns nil once there is something above after in the queue, ErrClosed when the store closes.
func (s *Store) WaitSubmission(ctx context.Context, after uint64) error {
	for {
		heard := s.news.heard()
		var last uint64
		err := s.view(ctx, func(tx *bbolt.Tx) error {
			k, _ := tx.Bucket(bucketSubmissions).Cursor().Last()
			last = getU64(k)
			return nil
		})
		if err != nil || last > after {
			return err
		}
		select {
		case <-heard:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.closing:
			return ErrClosed
		}
	}
}

// GetSubmission gives the newest version of a submission, also one in quarantine.
func (s *Store) GetSubmission(ctx context.Context, id string) (crm.Submission, error) {
	return s.submission(ctx, id, letterbox.newest)
}

// AdmittedSubmission gives the version of a submission that stands in the queue; see storetest.Intake.
func (s *Store) AdmittedSubmission(ctx context.Context, id string) (crm.Submission, error) {
	return s.submission(ctx, id, func(l letterbox) *crm.Submission { return l.admitted })
}

func (s *Store) submission(ctx context.Context, id string, choose func(letterbox) *crm.Submission) (out crm.Submission, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		box, err := readLetterbox(tx, idOf(id))
		if err != nil {
			return err
		}
		chosen := choose(box)
		if chosen == nil {
			return crm.ErrNotFound
		}
		out = *chosen
		return nil
	})
	if err != nil {
		return crm.Submission{}, fmt.Errorf("read submission %s: %w", id, err)
	}
	return out, nil
}
