package crm

import "time"

// Meeting is what an activity of KindMeeting has beside the fields that every activity has. An activity is one
// occurrence: of a series each has its own. Time and End of the activity are the occurrence's; of an all-day one
// they are the midnights in Zone at which it starts and ends (RFC 5545 section 3.6.1: the end is not part of it).
type Meeting struct {
	UID        string    `json:"uid"`                  // iCalendar UID, the same in every calendar
	Occurrence string    `json:"occurrence,omitempty"` // RECURRENCE-ID, see MeetingKey; "" for an event that does not recur
	Sequence   int       `json:"sequence,omitempty"`   // RFC 5545 section 3.8.7.4: counts the organiser's significant changes
	Updated    time.Time `json:"updated,omitzero"`     // when this state of it was made, UTC; zero if unknown
	AllDay     bool      `json:"all_day,omitempty"`
	Zone       string    `json:"zone,omitempty"` // IANA name of the zone it was made in; "" for UTC
	Location   string    `json:"location,omitempty"`
	Conference string    `json:"conference,omitempty"` // address of the on-line room
	Stated     string    `json:"stated,omitempty"`     // status as the newest view says; Activity.Status also heeds who withdrew
	TimesOnly  bool      `json:"times_only,omitempty"` // no view may say more than when it is
	Partial    bool      `json:"partial,omitempty"`    // not all who take part are known
	ReplyOnly  bool      `json:"reply_only,omitempty"` // nothing is known of it but answers by mail: whatever else says something of it is better
	Mail       bool      `json:"mail,omitempty"`       // all views of it are mails: no calendar shows it
	Private    bool      `json:"private,omitempty"`    // marked so in the newest calendar that may say words: it has none then, whoever said some
	Replies    []Reply   `json:"replies,omitempty"`    // of mails that answer the invitation, ordered by address

	Memory *MeetingMemory `json:"-"` // what Merge has to remember of views beside what they made of the meeting; nil if nothing
}

// Reply is an answer to an invitation that came as a mail (RFC 5546 section 3.2.3).
type Reply struct {
	Address  string    `json:"email"` // canonical
	Response string    `json:"response"`
	At       time.Time `json:"at"`
}

// Letter is what a mail that is part of a meeting says beside the meeting's own words: its invitation, a change, an answer.
type Letter struct {
	Message Key       `json:"message" doc:"key of the mail"`
	At      time.Time `json:"at"`
	From    string    `json:"from" doc:"address of who wrote it"`
	Subject string    `json:"subject"`
	Text    string    `json:"text" doc:"without quoted replies and signature"`
}

// The limits of letters.
const (
	MaxLetters    = 50       // that a meeting keeps: the newest
	MaxLetterText = 64 << 10 // bytes that the mapping leaves of a letter's text
)

// The statuses of a meeting.
const (
	MeetingConfirmed = "confirmed"
	MeetingTentative = "tentative"
	MeetingCancelled = "cancelled"
)

// StatusDeleted is the Status of a mail that was deleted wherever it was seen, in sources that keep a tombstone only.
const StatusDeleted = "deleted"

// The responses of participants. "" is not known.
const (
	ResponseAccepted  = "accepted"
	ResponseDeclined  = "declined"
	ResponseTentative = "tentative"
	ResponseNone      = "needs_action"
)

// ParticipantType tells people from what is invited along with them.
type ParticipantType string

// The types of participants. "" is a person.
const (
	TypePerson   ParticipantType = ""
	TypeRoom     ParticipantType = "room"
	TypeResource ParticipantType = "resource"
	TypeGroup    ParticipantType = "group"
)

// MeetingKey is the identity of an occurrence: of the UID and the start it had when the series was made, which
// stays the same however often it is moved (RFC 5545 section 3.8.4.4). Occurrence is that start in UTC as
// "20261124T010000Z", of an all-day event as "20261124"; "" for an event that does not recur.
func MeetingKey(uid, occurrence string) Key {
	return hashKey("meeting", uid, occurrence)
}

// MeetingMemory is what Merge remembers of the views of a meeting, so that its result does not depend on the order in
// which they come. Only Merge and the store look into it; Merge makes a new one instead of changing it.
type MeetingMemory struct {
	Words     Mark        // the view that says subject, texts and place
	Guests    Mark        // the newest view that says who takes part
	Answers   []Reply     // what views that do not know everybody say of single participants, ordered by address
	Overruled []Overruled // what Guests says of participants whose Response is that of a later answer, in their order
	States    []Revision  // all states that were seen, the present one too if a view showed it, oldest first
	Private   bool        // some calendar that may say words had it marked private: no state keeps words, no letter is kept
}

// Overruled is the response of a participant that an answer took the place of.
type Overruled struct {
	Role     Role
	Address  string // lower-case
	Response string
}

// Mark places a view of a meeting among the others.
type Mark struct {
	Calendar bool // it is no mail, and says something of what the mark is for
	Rank     int  // how much such a view may say, 0 for the least
	Sequence int
	Updated  time.Time
}

// Outcome is what became of a meeting, as its owner says afterwards. It is the rep's word, not the source's.
type Outcome struct {
	Result string     `json:"result"` // held, no_show or rescheduled
	Note   string     `json:"note,omitempty"`
	Next   NextAction `json:"next,omitzero"`
	By     string     `json:"by"` // address of the user
	At     time.Time  `json:"at"`
}

// The results of a meeting, the values of Outcome.Result.
const (
	OutcomeHeld        = "held"
	OutcomeNoShow      = "no_show"
	OutcomeRescheduled = "rescheduled"
)

// NextAction is what is to be done next (seed 004): when, to whom, what. Zero means nothing was planned.
type NextAction struct {
	When string `json:"when,omitempty"` // a day, "2026-11-21"
	Whom string `json:"whom,omitempty"`
	What string `json:"what,omitempty"`
}

// Scope says what is left of a part of a source: of the items whose external id begins with Prefix only those in
// Present are there still. It speaks of items whose time (Entry.ItemTime) is at or after From and before To; a
// zero bound does not restrict.
type Scope struct {
	Prefix   string
	Present  []string // sorted
	From, To time.Time
	At       time.Time // when the others went, as far as the source tells; zero for the time of the commit
}
