package mimeitem

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// jisTables map the double-byte codes of Japanese charsets to Unicode the way Windows does (cp932): NEC row
// 13, NEC-selected IBM and IBM extensions included.
type jisTables struct {
	x0208 [120 * 94]uint16 // by row and cell from 0; rows 95 to 120 exist in Shift_JIS only; 0 where nothing is
	x0212 [94 * 94]uint16
}

// jis builds the tables from x/text's decoders, once. Decoding by our own loops on top of them is what makes
// damage countable, and it lets all three encodings have the same extensions.
var jis = sync.OnceValue(func() *jisTables {
	t := new(jisTables)
	for row := range 120 {
		lead := 0x81 + row/2
		if lead > 0x9f {
			lead += 0x40
		}
		for cell := range 94 {
			trail := 0x9f + cell
			if row%2 == 0 {
				trail = 0x40 + cell
				if trail >= 0x7f {
					trail++
				}
			}
			t.x0208[row*94+cell] = decodeOne([]byte{byte(lead), byte(trail)}, japanese.ShiftJIS.NewDecoder().Bytes)
		}
	}
	for row := range 94 {
		for cell := range 94 {
			t.x0212[row*94+cell] = decodeOne([]byte{0x8f, byte(0xa1 + row), byte(0xa1 + cell)}, japanese.EUCJP.NewDecoder().Bytes)
		}
	}
	return t
})

func decodeOne(code []byte, decode func([]byte) ([]byte, error)) uint16 {
	out, err := decode(code)
	char, n := utf8.DecodeRune(out)
	if err != nil || n != len(out) || char == utf8.RuneError || char > 0xffff {
		return 0
	}
	return uint16(char)
}

// jisText collects decoded text and what it says about the guess that led to it.
type jisText struct {
	tables   *jisTables
	b        []byte
	bad      int  // bytes that mean nothing in this charset
	kana     int  // hiragana and katakana
	half     int  // half-width katakana
	common   int  // level 1 kanji, punctuation and full-width letters
	rare     int  // anything else of two bytes
	windows  bool // a character that only Windows charsets have
	variants bool // a character that JIS and Windows map differently
}

func newJISText(size int) *jisText {
	return &jisText{tables: jis(), b: make([]byte, 0, size+size/2+utf8.UTFMax)}
}

// rune appends a character; nearly all are of three bytes.
func (t *jisText) rune(c rune) {
	if c >= 0x800 {
		t.b = append(t.b, 0xe0|byte(c>>12), 0x80|byte(c>>6)&0x3f, 0x80|byte(c)&0x3f)
		return
	}
	t.b = utf8.AppendRune(t.b, c)
}

func (t *jisText) wrong() {
	t.bad++
	t.rune(utf8.RuneError)
}

// double writes the JIS X 0208 character of this row and cell, counted from 0.
func (t *jisText) double(row, cell int) bool {
	if row < 0 || row >= 120 || cell < 0 || cell >= 94 {
		return false
	}
	char := rune(t.tables.x0208[row*94+cell])
	if char == 0 {
		return false
	}
	switch {
	case row == 3 || row == 4:
		t.kana++
	case row < 8 || row >= 15 && row < 47:
		t.common++
	default:
		t.rare++
		t.windows = t.windows || row == 12 || row >= 88
	}
	if row == 0 {
		switch char {
		case '\uff5e', '\uff0d', '\u2225', '\uffe0', '\uffe1', '\uffe2':
			t.variants = true
		}
	}
	t.rune(char)
	return true
}

func (t *jisText) supplementary(row, cell int) bool {
	if row < 0 || row >= 94 || cell < 0 || cell >= 94 {
		return false
	}
	char := rune(t.tables.x0212[row*94+cell])
	if char == 0 {
		return false
	}
	t.rare++
	t.rune(char)
	return true
}

func (t *jisText) halfKana(c byte) {
	t.half++
	t.rune(rune(c) - 0xa1 + 0xff61)
}

// score is how much the text looks like Japanese that somebody wrote.
func (t *jisText) score() int {
	return 4*t.kana + 2*t.common - 2*t.rare - 3*t.half - 40*t.bad
}

// text gives the result. JIS calls code 1-33 a wave dash, Windows a full-width tilde, and so with five more.
// Text that is known to come from Windows, by its label or by a character that only Windows has, keeps the
// Windows reading.
func (t *jisText) text(windows bool) decoded {
	if t.variants && !windows && !t.windows {
		t.b = standardReading(t.b)
	}
	return decoded{b: t.b, owned: true, valid: true}
}

// standardReading puts the characters of the standard in the place of those that Windows reads, in the same
// memory: none of them takes more bytes.
func standardReading(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); {
		c, n := rune(b[i]), 1
		if c == 0xe2 || c == 0xef { // what all six begin with
			c, n = utf8.DecodeRune(b[i:])
			out = utf8.AppendRune(out, standardRune(c))
		} else {
			out = append(out, b[i])
		}
		i += n
	}
	return out
}

func standardRune(c rune) rune {
	switch c {
	case '\uff5e':
		return '\u301c'
	case '\uff0d':
		return '\u2212'
	case '\u2225':
		return '\u2016'
	case '\uffe0':
		return '\u00a2'
	case '\uffe1':
		return '\u00a3'
	case '\uffe2':
		return '\u00ac'
	}
	return c
}

// decodeShiftJIS reads Shift_JIS with the extensions of cp932.
func decodeShiftJIS(data []byte) *jisText {
	t := newJISText(len(data))
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case c < 0x80:
			t.b = append(t.b, c)
		case c >= 0xa1 && c <= 0xdf:
			t.halfKana(c)
		case c == 0x80 || c == 0xa0 || c > 0xfc:
			t.wrong()
		case i+1 == len(data):
			t.rune(utf8.RuneError)
		default:
			row, cell := shiftJISCell(c, data[i+1])
			if !t.double(row, cell) {
				t.wrong()
				if data[i+1] < 0x80 {
					continue
				}
			}
			i++
		}
	}
	return t
}

func shiftJISCell(lead, trail byte) (row, cell int) {
	row = (int(lead) - 0x81) * 2
	if lead >= 0xe0 {
		row = (int(lead) - 0xc1) * 2
	}
	switch {
	case trail >= 0x9f && trail <= 0xfc:
		return row + 1, int(trail) - 0x9f
	case trail >= 0x80 && trail <= 0x9e:
		return row, int(trail) - 0x41
	case trail >= 0x40 && trail <= 0x7e:
		return row, int(trail) - 0x40
	}
	return -1, -1
}

// decodeEUCJP reads EUC-JP with three-byte JIS X 0212 and the extensions of cp51932.
func decodeEUCJP(data []byte) *jisText {
	t := newJISText(len(data))
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case c < 0x80:
			t.b = append(t.b, c)
		case c == 0x8e && i+1 < len(data) && data[i+1] >= 0xa1 && data[i+1] <= 0xdf:
			t.halfKana(data[i+1])
			i++
		case c == 0x8f && i+2 < len(data) && t.supplementary(int(data[i+1])-0xa1, int(data[i+2])-0xa1):
			i += 2
		case c < 0xa1 || c == 0xff:
			t.wrong()
		case i+1 == len(data):
			t.rune(utf8.RuneError)
		case t.double(int(c)-0xa1, int(data[i+1])-0xa1):
			i++
		default:
			t.wrong()
			if data[i+1] >= 0x80 {
				i++
			}
		}
	}
	return t
}
