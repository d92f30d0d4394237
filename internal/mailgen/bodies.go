package mailgen

import (
	"strings"

	"golang.org/x/text/encoding/charmap"
)

func windows1252() charset {
	return charset{"windows-1252", func(s string) []byte { return encodeWith(charmap.Windows1252, s) }, false}
}

// plain is a single text part, the headers in the same charset.
func plain(cs charset, as transfer) func(*draft) {
	return func(d *draft) {
		d.cs = cs
		d.root = textPart("plain", cs, as, d.text, "")
	}
}

// alternative is what most programs send: the text, and the same as HTML.
func alternative(d *draft) {
	d.root = d.multipart("alternative", "",
		textPart("plain", d.cs, quoted, d.text, ""),
		textPart("html", d.cs, quoted, htmlOf(d.text, "", d.size/2), ""))
	if d.tongue == inJapanese {
		d.root.children[0] = textPart("plain", d.cs, base64ed, d.text, "")
		d.root.children[1] = textPart("html", d.cs, base64ed, htmlOf(d.text, "", d.size/2), "")
	}
}

func htmlOnly(d *draft) {
	hidden := "Preheader that nobody should see 4711"
	d.root = textPart("html", d.cs, base64ed, htmlOf(d.text, hidden, d.size/2), "")
	d.truth.loose, d.truth.hidden = true, []string{hidden}
}

// related is HTML with an inline picture, beside the text.
func related(d *draft) {
	picture := make([]byte, 2000+d.rng.IntN(6000))
	d.fill(picture)
	image := &part{
		header: []string{
			"Content-Type: image/png", "Content-Transfer-Encoding: base64",
			"Content-ID: <logo@inline>", "Content-Disposition: inline",
		},
		body: encodeBase64(picture),
	}
	html := strings.Replace(htmlOf(d.text, "", 600), "<body>", `<body><img src="cid:logo@inline" alt="">`, 1)
	d.root = d.multipart("related", `; type="multipart/alternative"`,
		d.multipart("alternative", "",
			textPart("plain", d.cs, quoted, d.text, ""), textPart("html", d.cs, quoted, html, "")),
		image)
}

// flowed wraps paragraphs as RFC 3676 says: a line that ends in a space goes on in the next.
func flowed(d *draft) {
	var out strings.Builder
	for line := range strings.Lines(d.text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, ">") {
			out.WriteString(line + "\n") // quoted lines stay fixed
			continue
		}
		width := 0
		for i, w := range strings.Fields(line) {
			if i > 0 {
				out.WriteString(" ")
				if width > 60 {
					out.WriteString("\n")
					width = 0
				}
			}
			out.WriteString(w)
			width += len(w) + 1
		}
		out.WriteString("\n")
	}
	d.root = textPart("plain", d.cs, eightBit, out.String(), "; format=flowed")
}

// halfWidthKana is ISO-2022-JP that shifts to half-width kana, which RFC 1468 forbids and phones send.
func halfWidthKana(d *draft) {
	d.subject += " ｻﾝﾌﾟﾙ"
	d.text = strings.Replace(d.text, "\n", "\n㈱ｻﾝﾌﾟﾙ ﾃｽﾄ①②③ №5 ℡\n", 1)
	plain(iso2022JP(), sevenBit)(d)
}

// jisUnlabelled is raw ISO-2022-JP in header and body, and nobody says so.
func jisUnlabelled(d *draft) {
	d.cs = iso2022JP()
	d.override["Subject"] = []string{string(d.cs.encode(d.subject))}
	d.override["From"] = []string{string(d.cs.encode(d.from.Name)) + " <" + d.from.Email + ">"}
	d.root = &part{header: []string{"Content-Type: text/plain"}, body: encodeBody(d.cs.encode(d.text), sevenBit)}
}

// unlabelled is a body in a charset that no header names.
func unlabelled(cs charset) func(*draft) {
	return func(d *draft) {
		d.cs = cs
		d.root = &part{
			header: []string{"Content-Type: text/plain", "Content-Transfer-Encoding: 8bit"},
			body:   encodeBody(cs.encode(d.text), eightBit),
		}
	}
}

// mislabelled is UTF-8 that calls itself ASCII.
func mislabelled(d *draft) {
	d.root = textPart("plain", charset{"us-ascii", utf8Charset().encode, false}, eightBit, d.text, "")
	if isASCII(strings.ReplaceAll(d.text, "\n", "")) {
		d.text += "\nCafé Zoë\n"
		mislabelled(d)
	}
	d.truth.Charset = "utf-8"
}

// rawHeaders has 8-bit bytes in the headers, without encoded words.
func rawHeaders(cs charset) func(*draft) {
	return func(d *draft) {
		plain(cs, eightBit)(d)
		d.override["Subject"] = []string{string(cs.encode(d.subject))}
		d.override["From"] = []string{`"` + string(cs.encode(d.from.Name)) + `" <` + d.from.Email + ">"}
	}
}

// cutHeaders has encoded words that are cut within a character.
func cutHeaders(cs charset, size int) func(*draft) {
	return func(d *draft) {
		plain(cs, base64ed)(d)
		d.subject = "長い件名が続きますので途中で切れてしまうことがあります：" + d.subject
		d.override["Subject"] = []string{cutWords(cs, d.subject, size)}
	}
}

func namesRFC2231(d *draft) {
	d.named(func(name string) string {
		if d.rng.IntN(2) == 0 {
			return rfc2231("filename", iso2022JP(), name)
		}
		return rfc2231("filename", utf8Charset(), name)
	})
}

func namesRFC2047(d *draft) {
	d.named(func(name string) string { return ";\r\n filename=\"" + encodedWords(shiftJIS(), name) + `"` })
}

// named is a text with one file whose name is written in a special way.
func (d *draft) named(disposition func(string) string) {
	name := "第①回_お見積書（㈱サンプル様）最終版.pdf"
	d.root = d.multipart("mixed", "", textPart("plain", d.cs, base64ed, d.text, ""), d.filePart(name, disposition(name)))
}
