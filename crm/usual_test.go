package crm

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The functions of this file say in the plainest way what the quick ones of the package must give.

func plainFold(variants *strings.Replacer, s string) string {
	return variants.Replace(strings.Map(foldVariant, norm.NFKC.String(strings.ToLower(norm.NFKC.String(s)))))
}

var (
	allPlainly  = strings.NewReplacer(variantPairs()...)
	surePlainly = strings.NewReplacer(surePairs()...)
)

func plainName(name string) string {
	fields := strings.Fields(plainFold(allPlainly, plainBareName(name)))
	if len(fields) > 1 && strings.ContainsFunc(name, func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }) {
		return strings.Join(fields, "")
	}
	return strings.Join(fields, " ")
}

func plainBareName(name string) string {
	name = strings.TrimSpace(withoutRemarks(strings.Trim(strings.TrimSpace(name), `"'“”「」`)))
	for _, honorific := range []string{"先生", "さん", "さま", "様", "殿", "氏"} {
		if before, ok := strings.CutSuffix(name, honorific); ok && strings.TrimSpace(before) != "" {
			return strings.TrimSpace(before)
		}
	}
	return name
}

func plainNameWords(name string) []string {
	if len(name) > maxSameText || !utf8.ValidString(name) {
		return nil
	}
	folded := strings.NewReplacer("ヶ", "ケ", "ヵ", "カ").Replace(plainFold(surePlainly, plainBareName(name)))
	if strings.ContainsFunc(folded, unicode.IsDigit) || strings.ContainsAny(folded, "、&+/@;") ||
		strings.Count(folded, ",") > 1 || strings.Contains(folded, ",") && strings.ContainsFunc(folded, isJapanese) {
		return nil
	}
	folded = strings.NewReplacer(",", " ", ".", " ", "・", " ", "=", " ", "-", "", "'", "", "’", "", "`", "").Replace(strings.TrimSuffix(folded, "-san"))
	return slices.DeleteFunc(strings.Fields(folded), func(w string) bool {
		return slices.Contains(strings.Fields("mr mrs ms miss dr prof san sama"), w)
	})
}

func plainCompanyKey(name string) string {
	if len(name) > maxSameText {
		return ""
	}
	folded := strings.Join(strings.Fields(plainFold(surePlainly, name)), " ")
	base, form, after := plainSplitForm(strings.TrimPrefix(plainHonorific(folded), "認定"))
	key := plainSqueezeKey(plainWithoutBranch(base))
	if after != "" && !branchBehindForm(after) {
		key = plainSqueezeKey(base) + "/" + plainSqueezeKey(after)
	}
	if namesNoCompany(key) {
		return ""
	}
	return key + formClass(form, key)
}

func plainHonorific(name string) string {
	name = strings.TrimSpace(strings.TrimSuffix(name, "御中"))
	for _, before := range []string{" ", "会社", "法人", ")"} {
		if rest, ok := strings.CutSuffix(name, before+"様"); ok && rest != "" {
			return strings.TrimSpace(rest + before)
		}
	}
	return name
}

func plainSplitForm(name string) (base, form, branch string) {
	if base, form, branch = splitJapaneseForm(name); form != "" {
		return base, form, branch
	}
	for _, f := range englishForms {
		if place := f.pattern.FindStringIndex(name); place != nil {
			before, after := strings.TrimSpace(name[:place[0]]), strings.TrimSpace(name[place[1]:])
			if before == "" {
				return after, f.name, ""
			}
			return before, f.name, strings.Trim(after, " ,")
		}
	}
	return name, "", ""
}

var branchEnd = regexp.MustCompile(`(?:支店|支社|支部|支局|営業所|出張所|事業所|本社)$`)

func plainWithoutBranch(name string) string {
	words := strings.Fields(name)
	for len(words) > 1 && isBranch(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	if len(words) != 1 || !branchEnd.MatchString(words[0]) {
		return strings.Join(words, " ")
	}
	parts := branchPlace.FindStringSubmatch(words[0])
	if parts == nil || utf8.RuneCountInString(parts[1]) < 2 || startsIn(parts[2], "津", "柏", "堺") {
		return words[0]
	}
	return parts[1]
}

// plainSqueezeKey puts a character before the name that goes, so that nothing is left as it is for being plain.
func plainSqueezeKey(name string) string { return squeezeKey("_" + name) }

func surePairs() []string {
	var sure []string
	for pair := range slices.Chunk(variantPairs(), 2) {
		if !strings.Contains("碕嶋嶌峯冨渕舘龍槇條", pair[0]) {
			sure = append(sure, pair...)
		}
	}
	return sure
}

// pieces are what names of people and companies are made of here: frequent words, and whatever has a rule of its own.
func pieces() []string {
	list := strings.Fields(`株式会社 (株) ㈱ ㍿ 有限会社 合同会社 医療法人社団 法人 会社 組合 有限責任事業組合 カ) (カ ユ) 青葉 フーズ 商事 コンピュータ ー サンプル 大阪支店 営業部 東京本社 第一工場
		御中 様 さん 先生 認定 国立大学法人 大学 田中 太郎 髙橋 高橋 嶋 島 澤 沢 渡邊 斎藤 花子 タナカ たなか ｱｵﾊﾞ か゛ が が Tanaka TARO Ｔａｎａｋａ ９ 12 1 Inc. co., Ltd. K.K. kk
		GmbH llc LLC s.a. ag corp Mr Dr. -san test なし 担当 ( ) （代表） 【 】 < ＜ / ／ @ | 、 。 「」 ・ , . - － ― ‐ ー ～ ~ ' ’ " & + ; : _ é É ß İ ǆ 𠮷 ヶ ヵ ケ 㐂 々 〇 ○ 한글 ゝ ﬁ Ⅲ`)
	return append(list, " ", " ", " ", "　", "\t", "\n", "\u00a0", "\u200b", "\ufe00", "\u3099", "\u0301", "\x00", "\x7f", "\xff", "\xe3\x81", "\ufeff", "（", "＠", "！", "鿿", "一")
}

func someText(r *rand.Rand, pieces []string) string {
	var b strings.Builder
	for range 1 + r.IntN(5) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func TestUsualNames(t *testing.T) {
	r, list := rand.New(rand.NewPCG(1, 2)), pieces()
	if surePlainly.Replace("嶋澤") != "嶋沢" || allPlainly.Replace("嶋澤") != "島沢" {
		t.Fatal("the lists of variants are not those of this test")
	}
	var keys NameKeys
	for range 20_000 {
		text, company := someText(r, list), list[r.IntN(len(list))]
		for _, check := range []struct{ what, got, want string }{
			{"variants().fold", variants().fold(text), plainFold(allPlainly, text)},
			{"sureVariants().fold", sureVariants().fold(text), plainFold(surePlainly, text)},
			{"singleSpaces", singleSpaces(text), strings.Join(strings.Fields(text), " ")},
			{"NormalizeName", NormalizeName(text), plainName(text)},
			{"nameWords", strings.Join(nameWords(text), "|"), strings.Join(plainNameWords(text), "|")},
			{"NameKeys.Of", keys.Of(text, company), NameKey(text, company)},
			{"CompanyKey", CompanyKey(text), plainCompanyKey(text)},
		} {
			if check.got != check.want {
				t.Fatalf("%s(%q) = %q, want %q", check.what, text, check.got, check.want)
			}
		}
	}
}

func TestEveryCharacterFolds(t *testing.T) {
	for r := range rune(0x24000) { // beyond are no letters that fold
		s := string(r)
		if got, want := variants().fold(s), plainFold(allPlainly, s); got != want {
			t.Errorf("variants().fold(%q) = %q, want %q", s, got, want)
		}
		if got, want := sureVariants().fold(s), plainFold(surePlainly, s); got != want {
			t.Errorf("sureVariants().fold(%q) = %q, want %q", s, got, want)
		}
		if got, want := isJapanese(r), unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana); got != want {
			t.Errorf("isJapanese(%q) = %v, want %v", s, got, want)
		}
		if got, want := squeezeKey(s), plainSqueezeKey(s); got != want {
			t.Errorf("squeezeKey(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestUsualPhones(t *testing.T) {
	r, usual := rand.New(rand.NewPCG(3, 4)), 0
	separators := []string{"", "", "", "-", "-", "-", " ", "(", ")", ") ", "－", "　", "（", "）", "--", "ー", ".", "/", "a", "x"}
	for i := range 80_000 {
		var b strings.Builder
		b.WriteString([]string{"0", "0", "0", "+81", "+81-", "(0", " 0", "０", "＋81 ", "", "-", "+", "81"}[r.IntN(13)])
		for range 8 + r.IntN(3) {
			digit := strconv.Itoa(r.IntN(10))
			if i%2 == 0 && r.IntN(8) == 0 {
				digit += separators[r.IntN(len(separators))]
			}
			if r.IntN(40) == 0 {
				digit = string('０' + rune(r.IntN(10)))
			}
			b.WriteString(digit)
		}
		number := b.String()
		got, ok := usualPhone(number)
		if !ok {
			continue
		}
		usual++
		if want := parsePhone(number, "JP"); got != want {
			t.Errorf("usualPhone(%q) = %q, want %q", number, got, want)
		}
	}
	if usual < 20_000 {
		t.Errorf("only %d of the numbers were usual ones", usual)
	}
}

func TestUsualPhonesOfEveryArea(t *testing.T) {
	for area := range 10_000 {
		for _, rest := range []string{"12345", "000000"} {
			number := "0" + strconv.Itoa(10_000 + area)[1:] + rest
			if got, ok := usualPhone(number); ok {
				if want := parsePhone(number, "JP"); got != want {
					t.Errorf("usualPhone(%q) = %q, want %q", number, got, want)
				}
			}
		}
	}
}
