package mimeitem

import (
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

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
	subject := cleanLine(decodeHeader(h.first(fieldSubject), r.hint))
	m := &connectors.Message{
		Subject:    cutString(subject, maxSubject),
		InReplyTo:  messageIDs(h.first(fieldInReplyTo), maxReferences),
		References: messageIDs(h.first(fieldReferences), maxReferences),
		From:       r.mailboxes(fieldFrom),
		ReplyTo:    r.mailboxes(fieldReplyTo),
		To:         r.mailboxes(fieldTo),
		Cc:         r.mailboxes(fieldCc),
		Bcc:        r.mailboxes(fieldBcc),
		FullText:   r.text,
		Truncated:  r.truncated || len(subject) > maxSubject,
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
	if m.Class == crm.ClassBounce {
		m.Bounces = r.bounces(m)
	}
	if m.Class == crm.ClassInvitation {
		m.Invitation = r.invitation()
	}
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
