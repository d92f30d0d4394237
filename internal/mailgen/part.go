package mailgen

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"mime/quotedprintable"
	"strings"
)

// part is a node of a MIME tree, already encoded.
type part struct {
	header   []string // complete lines, without CRLF at their end; may hold raw bytes
	body     []byte   // of a leaf
	children []*part
	boundary string // of a multipart
	unclosed bool   // the closing boundary is missing
}

// transfer is a Content-Transfer-Encoding.
type transfer string

const (
	sevenBit transfer = "7bit"
	eightBit transfer = "8bit"
	quoted   transfer = "quoted-printable"
	base64ed transfer = "base64"
)

// encodeBody writes content as a transfer encoding wants it. Line feeds become CRLF first.
func encodeBody(content []byte, as transfer) []byte {
	content = bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n"))
	switch as {
	case quoted:
		var out bytes.Buffer
		w := quotedprintable.NewWriter(&out)
		_, _ = w.Write(content) // a Buffer takes everything
		_ = w.Close()
		return out.Bytes()
	case base64ed:
		return encodeBase64(content)
	default:
		return content
	}
}

// encodeBase64 writes lines of 76 characters (RFC 2045, section 6.8).
func encodeBase64(content []byte) []byte {
	text := base64.StdEncoding.EncodeToString(content)
	out := make([]byte, 0, len(text)+len(text)/38+2)
	for len(text) > 76 {
		out = append(append(out, text[:76]...), "\r\n"...)
		text = text[76:]
	}
	return append(append(out, text...), "\r\n"...)
}

// textPart is a text part; params follow the charset ("; format=flowed").
func textPart(subtype string, cs charset, as transfer, text, params string) *part {
	return &part{
		header: []string{
			fmt.Sprintf("Content-Type: text/%s; charset=%s%s", subtype, cs.name, params),
			"Content-Transfer-Encoding: " + string(as),
		},
		body: encodeBody(cs.encode(text), as),
	}
}

// multipart is a multipart with its children; params follow the boundary.
func (d *draft) multipart(subtype, params string, children ...*part) *part {
	boundary := fmt.Sprintf("=_%016x", d.rng.Uint64())
	return &part{
		header:   []string{fmt.Sprintf("Content-Type: multipart/%s; boundary=%q%s", subtype, boundary, params)},
		children: children, boundary: boundary,
	}
}

// render writes the part with its header.
func (p *part) render(out *bytes.Buffer) {
	for _, line := range p.header {
		out.WriteString(line + "\r\n")
	}
	out.WriteString("\r\n")
	p.renderBody(out)
}

func (p *part) renderBody(out *bytes.Buffer) {
	if p.boundary == "" {
		out.Write(p.body)
		return
	}
	if len(p.children) > 0 {
		out.WriteString("This is a multi-part message in MIME format.\r\n")
	}
	for _, c := range p.children {
		out.WriteString("--" + p.boundary + "\r\n")
		c.render(out)
		if !bytes.HasSuffix(out.Bytes(), []byte("\r\n")) {
			out.WriteString("\r\n")
		}
	}
	if !p.unclosed && len(p.children) > 0 {
		out.WriteString("--" + p.boundary + "--\r\n")
	}
}

// htmlOf lays text out as a newsletter or a mail program would: a style sheet, a hidden preheader, tables.
func htmlOf(text, hidden string, padding int) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html><head><title></title>\n<style>\n")
	for i := 0; b.Len() < padding; i++ {
		fmt.Fprintf(&b, ".c%d { color: #%06x; margin: 0 auto; padding: %dpx; font-family: sans-serif; }\n", i, i*977, i%40)
	}
	b.WriteString("</style></head>\n<body>\n")
	if hidden != "" {
		fmt.Fprintf(&b, "<div style=\"display:none;max-height:0;overflow:hidden\">%s</div>\n", escapeHTML(hidden))
	}
	b.WriteString("<table role=\"presentation\"><tr><td>\n")
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line == "" {
			continue
		}
		fmt.Fprintf(&b, "<p>%s</p>\n", escapeHTML(line))
	}
	b.WriteString("</td></tr></table>\n</body></html>\n")
	return b.String()
}

func escapeHTML(s string) string {
	return strings.ReplaceAll(html.EscapeString(s), "é", "&eacute;")
}
