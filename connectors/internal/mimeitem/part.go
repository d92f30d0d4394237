package mimeitem

import (
	"strconv"
	"strings"
	"time"
)

// The limits on what comes from outside.
const (
	maxHeader     = 1 << 20 // bytes of a header block that are looked at
	maxDepth      = 40      // of parts in parts
	maxParts      = 2000    // of a message, multiparts included
	maxRecipients = 5000    // of To, Cc and Bcc each
	maxReferences = 50
	maxSubject    = 8 << 10 // bytes
	maxName       = 1 << 10 // bytes of a display name or a file name
	maxAddress    = 512     // bytes
	maxMessageID  = 2000    // bytes shown; the key is made of the whole
	defaultLimit  = 1 << 20 // bytes of text if the caller gives none
)

// Part is one MIME part, as IMAP's BODYSTRUCTURE (RFC 9051, section 7.5.2) or our own walk over raw bytes
// describes it. A zero Type means text/plain.
type Part struct {
	Path              string            // as IMAP numbers parts: "1.2"; a root that is no multipart is "1", a root multipart ""
	Type              string            // "text/plain", lower-case
	Params            map[string]string // of Content-Type; names lower-case, values unquoted but otherwise as written (RFC 2231 pieces kept apart)
	Encoding          string            // Content-Transfer-Encoding, lower-case
	Disposition       string            // "attachment", "inline" or ""
	DispositionParams map[string]string // like Params
	ID                string            // Content-ID
	Subject           string            // of the message embedded in a message/rfc822, if known; RFC 2047 words allowed
	Size              int64             // bytes as transferred
	Children          []*Part           // of a multipart; of a message/rfc822 its body, one part
}

// Envelope is what the source knows of a message beside its bytes.
type Envelope struct {
	ExternalID string
	Folder     string    // as people read it
	Received   time.Time // zero: taken from the topmost Received field, or the Date field
	Size       int64     // bytes with CRLF line ends; 0: FromRaw counts
	Draft      bool
}

// Body is the content of one part.
type Body struct {
	Path string
	Data []byte // still transfer-encoded
	Cut  bool   // the part goes on beyond Data
}

// Number gives every part its Path by the rules of IMAP (RFC 9051, section 6.4.5.1), for callers whose
// structure comes without numbers.
func Number(root *Part) {
	if root == nil {
		return
	}
	if root.multipart() {
		root.Path = ""
		numberChildren(root, "", 0)
		return
	}
	root.Path = "1"
	numberEmbedded(root, 0)
}

func numberChildren(p *Part, prefix string, depth int) {
	if depth > maxDepth {
		return
	}
	for i, child := range p.Children {
		child.Path = prefix + strconv.Itoa(i+1)
		if child.multipart() {
			numberChildren(child, child.Path+".", depth+1)
		} else {
			numberEmbedded(child, depth+1)
		}
	}
}

// numberEmbedded numbers the body of a message/rfc822: a multipart there shares the number of the message
// around it, a single part is number 1 below it.
func numberEmbedded(p *Part, depth int) {
	if len(p.Children) == 0 || depth > maxDepth {
		return
	}
	body := p.Children[0]
	if body.multipart() {
		body.Path = p.Path
		numberChildren(body, p.Path+".", depth+1)
		return
	}
	body.Path = p.Path + ".1"
	numberEmbedded(body, depth+1)
}

func (p *Part) multipart() bool { return strings.HasPrefix(p.Type, "multipart/") }

// mediaType is Type without the junk that some mailers write there.
func (p *Part) mediaType() string {
	switch p.Type {
	case "", "text", "plain", "text/", "/", "text/ascii", "text/us-ascii", "text/text", "mime/text", "unknown/unknown":
		return "text/plain"
	case "html", "text/htm", "text/xhtml", "application/xhtml+xml":
		return "text/html"
	}
	return p.Type
}

// embedded says whether p holds a whole message.
func (p *Part) embedded() bool {
	return p.Type == "message/rfc822" || p.Type == "message/global"
}

// fileName is the part's name as its sender gave it, decoded; "" if it has none.
func (p *Part) fileName() string {
	if name := param(p.DispositionParams, "filename"); name != "" {
		return name
	}
	return param(p.Params, "name")
}
