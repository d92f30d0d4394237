package mailgen

import (
	"fmt"
	"strings"
)

func newsletter(d *draft) {
	n := d.rng.IntN(40)
	d.from = Person{Name: "Example News", Email: fmt.Sprintf("news@letter%d.example", n)}
	d.truth.Relation, d.truth.Class = Unknown, "bulk"
	list := fmt.Sprintf("letter%d.example", n)
	d.extra = append(d.extra,
		field{"List-Id", "<" + list + ">"}, field{"Precedence", "bulk"},
		field{"List-Unsubscribe", "<https://" + list + "/unsubscribe?u=1>"},
		field{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}, field{"Feedback-ID", "1:2:3:letter"})
	alternative(d)
	if d.rng.IntN(2) == 0 {
		htmlOnly(d)
	}
}

func mailingList(d *draft) {
	d.truth.Class = "bulk"
	d.subject = "[users:123] " + d.subject
	d.extra = append(d.extra, field{"List-Id", "Users <users.lists.example>"},
		field{"List-Post", "<mailto:users@lists.example>"}, field{"Precedence", "list"})
	d.to = Person{Name: "", Email: "users@lists.example"}
	d.root = textPart("plain", d.cs, eightBit, d.text, "")
}

func autoReply(d *draft) {
	d.truth.Class = "auto_reply"
	d.extra = append(d.extra, field{"Auto-Submitted", "auto-replied"}, field{"X-Auto-Response-Suppress", "All"})
	d.subject, d.text = "Out of office: "+d.subject, "I am away until Monday. In urgent cases please ask my colleague.\n"
	if d.tongue == inJapanese {
		d.subject = "自動返信：不在のお知らせ"
		d.text = "ただいま休暇をいただいております。月曜日に改めてご連絡いたします。\n"
	}
	d.root = textPart("plain", d.cs, base64ed, d.text, "")
}

// bounce is a delivery status notification (RFC 3464) with the headers of what could not be delivered.
func bounce(d *draft) {
	d.truth.Class, d.truth.loose = "bounce", true
	lost := d.from.Email
	d.from = Person{Name: "Mail Delivery System", Email: "MAILER-DAEMON@mx." + d.world.OwnDomain}
	d.subject = "Undelivered Mail Returned to Sender"
	d.text = "I'm sorry to have to inform you that your message could not be delivered.\n" +
		"The address " + lost + " does not exist.\n"
	d.override["Return-Path"] = []string{"<>"}
	d.extra = append(d.extra, field{"Auto-Submitted", "auto-replied"})
	status := fmt.Sprintf("Reporting-MTA: dns; mx.%s\n\nFinal-Recipient: rfc822; %s\nAction: failed\nStatus: 5.1.1\n"+
		"Diagnostic-Code: smtp; 550 5.1.1 no such user\n", d.world.OwnDomain, lost)
	d.root = d.multipart("report", "; report-type=delivery-status",
		textPart("plain", charset{"us-ascii", utf8Charset().encode, false}, sevenBit, d.text, ""),
		&part{header: []string{"Content-Type: message/delivery-status"}, body: encodeBody([]byte(status), sevenBit)},
		&part{
			header: []string{"Content-Type: text/rfc822-headers"},
			body:   encodeBody([]byte("To: "+lost+"\nSubject: Quote\nMessage-ID: <lost.1@example.co.jp>\n"), sevenBit),
		})
	d.whole, d.truth.Charset = true, "us-ascii"
}

// invitation is an iTIP request (RFC 6047) beside its description.
func invitation(d *draft) {
	d.truth.Class, d.truth.loose = "invitation", true
	start := d.date.AddDate(0, 0, 3).Format("20060102T150000Z")
	event := "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//EN\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:" + d.messageID +
		"\nDTSTAMP:" + start + "\nDTSTART:" + start + "\nSUMMARY:" + d.subject +
		"\nORGANIZER:mailto:" + d.from.Email + "\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:" + d.to.Email +
		"\nEND:VEVENT\nEND:VCALENDAR\n"
	d.root = d.multipart("alternative", "",
		textPart("plain", d.cs, base64ed, d.text, ""),
		textPart("calendar", d.cs, base64ed, event, "; method=REQUEST"))
	d.whole = true
}

// formNotification is what a web form's plug-in mails to the office.
func formNotification(d *draft) {
	d.truth.Class = "form_notification"
	who := d.from
	d.from = Person{Name: "お問い合わせフォーム", Email: "wordpress@" + d.world.OwnDomain}
	d.truth.Relation = Internal
	d.subject = pick(d.rng, []string{"ホームページからお問い合わせがありました", "【お問い合わせフォーム】資料請求"})
	var b strings.Builder
	b.WriteString("ホームページからお問い合わせがありました。\n\n")
	for _, line := range [][2]string{
		{"お名前", who.Name}, {"フリガナ", who.Kana}, {"メールアドレス", who.Email}, {"電話番号", who.Phone},
		{"お問い合わせ内容", "資料を送付してください。"},
	} {
		fmt.Fprintf(&b, "%s：%s\n", line[0], line[1])
	}
	d.text = b.String()
	d.extra = append(d.extra, field{"Reply-To", who.Email}, field{"X-WPCF7-Content-Type", "text/plain"},
		field{"X-Mailer", "PHPMailer 6.9 (https://github.com/PHPMailer/PHPMailer)"})
	d.root = textPart("plain", d.cs, base64ed, d.text, "")
	d.whole = true
}
