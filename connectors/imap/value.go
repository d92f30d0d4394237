package imap

import (
	"bytes"
	"errors"
	"strconv"
)

// errSyntax means that a response does not follow the grammar, not even read with patience.
var errSyntax = errors.New("malformed response")

// maxDepth bounds how deep lists may nest; BODYSTRUCTURE of a mail of any use needs a tenth of it.
const maxDepth = 100

// valueKind says what a value is.
type valueKind byte

const (
	kindNil valueKind = iota
	kindAtom
	kindString
	kindList
)

// value is a piece of a response: NIL, an atom or number, a string (quoted or literal), or a list.
type value struct {
	kind valueKind
	cut  bool // a literal of which only the beginning was kept
	own  bool // text is a literal, with memory of its own; other text goes with the frame
	text []byte
	list []value // goes with the scratch
}

// number is the value as an unsigned number; false if it is none.
func (v value) number() (int64, bool) {
	if v.kind != kindAtom && v.kind != kindString {
		return 0, false
	}
	n, err := strconv.ParseUint(string(v.text), 10, 62)
	return int64(n), err == nil
}

// isText says whether the value is a string or NIL, which are interchangeable in many places.
func (v value) isText() bool { return v.kind == kindNil || v.kind == kindString }

// scratch is memory for the lists of one response after the other.
type scratch struct {
	stack  []value // elements of lists not yet closed
	slab   []value // elements of closed lists
	values int     // elements in all
}

// reset makes the memory free for the next response.
func (m *scratch) reset() {
	if cap(m.stack)+cap(m.slab) > maxSlab {
		*m = scratch{}
	}
	m.stack, m.slab, m.values = m.stack[:0], m.slab[:0], 0
}

// push adds an element to the list that is open; false if the response has more than makes sense.
func (m *scratch) push(v value) bool {
	m.stack = append(m.stack, v)
	m.values++
	return m.values <= maxValues
}

// close takes the elements from base on off the stack and gives them as a list.
func (m *scratch) close(base int) []value {
	n := len(m.stack) - base
	if cap(m.slab)-len(m.slab) < n {
		m.slab = make([]value, 0, max(n, 128)) // lists closed before keep the old one
	}
	start := len(m.slab)
	m.slab = append(m.slab, m.stack[base:]...)
	m.stack = m.stack[:base]
	return m.slab[start:len(m.slab):len(m.slab)]
}

// The bounds of scratch.
const (
	maxValues = 200_000 // list elements of one response; a BODYSTRUCTURE of maxParts has fewer
	maxSlab   = 4096    // elements for which memory is kept for the next response
)

// scanner reads values out of a frame.
type scanner struct {
	fr      frame
	mem     *scratch
	pos     int
	literal int // index of the next literal
}

func (s *scanner) peek() byte {
	if s.pos >= len(s.fr.raw) {
		return 0
	}
	return s.fr.raw[s.pos]
}

func (s *scanner) skipSpace() {
	for s.peek() == ' ' {
		s.pos++
	}
}

// value reads one value. Missing spaces between values are forgiven.
func (s *scanner) value(depth int) (value, error) {
	s.skipSpace()
	switch s.peek() {
	case 0, '\r', '\n', ')':
		return value{}, errSyntax
	case '(':
		return s.list(depth)
	case '"':
		return s.quoted()
	case '{', '~':
		if v, ok := s.takeLiteral(); ok {
			return v, nil
		}
	}
	text := s.atom()
	if len(text) == 3 && bytes.EqualFold(text, []byte("NIL")) {
		return value{kind: kindNil}, nil
	}
	return value{kind: kindAtom, text: text}, nil
}

// list reads a parenthesised list.
func (s *scanner) list(depth int) (value, error) {
	if depth >= maxDepth {
		return s.skipList()
	}
	s.pos++ // "("
	base := len(s.mem.stack)
	for {
		s.skipSpace()
		if s.peek() == ')' {
			s.pos++
			return value{kind: kindList, list: s.mem.close(base)}, nil
		}
		child, err := s.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		if !s.mem.push(child) {
			return value{}, errSyntax
		}
	}
}

// skipList passes over a list that is nested too deeply and gives NIL for it: what stands around it is still of use.
func (s *scanner) skipList() (value, error) {
	for open := 0; ; {
		s.skipSpace()
		switch s.peek() {
		case '(':
			open++
			s.pos++
		case ')':
			open--
			s.pos++
			if open == 0 {
				return value{kind: kindNil}, nil
			}
		default:
			if _, err := s.value(0); err != nil {
				return value{}, err
			}
		}
	}
}

// quoted reads a quoted string. Some servers forget to escape a quote inside; in the grammar a closing quote is
// always followed by a space, a parenthesis or the line's end, so any other quote belongs to the text.
func (s *scanner) quoted() (value, error) {
	s.pos++
	start, escaped := s.pos, false
	for ; s.pos < len(s.fr.raw); s.pos++ {
		switch s.fr.raw[s.pos] {
		case '\r', '\n':
			return value{}, errSyntax
		case '\\':
			if next := s.fr.raw[min(s.pos+1, len(s.fr.raw)-1)]; next == '"' || next == '\\' {
				escaped = true
				s.pos++
			}
		case '"':
			if !s.closes(s.pos) {
				continue
			}
			text := s.fr.raw[start:s.pos]
			s.pos++
			if escaped {
				text = unescape(text)
			}
			return value{kind: kindString, text: text}, nil
		}
	}
	return value{}, errSyntax
}

// closes says whether the quote at i can end a string.
func (s *scanner) closes(i int) bool {
	if i+1 >= len(s.fr.raw) {
		return true
	}
	switch s.fr.raw[i+1] {
	case ' ', ')', '(', '\r', '\n':
		return true
	}
	return false
}

func unescape(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\') {
			i++
		}
		out = append(out, text[i])
	}
	return out
}

// takeLiteral reads the literal that stands at the current place, if one does.
func (s *scanner) takeLiteral() (value, bool) {
	mark := s.pos
	if s.peek() == '~' {
		mark++
	}
	if s.literal >= len(s.fr.literals) || s.fr.literals[s.literal].mark != mark {
		return value{}, false
	}
	sp := s.fr.literals[s.literal]
	s.literal++
	s.pos = sp.next
	return value{kind: kindString, text: sp.data, own: true, cut: sp.cut}, true
}

// atom reads up to a space, a parenthesis or the line's end. Other specials are forgiven.
func (s *scanner) atom() []byte {
	start := s.pos
	for s.pos < len(s.fr.raw) {
		switch s.fr.raw[s.pos] {
		case ' ', '(', ')', '\r', '\n':
			if s.pos == start {
				s.pos++ // cannot happen; guards against standing still
			}
			return s.fr.raw[start:s.pos]
		}
		s.pos++
	}
	return s.fr.raw[start:s.pos]
}
