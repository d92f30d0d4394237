package boltstore

import (
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// hashUnasked names the keyed hashes of the other addresses of the erased. Mail with them may come from somebody else by now, as
// that of an office does, so it is not kept out; but nobody is asked who it is.
const hashUnasked = "unasked"

// forgetReviews removes what was asked and decided about the person: reviews of the address, of addresses that nobody has any
// more, and those that were answered with the person. From the candidates of others the person goes; where one of two
// is left, nothing is in doubt any more, and late work sees to it.
func (e *erasure) forgetReviews() error {
	if err := e.gatherUnasked(); err != nil {
		return err
	}
	all, err := e.theirReviews()
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Address == e.address || e.unasked[r.Address] || e.people[r.Person] {
			if err := e.u.saveReview(&r, nil); err != nil {
				return err
			}
			if err := e.forgetDecision(r.Address); err != nil {
				return err
			}
		} else {
			fresh := r
			fresh.Candidates = slices.DeleteFunc(slices.Clone(r.Candidates), e.wasMeant)
			if err := e.u.saveReview(&r, &fresh); err != nil {
				return err
			}
		}
		if r.Address != e.address && !e.unasked[r.Address] {
			if err := e.u.queueAddress(r.Address); err != nil {
				return err
			}
		}
	}
	for _, address := range sortedKeys(e.unasked) {
		if err := e.unask(address); err != nil {
			return err
		}
	}
	return e.u.delete(bucketDecisions, []byte(e.address))
}

// gatherUnasked learns, now that the people are gone, which of their addresses nobody has any more.
func (e *erasure) gatherUnasked() error {
	l := newLookup(e.u.tx, e.u.s)
	for _, address := range sortedKeys(e.emails) {
		answer, err := l.address(address)
		if err != nil {
			return err
		}
		if address != e.address && (answer == nil || len(answer.People) == 0) {
			e.unasked[address] = true
		}
	}
	return nil
}

func (e *erasure) theirReviews() (all []review, err error) {
	err = e.u.bucket(bucketReviews).ForEach(func(_, v []byte) error {
		r, err := decodeReview(v)
		if err == nil && (r.Address == e.address || e.unasked[r.Address] || e.people[r.Person] || slices.ContainsFunc(r.Candidates, e.wasMeant)) {
			all = append(all, r)
		}
		return err
	})
	return all, err
}

// wasMeant says whether a candidate is one of the people, or is one by an address that nobody has any more.
func (e *erasure) wasMeant(c crm.Candidate) bool {
	normal, _ := crm.NormalizeAddress(c.Evidence)
	return e.people[c.ID] || normal == e.address || e.unasked[normal]
}

// forgetDecision forgets what was decided about an address for one of the people.
func (e *erasure) forgetDecision(address string) error {
	raw := e.u.bucket(bucketDecisions).Get([]byte(address))
	if raw == nil {
		return nil
	}
	d, err := decodeDecision(raw)
	if err != nil {
		return err
	}
	if e.people[d.Person] || e.unasked[address] {
		return e.u.delete(bucketDecisions, []byte(address))
	}
	return nil
}

// unask notes an address, as a keyed hash, as one about which nobody is asked. What waited for an answer waits no longer.
func (e *erasure) unask(address string) error {
	hash, when := e.u.s.hmac(hashUnasked, address), timeKey(e.u.s.now())
	if err := e.u.put(bucketErased, hash[:], when[:]); err != nil {
		return err
	}
	rows, err := e.u.pendingRows(address)
	if err != nil {
		return err
	}
	for _, seq := range rows {
		st, err := e.u.rowBySeq(seq)
		if err != nil {
			return err
		}
		asked, err := anyOpen(e.u.tx, st.cur.reviews)
		if err != nil {
			return err
		}
		if st.cur.entry.Verdict == crm.Waiting && !asked {
			fresh := *st.cur
			fresh.entry.Verdict, fresh.entry.Reason = crm.Unmatched, crm.ReasonNobody
			st.cur = &fresh
		}
	}
	return e.u.flush()
}

// anyOpen says whether one of some reviews is open.
func anyOpen(tx *bbolt.Tx, ids []string) (bool, error) {
	for _, id := range ids {
		r, err := readReview(tx, id)
		if there, err := isThere(err); err != nil {
			return false, err
		} else if there && r.State == crm.ReviewOpen {
			return true, nil
		}
	}
	return false, nil
}
