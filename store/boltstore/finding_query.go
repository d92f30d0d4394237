package boltstore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// findWord is a word of a query: one of its writings must stand in a text.
type findWord [][]byte

// findWords folds a query and splits it. Part of a telephone number is looked for without its hyphens too.
func findWords(query string) []findWord {
	var out []findWord
	for _, word := range queryWords(query) {
		w := findWord{word}
		if digits := digitsOf(string(word)); len(digits) >= 3 && len(digits) < len(word) && isPhoneLike(string(word)) {
			w = append(w, []byte(digits))
		}
		out = append(out, w)
	}
	return out
}

func isPhoneLike(word string) bool { return strings.Trim(word, "0123456789-+()") == "" }

func (w findWord) in(text string) bool {
	return slices.ContainsFunc(w, func(writing []byte) bool { return strings.Contains(text, string(writing)) })
}

func allIn(text string, words []findWord) bool {
	return !slices.ContainsFunc(words, func(w findWord) bool { return !w.in(text) })
}

// candidate is an entry that may be found, and where its record stands in the order of lists.
type candidate struct {
	sort [sortSize]byte
	id   id16
	sum  uint32
	kind byte
	any  bool // of the record as it is, whatever it says
	rank int  // of a recent one: how the first word stands in its text, see rankOf
}

func candidateOf(entry []byte) candidate {
	return candidate{sort: [sortSize]byte(entry[entrySort:entrySize]), id: id16(entry[:16]), sum: binary.BigEndian.Uint32(entry[16:]), kind: entry[entryKind]}
}

// compareCandidates is the order of lists as far as entries know it: by the beginning of the folded name. Names that are
// whole in it go on by id, as lists do.
func compareCandidates(a, b candidate) int {
	return cmp.Or(bytes.Compare(a.sort[:], b.sort[:]), bytes.Compare(a.id[:], b.id[:]), cmp.Compare(a.sum, b.sum))
}

// match is what the index knows of a query: the entries of each segment that have its terms, and the recent ones that
// have its words.
type match struct {
	kind     byte // others are left out; 0 for none
	segments []matchedSegment
	recent   []candidate
}

type matchedSegment struct {
	docs   []byte
	terms  termTable
	places bitmap
}

// match looks a query up. A few characters of each word count, so that entries may be among those of the segments that
// do not have the words.
func (x findIndex) match(words []findWord) (*match, error) {
	out := &match{}
	want := make([][][]termRange, len(words))
	for i, w := range words {
		for _, writing := range w {
			want[i] = append(want[i], rangesOf(string(writing)))
		}
	}
	docs, terms := x.tx.Bucket(bucketFindDocs).Cursor(), x.tx.Bucket(bucketFindTerms)
	for k, v := docs.Seek([]byte{x.space}); x.owns(k); k, v = docs.Next() {
		if len(v) != segmentSize*entrySize {
			return nil, corrupt("the index for searching")
		}
		s := matchedSegment{docs: v, terms: terms.Get(k)}
		found, err := matchSegment(s.terms, want, &s.places)
		if err != nil {
			return nil, err
		}
		if found {
			out.segments = append(out.segments, s)
		}
	}
	recent := x.tx.Bucket(bucketFindRecent).Cursor()
	for k, v := recent.Seek([]byte{x.space}); x.owns(k); k, v = recent.Next() {
		if len(v) < entrySize {
			return nil, corrupt("the index for searching")
		}
		if hasAll(v[entrySize:], words) {
			c := candidateOf(v)
			c.rank = rankOf(string(v[entrySize:]), words[0])
			out.recent = append(out.recent, c)
		}
	}
	return out, nil
}

// marked is what of the match has the first word with a rank, at the beginning of a part or word: of segments as far as its
// first characters tell.
func (m *match) marked(w findWord, rank int) (*match, error) {
	out, mark := &match{kind: m.kind}, ranks[rank]
	for _, c := range m.recent {
		if c.rank == rank {
			out.recent = append(out.recent, c)
		}
	}
	for i := range m.segments {
		s := m.segments[i]
		var places bitmap
		for _, writing := range w {
			if err := s.terms.mark(rangeAt(string(writing), mark), &places); err != nil {
				return nil, err
			}
		}
		if s.places.and(&places) {
			out.segments = append(out.segments, s)
		}
	}
	return out, nil
}

func hasAll(text []byte, words []findWord) bool {
	for _, w := range words {
		if !slices.ContainsFunc(w, func(writing []byte) bool { return bytes.Contains(text, writing) }) {
			return false
		}
	}
	return true
}

// matchSegment finds the entries that have all terms of a writing of each word, and says whether there are any.
func matchSegment(terms termTable, want [][][]termRange, out *bitmap) (bool, error) {
	for i := range out {
		out[i] = ^uint64(0)
	}
	for _, writings := range want {
		var word bitmap
		for _, ranges := range writings {
			writing, left := *out, true
			for _, r := range ranges {
				var m bitmap
				if err := terms.mark(r, &m); err != nil {
					return false, err
				}
				if left = writing.and(&m); !left {
					break
				}
			}
			if left {
				word.or(&writing)
			}
		}
		if !out.and(&word) {
			return false, nil
		}
	}
	return true, nil
}

// cut leaves the first segments that have so many entries, and says whether there are others.
func (m *match) cut(most int) bool {
	for i := range m.segments {
		if most -= m.segments[i].places.count(); most < 0 && i+1 < len(m.segments) {
			m.segments = m.segments[:i+1]
			return true
		}
	}
	return false
}

// least gives the first candidates in the order of lists that come after one (nil for the beginning), at most n, and
// whether there are more.
func (m *match) least(after *candidate, n int) (out []candidate, more bool) {
	var bound [sortSize]byte // none above is wanted
	bounded := false
	cut := func() {
		if len(out) <= n {
			return
		}
		slices.SortFunc(out, compareCandidates)
		out, more, bounded = out[:n], true, true
		bound = out[n-1].sort
	}
	take := func(c candidate) {
		if after != nil && compareCandidates(c, *after) <= 0 {
			return
		}
		if out = append(out, c); len(out) >= 4*n {
			cut()
		}
	}
	for i := range m.segments {
		s := &m.segments[i]
		s.places.each(func(place int) {
			entry := s.docs[place*entrySize : (place+1)*entrySize]
			if entry[entryKind] == 0 || m.kind != 0 && m.kind != entry[entryKind] {
				return
			}
			if bounded && bytes.Compare(entry[entrySort:], bound[:]) > 0 {
				more = true
				return
			}
			take(candidateOf(entry))
		})
	}
	for _, c := range m.recent {
		if m.kind == 0 || m.kind == c.kind {
			take(c)
		}
	}
	cut()
	slices.SortFunc(out, compareCandidates)
	return out, more
}

// sameText says whether an entry is of the record as it is now.
func (c *candidate) sameText(d *findDoc) bool {
	return c.any || binary.BigEndian.Uint32(d.entry[16:]) == c.sum && d.entry[entryKind] == c.kind
}

// personKindByte is the kind of entry of people of a kind; 0 for all.
func personKindByte(k crm.PersonKind) byte {
	switch k {
	case crm.Lead:
		return kindLead
	case crm.Contact:
		return kindContact
	}
	return 0
}
