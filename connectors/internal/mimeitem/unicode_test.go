package mimeitem

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

func unitsOf(order binary.AppendByteOrder, s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func TestUTF16(t *testing.T) {
	const english, japanese = "Hello,\r\nworld 1!", "拝啓\r\n　株式会社サンプルの佐藤です。𠮷野家 100円"
	little, big := binary.LittleEndian, binary.BigEndian
	kana := "おせわになっております"
	for name, test := range map[string]struct {
		data        []byte
		label, want string
	}{
		"little-endian without a mark":         {unitsOf(little, english), "utf-16", english},
		"big-endian without a mark":            {unitsOf(big, english), "UTF-16", english},
		"Japanese, little-endian":              {unitsOf(little, japanese), "utf-16", japanese},
		"Japanese, big-endian":                 {unitsOf(big, japanese), "utf-16", japanese},
		"little-endian, labelled the other":    {unitsOf(little, english), "utf-16be", english},
		"big-endian, labelled the other":       {unitsOf(big, japanese), "utf-16le", japanese},
		"mark against the label":               {unitsOf(little, "\ufeff"+japanese), "utf-16be", japanese},
		"mark without a label":                 {unitsOf(big, "\ufeff"+japanese), "", japanese},
		"mark, labelled UTF-8":                 {unitsOf(little, "\ufeff"+english), "utf-8", english},
		"no label, little-endian":              {unitsOf(little, japanese), "", japanese},
		"no label, big-endian":                 {unitsOf(big, english), "us-ascii", english},
		"unicode means what it looks like":     {unitsOf(little, japanese), "unicode", japanese},
		"ASCII that is only labelled so":       {[]byte(english), "utf-16", english},
		"ASCII labelled with an order":         {[]byte(english), "utf-16le", english},
		"UTF-8 that is only labelled so":       {[]byte(japanese), "utf-16", japanese},
		"kana, whose bytes are ASCII":          {unitsOf(big, "あいうえお"), "utf-16", "あいうえお"},
		"kana, little-endian":                  {unitsOf(little, kana), "utf-16", kana},
		"half a unit at the end":               {append(unitsOf(big, english), 'x'), "utf-16be", english},
		"Latin":                                {unitsOf(little, "Grüße, Þór"), "utf-16", "Grüße, Þór"},
		"empty":                                {nil, "utf-16", ""},
		"ASCII with a stray NUL is no UTF-16":  {[]byte("Hello\x00 there, world, and more of it.!"), "", "Hello\x00 there, world, and more of it.!"},
		"Japanese in bytes with a NUL neither": {[]byte("日本語\x00です、これは"), "utf-8", "日本語\x00です、これは"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := decodeCharset(test.data, test.label, ""); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestUTF7(t *testing.T) {
	for in, want := range map[string]string{
		"Hi +ZeVnLIqe- there":   "Hi 日本語 there",
		"+ZeVnLIqe":             "日本語",
		"+ZeVnLIqe.":            "日本語.",
		"1 + 1":                 "1 + 1",
		"1 +- 1":                "1 + 1",
		"+":                     "+",
		"+-":                    "+",
		"++":                    "++",
		"a+":                    "a+",
		"+2ELftw-":              "𠮷",
		"+2EI-x":                "\ufffdx",
		"+ADw-p+AD4-a+ADw-/p":   "<p>a</p",
		"Caf+AOk-s and +AGEAYg": "Cafés and ab",
	} {
		if got := decodeCharset([]byte(in), "utf-7", ""); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzUnicode(f *testing.F) {
	f.Add([]byte("1 + 1"), "utf-7")
	f.Add([]byte("\xff\xfea\x00"), "utf-16")
	f.Fuzz(func(t *testing.T, data []byte, label string) {
		if got := decodeCharset(data, label, "utf-16"); len(got) > 16*len(data) {
			t.Errorf("%d bytes became %d", len(data), len(got))
		}
	})
}

// TestTruncated holds that whatever of a message is not read shows.
func TestTruncated(t *testing.T) {
	const head = "From: a@b.jp\r\nTo: c@d.jp\r\nDate: Sat, 21 Nov 2026 10:00:00 +0900\r\nMIME-Version: 1.0\r\n"
	parts := func(bodies ...string) string {
		return head + "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n" + strings.Join(bodies, "\r\n--x\r\n\r\n") + "\r\n--x--\r\n"
	}
	nested := func(depth int) string {
		var b strings.Builder
		b.WriteString(head)
		for n := range depth {
			boundary := "b" + strings.Repeat("x", n)
			b.WriteString("Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n")
		}
		return b.String() + "\r\nThe text.\r\n"
	}
	const limit = 1000
	for name, test := range map[string]struct {
		raw  string
		want bool
	}{
		"short":                          {head + "\r\nText", false},
		"as long as allowed":             {head + "\r\n" + strings.Repeat("a", limit), false},
		"longer":                         {head + "\r\n" + strings.Repeat("a", limit+1), true},
		"longer when decoded":            {head + "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n" + strings.Repeat("\xe9", limit*3/4), true},
		"base64":                         {head + "Content-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat("YWFh\r\n", limit), true},
		"a second part after a full one": {parts(strings.Repeat("a", limit), "b"), true},
		"an empty part after a full one": {parts(strings.Repeat("a", limit), ""), false},
		"a long subject":                 {head + "Subject: " + strings.Repeat("s", maxSubject+1) + "\r\n\r\nText", true},
		"a subject as long as allowed":   {head + "Subject: " + strings.Repeat("s", maxSubject) + "\r\n\r\nText", false},
		"thirty levels of parts":         {nested(30), false},
		"three hundred levels of parts":  {nested(300), true},
		"too many parts":                 {parts(copies("b", maxParts+1)...), true},
	} {
		t.Run(name, func(t *testing.T) {
			m := FromRaw(Envelope{}, []byte(test.raw), limit).Message
			if m == nil || m.Truncated != test.want {
				t.Errorf("got %+v, want truncated %v", m, test.want)
			}
		})
	}
}

// TestTruncatedStructure does the same for a structure that a server described.
func TestTruncatedStructure(t *testing.T) {
	root := &Part{Type: "text/plain", Size: 5}
	for range 300 {
		root = &Part{Type: "multipart/mixed", Children: []*Part{root}}
	}
	Number(root)
	if m := FromParts(Envelope{}, []byte("From: a@b.jp\r\n"), root, nil, 0).Message; m == nil || !m.Truncated {
		t.Errorf("got %+v, want it truncated", m)
	}
	two := &Part{Type: "multipart/mixed", Children: []*Part{{Type: "text/plain", Size: 10}, {Type: "text/plain", Size: 5}}}
	Number(two)
	bodies := []Body{{Path: "1", Data: bytes.Repeat([]byte("a"), 10)}}
	if m := FromParts(Envelope{}, []byte("From: a@b.jp\r\n"), two, bodies, 10).Message; !m.Truncated {
		t.Errorf("got %+v, want it truncated: the second part was not asked for", m)
	}
}

func copies(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}
