package boltstore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// sortKey stands for a change while changes are sorted. It is small, and its beginning decides nearly always, so
// that the key itself is not looked at.
type sortKey struct {
	beginning uint64 // eight bytes of the key, after what all keys have in common
	at        int32  // place in the list
}

// inOrder appends to room what puts the changes of a bucket in the order of their keys; those of one key stay in
// the order in which they were gathered.
func inOrder(room []sortKey, list []change) []sortKey {
	common := len(list[0].key)
	for i := range list {
		common = commonPrefix(list[0].key[:common], list[i].key)
	}
	sorted := true
	for i := range list {
		k := sortKey{beginning(list[i].key[common:]), int32(i)}
		if i > 0 && sorted {
			sorted = compareSortKeys(list, room[len(room)-1], k) <= 0
		}
		room = append(room, k)
	}
	if !sorted {
		slices.SortFunc(room, func(a, b sortKey) int { return compareSortKeys(list, a, b) })
	}
	return room
}

func compareSortKeys(list []change, a, b sortKey) int {
	if a.beginning != b.beginning {
		return cmp.Compare(a.beginning, b.beginning)
	}
	if c := bytes.Compare(list[a.at].key, list[b.at].key); c != 0 {
		return c
	}
	return cmp.Compare(a.at, b.at)
}

// beginning is a number that sorts as the first eight bytes do; a shorter key is filled up with zeroes.
func beginning(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var whole [8]byte
	copy(whole[:], key)
	return binary.BigEndian.Uint64(whole[:])
}

// commonPrefix is how many bytes two keys have in common at their beginning.
func commonPrefix(a, b []byte) int {
	n, most := 0, min(len(a), len(b))
	for n+8 <= most && binary.NativeEndian.Uint64(a[n:]) == binary.NativeEndian.Uint64(b[n:]) {
		n += 8
	}
	for n < most && a[n] == b[n] {
		n++
	}
	return n
}
