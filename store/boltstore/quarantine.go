package boltstore

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// ListQuarantine gives a page of the submissions in a state, newest first; see storetest.Intake.
func (s *Store) ListQuarantine(ctx context.Context, state crm.SubmissionState, after string, limit int) (out []crm.Submission, next string, err error) {
	n, ok := submissionState(state)
	if !ok {
		return nil, "", fmt.Errorf("list submissions: those that are %q are not listed", state)
	}
	limit = atMost(limit)
	bucket := bucketQuarantine
	if state == crm.SubmissionReleased {
		bucket = bucketSubmissions
	}
	stop := []byte{n + 1}
	if place, err := hex.DecodeString(after); err == nil && len(place) == 16 {
		stop = append([]byte{n}, place...)
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		size, last := 0, ""
		cursor := tx.Bucket(bucketSubmitted).Cursor()
		for k, _ := before(cursor, stop); len(k) == 17 && k[0] == n; k, _ = cursor.Prev() {
			if len(out) == limit || size >= maxListed {
				next = last
				return nil
			}
			sub, err := readSubmission(tx, bucket, k[9:])
			if err != nil {
				return err
			}
			if sub == nil {
				return corrupt("the list of submissions")
			}
			out, size, last = append(out, *sub), size+len(tx.Bucket(bucket).Get(k[9:])), hex.EncodeToString(k[1:])
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("list submissions that are %s: %w", state, err)
	}
	return out, next, nil
}

// CountSubmissions is how many submissions are in a state.
func (s *Store) CountSubmissions(ctx context.Context, state crm.SubmissionState) (int64, error) {
	return s.count(ctx, submissionCount(state))
}

// DecideSubmission releases or rejects what is in quarantine; see storetest.Intake.
func (s *Store) DecideSubmission(ctx context.Context, actor, id string, release bool, now time.Time) (out crm.Submission, err error) {
	err = s.update(ctx, func(u *unit) (err error) {
		out, err = u.decideSubmission(actor, id, release, now)
		return err
	})
	if err != nil {
		return crm.Submission{}, fmt.Errorf("decide submission %s: %w", id, err)
	}
	if release {
		s.news.ring()
	}
	return out, nil
}

func (u *unit) decideSubmission(actor, id string, release bool, now time.Time) (crm.Submission, error) {
	before, err := readLetterbox(u.tx, idOf(id))
	if err != nil {
		return crm.Submission{}, err
	}
	newest, action := before.newest(), "reject submission"
	switch {
	case newest == nil:
		return crm.Submission{}, crm.ErrNotFound
	case before.held == nil, !release && before.held.State == crm.SubmissionRejected, release && newest != before.held:
		return crm.Submission{}, crm.ErrConflict
	}
	decided := *before.held
	after := letterbox{admitted: before.admitted, held: &decided}
	decided.State = crm.SubmissionRejected
	if release {
		action, decided.State = "release submission", crm.SubmissionReleased
		if decided.Seq, err = u.nextInQueue(); err != nil {
			return crm.Submission{}, err
		}
		after = letterbox{admitted: &decided}
	}
	if err := u.saveLetterbox(before, after); err != nil {
		return crm.Submission{}, err
	}
	type state struct {
		State crm.SubmissionState `json:"state"`
	}
	r := crm.AuditRecord{At: now, Actor: actor, Action: action, Object: "submission/" + id}
	if r.Before, err = asJSON(state{before.held.State}); err != nil {
		return crm.Submission{}, err
	}
	if r.After, err = asJSON(state{decided.State}); err != nil {
		return crm.Submission{}, err
	}
	return decided, u.audit(r)
}
