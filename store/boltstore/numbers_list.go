package boltstore

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// A list of numbers is the details that were counted under one key, ascending, each with how many there are and what they add
// up to. In bytes: length of the detail, detail, count, sum, for each; lengths are unsigned, the others signed variable integers.
// A detail of which nothing is left is not in it, and an empty list is not stored.

// numberList goes over a list. Once something does not fit, bad is set.
type numberList struct {
	b   []byte
	bad bool
}

// next gives the next detail, which is a part of the list; ok is false at the end.
func (l *numberList) next() (detail []byte, t tally, ok bool) {
	if len(l.b) == 0 {
		return nil, t, false
	}
	size, n := binary.Uvarint(l.b)
	if n <= 0 || size > uint64(len(l.b)-n) {
		return l.fail()
	}
	detail, l.b = l.b[n:n+int(size)], l.b[n+int(size):]
	if t.count, n = binary.Varint(l.b); n <= 0 {
		return l.fail()
	}
	l.b = l.b[n:]
	if t.sum, n = binary.Varint(l.b); n <= 0 {
		return l.fail()
	}
	l.b = l.b[n:]
	return detail, t, true
}

func (l *numberList) fail() ([]byte, tally, bool) {
	l.b, l.bad = nil, true
	return nil, tally{}, false
}

// err says whether the list could be read.
func (l *numberList) err() error {
	if l.bad {
		return corrupt("numbers")
	}
	return nil
}

func checkNumbers(raw []byte) error {
	l := numberList{b: raw}
	for ok := true; ok; {
		_, _, ok = l.next()
	}
	return l.err()
}

// addNumbers adds to a list; the addends are in the order of their details. It gives nil for nothing, which removes it.
func addNumbers(room *arena, list []byte, some []addend) ([]byte, error) {
	size := len(list)
	for i := range some {
		size += len(some[i].detail) + 2*binary.MaxVarintLen64 + 2
	}
	out, l := room.make(size), numberList{b: list}
	put := func(detail []byte, t tally) {
		if t != (tally{}) {
			out = append(binary.AppendUvarint(out, uint64(len(detail))), detail...)
			out = binary.AppendVarint(binary.AppendVarint(out, t.count), t.sum)
		}
	}
	detail, t, left := l.next()
	for i := range some {
		wanted := []byte(some[i].detail)
		for left && bytes.Compare(detail, wanted) < 0 {
			put(detail, t)
			detail, t, left = l.next()
		}
		sum := some[i].tally
		if left && bytes.Equal(detail, wanted) {
			sum = tally{t.count + sum.count, t.sum + sum.sum}
			detail, t, left = l.next()
		}
		put(wanted, sum)
	}
	for ; left; detail, t, left = l.next() {
		put(detail, t)
	}
	if len(out) == 0 {
		out = nil
	}
	return out, l.err()
}

// numberLines says where two lists of one key differ.
func numberLines(key string, stored, counted []byte) (out []string) {
	of := func(raw []byte) map[string]tally {
		all, l := map[string]tally{}, numberList{b: raw}
		for detail, t, ok := l.next(); ok; detail, t, ok = l.next() {
			all[string(detail)] = t
		}
		return all
	}
	was, is := of(stored), of(counted)
	for detail, t := range was {
		if is[detail] != t {
			out = append(out, fmt.Sprintf("%s %q: stored %d, counted %d", bucketNumbers, key+detail, t, is[detail]))
		}
	}
	for detail, t := range is {
		if _, ok := was[detail]; !ok {
			out = append(out, fmt.Sprintf("%s %q: stored %d, counted %d", bucketNumbers, key+detail, tally{}, t))
		}
	}
	if len(out) == 0 { // what is stored cannot be read, or is not in order
		out = append(out, fmt.Sprintf("%s %q: stored %x, counted %x", bucketNumbers, key, stored, counted))
	}
	return out
}

// bucketOldNumbers is where earlier programs kept each number under a key of its own, which ends with the detail.
var bucketOldNumbers = []byte("numbers")

// listNumbers makes lists of the numbers of earlier programs.
func listNumbers(tx *bbolt.Tx) error {
	if err := makeBuckets(tx); err != nil {
		return err
	}
	old := tx.Bucket(bucketOldNumbers)
	if old == nil {
		return nil
	}
	lists := tx.Bucket(bucketNumbers)
	lists.FillPercent = 0.9
	var list []addend
	flush := func() error {
		if len(list) == 0 {
			return nil
		}
		key := list[0].key
		val, err := addNumbers(nil, nil, list)
		list = list[:0]
		if err != nil || val == nil {
			return err
		}
		return lists.Put(key, val)
	}
	err := old.ForEach(func(k, v []byte) error {
		end := bytes.LastIndexByte(k, 0) + 1
		if end == 0 || len(v) != 16 {
			return corrupt("a number")
		}
		if len(list) > 0 && !bytes.Equal(list[0].key, k[:end]) {
			if err := flush(); err != nil {
				return err
			}
		}
		list = append(list, addend{bytes.Clone(k[:end]), string(k[end:]), tally{int64(getU64(v[:8])), int64(getU64(v[8:]))}})
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	return tx.DeleteBucket(bucketOldNumbers)
}
