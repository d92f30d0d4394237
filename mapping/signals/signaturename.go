package signals

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/tsunagu-crm/tsunagu/crm"
)

var (
	// sentenceWords stand in lines that speak of a company and are not its name.
	sentenceWords = regexp.MustCompile(`を|ます|です|ました|せん|ください|下さい|場合|お知らせ|について|に関|の機密|こちら|ことが|個人情報|無断`)
	// noName are words that stand in signatures in the form of a name.
	noName = regexp.MustCompile(`本社|支社|支店|工場|担当|窓口|総務|人事|経理|広報|営業|購買|電話|携帯|受付|会社|概要|時間|住所|番号|登録|専用|案内|公式|代表|採用|組合|協会|大学|病院|銀行|製品|商品|技術|開発|企画|情報|管理|事業|通信|様$|[都府県]$|[都府県].{1,2}[区市町村]`)
)

// isCompany tells a name with its legal form in front or behind from a sentence that speaks of a company.
func isCompany(text string) bool {
	at := companyLine.FindStringIndex(text)
	return at != nil && !sentenceWords.MatchString(text) && (at[0] == 0 || at[1] == len(text) || strings.ContainsAny(text, " "))
}

// isName reports a Japanese name. One without a space between its halves is none unless it begins with a family name, or the
// sender calls themselves so.
func isName(text string, m *Mail) bool {
	if !japanName.MatchString(text) || noName.MatchString(text) {
		return false
	}
	if strings.ContainsFunc(text, unicode.IsSpace) || strings.Contains(text, "・") || crm.BeginsWithSurname(text) {
		return true
	}
	return strings.Contains(strings.ReplaceAll(fold(m.From.Name), " ", ""), fold(text))
}

// splitCompany parts "株式会社テスト 営業部 部長": the company goes on to the first space, unless that stands right
// behind its legal form.
func splitCompany(line string) (company, rest string) {
	fields := strings.Fields(line)
	n := 1
	if len(fields) > 1 && companyLine.FindString(fields[0]) == fields[0] {
		n = 2
	}
	if n < len(fields) && companyLine.FindString(fields[n]) == fields[n] && companyLine.FindString(fields[0]) == "" {
		n++
	}
	return strings.Join(fields[:n], " "), strings.Join(fields[n:], " ")
}

// readWordsOfSignature reads a line of department, title and name, in this order where there are several.
func readWordsOfSignature(set func(name, value string), line string, m *Mail) {
	line = strings.TrimSpace(strings.NewReplacer("/", " ", "|", " ", "／", " ").Replace(line))
	if line == "" || strings.ContainsAny(line, "。!?") {
		return
	}
	if !japanese(line) {
		switch {
		case len(line) <= 60 && titleLatin.MatchString(line):
			set("title", line)
		case deptLatin.MatchString(line):
			set("department", line)
		case latinPerson.MatchString(line):
			set("name", line)
		}
		return
	}
	if isName(line, m) && !deptLine.MatchString(line) && !titleWords.MatchString(line) {
		set("name", line)
		return
	}
	words := strings.Fields(line)
	for len(words) > 0 && deptLine.MatchString(words[0]) && !titleWords.MatchString(words[0]) {
		n := 1
		for n < len(words) && deptLine.MatchString(words[n]) && !titleWords.MatchString(words[n]) {
			n++
		}
		set("department", strings.Join(words[:n], " "))
		words = words[n:]
	}
	if len(words) > 0 && titleWords.MatchString(words[0]) {
		if at := titleWords.FindStringIndex(words[0]); at[0] == 0 {
			set("title", words[0][:at[1]])
			words[0] = words[0][at[1]:]
		} else if deptLine.MatchString(words[0][:at[0]]) {
			set("department", words[0][:at[0]])
			set("title", words[0][at[0]:])
			words[0] = ""
		} else {
			set("title", words[0])
			words[0] = ""
		}
	}
	if rest := strings.TrimSpace(strings.Join(words, " ")); isName(rest, m) {
		set("name", rest)
	}
}
