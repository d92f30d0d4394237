package mimeitem

import (
	"strings"
	"unicode/utf8"
)

// cleanText makes valid UTF-8 with LF line ends and no control characters but tab, and takes empty lines off
// both ends. Text that is clean already is not copied.
func cleanText(s string) string {
	if !isClean(s) {
		s = scrub(s)
	}
	s = strings.TrimRight(s, "\n\t ")
	for {
		line, rest, found := strings.Cut(s, "\n")
		if !found || strings.TrimSpace(line) != "" {
			return s
		}
		s = rest
	}
}

func isClean(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return utf8.ValidString(s) && !strings.HasPrefix(s, "\ufeff")
}

// scrub copies what is clean in runs, since most of a text is.
func scrub(s string) string {
	s = strings.TrimPrefix(s, "\ufeff")
	out := make([]byte, 0, len(s))
	run := 0 // where the run begins that is not copied yet
	for i := 0; i < len(s); {
		n, instead, dirty := unclean(s, i)
		if dirty {
			out = append(append(out, s[run:i]...), instead...)
			run = i + n
		}
		i += n
	}
	return string(append(out, s[run:]...))
}

// unclean looks at the character at i: its bytes, and if it may not stay what takes its place.
func unclean(s string, i int) (n int, instead string, dirty bool) {
	c := s[i]
	switch {
	case c >= utf8.RuneSelf:
		char, n := utf8.DecodeRuneInString(s[i:])
		if char == utf8.RuneError && n == 1 {
			return n, "\ufffd", true
		}
		return n, "", char <= 0x9f
	case c >= ' ' && c != 0x7f, c == '\n', c == '\t':
		return 1, "", false
	case c == '\r' && (i+1 >= len(s) || s[i+1] != '\n' && s[i+1] != '\r'):
		return 1, "\n", true
	}
	return 1, "", true
}

// cleanLine is cleanText for a header value: one line, control characters gone.
func cleanLine(s string) string {
	if !isClean(s) {
		s = scrub(s)
	}
	if strings.ContainsAny(s, "\n\t") {
		s = strings.Map(func(c rune) rune {
			if c == '\n' || c == '\t' {
				return ' '
			}
			return c
		}, s)
	}
	return strings.TrimSpace(s)
}

// cutString cuts s to at most limit bytes at a character's edge.
func cutString(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
