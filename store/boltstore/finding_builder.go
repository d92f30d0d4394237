package boltstore

import (
	"cmp"
	"slices"
)

// segmentBuilder gathers the terms of the entries of a segment, which come in the order of their places. A segment has
// some hundred thousand pairs of a term and a place, and is made while others wait to write: the terms are in a table of
// open addressing, and the pairs are one list, which is brought in the order of the terms at the end, so that no pair costs an
// allocation.
type segmentBuilder struct {
	slots []uint32 // 1 + number in terms; 0 for none; their number is a power of two
	terms []builtTerm
	pairs []builtPair
}

// builtTerm is a term with how many places it has, and the last of them.
type builtTerm struct {
	term  term
	count int32
	last  uint16
}

// builtPair is a place of the term with a number.
type builtPair struct {
	term  int32
	place uint16
}

func newSegmentBuilder() *segmentBuilder {
	return &segmentBuilder{slots: make([]uint32, 1<<16), terms: make([]builtTerm, 0, 1<<14), pairs: make([]builtPair, 0, 1<<17)}
}

// add adds the terms of a text.
func (b *segmentBuilder) add(place int, text string) {
	eachTerm(text, func(t term) { b.put(t, uint16(place)) })
}

// put adds a place of a term: the last one again, or one behind it.
func (b *segmentBuilder) put(t term, place uint16) {
	slot := b.slot(t)
	if b.slots[slot] == 0 {
		if 2*len(b.terms) >= len(b.slots) {
			b.widen()
			slot = b.slot(t)
		}
		b.terms = append(b.terms, builtTerm{term: t})
		b.slots[slot] = uint32(len(b.terms))
	}
	at := b.slots[slot] - 1
	found := &b.terms[at]
	if found.count > 0 && found.last == place {
		return
	}
	found.count, found.last = found.count+1, place
	b.pairs = append(b.pairs, builtPair{term: int32(at), place: place})
}

// slot is where a term is, or where it belongs.
func (b *segmentBuilder) slot(t term) int {
	mask := uint64(len(b.slots) - 1)
	at := (uint64(t) ^ uint64(t)>>32) * 0x9e3779b97f4a7c15 >> 32 & mask // short terms differ in their top bytes alone
	for ; b.slots[at] != 0 && b.terms[b.slots[at]-1].term != t; at = (at + 1) & mask {
	}
	return int(at)
}

func (b *segmentBuilder) widen() {
	b.slots = make([]uint32, 4*len(b.slots))
	for i := range b.terms {
		b.slots[b.slot(b.terms[i].term)] = uint32(i + 1)
	}
}

// inOrder are the numbers of the terms, ascending by term.
func (b *segmentBuilder) inOrder() []int {
	out := make([]int, len(b.terms))
	for i := range out {
		out[i] = i
	}
	slices.SortFunc(out, func(x, y int) int { return cmp.Compare(b.terms[x].term, b.terms[y].term) })
	return out
}

// places are the places of all terms, each term's ascending, and where those of each term begin; one more says where all end.
func (b *segmentBuilder) places() (all []uint16, from []int32) {
	from = make([]int32, len(b.terms)+1)
	for i := range b.terms {
		from[i+1] = from[i] + b.terms[i].count
	}
	all, next := make([]uint16, len(b.pairs)), slices.Clone(from)
	for _, pair := range b.pairs {
		all[next[pair.term]] = pair.place
		next[pair.term]++
	}
	return all, from
}
