package crm

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// Key is the identity of a real mail, meeting occurrence or submission: 32 lower-case hexadecimal
// characters, the same in whichever mailbox the item was seen. "" means not known yet.
type Key string

// MessageKey is the Key of a mail: the first half of the SHA-256 of its Message-ID without angle brackets,
// lower-cased. A mail without one is known by its date, first sender, recipients, subject, size and text.
// Different mails can have the same Message-ID; see SameMail.
func MessageKey(messageID string, fallback MessageIdentity) Key {
	if id := NormalizeMessageID(messageID); id != "" {
		sum := sha256.Sum256([]byte(id))
		return Key(hex.EncodeToString(sum[:16]))
	}
	return hashKey("message", fallback.Date.UTC().Format(time.RFC3339), strings.ToLower(fallback.From),
		strings.ToLower(strings.Join(fallback.To, ",")), fallback.Subject, strconv.FormatInt(fallback.Size, 10), fallback.Text)
}

// MessageIdentity is what tells two mails without a Message-ID apart.
type MessageIdentity struct {
	Date    time.Time // of the Date field; zero if it was missing or impossible
	From    string    // bare address
	To      []string  // bare addresses, in the order of the header
	Subject string    // decoded
	Size    int64     // bytes, as the server says
	Text    string    // everything readable: forms that are sent in the same second differ in nothing else
}

// NormalizeMessageID lower-cases a Message-ID and takes white space and angle brackets off. Some systems
// fold it, some double it: only the first id counts. "" if there is none.
func NormalizeMessageID(id string) string {
	id = strings.TrimSpace(id)
	if start := strings.IndexByte(id, '<'); start >= 0 {
		id = id[start+1:]
		if end := strings.IndexByte(id, '>'); end >= 0 {
			id = id[:end]
		}
	}
	id = strings.Join(strings.Fields(id), "")
	return strings.ToLower(strings.Trim(id, "<>"))
}

func hashKey(parts ...string) Key {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return Key(hex.EncodeToString(h.Sum(nil)[:16]))
}
