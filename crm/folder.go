package crm

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folder folds names of people and companies for comparing: width and compatibility forms (NFKC), case, dashes,
// spaces, and characters that are written one for the other.
//
// Nearly all names consist of ASCII, its full-width twin, kana and the common block of kanji. Each of those
// characters folds by itself, whatever stands beside it, so that one pass over the text and one look at a table for
// each kanji do. A single character beyond them, such as a combining mark, sends the whole text the general way.
type folder struct {
	replacer *strings.Replacer
	replaced [('鿿' - '一' + 64) / 64]uint64 // a bit for each kanji of the block that is in to
	to       map[rune]rune
}

// newFolder takes pairs of single characters, the one to replace first.
func newFolder(pairs []string) *folder {
	f := &folder{replacer: strings.NewReplacer(pairs...), to: make(map[rune]rune, len(pairs)/2)}
	for i := 0; i < len(pairs); i += 2 {
		from, to := []rune(pairs[i])[0], []rune(pairs[i+1])[0]
		f.to[from] = to
		if from >= '一' && from <= '鿿' {
			f.replaced[(from-'一')/64] |= 1 << ((from - '一') % 64)
		}
	}
	return f
}

// fold gives s itself if it is folded already.
func (f *folder) fold(s string) string {
	for i, r := range s {
		if f.foldRune(r) != r {
			return f.foldFrom(s, i)
		}
	}
	return s
}

// foldFrom folds s, in which nothing changes before start.
func (f *folder) foldFrom(s string, start int) string {
	var short [128]byte // most names fit
	out := append(short[:0], s[:start]...)
	for _, r := range s[start:] {
		folded := f.foldRune(r)
		switch {
		case r == '㈱':
			out = append(out, "(株)"...)
		case folded < 0:
			return f.foldAny(s)
		default:
			out = utf8.AppendRune(out, folded)
		}
	}
	return string(out)
}

// foldRune is what a common character becomes; -1 for those that are not common.
func (f *folder) foldRune(r rune) rune {
	if r >= '！' && r <= '～' {
		r -= '！' - '!'
	}
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r >= ' ' && r <= '~', r >= 'ぁ' && r <= 'ゖ', r >= 'ァ' && r <= 'ー', r == '、', r == '。', r == '「', r == '」':
		return r
	case r >= '一' && r <= '鿿':
		if f.replaced[(r-'一')/64]>>((r-'一')%64)&1 == 1 {
			return f.to[r]
		}
		return r
	case r == '　':
		return ' '
	}
	return -1
}

// foldAny folds any text.
func (f *folder) foldAny(s string) string {
	return f.replacer.Replace(strings.Map(foldVariant, norm.NFKC.String(strings.ToLower(norm.NFKC.String(s)))))
}

// foldVariant drops variation selectors and makes one of the many dashes and spaces.
func foldVariant(r rune) rune {
	switch {
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF, r == 0x200B, r == 0xFEFF:
		return -1
	case strings.ContainsRune("‐‑‒–—―−﹣－", r):
		return '-'
	case unicode.IsSpace(r):
		return ' '
	}
	return r
}

// singleSpaces is strings.Join(strings.Fields(s), " "): s itself if its words stand so already.
func singleSpaces(s string) string {
	space := true // at the start, or just before
	for _, r := range s {
		switch {
		case r == ' ' && !space:
			space = true
		case unicode.IsSpace(r):
			return strings.Join(strings.Fields(s), " ")
		default:
			space = false
		}
	}
	if space && s != "" {
		return strings.Join(strings.Fields(s), " ")
	}
	return s
}

// spacedWords is strings.Fields.
func spacedWords(s string) []string {
	if s = singleSpaces(s); s == "" {
		return nil
	}
	return strings.Split(s, " ")
}
