package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// fold makes a text comparable with a pattern: what people do not see must not keep a word from being found.
func fold(s string) string { return crm.Fold(visible(s)) }

// visible takes the characters out that show nothing: those that Unicode calls default ignorable (zero-width
// spaces and joiners, the soft hyphen, bidirectional controls, variation selectors), and control characters
// but white space.
func visible(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c >= 'ぁ' && c <= 'ヿ' || c >= '一' && c <= '鿿' || c > ' ' && c < 0x7f { // most of Japanese text, nothing of it hidden
			return c
		}
		if unicode.IsSpace(c) {
			return c
		}
		if unicode.In(c, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			return -1
		}
		return c
	}, s)
}

// plain reports that a text is ASCII without control characters, the usual case of one that hides nothing.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == 0x7f || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
