package boltstore

import (
	"bytes"
	"encoding/hex"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// found is a record that was found, with its key in the order of lists (see nameKey).
type found[T any] struct {
	key    []byte
	doc    findDoc
	record T
}

// finder reads the record of a candidate; ok is false if it is gone, was changed since, or does not have the words.
type finder[T any] func(c *candidate) (f found[T], ok bool, err error)

func personFinder(tx *bbolt.Tx, words []findWord) finder[crm.Person] {
	people := tx.Bucket(bucketPeople)
	return func(c *candidate) (f found[crm.Person], ok bool, err error) {
		raw := people.Get(c.id[:])
		if raw == nil {
			return f, false, nil
		}
		if f.record, err = decodePerson(raw); err != nil {
			return f, false, err
		}
		f.doc = personDoc(&f.record)
		f.key = nameKey(f.record.Name, c.id)
		return f, c.sameText(&f.doc) && allIn(f.doc.text, words), nil
	}
}

func accountFinder(tx *bbolt.Tx, words []findWord) finder[crm.Account] {
	accounts := tx.Bucket(bucketAccounts)
	return func(c *candidate) (f found[crm.Account], ok bool, err error) {
		raw := accounts.Get(c.id[:])
		if raw == nil {
			return f, false, nil
		}
		if f.record, err = decodeAccount(raw); err != nil {
			return f, false, err
		}
		f.doc = accountDoc(&f.record)
		f.key = nameKey(f.record.Name, c.id)
		return f, c.sameText(&f.doc) && allIn(f.doc.text, words), nil
	}
}

// page gives the first records of a match behind a cursor, in the order of lists, and the cursor to go on from.
//
// Candidates come in the order of the beginnings of names. Names that are longer than that and begin alike may be in
// any order among themselves, so that such a run is read as a whole.
func page[T any](m *match, cursor string, limit int, find finder[T]) (out []T, next string, err error) {
	behind, after := afterCursor(cursor)
	var all []found[T]
	seen := map[id16]bool{}
	for n := 2 * (limit + 1); ; {
		batch, more := m.least(after, n)
		if more {
			if batch = wholeRuns(batch); len(batch) == 0 {
				n *= 2
				continue
			}
		}
		for i := range batch {
			c := &batch[i]
			if len(all) > limit && !c.long() {
				break
			}
			f, ok, err := find(c)
			if err != nil {
				return nil, "", err
			}
			if ok && !seen[c.id] && bytes.Compare(f.key, behind) > 0 {
				seen[c.id] = true
				all = append(all, f)
			}
		}
		if len(all) > limit || !more {
			break
		}
		after = &batch[len(batch)-1]
		n = min(2*n, segmentSize)
	}
	slices.SortFunc(all, func(a, b found[T]) int { return bytes.Compare(a.key, b.key) })
	if len(all) > limit {
		all = all[:limit]
		next = hex.EncodeToString(all[limit-1].key)
	}
	for i := range all {
		out = append(out, all[i].record)
	}
	return out, next, nil
}

// long reports that the name goes on behind its beginning.
func (c *candidate) long() bool { return c.sort[sortSize-1] != 0 }

// wholeRuns takes a run of long names that begin alike off the end, since the rest of it may be missing.
func wholeRuns(batch []candidate) []candidate {
	last := batch[len(batch)-1]
	if !last.long() {
		return batch
	}
	for len(batch) > 0 && batch[len(batch)-1].sort == last.sort {
		batch = batch[:len(batch)-1]
	}
	return batch
}

// afterCursor is where a page begins: behind a key in the order of lists, and behind a candidate.
func afterCursor(cursor string) (behind []byte, after *candidate) {
	key, err := hex.DecodeString(cursor)
	if err != nil || len(key) < 17 {
		return nil, nil
	}
	c := candidate{sort: sortOf(key[:len(key)-17]), id: id16(key[len(key)-16:]), sum: 1<<32 - 1}
	if c.long() {
		c.id, c.sum = id16{}, 0 // the run is read anew
	}
	return key, &c
}
