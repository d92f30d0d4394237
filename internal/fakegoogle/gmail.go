package fakegoogle

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// gmailMetadata is the scope that opens headers but neither bodies nor searches.
const gmailMetadata = scopePrefix + "gmail.metadata"

type headerJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type bodyJSON struct {
	AttachmentID string `json:"attachmentId,omitempty"`
	Size         int    `json:"size"`
	Data         string `json:"data,omitempty"`
}

type partJSON struct {
	PartID   string       `json:"partId"`
	MimeType string       `json:"mimeType"`
	Filename string       `json:"filename"`
	Headers  []headerJSON `json:"headers,omitempty"`
	Body     *bodyJSON    `json:"body,omitempty"`
	Parts    []partJSON   `json:"parts,omitempty"`
}

type messageJSON struct {
	ID           string    `json:"id"`
	ThreadID     string    `json:"threadId"`
	LabelIDs     []string  `json:"labelIds,omitempty"`
	Snippet      string    `json:"snippet"`
	Payload      *partJSON `json:"payload,omitempty"`
	SizeEstimate int       `json:"sizeEstimate"`
	Raw          string    `json:"raw,omitempty"`
	HistoryID    uint64    `json:"historyId,string"`
	InternalDate int64     `json:"internalDate,string"`
}

// mailbox finds the mailbox the path names; it answers the call when it may not be read.
func (c *call) mailbox() *Mailbox {
	who := c.vars[0]
	if who != "me" && !strings.EqualFold(who, c.user) {
		c.fail(apiError{status: http.StatusForbidden, reason: "forbidden", message: "Delegation denied for " + c.user})
		return nil
	}
	b := c.server.gmail.get(c.user)
	if b == nil {
		c.fail(apiError{status: http.StatusBadRequest, reason: "failedPrecondition", code: "FAILED_PRECONDITION", message: "Mail service not enabled"})
	}
	return b
}

// metadataOnly reports whether the token opens headers alone.
func (c *call) metadataOnly() bool {
	return slices.Contains(c.scopes, gmailMetadata) &&
		!slices.ContainsFunc(c.scopes, func(s string) bool {
			return s == "https://mail.google.com/" || s == scopePrefix+"gmail.readonly" || s == scopePrefix+"gmail.modify"
		})
}

func (s *Server) getProfile(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	c.answer(struct {
		Email    string `json:"emailAddress"`
		Messages int    `json:"messagesTotal"`
		Threads  int    `json:"threadsTotal"`
		History  uint64 `json:"historyId,string"`
	}{b.email, len(b.byID), len(b.threads), b.history.last})
}

func (s *Server) getMessage(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	format, ok := c.format()
	if !ok {
		return
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	m := b.byID[c.vars[1]]
	if m == nil {
		c.fail(entityNotFound())
		return
	}
	c.answer(m.json(format, c.params["metadataHeaders"], s.answers.Add(1)))
}

// format reads the format parameter in lower case.
func (c *call) format() (string, bool) {
	format := strings.ToLower(c.params.Get("format"))
	switch format {
	case "":
		format = "full"
	case "full", "raw", "metadata", "minimal":
	default:
		c.fail(invalidArgument("Invalid value at 'format' (type.googleapis.com/caribou.api.proto.MessageFormat), \"" + c.params.Get("format") + "\""))
		return "", false
	}
	if c.metadataOnly() && (format == "full" || format == "raw") {
		c.fail(apiError{status: http.StatusForbidden, reason: "forbidden", message: "Metadata scope doesn't allow format " + strings.ToUpper(format)})
		return "", false
	}
	return format, true
}

// json renders a message. The mailbox's lock is held.
func (m *message) json(format string, only []string, answer uint64) messageJSON {
	out := messageJSON{
		ID: m.id, ThreadID: m.thread, LabelIDs: m.labels, SizeEstimate: len(m.raw), HistoryID: m.history, InternalDate: m.at.UnixMilli(),
	}
	out.Snippet = m.snippet()
	if format == "minimal" {
		return out
	}
	if format == "raw" {
		out.Raw = base64.URLEncoding.EncodeToString(m.raw)
		return out
	}
	tree := parseMail(m.raw)
	switch format {
	case "metadata":
		out.Payload = &partJSON{MimeType: tree.mimeType, Headers: pickHeaders(tree.headers, only)}
	case "full":
		p := tree.json(m.id, answer)
		out.Payload = &p
	}
	return out
}

func (m *message) snippet() string {
	if s := m.begin.Load(); s != nil {
		return *s
	}
	s := parseMail(m.raw).snippet()
	m.begin.Store(&s)
	return s
}

func pickHeaders(all []headerJSON, only []string) []headerJSON {
	if len(only) == 0 {
		return all
	}
	var out []headerJSON
	for _, h := range all {
		if slices.ContainsFunc(only, func(n string) bool { return strings.EqualFold(n, h.Name) }) {
			out = append(out, h)
		}
	}
	return out
}

func (p *part) json(message string, answer uint64) partJSON {
	out := partJSON{PartID: p.id, MimeType: p.mimeType, Filename: p.filename, Headers: p.headers, Body: &bodyJSON{Size: len(p.data)}}
	switch {
	case len(p.children) > 0:
	case p.attachment:
		out.Body.AttachmentID = attachmentID(message, p.id, answer)
	default:
		out.Body.Data = base64.URLEncoding.EncodeToString(p.data)
	}
	for _, c := range p.children {
		out.Parts = append(out.Parts, c.json(message, answer))
	}
	return out
}

func (s *Server) getAttachment(c *call) {
	b := c.mailbox()
	if b == nil {
		return
	}
	id, partID, ok := openAttachmentID(c.vars[2])
	b.mu.RLock()
	m := b.byID[c.vars[1]]
	b.mu.RUnlock()
	if m == nil {
		c.fail(entityNotFound())
		return
	}
	var found *part
	if ok && id == m.id {
		found = parseMail(m.raw).find(partID)
	}
	if found == nil || !found.attachment {
		c.fail(invalidArgument("Invalid attachment token"))
		return
	}
	c.answer(bodyJSON{Size: len(found.data), Data: base64.URLEncoding.EncodeToString(found.data)})
}
