package boltstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Remap stores what a mapping makes of activities, all of them in one transaction. One that is gone, or that is no
// longer as it was read, is left alone and its ID given back.
func (s *Store) Remap(ctx context.Context, list []crm.Remap) (stale []string, err error) {
	hashes := make([][]id16, len(list))
	for i := range list {
		hashes[i] = s.pendingOf(list[i].Pending)
	}
	err = s.update(ctx, func(u *unit) error {
		stale = nil
		var fresh []crm.Key
		for i := range list {
			done, err := u.remap(&list[i], hashes[i])
			if err != nil {
				return err
			}
			if !done {
				stale = append(stale, list[i].Now.ID)
			} else if now := &list[i].Now; !tells(&list[i].Was) && tells(now) {
				fresh = append(append(fresh, now.Key), now.Messages...)
			}
		}
		return u.queueAwaited(nil, fresh)
	})
	if err != nil {
		return nil, fmt.Errorf("remap activities: %w", err)
	}
	return stale, nil
}

func (u *unit) remap(r *crm.Remap, pending []id16) (bool, error) {
	st, err := u.activity(r.Now.ID)
	if err != nil {
		return false, err
	}
	if st.cur == nil || !crm.SameActivity(&st.cur.Activity, &r.Was) {
		return false, nil
	}
	cur := *st.cur
	now := r.Now
	if now.Outcome == nil { // it is a rep's word, which no mapping makes
		now.Outcome = cur.Outcome
	}
	if now.Meeting == nil {
		now.Meeting = cur.Meeting
	}
	if len(now.Messages) == 0 {
		now.Messages = cur.Messages
	}
	if len(now.Letters) == 0 {
		now.Letters = cur.Letters
	}
	crm.CarryWas(&now, &cur.Activity)
	if len(now.Moved) == 0 {
		now.Moved = cur.Moved
	}
	now = crm.Retitled(cur.Activity, now)
	cur.Activity = crm.Merge(now, now) // brings the lists into order
	st.cur = &cur
	asked, err := u.openAbout(r.Pending)
	if err != nil {
		return false, err
	}
	for _, o := range cur.Observed {
		row, err := u.rowOf(o.Source, o.ExternalID)
		if err != nil {
			return false, err
		}
		if row != nil && row.cur != nil {
			fresh := *row.cur
			fresh.pending = pending
			if more := without(asked, fresh.reviews); len(more) > 0 {
				fresh.reviews = slices.Concat(fresh.reviews, more)
			}
			row.cur = &fresh
		}
	}
	return true, nil
}

// openAbout are the ids of the reviews about addresses that items raised and that are open. A row that comes to wait for such
// an address waits for the answer, whether or not it raised the review.
func (u *unit) openAbout(addresses []string) (ids []string, err error) {
	for _, address := range addresses {
		for _, kind := range []crm.ReviewKind{crm.ReviewAmbiguous, crm.ReviewNewContact} {
			r, err := readReview(u.tx, crm.ReviewID(kind, address))
			if there, err := isThere(err); err != nil {
				return nil, err
			} else if !there || r.State != crm.ReviewOpen {
				continue
			}
			if doubt, err := u.inDoubt(&r.Review); err != nil {
				return nil, err
			} else if doubt {
				ids = append(ids, r.ID)
			}
		}
	}
	return ids, nil
}
