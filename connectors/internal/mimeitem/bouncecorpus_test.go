package mimeitem

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// dsn is a delivery failure as a mail system writes it.
type dsn struct {
	system string
	mail   string // header, empty line, body
	want   []crm.Bounce
}

func hard(recipient, reason string) crm.Bounce {
	return crm.Bounce{Recipient: recipient, Hard: true, Reason: reason}
}
func soft(recipient, reason string) crm.Bounce {
	return crm.Bounce{Recipient: recipient, Reason: reason}
}

const returnedMail = "Received: from mail.example.co.jp (mail.example.co.jp [192.0.2.1])\n\tby mx.example.co.jp; Sat, 21 Nov 2026 10:00:00 +0900\nFrom: sato@example.co.jp\nTo: %s\nSubject: =?utf-8?B?44GK6KaL56mN?=\nMessage-ID: <1@example.co.jp>\n\nHello.\n"

// report builds a multipart/report: from, subject, the words for people, and a group of fields for each recipient.
func report(from, subject, words, to string, groups ...string) string {
	return "Return-Path: <>\nFrom: " + from + "\nTo: sato@example.co.jp\nSubject: " + subject + "\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"=_b\"\n\nThis is a MIME-encapsulated message.\n\n--=_b\nContent-Type: text/plain; charset=utf-8\n\n" + words +
		"\n--=_b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.co.jp\nArrival-Date: Sat, 21 Nov 2026 10:00:00 +0900\n\n" + strings.Join(groups, "\n\n") +
		"\n\n--=_b\nContent-Type: message/rfc822\n\n" + fmt.Sprintf(returnedMail, to) + "\n--=_b--\n"
}

func group(recipient, action, status, diagnostic string) string {
	g := "Final-Recipient: rfc822; " + recipient + "\nAction: " + action + "\nStatus: " + status
	if diagnostic != "" {
		g += "\nDiagnostic-Code: smtp; " + diagnostic
	}
	return g
}

// plain builds the free form.
func plain(from, subject, words string) string {
	return "Return-Path: <>\nFrom: " + from + "\nTo: sato@example.co.jp\nSubject: " + subject + "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n" + words + "\n"
}

func dsns() []dsn {
	const d = "MAILER-DAEMON@mx.example.co.jp (Mail Delivery System)"
	const und = "Undelivered Mail Returned to Sender"
	t := "tanaka@client.co.jp"
	postfix := "This is the mail system at host mx.example.co.jp.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It's attached below.\n\n<" + t + ">: %s\n"
	original := "\n------ This is a copy of the message, including all the headers. ------\n\n" + fmt.Sprintf(returnedMail, t)
	return []dsn{
		{"Postfix", report(d, und, fmt.Sprintf(postfix, "host mx.client.co.jp[192.0.2.9] said: 550 5.1.1 <"+t+">: Recipient address rejected: User unknown in local recipient table (in reply to RCPT TO command)"), t, group(t, "failed", "5.1.1", "550 5.1.1 <"+t+">: Recipient address rejected: User unknown")), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Postfix", report(d, und, fmt.Sprintf(postfix, "Host or domain name not found. Name service error for name=client.co.jp type=AAAA: Host not found"), t, group(t, "failed", "5.4.4", "")), []crm.Bounce{hard(t, "no_domain")}},
		{"Postfix", report(d, und, fmt.Sprintf(postfix, "host mx said: 552 5.2.2 Mailbox full"), t, group(t, "failed", "5.2.2", "552 5.2.2 Mailbox full")), []crm.Bounce{soft(t, "full")}},
		{"Postfix", report(d, "Delayed Mail (still being retried)", "####################\n# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n####\nYour message could not be delivered for more than 4 hour(s).\n<"+t+">: connect to mx.client.co.jp[192.0.2.9]:25: Connection timed out", t, group(t, "delayed", "4.4.1", "")), []crm.Bounce{soft(t, "expired")}},
		{"Postfix", report(d, und, "See below", t, group(t, "failed", "5.1.1", "550 5.1.1 unknown user"), group("suzuki@client.co.jp", "failed", "5.7.1", "554 5.7.1 Message blocked due to spam content"), group("ok@client.co.jp", "relayed", "2.0.0", "")), []crm.Bounce{hard(t, "no_mailbox"), hard("suzuki@client.co.jp", "policy")}},
		{"Postfix", plain(d, und, fmt.Sprintf(postfix, "mail for client.co.jp loops back to myself")), []crm.Bounce{hard(t, "other")}},
		{"Postfix", plain(d, und, "<all@client.co.jp>: unknown user: \"tanaka\"\n\n<forward@gmail.com> (expanded from <"+t+">): host gmail-smtp-in.l.google.com said: 550-5.1.1 The email account that you tried to reach does not exist.\n"), []crm.Bounce{hard("all@client.co.jp", "no_mailbox"), hard(t, "no_mailbox")}},
		{"Sendmail", report("Mail Delivery Subsystem <MAILER-DAEMON@mx.example.co.jp>", "Returned mail: see transcript for details", "The original message was received at Sat, 21 Nov 2026\nfrom mail [192.0.2.1]\n\n   ----- The following addresses had permanent fatal errors -----\n<"+t+">\n    (reason: 550 5.1.1 <"+t+">... User unknown)\n\n   ----- Transcript of session follows -----\n... while talking to mx.client.co.jp.:\n>>> DATA\n<<< 550 5.1.1 <"+t+">... User unknown\n550 5.1.1 <"+t+">... User unknown", t, group(t, "failed", "5.1.1", "550 5.1.1 <"+t+">... User unknown")), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Sendmail", plain("MAILER-DAEMON@mx.example.co.jp", "Returned mail: User unknown", "   ----- The following addresses had permanent fatal errors -----\n<"+t+">\n\n   ----- Transcript of session follows -----\n... while talking to client.co.jp.:\n>>> RCPT To:<"+t+">\n<<< 550 <"+t+">... User unknown\n550 <"+t+">... User unknown\n"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Sendmail", plain("MAILER-DAEMON@mx.example.co.jp", "Warning: could not send message for past 4 hours", "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\n   ----- The following addresses had transient non-fatal errors -----\n<"+t+">\n\n   ----- Transcript of session follows -----\n<"+t+">... Deferred: Connection timed out with client.co.jp.\nWarning: message still undelivered after 4 hours\n"), []crm.Bounce{soft(t, "expired")}},
		{"Sendmail", plain("MAILER-DAEMON@mx.example.co.jp", "Returned mail: Host unknown", "   ----- The following addresses had permanent fatal errors -----\n<"+t+">\n    (reason: 550 Host unknown)\n\n550 5.1.2 <"+t+">... Host unknown (Name server: client.co.jp: host not found)\n"), []crm.Bounce{hard(t, "no_domain")}},
		{"Exim", "X-Failed-Recipients: " + t + "\n" + plain("Mail Delivery System <Mailer-Daemon@mx.example.co.jp>", "Mail delivery failed: returning message to sender", "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  "+t+"\n    host mx.client.co.jp [192.0.2.9]\n    SMTP error from remote mail server after RCPT TO:<"+t+">:\n    550 5.1.1 No such user here\n"+original), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Exim", "X-Failed-Recipients: " + t + "\n" + plain("Mail Delivery System <Mailer-Daemon@mx.example.co.jp>", "Mail delivery failed: returning message to sender", "A message that you sent could not be delivered to one or more of its recipients. The following address(es) failed:\n\n  "+t+"\n    Unrouteable address\n"+original), []crm.Bounce{hard(t, "no_domain")}},
		{"Exim", plain("Mail Delivery System <Mailer-Daemon@mx.example.co.jp>", "Warning: message 1aBcDe-000001-AA delayed 24 hours", "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.example.co.jp.\n\nThe message identifier is:     1aBcDe-000001-AA\nThe subject of the message is: Hello\n\nThe address to which the message has not yet been delivered is:\n\n  "+t+"\n    Delay reason: Connection refused\n\nNo action is required on your part. Delivery attempts will continue for\nsome time, and this warning may be repeated at intervals.\n"), []crm.Bounce{soft(t, "expired")}},
		{"Exim", "X-Failed-Recipients: " + t + ",\n  suzuki@client.co.jp\n" + plain("Mail Delivery System <Mailer-Daemon@mx.example.co.jp>", "Mail delivery failed", "The following address(es) failed:\n\n  "+t+"\n    retry timeout exceeded\n  suzuki@client.co.jp\n    SMTP error from remote mail server after RCPT TO:<suzuki@client.co.jp>:\n    552 5.2.2 Over quota\n"), []crm.Bounce{soft(t, "expired"), soft("suzuki@client.co.jp", "full")}},
		{"qmail", plain("MAILER-DAEMON@mx.example.co.jp", "failure notice", "Hi. This is the qmail-send program at mx.example.co.jp.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<"+t+">:\n192.0.2.9 does not like recipient.\nRemote host said: 550 5.1.1 <"+t+">: User unknown\nGiving up on 192.0.2.9.\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <sato@example.co.jp>\nTo: "+t+"\n"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"qmail", plain("MAILER-DAEMON@mx.example.co.jp", "failure notice", "Hi. This is the qmail-send program at mx.example.co.jp.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<"+t+">:\nSorry, I couldn't find any host named client.co.jp. (#5.1.2)\n\n<suzuki@other.co.jp>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.\n\n--- Below this line is a copy of the message.\n"), []crm.Bounce{hard(t, "no_domain"), soft("suzuki@other.co.jp", "expired")}},
		{"qmail", plain("MAILER-DAEMON@client.co.jp", "failure notice", "Hi. This is the qmail-send program at client.co.jp.\n\n<"+t+">:\nThis address no longer accepts mail.\n\n<b@client.co.jp>:\nSorry, no mailbox here by that name. (#5.1.1)\n"), []crm.Bounce{hard(t, "no_mailbox"), hard("b@client.co.jp", "no_mailbox")}},
		{"Exchange", report("postmaster@client.co.jp", "Undeliverable: Hello", "Delivery has failed to these recipients or groups:\n\nTanaka Taro ("+t+")\nThe e-mail address you entered couldn't be found. Please check the recipient's e-mail address and try to resend the message.\n\nDiagnostic information for administrators:\n\nGenerating server: mail.client.co.jp\n\n"+t+"\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\nOriginal message headers:\n\nReceived: from x", t, group(t, "failed", "5.1.1", "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found")), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Exchange", plain("System Administrator <postmaster@client.co.jp>", "Undeliverable: Hello", "Your message\n\n  To:      Tanaka\n  Subject: Hello\n  Sent:    Sat, 21 Nov 2026 10:00:00 +0900\n\ndid not reach the following recipient(s):\n\n"+t+" on Sat, 21 Nov 2026 10:00:05 +0900\n    The e-mail account does not exist at the organization this message was sent to.\n    <mail.client.co.jp #5.1.1>\n"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Microsoft 365", report("Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.co.jp>", "Undeliverable: Hello", "Your message to "+t+" couldn't be delivered.\n\ntanaka wasn't found at client.co.jp.\n\nsato	Office 365	tanaka\nAction Required			Recipient\n\nUnknown To address\n\nHow to Fix It\nThe address may be misspelled or may not exist.", t, "Final-Recipient: rfc822;"+t+"\nAction: failed\nStatus: 5.1.10\nDiagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient "+t+" not found by SMTP address lookup"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Microsoft 365", report("Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.co.jp>", "配信不能: お見積の件", t+" へのメッセージを配信できませんでした。\n\ntanaka が client.co.jp で見つかりませんでした。\n\n不明な宛先アドレス\n\n管理者向けの診断情報", t, "Final-Recipient: rfc822;"+t+"\nAction: failed\nStatus: 5.1.10\nDiagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Microsoft 365", plain("postmaster@client.onmicrosoft.com", "配信不能: お見積の件", "次の受信者またはグループへの配信に失敗しました:\n\n"+t+"\n受信者のメールボックスがいっぱいのため、メッセージを配信できません。\n\n管理者向けの診断情報:\n\n生成サーバー: TY2PR01.prod.outlook.com\n\n"+t+"\nRemote Server returned '554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded'\n\n元のメッセージ ヘッダー:\n\nReceived: from x\n"), []crm.Bounce{soft(t, "full")}},
		{"Microsoft 365", report("postmaster@example.onmicrosoft.com", "Undeliverable: Hello", "Your message to "+t+" has been blocked.", t, "Final-Recipient: rfc822;"+t+"\nAction: failed\nStatus: 5.7.124\nDiagnostic-Code: smtp;550 5.7.124 RESOLVER.RST.SenderNotInAllowedList; sender not allowed"), []crm.Bounce{hard(t, "refused")}},
		{"Microsoft 365", report("postmaster@example.onmicrosoft.com", "配信遅延: お見積", "このメッセージはまだ配信されていません。引き続き配信を試みます。", t, "Final-Recipient: rfc822;"+t+"\nAction: delayed\nStatus: 4.4.7\nDiagnostic-Code: smtp;400 4.4.7 Message delayed"), []crm.Bounce{soft(t, "expired")}},
		{"Gmail", report("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "** Address not found **\n\nYour message wasn't delivered to "+t+" because the address couldn't be found, or is unable to receive mail.\n\nLearn more here: https://support.google.com/mail/?p=NoSuchUser\n\nThe response was:\n\n550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address. Learn more at https://support.google.com/mail/?p=NoSuchUser a1-20020sor - gsmtp", t, group(t, "failed", "5.1.1", "550-5.1.1 The email account that you tried to reach does not exist. Please try\n 550-5.1.1 double-checking the recipient's email address for typos or\n 550 5.1.1 unnecessary spaces.")), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Gmail", plain("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "** アドレス不明 **\n\n"+t+" にメールは配信されませんでした。メールアドレスが見つからないか、メールを受信できないアドレスです。\n\n応答:\n\nThe email account that you tried to reach does not exist.\n"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Gmail", plain("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "** Address not found **\n\nYour message wasn't delivered to "+t+" because the domain client.co.jp couldn't be found. Check for typos or unnecessary spaces and try again.\n\nThe response was:\n\nDNS Error: DNS type 'mx' lookup of client.co.jp responded with code NXDOMAIN Domain name not found: client.co.jp\n"), []crm.Bounce{hard(t, "no_domain")}},
		{"Gmail", report("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Delay)", "** 配信未完了 **\n\n"+t+" へのメールの配信で一時的な問題が発生しました。Gmail はあと 47 時間再試行を続けます。", t, group(t, "delayed", "4.4.1", "The recipient server did not accept our requests to connect. [mx.client.co.jp: timed out]")), []crm.Bounce{soft(t, "expired")}},
		{"Gmail", report("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "** Message blocked **\n\nYour message to "+t+" has been blocked.", t, group(t, "failed", "5.7.26", "550-5.7.26 Unauthenticated email from example.co.jp is not accepted due to domain's 550 5.7.26 DMARC policy.")), []crm.Bounce{hard(t, "policy")}},
		{"Gmail", report("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "** Recipient inbox full **\n\nYour message couldn't be delivered to "+t+". Their inbox is full, or it's getting too much mail right now.", t, group(t, "failed", "5.2.2", "552-5.2.2 The recipient's inbox is out of storage space and inactive.")), []crm.Bounce{soft(t, "full")}},
		{"Yahoo! JAPAN", plain("MAILER-DAEMON@yahoo.co.jp", "Failure Notice", "Sorry, we were unable to deliver your message to the following address.\n\n<tanaka@yahoo.co.jp>:\nRemote host said: 554 delivery error: dd This user doesn't have a yahoo.co.jp account (tanaka@yahoo.co.jp) [0] - mta1.mail.yahoo.co.jp\n\n--- Below this line is a copy of the message.\n"), []crm.Bounce{hard("tanaka@yahoo.co.jp", "no_mailbox")}},
		{"Yahoo! JAPAN", plain("MAILER-DAEMON@yahoo.co.jp", "メールを配信できませんでした", "以下の宛先にメールを送信できませんでした。\n\n<tanaka@yahoo.co.jp>:\n宛先のメールボックスの容量を超えています。\n"), []crm.Bounce{soft("tanaka@yahoo.co.jp", "full")}},
		{"NTT docomo", plain("Mail Delivery Subsystem <MAILER-DAEMON@docomo.ne.jp>", "Mail System Error - Returned Mail", "This Message was undeliverable due to the following reason:\n\nYour message was not delivered because the return address was refused.\n\nEach of the following recipients was rejected by a remote mail server.\n\n    Recipient: <tanaka@docomo.ne.jp>\n    Reason:    550 Unknown user tanaka@docomo.ne.jp\n\nPlease reply to <Postmaster@docomo.ne.jp>\nif you feel this message to be in error.\n"), []crm.Bounce{hard("tanaka@docomo.ne.jp", "no_mailbox")}},
		{"NTT docomo", plain("MAILER-DAEMON@docomo.ne.jp", "Mail Delivery Failure", "The user(s) account is temporarily over quota.\n\n<tanaka@docomo.ne.jp>\n"), []crm.Bounce{soft("tanaka@docomo.ne.jp", "full")}},
		{"au", plain("Mail Administrator <Postmaster@ezweb.ne.jp>", "Mail System Error - Returned Mail", "This Message was undeliverable due to the following reason:\n\nEach of the following recipients was rejected by a remote mail server.\nThe reasons given by the server are included to help you determine why\neach recipient was rejected.\n\n    Recipient: <tanaka@ezweb.ne.jp>\n    Reason:    <tanaka@ezweb.ne.jp>: User unknown\n\nPlease reply to Postmaster@ezweb.ne.jp\nif you feel this message to be in error.\n"), []crm.Bounce{hard("tanaka@ezweb.ne.jp", "no_mailbox")}},
		{"au", plain("MAILER-DAEMON@au.com", "Returned mail", "次の宛先へのメールは、受信者側の設定により受信拒否されました。\n宛先: tanaka@au.com\n"), []crm.Bounce{hard("tanaka@au.com", "refused")}},
		{"SoftBank", plain("MAILER-DAEMON@softbank.ne.jp", "Undeliverable Message", "Could not be delivered to the following address:\n\n<tanaka@softbank.ne.jp>\n550 Invalid recipient: <tanaka@softbank.ne.jp>\n"), []crm.Bounce{hard("tanaka@softbank.ne.jp", "no_mailbox")}},
		{"SoftBank", plain("mailer-daemon@i.softbank.jp", "配信エラー", "メールを配信できませんでした。\n宛先アドレス tanaka@i.softbank.jp は現在使われておりません。\n"), []crm.Bounce{hard("tanaka@i.softbank.jp", "no_mailbox")}},
		{"IIJ", plain("Mail Delivery System <MAILER-DAEMON@mo.iij.ad.jp>", "メールが配送できませんでした(Undelivered Mail)", "ご利用のメールシステムより自動的にお送りしています。\n\n下記の宛先へメールを配送できませんでした。\n\n  "+t+"\n\n理由: 宛先のユーザが見つかりません (550 5.1.1 User unknown)\n\n-- 以下は元のメッセージのヘッダです --\nFrom: sato@example.co.jp\nTo: "+t+"\n"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Cybozu", plain("MAILER-DAEMON@cybozu.com", "メールの送信に失敗しました", "以下の宛先へのメール送信に失敗しました。\n\n宛先:"+t+"\nエラー内容:ドメインが存在しません。\n"), []crm.Bounce{hard(t, "no_domain")}},
		{"Amazon SES", report("MAILER-DAEMON@us-west-2.amazonses.com", "Delivery Status Notification (Failure)", "An error occurred while trying to deliver the mail to the following recipients:\n"+t, t, group(t, "failed", "5.1.1", "550 5.1.1 user unknown")), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Amazon SES", report("MAILER-DAEMON@ap-northeast-1.amazonses.com", "Delivery Status Notification (Failure)", "An error occurred while trying to deliver the mail to the following recipients:\n"+t, t, group(t, "failed", "5.3.0", "554 5.3.0 Message size exceeds fixed limit")), []crm.Bounce{hard(t, "too_big")}},
		{"SendGrid", report("MAILER-DAEMON@sendgrid.net", "Undelivered Mail", "This is an automatically generated message from SendGrid.\n\nI'm sorry to have to tell you that your message was not able to be delivered to one of its intended recipients.\n\n<"+t+">", t, "Final-Recipient: rfc822; "+t+"\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org"), []crm.Bounce{hard(t, "policy")}},
		{"Mailgun", report("Mail Delivery System <mailer-daemon@mailgun.net>", "Undeliverable mail", "Your message could not be delivered.", t, "Original-Recipient: rfc822;"+t+"\nFinal-Recipient: rfc822;forward@internal.client.co.jp\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 605 Not delivering to previously bounced address; mailbox does not exist"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Courier", report("\"Courier mail server at mx.client.co.jp\" <@>", "NOTICE: mail delivery status.", "This is a delivery status notification from mx.client.co.jp,\nrunning the Courier mail server, version 0.73.1.\n\n---------------------------------------------------------------------------\n\n                           UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<"+t+">:\n    mx.client.co.jp [192.0.2.9]:\n    >>> RCPT TO:<"+t+">\n    <<< 550 User <"+t+"> unknown", t, "Final-Recipient: rfc822; "+t+"\nAction: failed\nStatus: 5.0.0\nRemote-MTA: dns; mx.client.co.jp\nDiagnostic-Code: smtp; 550 User <"+t+"> unknown"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"MDaemon", plain("MDaemon@client.co.jp", "Permanent Delivery Failure", "The following data may contain sections which represent BASE64 encoded file attachments.\n\nThe attached message had PERMANENT fatal delivery errors!\n\nAfter one or more unsuccessful delivery attempts the attached message has\nbeen removed from the mail queue on this server.\n\nFailed address: "+t+"\n\n--- Session Transcript ---\n  Sat 2026-11-21 10:00:00: <-- 550 <"+t+">, Recipient unknown\n  Sat 2026-11-21 10:00:00: --> QUIT\n--- End Transcript ---\n"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Domino", report("Mail Router <postmaster@client.co.jp>", "DELIVERY FAILURE: User tanaka (tanaka@client.co.jp) not listed in Domino Directory", "Your message\n\n  Subject: Hello\n\nwas not delivered to:\n\n  "+t+"\n\nbecause:\n\n  User tanaka ("+t+") not listed in Domino Directory", t, "Final-Recipient: rfc822;"+t+"\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: X-Notes; User tanaka ("+t+") not listed in Domino Directory"), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Barracuda", plain("MAILER-DAEMON@barracuda.client.co.jp", "**Message you sent blocked by our bulk email filter**", "Your message to: "+t+"\nwas blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:\n\nSubject: Hello\n"), []crm.Bounce{hard(t, "policy")}},
		{"Proofpoint", report("Mail Delivery Subsystem <MAILER-DAEMON@mx0a.pphosted.com>", "Returned mail: see transcript for details", "----- The following addresses had permanent fatal errors -----\n<"+t+">\n    (reason: 550 5.7.0 Local Policy Violation - 'reject')", t, group(t, "failed", "5.7.0", "550 5.7.0 Local Policy Violation")), []crm.Bounce{hard(t, "policy")}},
		{"Mimecast", report("<postmaster@eu.mimecast.com>", "[Postmaster] Email Delivery Failure", "This is a delivery failure notification message indicating that\nan email you addressed to email address :\n-- "+t+"\n\ncould not be delivered. The problem appears to be :\n-- Recipient email server rejected the message\n\nAdditional information follows :\n-- 5.1.1 User unknown", t, group(t, "failed", "5.1.1", "550 5.1.1 User unknown")), []crm.Bounce{hard(t, "no_mailbox")}},
		{"Zimbra", plain("MAILER-DAEMON@zimbra.client.co.jp (Mail Delivery System)", und, fmt.Sprintf(postfix, "host zimbra.client.co.jp[192.0.2.9] said: 552 5.3.4 Message size exceeds file system imposed limit (in reply to MAIL FROM command)")), []crm.Bounce{hard(t, "too_big")}},
		{"iCloud", report("Mail Delivery System <MAILER-DAEMON@mx.example.co.jp>", und, "<tanaka@icloud.com>: host mx01.mail.icloud.com[17.57.1.1] said: 550 5.1.1 <tanaka@icloud.com>: user does not exist", "tanaka@icloud.com", group("tanaka@icloud.com", "failed", "5.1.1", "550 5.1.1 <tanaka@icloud.com>: user does not exist")), []crm.Bounce{hard("tanaka@icloud.com", "no_mailbox")}},
		{"OCN", plain("Mail Delivery Subsystem <MAILER-DAEMON@ocn.ne.jp>", "Returned mail: 送信できませんでした", "お送りいただいたメールは次の理由により配信できませんでした。\n\n<tanaka@ocn.ne.jp>\n 宛先不明(User unknown)\n"), []crm.Bounce{hard("tanaka@ocn.ne.jp", "no_mailbox")}},
		{"So-net", plain("postmaster@so-net.ne.jp", "配信エラーのお知らせ", "次の宛先へのメールをお届けできませんでした。\n\ntanaka@aa2.so-net.ne.jp\n\nメールボックスが満杯です。\n"), []crm.Bounce{soft("tanaka@aa2.so-net.ne.jp", "full")}},
	}
}

// variants of a mail say the same.
func variants(t *testing.T, mail string) map[string]string {
	v := map[string]string{"as written": mail, "CRLF": strings.ReplaceAll(mail, "\n", "\r\n")}
	if at := strings.Index(mail, "Content-Type: message/rfc822"); at > 0 {
		v["truncated"] = mail[:at+60]
		v["headers only"] = strings.Replace(mail, "Content-Type: message/rfc822", "Content-Type: text/rfc822-headers", 1)
		v["folded"] = strings.NewReplacer("Final-Recipient: rfc822; ", "Final-Recipient:\n RFC822;\n\t", "Diagnostic-Code: smtp; 550 ", "diagnostic-code: SMTP;\n  550 ", "Action: failed", "ACTION: Failed (see text)").Replace(mail)
	} else {
		head, body, _ := strings.Cut(mail, "\n\n")
		v["ISO-2022-JP"] = strings.Replace(head, "utf-8", "iso-2022-jp", 1) + "\n\n" + string(encode(t, japanese.ISO2022JP, body))
		v["base64"] = head + "\nContent-Transfer-Encoding: base64\n\n" + b64([]byte(body)) + "\n"
		v["HTML"] = strings.Replace(head, "text/plain", "text/html", 1) + "\n\n<html><body><div>" + strings.ReplaceAll(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(body), "\n", "<br>\n") + "</div></body></html>"
	}
	return v
}

func TestBounces(t *testing.T) {
	systems, mails := map[string]bool{}, 0
	for i, d := range dsns() {
		systems[d.system] = true
		for name, mail := range variants(t, d.mail) {
			mails++
			m := FromRaw(Envelope{ExternalID: "x"}, []byte(mail), 0).Message
			if m.Class != crm.ClassBounce {
				t.Errorf("%s %d, %s: class %s", d.system, i, name, m.Class)
			}
			if !sameBounces(m.Bounces, d.want) {
				t.Errorf("%s %d, %s:\n got %+v\nwant %+v", d.system, i, name, m.Bounces, d.want)
			}
		}
	}
	if len(systems) < 20 || mails < 120 {
		t.Errorf("%d mails of %d systems", mails, len(systems))
	}
}

func sameBounces(got, want []crm.Bounce) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i].Recipient != want[i].Recipient || got[i].Hard != want[i].Hard || got[i].Reason != want[i].Reason || got[i].Text == "" || strings.Contains(got[i].Text, "\n") {
			return false
		}
	}
	return true
}

// TestNoBounces: mails that only look like failures.
func TestNoBounces(t *testing.T) {
	person := "From: Tanaka <tanaka@client.co.jp>\nTo: sato@example.co.jp\nSubject: "
	news := "From: news@shop.example\nList-Unsubscribe: <https://shop.example/u>\nSubject: "
	auto := "From: tanaka@client.co.jp\nAuto-Submitted: auto-replied\nSubject: "
	var mails []string
	for _, subject := range []string{"Fwd: Undelivered Mail Returned to Sender", "Re: Delivery Status Notification (Failure)", "配信不能の件", "メールが届きません", "Undeliverable: what does this mean?", "メールアドレス不明のエラーについて", "Returned mail の調査のお願い", "failure notice が届きました", "宛先不明で戻ってきました", "550 5.1.1 User unknown とは",
		"Mail delivery failed to me twice", "送信エラーのご報告", "Delivery delayed to Friday", "納品の遅延について"} {
		mails = append(mails, person+subject+"\n\n<x@client.co.jp>: 550 5.1.1 User unknown が返ってきました。ご確認ください。\n",
			news+subject+"\n\nメールが届かないときの対処法: user unknown, mailbox full, 宛先不明。\n",
			auto+subject+"\n\nI am out of office. Your mail has arrived.\n")
	}
	mails = append(mails, "From: no-reply@stats.example\nAuto-Submitted: auto-generated\nSubject: Delivery report for campaign 12\n\n98 % delivered.\n",
		"From: a@client.co.jp\nContent-Type: multipart/mixed; boundary=b\nSubject: FW: bounce\n\n--b\n\nSee attached.\n--b\nContent-Type: message/rfc822\n\n"+dsns()[0].mail+"\n--b--\n",
		strings.ReplaceAll(dsns()[0].mail, "Action: failed", "Action: delivered"))
	for _, mail := range mails {
		m := FromRaw(Envelope{ExternalID: "x"}, []byte(mail), 0).Message
		if m.Class == crm.ClassBounce || len(m.Bounces) > 0 {
			t.Errorf("%s\nis a bounce by %s: %+v", mail, m.ClassReason, m.Bounces)
		}
	}
	if len(mails) < 40 {
		t.Errorf("%d mails", len(mails))
	}
}
