package sample

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"net/mail"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

// write is the mail as it lies on a server: RFC 5322, with CRLF.
func (l letter) write(id string, references []string) ([]byte, error) {
	var b bytes.Buffer
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	subject, err := l.word(l.subject)
	if err != nil {
		return nil, err
	}
	field("Date", l.sent.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	field("From", mailboxes(l.from))
	field("To", mailboxes(l.to...))
	if len(l.cc) > 0 {
		field("Cc", mailboxes(l.cc...))
	}
	field("Subject", subject)
	field("Message-ID", "<"+id+">")
	if len(references) > 0 {
		field("In-Reply-To", "<"+references[len(references)-1]+">")
		field("References", "<"+strings.Join(references, ">\r\n <")+">")
	}
	if l.auto {
		field("Auto-Submitted", "auto-replied")
		field("X-Auto-Response-Suppress", "All")
	}
	if l.list != "" {
		field("List-Id", "<"+strings.Replace(l.list, "@", ".", 1)+">")
		field("List-Unsubscribe", "<mailto:unsubscribe-"+l.list+">")
		field("Precedence", "bulk")
	}
	field("MIME-Version", "1.0")
	return l.body(&b)
}

// body adds the parts: text alone, text with an attachment or an answer to an invitation, or a delivery report (RFC 3464).
func (l letter) body(b *bytes.Buffer) ([]byte, error) {
	const boundary = "=_tsunagu_sample"
	text, err := l.textPart()
	if err != nil {
		return nil, err
	}
	switch {
	case l.bounce != "":
		fmt.Fprintf(b, "Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=%q\r\n\r\n--%s\r\n", boundary, boundary)
		b.WriteString(text)
		fmt.Fprintf(b, "\r\n--%s\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.co.jp\r\n\r\n"+
			"Final-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n--%s--\r\n", boundary, l.bounce, boundary)
	case l.calendar != "":
		fmt.Fprintf(b, "Content-Type: multipart/alternative; boundary=%q\r\n\r\n--%s\r\n", boundary, boundary)
		b.WriteString(text)
		fmt.Fprintf(b, "\r\n--%s\r\nContent-Type: text/calendar; charset=utf-8; method=REPLY\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s\r\n--%s--\r\n",
			boundary, l.calendar, boundary)
	case l.attach != "":
		fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=%q\r\n\r\n--%s\r\n", boundary, boundary)
		b.WriteString(text)
		name := mime.FormatMediaType("attachment", map[string]string{"filename": l.attach})
		fmt.Fprintf(b, "\r\n--%s\r\nContent-Type: application/octet-stream\r\nContent-Disposition: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--%s--\r\n",
			boundary, name, base64.StdEncoding.EncodeToString([]byte("sample")), boundary)
	default:
		b.WriteString(text)
	}
	return b.Bytes(), nil
}

// textPart is the header of the text and the text itself, in the letter's charset.
func (l letter) textPart() (string, error) {
	text := strings.ReplaceAll(strings.TrimSpace(l.text), "\n", "\r\n") + "\r\n"
	encoded, err := encode(l.charset, text)
	if err != nil {
		return "", fmt.Errorf("mail %q: %w", l.subject, err)
	}
	head := "Content-Type: text/plain; charset=" + l.label() + "\r\n"
	if l.charset == "iso-2022-jp" { // seven bits, as Japanese mail has always been sent
		return head + "Content-Transfer-Encoding: 7bit\r\n\r\n" + encoded, nil
	}
	wrapped := base64.StdEncoding.EncodeToString([]byte(encoded))
	var b strings.Builder
	for len(wrapped) > 76 {
		b.WriteString(wrapped[:76] + "\r\n")
		wrapped = wrapped[76:]
	}
	return head + "Content-Transfer-Encoding: base64\r\n\r\n" + b.String() + wrapped + "\r\n", nil
}

func (l letter) label() string {
	if l.charset == "" {
		return "utf-8"
	}
	return l.charset
}

// word writes a header's text as RFC 2047 encoded words, in the letter's charset.
func (l letter) word(s string) (string, error) {
	if !strings.ContainsFunc(s, func(r rune) bool { return r > 126 }) {
		return s, nil
	}
	if l.charset == "" {
		return mime.BEncoding.Encode("utf-8", s), nil
	}
	var words []string
	for runes := []rune(s); len(runes) > 0; {
		n := min(len(runes), 12)
		encoded, err := encode(l.charset, string(runes[:n]))
		if err != nil {
			return "", fmt.Errorf("mail %q: %w", s, err)
		}
		words = append(words, "=?"+l.charset+"?B?"+base64.StdEncoding.EncodeToString([]byte(encoded))+"?=")
		runes = runes[n:]
	}
	return strings.Join(words, "\r\n "), nil
}

func mailboxes(addresses ...mail.Address) string {
	out := make([]string, len(addresses))
	for i, a := range addresses {
		out[i] = mime.BEncoding.Encode("utf-8", a.Name) + " <" + a.Address + ">"
	}
	return strings.Join(out, ",\r\n ")
}

func encode(charset, s string) (string, error) {
	var e encoding.Encoding
	switch charset {
	case "":
		return s, nil
	case "iso-2022-jp":
		e = japanese.ISO2022JP
	case "shift_jis":
		e = japanese.ShiftJIS
	case "euc-jp":
		e = japanese.EUCJP
	case "iso-8859-1":
		e = charmap.ISO8859_1
	default:
		return "", fmt.Errorf("no charset is called %s", charset)
	}
	return e.NewEncoder().String(s)
}
