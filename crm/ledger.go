package crm

import "time"

// Verdict is what became of an item.
type Verdict string

// The verdicts. For every source: seen = the sum of all five.
const (
	Logged    Verdict = "logged"
	Excluded  Verdict = "excluded"  // a rule keeps it out; its content was never stored
	Unmatched Verdict = "unmatched" // nobody known is on it; only keyed hashes of the addresses were stored
	Waiting   Verdict = "waiting"   // a review decides
	Failed    Verdict = "failed"    // could not be read; is tried again
)

// Verdicts are all verdicts in the order they are shown.
func Verdicts() []Verdict { return []Verdict{Logged, Excluded, Unmatched, Waiting, Failed} }

// Entry is one row of the ledger: an item that a source yielded, and what became of it.
type Entry struct {
	Source     string    `json:"source"`
	ExternalID string    `json:"external_id"`
	Key        Key       `json:"key,omitempty"` // "" if the item could not be read
	SeenAt     time.Time `json:"seen_at"`       // first seen
	ItemTime   time.Time `json:"item_time,omitzero"`
	Verdict    Verdict   `json:"verdict"`
	Reason     Reason    `json:"reason"`
	Activity   string    `json:"activity,omitempty"` // id
	Attempts   int       `json:"attempts,omitempty"` // of a failed item
	NextTry    time.Time `json:"next_try,omitzero"`  // of a failed item
	Retired    bool      `json:"retired,omitempty"`  // the source no longer knows the item by this id (UIDVALIDITY changed, folder gone); not counted as seen
}

// Reason is a code, optionally followed by ": " and a detail: "internal", "folder: Private",
// "address: spam@example.com". The details are names of rules and patterns or an error, never an item's content.
type Reason string

// The codes of reasons.
const (
	ReasonMatched       = "matched"        // logged; the activity's Match says how
	ReasonInternal      = "internal"       // excluded: everybody on it belongs to the organisation
	ReasonAddress       = "address"        // excluded: by an address pattern
	ReasonDomain        = "domain"         // excluded: by a domain
	ReasonSubject       = "subject"        // excluded: by a subject pattern
	ReasonFolder        = "folder"         // excluded: by a folder
	ReasonClass         = "class"          // excluded: by its class (bulk, bounce …)
	ReasonErased        = "erased"         // excluded: a person on it asked to be forgotten
	ReasonDraft         = "draft"          // excluded: never sent
	ReasonPrivate       = "private"        // excluded: a private event, or one of which only the times are shown
	ReasonPrivateThread = "private_thread" // excluded: somebody on it marked the conversation private
	ReasonOwnRule       = "own_rule"       // excluded: the owner of the source keeps such items out
	ReasonEventType     = "event_type"     // excluded: an entry that is no meeting, such as focus time or a birthday
	ReasonNobody        = "nobody"         // unmatched: no known person or account is on it
	ReasonNoAddress     = "no_address"     // unmatched: there is no usable address on it
	ReasonDismissed     = "dismissed"      // unmatched: a review said that this person is not wanted
	ReasonNewContact    = "new_contact"    // waiting: a contact is proposed
	ReasonAmbiguous     = "ambiguous"      // waiting: several people could be meant
	ReasonQuarantine    = "quarantine"     // waiting: a mail of a form that its parser could not read, with what was missing
	ReasonUnreadable    = "unreadable"     // failed: the server or the bytes are at fault
	ReasonForgotten     = "forgotten"      // excluded: its source was disconnected, and what it had brought was to be forgotten
	ReasonReadAgain     = "read_again"     // failed: what kept it out is gone, and it is read again with the next pass
	ReasonGone          = "gone"           // unmatched: it vanished from the source before it could be read again
	ReasonInternalError = "internal_error" // failed: our own mistake, contained
)

// Tally counts a source's ledger rows by verdict. Seen is their sum.
type Tally struct {
	Seen      int64 `json:"seen"`
	Logged    int64 `json:"logged"`
	Excluded  int64 `json:"excluded"`
	Unmatched int64 `json:"unmatched"`
	Waiting   int64 `json:"waiting"`
	Failed    int64 `json:"failed"`
}

// Add counts n rows of verdict v; n may be negative.
func (t *Tally) Add(v Verdict, n int64) {
	switch v {
	case Logged:
		t.Logged += n
	case Excluded:
		t.Excluded += n
	case Unmatched:
		t.Unmatched += n
	case Waiting:
		t.Waiting += n
	case Failed:
		t.Failed += n
	}
	t.Seen += n
}
