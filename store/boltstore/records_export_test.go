package boltstore

import (
	"fmt"
	"testing"

	"go.etcd.io/bbolt"
)

// checkRecords compares the lists of what people made with the records: nothing is missing, nothing left over, and the counts of
// proposals are right.
func checkRecords(t testing.TB, tx *bbolt.Tx) {
	t.Helper()
	want, counts := map[string]string{}, map[string]uint64{}
	add := func(list []change) {
		for _, c := range list {
			want[string(c.bucket)+"\x00"+string(c.key)] = string(c.val)
		}
	}
	eachRecord(t, tx, opportunities(), add)
	eachRecord(t, tx, contracts(), add)
	eachRecord(t, tx, campaigns(), add)
	eachRecord(t, tx, tasks(), add)
	eachRecord(t, tx, proposals(), add)
	eachRecord(t, tx, comments(), add)
	err := tx.Bucket(bucketProposals).ForEach(func(_, v []byte) error {
		p, err := proposals().decode(v)
		counts[string(proposalCount(p.State, ""))]++
		if p.Owner != "" {
			counts[string(proposalCount(p.State, p.Owner))]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, bucket := range [][]byte{bucketRecordLines, bucketCampaignCode} {
		err := tx.Bucket(bucket).ForEach(func(k, v []byte) error {
			key := string(bucket) + "\x00" + string(k)
			if val, ok := want[key]; !ok || val != string(v) {
				t.Errorf("bucket %s: entry %x is %q instead of %q", bucket, k, v, val)
			}
			delete(want, key)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for key := range want {
		t.Errorf("entry %q is missing", key)
	}
	err = tx.Bucket(bucketProposalCount).ForEach(func(k, v []byte) error {
		if getU64(v) != counts[string(k)] {
			t.Errorf("proposals %q: %d kept, %d counted", k, getU64(v), counts[string(k)])
		}
		delete(counts, string(k))
		return nil
	})
	if err != nil || len(counts) > 0 {
		t.Error(fmt.Sprint(err, counts))
	}
}

func eachRecord[T any](t testing.TB, tx *bbolt.Tx, k recordKind[T], add func([]change)) {
	t.Helper()
	err := tx.Bucket(k.bucket).ForEach(func(_, v []byte) error {
		one, err := k.decode(v)
		if err == nil {
			add(k.lines(&one))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
