package mailgen

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// The folders that mails lie in.
const (
	Inbox    = "INBOX"
	Sent     = "Sent"
	Japanese = "送信済み/お客様"
)

// Mail is one message and the truth about it.
type Mail struct {
	Raw    []byte    // CRLF, as it comes from a server; some features hold bare line feeds and NUL
	Folder string    // Inbox, Sent or Japanese
	Date   time.Time // when the server received it, UTC, whole seconds
	Truth  Truth
}

// Relation is who the other side of a mail is.
type Relation string

// The relations.
const (
	Known    Relation = "known"    // a contact of the world
	Domain   Relation = "domain"   // nobody known, but at an account's domain
	Unknown  Relation = "unknown"  // a stranger
	Internal Relation = "internal" // a colleague
)

// Truth is what a reader of the mail should find.
type Truth struct {
	MessageID   string    // without angle brackets, lower-case; "" if the mail has none
	InReplyTo   string    // "" if it answers nothing
	Subject     string    //
	From        string    // bare address; "" if the header is unreadable by intent
	FromName    string    // "" if there is none
	To          []string  // bare addresses, in order
	Date        time.Time // of the Date field, UTC; zero if that is missing or impossible
	Text        string    // everything readable, lines ended by LF; compare with CheckText
	Class       string    // personal, auto_reply, bounce, bulk, invitation or form_notification
	Attachments []string  // names of what somebody attached; a reader may list more (signatures, wrappers)
	Wrapper     string    // smime, pgp or tnef if the text is inside a wrapper that cannot be read
	Charset     string    // the body is really written in; "" if it has no text
	Feature     string    // one of Features
	Relation    Relation  //
	Japanese    bool      // the text is Japanese

	loose  bool     // Text's lines must be found in order, among others
	hidden []string // must not be found
	ignore string   // characters that may come and go
	any    bool     // what the reader shows is not held against it
}

// CheckText says whether a reader's full text is right. White space does not count. Of mails in HTML and of
// reports, which readers lay out in different ways, every line of the truth must be found, in order, and
// nothing that the sender hid.
func (t Truth) CheckText(got string) error {
	if t.any {
		return nil
	}
	flat := t.flatten(got)
	for _, h := range t.hidden {
		if strings.Contains(flat, t.flatten(h)) {
			return fmt.Errorf("%s: hidden text is shown: %q", t.Feature, h)
		}
	}
	if !t.loose {
		if want := t.flatten(t.Text); flat != want {
			return fmt.Errorf("%s: text differs at %s", t.Feature, difference(flat, want))
		}
		return nil
	}
	for line := range strings.Lines(t.Text) {
		want := t.flatten(line)
		at := strings.Index(flat, want)
		if at < 0 {
			return fmt.Errorf("%s: text lacks %q", t.Feature, line)
		}
		flat = flat[at+len(want):]
	}
	return nil
}

// flatten drops white space and what the truth says to ignore.
func (t Truth) flatten(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' || strings.ContainsRune(t.ignore, r) {
			return -1
		}
		return r
	}, s)
}

// difference shows the first place where two texts differ.
func difference(got, want string) string {
	g, w := []rune(got), []rune(want)
	at := 0
	for at < len(g) && at < len(w) && g[at] == w[at] {
		at++
	}
	return fmt.Sprintf("character %d: got %q, want %q", at, excerpt(g, at), excerpt(w, at))
}

func excerpt(s []rune, at int) string {
	return string(s[max(0, at-10):min(len(s), at+30)])
}
