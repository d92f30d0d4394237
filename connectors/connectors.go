// Package connectors is the contract between Tsunagu and the systems it reads. A connector turns what a
// mailbox, a calendar or a form holds into Items; it never decides what becomes of them.
//
// A source is asked with Fetch, again and again, each time with the cursor that the engine stored together
// with the items of the fetch before. Whatever else a source can do it says by implementing one of the
// optional interfaces: Waiter, Prober, Getter, Census.
package connectors

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Cursor is a place in a source. Only the connector that made it may look inside; "" means nothing was
// read yet. A cursor that cannot be read is a Fault of Kind CursorInvalid.
type Cursor string

// Source reads one mailbox, calendar or form. It is used by one goroutine at a time.
type Source interface {
	// Fetch returns what follows cur: first what is new, then one chunk of history, newest first.
	// Items and Next are stored together or not at all, so Fetch may be asked again with the same cur,
	// and it may be asked with the Next of a batch that is not stored yet. It holds at most
	// Limits.BatchBytes of items.
	Fetch(ctx context.Context, cur Cursor) (Batch, error)
	// Close gives up the connection. The source is not used afterwards.
	Close() error
}

// Waiter is a Source that is told of news. Wait returns nil as soon as something may be new after cur, and
// ctx's error when ctx ends; any other error means the connection is lost and the engine polls instead.
// It is not called while a Fetch is under way.
type Waiter interface {
	Wait(ctx context.Context, cur Cursor) error
}

// Prober is a Source that can be tried without reading: it signs in, changes nothing, and says what it found.
type Prober interface {
	Probe(ctx context.Context) (Report, error)
}

// Getter is a Source that can read single items again. The answer has an item for each id that the source
// still has, in any order; an id that is gone is simply absent. An item that cannot be read has Err set.
type Getter interface {
	Get(ctx context.Context, ids []string) ([]Item, error)
}

// Census is a Source that can list the ids of everything it holds now, within its settings (folders,
// since), without reading contents. It calls yield with some ids at a time.
type Census interface {
	Census(ctx context.Context, yield func(ids []string) error) error
}

// Report is what a Probe found.
type Report struct {
	Lines []string // plain sentences: server, folders with their counts, capabilities used
	Items int64    // how many items there are to read; -1 if unknown
}

// Batch is what a Fetch yields.
type Batch struct {
	Items     []Item
	Next      Cursor       // where the next Fetch starts; equal to the cursor asked with if nothing moved
	More      bool         // there is more to read at once
	Backfill  bool         // history is not read to its end
	Progress  crm.Progress // of the reading of history
	Retired   []string     // prefixes of external ids that name nothing any more (UIDVALIDITY changed, folder gone)
	Withdrawn []crm.Scope  // items that are not there any more: deleted mails, cancelled or dropped occurrences
	Notes     []string     // what a person may want to know of this fetch: "folder 送信済み was renamed"; logged, shown on the source
}

// Item is what a source yields: a message, a meeting or a submission.
type Item struct {
	ExternalID string           // unique in the source, at most 1,000 bytes, printable; IMAP: the form of RFC 5092, "INBOX;UIDVALIDITY=1;UID=2"
	Key        crm.Key          // identity over all sources; "" only together with Err
	Kind       crm.ActivityKind //
	Folder     string           // folder, label or calendar it was found in, as people read it
	Received   time.Time        // when the source got it, UTC
	Size       int64            // bytes at the source
	Draft      bool             // never sent
	Message    *Message         // for KindEmail
	Submission *crm.Submission  // for KindForm
	Meeting    *Meeting         // for KindMeeting
	Err        error            // why it could not be read; it becomes a failed ledger row
}

// Message is an e-mail, decoded.
type Message struct {
	MessageID   string // normalised (crm.NormalizeMessageID); "" if it had none
	InReplyTo   []string
	References  []string         // normalised, oldest first, at most 50
	Date        time.Time        // UTC; of the Date field, or Received if that is missing or impossible
	From        []crm.Mailbox    // usually one
	Sender      crm.Mailbox      // zero if equal to From or absent
	ReplyTo     []crm.Mailbox    //
	To, Cc, Bcc []crm.Mailbox    // in the header's order
	Subject     string           //
	Text        string           // for people: quoted replies and signature cut off
	FullText    string           // everything readable; equal to Text if nothing was cut
	Truncated   bool             // FullText or Subject is not all there was: beyond Limits.TextBytes, or nested too deep
	Attachments []crm.Attachment //
	Class       crm.Class        //
	ClassReason string           // the header or sign that decided the class: "List-Id"
	Invitation  *Meeting         // of ClassInvitation: what its calendar part says; nil if it has none or says nothing usable
	Bounces     []crm.Bounce     // of ClassBounce: the recipients it names, at most 100
	Wrapper     string           // "smime", "pgp" or "tnef" if the text is inside such a wrapper and cannot be read
}

// Meeting is one occurrence of a calendar event, as one calendar shows it or an invitation says it.
type Meeting struct {
	UID         string     // iCalendar UID
	Occurrence  string     // see crm.MeetingKey
	Recurring   bool       // one of a series
	Sequence    int        //
	Updated     time.Time  // when this state was made, UTC; zero if unknown
	Start, End  time.Time  // UTC; of an all-day event the midnights in Zone; End is not part of it, and never before Start
	AllDay      bool       //
	Zone        string     // IANA name; "" for UTC
	Summary     string     //
	Description string     // plain text
	Truncated   bool       // Description is not all there was
	Location    string     //
	Conference  string     // address of the on-line room; "" if there is none
	Status      string     // crm.MeetingConfirmed, MeetingTentative or MeetingCancelled
	Private     bool       // marked private or confidential
	Busy        bool       // the calendar shows no more than the times of whatever is in it; Private is not known then
	Type        string     // "" for a meeting; otherwise what entry it is: focus_time, out_of_office, working_location, birthday, from_mail, task
	Organizer   Attendee   // zero if there is none: an entry of the calendar's owner
	Attendees   []Attendee // in the order of the source; the organiser too if he takes part
	Partial     bool       // Attendees are not all: too many, hidden from guests, or only the one who answers
	Method      string     // of an iTIP message (RFC 5546), upper-case: REQUEST, CANCEL, REPLY …; "" in a calendar
}

// Attendee is somebody, or something, that takes part in a meeting.
type Attendee struct {
	Name     string
	Address  string // as written, without "mailto:"
	Response string // crm.ResponseAccepted …; "" if not known
	Type     crm.ParticipantType
	Optional bool
	SentBy   string // of an organiser: who acts on his behalf (RFC 5545 section 3.2.18), as Address; "" for himself
}

// Limits bounds what a source may hold in memory.
type Limits struct {
	BatchItems int   // at most so many items in a batch
	BatchBytes int64 // and about so many bytes of text
	TextBytes  int64 // of one item's text; more is cut off and marked
}

// DefaultLimits suit a small machine.
func DefaultLimits() Limits {
	return Limits{BatchItems: 1000, BatchBytes: 5 << 20, TextBytes: 1 << 20}
}

// OrDefault puts those of DefaultLimits in the place of what is zero or less.
func (l Limits) OrDefault() Limits {
	usual := DefaultLimits()
	if l.BatchItems <= 0 {
		l.BatchItems = usual.BatchItems
	}
	if l.BatchBytes <= 0 {
		l.BatchBytes = usual.BatchBytes
	}
	if l.TextBytes <= 0 {
		l.TextBytes = usual.TextBytes
	}
	return l
}
