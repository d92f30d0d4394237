package crm

import (
	"strings"
	"unicode"
)

// NormalizeName is a person's name in the form in which two spellings are equal: width, case and character
// variants (髙/高) folded, honorifics (様) and what stands in brackets cut off, no spaces inside Japanese
// names and single ones inside others. It is for comparing, not for showing.
func NormalizeName(name string) string {
	folded := singleSpaces(foldJapanese(bareName(name)))
	if strings.IndexByte(folded, ' ') >= 0 && strings.ContainsFunc(name, isJapanese) {
		return strings.ReplaceAll(folded, " ", "")
	}
	return folded
}

// SplitName parts a name as it stands in a header into family and given name, both as written. Japanese
// names have the family name first ("田中 太郎"), others last, unless a comma ("Tanaka, Taro") or capitals
// ("TANAKA Taro") say so. Both are "" if the name does not tell: it has one word, or a Japanese one more
// than two.
func SplitName(name string) (family, given string) {
	name = bareName(name)
	if before, after, ok := strings.Cut(name, ","); ok {
		before, after = strings.TrimSpace(before), strings.TrimSpace(after)
		if before == "" || after == "" || strings.Contains(after, ",") {
			return "", ""
		}
		return before, after
	}
	fields := spacedWords(name)
	japanese := strings.ContainsFunc(name, isJapanese)
	switch {
	case len(fields) < 2, japanese && len(fields) > 2, len(fields) > 4:
		return "", ""
	case japanese, isCapitals(fields[0]) && !isCapitals(fields[1]):
		return fields[0], strings.Join(fields[1:], " ")
	}
	last := len(fields) - 1
	return fields[last], strings.Join(fields[:last], " ")
}

// bareName cuts off quotes, brackets with what is in them, and honorifics.
func bareName(name string) string {
	name = strings.Trim(strings.TrimSpace(name), `"'“”「」`)
	if strings.ContainsFunc(name, beginsRemark) {
		name = withoutRemarks(name)
	}
	name = strings.TrimSpace(name)
	for _, honorific := range []string{"先生", "さん", "さま", "様", "殿", "氏"} {
		if before, ok := strings.CutSuffix(name, honorific); ok && strings.TrimSpace(before) != "" {
			return strings.TrimSpace(before)
		}
	}
	return name
}

// beginsRemark reports what withoutRemarks cuts at.
func beginsRemark(r rune) bool {
	switch r {
	case '(', '（', '[', '［', '【', '<', '＜', '/', '／', '@', '＠', '|':
		return true
	}
	return false
}

// withoutRemarks cuts a name at a bracket or a sign that begins a remark, unless nothing would be left.
func withoutRemarks(name string) string {
	for _, open := range []string{"(", "（", "[", "［", "【", "<", "＜", "/", "／", "@", "＠", "|"} {
		if before, _, ok := strings.Cut(name, open); ok && strings.TrimSpace(before) != "" {
			name = before
		}
	}
	return name
}

func isJapanese(r rune) bool {
	switch {
	case r < 0x2e80: // before all of them
		return false
	case r >= '一' && r <= '鿿', r >= 'ぁ' && r <= 'ゖ', r >= 'ァ' && r <= 'ヺ':
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// isCapitals reports a word of two letters or more without lower-case ones.
func isCapitals(word string) bool {
	letters := 0
	for _, r := range word {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			letters++
		}
	}
	return letters > 1
}

// foldJapanese folds width and compatibility forms (NFKC), case and character variants. NFKC keeps 髙 and 高
// apart, which the same person writes in one mail and not in the next.
func foldJapanese(s string) string { return variants().fold(s) }
