package boltstore

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// SetOutcome keeps what became of a meeting; see storetest.Activities.
func (s *Store) SetOutcome(ctx context.Context, actor, activityID string, o crm.Outcome) (out crm.Activity, err error) {
	err = s.update(ctx, func(u *unit) error {
		st, err := u.activity(activityID)
		if err != nil {
			return err
		}
		if st.cur == nil {
			return crm.ErrNotFound
		}
		said, err := crm.SetOutcome(st.cur.Activity, o)
		if err != nil {
			return err
		}
		cur := *st.cur
		cur.Activity = said
		st.cur, out = &cur, said
		return u.audit(crm.AuditRecord{At: o.At, Actor: actor, Action: "set outcome", Object: "activity/" + said.ID, After: said.Outcome.Result})
	})
	if err != nil {
		return crm.Activity{}, fmt.Errorf("set the outcome of %s: %w", activityID, err)
	}
	return out, nil
}

// ListOutcomes gives the meetings of an owner whose outcome is wanted; see storetest.Activities. It looks at
// the owner's meetings of the days in which they can have begun.
func (s *Store) ListOutcomes(ctx context.Context, owner string, now time.Time, limit int) (out []crm.Activity, err error) {
	limit = atMost(limit)
	const day = 24 * time.Hour
	since, until := timeKey(now.Add(-(crm.OutcomeDays+2)*day)), timeKey(now)
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		lines, err := timelines(tx, meetingScope(owner), until[:])
		if err != nil {
			return err
		}
		activities := tx.Bucket(bucketActivities)
		for {
			place := newest(lines)
			if place == nil || bytes.Compare(place[:8], since[:]) < 0 || len(out) == limit {
				return lines.err()
			}
			a, err := decodeActivity(activities.Get(u64(seqOf(place, 8))), false)
			if err != nil {
				return err
			}
			if a.WantsOutcome(now) && !a.Declined(owner) {
				out = append(out, a.Activity)
			}
			lines.pass(place)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list meetings without an outcome: %w", err)
	}
	return out, nil
}
