package mimeitem

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// read decodes the text of the message.
func (r *reader) read() {
	r.choice = choose(r.root)
	if r.choice.whole {
		r.splitWhole()
	}
	r.truncated = r.truncated || r.choice.stopped
	for _, p := range r.choice.texts {
		if label := charsetLabel(param(p.Params, "charset")); label != "" && r.hint == "" {
			r.hint = label
		}
	}
	pieces := r.decode(r.choice.texts)
	if strings.TrimSpace(joinAll(pieces)) == "" && len(r.choice.forwarded) > 0 {
		pieces = r.decode(r.choice.forwarded)
	}
	r.text = joinAll(pieces)
	if inner, armoured := dropArmour(r.text); armoured {
		r.text = inner
		if inner == "" {
			r.choice.wrapper = cmpOr(r.choice.wrapper, "pgp")
		}
	}
	if p := r.choice.report; p != nil {
		if body := r.body(p.Path); body != nil {
			r.report = strings.TrimSpace(decodeTransfer(body.Data, p.Encoding).charset(param(p.Params, "charset"), "").clean())
		}
	}
	if len(r.text) > r.limit {
		r.text = cutString(r.text, r.limit)
		r.truncated = true
	}
}

// splitWhole splits the body of a message whose structure names no parts: its boundary is missing or wrong.
func (r *reader) splitWhole() {
	body := r.body(wholeBody)
	if body == nil {
		return
	}
	p := *r.root
	p.Children = nil
	s := splitter{bodies: make(map[string][]byte, 8)}
	if p.multipart() {
		s.children(&p, body.Data, 0)
		if len(p.Children) == 0 {
			p.Params = map[string]string{"boundary": guessBoundary(body.Data)}
			s.children(&p, body.Data, 0)
		}
		if len(p.Children) == 0 {
			body.Data = withoutBoundary(body.Data, r.root.Params["boundary"])
			p = Part{Type: "text/plain", Encoding: p.Encoding, Size: int64(len(body.Data))}
		}
	}
	s.keep(&p, body.Data)
	contents := s.number(&p)
	r.choice = choose(&p)
	r.choice.whole = false
	r.truncated = r.truncated || body.Cut || s.stopped
	r.bodies = nil
	for path, data := range contents {
		r.bodies = append(r.bodies, Body{Path: path, Data: data})
	}
}

// withoutBoundary drops the final boundary line of a multipart that has nothing in it.
func withoutBoundary(body []byte, boundary string) []byte {
	if rest, ok := bytes.CutPrefix(bytes.TrimSpace(body), []byte("--"+boundary+"--")); ok && boundary != "" {
		return rest
	}
	return body
}

// guessBoundary takes the first line that looks like a boundary line followed by a Content field.
func guessBoundary(body []byte) string {
	for start := 0; start < len(body) && start < maxReport; {
		line, next := nextLine(body, start)
		if len(line) > 2 && line[0] == '-' && line[1] == '-' && line[2] != ' ' {
			following, _ := nextLine(body, next)
			if len(following) > 8 && strings.EqualFold(string(following[:8]), "content-") {
				return strings.TrimRight(string(line[2:]), " \t")
			}
		}
		start = next
	}
	return ""
}

func (r *reader) body(path string) *Body {
	for i := range r.bodies {
		if r.bodies[i].Path == path {
			return &r.bodies[i]
		}
	}
	return nil
}

// decode gives the text of each part, until there is more than the limit.
func (r *reader) decode(parts []*Part) []string {
	pieces := make([]string, 0, len(parts))
	total, left := 0, int64(r.limit)
	for _, p := range parts {
		body := r.body(p.Path)
		if body == nil {
			r.truncated = r.truncated || p.Size > 0 && left <= 0 // Plan stopped before it
			continue
		}
		left -= textSize(p)
		if total > r.limit {
			r.truncated = true
			break
		}
		r.truncated = r.truncated || body.Cut
		text := r.decodePart(p, body)
		if p.mediaType() == "text/html" && repeats(pieces, text) {
			continue
		}
		if strings.TrimSpace(text) != "" {
			pieces = append(pieces, text)
			total += len(text)
		}
	}
	return pieces
}

func (r *reader) decodePart(p *Part, body *Body) string {
	plain := decodeTransfer(body.Data, p.Encoding)
	if body.Cut {
		plain.b = wholeRunes(plain.b)
	}
	label := charsetLabel(param(p.Params, "charset"))
	switch p.mediaType() {
	case "text/html":
		if label == "" {
			label = metaCharset(plain.b)
		}
		return cleanText(htmlText(plain.charset(label, r.hint).text()))
	case "text/enriched", "text/richtext":
		return cleanText(htmlText(plain.charset(label, r.hint).text()))
	}
	text := plain.charset(label, r.hint).clean()
	if strings.EqualFold(param(p.Params, "format"), "flowed") {
		text = unflow(text, strings.EqualFold(param(p.Params, "delsp"), "yes"))
	}
	return text
}

// wholeRunes drops a UTF-8 character that was cut in two at the end of data.
func wholeRunes(data []byte) []byte {
	for i := len(data) - 1; i >= 0 && i >= len(data)-utf8.UTFMax; i-- {
		if utf8.RuneStart(data[i]) {
			if !utf8.FullRune(data[i:]) {
				return data[:i]
			}
			break
		}
	}
	return data
}

// repeats says whether the letters of text begin like those of a piece that is already there: some mailers
// put plain text and HTML side by side although one stands for the other.
func repeats(pieces []string, text string) bool {
	sign := letters(text, 200)
	for _, piece := range pieces {
		if sign != "" && strings.HasPrefix(letters(piece, 400), sign) {
			return true
		}
	}
	return false
}

func letters(s string, limit int) string {
	var b strings.Builder
	for _, c := range s {
		if c > ' ' && c != 0x3000 && c != 0xa0 {
			b.WriteRune(c)
			if limit--; limit == 0 {
				break
			}
		}
	}
	return b.String()
}

func joinAll(pieces []string) string {
	switch len(pieces) {
	case 0:
		return ""
	case 1:
		return strings.TrimRight(pieces[0], "\n\t ")
	}
	out := pieces[0]
	for _, piece := range pieces[1:] {
		out = joinTexts(out, piece)
	}
	return out
}

func joinTexts(a, b string) string {
	a, b = strings.TrimRight(a, "\n\t "), strings.Trim(b, "\n")
	if a == "" || b == "" {
		return strings.TrimRight(a+b, "\n\t ")
	}
	return a + "\n\n" + strings.TrimRight(b, "\n\t ")
}
