package mimeitem

import (
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// formNotification tells the mail by which a web form reports what somebody entered. All three must agree: the
// subject, a sender or a program that forms use, and a body of "label: value" lines. "" if they do not.
func formNotification(s *signs, m *connectors.Message) string {
	word := containsAny(s.subject, "お問い合わせがありました", "お問合せがありました", "問い合わせがありました", "お問い合わせが届", "フォームから", "フォームより", "フォームに", "お問い合わせフォーム", "お問合せフォーム", "新規問い合わせ",
		"新規お問い合わせ", "新規お問合せ", "問い合わせ通知", "サイトからのお問い合わせ", "ホームページからのお問い合わせ", "webからのお問い合わせ", "hpからのお問い合わせ", "資料請求がありました", "資料請求フォーム", "お申し込みがありました", "contact form", "form submission", "new submission",
		"new enquiry", "new inquiry", "web enquiry", "web inquiry", "inquiry form", "enquiry form")
	if word == "" || strings.HasPrefix(s.subject, "re:") || strings.HasPrefix(s.subject, "fw") || containsAny(s.subject, "ありがとうございます", "thank you", "自動返信") != "" {
		return ""
	}
	program := ""
	switch {
	case automatic(s.local), strings.HasPrefix(s.local, "wordpress"), s.local == "www-data", s.local == "apache", s.local == "nginx", s.local == "webmaster",
		s.local == "form", strings.HasPrefix(s.local, "form-"), s.local == "forms", s.local == "mailform", s.local == "webform":
		program = "From " + cutString(s.local, 64)
	case s.known[fieldXPHPScript]:
		program = "X-PHP-Originating-Script"
	default:
		if name := containsAny(s.mailer, "wpmailsmtp", "phpmailer", "wordpress", "mailform", "formmail", "transmitmail", "php/", "cgi", "swiftmailer", "drupal", "contact form 7"); name != "" {
			program = "X-Mailer: " + name
		}
	}
	if program == "" || labelledLines(m.FullText) < 2 {
		return ""
	}
	return "Subject: " + word + ", " + program
}

// labelledLines counts the lines at the start of a text that begin with the label of a form's field.
func labelledLines(text string) int {
	const most = 80
	count := 0
	for i := 0; text != "" && i < most; i++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		if formLabel(line) {
			count++
		}
	}
	return count
}

// formLabel knows 「お名前: …」, 「【会社名】…」, 「■メールアドレス」, "Email: …".
func formLabel(line string) bool {
	line = strings.TrimLeft(line, " \t\u3000■□●○◆◇・*-[【<◎▼")
	const longest = 60
	head := cutString(line, longest)
	end := strings.IndexAny(head, ":\uff1a】]\t=")
	if end < 0 {
		if len(line) > 40 {
			return false
		}
		end = len(head)
	}
	label := strings.ToLower(head[:end])
	return containsAny(label, "名前", "氏名", "会社", "貴社", "御社", "企業名", "団体", "メール", "電話", "内容", "件名", "題名", "フリガナ", "ふりがな", "部署", "役職", "担当", "住所", "お問い合わせ種別", "項目", "郵便番号",
		"name", "mail", "phone", "tel", "message", "company", "organi", "subject", "address", "inquiry", "enquiry", "comment") != ""
}
