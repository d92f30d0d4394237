package mimeitem

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// jisSet is a character set that an ISO-2022-JP text has switched to.
type jisSet int

const (
	setASCII jisSet = iota
	setRoman        // JIS X 0201: ASCII but for ¥ and ‾
	setKana         // half-width katakana
	setX0208
	setX0212
)

// hasEscape says whether data switches character sets the way ISO-2022 does.
func hasEscape(data []byte) bool {
	for {
		at := bytes.IndexByte(data, 0x1b)
		if at < 0 || at+2 >= len(data) {
			return false
		}
		if data = data[at+1:]; data[0] == '$' || data[0] == '(' && strings.IndexByte("IJBH", data[1]) >= 0 {
			return true
		}
	}
}

// decodeISO2022JP reads ISO-2022-JP (RFC 1468), -1, -3's first plane and the cp5022x family: half-width
// katakana by ESC ( I, by SO and SI or as bare 8-bit bytes, and the NEC and IBM rows. A line end brings back
// ASCII, as senders forget to.
func decodeISO2022JP(data []byte) *jisText {
	t := newJISText(len(data))
	set, shifted := setASCII, false
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case set == setX0208 && c > ' ' && c < 0x7f && !shifted: // most of all
			i += t.pair(set, c, data[i+1:])
		case c == 0x1b:
			next, skip := escapeSequence(data[i+1:])
			if skip == 0 {
				t.bad++
				continue
			}
			set, shifted = next, false
			i += skip
		case c == 0x0e:
			shifted = true
		case c == 0x0f:
			shifted = false
		case c == '\n' || c == '\r':
			set, shifted = setASCII, false
			t.b = append(t.b, c)
		case c >= 0xa1 && c <= 0xdf && (set < setX0208 || i+1 == len(data) || data[i+1] < 0x80):
			t.halfKana(c)
		case c >= 0x80:
			t.wrong()
		case c <= ' ' || c == 0x7f:
			t.b = append(t.b, c)
		case shifted || set == setKana:
			if c > 0x5f {
				t.wrong()
				continue
			}
			t.halfKana(c | 0x80)
		case set >= setX0208:
			i += t.pair(set, c, data[i+1:])
		case set == setRoman && c == '\\':
			t.rune('¥')
		case set == setRoman && c == '~':
			t.rune('‾')
		default:
			t.b = append(t.b, c)
		}
	}
	return t
}

// pair writes the double-byte character of lead and the first byte of rest, and says how many bytes of rest
// it took. A lead at the end of the data, where a text was cut, is no error.
func (t *jisText) pair(set jisSet, lead byte, rest []byte) int {
	if len(rest) == 0 {
		t.rune(utf8.RuneError)
		return 0
	}
	trail := rest[0]
	if trail <= ' ' || trail >= 0x7f {
		t.wrong()
		return 0
	}
	row, cell := int(lead)-0x21, int(trail)-0x21
	if set == setX0208 && !t.double(row, cell) || set == setX0212 && !t.supplementary(row, cell) {
		t.wrong()
	}
	return 1
}

// escapeSequence reads what follows ESC: the set it switches to, and its length; 0 if it is unknown.
func escapeSequence(rest []byte) (jisSet, int) {
	if len(rest) < 2 {
		return setASCII, 0
	}
	switch string(rest[:2]) {
	case "(B":
		return setASCII, 2
	case "(J", "(H":
		return setRoman, 2
	case "(I":
		return setKana, 2
	case "$@", "$B":
		return setX0208, 2
	case "&@":
		return setX0208, 2
	case "$(":
		if len(rest) < 3 {
			return setASCII, 0
		}
		switch rest[2] {
		case '@', 'B', 'O', 'Q':
			return setX0208, 3
		case 'D':
			return setX0212, 3
		}
	}
	return setASCII, 0
}
