package imap

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
)

// fetched is what one FETCH response says of a message. Absent things are zero.
type fetched struct {
	seq          uint32
	uid          uint32
	size         int64
	date         time.Time
	draft        bool
	hasStructure bool // BODYSTRUCTURE was there, even if structure is nil because it made no sense
	structure    *mimeitem.Part
	sections     []section
}

// section is the content of BODY[path].
type section struct {
	path string // upper-case, as asked: "HEADER", "1.2", "" for the whole message
	data []byte
	cut  bool // the server sent more than is kept
}

// whole says whether the whole message came.
func (f fetched) whole() bool {
	return slices.ContainsFunc(f.sections, func(s section) bool { return s.path == "" })
}

// parseFetch reads a FETCH response, whatever the order of its items. Items nobody asked for are skipped. An
// error means that nothing in it can be trusted. Nothing of the frame's lines or of mem is kept.
func parseFetch(fr frame, mem *scratch) (fetched, error) {
	var f fetched
	mem.reset()
	s := &scanner{fr: fr, mem: mem}
	s.pos = len("* ")
	seq, err := strconv.ParseUint(string(s.atom()), 10, 32)
	if err != nil || fr.oversize {
		return f, errSyntax
	}
	f.seq = uint32(seq)
	s.skipSpace()
	s.atom() // FETCH
	s.skipSpace()
	if s.peek() != '(' {
		return f, errSyntax
	}
	s.pos++
	for {
		s.skipSpace()
		if s.peek() == ')' {
			return f, nil
		}
		if err := f.item(s); err != nil {
			return f, err
		}
	}
}

// item reads one name and its value.
func (f *fetched) item(s *scanner) error {
	name := s.itemName()
	if name == "" {
		return errSyntax
	}
	v, err := s.value(0)
	if err != nil {
		return err
	}
	switch {
	case name == "UID":
		n, ok := v.number()
		if !ok || n <= 0 || n > 1<<32-1 {
			return errSyntax
		}
		f.uid = uint32(n)
	case name == "RFC822.SIZE":
		f.size, _ = v.number()
	case name == "INTERNALDATE":
		f.date, _ = time.Parse("_2-Jan-2006 15:04:05 -0700", string(v.text))
	case name == "FLAGS":
		for _, flag := range v.list {
			f.draft = f.draft || bytes.EqualFold(flag.text, []byte(`\Draft`))
		}
	case name == "BODYSTRUCTURE":
		f.hasStructure = true
		f.structure = structureOf(v)
	case strings.HasPrefix(name, "BODY["):
		if !v.isText() {
			return errSyntax
		}
		path := name[len("BODY["):strings.IndexByte(name, ']')]
		if len(v.text) == 0 && (path == "" || path == "HEADER") {
			return nil // no message is empty: the server could not read it
		}
		if !v.own {
			v.text = bytes.Clone(v.text)
		}
		f.sections = append(f.sections, section{path: path, data: v.text, cut: v.cut})
	}
	return nil
}

// itemName reads a data item's name, upper-case, with its section in brackets but without the <origin> that
// follows a partial fetch: "BODY[1.2]".
func (s *scanner) itemName() string {
	start := s.pos
	depth := 0
	for ; s.pos < len(s.fr.raw); s.pos++ {
		switch c := s.fr.raw[s.pos]; {
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '\r' || c == '\n':
			return ""
		case depth == 0 && (c == ' ' || c == '('):
			name := strings.ToUpper(string(s.fr.raw[start:s.pos]))
			if end := strings.IndexByte(name, ']'); end >= 0 {
				name = name[:end+1]
			}
			return name
		case depth == 0 && c == ')':
			return ""
		}
	}
	return ""
}
