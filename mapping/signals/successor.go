package signals

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	named     = `([^\n、。,()<>「」【】/:;!?]{1,30}?)`
	remark    = `[ \n]*(?:[(<\[][^)>\]\n]{0,60}[)>\]])?[ \n]*`
	latinName = `([A-Z][\p{L}'\-]+(?: [A-Z][\p{L}'\-.]*){0,2})`
)

// successorPatterns find the name of who follows, the surest first. Each has one group.
var successorPatterns = []*regexp.Regexp{
	regexp.MustCompile(`後任(?:者|の担当者?|担当者?)?(?:につきましては|については|としましては|としては|として|といたしまして|には|は|に|[ ]*[:…])、?[ \n]*` + named + remark + `(?:が|を|と(?:申|な|い|さ)|で(?:す|ご|ござい)|に(?:な|い|引|お|て)|の者|様|へ|まで|宛|をつと|[\n、。(<,/]|$)`),
	regexp.MustCompile(`後任の[ \n]*` + named + remark + `(?:が|まで|に|へ|宛|より|から|を|と(?:と|い|も)|[\n、。(<])`),
	regexp.MustCompile(`(?:に|と)?(?:代わり|替わり|代って|代わって|代わりまして|かわり|かわりまして)(?:まして|に|、)?、?[ \n]*` + named + remark + `が`),
	regexp.MustCompile(`(?:新担当者?|新しい担当者?|新任担当者?|新窓口|担当者?|引継ぎ?先|引き継ぎ先|今後の担当者?|今後の(?:ご)?連絡先|今後の窓口)(?:は|が|[ ]*:)、?[ \n]*` + named + remark + `(?:が|で(?:す|ご)|に(?:な|変|交|引|代|お)|と(?:な|申|さ)|へ(?:変|引)|まで|宛|様|[\n。(<]|$)`),
	regexp.MustCompile(`(?:から|より)[ \n]*` + named + remark + `(?:に|へ(?:と)?|が)(?:変更|交代|交替|引き?継|変わ|代わ|替わ|担当|バトン)`),
	regexp.MustCompile(`(?:今後|これから|以降|以後|後|つきまして|業務|本件|引き続き|[0-9]月|[0-9]日から|案件)(?:は|に関しましては|のご連絡は|のご連絡につきましては|の窓口は|の担当は|の業務は|のやり取りは|の対応は|につきましては)?、?[ \n]*` + named + remark + `(?:が|に(?:て|引|担|お|ご)|へ(?:引|ご|お)|まで|宛|を窓口)`),
	regexp.MustCompile(`(?:連絡|問い?合わ?せ|用件|御用|用|窓口|相談|依頼|質問|担当|業務|引き?継ぎ?)[^。\n]{0,14}(?:は|を|:)、?[ \n]*` + named + remark + `(?:まで|宛|へ|に(?:お願|ご連|お送|て|引)|が(?:引|担|対|承|窓|行|務))`),
	regexp.MustCompile(`(?:^|[。、\n])[ \n]*` + named + remark + `(?:が|に|へ)(?:後任|引き?継|担当を|業務を引|今後|担当いた|担当させ|担当し|対応)`),
	regexp.MustCompile(`(?:^|[。、\n])[ \n]*` + named + remark + `(?:宛(?:に|て|へ)|まで(?:ご連絡|お問|お送|お願)|(?:に|へ)(?:ご連絡|お問|お送り))`),
	regexp.MustCompile(`(?i:successor|replacement|new (?:main |primary )?(?:point of )?contact(?: person)?|new account manager|new sales rep(?:resentative)?)(?: (?i:at [A-Za-z]+ )?(?i:is|will be)|,|:| -)? ?(?i:my colleague,? |our colleague,? )?` + latinName),
	regexp.MustCompile(`(?i:replaced by|taken over by|succeeded by|handled by|managed by|handed (?:over|off) to|handing over to|hand over to|transferred to|passed (?:on )?to)(?i: my colleague,?| our colleague,?| my successor,?)? ` + latinName),
	regexp.MustCompile(latinName + remark + `(?i:,? (?:our|my|the) [a-z ]{2,30},)?(?i: ?(?:has taken|is taking|will take|will be taking|takes) over| will be your| is your new| will replace| will be handling| will be managing| will handle| is replacing| has replaced| will be replacing| now handles| will be looking after| will look after| will assume| will succeed| has succeeded| will be responsible| is now (?:your|responsible|in charge|handling))`),
	regexp.MustCompile(`(?i:\b(?:contact|reach out to|reach|get in touch with|liaise with|email|e-mail|write to|turn to|(?:direct|forward|refer|send|address)[^.\n]{0,50}? to|speak (?:to|with)))(?i: my (?:colleague|successor|replacement|manager|boss|teammate),?| our colleague,?| your new [a-z ]{2,24},?| instead)? ` + latinName),
}

// successor is who follows the one who left and where to write, as far as the text says.
func (t *telling) successor() (name, address string) {
	flat, at := t.flat(), -1
	for _, p := range successorPatterns {
		for _, m := range p.FindAllStringSubmatchIndex(flat, 4) {
			if name = t.personName(flat[m[2]:m[3]]); name != "" {
				at = m[0]
				break
			}
		}
		if name != "" {
			break
		}
	}
	return name, t.newAddress(flat, at)
}

// newAddress is the first address behind the place where the successor is named, else the only one in the text.
func (t *telling) newAddress(flat string, at int) string {
	sender, _ := crm.NormalizeAddress(t.From.Address)
	var first, behind string
	several := false
	for _, found := range addresses(flat) {
		address, ok := crm.NormalizeAddress(found.text)
		if !ok || address == sender || t.own(address) {
			continue
		}
		if first != "" && first != address {
			several = true
		}
		if first == "" {
			first = address
		}
		if behind == "" && at >= 0 && found.at >= at && found.at < at+400 {
			behind = address
		}
	}
	switch {
	case behind != "":
		return behind
	case several:
		return ""
	}
	return first
}

type foundAddress struct {
	text string
	at   int
}

// addresses finds the mail addresses of a text, some at most.
func addresses(text string) []foundAddress {
	var list []foundAddress
	for from := 0; len(list) < 20; {
		at := strings.IndexByte(text[from:], '@')
		if at < 0 {
			break
		}
		at += from
		start, end := at, at+1
		for start > from && addressByte(text[start-1]) && at-start < 80 {
			start--
		}
		for end < len(text) && addressByte(text[end]) && end-at < 200 {
			end++
		}
		from = end
		word := strings.Trim(text[start:end], ".-_'")
		if dot := strings.LastIndexByte(word, '.'); dot > strings.IndexByte(word, '@') && word[0] != '@' {
			list = append(list, foundAddress{word, start})
		}
	}
	return list
}

func addressByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._-+%'", c) >= 0
}

var (
	department = regexp.MustCompile(`^.*?(?:部|課|室|係|支店|支社|本社|チーム|グループ|センター|営業所|本部|事業所|株式会社|有限会社|合同会社)(?:長|担当|内)?`)
	jobTitle   = regexp.MustCompile(`(?:代表取締役|取締役|執行役員|本部長|部長代理|副部長|部長|課長代理|課長補佐|課長|係長|主任|次長|室長|店長|支店長|所長|マネージャー|マネジャー|リーダー|チーフ|主査|主事|参事|専務|常務|社長|様|さん|さま|氏|殿|宛|宛て|あて)$`)
	goodName   = regexp.MustCompile(`^(?:[\p{Han}々ヶヵ]{1,4}(?: ?[\p{Han}々ヶヵ\p{Hiragana}\p{Katakana}ー]{1,5})?|[\p{Katakana}ー]{2,12}(?:[ ・][\p{Katakana}ー]{1,12}){0,2}|[\p{Hiragana}]{2,4} [\p{Han}\p{Hiragana}]{1,4}|[\p{Han}々]{1,4}[\p{Hiragana}\p{Katakana}]{1,4})$`)
	latinOnly  = regexp.MustCompile(`^[A-Z][\p{L}'\-]+(?: [A-Z][\p{L}'\-.]*){0,2}$`)
)

// personName makes a name of what stands where one is expected: without department, title and honorific. "" if it is
// none, or the sender's own.
func (t *telling) personName(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if !japanese(s) {
		s = strings.TrimSpace(s)
		for _, title := range []string{"Mr. ", "Ms. ", "Mrs. ", "Dr. ", "Mr ", "Ms ", "Mrs "} {
			s = strings.TrimPrefix(s, title)
		}
		if !latinOnly.MatchString(s) || commonWord(s) || strings.EqualFold(s, t.From.Name) {
			return ""
		}
		return strings.TrimRight(s, ". ")
	}
	for _, sep := range []string{"である", "の"} {
		if at := strings.LastIndex(s, sep); at >= 0 {
			s = s[at+len(sep):]
		}
	}
	for _, prefix := range []string{"弊社", "当社", "同僚", "上司", "同部署", "同課", "新任", "後任", "担当", "同じ部署", "同じく"} {
		s = strings.TrimPrefix(s, prefix)
	}
	s = withoutDepartment(strings.TrimSpace(s))
	for jobTitle.MatchString(s) && utf8.RuneCountInString(s) > 2 {
		s = strings.TrimSpace(jobTitle.ReplaceAllString(s, ""))
	}
	for _, title := range []string{"部長", "課長", "係長", "主任", "次長", "マネージャー", "リーダー"} {
		s = strings.TrimSpace(strings.TrimPrefix(s, title))
	}
	if !goodName.MatchString(s) || stopName(s) || utf8.RuneCountInString(s) < 2 && !strings.ContainsAny(s, "林森原堀辻関東南西北岡谷島") {
		return ""
	}
	if from := fold(t.From.Name); from != "" && fold(s) == from {
		return ""
	}
	return s
}

// withoutDepartment drops what a name is preceded by, but not the 部 of 阿部 and the like.
func withoutDepartment(s string) string {
	for range 3 {
		cutAt := department.FindString(s)
		switch cutAt {
		case "", "阿部", "安部", "服部", "渡部", "磯部", "岡部", "矢部", "園部", "軽部", "長谷部", "日下部", "曽我部", "小室", "室", "武部", "田部", "大室", "三室", "山室":
			return s
		}
		rest := strings.TrimSpace(s[len(cutAt):])
		if rest == "" {
			return s
		}
		s = rest
	}
	return s
}

func stopName(s string) bool {
	for _, word := range []string{"下記", "以下", "上記", "別途", "追って", "未定", "担当", "私", "弊社", "小職", "後日", "決まり", "改めて", "現在", "同部", "次の", "新任", "こちら", "メール", "電話", "連絡", "部署", "全て", "すべて", "皆様", "後任", "業務", "営業", "総務", "人事", "窓口", "会社", "代表", "本件", "今後", "当社", "御社", "貴社", "新しい", "検討", "調整", "案件", "者", "同様", "引き続", "引継", "変更", "異動", "退職", "不在", "対応", "一同", "全員", "社員", "本日", "来月", "今月", "月末", "年", "月", "日", "様", "アドレス", "サポート", "部門", "まで", "から"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

func commonWord(s string) bool {
	first, _, _ := strings.Cut(s, " ")
	switch strings.ToLower(first) {
	case "the", "our", "your", "us", "me", "please", "my", "this", "i", "we", "if", "for", "thank", "thanks", "best", "sales", "support", "customer", "info", "him", "her", "them", "someone", "anyone", "all", "any", "at", "he", "she", "they", "it", "kind", "regards", "monday", "tuesday", "wednesday", "thursday", "friday", "who", "that", "human", "hr", "reception", "and", "as", "until":
		return true
	}
	return !unicode.IsUpper([]rune(s)[0])
}
