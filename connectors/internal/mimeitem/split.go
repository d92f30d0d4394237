package mimeitem

import (
	"bytes"
	"strconv"
	"strings"
)

// splitHeader cuts a message or part at its first empty line. Without one all is header, unless it does not
// look like a header at all: then all is body.
func splitHeader(raw []byte) (head, body []byte) {
	for start := 0; start < len(raw); {
		line, next := nextLine(raw, start)
		if len(line) == 0 {
			if start > 0 {
				return raw[:start], raw[next:]
			}
			return nil, raw[next:]
		}
		start = next
	}
	if h := readHeader(raw); h.named == 0 {
		return nil, raw
	}
	return raw, nil
}

// splitter builds the Part tree of raw bytes and keeps the content of each leaf.
type splitter struct {
	parts   int
	bodies  map[string][]byte // by path
	stopped bool              // there are parts beyond the limits
}

// partOf describes the part with these header fields and this body. missing is its type if the header names none.
func (s *splitter) partOf(h *header, body []byte, missing string, depth int) *Part {
	s.parts++
	p := describe(h, missing)
	p.Size = int64(len(body))
	switch {
	case depth >= maxDepth || s.parts >= maxParts:
		if p.multipart() || p.embedded() {
			s.stopped = true
			p.Type = "application/octet-stream"
		}
	case p.multipart():
		s.children(p, body, depth)
	case p.embedded() && identity(p.Encoding):
		s.embed(p, body, depth)
	}
	return p
}

// describe fills a Part from the Content fields of a header.
func describe(h *header, missing string) *Part {
	p := &Part{Type: missing}
	if v := h.first(fieldContentType); v != nil {
		if kind, params := readContentType(v); strings.Contains(kind, "/") || kind == "text" || kind == "html" {
			p.Type, p.Params = kind, params
		} else {
			p.Params = params
		}
	}
	if v := h.first(fieldContentEncoding); v != nil {
		p.Encoding = strings.ToLower(string(v))
	}
	if v := h.first(fieldContentDisposition); v != nil {
		p.Disposition, p.DispositionParams = readContentType(v)
	}
	if v := h.first(fieldContentID); v != nil {
		p.ID = string(v)
	}
	return p
}

// children splits the body of a multipart. Without a usable boundary it stays childless.
func (s *splitter) children(p *Part, body []byte, depth int) {
	boundary := strings.TrimRight(p.Params["boundary"], " \t")
	if boundary == "" {
		return
	}
	missing := "text/plain"
	if p.Type == "multipart/digest" {
		missing = "message/rfc822"
	}
	eachPart(body, boundary, func(piece []byte) bool {
		head, content := splitHeader(piece)
		if head == nil && len(content) > 0 && len(piece) == len(content) {
			content = piece
		}
		h := readHeader(head)
		child := s.partOf(&h, content, missing, depth+1)
		p.Children = append(p.Children, child)
		s.keep(child, content)
		s.stopped = s.stopped || s.parts >= maxParts
		return s.parts < maxParts
	})
}

// embed splits the message inside a message/rfc822.
func (s *splitter) embed(p *Part, body []byte, depth int) {
	head, content := splitHeader(body)
	h := readHeader(head)
	p.Subject = string(h.first(fieldSubject))
	child := s.partOf(&h, content, "text/plain", depth+1)
	p.Children = []*Part{child}
	s.keep(child, content)
}

// keep remembers a part's content under a provisional path; FromRaw numbers the tree afterwards.
func (s *splitter) keep(p *Part, content []byte) {
	p.Path = "#" + strconv.Itoa(len(s.bodies))
	s.bodies[p.Path] = content
}

// eachPart calls yield with each piece of body between boundary lines, until yield returns false. A line is
// a boundary line if nothing but "--" or white space follows the boundary. The last piece may be unterminated.
func eachPart(body []byte, boundary string, yield func(piece []byte) bool) {
	delimiter := []byte("--" + boundary)
	begin := -1
	for pos := 0; pos <= len(body); {
		at := bytes.Index(body[pos:], delimiter)
		if at < 0 {
			break
		}
		at += pos
		end := at + len(delimiter)
		line, next := nextLine(body, end)
		final := bytes.HasPrefix(line, []byte("--"))
		atLineStart := at == 0 || body[at-1] == '\n'
		if !atLineStart || (!final && len(bytes.TrimSpace(line)) > 0) {
			pos = end
			continue
		}
		if begin >= 0 && !yield(trimLineEnd(body[begin:at])) {
			return
		}
		if final {
			return
		}
		begin, pos = next, next
	}
	if begin >= 0 && begin < len(body) {
		yield(body[begin:])
	}
}

// trimLineEnd takes off the line end that belongs to the boundary after it.
func trimLineEnd(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return bytes.TrimSuffix(b, []byte("\r"))
}
