package formmail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	spaces  = " \t\r\u3000\u00a0"
	bullets = "■□●○◆◇▼▽▲△▶►★☆◎・･•‣◦*＊-–—#＃※+＋✔✓✅"
	opening = "【［[〔〈《<＜「『(（〖｛{"
	closing = "】］]〕〉》>＞」』)）〗｝}"
	bars    = "┃│|｜║┆┇┊┋"
	colons  = ":：﹕∶ː"
	dots    = ".…‥・·_．＿"
)

// labelTrim is what may stand around a label and is none of it.
const labelTrim = spaces + bullets + opening + closing + bars + colons + dots + "=＝→⇒"

// strip takes away what stands around a label: brackets, bullets, numbers of a list, colons, and the marks
// that tell whether something must be filled in. The result is a piece of s.
func strip(s string) string {
	for {
		was := s
		s = strings.TrimFunc(s, around)
		s = withoutNumber(s)
		s = withoutMark(s)
		if s == was {
			return s
		}
	}
}

// around reports a character of labelTrim, and knows the usual letters at once.
func around(c rune) bool { return !plainLetter(c) && strings.ContainsRune(labelTrim, c) }

// plainLetter reports an ASCII letter, kana or kanji: none of them changes into several when folded.
func plainLetter(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 'ぁ' && c <= 'ゖ' || c >= 'ァ' && c <= 'ヺ' || c >= '一' && c <= '鿿'
}

// firstLetter is the letter with which the key of a label without decoration begins; 0 if that takes folding
// to tell.
func firstLetter(label string) rune {
	c, _ := utf8.DecodeRuneInString(label)
	switch {
	case !plainLetter(c):
		return 0
	case c >= 'A' && c <= 'Z':
		return c + 'a' - 'A'
	case c >= 'ぁ' && c <= 'ゖ':
		return c + 'ァ' - 'ぁ'
	}
	return c
}

// withoutNumber cuts "1." or "12)" off the start, unless nothing else is there.
func withoutNumber(s string) string {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 || n > 2 || n+1 >= len(s) || s[n] != '.' && s[n] != ')' {
		return s
	}
	return s[n+1:]
}

// withoutMark cuts 必須, 任意, "required" and "optional" off the end, and off the start if a bracket or a
// space follows.
func withoutMark(s string) string {
	for _, mark := range []string{"必須入力", "入力必須", "必須", "任意", "required", "Required", "optional", "Optional"} {
		ascii := mark[0] < utf8.RuneSelf
		if rest, ok := strings.CutSuffix(s, mark); ok && rest != "" {
			if last, _ := utf8.DecodeLastRuneInString(rest); !ascii || strings.ContainsRune(labelTrim, last) {
				return rest
			}
		}
		if rest, ok := strings.CutPrefix(s, mark); ok && rest != "" {
			if first, _ := utf8.DecodeRuneInString(rest); strings.ContainsRune(spaces+closing, first) {
				return rest
			}
		}
	}
	return s
}

// labelKey is a label in the form in which two spellings of it are equal; "" for what cannot be a label.
func labelKey(s string) string {
	s = strip(crm.Fold(s))
	if strings.IndexByte(s, ' ') >= 0 {
		s = strings.ReplaceAll(s, " ", "")
	}
	return s
}

// decoration is what stands before a label on its line: brackets and bullets, without spaces and numbers.
func decoration(line, label string) string {
	before, _, found := strings.Cut(line, label)
	if !found {
		return ""
	}
	before = strings.Trim(before, spaces)
	end := 0
	for end < len(before) {
		c, n := utf8.DecodeRuneInString(before[end:])
		if !strings.ContainsRune(bullets+opening, c) {
			break
		}
		end += n
	}
	return before[:end]
}

// canBeLabel reports a text that is short enough for a label and is no sentence.
func canBeLabel(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= 60 && strings.ContainsFunc(s, unicode.IsLetter) &&
		!strings.HasSuffix(s, "。") && !strings.Contains(s, "://")
}
