package boltstore

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// markRecords marks the people and accounts whom a change of a record concerns; "" is nobody.
func (u *unit) markRecords(ids ...string) {
	for _, id := range ids {
		u.mark(id)
	}
}

// countRecord makes the numbers follow what is counted of a record: was before, is now.
func (u *unit) countRecord(was, is []crm.Fact) {
	u.countAll(was, -1)
	u.countAll(is, 1)
}

// mergeProposed merges what a proposal says are one, and gives the id of the merge.
func (u *unit) mergeProposed(actor string, kind crm.MergeKind, winner, loser string, now time.Time) (string, error) {
	m, err := u.merge(actor, kind, winner, loser, now)
	return m.ID, err
}

// unmergeProposed takes such a merge back, unless somebody did.
func (u *unit) unmergeProposed(actor, id string, now time.Time) error {
	m, err := merges().find(u.tx, id)
	if err != nil || m == nil || !m.Undone.IsZero() {
		return err
	}
	_, err = u.unmerge(actor, id, now, "")
	return err
}
