package formmail

import (
	"fmt"
	"html"
	"strings"
)

// question is a field of a test form: its name, and the label it has in the mail.
type question struct{ name, label string }

// layout is a form service's way to write a mail.
type layout struct {
	name      string
	questions []question
	html      bool
	head      string // "%s" is the customer's name
	field     string // with the label and the value; "%-12s" pads
	many      string // the same for the message; "" for field
	tail      string // "%d" is a number that changes
	subject   string
	row       func(label, value string) string // instead of field
}

func questions(pairs ...string) []question {
	var out []question
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, question{pairs[i], pairs[i+1]})
	}
	return out
}

// render writes the mail.
func (l layout) render(v map[string]string, n int) string {
	var b strings.Builder
	fill := func(s string) {
		s = strings.ReplaceAll(s, "%s", strings.TrimRight(v["name"], " 　"))
		b.WriteString(strings.ReplaceAll(s, "%d", fmt.Sprint(4711+n)))
	}
	fill(l.head)
	for _, q := range l.questions {
		value := v[q.name]
		if l.html {
			value = strings.ReplaceAll(html.EscapeString(value), "\n", "<br>\n")
		}
		switch {
		case l.row != nil:
			b.WriteString(l.row(q.label, value))
		case q.name == "message" && l.many != "":
			fmt.Fprintf(&b, l.many, q.label, value)
		default:
			fmt.Fprintf(&b, l.field, q.label, value)
		}
	}
	fill(l.tail)
	return b.String()
}

// layouts are twenty: ten in Japanese, six in English, four tables in HTML.
func layouts() []layout {
	footer := "\n\n--\nこのメールは example.co.jp のお問い合わせフォームから送信されました。\n"
	return []layout{
		{
			name: "ja colon", subject: "お問い合わせがありました", head: "ウェブサイトからお問い合わせがありました。\n\n", field: "%s: %s\n", tail: footer,
			questions: questions("name", "お名前", "kana", "フリガナ", "company", "会社名", "email", "メールアドレス", "tel", "電話番号", "message", "お問い合わせ内容"),
		},
		{
			name: "ja wide colon, message below", subject: "【お問い合わせ】%s様", head: "%s 様よりお問い合わせを受け付けました。\n受付番号 A-%d\n\n", field: "お%s　：　%s\n", many: "%s：\n%s\n", tail: "\n━━━━━━━━━━━━\n株式会社サンプル 営業部\nTEL：03-0000-0000\n━━━━━━━━━━━━\n",
			questions: questions("name", "名前", "email", "メール", "tel", "電話", "type", "用件", "message", "ご相談内容"),
		},
		{
			name: "ja brackets", subject: "資料請求がありました", head: "下記の内容で資料請求がありました。\n----------------\n", field: "【%s】%s\n", many: "【%s】\n%s\n", tail: "----------------\n送信日時：2026/11/22 10:%d\n",
			questions: questions("company", "会社名（必須）", "dept", "部署名", "name", "ご担当者名（必須）", "email", "メールアドレス（必須）", "tel", "電話番号", "url", "URL", "message", "備考"),
		},
		{
			name: "ja squares, value below", subject: "フォームからのお申し込み", head: "フォームから申し込みがありました。\n\n", field: "■%s\n%s\n\n", tail: "※本メールは自動送信です。\n",
			questions: questions("name", "お名前 ※必須", "kana", "ふりがな", "email", "メールアドレス ※必須", "tel", "お電話番号", "address", "ご住所", "message", "お問い合わせ内容"),
		},
		{
			name: "ja square brackets", subject: "[HP] 問い合わせ通知", head: "担当者各位\n\nHPから問い合わせです。\n\n", field: "[%s] %s\n", many: "[%s]\n%s\n", tail: "\n[送信元] 192.0.2.%d\n",
			questions: questions("name", "氏名", "email", "E-mail", "company", "貴社名", "tel", "TEL", "fax", "FAX", "message", "本文"),
		},
		{
			name: "ja leaders", subject: "新規お問い合わせ", head: "新規お問い合わせの内容は次のとおりです\n======================\n", field: "%s ........ %s\n", many: "%s ........ %s\n", tail: "======================\n以上 No.%d\n",
			questions: questions("name", "氏名", "company", "会社", "email", "メール", "tel", "電話", "message", "内容"),
		},
		{
			name: "ja box", subject: "見積依頼フォーム", head: "見積依頼が届きました\n┏━━━━━┳━━━━━━━━┓\n", field: "┃%s　　┃%s　　　┃\n┣━━━━━╋━━━━━━━━┫\n", many: "┃%s　┃%s\n", tail: "┗━━━━━┻━━━━━━━━┛\nサンプル見積システム\n",
			questions: questions("name", "氏名", "company", "会社", "email", "メール", "tel", "電話", "date", "希望日", "message", "詳細内容"),
		},
		{
			name: "ja columns", subject: "来場予約", head: "来場予約フォームに入力がありました。\n\n", field: "%s　　　%s\n", many: "%s　　%s\n", tail: "\n予約管理システムより\n",
			questions: questions("name", "お名前", "kana", "カナ", "email", "メール", "tel", "電話", "date", "来場日", "message", "備考"),
		},
		{
			name: "ja sections", subject: "お問い合わせフォーム #%d", head: "お問い合わせ番号：%d\n\n＜お客様情報＞\n", field: "・%s ： %s\n", many: "\n＜お問い合わせ＞\n・%s ：\n%s\n", tail: "\n＜以上＞\n",
			questions: questions("name", "お名前", "company", "会社名", "email", "メールアドレス", "tel", "電話番号", "agree", "個人情報の同意", "message", "お問い合わせ内容"),
		},
		{
			name: "ja honorific, arrow", subject: "お問合せ", head: "お問合せフォームへの投稿です\n\n", field: "◆%s → %s\n", many: "◆%s →\n%s\n", tail: "\n投稿はここまで\n",
			questions: questions("name", "お名前", "email", "メール", "tel", "電話", "type", "種別", "message", "メッセージ"),
		},
		{
			name: "en colon", subject: "New contact form submission", head: "You have a new submission from your website.\n\n", field: "%s: %s\n", tail: "\n--\nThis e-mail was sent from a contact form on Example (https://example.com)\n",
			questions: questions("name", "Name", "company", "Company", "email", "Email", "tel", "Phone", "message", "Message"),
		},
		{
			name: "en numbered", subject: "Form submission %d", head: "Entry %d received on Sun, 22 Nov 2026\n\n", tail: "\nManage entries in your dashboard.\n",
			questions: questions("name", "1. Full name", "email", "2. E-mail address", "tel", "3. Phone number", "url", "4. Website", "message", "5. How can we help?"), field: "%s: %s\n", many: "%s:\n%s\n",
		},
		{
			name: "en key=value", subject: "formmail", head: "Below is the result of your feedback form.\n---------------------------\n", field: "%s = %s\n", tail: "---------------------------\nEnd of feedback form\n",
			questions: questions("name", "realname", "email", "email", "company", "company", "tel", "phone", "message", "comments"),
		},
		{
			name: "en labels in brackets", subject: "Web enquiry", head: "A web enquiry was made:\n\n", field: "<%s> %s\n", many: "<%s>\n%s\n", tail: "\n*** end of enquiry ***\n",
			questions: questions("name", "Your Name*", "company", "Organisation", "email", "Email*", "tel", "Telephone", "message", "Your enquiry"),
		},
		{
			name: "en below", subject: "New lead from landing page", head: "Somebody filled in your form:\n\n", field: "## %s\n\n%s\n\n", tail: "Sent by FormTool\n",
			questions: questions("name", "Name", "email", "Email", "company", "Company", "type", "Interest", "message", "Message"),
		},
		{
			name: "en tabs", subject: "Survey response", head: "Response summary\n\n", field: "%s\t%s\n", many: "%s\t%s\n", tail: "\nView the response online\n",
			questions: questions("name", "Name", "email", "Email", "tel", "Phone number (optional)", "company", "Company", "message", "Comments"),
		},
		{
			name: "html rows", html: true, subject: "お問い合わせ", head: "<html><body><p>お問い合わせがありました。</p><table border=1>\n", field: "<tr><th>%s</th><td>%s</td></tr>\n", tail: "</table><p>サンプル株式会社</p></body></html>\n",
			questions: questions("name", "お名前", "company", "会社名", "email", "メールアドレス", "tel", "電話番号", "fax", "FAX", "message", "お問い合わせ内容"),
		},
		{
			name: "html label above value", html: true, subject: "New submission", head: "<h2>Contact us: new submission</h2><table>\n", field: "<tr bgcolor=\"#EAF2FA\"><td colspan=2><strong>%s</strong></td></tr><tr><td width=20>&nbsp;</td><td>%s</td></tr>\n", tail: "</table><p>You receive this because you own the form.</p>\n",
			questions: questions("name", "Your name", "email", "Your email", "tel", "Your phone", "message", "Your message"),
		},
		{
			name: "html colon in label cell", html: true, subject: "HPよりお問い合わせ", head: "<div>ホームページより</div><table>\n", field: "<tr><td><b>%s：</b></td><td>%s</td></tr>\n", tail: "</table><div>以上です。</div>\n",
			questions: questions("type", "種別", "name", "氏名", "kana", "フリガナ", "email", "メール", "address", "住所", "message", "内容"),
		},
		{
			name: "html badge and numbers", html: true, subject: "Event registration", head: "<p>Registration received.</p><table>\n", field: "<tr><td>%s <span>必須</span></td>\n<td>%s</td></tr>\n", tail: "</table><hr><p>Registration desk %d</p>\n",
			questions: questions("name", "参加者名", "company", "会社名", "dept", "部署", "email", "メール", "tel", "電話", "message", "ご質問"),
		},
	}
}
