package mimeitem

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzFromRaw(f *testing.F) {
	for _, mail := range fixtures(f) {
		f.Add([]byte(mail))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		const limit = 2000
		checkItem(t, FromRaw(Envelope{ExternalID: "x"}, raw, limit), limit)
	})
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte("Subject: a\r\n b\r\nFrom: x\r\n\r\n"))
	f.Fuzz(func(t *testing.T, block []byte) {
		h := readHeader(block)
		for i := range h.fields {
			if v := unfold(h.value(i)); bytes.ContainsAny(v, "\r\n\x00") {
				t.Errorf("value %q is not unfolded", v)
			}
		}
	})
}

func FuzzMailboxes(f *testing.F) {
	f.Add([]byte(`"Tanaka, Taro" <taro@client.co.jp>, =?utf-8?B?55Sw5Lit?= <t@c.jp>; Team: a@b.jp (x);`))
	f.Fuzz(func(t *testing.T, v []byte) {
		for _, box := range appendMailboxes(nil, v, "") {
			checkString(t, "name", box.Name, maxName, false)
			checkString(t, "address", box.Address, maxAddress, false)
			if box.Address != "" && !strings.Contains(box.Address, "@") {
				t.Errorf("address %q", box.Address)
			}
		}
	})
}

func FuzzWords(f *testing.F) {
	f.Add([]byte("=?iso-2022-jp?B?GyRCJCIbKEI=?= =?utf-8?Q?a?=E3=81=82?="), "shift_jis")
	f.Fuzz(func(t *testing.T, v []byte, hint string) {
		checkString(t, "header", cleanLine(decodeHeader(v, hint)), 16*len(v)+64, false)
		params := map[string]string{"name*0*": string(v), "name*1": hint}
		checkString(t, "parameter", cleanLine(param(params, "name")), 16*(len(v)+len(hint))+64, false)
	})
}

func FuzzHTML(f *testing.F) {
	f.Add("<p>a<div style='display:none'>b</div><table><tr><td>c<blockquote type=cite>d")
	f.Fuzz(func(t *testing.T, s string) {
		if out := cleanText(htmlText(s)); !utf8.ValidString(out) {
			t.Errorf("got %q", out)
		}
	})
}

func FuzzTrim(f *testing.F) {
	f.Add("OK\n\nOn Mon wrote:\n> x\n-- \nTaro\n━━━━━\nTEL\n━━━━━")
	f.Fuzz(func(t *testing.T, s string) {
		out := trim(s)
		if len(out) > len(s) || strings.TrimSpace(s) != "" && blank(splitLines(out)) && !blank(splitLines(s)) {
			t.Errorf("%q became %q", s, out)
		}
	})
}

func FuzzDate(f *testing.F) {
	f.Add("Sat, 21 Nov 2026 10:00:00 +0900 (JST)")
	f.Add("2026年11月21日(土) 10:00")
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := ParseDate(s); ok && !CanBe(got) {
			t.Errorf("%q gives %v", s, got)
		}
	})
}

func FuzzCharset(f *testing.F) {
	f.Add([]byte("\x1b$B$\"\x1b(B\x82\xa0\xa4\xa2"), "iso-2022-jp", "euc-jp")
	f.Fuzz(func(t *testing.T, data []byte, label, hint string) {
		if out := cleanText(decodeCharset(data, label, hint)); !utf8.ValidString(out) {
			t.Errorf("got %q", out)
		}
	})
}

func FuzzBounce(f *testing.F) {
	for _, d := range dsns() {
		f.Add(d.mail)
	}
	f.Fuzz(func(t *testing.T, mail string) {
		m := FromRaw(Envelope{ExternalID: "x"}, []byte("Return-Path: <>\nFrom: mailer-daemon@x.jp\n"+mail), 0).Message
		if len(m.Bounces) > maxBounces {
			t.Errorf("%d bounces", len(m.Bounces))
		}
		for _, b := range m.Bounces {
			checkString(t, "recipient", b.Recipient, maxAddress, false)
			checkString(t, "text", b.Text, 300, false)
			if b.Reason == "" || !strings.Contains(b.Recipient, "@") {
				t.Errorf("%+v", b)
			}
		}
	})
}
