package fakegoogle

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deep multiparts are followed; what lies below is one opaque part.
const maxDepth = 20

// part is one node of a mail's MIME tree.
type part struct {
	id, mimeType, filename string
	headers                []headerJSON
	data                   []byte // decoded; text is in UTF-8, as the vendor sends it
	attachment             bool
	children               []*part
}

// parseMail builds the tree. Whatever is malformed becomes an octet stream or an empty part, never an error.
func parseMail(raw []byte) *part {
	head, body := splitHeader(raw)
	return parsePart(readHeader(raw), orderedHeaders(head), body, "", 0)
}

func splitHeader(raw []byte) (head, body []byte) {
	for _, sep := range []string{"\r\n\r\n", "\n\n"} {
		if h, b, ok := bytes.Cut(raw, []byte(sep)); ok && (sep == "\r\n\r\n" || !bytes.Contains(h, []byte("\r\n\r\n"))) {
			return h, b
		}
	}
	return raw, nil
}

// orderedHeaders keeps the order of a mail's lines, which a map of headers loses. Folds become one space.
func orderedHeaders(head []byte) []headerJSON {
	var out []headerJSON
	for line := range strings.Lines(string(head)) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			if len(out) > 0 {
				out[len(out)-1].Value += " " + strings.TrimSpace(line)
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if ok {
			out = append(out, headerJSON{name, strings.ToValidUTF8(decodeWords(strings.TrimSpace(value)), "\ufffd")})
		}
	}
	return out
}

func parsePart(h textproto.MIMEHeader, ordered []headerJSON, body []byte, id string, depth int) *part {
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || mediaType == "" {
		mediaType = "text/plain"
	}
	disposition, dparams, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	p := &part{id: id, mimeType: mediaType, headers: ordered, filename: decodeWords(dparams["filename"])}
	if p.filename == "" {
		p.filename = decodeWords(params["name"])
	}
	if strings.HasPrefix(mediaType, "multipart/") && params["boundary"] != "" && depth < maxDepth {
		p.children = parseChildren(body, params["boundary"], id, depth)
		if len(p.children) > 0 {
			p.filename = ""
			return p
		}
	}
	p.data = decodeTransfer(body, h.Get("Content-Transfer-Encoding"))
	p.attachment = p.filename != "" || disposition == "attachment" || !strings.HasPrefix(mediaType, "text/") && !strings.HasPrefix(mediaType, "multipart/")
	if !p.attachment {
		p.data = toUTF8(p.data, params["charset"])
	}
	return p
}

func parseChildren(body []byte, boundary, id string, depth int) []*part {
	var children []*part
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		mp, err := r.NextRawPart()
		if err != nil {
			return children
		}
		data, err := io.ReadAll(mp)
		if err != nil && len(data) == 0 {
			return children
		}
		child := strconv.Itoa(len(children))
		if id != "" {
			child = id + "." + child
		}
		children = append(children, parsePart(mp.Header, headersOf(mp.Header), data, child, depth+1))
	}
}

func headersOf(h textproto.MIMEHeader) []headerJSON {
	var out []headerJSON
	for _, name := range []string{"Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Content-Id", "Content-Description"} {
		for _, v := range h[name] {
			out = append(out, headerJSON{name, strings.ToValidUTF8(v, "\ufffd")})
		}
	}
	return out
}

func decodeTransfer(body []byte, encoding string) []byte {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		clean := bytes.Map(func(r rune) rune {
			if r == '\r' || r == '\n' || r == ' ' || r == '\t' || r == '=' {
				return -1
			}
			return r
		}, body)
		out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
		n, _ := base64.RawStdEncoding.Decode(out, clean)
		return out[:n]
	case "quoted-printable":
		out, _ := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
		return out
	default:
		return body
	}
}

func toUTF8(data []byte, charset string) []byte {
	if charset == "" || utf8.Valid(data) && !strings.HasPrefix(strings.ToLower(charset), "iso-2022") {
		return data
	}
	r, err := charsetReader(charset, bytes.NewReader(data))
	if err != nil {
		return data
	}
	out, err := io.ReadAll(r)
	if err != nil {
		return data
	}
	return out
}

// find returns the part with this id.
func (p *part) find(id string) *part {
	if p.id == id {
		return p
	}
	for _, c := range p.children {
		if found := c.find(id); found != nil {
			return found
		}
	}
	return nil
}

// text is the first text of the mail, plain before HTML.
func (p *part) text() string {
	if t := p.first("text/plain"); t != nil {
		return string(t.data)
	}
	if t := p.first("text/html"); t != nil {
		return tags.ReplaceAllString(string(t.data), " ")
	}
	return ""
}

var tags = regexp.MustCompile(`(?s)<(style|script).*?</(style|script)>|<[^>]*>`)

func (p *part) first(mediaType string) *part {
	if p.mimeType == mediaType && !p.attachment {
		return p
	}
	for _, c := range p.children {
		if found := c.first(mediaType); found != nil {
			return found
		}
	}
	return nil
}

// snippet is the beginning of the text in one line, escaped for HTML as the vendor does.
func (p *part) snippet() string {
	text := p.text()
	if len(text) > 4096 {
		text = text[:4096]
	}
	s := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " "))
	if len(s) > 200 {
		s = s[:200]
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace(string(s))
}

// attachmentID names a part of a mail. The vendor's ids differ from one answer to the next and all stay
// good; so do these.
func attachmentID(message, part string, answer uint64) string {
	return "ANGjdJ" + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s|%s|%d", message, part, answer))
}

func openAttachmentID(id string) (message, part string, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(id, "ANGjdJ"))
	f := strings.Split(string(raw), "|")
	if err != nil || len(f) != 3 {
		return "", "", false
	}
	return f[0], f[1], true
}
