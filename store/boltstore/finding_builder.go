package boltstore

import (
	"cmp"
	"slices"
)

// segmentBuilder gathers the terms of the entries of a segment, which come in the order of their places. A segment has
// some hundred thousand pairs of a term and a place, and is made while others wait to write: the terms are in a table of
// open addressing, and the places of a term are links in one list, so that no pair costs an allocation.
type segmentBuilder struct {
	slots []uint32 // 1 + number in terms; 0 for none; their number is a power of two
	terms []builtTerm
	links []placeLink
}

// builtTerm is a term with the first and last of its links.
type builtTerm struct {
	term        term
	first, last int32
}

// placeLink is a place of a term; next is the number of the link behind it, 0 at the end.
type placeLink struct {
	next  int32
	place uint16
}

func newSegmentBuilder() *segmentBuilder {
	return &segmentBuilder{slots: make([]uint32, 1<<16), terms: make([]builtTerm, 0, 1<<14), links: make([]placeLink, 1, 1<<17)}
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
	found := &b.terms[b.slots[slot]-1]
	if found.last != 0 && b.links[found.last].place == place {
		return
	}
	link := int32(len(b.links))
	b.links = append(b.links, placeLink{place: place})
	if found.last == 0 {
		found.first = link
	} else {
		b.links[found.last].next = link
	}
	found.last = link
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

// placesOf appends the places of a term, ascending.
func (b *segmentBuilder) placesOf(at int, out []uint16) []uint16 {
	for link := b.terms[at].first; link != 0; link = b.links[link].next {
		out = append(out, b.links[link].place)
	}
	return out
}
