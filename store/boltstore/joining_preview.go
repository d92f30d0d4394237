package boltstore

import (
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// PreviewMerge says what a merge would do; see storetest.Joining.
func (s *Store) PreviewMerge(ctx context.Context, kind crm.MergeKind, winner, loser string) (out crm.MergePreview, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out = crm.MergePreview{Winner: winner, Loser: loser}
		if winner == loser {
			return fmt.Errorf("%w: a record cannot be merged with itself", crm.ErrRefused)
		}
		if kind == crm.MergeAccounts {
			err = previewAccounts(tx, &out)
		} else {
			err = previewPeople(tx, &out)
		}
		if err != nil {
			return err
		}
		if out.Differences == nil {
			out.Differences = []crm.Difference{}
		}
		out.Activities, err = countOfScope(tx, loser)
		return err
	})
	if err != nil {
		return crm.MergePreview{}, fmt.Errorf("preview merge: %w", err)
	}
	return out, nil
}

func previewPeople(tx *bbolt.Tx, out *crm.MergePreview) error {
	winner, err := readPerson(tx, out.Winner)
	if err != nil {
		return err
	}
	loser, err := readPerson(tx, out.Loser)
	if err != nil {
		return err
	}
	if winner.Kind == crm.Lead && loser.Kind == crm.Contact {
		return fmt.Errorf("%w: the contact %q cannot be merged into the lead %q, only the other way round", crm.ErrRefused, loser.Name, winner.Name)
	}
	_, out.Differences, _ = crm.MergePersons(winner, loser)
	out.Members = countLines(tx, loser.ID)
	return nil
}

func previewAccounts(tx *bbolt.Tx, out *crm.MergePreview) error {
	winner, err := readAccount(tx, out.Winner)
	if err != nil {
		return err
	}
	loser, err := readAccount(tx, out.Loser)
	if err != nil {
		return err
	}
	_, out.Differences, _ = crm.MergeAccountRecords(winner, loser)
	scope := idOf(loser.ID)
	out.Members = countLines(tx, loser.ID) + countPrefix(tx, bucketMembers, scope[:]) + countPrefix(tx, bucketSubsidiaries, scope[:])
	return nil
}

// countLines is how many opportunities, contracts, tasks and open proposals a record has.
func countLines(tx *bbolt.Tx, id string) int {
	scope, n := idOf(id), 0
	for _, line := range []byte{lineOpportunities, lineContracts, lineTasks} {
		for _, state := range []byte{stateOpen, stateClosed} {
			n += countPrefix(tx, bucketRecordLines, append([]byte{line, state}, scope[:]...))
		}
	}
	return n + countPrefix(tx, bucketRecordLines, append([]byte{lineProposals, proposalState(crm.ProposalOpen)}, scope[:]...))
}

func countPrefix(tx *bbolt.Tx, bucket, prefix []byte) (n int) {
	cursor := tx.Bucket(bucket).Cursor()
	for k, _ := cursor.Seek(prefix); hasPrefix(k, prefix); k, _ = cursor.Next() {
		n++
	}
	return n
}

// countOfScope is how many activities a person or an account has.
func countOfScope(tx *bbolt.Tx, id string) (n int, err error) {
	x, err := openLayered(tx, bucketTimeline)
	if err != nil {
		return 0, err
	}
	scope := idOf(id)
	err = x.eachKey(scope[:], func([]byte) bool {
		n++
		return true
	})
	return n, err
}
