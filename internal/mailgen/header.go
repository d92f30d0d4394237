package mailgen

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
)

// field is one header field: raw lines without the CRLF at the end.
type field struct{ name, value string }

// isASCII reports whether a string needs no encoding in a header.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// encodedWords writes a text as RFC 2047 wants it: words of at most 75 characters, cut between characters.
func encodedWords(cs charset, s string) string {
	if isASCII(s) {
		return s
	}
	var words []string
	chunk := ""
	for _, r := range s {
		if len(cs.encode(chunk+string(r))) > 42 {
			words = append(words, encodedWord(cs.name, cs.encode(chunk)))
			chunk = ""
		}
		chunk += string(r)
	}
	return strings.Join(append(words, encodedWord(cs.name, cs.encode(chunk))), "\r\n ")
}

// cutWords writes words that are cut after so many bytes, often in the middle of a character or between
// the escape sequences of ISO-2022-JP, as some programs do.
func cutWords(cs charset, s string, size int) string {
	var words []string
	b := cs.encode(s)
	for len(b) > size {
		words = append(words, encodedWord(cs.name, b[:size]))
		b = b[size:]
	}
	return strings.Join(append(words, encodedWord(cs.name, b)), "\r\n ")
}

func encodedWord(name string, b []byte) string {
	return "=?" + name + "?B?" + base64.StdEncoding.EncodeToString(b) + "?="
}

// mailbox writes a person as a mailbox.
func mailbox(cs charset, p Person) string {
	switch {
	case p.Name == "":
		return p.Email
	case isASCII(p.Name):
		return fmt.Sprintf("%q <%s>", p.Name, p.Email)
	default:
		return encodedWords(cs, p.Name) + "\r\n <" + p.Email + ">"
	}
}

// rfc2231 writes a parameter in RFC 2231's extended form, in sections if it is long.
func rfc2231(name string, cs charset, value string) string {
	var escaped []string // one element is never cut
	for _, b := range cs.encode(value) {
		if c := string(rune(b)); b < 0x80 && url.QueryEscape(c) == c {
			escaped = append(escaped, c)
		} else {
			escaped = append(escaped, fmt.Sprintf("%%%02X", b))
		}
	}
	if len(escaped) <= 18 {
		return fmt.Sprintf(";\r\n %s*=%s''%s", name, cs.name, strings.Join(escaped, ""))
	}
	var out strings.Builder
	for i := 0; len(escaped) > 0; i++ {
		n := min(15, len(escaped))
		prefix := ""
		if i == 0 {
			prefix = cs.name + "''"
		}
		fmt.Fprintf(&out, ";\r\n %s*%d*=%s%s", name, i, prefix, strings.Join(escaped[:n], ""))
		escaped = escaped[n:]
	}
	return out.String()
}

// head writes the header of the whole message, without the fields of its body.
func (d *draft) head(out *bytes.Buffer) {
	fields := append(d.trace(),
		field{"Date", d.date.In(d.zone()).Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		field{"From", mailbox(d.cs, d.from)},
		field{"To", mailbox(d.cs, d.to)},
	)
	var copies []string
	for _, p := range d.cc {
		copies = append(copies, mailbox(d.cs, p))
	}
	if len(copies) > 0 {
		fields = append(fields, field{"Cc", strings.Join(copies, ",\r\n ")})
	}
	fields = append(fields, field{"Message-ID", "<" + d.messageID + ">"})
	if len(d.references) > 0 {
		fields = append(fields,
			field{"In-Reply-To", "<" + d.references[len(d.references)-1] + ">"},
			field{"References", "<" + strings.Join(d.references, ">\r\n <") + ">"})
	}
	fields = append(fields, field{"Subject", encodedWords(d.cs, d.subject)})
	fields = append(fields, d.extra...)
	for _, f := range append(fields, field{"MIME-Version", "1.0"}) {
		values, changed := d.override[f.name]
		if !changed {
			values = []string{f.value}
		}
		for _, v := range values {
			fmt.Fprintf(out, "%s: %s\r\n", f.name, v)
		}
	}
}

// trace is what servers put before a message on its way.
func (d *draft) trace() []field {
	if d.outgoing {
		return []field{{"User-Agent", "Mozilla Thunderbird"}}
	}
	host := d.from.Email[strings.LastIndexByte(d.from.Email, '@')+1:]
	fields := []field{{"Return-Path", "<" + d.from.Email + ">"}}
	for i := range 2 + d.rng.IntN(3) {
		fields = append(fields, field{"Received", fmt.Sprintf(
			"from mx%d.%s (mx%d.%s [192.0.2.%d])\r\n\tby in%d.example.co.jp (Postfix) with ESMTPS id %010X\r\n\tfor <%s>; %s",
			i, host, i, host, d.rng.IntN(255), i, d.rng.Uint64()>>24, d.to.Email, d.date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))})
	}
	signature := make([]byte, 256)
	d.fill(signature)
	text := base64.StdEncoding.EncodeToString(signature)
	return append(fields, field{"DKIM-Signature", fmt.Sprintf(
		"v=1; a=rsa-sha256; c=relaxed/relaxed; d=%s; s=s1;\r\n\th=from:to:subject:date:message-id; bh=%s;\r\n\tb=%s",
		host, text[:44], strings.Join([]string{text[44:110], text[110:180], text[180:250], text[250:]}, "\r\n\t "))})
}
