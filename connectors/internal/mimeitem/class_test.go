package mimeitem

import (
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestClass(t *testing.T) {
	form := "\n\nお名前: 山田\n会社名: 山田商店\nメールアドレス: y@yamada.jp\nお問い合わせ内容: 見積希望\n"
	report := "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nFailed.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.jp\nAction: ACTION\n--b--\n"
	invitation := "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nMeeting\n--b\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\n\nBEGIN:VCALENDAR\n--b--\n"
	for _, c := range []struct {
		name, mail string
		want       crm.Class
		reason     string // is in the reason
	}{
		{"person", "From: Taro <taro@client.co.jp>\nSubject: お見積\n\nHi", crm.ClassPersonal, ""},
		{"person with exchange's header", "From: t@c.jp\nX-Auto-Response-Suppress: All\nSubject: x\n\nHi", crm.ClassPersonal, ""},
		{"person writes about a bounce", "From: t@c.jp\nSubject: 配信不能の件\n\nHi", crm.ClassPersonal, ""},
		{"person writes about absence", "From: t@c.jp\nSubject: 明日は不在です\n\nHi", crm.ClassPersonal, ""},
		{"person says no", "From: t@c.jp\nAuto-Submitted: no\nSubject: x\n\nHi", crm.ClassPersonal, ""},
		{"person writes about the form", "From: t@c.jp\nSubject: お問い合わせフォームからの連絡\n\n" + form, crm.ClassPersonal, ""},
		{"auto-replied", "From: t@c.jp\nAuto-Submitted: auto-replied (vacation)\nSubject: x\n\nHi", crm.ClassAutoReply, "Auto-Submitted"},
		{"x-autoreply", "From: t@c.jp\nX-Autoreply: yes\nSubject: x\n\nHi", crm.ClassAutoReply, "X-Autoreply"},
		{"exchange out of office", "From: t@c.jp\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\nSubject: 自動応答: 見積\n\nHi", crm.ClassAutoReply, "自動応答"},
		{"absence with null path", "Return-Path: <>\nFrom: t@c.jp\nSubject: 不在のお知らせ\n\nHi", crm.ClassAutoReply, "Return-Path"},
		{"read receipt", "From: t@c.jp\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nRead\n--b--\n", crm.ClassAutoReply, "disposition"},
		{"dsn", "From: MAILER-DAEMON@c.jp\n" + strings.ReplaceAll(report, "ACTION", "failed"), crm.ClassBounce, "report-type"},
		{"dsn of success", "From: MAILER-DAEMON@c.jp\n" + strings.ReplaceAll(report, "ACTION", "delivered"), crm.ClassAutoReply, "delivered"},
		{"qmail", "Return-Path: <>\nFrom: MAILER-DAEMON@c.jp\nSubject: failure notice\n\nHi. This is the qmail-send program", crm.ClassBounce, "mailer-daemon"},
		{"daemon without domain", "From: MAILER-DAEMON (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender\n\nx", crm.ClassBounce, "mailer-daemon"},
		{"docomo", "From: <mailer-daemon@docomo.ne.jp>\nSubject: Mail Delivery Failure\n\nUser unknown", crm.ClassBounce, ""},
		{"exim", "From: Mail Delivery System <postmaster@c.jp>\nX-Failed-Recipients: a@b.jp\nSubject: x\n\nx", crm.ClassBounce, "X-Failed-Recipients"},
		{"japanese free form", "Return-Path: <>\nFrom: postmaster@c.jp\nSubject: 配信不能のお知らせ\n\n宛先不明", crm.ClassBounce, "配信不能"},
		{"postmaster writes", "From: postmaster@c.jp\nSubject: 会議\n\nHi", crm.ClassPersonal, ""},
		{"list", "From: t@c.jp\nList-Id: <x.c.jp>\nSubject: Re: x\n\nHi", crm.ClassBulk, "List-Id"},
		{"unsubscribe", "From: t@c.jp\nList-Unsubscribe: <https://c.jp>\nSubject: x\n\nHi", crm.ClassBulk, "List-Unsubscribe"},
		{"feedback", "From: t@c.jp\nFeedback-ID: 1:2:3\nSubject: x\n\nHi", crm.ClassBulk, "Feedback-ID"},
		{"precedence", "From: t@c.jp\nPrecedence: bulk\nSubject: x\n\nHi", crm.ClassBulk, "Precedence"},
		{"noreply", "From: no-reply@c.jp\nSubject: x\n\nHi", crm.ClassBulk, "no-reply"},
		{"generated", "From: t@c.jp\nAuto-Submitted: auto-generated\nSubject: x\n\nHi", crm.ClassBulk, "auto-generated"},
		{"invitation", "From: t@c.jp\nSubject: 会議\n" + invitation, crm.ClassInvitation, "REQUEST"},
		{"wordpress form", "From: WordPress <wordpress@c.jp>\nSubject: お問い合わせがありました\n\n" + form, crm.ClassFormNotification, "wordpress"},
		{"form through phpmailer", "From: info@c.jp\nX-Mailer: PHPMailer 6.8\nSubject: 【c.jp】新規お問い合わせ\n\n" + form, crm.ClassFormNotification, "phpmailer"},
		{"form's thanks to the customer", "From: noreply@c.jp\nSubject: お問い合わせありがとうございます(フォームから)\n\n" + form, crm.ClassBulk, ""},
		{"form subject without fields", "From: noreply@c.jp\nSubject: フォームからのご案内\n\nCampaign!", crm.ClassBulk, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := FromRaw(Envelope{ExternalID: "1"}, []byte(c.mail), 0).Message
			if m.Class != c.want || !strings.Contains(m.ClassReason, c.reason) {
				t.Errorf("got %s by %q, want %s by %q", m.Class, m.ClassReason, c.want, c.reason)
			}
		})
	}
}
