package boltstore

import (
	"bytes"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// metaCounted is there once the numbers count what was stored before there were any.
var metaCounted = []byte("counted")

// indexLives marks everybody, and makes what follows from accounts and people alone. The numbers are made when the store is
// open (countNumbers): in which time zone their days are is not known here.
func indexLives(tx *bbolt.Tx) error {
	counts := map[string]int64{}
	for _, bucket := range [][]byte{bucketPeople, bucketAccounts} {
		var after []byte
		for {
			ids, last := keysAfter(tx.Bucket(bucket), after, maxMarks)
			if len(ids) == 0 {
				break
			}
			if err := logMarks(tx.Bucket(bucketMarks), nil, ids, time.Now()); err != nil {
				return err
			}
			after = last
		}
	}
	err := tx.Bucket(bucketPeople).ForEach(func(_, v []byte) error {
		p, err := decodePerson(v)
		if err == nil && p.Kind == crm.Lead {
			counts[loadCount(p.Owner, p.Status)]++
		}
		return err
	})
	if err != nil {
		return err
	}
	for name, n := range counts {
		if err := tx.Bucket(bucketCounts).Put([]byte(name), u64(uint64(n))); err != nil {
			return err
		}
	}
	return nil
}

// countNumbers makes the numbers of what was stored before there were any.
func (s *Store) countNumbers() error {
	counted := false
	err := s.db.View(func(tx *bbolt.Tx) error {
		counted = tx.Bucket(bucketMeta).Get(metaCounted) != nil
		return nil
	})
	if err != nil || counted {
		return err
	}
	return s.db.Update(s.countStored)
}

func (s *Store) countStored(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	numbers := tx.Bucket(bucketNumbers)
	err := s.eachFact(tx, func(sums map[factKey]tally) error {
		for _, a := range addends(nil, sums) {
			old, err := decodeTally(numbers.Get(a.key))
			if err != nil {
				return err
			}
			val := encodeTally(nil, tally{old.count + a.count, old.sum + a.sum})
			if err := changeKey(numbers, &change{key: bytes.Clone(a.key), val: val}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return meta.Put(metaCounted, nothing)
}
