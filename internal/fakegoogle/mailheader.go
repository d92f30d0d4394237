package fakegoogle

import (
	"bufio"
	"bytes"
	"mime"
	"net/textproto"
	"regexp"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"io"
)

// header is what searches and threads look at; addresses and texts are in lower case.
type header struct {
	messageID           string
	references          []string
	topic               string // subject without Re: and Fwd:
	subject             string
	from, to, cc, bcc   string
	listID, deliveredTo string
	attachment          bool
}

var (
	msgIDs   = regexp.MustCompile(`<[^<>\s]+>`)
	prefixes = regexp.MustCompile(`(?i)^\s*(re|fw|fwd|aw|sv|返信|転送)\s*(\[\d+\])?\s*[:：]\s*`)
)

func parseHeader(raw []byte) header {
	h := readHeader(raw)
	out := header{
		messageID: msgIDs.FindString(h.Get("Message-Id")),
		subject:   strings.ToLower(decodeWords(h.Get("Subject"))),
		from:      addresses(h, "From"), to: addresses(h, "To"), cc: addresses(h, "Cc"), bcc: addresses(h, "Bcc"),
		listID: strings.ToLower(h.Get("List-Id")), deliveredTo: addresses(h, "Delivered-To"),
		attachment: bytes.Contains(raw, []byte("filename")) && strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "multipart/"),
	}
	out.references = append(msgIDs.FindAllString(h.Get("References"), -1), msgIDs.FindAllString(h.Get("In-Reply-To"), -1)...)
	out.topic = strings.Join(strings.Fields(out.subject), " ")
	for prefixes.MatchString(out.topic) {
		out.topic = prefixes.ReplaceAllString(out.topic, "")
	}
	return out
}

// readHeader reads as much of the header as is well formed.
func readHeader(raw []byte) textproto.MIMEHeader {
	h, _ := textproto.NewReader(bufio.NewReader(bytes.NewReader(raw))).ReadMIMEHeader()
	if h == nil {
		h = textproto.MIMEHeader{}
	}
	return h
}

func addresses(h textproto.MIMEHeader, name string) string {
	return strings.ToLower(decodeWords(strings.Join(h[name], ", ")))
}

// decodeWords decodes RFC 2047 words of any charset; text that is malformed stays as it is.
func decodeWords(s string) string {
	d := mime.WordDecoder{CharsetReader: charsetReader}
	if out, err := d.DecodeHeader(s); err == nil {
		return out
	}
	return s
}

func charsetReader(charset string, r io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(r), nil
}
