package mimeitem

import (
	"errors"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// errEmpty is why a message with no bytes cannot be read.
var errEmpty = errors.New("read message: it is empty")

// FromRaw makes an item of a whole message. textLimit is in bytes of decoded text; 0 means 1 MiB.
func FromRaw(env Envelope, raw []byte, textLimit int64) connectors.Item {
	if env.Size == 0 {
		env.Size = sizeWithCRLF(raw)
	}
	if len(raw) == 0 {
		return connectors.Item{ExternalID: env.ExternalID, Kind: crm.KindEmail, Folder: env.Folder,
			Received: env.Received.UTC(), Draft: env.Draft, Err: errEmpty}
	}
	head, content := splitHeader(skipMboxLine(raw))
	h := readHeader(head)
	s := splitter{bodies: make(map[string][]byte, 8)}
	root := s.partOf(&h, content, "text/plain", 0)
	s.keep(root, content)
	contents := s.number(root)
	wants := Plan(root, textLimit)
	bodies := make([]Body, 0, len(wants))
	for _, want := range wants {
		data := contents[want.Path]
		if want.Path == wholeBody {
			data = content
		}
		cut := int64(len(data)) > want.Size
		if cut {
			data = data[:want.Size]
		}
		bodies = append(bodies, Body{want.Path, data, cut})
	}
	return fromParts(env, &h, root, bodies, textLimit, s.stopped)
}

// number gives the parts their IMAP paths and the contents by them.
func (s *splitter) number(root *Part) map[string][]byte {
	provisional := leaves(nil, root)
	Number(root)
	contents := make(map[string][]byte, len(provisional))
	for _, leaf := range provisional {
		contents[leaf.part.Path] = s.bodies[leaf.path]
	}
	return contents
}

// leaf is a part that is no multipart with something in it, under its provisional path.
type leaf struct {
	part *Part
	path string
}

// leaves lists the leaves below p, outer ones first. An embedded message shares its number with a childless
// multipart inside it; the content of the inner one is what Plan asks for by that number.
func leaves(out []leaf, p *Part) []leaf {
	if !p.multipart() || len(p.Children) == 0 {
		out = append(out, leaf{p, p.Path})
	}
	for _, child := range p.Children {
		out = leaves(out, child)
	}
	return out
}

// skipMboxLine drops the "From " line that an mbox or a broken gateway leaves above the header.
func skipMboxLine(raw []byte) []byte {
	if isMboxLine(raw) {
		_, next := nextLine(raw, 0)
		return raw[next:]
	}
	return raw
}

// sizeWithCRLF counts raw's bytes as an IMAP server would: every line ends with CRLF.
func sizeWithCRLF(raw []byte) int64 {
	size := int64(len(raw))
	for i, c := range raw {
		if c == '\n' && (i == 0 || raw[i-1] != '\r') {
			size++
		}
	}
	return size
}

// FromParts makes an item of a message's header block, its structure and the parts that Plan asked for. The
// header may be reduced to Fields. A part that is missing in bodies counts as empty.
func FromParts(env Envelope, header []byte, root *Part, bodies []Body, textLimit int64) connectors.Item {
	h := readHeader(header)
	if root == nil {
		root = describe(&h, "text/plain")
		root.Path = wholeBody
	}
	return fromParts(env, &h, root, bodies, textLimit, false)
}

// fromParts also gets told that the structure goes on beyond root.
func fromParts(env Envelope, h *header, root *Part, bodies []Body, textLimit int64, stopped bool) connectors.Item {
	received := env.Received.UTC()
	if !CanBe(received) {
		received = time.Time{} // what the header says of it is likelier
	}
	item := connectors.Item{ExternalID: env.ExternalID, Kind: crm.KindEmail, Folder: env.Folder,
		Received: received, Size: env.Size, Draft: env.Draft}
	if received.IsZero() && !env.Received.IsZero() {
		item.Received = time.Unix(0, 0).UTC()
	}
	if h.named == 0 && len(bodies) == 0 {
		item.Err = errEmpty
		return item
	}
	if textLimit <= 0 {
		textLimit = defaultLimit
	}
	r := reader{h: h, root: root, bodies: bodies, limit: int(textLimit), truncated: stopped}
	r.read()
	if received.IsZero() {
		received = receivedTime(h)
	}
	m := r.message()
	written, ok := dateOf(h, received)
	if received.IsZero() {
		received = written
	}
	if !received.IsZero() {
		item.Received = received
	}
	m.Date = written
	if !ok {
		m.Date = item.Received
	}
	identity := crm.MessageIdentity{From: firstAddress(m.From), To: addresses(m.To), Subject: m.Subject, Size: env.Size, Text: m.FullText}
	if ok {
		identity.Date = written
	}
	id := string(h.first(fieldMessageID))
	item.Key = crm.MessageKey(id, identity)
	m.MessageID = cutString(cleanLine(crm.NormalizeMessageID(id)), maxMessageID)
	item.Message = m
	return item
}

func firstAddress(boxes []crm.Mailbox) string {
	for _, box := range boxes {
		if box.Address != "" {
			return box.Address
		}
	}
	return ""
}

func addresses(boxes []crm.Mailbox) []string {
	out := make([]string, 0, len(boxes))
	for _, box := range boxes {
		out = append(out, box.Address)
	}
	return out
}
