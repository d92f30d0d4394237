package mimeitem

import (
	"bytes"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// cleanText makes valid UTF-8 with LF line ends and no control characters but tab, and takes empty lines off
// both ends. Text that is clean already is not copied.
func cleanText(s string) string {
	if !isClean(s) {
		s = scrub(s)
	}
	return trimBlankLines(s)
}

func trimBlankLines(s string) string {
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
	for i := nextSuspect(s, 0); i < len(s); i = nextSuspect(s, i+1) {
		if c := s[i]; c != '\n' && c != '\t' && c != 0xc2 {
			return false
		}
	}
	return utf8.ValidString(s) && !strings.HasPrefix(s, "\ufeff")
}

// suspect says whether a byte of valid UTF-8 may have to go: a control character, or 0xC2, which begins the C1
// controls among others.
func suspect(c byte) bool { return c < ' ' || c == 0x7f || c == 0xc2 }

// nextSuspect gives the place of the first suspect byte from i; len(s) if there is none. It looks at eight
// bytes at once, since all text goes through here and nearly all of it is clean.
func nextSuspect[T string | []byte](s T, i int) int {
	const each = 0x0101010101010101 // times a byte: that byte eight times
	for ; i+8 <= len(s); i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		// A subtraction borrows into the top bit of each byte that is below its subtrahend. Above the first
		// such byte a borrow may pass on and lie, but the first is right.
		del, c2 := x^0x7f*each, x^0xc2*each
		found := ((x-' '*each)&^x | (del-each)&^del | (c2-each)&^c2) & (0x80 * each)
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(s); i++ {
		if suspect(s[i]) {
			return i
		}
	}
	return len(s)
}

func scrub(s string) string {
	d := decoded{b: []byte(s), owned: true}
	return d.scrubbed()
}

// scrubbed is the text as valid UTF-8 without control characters. The bytes are made valid first: then a byte
// alone tells whether its character may stay, except for C1 controls, whose first byte is 0xC2.
func (d decoded) scrubbed() string {
	d.b = bytes.TrimPrefix(d.b, []byte("\ufeff"))
	if !d.valid && !utf8.Valid(d.b) {
		d = decoded{b: bytes.ToValidUTF8(d.b, []byte("\ufffd")), owned: true}
	}
	at := nextControl(d.b, 0)
	if at == len(d.b) {
		return d.text()
	}
	out := d.b
	if !d.owned {
		out = make([]byte, len(d.b))
		copy(out, d.b[:at])
	}
	return ownedString(out[:dropControls(out, d.b, at)])
}

// nextControl gives the place of the first control character of valid UTF-8 from i; len(b) if there is none.
func nextControl(b []byte, i int) int {
	for {
		i = nextSuspect(b, i)
		if i == len(b) || b[i] != '\n' && b[i] != '\t' && (b[i] != 0xc2 || b[i+1] <= 0x9f) {
			return i
		}
		i++
	}
}

// dropControls copies src to dst from its first control character on and says how long dst is then. Clean bytes
// are copied in runs. dst may be src: it never overtakes what is still to be read.
func dropControls(dst, src []byte, at int) int {
	n := at
	for at < len(src) {
		switch {
		case src[at] == 0xc2:
			at++
		case src[at] == '\r' && (at+1 >= len(src) || src[at+1] != '\n' && src[at+1] != '\r'):
			dst[n] = '\n'
			n++
		}
		run := at + 1
		at = nextControl(src, run)
		n += copy(dst[n:], src[run:at])
	}
	return n
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
