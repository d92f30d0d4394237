package crm

import "time"

// ChangeField is what a Change is about.
type ChangeField string

// The fields whose history is kept.
const (
	ChangeStatus ChangeField = "status" // of a lead
	ChangeOwner  ChangeField = "owner"  // of a person
	ChangeStage  ChangeField = "stage"  // of a request
)

// ByRules is the By of changes that rules made.
const ByRules = "tsunagu"

// Change is one step in a person's life: a status, an owner or a stage that followed another, and why. What people
// did, what was done under rules that are not in force any more, and what an undo did are fixed; the rest follows from
// the rules and the activities, and is worked out again when these change.
type Change struct {
	ID       string      `json:"id"` // of a rule's: DerivedID of person, field, rule and cause; else NewID
	Person   string      `json:"person"`
	Field    ChangeField `json:"field"`
	At       time.Time   `json:"at"`                 // of the evidence; of what a person did, when they did it
	From     string      `json:"from"`               // code
	To       string      `json:"to"`                 // code
	Label    string      `json:"label,omitempty"`    // of To as it was called then, in the organisation's language
	Reason   string      `json:"reason,omitempty"`   // code of the nurturing reason
	Rule     string      `json:"rule,omitempty"`     // name of the lifecycle or assignment rule
	Rules    string      `json:"rules,omitempty"`    // hash of the rules in force
	Activity string      `json:"activity,omitempty"` // id of the evidence
	Event    string      `json:"event,omitempty"`    // what of it: an EventKind, or "silence"
	Evidence string      `json:"evidence,omitempty"` // in words
	By       string      `json:"by"`                 // ByRules, or as in AuditRecord.Actor
	Undoes   string      `json:"undoes,omitempty"`   // id of the change that it takes back
	Undone   string      `json:"undone,omitempty"`   // id of the change that took it back
	Seen     time.Time   `json:"seen"`               // when it was stored
}

// Fixed reports whether a change stays whatever is learnt of what was before it, under the rules with this hash.
func (c *Change) Fixed(rules string) bool {
	return c.By != ByRules || c.Rules != rules || c.Undone != ""
}

// EventKind is what happened, as lifecycle rules name it.
type EventKind string

// The events. Each rests on one activity, but for EventSilence.
const (
	EventMailSent         EventKind = "mail_sent"         // we wrote a personal mail to them
	EventMailReceived     EventKind = "mail_received"     // they wrote a personal mail to us
	EventFormReceived     EventKind = "form_received"     //
	EventCall             EventKind = "call"              // with a result
	EventDatesProposed    EventKind = "dates_proposed"    // either side proposed dates for a meeting
	EventMeetingPlanned   EventKind = "meeting_planned"   // they are on a meeting that is not cancelled and that they did not decline
	EventMeetingAccepted  EventKind = "meeting_accepted"  // they accepted it
	EventMeetingHeld      EventKind = "meeting_held"      // its outcome says so
	EventMeetingNoShow    EventKind = "meeting_no_show"   //
	EventMeetingCancelled EventKind = "meeting_cancelled" //
	EventBounceHard       EventKind = "bounce_hard"       //
	EventRefusal          EventKind = "refusal"           //
	EventLeft             EventKind = "left"              // the company
	EventSilence          EventKind = "silence"           // nothing from either side for the rule's time
)

// Event is something that happened to a person. The zero Activity is that of silence.
type Event struct {
	Kind     EventKind
	At       time.Time // of a meeting that was accepted: when that was answered, or the invitation if it is not known
	Activity *Activity
	Result   string // of a call
	Evidence string // the words it rests on; "" if there are none
}
