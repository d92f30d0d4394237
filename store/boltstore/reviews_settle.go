package boltstore

import (
	"errors"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// An open review that rows raised is there as long as one of them waits for its answer: a row that raised it (reviews) and
// waits for its address (pending), and that its source still knows. When the last one stops, because somebody became known,
// because a rule decides, or because it is excluded or gone, nothing is left to be asked, and the review goes. What a
// person raised (crm.Review.Rule) rests on no row and stays.

// noteUnasked notes the reviews for which a row waited before it was changed, and perhaps waits no longer.
func (u *unit) noteUnasked(st *rowState) {
	if st.old == nil || len(st.old.reviews) == 0 {
		return
	}
	still := func(p id16) bool { return slices.Contains(st.cur.pending, p) }
	if !st.cur.entry.Retired && !slices.ContainsFunc(st.old.pending, func(p id16) bool { return !still(p) }) &&
		!slices.ContainsFunc(st.old.reviews, func(id string) bool { return !slices.Contains(st.cur.reviews, id) }) {
		return
	}
	u.unask(st.old.reviews...)
}

// unask notes reviews for which perhaps nothing waits.
func (u *unit) unask(ids ...string) {
	if u.unasked == nil {
		u.unasked = map[string]bool{}
	}
	for _, id := range ids {
		u.unasked[id] = true
	}
}

// mayBeSettled notes the reviews of an address that items raise.
func (u *unit) mayBeSettled(address string) {
	for _, kind := range []crm.ReviewKind{crm.ReviewNewContact, crm.ReviewAmbiguous, crm.ReviewFormMail} {
		u.unask(crm.ReviewID(kind, address))
	}
}

// settleReviews removes the open ones of the noted reviews for which no row waits.
func (u *unit) settleReviews() error {
	for _, id := range sortedKeys(u.unasked) {
		r, err := readReview(u.tx, id)
		if errors.Is(err, crm.ErrNotFound) || err == nil && (r.State != crm.ReviewOpen || r.Rule()) {
			continue
		}
		if err != nil {
			return err
		}
		asked, err := u.isAsked(&r.Review)
		if err != nil {
			return err
		}
		if !asked {
			if err := u.saveReview(&r, nil); err != nil {
				return err
			}
		}
	}
	u.unasked = nil
	return nil
}

// inDoubt says whether those who have the address of a review leave it in doubt: several where it asks who is meant, nobody where
// it proposes a contact. Of what is no address, others tell.
func (u *unit) inDoubt(r *crm.Review) (bool, error) {
	if _, ok := crm.NormalizeAddress(r.Address); !ok {
		return true, nil
	}
	answer, err := newLookup(u.tx, u.s).address(r.Address)
	if err != nil {
		return false, err
	}
	people := 0
	if answer != nil {
		people = len(answer.People)
	}
	if r.Kind == crm.ReviewAmbiguous {
		return people > 1, nil
	}
	return people == 0, nil
}

// isAsked says whether a row waits for the answer to a review, as the rows are stored.
func (u *unit) isAsked(r *crm.Review) (asked bool, err error) {
	if doubt, err := u.inDoubt(r); err != nil || !doubt {
		return false, err
	}
	hash := u.s.pendingHash(r.Address)
	x, err := openLayered(u.tx, bucketPending)
	if err != nil {
		return false, err
	}
	var broken error
	err = x.eachKey(hash[:], func(key []byte) bool {
		seq, retired, err := pendingKey(key)
		if err != nil || retired {
			broken = err
			return err == nil
		}
		row, err := decodeRow(u.bucket(bucketRows).Get(u64(seq)))
		if err != nil {
			broken = err
			return false
		}
		asked = slices.Contains(row.reviews, r.ID)
		return !asked
	})
	return asked, errors.Join(err, broken)
}

// asksNoMore says of a review that a row raised before, and not again, whether the row has done with it: it is open, and
// today's rules decide otherwise about the row, which still waits for the address. The review then loses what the row
// told it.
func (u *unit) asksNoMore(id, source string, st *rowState) (bool, error) {
	if st.cur.entry.Verdict == crm.Failed {
		return false, nil
	}
	r, err := readReview(u.tx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return true, nil
	}
	if err != nil || r.State != crm.ReviewOpen || !slices.Contains(st.cur.pending, u.s.pendingHash(r.Address)) {
		return false, err
	}
	u.unask(id)
	if r.Source != source || r.item != st.id.ext {
		return true, nil
	}
	fresh := r
	fresh.Subject, fresh.Name, fresh.item = "", "", ""
	return true, u.saveReview(&r, &fresh)
}
