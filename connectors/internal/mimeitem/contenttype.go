package mimeitem

import (
	"bytes"
	"strings"
)

// readContentType reads a Content-Type or Content-Disposition value: a word, then parameters. It accepts
// what is written in the wild: missing semicolons, spaces around "=", quotes that are never closed.
func readContentType(v []byte) (kind string, params map[string]string) {
	s := scanner{b: v}
	kind = strings.ToLower(strings.Trim(s.until(" \t;("), "\"' "))
	for !s.done() {
		s.skip(" \t;,\r\n")
		if s.peek() == '(' {
			s.comment()
			continue
		}
		name := strings.ToLower(strings.TrimSpace(s.until("=; \t")))
		s.skip(" \t\r\n")
		if s.peek() != '=' {
			continue
		}
		s.pos++
		s.skip(" \t\r\n")
		value := s.value()
		if name == "" || len(params) >= 200 {
			continue
		}
		if params == nil {
			params = make(map[string]string, 4)
		}
		if _, twice := params[name]; !twice {
			params[name] = value
		}
	}
	return kind, params
}

// scanner walks over a header value.
type scanner struct {
	b   []byte
	pos int
}

func (s *scanner) done() bool { return s.pos >= len(s.b) }

func (s *scanner) peek() byte {
	if s.done() {
		return 0
	}
	return s.b[s.pos]
}

func (s *scanner) skip(chars string) {
	for !s.done() && strings.IndexByte(chars, s.b[s.pos]) >= 0 {
		s.pos++
	}
}

func (s *scanner) until(chars string) string {
	start := s.pos
	for !s.done() && strings.IndexByte(chars, s.b[s.pos]) < 0 {
		s.pos++
	}
	return string(s.b[start:s.pos])
}

// comment passes over a comment in parentheses, nested ones included. One that is never closed takes the rest.
func (s *scanner) comment() {
	depth := 0
	for ; !s.done(); s.pos++ {
		switch s.b[s.pos] {
		case '\\':
			s.pos++
		case '(':
			depth++
		case ')':
			depth--
			if depth == 0 {
				s.pos++
				return
			}
		}
	}
	s.pos = min(s.pos, len(s.b))
}

// value reads a parameter's value, quoted or not. An unquoted one ends at a semicolon, and at a space only
// if another parameter follows: file names with spaces are often left unquoted.
func (s *scanner) value() string {
	if s.peek() == '"' {
		return s.quoted()
	}
	start := s.pos
	for !s.done() && s.b[s.pos] != ';' {
		if c := s.b[s.pos]; (c == ' ' || c == '\t') && paramFollows(s.b[s.pos:]) {
			break
		}
		s.pos++
	}
	return strings.TrimSpace(string(s.b[start:s.pos]))
}

func paramFollows(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t")
	if len(rest) > 0 && rest[0] == '(' {
		return true
	}
	for i, c := range rest {
		switch {
		case c == '=':
			return i > 0 && !bytes.HasPrefix(rest[i:], []byte("=?"))
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '*':
		default:
			return false
		}
		if i > 40 {
			return false
		}
	}
	return false
}

// quoted reads a quoted string. One that is never closed goes up to the next semicolon or the end.
func (s *scanner) quoted() string {
	s.pos++
	start := s.pos
	var out []byte
	escaped := false
	for i := start; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '\\' && i+1 < len(s.b) && (s.b[i+1] == '"' || s.b[i+1] == '\\'):
			if !escaped {
				out = append(out, s.b[start:i]...)
				escaped = true
			}
			i++
			out = append(out, s.b[i])
		case c == '"':
			s.pos = i + 1
			if escaped {
				return string(out)
			}
			return string(s.b[start:i])
		case escaped:
			out = append(out, c)
		}
	}
	return strings.TrimSpace(s.until(";"))
}
