package boltstore

import (
	"bytes"
)

// A block is sorted keys, each without the beginning that it shares with the one before: the length of what
// it shares, the length of the rest, the rest.

// maxBlock is how many bytes a block has at most. A page holds some four of them: bbolt never has fewer than
// two values on a page, and unpacks them all.
const maxBlock = 1000

// maxKey is how long a key in a block may be, in bytes; the lengths are single bytes.
const maxKey = 255

// keyList is a list of keys in one piece of memory.
type keyList struct {
	flat   []byte
	ends   []int
	common []uint8 // how much a key shares with the one before; only after measure
}

func (l *keyList) len() int { return len(l.ends) }

func (l *keyList) at(i int) []byte {
	start := 0
	if i > 0 {
		start = l.ends[i-1]
	}
	return l.flat[start:l.ends[i]:l.ends[i]]
}

func (l *keyList) reset() { l.flat, l.ends = l.flat[:0], l.ends[:0] }

func (l *keyList) add(key []byte) {
	l.flat = append(l.flat, key...)
	l.ends = append(l.ends, len(l.flat))
}

// all appends the keys to room; they are good until the list changes.
func (l *keyList) all(room [][]byte) [][]byte {
	for i := range l.len() {
		room = append(room, l.at(i))
	}
	return room
}

// decode makes the list that of a block.
func (l *keyList) decode(block []byte) error {
	l.reset()
	return l.extend(block)
}

// extend appends the keys of a block.
func (l *keyList) extend(block []byte) error {
	last := 0 // where the last key of this block begins
	for first := true; len(block) > 0; first = false {
		if len(block) < 2 || len(block) < 2+int(block[1]) {
			return corrupt("a block of an index")
		}
		shared, rest := int(block[0]), block[2:2+int(block[1])]
		start := len(l.flat)
		if first && shared > 0 || !first && shared > start-last || shared+len(rest) > maxKey {
			return corrupt("a block of an index")
		}
		l.flat = append(l.flat, l.flat[last:last+shared]...)
		l.flat = append(l.flat, rest...)
		l.ends = append(l.ends, len(l.flat))
		last, block = start, block[2+len(rest):]
	}
	return nil
}

// merge makes the list the union of two lists that have nothing in common.
func (l *keyList) merge(a *keyList, keys [][]byte) {
	i := 0
	for _, key := range keys {
		from := i
		for i < a.len() && bytes.Compare(a.at(i), key) < 0 {
			i++
		}
		l.addRange(a, from, i)
		l.add(key)
	}
	l.addRange(a, i, a.len())
}

// addRange appends the keys from..to of another list.
func (l *keyList) addRange(a *keyList, from, to int) {
	if from == to {
		return
	}
	start := 0
	if from > 0 {
		start = a.ends[from-1]
	}
	shift := len(l.flat) - start
	l.flat = append(l.flat, a.flat[start:a.ends[to-1]]...)
	for _, end := range a.ends[from:to] {
		l.ends = append(l.ends, end+shift)
	}
}

// measure says how big a block may become when the list is cut into blocks of about the same size.
func (l *keyList) measure() int {
	size := 0
	l.common = l.common[:0]
	for i := range l.ends {
		n := l.shared(i)
		l.common = append(l.common, uint8(n))
		size += 2 + len(l.at(i)) - n
	}
	if size <= maxBlock {
		return maxBlock
	}
	const full = maxBlock * 3 / 4 // leaves room for what comes
	pieces := (size + full - 1) / full
	return size/pieces + 32
}

// shared is how much a key has in common with the one before.
func (l *keyList) shared(i int) int {
	if i == 0 {
		return 0
	}
	return commonPrefix(l.at(i-1), l.at(i))
}

// encode appends a block of the keys from i on to room and says where the next block begins. The list was measured.
func (l *keyList) encode(room []byte, i, limit int) (block []byte, next int) {
	block = room
	for start := i; i < l.len(); i++ {
		key, shared := l.at(i), 0
		if i > start {
			shared = int(l.common[i])
			if len(block)+2+len(key)-shared > limit {
				break
			}
		}
		block = append(block, byte(shared), byte(len(key)-shared))
		block = append(block, key[shared:]...)
	}
	return block, i
}

// checkBlock says whether a block can be read and is in order.
func checkBlock(block []byte) error {
	var keys keyList
	if err := keys.decode(block); err != nil {
		return err
	}
	for i := 1; i < keys.len(); i++ {
		if bytes.Compare(keys.at(i-1), keys.at(i)) >= 0 {
			return corrupt("the order of an index")
		}
	}
	return nil
}
