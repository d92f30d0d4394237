package life

import "github.com/tsunagu-crm/tsunagu/crm"

// What DealStage.Ends can say beside "".
const (
	EndsWon  = "won"
	EndsLost = "lost"
)

// What Hours.Holidays can say.
const (
	HolidaysJapan = "jp"
	HolidaysNone  = "none"
)

// Never is what Segment.After says of people who are not to be followed up.
const Never = "never"

// Events are all events that rules can name.
func Events() []crm.EventKind {
	return []crm.EventKind{
		crm.EventMailSent, crm.EventMailReceived, crm.EventFormReceived, crm.EventCall, crm.EventDatesProposed, crm.EventMeetingPlanned,
		crm.EventMeetingAccepted, crm.EventMeetingHeld, crm.EventMeetingNoShow, crm.EventMeetingCancelled, crm.EventBounceHard,
		crm.EventRefusal, crm.EventLeft, crm.EventSilence,
	}
}

// Acceptable are the kinds of proposal that a section can accept without anybody's consent. A merge is not among them: it
// is never made on evidence alone. Nor is a contradiction, which only somebody can have seen.
func Acceptable() []crm.ProposalKind {
	return []crm.ProposalKind{
		crm.ProposeBadAddress, crm.ProposeLeft, crm.ProposeSuccessor, crm.ProposeField, crm.ProposeDoNotContact, crm.ProposeTask,
	}
}

// TaskKinds are the kinds of task that a plan can hold.
func TaskKinds() []crm.TaskKind { return []crm.TaskKind{crm.TaskCall, crm.TaskMail, crm.TaskTodo} }

// Weekdays are the days of Hours.Days, Sunday first as time.Weekday counts.
func Weekdays() []string { return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} }
