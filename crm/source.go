package crm

import "time"

// SourceState is how a source stands.
type SourceState string

// The states of a source.
const (
	SourceOK          SourceState = "ok"
	SourceRetrying    SourceState = "retrying"     // failing, is tried again by itself
	SourceAuthExpired SourceState = "auth_expired" // somebody must sign in again; nothing is called until then
	SourceNeedsIT     SourceState = "needs_it"     // a setting or a permission is wrong; nothing is called until it changes
	SourceDisabled    SourceState = "disabled"     // switched off or no longer in the configuration
	SourceNeverRun    SourceState = "never_run"    // waiting for its first pass
	SourceBackfilling SourceState = "backfilling"  // healthy, history is still being read
)

// Source is a configured source with what is known of its health. It is stored, except for what the
// configuration says.
type Source struct {
	ID          string      `json:"id"`
	Kind        string      `json:"kind"`  // imap, files …
	Owner       string      `json:"owner"` // the rep's address
	State       SourceState `json:"state"`
	Fingerprint string      `json:"-"`                      // of the settings; a change wakes a paused source
	Due         time.Time   `json:"due,omitzero"`           // next pass
	LastTry     time.Time   `json:"last_try,omitzero"`      //
	LastSuccess time.Time   `json:"last_success,omitzero"`  // end of the last pass that read to the end of what was new
	LastItem    time.Time   `json:"last_item,omitzero"`     // time of the newest item stored
	FailingFrom time.Time   `json:"failing_since,omitzero"` // start of the current row of failures
	Attempts    int         `json:"attempts,omitempty"`     // failures in a row
	Error       string      `json:"error,omitempty"`        // of the last try, one sentence
	Hint        string      `json:"hint,omitempty"`         // what to do about it
	Progress    Progress    `json:"progress"`
	Tally       Tally       `json:"tally"`
	Epoch       uint64      `json:"-"` // fencing: counts claims; a Commit with an older one is refused
	LeaseUntil  time.Time   `json:"-"` // zero when nobody works on it
	Cursor      string      `json:"-"` // opaque; only the connector reads it
}

// Progress says how far the reading of history has come. Total 0 means unknown.
type Progress struct {
	Done  int64 `json:"done"`  // items of history read
	Total int64 `json:"total"` // items of history in all
}

// Claim is the right to work on a source until the lease ends.
type Claim struct {
	Source Source    // as it was when claimed, with Cursor and the new Epoch
	Until  time.Time // end of the lease
}

// Write is what becomes of one item: always a ledger entry, and for a logged one the activity.
type Write struct {
	Entry    Entry
	Activity *Activity      // only with verdict Logged; merged with what the store has under its Key
	Reviews  []Review       // raised by the item; one that exists already keeps its decision
	People   []Person       // created by policy; one whose ID exists already is left as it is
	Pending  []string       // normalised outside addresses on the item that belong to nobody known; stored as keyed hashes, for late matching
	Updates  []PersonUpdate // empty fields of people to be filled, also of People of the same commit
	Awaits   []Key          // messages that an unmatched or waiting item answers and that are not known yet; stored likewise: when one of them is logged, the row is late work

	Screening *Screening // what the store holds the item against; nil for what no mail or meeting yields
}

// Commit is what one batch of a source becomes, stored whole or not at all.
type Commit struct {
	Source     string
	Epoch      uint64   // of the claim
	Owner      string   // of the source
	Cursor     string   // replaces the source's cursor if MoveCursor
	MoveCursor bool     // false for retries and late matching
	Retired    []string // prefixes of external ids that the source no longer knows
	Withdrawn  []Scope  // applied after Writes: what is not there any more
	Writes     []Write
	Progress   Progress // replaces the source's progress if MoveCursor
	Generation uint64   // of the Answer that the writes rest on
	At         time.Time
}

// Settlement ends a claim.
type Settlement struct {
	Source  string
	Epoch   uint64
	State   SourceState
	Due     time.Time // next pass; zero for never (until the settings change or somebody asks)
	Error   string    // "" on success
	Hint    string
	Success bool // the pass read to the end of what was new
	At      time.Time
}

// ItemRef names a ledger row.
type ItemRef struct {
	Source     string
	ExternalID string
}

// LateWork is a piece of late matching: rows that somebody who became known might be on.
type LateWork struct {
	ID      string  // to give back when done
	Address string  // normalised, or "message:" and the Key of a message that was logged; "" if a domain became known
	Domain  string  // "" if an address became known
	Person  string  // with Address: a decision that filed what came from it on this person was taken back; "" usually
	Entries []Entry // at most the asked number; fewer means the work is done when they are handled
	Next    string  // where the rest starts; "" if this is all
}
