package boltstore

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
)

// Numbers of a store whose program kept each under a key of its own become lists, and nothing else.
func TestNumbersOfEarlierPrograms(t *testing.T) {
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "store.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := migrate(db, migrations()[:4]); err != nil {
		t.Fatal(err)
	}
	facts := map[factKey]tally{
		{metric: "leads", day: 20261121, owners: "a\x00b", channel: "web", campaign: "spring", detail: "demo"}:  {3, 3},
		{metric: "leads", day: 20261121, owners: "a", channel: "web", detail: ""}:                               {1, 1},
		{metric: "leads", day: 20261122, channel: "web", campaign: "spring", detail: "price"}:                   {2, -5},
		{metric: "activities", day: 20261121, owners: "b", channel: "web", campaign: "spring", detail: "a/out"}: {1 << 40, 1 << 50},
	}
	all := addends(nil, facts)
	err = db.Update(func(tx *bbolt.Tx) error {
		old, err := tx.CreateBucket(bucketOldNumbers)
		if err != nil {
			return err
		}
		for _, a := range all {
			if err := old.Put(append(slices.Clone(a.key), a.detail...), slices.Concat(u64(uint64(a.count)), u64(uint64(a.sum)))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time nothing is left to do
		if err := migrate(db, migrations()); err != nil {
			t.Fatal(err)
		}
	}
	var got []addend
	err = db.View(func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketOldNumbers) != nil {
			t.Error("the old ones are still there")
		}
		return tx.Bucket(bucketNumbers).ForEach(func(k, v []byte) error {
			l := numberList{b: v}
			for detail, sum, ok := l.next(); ok; detail, sum, ok = l.next() {
				got = append(got, addend{slices.Clone(k), string(detail), sum})
			}
			return l.err()
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, got, cmp.AllowUnexported(addend{}, tally{})); diff != "" {
		t.Errorf("(-kept +lists)\n%s", diff)
	}
}

func TestListsOfNumbers(t *testing.T) {
	list := func(all ...addend) []byte {
		t.Helper()
		out, err := addNumbers(nil, nil, all)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a := func(detail string, count, sum int64) addend { return addend{detail: detail, tally: tally{count, sum}} }
	for _, test := range []struct {
		name string
		list []byte
		add  []addend
		want []byte
	}{
		{"into nothing", nil, []addend{a("b", 1, 2)}, list(a("b", 1, 2))},
		{"before, at and behind", list(a("b", 1, 2), a("d", 3, 4)), []addend{a("", 1, 1), a("b", 1, 1), a("c", 1, 1), a("e", 1, 1)},
			list(a("", 1, 1), a("b", 2, 3), a("c", 1, 1), a("d", 3, 4), a("e", 1, 1))},
		{"one goes", list(a("b", 1, 2), a("d", 3, 4)), []addend{a("b", -1, -2)}, list(a("d", 3, 4))},
		{"a sum stays", list(a("b", 1, 2)), []addend{a("b", -1, 0)}, list(a("b", 0, 2))},
		{"nothing is left", list(a("b", 1, 2)), []addend{a("b", -1, -2)}, nil},
	} {
		got, err := addNumbers(nil, test.list, test.add)
		if err != nil || !slices.Equal(got, test.want) || got == nil != (test.want == nil) {
			t.Errorf("%s: %x, want %x (%v)", test.name, got, test.want, err)
		}
	}
	whole := list(a("abc", 1, 200))
	for cut := 1; cut < len(whole); cut++ {
		if _, err := addNumbers(nil, whole[:cut], nil); err == nil || checkNumbers(whole[:cut]) == nil {
			t.Errorf("cut after %d bytes it is read", cut)
		}
	}
}
