package signals

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The largest block that is read as a signature.
const (
	maxSignatureLines = 25
	maxSignatureBytes = 3 << 10
)

// signature reads the block under a mail that says who wrote it. It counts only if it tells what the address does
// not: a company, a title or a telephone number beside a name or the sender's own address.
func signature(m *Mail) (crm.Signal, bool) {
	lines := signatureLines(m)
	if len(lines) == 0 {
		return crm.Signal{}, false
	}
	fields := map[string]string{}
	for _, line := range lines {
		readSignatureLine(fields, narrow(line), m)
	}
	if fields["company"] == "" && fields["phone"] == "" && fields["title"] == "" || len(fields) < 2 {
		return crm.Signal{}, false
	}
	return crm.Signal{Kind: crm.SignalSignature, Evidence: evidence(strings.Join(lines, "\n")), Fields: fields}, true
}

// signatureLines are the lines of the block: what was cut off behind the text, else what stands behind the last
// farewell of the text.
func signatureLines(m *Mail) []string {
	text := strings.TrimSpace(m.Text)
	if at := strings.Index(m.FullText, text); text != "" && at >= 0 {
		if lines := blockLines(m.FullText[at+len(text):]); contactLike(lines) {
			return lines
		}
	}
	return farewellLines(text)
}

// blockLines are the lines up to a quote, without rules and empty lines around.
func blockLines(s string) []string {
	var list []string
	for line := range strings.Lines(cut(s, maxSignatureBytes)) {
		bare := strings.TrimFunc(line, unicode.IsSpace)
		if strings.HasPrefix(bare, ">") || beginsQuote(bare) || len(list) >= maxSignatureLines {
			break
		}
		if bare = strings.Trim(bare, "-=_*~+#|─━═＝＿＊～☆★◆◇■□●○・.:  　┏┓┗┛┃┌┐└┘│"); bare != "" {
			list = append(list, bare)
		}
	}
	return list
}

func beginsQuote(line string) bool {
	lower := strings.ToLower(line)
	return strings.HasPrefix(lower, "-----original") || strings.HasPrefix(lower, "from:") || strings.HasPrefix(line, "差出人:") || strings.HasPrefix(line, "-----元の") ||
		strings.HasPrefix(lower, "on ") && strings.Contains(lower, "wrote") || strings.HasSuffix(line, "wrote:") || strings.HasSuffix(line, "書きました:") || strings.HasSuffix(line, "のメール:") || strings.HasPrefix(lower, "----- forwarded") || strings.HasPrefix(line, "送信者:")
}

// contactLike says whether lines look like a signature at all.
func contactLike(lines []string) bool {
	for _, line := range lines {
		if has(line, "@", "株式会社", "有限会社", "合同会社", "法人", "㈱", "〒", "TEL", "Tel", "tel", "電話", "携帯", "部", "Inc", "Ltd", "Corp", "Mobile", "Phone", "+") {
			return true
		}
	}
	return false
}

var farewell = regexp.MustCompile(`(?i)^(?:best|kind|warm|many thanks|thanks|thank you|sincerely|regards|cheers|yours|with (?:best|kind))[a-z ]{0,24}[,.!]?$|(?:よろしく|宜しく)[^。]{0,20}(?:ます|申し上げ|ください)|^以上(?:です)?[、。]?|^敬具`)

// farewellLines are the lines behind the last farewell of a text, if few follow.
func farewellLines(text string) []string {
	tail := text[max(0, len(text)-maxSignatureBytes):]
	if tail != text {
		if at := strings.IndexByte(tail, '\n'); at >= 0 {
			tail = tail[at+1:]
		}
	}
	lines := strings.Split(tail, "\n")
	behind := 0
	for i := len(lines) - 1; i >= max(0, len(lines)-14); i-- {
		bare := strings.TrimSpace(lines[i])
		if bare != "" {
			behind++
		}
		if behind <= 2 || len(bare) > 120 || !farewellLike(bare) || !farewell.MatchString(bare) {
			continue
		}
		if list := blockLines(strings.Join(lines[i+1:], "\n")); len(list) >= 2 && contactLike(list) {
			return list
		}
		return nil
	}
	return nil
}

// farewellLike is a cheap look before the pattern.
func farewellLike(line string) bool {
	if line == "" {
		return false
	}
	if line[0] < utf8.RuneSelf {
		return len(line) <= 40 && strings.IndexByte("bBkKwWmMtTsSrRcCyY", line[0]) >= 0
	}
	return has(line, "しく", "以上", "敬具")
}

var (
	phoneLabel   = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:(?:tel|phone|mobile|cell|direct|携帯|電話|直通|代表|℡)[ .:/()\p{Han}]{0,8}[:：. ]?|[mtpd][ .:/]{1,3})\s*(\+?[0-9(][0-9() .\-‐ー−/]{7,20}[0-9])`)
	phoneAlone   = regexp.MustCompile(`^(?:[☎📞☏]\s*)?(\+?[0-9(][0-9() .\-‐ー−]{8,20}[0-9])(?:\s|$|[(/|])`)
	companyLine  = regexp.MustCompile(`(?:株式会社|有限会社|合同会社|合資会社|社団法人|財団法人|学校法人|医療法人|特定非営利活動法人|独立行政法人|国立大学法人|\(株\)|㈱|\(有\)|㈲)`)
	companyLatin = regexp.MustCompile(`(?:^|\s)[A-Z][^@:]{1,60}?(?:,? (?:Inc|Ltd|LLC|Corp|GmbH|PLC|Pte|S\.A|K\.K|KK|Limited|Corporation|Company|Co)\b\.?)+(?: Ltd\.?)?`)
	titleWords   = regexp.MustCompile(`(?:代表取締役(?:社長|会長)?|取締役|執行役員|本部長|副部長|部長代理|部長|課長代理|課長補佐|課長|係長|主任|次長|室長|支店長|店長|所長|工場長|マネージャー|マネジャー|リーダー|チーフ|主査|参事|専務|常務|社長|会長|理事長?|院長|教授)`)
	titleLatin   = regexp.MustCompile(`(?i)\b(?:manager|director|president|engineer|officer|executive|consultant|head of|chief|vp|ceo|cto|cfo|coo|specialist|representative|coordinator|analyst|assistant|associate|lead|supervisor|partner)\b`)
	deptLine     = regexp.MustCompile(`^[\p{Han}\p{Katakana}ー・A-Za-z0-9& 第]{1,30}(?:部|課|室|係|本部|グループ|チーム|事業部|支店|支社|センター|営業所|ユニット|局)(?:[ 　/／・].*)?$`)
	deptLatin    = regexp.MustCompile(`(?i)^[a-z0-9& ,\-]{0,40}\b(?:department|dept\.?|division|team|group|unit|section)\b[a-z& ,\-]{0,30}$`)
	readingOf    = regexp.MustCompile(`[(（]\s*([\p{Hiragana}\p{Katakana}ー]{2,12}(?:[ 　・][\p{Hiragana}\p{Katakana}ー]{1,12})?)\s*[)）]`)
	japanName    = regexp.MustCompile(`^[\p{Han}々ヶ]{1,4}[ 　][\p{Han}々\p{Hiragana}\p{Katakana}ー]{1,5}$|^[\p{Han}々]{3,5}$|^[\p{Katakana}ー]{2,10}[ ・][\p{Katakana}ー]{2,12}$`)
	latinPerson  = regexp.MustCompile(`^[A-Z][\p{L}'\-]+(?: [A-Z]\.?)?(?: [A-Z][\p{L}'\-]+){1,2}$`)
	codeOf       = regexp.MustCompile(`[(（]?(?:証券コード|東証)[^)）]*[)）]?`)
	notTheirs    = regexp.MustCompile(`(?i)^(?:fax|〒|url|http|www|e-?mail|mail|https|住所|所在地)`)
)

// readSignatureLine takes what one line tells; what an earlier line told stays.
func readSignatureLine(fields map[string]string, line string, m *Mail) {
	line = strings.TrimSpace(line)
	set := func(name, value string) {
		if value = strings.Trim(strings.Join(strings.Fields(value), " "), " ,/|、"); fields[name] == "" && value != "" && utf8.RuneCountInString(value) <= 80 {
			fields[name] = value
		}
	}
	if notTheirsLike(line) && notTheirs.MatchString(line) && !strings.Contains(line, "TEL") {
		return
	}
	numbered := strings.ContainsAny(line, "0123456789")
	if fields["phone"] == "" && numbered {
		if p := phoneLabel.FindStringSubmatch(line); p != nil && crm.NormalizePhone(p[1], "") != "" {
			set("phone", p[1])
		} else if p := phoneAlone.FindStringSubmatch(line); p != nil && crm.NormalizePhone(p[1], "") != "" {
			set("phone", p[1])
		}
	}
	if strings.ContainsAny(line, "@") || has(line, "://", "www.") || numbered && phoneLabel.MatchString(line) {
		return
	}
	if has(line, "(", "（") {
		if kana := readingOf.FindStringSubmatch(line); kana != nil {
			set("kana", kana[1])
			line = strings.TrimSpace(readingOf.ReplaceAllString(line, ""))
		}
	}
	if at := strings.LastIndexByte(line, '('); at > 0 && latinOrSpace(line[at:]) && japanese(line[:at]) {
		line = strings.TrimSpace(line[:at])
	}
	switch {
	case has(line, "会社", "法人", "株", "有", "㈱", "㈲") && companyLine.MatchString(line) && utf8.RuneCountInString(line) <= 60:
		line = codeOf.ReplaceAllString(line, "")
		company, rest := splitCompany(line)
		if isCompany(company) {
			set("company", company)
		}
		if rest != "" {
			readWordsOfSignature(set, rest, m)
		}
	case has(line, "Inc", "Ltd", "LLC", "Co", "GmbH", "PLC", "Pte", "S.A", "K.K", "KK", "Limited") && companyLatin.MatchString(line) && len(line) <= 80:
		set("company", line)
	default:
		readWordsOfSignature(set, line, m)
	}
}

// notTheirsLike is a cheap look before the pattern.
func notTheirsLike(line string) bool {
	return line != "" && (line[0] >= utf8.RuneSelf || strings.IndexByte("fFuUhHwWeEmM", line[0]) >= 0)
}

func latinOrSpace(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c >= utf8.RuneSelf })
}
