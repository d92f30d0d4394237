package mimeitem

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
)

// typicalMail is a Japanese business mail: plain and HTML alternatives, an attachment, the header that a mail
// has after a few hops, a quoted reply and a signature.
func typicalMail(tb testing.TB) []byte {
	text := "株式会社サンプル\r\n佐藤様\r\n\r\nいつもお世話になっております。クライアント商事の田中です。\r\n\r\n" +
		strings.Repeat("先日ご案内いただきましたお見積書の件につきまして、社内で検討いたしました。\r\n", 12) +
		"\r\n以上、よろしくお願いいたします。\r\n\r\n━━━━━━━━━━━━━━\r\nクライアント商事株式会社\r\n田中 太郎\r\nTEL: 03-1234-5678\r\n━━━━━━━━━━━━━━\r\n\r\n" +
		"-----元のメッセージ-----\r\n差出人: 佐藤 <sato@example.co.jp>\r\n送信日時: 2026年11月20日 10:00\r\n宛先: 田中\r\n件名: お見積書\r\n\r\n" +
		strings.Repeat("> 前のメールの本文です。よろしくお願いいたします。\r\n", 15)
	jis := encode(tb, japanese.ISO2022JP, text)
	var b strings.Builder
	for i := range 6 {
		fmt.Fprintf(&b, "Received: from mx%d.client.co.jp (mx%d.client.co.jp [192.0.2.%d])\r\n\tby mail.example.co.jp (Postfix) with ESMTPS id ABC%d\r\n\tfor <sato@example.co.jp>; Sat, 21 Nov 2026 10:00:0%d +0900 (JST)\r\n", i, i, i, i, i)
	}
	b.WriteString("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=client.co.jp; s=s1;\r\n\th=from:to:subject:date;\r\n\tbh=" + strings.Repeat("QUJD", 11) + ";\r\n\tb=" + strings.Repeat("QUJDREVG", 40) + "\r\n")
	b.WriteString("Message-ID: <20261121100000.ABC@client.co.jp>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0900\r\nFrom: =?iso-2022-jp?B?" + b64(encode(tb, japanese.ISO2022JP, "田中 太郎")) +
		"?= <tanaka@client.co.jp>\r\nTo: =?iso-2022-jp?B?" + b64(encode(tb, japanese.ISO2022JP, "佐藤 花子")) + "?= <sato@example.co.jp>\r\nCc: eigyo@client.co.jp, Suzuki <suzuki@client.co.jp>\r\n" +
		"Subject: =?iso-2022-jp?B?" + b64(encode(tb, japanese.ISO2022JP, "Re: お見積書の件につきまして")) + "?=\r\nIn-Reply-To: <1@example.co.jp>\r\nReferences: <0@example.co.jp> <1@example.co.jp>\r\nMIME-Version: 1.0\r\nX-Mailer: Microsoft Outlook 16.0\r\n" +
		"Content-Type: multipart/mixed; boundary=\"mixed\"\r\n\r\n--mixed\r\nContent-Type: multipart/alternative; boundary=\"alt\"\r\n\r\n--alt\r\nContent-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit\r\n\r\n")
	b.Write(jis)
	b.WriteString("\r\n--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>" + strings.Repeat("<p>お世話になっております。</p>", 50) +
		"</body></html>\r\n--alt--\r\n--mixed\r\nContent-Type: application/pdf; name=\"=?utf-8?B?" + b64([]byte("見積書.pdf")) + "?=\"\r\nContent-Disposition: attachment;\r\n filename*=utf-8''%E8%A6%8B%E7%A9%8D.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 60) + "--mixed--\r\n")
	return []byte(b.String())
}

// htmlMail is a newsletter: HTML only, in quoted-printable.
func htmlMail() []byte {
	row := "<tr><td style=3D\"font-size:14px;color:#333333;padding:10px 20px\" width=3D\"600\"><a href=3D\"https://example.jp/x?y=3D1\">=E4=BB=8A=E9=80=B1=E3=81=AE=E3=81=8A=E7=9F=A5=E3=82=89=E3=81=9B</a> News of the week &amp; more</td></tr>=\r\n\r\n"
	return []byte("From: News <news@example.jp>\r\nTo: sato@example.co.jp\r\nSubject: News\r\nMessage-ID: <n@example.jp>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0900\r\nList-Unsubscribe: <https://example.jp>\r\n" +
		"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<html><head><style>p{color:red}</style></head><body><div style=3D\"display:none\">pre</div><table>" + strings.Repeat(row, 60) + "</table></body></html>")
}

// parts gives what FromParts would get of a message over IMAP.
func parts(raw []byte, limit int64) (header []byte, root *Part, bodies []Body) {
	head, content := splitHeader(raw)
	h := readHeader(head)
	s := splitter{bodies: make(map[string][]byte)}
	root = s.partOf(&h, content, "text/plain", 0)
	s.keep(root, content)
	contents := s.number(root)
	for _, want := range Plan(root, limit) {
		data := contents[want.Path]
		if want.Path == wholeBody {
			data = content
		}
		bodies = append(bodies, Body{want.Path, data[:min(int64(len(data)), want.Size)], int64(len(data)) > want.Size})
	}
	return head, root, bodies
}

func BenchmarkFromParts(b *testing.B) {
	env := Envelope{ExternalID: "x", Received: time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC), Size: 1}
	for name, raw := range map[string][]byte{"typical": typicalMail(b), "html": htmlMail(), "short": []byte("From: a@b.jp\r\nTo: c@d.jp\r\nSubject: Hello\r\nMessage-ID: <1@b.jp>\r\n\r\nHello, see you tomorrow.\r\n")} {
		b.Run(name, func(b *testing.B) {
			header, root, bodies := parts(raw, 1<<20)
			b.ReportAllocs()
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				FromParts(env, header, root, bodies, 1<<20)
			}
		})
	}
}

func BenchmarkFromRaw(b *testing.B) {
	raw := typicalMail(b)
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		FromRaw(Envelope{ExternalID: "x"}, raw, 1<<20)
	}
}

// BenchmarkMix reads a mailbox's mix of mails as a source does over IMAP; one operation is one mail.
func BenchmarkMix(b *testing.B) {
	type fetched struct {
		header []byte
		root   *Part
		bodies []Body
	}
	var mails []fetched
	for m := range mailgen.Generate(3, 2000) {
		header, root, bodies := parts(skipMboxLine(m.Raw), 1<<20)
		mails = append(mails, fetched{header, root, bodies})
	}
	env := Envelope{ExternalID: "x", Received: time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC), Size: 1}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m := &mails[i%len(mails)]
		FromParts(env, m.header, m.root, m.bodies, 1<<20)
	}
}
