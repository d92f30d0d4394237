package boltstore

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// indexSearch makes the indexes for finding of what is there already, a segment at a time.
func indexSearch(tx *bbolt.Tx) error {
	people := &indexing{x: findIndex{tx, spacePeople}}
	err := tx.Bucket(bucketPeople).ForEach(func(_, v []byte) error {
		p, err := decodePerson(v)
		if err != nil {
			return err
		}
		return people.add(personDoc(&p))
	})
	if err != nil {
		return fmt.Errorf("index people for searching: %w", err)
	}
	if err := people.end(); err != nil {
		return err
	}
	accounts := &indexing{x: findIndex{tx, spaceAccounts}}
	var keys []change
	err = tx.Bucket(bucketAccounts).ForEach(func(_, v []byte) error {
		a, err := decodeAccount(v)
		if err != nil {
			return err
		}
		keys = append(keys, accountFindKeys(&a)...)
		return accounts.add(accountDoc(&a))
	})
	if err != nil {
		return fmt.Errorf("index accounts for searching: %w", err)
	}
	for _, c := range tidy(keys) {
		b := tx.Bucket(c.bucket)
		b.FillPercent = 0.9 // in order, and few come between later
		if err := b.Put(c.key, c.val); err != nil {
			return fmt.Errorf("index accounts: %w", err)
		}
	}
	return accounts.end()
}

// indexing makes segments without the list of recent entries; what is left over goes there.
type indexing struct {
	x    findIndex
	from uint32
	docs []findDoc
}

func (i *indexing) add(d findDoc) error {
	i.docs = append(i.docs, d)
	if len(i.docs) < segmentSize {
		return nil
	}
	docs, terms := make([]byte, 0, segmentSize*entrySize), newSegmentBuilder()
	for place, d := range i.docs {
		docs = append(docs, d.entry[:]...)
		terms.add(place, d.text)
	}
	if err := i.x.putSegment(i.x.key(i.from), docs, terms.encode()); err != nil {
		return err
	}
	i.from += segmentSize
	i.docs = i.docs[:0]
	return i.x.tx.Bucket(bucketMeta).Put(i.x.countName(), u64(uint64(i.from)))
}

func (i *indexing) end() error {
	for _, d := range i.docs {
		if err := i.x.add(d); err != nil {
			return err
		}
	}
	return nil
}
