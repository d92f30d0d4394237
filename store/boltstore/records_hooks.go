package boltstore

import (
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// markRecords marks the people and accounts whom a change of a record concerns; "" is nobody.
func (u *unit) markRecords(ids ...string) error { return nil }

// countRecord makes the numbers follow what is counted of a record: was before, is now.
func (u *unit) countRecord(was, is []crm.Fact) error { return nil }

// mergeProposed merges what a proposal says are one, and gives the id of the merge.
func (u *unit) mergeProposed(actor string, kind crm.MergeKind, winner, loser string, now time.Time) (string, error) {
	return "", fmt.Errorf("%w: merge the two records themselves", crm.ErrRefused)
}

// unmergeProposed takes such a merge back.
func (u *unit) unmergeProposed(actor, id string, now time.Time) error {
	return fmt.Errorf("%w: take the merge itself back", crm.ErrRefused)
}
