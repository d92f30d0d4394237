package crm

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Company is the name of a company taken apart for comparing.
type Company struct {
	Base   string // the name proper, folded, without spaces and punctuation; two companies with equal bases are candidates, no more
	Form   string // the legal form in full ("株式会社", "co ltd", "inc"), "" if none is written
	Branch string // branch, office, works or department ("大阪支店", "営業部"), folded, "" if none is written
}

// NormalizeCompany takes a company's name apart: "㈱サンプル　大阪支店" is サンプル, 株式会社, 大阪支店. The form is
// found before and after the name, in full or abbreviated ((株), ㈱, ㍿, the カ) of bank transfers), and in
// English (Co., Ltd., Inc., LLC, K.K.). Width, case and character variants (髙島屋/高島屋) are folded.
func NormalizeCompany(name string) Company {
	folded := singleSpaces(foldJapanese(name))
	folded = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(folded, "御中"), "様"))
	base, form, branch := splitForm(folded)
	if branch == "" {
		base, branch = splitBranch(base)
	}
	return Company{Base: squeeze(base), Form: form, Branch: squeeze(branch)}
}

// splitForm finds the legal form. What follows a form in the middle is the branch.
func splitForm(name string) (base, form, branch string) {
	if mayHaveJapaneseForm(name) {
		if base, form, branch = splitJapaneseForm(name); form != "" {
			return base, form, branch
		}
	}
	if !strings.ContainsFunc(name, isLowerASCII) {
		return name, "", "" // every English form has letters
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

// mayHaveJapaneseForm reports what every spelling of japaneseForms and transferForms has.
func mayHaveJapaneseForm(name string) bool {
	for _, part := range []string{"会社", "法人", "組合", "(", ")"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

func isLowerASCII(r rune) bool { return r >= 'a' && r <= 'z' }

// splitJapaneseForm is splitForm for Japanese forms; form is "" if there is none.
func splitJapaneseForm(name string) (base, form, branch string) {
	for _, f := range transferForms {
		if rest, ok := strings.CutPrefix(name, f.spellings[0]+")"); ok && rest != "" {
			return rest, f.name, ""
		}
		if rest, ok := strings.CutSuffix(name, "("+f.spellings[0]); ok && rest != "" {
			return rest, f.name, ""
		}
	}
	for _, f := range japaneseForms {
		for _, spelling := range f.spellings {
			if rest, ok := strings.CutPrefix(name, spelling); ok && rest != "" {
				return rest, f.name, ""
			}
		}
	}
	for _, f := range japaneseForms {
		for _, spelling := range f.spellings {
			before, after, ok := strings.Cut(name, spelling)
			if ok && strings.TrimSpace(before) != "" {
				return before, f.name, strings.TrimSpace(after)
			}
		}
	}
	return name, "", ""
}

type japaneseForm struct {
	name      string
	spellings []string
}

// transferForms are those of bank transfers, "カ)" before a name and "(カ" behind it.
var transferForms = []japaneseForm{{"株式会社", []string{"カ"}}, {"有限会社", []string{"ユ"}}, {"合同会社", []string{"ド"}}}

// japaneseForms are looked for in this order, so a form stands before those it contains.
var japaneseForms = []japaneseForm{
	{"株式会社", []string{"株式会社", "(株)", "(カ)"}},
	{"有限会社", []string{"有限会社", "(有)", "(ユ)"}},
	{"合同会社", []string{"合同会社", "(同)", "(ド)"}},
	{"合資会社", []string{"合資会社", "(資)"}},
	{"合名会社", []string{"合名会社", "(名)"}},
	{"相互会社", []string{"相互会社", "(相)"}},
	{"一般社団法人", []string{"一般社団法人", "(一社)"}},
	{"公益社団法人", []string{"公益社団法人", "(公社)"}},
	{"一般財団法人", []string{"一般財団法人", "(一財)"}},
	{"公益財団法人", []string{"公益財団法人", "(公財)"}},
	{"社会医療法人", []string{"社会医療法人"}},
	{"特定医療法人", []string{"特定医療法人"}},
	{"医療法人社団", []string{"医療法人社団", "(医社)"}},
	{"医療法人財団", []string{"医療法人財団", "(医財)"}},
	{"医療法人", []string{"医療法人", "(医)"}},
	{"社団法人", []string{"社団法人", "(社)"}},
	{"財団法人", []string{"財団法人", "(財)"}},
	{"社会福祉法人", []string{"社会福祉法人", "(社福)", "(福)"}},
	{"学校法人", []string{"学校法人", "(学)"}},
	{"宗教法人", []string{"宗教法人", "(宗)"}},
	{"特定非営利活動法人", []string{"特定非営利活動法人", "npo法人", "(特非)", "(npo)"}},
	{"地方独立行政法人", []string{"地方独立行政法人", "(地独)"}},
	{"独立行政法人", []string{"独立行政法人", "(独)"}},
	{"国立研究開発法人", []string{"国立研究開発法人", "(研)"}},
	{"国立大学法人", []string{"国立大学法人", "(大)"}},
	{"公立大学法人", []string{"公立大学法人"}},
	{"弁護士法人", []string{"弁護士法人", "(弁)"}},
	{"税理士法人", []string{"税理士法人", "(税)"}},
	{"監査法人", []string{"有限責任監査法人", "監査法人"}},
	{"社会保険労務士法人", []string{"社会保険労務士法人"}},
	{"司法書士法人", []string{"司法書士法人"}},
	{"行政書士法人", []string{"行政書士法人"}},
	{"農事組合法人", []string{"農事組合法人"}},
	{"有限責任事業組合", []string{"有限責任事業組合"}},
}

type englishForm struct {
	name    string
	pattern *regexp.Regexp
}

// englishForms are looked for in this order, so the longer stands before the shorter. A form counts at the
// end, before a comma or bracket, and K.K. also at the start.
var englishForms = []englishForm{
	{"co ltd", regexp.MustCompile(`[ ,]+co(?:mpany)?[., ]+(?:ltd|limited)\b\.?`)},
	{"corp ltd", regexp.MustCompile(`[ ,]+corp(?:oration)?[., ]+(?:ltd|limited)\b\.?`)},
	{"inc", regexp.MustCompile(`[ ,]+(?:co\.?,? *)?inc(?:orporated)?\b\.?`)},
	{"llc", regexp.MustCompile(`[ ,]+l\.?l\.?c\b\.?`)},
	{"llp", regexp.MustCompile(`[ ,]+l\.?l\.?p\b\.?`)},
	{"株式会社", regexp.MustCompile(`(?:^|[ ,]+)(?:k\.k\.|kk\b|kabushiki[ -]?(?:kaisha|gaisha)\b)`)},
	{"合同会社", regexp.MustCompile(`(?:^|[ ,]+)(?:g\.k\.|godo[ -]?(?:kaisha|gaisha)\b)`)},
	{"有限会社", regexp.MustCompile(`(?:^|[ ,]+)(?:y\.k\.|yugen[ -]?(?:kaisha|gaisha)\b)`)},
	{"corp", regexp.MustCompile(`[ ,]+corp(?:oration)?\b\.?`)},
	{"pte ltd", regexp.MustCompile(`[ ,]+pte\.? *(?:ltd|limited)\b\.?`)},
	{"pty ltd", regexp.MustCompile(`[ ,]+pty\.? *(?:ltd|limited)\b\.?`)},
	{"pvt ltd", regexp.MustCompile(`[ ,]+(?:pvt|private)\.? *(?:ltd|limited)\b\.?`)},
	{"ltd", regexp.MustCompile(`[ ,]+(?:ltd|limited)\b\.?`)},
	{"plc", regexp.MustCompile(`[ ,]+plc\b\.?`)},
	{"gmbh", regexp.MustCompile(`[ ,]+gmbh\b`)},
	{"ag", regexp.MustCompile(`[ ,]+ag$`)},
	{"sa", regexp.MustCompile(`[ ,]+s\.a\.?$`)},
}

// branchWord ends the name of a branch. A department alone (部, 課) counts only after a space.
var branchWord = regexp.MustCompile(`(?:支店|支社|支部|支局|営業所|出張所|事業所|事務所|事業部|本社|本店|工場|本部|研究所|センター|オフィス|部|課|係|室|グループ|チーム|営業部門|部門)$`)

// branchPlace parts a branch from a name without a space: only where a place or a direction begins it,
// since companies are called 第一工場 and 日本支店 too.
var branchPlace = regexp.MustCompile(`^(.+?)((?:北海道|札幌|東北|青森|盛岡|秋田|仙台|山形|福島|郡山|関東|北関東|首都圏|水戸|つくば|宇都宮|高崎|前橋|大宮|さいたま|埼玉|千葉|柏|東京|新宿|渋谷|池袋|品川|立川|多摩|横浜|川崎|神奈川|甲信越|新潟|長岡|長野|松本|甲府|山梨|静岡|浜松|沼津|東海|中部|名古屋|豊田|豊橋|岡崎|愛知|岐阜|三重|津|四日市|北陸|富山|金沢|福井|関西|近畿|滋賀|京都|大阪|堺|神戸|姫路|兵庫|奈良|和歌山|中国|中四国|岡山|広島|福山|山口|鳥取|松江|島根|四国|高松|松山|徳島|高知|九州|福岡|北九州|博多|久留米|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄|那覇|東日本|西日本)(?:第[一二三四五六七八九十0-9]+)?(?:中央|東|西|南|北)?(?:支店|支社|支部|支局|営業所|出張所|事業所|事務所|事業部|本社|本店|工場|研究所|センター))$`)

// branchEnds are how a name can end that branchPlace fits.
var branchEnds = []string{"店", "社", "部", "局", "所", "工場", "センター"}

func splitBranch(name string) (base, branch string) {
	name = strings.TrimSpace(name)
	if words := strings.Fields(name); len(words) > 1 {
		if !branchWord.MatchString(words[len(words)-1]) {
			return name, ""
		}
		// The first word is of the name; what begins with the name of a branch is of the branch.
		for i := 1; ; i++ {
			if branchWord.MatchString(words[i]) {
				return strings.Join(words[:i], " "), strings.Join(words[i:], " ")
			}
		}
	}
	if !slices.ContainsFunc(branchEnds, func(end string) bool { return strings.HasSuffix(name, end) }) {
		return name, "" // looking for a place takes a hundred times as long
	}
	if parts := branchPlace.FindStringSubmatch(name); parts != nil {
		return parts[1], parts[2]
	}
	return name, ""
}

// squeeze leaves letters, digits and the signs that tell names apart.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("&+-ー", r) {
			return r
		}
		return -1
	}, s)
}
