package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// The index for searching. What a record says, folded, is appended to a list of recent entries; when 4,096 of them have
// gathered they become a segment, which says of each term which of its entries have it. So a record that is saved costs
// one page, and a segment is written once. A query looks its terms up in every segment and goes over the recent
// entries one by one.
//
// An entry is not changed when the record is: a new one is appended, and the checksum tells the stale one. An
// entry of a record that is gone leaves no record behind to be found; it is taken out all the same, with its terms, since
// a segment would still tell what the record said.

var (
	bucketFindRecent = []byte("findrecent") // space(1), number(4) → entry, folded text
	bucketFindDocs   = []byte("finddocs")   // space(1), number of the first(4) → entries of a segment
	bucketFindTerms  = []byte("findterms")  // the same → termTable of it
)

// The spaces of the index, and the names under which their counts stand in meta.
const (
	spacePeople   byte = 'p'
	spaceAccounts byte = 'a'
)

// findIndex is one space of the index in a transaction.
type findIndex struct {
	tx    *bbolt.Tx
	space byte
}

func (x findIndex) countName() []byte { return append([]byte("find"), x.space) }

// count is how many entries were ever made.
func (x findIndex) count() uint32 {
	return uint32(getU64(x.tx.Bucket(bucketMeta).Get(x.countName())))
}

func (x findIndex) key(number uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{x.space}, number)
}

// add appends an entry, and makes a segment when it is time.
func (x findIndex) add(d findDoc) error {
	number := x.count()
	b := x.tx.Bucket(bucketFindRecent)
	b.FillPercent = 1
	if err := b.Put(x.key(number), append(bytes.Clone(d.entry[:]), d.text...)); err != nil {
		return fmt.Errorf("index for searching: %w", err)
	}
	if err := x.tx.Bucket(bucketMeta).Put(x.countName(), u64(uint64(number)+1)); err != nil {
		return fmt.Errorf("index for searching: %w", err)
	}
	if (number+1)%segmentSize == 0 {
		return x.seal(number + 1 - segmentSize)
	}
	return nil
}

// seal makes a segment of the recent entries from a number on. Of several of one record only the last counts.
func (x findIndex) seal(from uint32) error {
	recent := x.tx.Bucket(bucketFindRecent)
	last := map[id16]uint32{}
	var keys [][]byte
	c := recent.Cursor()
	for k, v := c.Seek(x.key(from)); x.owns(k); k, v = c.Next() {
		if len(v) < entrySize {
			return corrupt("the index for searching")
		}
		last[id16(v[:16])] = binary.BigEndian.Uint32(k[1:])
		keys = append(keys, bytes.Clone(k))
	}
	docs, terms := make([]byte, segmentSize*entrySize), newSegmentBuilder()
	for _, k := range keys {
		v, number := recent.Get(k), binary.BigEndian.Uint32(k[1:])
		if place := number - from; place < segmentSize && last[id16(v[:16])] == number {
			copy(docs[place*entrySize:], v[:entrySize])
			terms.add(int(place), string(v[entrySize:]))
		}
	}
	for _, k := range keys {
		if err := recent.Delete(k); err != nil {
			return fmt.Errorf("index for searching: %w", err)
		}
	}
	return x.putSegment(x.key(from), docs, terms.encode())
}

func (x findIndex) owns(k []byte) bool { return len(k) == 5 && k[0] == x.space }

func (x findIndex) putSegment(key, docs []byte, terms termTable) error {
	for _, part := range []struct{ bucket, val []byte }{{bucketFindDocs, docs}, {bucketFindTerms, terms}} {
		b := x.tx.Bucket(part.bucket)
		b.FillPercent = 1
		if err := b.Put(key, part.val); err != nil {
			return fmt.Errorf("index for searching: %w", err)
		}
	}
	return nil
}

// remove takes every entry of a record out, stale ones too.
func (x findIndex) remove(id id16) error {
	recent := x.tx.Bucket(bucketFindRecent)
	var keys [][]byte
	c := recent.Cursor()
	for k, v := c.Seek([]byte{x.space}); x.owns(k); k, v = c.Next() {
		if bytes.HasPrefix(v, id[:]) {
			keys = append(keys, bytes.Clone(k))
		}
	}
	for _, k := range keys {
		if err := recent.Delete(k); err != nil {
			return fmt.Errorf("index for searching: %w", err)
		}
	}
	type found struct {
		key  []byte
		gone bitmap
	}
	var segments []found
	c = x.tx.Bucket(bucketFindDocs).Cursor()
	for k, docs := c.Seek([]byte{x.space}); x.owns(k); k, docs = c.Next() {
		if f := (found{key: k}); markID(docs, id, &f.gone) {
			f.key = bytes.Clone(k)
			segments = append(segments, f)
		}
	}
	for i := range segments {
		if err := x.thin(segments[i].key, &segments[i].gone); err != nil {
			return err
		}
	}
	return nil
}

// markID finds the places of a record's entries.
func markID(docs []byte, id id16, m *bitmap) bool {
	found := false
	beginning := binary.NativeEndian.Uint64(id[:])
	for at, place := 0, 0; at+entrySize <= len(docs) && place < segmentSize; at, place = at+entrySize, place+1 {
		if binary.NativeEndian.Uint64(docs[at:]) == beginning && docs[at+entryKind] != 0 && id16(docs[at:at+16]) == id {
			m.set(place)
			found = true
		}
	}
	return found
}

// thin takes entries out of a segment.
func (x findIndex) thin(key []byte, gone *bitmap) error {
	docs := bytes.Clone(x.tx.Bucket(bucketFindDocs).Get(key))
	gone.each(func(i int) { clear(docs[i*entrySize : (i+1)*entrySize]) })
	terms, err := termTable(x.tx.Bucket(bucketFindTerms).Get(key)).without(gone)
	if err != nil {
		return err
	}
	return x.putSegment(key, docs, terms)
}
