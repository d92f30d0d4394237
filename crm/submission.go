package crm

import "time"

// SubmissionState is where a submission stands.
type SubmissionState string

// The states of a submission.
const (
	SubmissionAccepted    SubmissionState = "accepted"    // becomes an activity
	SubmissionQuarantined SubmissionState = "quarantined" // looks like spam or an attack: a person decides
	SubmissionReleased    SubmissionState = "released"    // was quarantined; a person let it through
	SubmissionRejected    SubmissionState = "rejected"    // was quarantined; a person said that it is none. It is kept
	SubmissionExcluded    SubmissionState = "excluded"    // a rule of the mapping keeps it out: Reason says which; nothing else of it was stored
)

// Submission is what somebody sent through a form.
type Submission struct {
	ID       string          `json:"id"`                 // 32 hexadecimal characters: SubmissionID if the sender gave a response id, else NewID
	Form     string          `json:"form"`               // id of the form in the mapping
	Response string          `json:"response,omitempty"` // id that the form service, or the client as an idempotency key, gave it; "" for none
	At       time.Time       `json:"at"`                 // when it was sent, UTC; an edit has the time of the edit
	Fields   []FormField     `json:"fields"`             // in the order sent
	Touch    Touch           `json:"touch,omitzero"`     // where the sender came from
	State    SubmissionState `json:"state"`
	Reason   string          `json:"reason,omitempty"` // code of why it was quarantined: "honeypot", "too_fast" …
	Version  int             `json:"version"`          // counts from 1: an edited response is a new version
	Seq      uint64          `json:"-"`                // place in the store's queue; given by the store, 0 while not in it
}

// FormField is one field of a form as it was sent. Facts are kept as they came; what they mean is the mapping's.
type FormField struct {
	Name   string   `json:"name"`            // of the field in the form
	Label  string   `json:"label,omitempty"` // the question as people read it; "" if only the name is known
	Values []string `json:"values"`          // several for a group of check boxes
}

// Touch is where somebody came from before an exchange: the marketing words of a link and the pages. Zero
// fields are not known.
type Touch struct {
	Campaign string `json:"campaign,omitempty"` // of the form's mapping, or utm_campaign
	Channel  string `json:"channel,omitempty"`  // 流入経路: of the mapping, or told from Source and Medium
	Source   string `json:"source,omitempty"`   // utm_source
	Medium   string `json:"medium,omitempty"`   // utm_medium
	Term     string `json:"term,omitempty"`     // utm_term
	Content  string `json:"content,omitempty"`  // utm_content
	Referrer string `json:"referrer,omitempty"` // page before the landing page
	Landing  string `json:"landing,omitempty"`  // first page of ours
}

// SubmissionID is the ID of the submission with this response id of a form. Its Key is the same.
func SubmissionID(form, response string) string {
	return DerivedID("submission", form, response)
}

// SubmissionKey is the identity of a submission: of its form and response id, or, without one, its own ID.
func SubmissionKey(s Submission) Key {
	if s.Response != "" {
		return Key(SubmissionID(s.Form, s.Response))
	}
	return Key(s.ID)
}

// Revision is a state of an activity before it was changed at its source.
type Revision struct {
	At      time.Time   `json:"at"` // when that state was sent or last changed
	Subject string      `json:"subject,omitempty"`
	Text    string      `json:"text,omitempty"`
	Fields  []FormField `json:"fields,omitempty"`

	// Of a meeting.
	Sequence int       `json:"sequence,omitempty"` // see Meeting
	Start    time.Time `json:"start,omitzero"`
	End      time.Time `json:"end,omitzero"`
	Location string    `json:"location,omitempty"`
	Status   string    `json:"status,omitempty"`
}

// MaxRevisions is how many earlier states of an activity are kept: the first, and the newest.
const MaxRevisions = 20

// Provenance says where a field of a person was filled from.
type Provenance struct {
	Field    string    `json:"field"`    // json name of a field of Person, or "custom." and the name of a declared one
	Activity string    `json:"activity"` // id
	At       time.Time `json:"at"`
}

// Fill asks for one empty field of a person to be filled; a field that has a value is left alone.
type Fill struct {
	Field string // like Provenance.Field; "emails" and "phones" add a value that is not there yet
	Value string // a declared field's in its canonical form (FieldDef.Canonical)
}

// PersonUpdate fills what is empty in the record of a person.
type PersonUpdate struct {
	ID       string
	Activity string // id: the evidence
	At       time.Time
	Fill     []Fill
}
