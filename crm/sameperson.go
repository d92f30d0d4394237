package crm

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NameKey is equal for the same person at the same company, however the two were written: the name as by
// SameName, the company as by SameCompany. It is "" if either says nothing: it is empty, only a family name, a
// function (ご担当者, 総務部) or what people write to get past a form (test, なし). Two people of the same
// name in one company have the same key, so that what has it is a candidate when there are several.
//
// Where a record has family and given name apart, a space between them serves best.
func NameKey(name, company string) string { return nameKey(name, company, CompanyKey) }

func nameKey(name, company string, companyKey func(string) string) string {
	person := personKey(name)
	if person == "" {
		return ""
	}
	firm := companyKey(company)
	if firm == "" {
		return ""
	}
	return person + "|" + firm
}

// NameKeys gives NameKey for many people, and remembers their companies. The zero value is ready for use, by one
// goroutine.
type NameKeys struct{ companies map[string]string }

// maxCompanies bounds what NameKeys remembers.
const maxCompanies = 1000

// Of is NameKey.
func (k *NameKeys) Of(name, company string) string { return nameKey(name, company, k.company) }

func (k *NameKeys) company(name string) string {
	key, ok := k.companies[name]
	if !ok {
		key = CompanyKey(name)
		if k.companies == nil {
			k.companies = map[string]string{}
		}
		if len(k.companies) < maxCompanies && len(name) <= maxSameText {
			k.companies[name] = key
		}
	}
	return key
}

// SameName reports whether two texts are the same full name for sure: without regard to width, case,
// characters that many keyboards do not give (髙/高), old forms (澤/沢), honorifics, and the space between
// family and given name, but not where both have it and part them differently. Names in Latin letters may have either
// first; Japanese ones too if a frequent family name tells. Readings are equal in hiragana and katakana. Names
// written in different scripts are never the same, nor is half a name.
func SameName(a, b string) bool {
	key := personKey(a)
	if key == "" || key != personKey(b) {
		return false
	}
	wordsA, wordsB := nameWords(a), nameWords(b)
	if len(wordsA) == 2 && len(wordsB) == 2 && strings.ContainsFunc(key, isJapanese) {
		return slices.EqualFunc(familyFirst(wordsA), familyFirst(wordsB), func(a, b string) bool { return a == b || strings.Map(katakana, a) == strings.Map(katakana, b) })
	}
	return true
}

// SamePhone reports whether two texts are the same telephone number for sure, read as Japanese ones where they
// have no country code. Two extensions of one number are not the same; a number without one is the same as the
// number with it.
func SamePhone(a, b string) bool {
	number := NormalizePhone(a, "")
	if number == "" || number != NormalizePhone(b, "") {
		return false
	}
	extensionA, extensionB := phoneExtension(a), phoneExtension(b)
	return extensionA == "" || extensionB == "" || extensionA == extensionB
}

// personKey is equal for texts that are the same full name, "" for those that are none.
func personKey(name string) string {
	words := nameWords(name)
	joined := strings.Join(words, "")
	if len(words) == 0 || utf8.RuneCountInString(joined) > 60 || namesNobody(words, joined) {
		return ""
	}
	if strings.ContainsFunc(joined, isJapanese) {
		return japaneseKey(words, joined)
	}
	return otherKey(words, joined)
}

// nameWords are the words of a name, folded, without titles. None if the text cannot be one name.
func nameWords(name string) []string {
	if len(name) > maxSameText || !utf8.ValidString(name) {
		return nil
	}
	folded := foldName(bareName(name))
	if strings.ContainsFunc(folded, neverInName) {
		return nil // several people, an address or something else
	}
	if strings.Count(folded, ",") > 1 || strings.Contains(folded, ",") && strings.ContainsFunc(folded, isJapanese) {
		return nil
	}
	folded = strings.TrimSuffix(folded, "-san")
	words := spacedWords(strings.Map(func(r rune) rune {
		switch r {
		case ',', '.', '・', '=':
			return ' '
		case '-', '\'', '’', '`':
			return -1
		}
		return r
	}, folded))
	return slices.DeleteFunc(words, isTitle)
}

// neverInName reports digits and signs that stand in no name of one person.
func neverInName(r rune) bool {
	switch r {
	case '、', '&', '+', '/', '@', ';':
		return true
	}
	return unicode.IsDigit(r)
}

func isTitle(word string) bool {
	switch word {
	case "mr", "mrs", "ms", "miss", "dr", "prof", "san", "sama":
		return true
	}
	return false
}

// foldName folds width, case and the characters of which one stands for the other.
func foldName(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ヶ':
			return 'ケ'
		case 'ヵ':
			return 'カ'
		}
		return r
	}, foldSure(name))
}

func foldSure(s string) string { return sureVariants().fold(s) }

// japaneseKey joins the words of a full name. A single word is one if it is long enough for both halves.
func japaneseKey(words []string, joined string) string {
	runes := utf8.RuneCountInString(joined)
	if !strings.ContainsFunc(joined, func(r rune) bool { return !isKana(r) }) {
		if len(words) == 1 && runes < 6 {
			return ""
		}
		return strings.Map(katakana, joined)
	}
	if len(words) == 1 && runes < 3 || surnames()[joined] {
		return ""
	}
	if len(words) == 2 && surnames()[words[1]] { // perhaps the wrong way round
		return strings.Join(familyFirst(words), "")
	}
	return joined
}

// familyFirst turns two words around if the second is a frequent family name and the first is none.
func familyFirst(words []string) []string {
	if surnames()[words[1]] && !surnames()[words[0]] {
		return []string{words[1], words[0]}
	}
	return words
}

func isKana(r rune) bool {
	return unicode.In(r, unicode.Hiragana, unicode.Katakana) || r == 'ー'
}

// otherKey sorts the words, since either name may stand first. An initial with a family name is half a name.
func otherKey(words []string, joined string) string {
	if len(words) == 1 {
		if unicode.Is(unicode.Hangul, []rune(joined)[0]) && utf8.RuneCountInString(joined) > 2 {
			return joined
		}
		return ""
	}
	words = slices.Sorted(slices.Values(words))
	if words[0] == words[len(words)-1] {
		return ""
	}
	long := 0
	for _, w := range words {
		if utf8.RuneCountInString(w) > 1 {
			long++
		}
	}
	if long < 2 {
		return ""
	}
	return strings.Join(words, " ")
}

// namesNobody reports functions, and what people write instead of a name.
func namesNobody(words []string, joined string) bool {
	for _, part := range []string{"担当", "株式会社", "有限会社", "合同会社", "(株)", "御中", "事務局", "受付", "窓口", "お客様", "問い合わせ", "問合せ", "各位", "スタッフ", "テスト", "てすと", "匿名", "名無"} {
		if strings.Contains(joined, part) {
			return true
		}
	}
	if slices.ContainsFunc(words, isBranch) {
		return true
	}
	switch joined {
	case "代表", "代表者", "代表取締役", "社長", "取締役", "部長", "課長", "管理者", "責任者", "店長", "院長", "不明", "なし", "無し", "ナシ", "未入力", "未定",
		"非公開", "氏名", "お名前", "名前", "姓名", "同上", "本人", "ああああ", "あああああ", "あいうえお", "アイウエオ":
		return true
	}
	return slices.ContainsFunc(words, isPlaceholder)
}

// isPlaceholder reports words that people type to get past a form, and mailboxes that are nobody's.
func isPlaceholder(word string) bool {
	switch word {
	case "test", "testing", "tester", "admin", "administrator", "info", "support", "sales", "user", "guest", "anonymous", "unknown", "none", "null", "name", "firstname",
		"lastname", "customer", "team", "department", "webmaster", "asdf", "sample", "dummy", "foo", "bar", "xxx":
		return true
	}
	return false
}
