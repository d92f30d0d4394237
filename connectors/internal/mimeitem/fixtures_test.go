package mimeitem

import (
	"maps"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// fixtures are the mails of testdata, by name. They are written by TestGolden -update and kept as files too,
// so that one can look at them and feed them to other programs.
func fixtures(t testing.TB) map[string]string {
	jis := func(s string) string { return string(encode(t, japanese.ISO2022JP, s)) }
	sjis := func(s string) string { return string(encode(t, japanese.ShiftJIS, s)) }
	euc := func(s string) string { return string(encode(t, japanese.EUCJP, s)) }
	head := func(more string) string {
		return "From: Taro Tanaka <taro@client.co.jp>\nTo: sato@example.co.jp\nMessage-ID: <1@client.co.jp>\nDate: Sat, 21 Nov 2026 10:00:00 +0900\n" + more
	}
	text := "お世話になっております。\n田中です。"
	out := map[string]string{
		"message-id-missing":    "From: a@b.jp\nTo: c@d.jp\nSubject: x\nDate: Sat, 21 Nov 2026 10:00:00 +0900\n\nHi\n",
		"message-id-folded":     "Message-ID:\n <ABC.\n 123@client.co.jp>\nFrom: a@b.jp\nSubject: x\n\nHi\n",
		"message-id-broken":     "Message-ID:\n<ABC@client.co.jp>\nFrom: a@b.jp\nSubject: x\n\nHi\n",
		"message-id-duplicated": "Message-ID: <first@b.jp>\nMessage-ID: <second@b.jp>\nFrom: a@b.jp\nSubject: x\n\nHi\n",
		"from-several":          "From: A <a@b.jp>, C <c@d.jp>\nSender: secretary@b.jp\nReply-To: r@b.jp\nSubject: x\n\nHi\n",
		"from-twice":            "From: broken\nFrom: A <a@b.jp>\nSubject: x\n\nHi\n",
		"from-missing":          "Sender: S <s@b.jp>\nSubject: x\n\nHi\n",
		"date-impossible":       "Received: from x by y; Sat, 21 Nov 2026 10:00:05 +0900 (JST)\nFrom: a@b.jp\nDate: Sat, 31 Feb 2026 10:00:00 +0900\nSubject: x\n\nHi\n",
		"date-in-the-future":    "Received: from x by y; Sat, 21 Nov 2026 10:00:05 +0900\nFrom: a@b.jp\nDate: Sat, 21 Nov 2043 10:00:00 +0900\nSubject: x\n\nHi\n",
		"date-epoch":            "Received: from x by y; Sat, 21 Nov 2026 10:00:05 +0900\nFrom: a@b.jp\nDate: Thu, 1 Jan 1970 09:00:00 +0900\nSubject: x\n\nHi\n",
		"header-raw-shift-jis":  head("Subject: "+sjis("御見積書の件です")+"\nContent-Type: text/plain\n\n") + sjis(text),
		"header-raw-euc-jp":     head("Subject: "+euc("御見積書の件です")+"\n\n") + euc(text),
		"header-raw-jis":        head("Subject: "+jis("御見積書の件です")+"\n\n") + jis(text),
		"header-raw-utf8":       head("Subject: 御見積書の件です\n\n") + text,
		"header-nul":            head("Subject: a\x00b\n\nHi\x00 there\x01\x7f\n"),
		"header-broken-line":    head("Subject: first half\nsecond half\nX-Other: y\n\nHi\n"),
		"header-only":           head("Subject: x\n"),
		"no-header":             "just text\nwithout any header\n",
		"mbox-line":             "From a@b.jp Sat Nov 21 10:00:00 2026\n" + head("Subject: x\n\nHi\n"),
		"cp50220":               head("Subject: =?iso-2022-jp?B?" + b64([]byte("\x1b$B-!-j\x1b(I1234\x1b(B")) + "?=\nContent-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B-!-j!A\x1b(I6E@E\x1b(B\n"),
		"gb18030":               head("Subject: x\nContent-Type: text/plain; charset=\"gb2312\"\nContent-Transfer-Encoding: base64\n\n" + b64(encode(t, simplifiedchinese.GB18030, "您好,這是報價單"))),
		"euc-kr":                head("Subject: x\nContent-Type: text/plain; charset=ks_c_5601-1987\nContent-Transfer-Encoding: 8 bit\n\n" + string(encode(t, korean.EUCKR, "안녕하세요"))),
		"utf8-as-ascii":         head("Subject: x\nContent-Type: text/plain; charset=us-ascii\n\n" + text),
		"quoted-printable":      head("Subject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: Quoted-Printable\n\na =3D b = c =E3=81=\n=82 100=\n"),
		"base64-broken":         head("Subject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: BASE64\n\n44GC44GE\n!44GG\n44GI"),
		"base64-is-text":        head("Subject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nThis is no base64, it is a text.\n"),
		"uuencode":              head("Subject: x\nContent-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n%2&5L;&\\ \n`\nend\n"),
		"flowed":                head("Subject: x\nContent-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n\nお世話に \nなって\nいます\n"),
		"html-only":             head("Subject: x\nContent-Type: text/html\n\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=Shift_JIS\"></head><body><div style=\"display:none\">pre</div><p>" + sjis("お世話になっております。①") + "</p><p>" + sjis("田中") + "</p></body></html>"),
		"html-beside-plain":     head("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\nTaro\n--b\nContent-Type: text/html\n\n<p>Hello</p><p>Taro</p>\n--b--\n"),
		"attachments": head("Subject: x\nContent-Type: multipart/mixed; boundary=\"b\"\n\npreamble\n--b  \nContent-Type: text/plain\n\nSee attached.\n--b\nContent-Type: application/pdf; name=\"=?iso-2022-jp?B?" + b64([]byte(jis("見積書.pdf"))) + "?=\"\nContent-Transfer-Encoding: base64\n\nQUJD\n" +
			"--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*0*=iso-2022-jp''%1B$B8%2B; filename*1*=%40Q%1B%28B; filename*2=.xls\n\nx\n--b\nContent-Type: image/png; name=logo one.png\nContent-Disposition: inline; filename=logo one.png\n\nx\n--b\nContent-Type: text/plain; name=notes.txt\n\nnotes\n--b--\nepilogue\n"),
		"forward-as-attachment":   head("Subject: Fwd\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nFYI\n--b\nContent-Type: message/rfc822\n\nFrom: x@y.jp\nSubject: =?utf-8?B?44GC?=\n\ninner text\n--b--\n"),
		"forward-only":            head("Subject: Fwd\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nFrom: x@y.jp\nSubject: Inner\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\ninner text\n--c\nContent-Type: text/html\n\n<p>inner html\n--c--\n--b--\n"),
		"tnef-only":               head("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\n\nx\n--b--\n"),
		"tnef-with-text":          head("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\n\nx\n--b--\n"),
		"smime-enveloped":         head("Subject: x\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nQUJD\n"),
		"smime-signed":            head("Subject: x\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\n\n--b\n\nSigned text\n--b\nContent-Type: application/pkcs7-signature; name=smime.p7s\n\nx\n--b--\n"),
		"pgp-encrypted":           head("Subject: x\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream; name=encrypted.asc\n\nx\n--b--\n"),
		"pgp-inline-signed":       head("Subject: x\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSigned text\n- -- \nTaro\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"),
		"pgp-inline-encrypted":    head("Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n"),
		"boundary-missing":        head("Subject: x\nContent-Type: multipart/mixed\n\n--b\nContent-Type: text/plain\n\nHello\n--b\nContent-Type: application/pdf; name=x.pdf\n\nx\n--b--\n"),
		"boundary-wrong":          head("Subject: x\nContent-Type: multipart/mixed; boundary=a\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nこんにちは\n--b--\n"),
		"boundary-absent":         head("Subject: x\nContent-Type: multipart/mixed; boundary=a\n\nNo parts here, only text.\n"),
		"boundary-unterminated":   head("Subject: x\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nHello\n--a\nContent-Type: text/html; name=x.html\n\n<p>x"),
		"boundary-prefix":         head("Subject: x\nContent-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=aa\n\n--aa\n\nHello\n--aa\nContent-Type: text/html\n\n<p>Hello</p>\n--aa--\n--a--\n"),
		"boundary-duplicated":     head("Subject: x\nContent-Type: multipart/mixed; boundary=a\n\n--a\n--a\nContent-Type: multipart/alternative; boundary=a\n\n--a\n\nHello\n--a--\n"),
		"multipart-childless":     head("Subject: x\nContent-Type: multipart/mixed; boundary=a\n\n--a--\n"),
		"empty-plain-alternative": head("Subject: x\nContent-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\n\n--a\nContent-Type: text/html\n\n<p>Only here</p>\n--a--\n"),
		"bounce":                  "From: MAILER-DAEMON@mx.example.co.jp\nTo: sato@example.co.jp\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <b@mx>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nI could not deliver.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; gone@client.co.jp\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: message/rfc822\n\nFrom: sato@example.co.jp\nSubject: Offer\n\nHi\n--b--\n",
		"reply":                   head("Subject: Re: x\nIn-Reply-To: <0@example.co.jp>\nReferences: <a@example.co.jp> (text) <0@example.co.jp>\nContent-Type: text/plain; charset=iso-2022-jp\n\n" + jis("承知しました。\n以上、よろしくお願いいたします。\n\n-----元のメッセージ-----\n差出人: 佐藤\n件名: x\n\n本文\n")),
	}
	maps.Copy(out, invitationFixtures(t))
	for name, mail := range out {
		out[name] = strings.ReplaceAll(mail, "\n", "\r\n")
	}
	return out
}
