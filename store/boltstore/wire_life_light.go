package boltstore

import "encoding/binary"

// skimmer goes over a stored value without making anything of it. Once something does not fit, bad is set.
type skimmer struct {
	b   []byte
	at  int
	bad bool
}

func (s *skimmer) skip(n uint64) {
	if n > uint64(len(s.b)-s.at) {
		s.bad, s.at = true, len(s.b)
		return
	}
	s.at += int(n)
}

func (s *skimmer) uint() uint64 {
	v, n := binary.Uvarint(s.b[s.at:])
	if n <= 0 {
		s.bad, s.at = true, len(s.b)
		return 0
	}
	s.at += n
	return v
}

func (s *skimmer) strs(n int) {
	for range n {
		s.skip(s.uint())
	}
}

func (s *skimmer) ids(n int) {
	for range n {
		s.skip(s.uint() >> 1)
	}
}

func (s *skimmer) time() {
	if s.at < len(s.b) && s.b[s.at] != 0 {
		s.skip(1)
		s.uint()
		s.uint()
		return
	}
	s.skip(1)
}

// each goes over a list.
func (s *skimmer) each(one func()) {
	for n := s.uint(); n > 0 && !s.bad; n-- {
		one()
	}
}

// withoutTexts is a stored activity whose Text and FullText are empty: those take nearly all of its room.
func withoutTexts(raw []byte) ([]byte, error) {
	s := skimmer{b: raw}
	s.uint()
	s.ids(2)
	s.strs(3)
	s.time()
	s.time()
	s.strs(1)
	s.each(func() { // participants
		s.strs(1)
		s.ids(1)
		s.strs(4)
		s.skip(1)
	})
	s.each(func() { s.ids(1) })  // accounts
	s.each(func() { s.ids(1) })  // indexed
	s.each(func() { s.strs(1) }) // owners
	s.each(func() { s.strs(4) }) // observed
	s.ids(1)
	s.each(func() { // attachments
		s.strs(2)
		s.uint()
	})
	s.strs(2)
	s.each(func() { // runners-up
		s.strs(1)
		s.ids(1)
		s.strs(3)
	})
	s.uint()
	s.skip(1)
	s.strs(1)
	start := s.at
	s.strs(2)
	if s.bad {
		return nil, corrupt("an activity")
	}
	out := make([]byte, 0, len(raw)-(s.at-start)+2)
	out = append(append(out, raw[:start]...), 0, 0)
	return append(out, raw[s.at:]...), nil
}
