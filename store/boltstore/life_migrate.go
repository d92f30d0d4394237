package boltstore

import (
	"bytes"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// metaCounted is there once the numbers count what was stored before there were any.
var metaCounted = []byte("counted")

// metaMigrated is how far addLives got: a bucket's name, a zero byte, and the last of its keys.
var metaMigrated = []byte("migrated")

// migratedAtOnce is how many records a transaction of addLives takes: it keeps all it writes in memory until its end.
const migratedAtOnce = 5 * segmentSize

// addLives makes what follows from the people, accounts and activities that are there already, a piece at a time; more says
// that something is left. A piece is limit records, a number of whole segments, so that none is begun in one transaction and
// left to the next. Everybody is marked. The numbers are made when the store is open (countNumbers): in which time zone
// their days are is not known here.
func addLives(tx *bbolt.Tx, limit int) (more bool, err error) {
	if err := makeBuckets(tx); err != nil {
		return false, err
	}
	meta := tx.Bucket(bucketMeta)
	name, after, begun := bytes.Cut(bytes.Clone(meta.Get(metaMigrated)), []byte{0})
	if !begun {
		name, after = bucketPeople, nil
	}
	ids, last := keysAfter(tx.Bucket(name), after, limit)
	if err := logMarks(tx.Bucket(bucketMarks), nil, ids, time.Now()); err != nil {
		return false, err
	}
	people := bytes.Equal(name, bucketPeople)
	if people {
		err = addPeople(tx, ids)
	} else {
		err = addAccounts(tx, ids)
	}
	switch {
	case err != nil:
		return false, err
	case len(ids) == limit:
		return true, meta.Put(metaMigrated, slices.Concat(name, []byte{0}, last))
	case people:
		return true, meta.Put(metaMigrated, slices.Concat(bucketAccounts, []byte{0}))
	}
	return false, meta.Delete(metaMigrated)
}

// addPeople counts leads for their owners, and indexes people for searching.
func addPeople(tx *bbolt.Tx, ids []id16) error {
	counts, index := map[string]int64{}, newIndexing(tx, spacePeople)
	for _, id := range ids {
		p, err := decodePerson(tx.Bucket(bucketPeople).Get(id[:]))
		if err != nil {
			return err
		}
		if p.Kind == crm.Lead {
			counts[loadCount(p.Owner, p.Status)]++
		}
		if err := index.add(personDoc(&p)); err != nil {
			return err
		}
	}
	b := tx.Bucket(bucketCounts)
	for name, n := range counts {
		if err := b.Put([]byte(name), u64(getU64(b.Get([]byte(name)))+uint64(n))); err != nil {
			return err
		}
	}
	return index.end()
}

// addAccounts indexes accounts for searching, and by what tells them apart.
func addAccounts(tx *bbolt.Tx, ids []id16) error {
	index := newIndexing(tx, spaceAccounts)
	var keys []change
	for _, id := range ids {
		a, err := decodeAccount(tx.Bucket(bucketAccounts).Get(id[:]))
		if err != nil {
			return err
		}
		keys = append(keys, accountFindKeys(&a)...)
		if err := index.add(accountDoc(&a)); err != nil {
			return err
		}
	}
	for _, c := range tidy(keys) {
		if err := tx.Bucket(c.bucket).Put(c.key, c.val); err != nil {
			return err
		}
	}
	return index.end()
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
