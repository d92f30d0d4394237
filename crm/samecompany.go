package crm

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSameText is the longest text, in bytes, that is read as a name of a person or company.
const maxSameText = 1000

// SameCompany reports whether two texts name the same company for sure: the same name with the same legal
// form, before or behind it, in full or abbreviated, in whatever width and case. A branch or department does
// not make another company. A missing form is taken for 株式会社, as most are, and so are its translations
// ("Co., Ltd.", "K.K."); any other form (有限会社, LLC …) makes another company of the same name, which is a
// candidate and no more. Candidates, too, are spellings that may be one (コンピュータ and コンピューター).
//
// It is stricter than equal bases of NormalizeCompany, and transitive. Texts that name no company (個人,
// なし, 株式会社) are not the same as anything.
func SameCompany(a, b string) bool {
	key := CompanyKey(a)
	return key != "" && key == CompanyKey(b)
}

// CompanyKey is equal for texts that name the same company (SameCompany), "" for those that name none. A slash
// stands in it before what follows a legal form in the middle, and before a form other than 株式会社, which is
// that of NormalizeCompany.
func CompanyKey(name string) string {
	if len(name) > maxSameText {
		return ""
	}
	folded := strings.TrimPrefix(withoutHonorific(singleSpaces(foldSure(name))), "認定")
	base, form, after := splitForm(folded)
	key := squeezeKey(withoutBranch(base))
	if after != "" && !branchBehindForm(after) {
		key = squeezeKey(base) + "/" + squeezeKey(after)
	}
	if namesNoCompany(key) {
		return ""
	}
	return key + formClass(form, key)
}

// withoutHonorific takes 御中 and 様 off the end; 様 only where it cannot belong to the name.
func withoutHonorific(name string) string {
	name = strings.TrimSpace(strings.TrimSuffix(name, "御中"))
	if !strings.HasSuffix(name, "様") {
		return name
	}
	for _, before := range []string{" ", "会社", "法人", ")"} {
		if rest, ok := strings.CutSuffix(name, before+"様"); ok && rest != "" {
			return strings.TrimSpace(rest + before)
		}
	}
	return name
}

// formClass is what a legal form adds to the key. Universities are known without theirs.
func formClass(form, key string) string {
	university := strings.HasSuffix(key, "大学")
	switch form {
	case "":
		return ""
	case "株式会社", "co ltd":
		if university {
			return "/株式会社"
		}
		return ""
	case "国立大学法人", "公立大学法人", "学校法人":
		if university {
			return ""
		}
	}
	return "/" + form
}

// squeezeKey leaves what tells names apart: letters, digits, signs. Spaces and the punctuation that people
// leave out go; a dot stays between digits, a hyphen that stands for ー becomes one.
func squeezeKey(name string) string {
	if !strings.ContainsFunc(name, squeezable) {
		return name
	}
	runes := []rune(name)
	out := runes[:0]
	var before rune
	for i, r := range runes {
		var next rune
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		previous := before
		before = r
		switch {
		case r == '-' && unicode.Is(unicode.Katakana, previous) && (next == 0 || unicode.Is(unicode.Katakana, next)):
			r = 'ー'
		case r == '.' && unicode.IsDigit(previous) && unicode.IsDigit(next):
		case r == 'ヶ':
			r = 'ケ'
		case r == 'ヵ':
			r = 'カ'
		case unicode.IsSpace(r), unicode.IsControl(r), strings.ContainsRune(`.,・'’"“”()[]{}<>「」『』【】〔〕/\|:;!?、。_`, r):
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

// squeezable reports whether squeezeKey may have something to do about a character; kanji, kana and ASCII letters
// and digits stay.
func squeezable(r rune) bool {
	switch {
	case r >= '一' && r <= '鿿', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 'ぁ' && r <= 'ゖ':
		return false
	case r >= 'ァ' && r <= 'ヴ', r == 'ー':
		return false
	}
	return true
}

// departmentWord is what departments do; companies are called …研究所, …センター and …設計室 themselves.
var departmentWord = regexp.MustCompile(`^(?:営業|総務|人事|労務|経理|財務|法務|購買|調達|資材|企画|経営企画|事業企画|商品企画|開発|技術|製造|生産|品質|管理|情報|システム|マーケティング|広報|宣伝|販売|商品|物流|業務|経営|監査|研究|工事|サービス|海外|国際|法人|第?[一二三四五六七八九十0-9])`)

// isBranch says of a word that stands apart from a name that it can only be a branch or department.
func isBranch(word string) bool {
	switch {
	case endsIn(word, "支店", "支社", "支部", "支局", "営業所", "出張所", "事業所", "事業部", "本社", "本店"), word == "社長室", word == "秘書室":
		return true
	case endsIn(word, "部", "課", "係", "部門"):
		return departmentWord.MatchString(word)
	case endsIn(word, "オフィス"):
		word = strings.TrimSuffix(word, "オフィス") + "事務所"
	case !endsIn(word, "工場", "研究所", "事務所"):
		return false
	}
	return branchPlace.MatchString("社" + word) // a place, and nothing before it
}

func endsIn(word string, endings ...string) bool {
	return slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(word, ending) })
}

// withoutBranch takes branches and departments off the end of a name. Something is always left.
func withoutBranch(name string) string {
	words := []string{name}
	if !isWord(name) {
		words = strings.Fields(name)
	}
	for len(words) > 1 && isBranch(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	if len(words) != 1 || !endsIn(words[0], "支店", "支社", "支部", "支局", "営業所", "出張所", "事業所", "本社") {
		return strings.Join(words, " ")
	}
	parts := branchPlace.FindStringSubmatch(words[0])
	if parts == nil || utf8.RuneCountInString(parts[1]) < 2 || startsIn(parts[2], "津", "柏", "堺") {
		return words[0]
	}
	return parts[1]
}

// isWord reports a text that is one word, and surely none that is several.
func isWord(s string) bool { return s != "" && !strings.ContainsFunc(s, unicode.IsSpace) }

func startsIn(word string, beginnings ...string) bool {
	return slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(word, b) })
}

// otherBody is what has the name of a company in its own and is none of its branches.
var otherBody = regexp.MustCompile(`組合|協会|連合|財団|共済|持株|クラブ|サークル|会$|ob`)

// englishBranch ends the name of a branch behind an English form.
var englishBranch = regexp.MustCompile(`\b(?:branch|office|division|department|dept\.?|headquarters|hq)$`)

// branchBehindForm says whether what follows a legal form is a branch or department.
func branchBehindForm(after string) bool {
	after = strings.Trim(after, " ,()/-")
	if after == "" {
		return true
	}
	if otherBody.MatchString(after) {
		return false
	}
	if _, form, _ := splitForm(after); form != "" {
		return false
	}
	if englishBranch.MatchString(after) {
		return true
	}
	last := after[strings.LastIndexByte(after, ' ')+1:]
	if isBranch(last) {
		return true
	}
	return !endsIn(last, "事務所", "オフィス", "研究所", "センター", "工場") && branchWord.MatchString(last)
}

// namesNoCompany reports the key of what people write where they have no company to name.
func namesNoCompany(key string) bool {
	if !strings.ContainsFunc(key, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return true
	}
	for _, f := range japaneseForms {
		if key == f.name {
			return true
		}
	}
	switch key {
	case "個人", "個人事業主", "個人事業", "個人名", "自営業", "自営", "フリーランス", "フリー", "無職", "なし", "無し", "ナシ", "無", "ない", "特になし",
		"特に無し", "未定", "不明", "非公開", "匿名", "会社名", "会社", "法人", "法人名", "自社", "弊社", "当社", "御社", "貴社", "学生", "主婦", "主夫", "会社員", "一般", "未入力",
		"同上", "テスト", "てすと", "テスト会社", "テスト株式会社", "test", "testcompany", "na", "none", "no", "nil", "null", "unknown", "private", "individual", "personal", "self",
		"selfemployed", "freelance", "freelancer", "company", "companyname", "xxx", "○○", "〇〇":
		return true
	}
	return false
}
