package boltstore

import (
	"encoding/binary"
	"math/bits"
)

// segmentSize is how many entries a segment has.
const segmentSize = 4096

// bitmap says of each entry of a segment whether it is meant.
type bitmap [segmentSize / 64]uint64

func (m *bitmap) set(i int) { m[i/64] |= 1 << (i % 64) }

func (m *bitmap) has(i int) bool { return m[i/64]&(1<<(i%64)) != 0 }

// and keeps what both have and says whether anything is left.
func (m *bitmap) and(o *bitmap) bool {
	left := uint64(0)
	for i := range m {
		m[i] &= o[i]
		left |= m[i]
	}
	return left != 0
}

func (m *bitmap) or(o *bitmap) {
	for i := range m {
		m[i] |= o[i]
	}
}

// count is how many places are set.
func (m *bitmap) count() (n int) {
	for _, word := range m {
		n += bits.OnesCount64(word)
	}
	return n
}

// each calls yield with every place that is set, ascending.
func (m *bitmap) each(yield func(i int)) {
	for w, word := range m {
		for word != 0 {
			yield(w*64 + bits.TrailingZeros64(word))
			word &= word - 1
		}
	}
}

// termTable is the terms of a segment with the places of the entries that have them. For every 16th term it begins
// with the term and where it stands, so that a look-up is a binary search and a few steps:
//
//	count(4), count × (term(8), offset(4)), then each term: one byte for how many bytes it shares with the one before
//	and how many follow, these bytes, the length of the places, the places.
//
// Places are the distances between them, or a bitmap where that is shorter.
type termTable []byte

const (
	termStep    = 16
	termHead    = 12
	placesAsMap = segmentSize / 8
)

// encode makes the table.
func (b *segmentBuilder) encode() termTable {
	terms := b.inOrder()
	heads := (len(terms) + termStep - 1) / termStep
	out := make([]byte, 4+heads*termHead, 4+heads*termHead+len(terms)*12)
	binary.BigEndian.PutUint32(out, uint32(heads))
	var room []byte
	places, from := b.places()
	var last [8]byte
	for i, at := range terms {
		t := b.terms[at].term
		var now [8]byte
		binary.BigEndian.PutUint64(now[:], uint64(t))
		if i%termStep == 0 {
			head := out[4+i/termStep*termHead:]
			binary.BigEndian.PutUint64(head, uint64(t))
			binary.BigEndian.PutUint32(head[8:], uint32(len(out)))
			last = [8]byte{}
		}
		shared := commonPrefix(last[:], now[:])
		size := 8 - bits.TrailingZeros64(uint64(t))/8
		shared = min(shared, size)
		out = append(out, byte(shared<<4|(size-shared)))
		out = append(out, now[shared:size]...)
		room = encodePlaces(room[:0], places[from[at]:from[at+1]])
		out = binary.AppendUvarint(out, uint64(len(room)))
		out = append(out, room...)
		last = now
	}
	return out
}

func encodePlaces(room []byte, places []uint16) []byte {
	last := -1
	for _, p := range places {
		if len(room) >= placesAsMap-2 {
			var m bitmap
			for _, p := range places {
				m.set(int(p))
			}
			room = room[:0]
			for _, word := range m {
				room = binary.BigEndian.AppendUint64(room, word)
			}
			return room
		}
		room = binary.AppendUvarint(room, uint64(int(p)-last-1))
		last = int(p)
	}
	return room
}

// mark sets the places in a bitmap.
func markPlaces(raw []byte, m *bitmap) error {
	if len(raw) == placesAsMap {
		for i := range m {
			m[i] |= binary.BigEndian.Uint64(raw[8*i:])
		}
		return nil
	}
	at := -1
	for len(raw) > 0 {
		step, n := binary.Uvarint(raw)
		if n <= 0 || step >= segmentSize || at+1+int(step) >= segmentSize {
			return corrupt("the index for searching")
		}
		at += 1 + int(step)
		m.set(at)
		raw = raw[n:]
	}
	return nil
}

// each calls yield with the terms of a range, ascending, and their places.
func (t termTable) each(r termRange, yield func(at term, places []byte) error) error {
	if len(t) < 4 {
		return corrupt("the index for searching")
	}
	heads := int(binary.BigEndian.Uint32(t))
	if heads < 0 || heads > (len(t)-4)/termHead {
		return corrupt("the index for searching")
	}
	if heads == 0 {
		return nil
	}
	low, high := 0, heads // the last head that is not above the range's beginning
	for low+1 < high {
		middle := (low + high) / 2
		if term(binary.BigEndian.Uint64(t[4+middle*termHead:])) <= r.from {
			low = middle
		} else {
			high = middle
		}
	}
	at := int(binary.BigEndian.Uint32(t[4+low*termHead+8:]))
	if at > len(t) {
		return corrupt("the index for searching")
	}
	var now [8]byte
	for rest := t[at:]; len(rest) > 0; {
		shared, size := int(rest[0]>>4), int(rest[0]&15)
		if shared+size > 8 || len(rest) < 1+size {
			return corrupt("the index for searching")
		}
		copy(now[shared:], rest[1:1+size])
		clear(now[shared+size:])
		length, n := binary.Uvarint(rest[1+size:])
		if n <= 0 || length > uint64(len(rest)-1-size-n) {
			return corrupt("the index for searching")
		}
		places := rest[1+size+n : 1+size+n+int(length)]
		rest = rest[1+size+n+int(length):]
		found := term(binary.BigEndian.Uint64(now[:]))
		if found > r.to {
			return nil
		}
		if found >= r.from {
			if err := yield(found, places); err != nil {
				return err
			}
		}
	}
	return nil
}

// mark sets the places of all terms of a range.
func (t termTable) mark(r termRange, m *bitmap) error {
	return t.each(r, func(_ term, places []byte) error { return markPlaces(places, m) })
}

// without is the table without the places of some entries.
func (t termTable) without(gone *bitmap) (termTable, error) {
	b := newSegmentBuilder()
	err := t.each(termRange{0, ^term(0)}, func(at term, packed []byte) error {
		var m bitmap
		if err := markPlaces(packed, &m); err != nil {
			return err
		}
		m.each(func(i int) {
			if !gone.has(i) {
				b.put(at, uint16(i))
			}
		})
		return nil
	})
	return b.encode(), err
}
