package imap

import (
	"bytes"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
)

// maxParts bounds the parts of one message; what follows is ignored.
const maxParts = 4000

// structureOf turns a BODYSTRUCTURE value (RFC 9051 section 7.5.2) into numbered parts. It is nil when the
// value does not describe a message: then the message is read without its structure. Servers leave
// fields out, put NIL where a string belongs and send a multipart without children; only fields that
// decide what is read must be right.
func structureOf(v value) *mimeitem.Part {
	budget := maxParts
	root := part(v, 0, &budget)
	if root == nil {
		return nil
	}
	mimeitem.Number(root)
	return root
}

func part(v value, depth int, budget *int) *mimeitem.Part {
	*budget--
	if v.kind != kindList || len(v.list) == 0 || depth >= maxDepth || *budget < 0 {
		return nil
	}
	if v.list[0].kind == kindList {
		return multipart(v.list, depth, budget)
	}
	return leaf(v.list, depth, budget)
}

// multipart reads (part part … "subtype" [params disposition language location]).
func multipart(list []value, depth int, budget *int) *mimeitem.Part {
	p := &mimeitem.Part{}
	i := 0
	for ; i < len(list) && list[i].kind == kindList; i++ {
		child := part(list[i], depth+1, budget)
		if child == nil {
			return nil
		}
		p.Children = append(p.Children, child)
	}
	if i == len(list) || !list[i].isText() {
		return nil
	}
	p.Type = "multipart/" + lower(list[i])
	if rest := list[i+1:]; len(rest) > 0 {
		p.Params = params(rest[0])
		setDisposition(p, rest, 1)
	}
	return p
}

// leaf reads ("type" "subtype" params id description encoding size …). A multipart without children looks like
// ("mixed" params …) and is refused: its message is read without structure.
func leaf(list []value, depth int, budget *int) *mimeitem.Part {
	if len(list) < 7 || !list[0].isText() || !list[1].isText() || list[2].kind != kindList && list[2].kind != kindNil {
		return nil
	}
	for _, text := range list[3:6] {
		if !text.isText() {
			return nil
		}
	}
	size, ok := list[6].number()
	if !ok && list[6].kind != kindNil {
		return nil
	}
	p := &mimeitem.Part{
		Type:     lower(list[0]) + "/" + lower(list[1]),
		Params:   params(list[2]),
		ID:       string(list[3].text),
		Encoding: lower(list[5]),
		Size:     size,
	}
	if list[0].kind == kindNil || list[1].kind == kindNil {
		p.Type = ""
	}
	rest := list[7:]
	switch {
	case isMessage(p.Type) && len(rest) >= 2 && rest[0].kind == kindList && rest[1].kind == kindList:
		if len(rest[0].list) > 1 {
			p.Subject = string(rest[0].list[1].text)
		}
		if child := part(rest[1], depth+1, budget); child != nil {
			p.Children = []*mimeitem.Part{child}
		}
		rest = rest[2:]
		if len(rest) > 0 {
			rest = rest[1:] // lines
		}
	case strings.HasPrefix(p.Type, "text/") && len(rest) > 0 && !rest[0].isText():
		rest = rest[1:] // lines
	}
	setDisposition(p, rest, 1) // after the MD5
	return p
}

func isMessage(mediaType string) bool {
	return mediaType == "message/rfc822" || mediaType == "message/global"
}

// setDisposition reads ("attachment" ("filename" "x")) at index i, if it is there.
func setDisposition(p *mimeitem.Part, rest []value, i int) {
	if len(rest) <= i || rest[i].kind != kindList || len(rest[i].list) == 0 {
		return
	}
	d := rest[i].list
	p.Disposition = lower(d[0])
	if len(d) > 1 {
		p.DispositionParams = params(d[1])
	}
}

// params reads ("name" "value" …). An odd last name is ignored, the first of equal names counts.
func params(v value) map[string]string {
	if v.kind != kindList || len(v.list) < 2 {
		return nil
	}
	m := make(map[string]string, len(v.list)/2)
	for i := 0; i+1 < len(v.list); i += 2 {
		name := lower(v.list[i])
		if _, twice := m[name]; !twice && name != "" {
			m[name] = string(v.list[i+1].text)
		}
	}
	return m
}

func lower(v value) string { return string(bytes.ToLower(v.text)) }

// bytesOf adds up the announced sizes of the parts of p, bytes. An embedded message counts as it is.
func bytesOf(p *mimeitem.Part) int64 {
	if p == nil {
		return 0
	}
	if p.Size > 0 || len(p.Children) == 0 {
		return p.Size
	}
	var sum int64
	for _, child := range p.Children {
		sum += bytesOf(child)
	}
	return sum
}
