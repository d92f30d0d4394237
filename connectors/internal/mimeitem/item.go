package mimeitem

import (
	"errors"
	"strings"
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
	return fromParts(env, &h, root, bodies, textLimit)
}

// number gives the parts their IMAP paths and the contents by them.
func (s *splitter) number(root *Part) map[string][]byte {
	provisional := make(map[*Part]string, len(s.bodies))
	collectPaths(root, provisional)
	Number(root)
	contents := make(map[string][]byte, len(s.bodies))
	for p, path := range provisional {
		if !p.multipart() || len(p.Children) == 0 {
			contents[p.Path] = s.bodies[path]
		}
	}
	return contents
}

func collectPaths(p *Part, into map[*Part]string) {
	into[p] = p.Path
	for _, child := range p.Children {
		collectPaths(child, into)
	}
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
	return fromParts(env, &h, root, bodies, textLimit)
}

func fromParts(env Envelope, h *header, root *Part, bodies []Body, textLimit int64) connectors.Item {
	item := connectors.Item{ExternalID: env.ExternalID, Kind: crm.KindEmail, Folder: env.Folder,
		Received: env.Received.UTC(), Size: env.Size, Draft: env.Draft}
	if h.named == 0 && len(bodies) == 0 {
		item.Err = errEmpty
		return item
	}
	if textLimit <= 0 {
		textLimit = defaultLimit
	}
	r := reader{h: h, root: root, bodies: bodies, limit: int(textLimit)}
	r.read()
	if env.Received.IsZero() {
		item.Received = receivedTime(h)
	}
	m := r.message()
	written, ok := dateOf(h, item.Received)
	m.Date = written
	if !ok {
		m.Date = item.Received
	}
	if item.Received.IsZero() {
		item.Received = m.Date
	}
	identity := crm.MessageIdentity{From: firstAddress(m.From), To: addresses(m.To), Subject: m.Subject, Size: env.Size}
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

// reader reads one message.
type reader struct {
	h      *header
	root   *Part
	bodies []Body
	limit  int // bytes of text

	choice    choice
	hint      string // charset of the first text part that names one
	text      string // everything readable
	report    string // the machine-readable part of a delivery report
	truncated bool
}

// message fills all but the date and the id.
func (r *reader) message() *connectors.Message {
	h := r.h
	m := &connectors.Message{
		InReplyTo:  messageIDs(h.first(fieldInReplyTo), maxReferences),
		References: messageIDs(h.first(fieldReferences), maxReferences),
		From:       r.mailboxes(fieldFrom),
		ReplyTo:    r.mailboxes(fieldReplyTo),
		To:         r.mailboxes(fieldTo),
		Cc:         r.mailboxes(fieldCc),
		Bcc:        r.mailboxes(fieldBcc),
		Subject:    cutString(cleanLine(decodeHeader(h.first(fieldSubject), r.hint)), maxSubject),
		FullText:   r.text,
		Truncated:  r.truncated,
		Wrapper:    r.wrapper(),
	}
	if sender := r.mailboxes(fieldSender); len(sender) > 0 && !strings.EqualFold(sender[0].Address, firstAddress(m.From)) {
		m.Sender = sender[0]
	}
	if len(m.From) == 0 && m.Sender.Address != "" {
		m.From, m.Sender = []crm.Mailbox{m.Sender}, crm.Mailbox{}
	}
	m.Attachments = r.attachments()
	m.Class, m.ClassReason = r.classify(m)
	m.Text = trim(m.FullText)
	if r.report != "" {
		m.FullText = joinTexts(m.FullText, r.report)
	}
	return m
}

// mailboxes reads all fields of this name as one list.
func (r *reader) mailboxes(id field) []crm.Mailbox {
	var out []crm.Mailbox
	for i := range r.h.fields {
		if r.h.fields[i].id == id {
			out = appendMailboxes(out, unfold(r.h.value(i)), r.hint)
		}
	}
	return out
}

// wrapper says what hides the text, if nothing of it can be read.
func (r *reader) wrapper() string {
	if strings.TrimSpace(r.text) == "" || r.choice.wrapper == "pgp-inline" {
		return strings.TrimSuffix(r.choice.wrapper, "-inline")
	}
	return ""
}

func (r *reader) attachments() []crm.Attachment {
	var out []crm.Attachment
	for _, p := range r.choice.attachments {
		if len(out) >= maxParts {
			break
		}
		name := p.fileName()
		if p.embedded() && p.Subject != "" {
			name = decodeHeader([]byte(p.Subject), r.hint)
		}
		kind := cutString(cleanLine(p.mediaType()), 127)
		out = append(out, crm.Attachment{Name: cutString(cleanLine(name), maxName), Type: kind, Size: p.Size})
	}
	return out
}

// receivedTime reads the time that the last server on the way stamped: what follows the semicolon of the
// topmost Received field. Zero if there is none.
func receivedTime(h *header) time.Time {
	v := string(h.first(fieldReceived))
	if at := strings.LastIndexByte(v, ';'); at >= 0 {
		if t, ok := ParseDate(v[at+1:]); ok {
			return t
		}
	}
	return time.Time{}
}

// dateOf reads the Date field. It is impossible, and not ok, if it cannot be read, lies more than two days
// after the mail was received, or is the day zero of a clock that was never set.
func dateOf(h *header, received time.Time) (time.Time, bool) {
	const ahead = 48 * time.Hour
	for i := range h.fields {
		if h.fields[i].id != fieldDate {
			continue
		}
		t, ok := ParseDate(string(unfold(h.value(i))))
		if !ok {
			continue
		}
		if !received.IsZero() && (t.After(received.Add(ahead)) || t.Before(time.Date(1970, 1, 2, 12, 0, 0, 0, time.UTC))) {
			return time.Time{}, false
		}
		return t, true
	}
	return time.Time{}, false
}
