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

// scrub makes the text valid UTF-8 first: then a byte alone tells whether its character may stay, except for
// C1 controls, whose first byte is 0xC2. Clean bytes are copied in runs.
func scrub(s string) string {
	s = strings.TrimPrefix(s, "\ufeff")
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	var out strings.Builder
	out.Grow(len(s))
	run := 0 // where the run begins that is not copied yet
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != 0x7f && c != 0xc2 || c == '\n' || c == '\t' || c == 0xc2 && s[i+1] > 0x9f {
			continue
		}
		out.WriteString(s[run:i])
		switch {
		case c == 0xc2:
			i++
		case c == '\r' && (i+1 >= len(s) || s[i+1] != '\n' && s[i+1] != '\r'):
			out.WriteByte('\n')
		}
		run = i + 1
	}
	out.WriteString(s[run:])
	return out.String()
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
