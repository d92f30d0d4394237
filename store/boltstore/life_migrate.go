package boltstore

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// metaCounted is there once the numbers count what was stored before there were any, and says by which time zone's days.
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

// countNumbers makes the numbers of what was stored before there were any. Numbers and roll-ups are counted by days: where
// those begin elsewhere now, all are counted anew.
func (s *Store) countNumbers() error {
	zone := zoneName(s.loc)
	var counted []byte
	err := s.db.View(func(tx *bbolt.Tx) error {
		counted = bytes.Clone(tx.Bucket(bucketMeta).Get(metaCounted))
		return nil
	})
	switch {
	case err != nil || string(counted) == zone:
		return err
	case counted == nil:
		return s.db.Update(s.countStored)
	}
	s.log.Info("days begin in another time zone: everything that is counted by days is counted anew", "zone", s.loc.String())
	return s.db.Update(s.countAgain)
}

// countAgain sets right what is counted by days.
func (s *Store) countAgain(tx *bbolt.Tx) error {
	var found differences
	if err := s.recountRollups(tx, &found); err != nil {
		return err
	}
	if err := s.recountLife(tx, &found); err != nil {
		return err
	}
	for i := range found.rollups {
		if err := changeKey(tx.Bucket(found.rollups[i].bucket), &found.rollups[i]); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketMeta).Put(metaCounted, []byte(zoneName(s.loc)))
}

// zoneName tells time zones apart by which days begin when: by the name, and by where noon of the days of sixty years lies, since
// one name can mean several.
func zoneName(loc *time.Location) string {
	sum, last := fnv.New64a(), -1
	for at := time.Date(1990, 1, 1, 12, 0, 0, 0, time.UTC); at.Year() < 2050; at = at.AddDate(0, 0, 1) {
		if _, offset := at.In(loc).Zone(); offset != last {
			_, _ = fmt.Fprintf(sum, "%d %d ", at.Unix(), offset)
			last = offset
		}
	}
	return fmt.Sprintf("%s %x", loc, sum.Sum64())
}

func (s *Store) countStored(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	numbers := tx.Bucket(bucketNumbers)
	err := s.eachFact(tx, func(sums map[factKey]tally) error {
		return eachList(addends(nil, sums), func(key []byte, some []addend) error {
			val, err := addNumbers(nil, numbers.Get(key), some)
			if err != nil {
				return err
			}
			return changeKey(numbers, &change{key: key, val: val})
		})
	})
	if err != nil {
		return err
	}
	return meta.Put(metaCounted, []byte(zoneName(s.loc)))
}
