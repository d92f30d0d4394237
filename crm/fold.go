package crm

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold makes a text comparable for search: NFKC, so that full-width Latin becomes half-width, half-width
// kana full-width and ㈱ becomes (株); case folded; hiragana turned into katakana; runs of white space
// collapsed to one space, none at the ends. It is idempotent.
func Fold(s string) string {
	if isFolded(s) {
		return s
	}
	if isPlain(s) {
		return strings.Join(strings.Fields(strings.Map(foldPlain, s)), " ")
	}
	s = foldOnce(s)
	if ascii(s) {
		return s
	}
	return foldOnce(s) // case folding can undo a composition and the other way round
}

func foldOnce(s string) string {
	if !ascii(s) {
		s = norm.NFKC.String(s)
		s = cases.Fold().String(s)
		s = norm.NFKC.String(s)
		s = strings.Map(katakana, s)
		s = norm.NFC.String(s)
	} else {
		s = strings.ToLower(s)
	}
	return strings.Join(strings.Fields(s), " ")
}

// katakana moves ぁ..ゖ and the iteration marks ゝゞ to their katakana, which lie 0x60 further on.
func katakana(r rune) rune {
	if r >= 'ぁ' && r <= 'ゖ' || r == 'ゝ' || r == 'ゞ' {
		return r + 'ァ' - 'ぁ'
	}
	return r
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isFolded says for the common case, lower-case ASCII with single spaces, that there is nothing to do.
func isFolded(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 0x80, c < ' ', c >= 'A' && c <= 'Z', c == 0x7f:
			return false
		case c == ' ' && space:
			return false
		}
		space = c == ' '
	}
	return !space || s == ""
}

// isPlain reports a text of characters that normalization leaves as they are, alone and together: ASCII, kanji, kana
// without combining marks. Most names are such.
func isPlain(s string) bool {
	for _, r := range s {
		switch {
		case r >= ' ' && r < 0x7f, r >= '一' && r <= '鿋', r >= 'ァ' && r <= 'ヾ', r >= 'ぁ' && r <= 'ゖ', r == 'ゝ', r == 'ゞ', r == '々':
		default:
			return false
		}
	}
	return true
}

func foldPlain(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return katakana(r)
}
