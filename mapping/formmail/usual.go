package formmail

import (
	"slices"
	"strings"
	"sync"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// usualLabels gives the labelKeys of the names that fields usually have. Folding them takes longer than reading a
// mail, so it is done once.
var usualLabels = sync.OnceValue(func() map[string]bool {
	keys := make(map[string]bool)
	for _, name := range []string{
		"お名前", "氏名", "ご氏名", "フリガナ", "会社名", "貴社名", "御社名", "部署", "部署名", "役職", "電話番号", "お電話番号", "FAX", "FAX番号", "メールアドレス", "郵便番号", "住所", "ご住所", "所在地", "都道府県",
		"生年月日", "性別", "年齢", "職業", "業種", "従業員数", "ご希望日", "希望日時", "ご予算", "件名", "お問い合わせ種別", "お問い合わせ内容", "備考", "個人情報の取り扱い", "ご利用規約", "URL",
		"Name", "First name", "Last name", "Email", "E-mail", "Email address", "Phone", "Phone number", "Mobile", "Fax", "Company", "Company name", "Organization", "Organisation", "Department",
		"Job title", "Title", "Country", "City", "State", "Address", "Zip", "Zip code", "Postal code", "Website", "Budget", "Industry", "Subject", "Message", "Comments", "Consent", "Newsletter",
	} {
		keys[labelKey(name)] = true
	}
	return keys
})

// usualLabel reports a line that is the usual name of a field and nothing else.
func usualLabel(line string) bool {
	return len(line) <= 80 && usualLabels()[labelKey(line)]
}

// narrowWords are the ends of labels with a short value, whatever else they say, and wideWords stand in those with a
// long one; all of them folded.
var (
	narrowWords = sync.OnceValue(func() []string {
		return folded("会社名", "件名", "題名", "種別", "種類", "区分", "subject", "type")
	})
	wideWords = sync.OnceValue(func() []string {
		return folded("内容", "メッセージ", "本文", "備考", "コメント", "ご要望", "ご意見", "ご質問", "ご相談", "詳細", "自由記入", "自由記述", "通信欄",
			"message", "comment", "enquiry", "inquiry", "question", "details", "description", "remarks", "notes", "feedback", "body", "howcanwehelp", "request")
	})
)

func folded(words ...string) []string {
	for i := range words {
		words[i] = crm.Fold(words[i])
	}
	return words
}

// wantsRoom tells by its label a field into which people write more than a line.
func wantsRoom(label string) bool {
	key := labelKey(label)
	if slices.ContainsFunc(narrowWords(), func(end string) bool { return strings.HasSuffix(key, end) }) {
		return false
	}
	return slices.ContainsFunc(wideWords(), func(word string) bool { return strings.Contains(key, word) })
}
