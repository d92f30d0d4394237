package crm

import "time"

// ExportedActivity is an activity as other programs see it: one line of `export activities`, one object of
// the API. Keys are only ever added. Lists are never null.
type ExportedActivity struct {
	ID          string           `json:"id"`
	Key         string           `json:"key" doc:"32 hexadecimal characters, the same in whichever mailbox the item was seen"`
	Kind        string           `json:"kind" enum:"email,meeting,form,call,note"`
	Direction   string           `json:"direction" enum:"in,out,internal,none"`
	Class       string           `json:"class,omitempty" doc:"what sort of mail it is"`
	Time        time.Time        `json:"time" doc:"when it happened, UTC"`
	End         *time.Time       `json:"end,omitempty" doc:"when it ended, UTC; absent if it has no duration"`
	Subject     string           `json:"subject"`
	Text        string           `json:"text" doc:"without quoted replies and signature"`
	FullText    string           `json:"full_text,omitempty" doc:"absent if equal to text"`
	Truncated   bool             `json:"truncated,omitempty" doc:"the text went on beyond the limit"`
	Status      string           `json:"status,omitempty"`
	People      []ExportedPerson `json:"people" nullable:"false" doc:"participants who are leads or contacts"`
	Others      []ExportedOther  `json:"others" nullable:"false" doc:"participants nobody knows, and colleagues"`
	Accounts    []string         `json:"accounts" nullable:"false"`
	Owners      []string         `json:"owners" nullable:"false" doc:"the reps in whose sources it was seen"`
	Observed    []ExportedPlace  `json:"observed" nullable:"false"`
	Thread      string           `json:"thread,omitempty"`
	Attachments []Attachment     `json:"attachments,omitempty" nullable:"false"`
	Match       ExportedMatch    `json:"match"`
	Version     int              `json:"version" doc:"counts from 1"`

	Form      string            `json:"form,omitempty" doc:"id of the form"`
	Fields    []FormField       `json:"fields,omitempty" nullable:"false" doc:"of a form, as sent"`
	Touch     *Touch            `json:"touch,omitempty" doc:"where the sender of a form came from"`
	Product   string            `json:"product,omitempty" doc:"what the enquiry is about"`
	Custom    map[string]string `json:"custom,omitempty" doc:"declared fields by name, in canonical form"`
	Revisions []Revision        `json:"revisions,omitempty" nullable:"false" doc:"other states that the form or the meeting had, oldest first"`

	Meeting  *Meeting `json:"meeting,omitempty" doc:"what a meeting has beside"`
	Messages []string `json:"messages,omitempty" nullable:"false" doc:"keys of mails that are part of it: its invitation, answers to that"`
	Letters  []Letter `json:"letters,omitempty" nullable:"false" doc:"what those mails say themselves, oldest first"`
	Outcome  *Outcome `json:"outcome,omitempty" doc:"what became of a meeting, as its owner says"`

	Call    *Call    `json:"call,omitempty" doc:"of a call: its result and next action, and the opinion of who logged it; what was said is text"`
	By      string   `json:"by,omitempty" doc:"who logged it by hand"`
	Signals []Signal `json:"signals,omitempty" nullable:"false" doc:"what its words tell beside what it is"`
}

// ExportedPerson is a participant who is a lead or a contact.
type ExportedPerson struct {
	Kind     string `json:"kind" enum:"lead,contact"`
	ID       string `json:"id"`
	Name     string `json:"name,omitempty" doc:"as the item says"`
	Email    string `json:"email"`
	Role     string `json:"role"`
	Response string `json:"response,omitempty"`
	Optional bool   `json:"optional,omitempty" doc:"may stay away from a meeting"`
}

// ExportedOther is a participant without a record: somebody unknown, or a colleague.
type ExportedOther struct {
	Name     string `json:"name,omitempty"`
	Email    string `json:"email"`
	Role     string `json:"role"`
	Response string `json:"response,omitempty"`
	Internal bool   `json:"internal,omitempty" doc:"belongs to the organisation that runs Tsunagu"`
	Optional bool   `json:"optional,omitempty" doc:"may stay away from a meeting"`
	Type     string `json:"type,omitempty" doc:"room, resource or group; absent for people"`
}

// ExportedPlace is one place where an activity was seen.
type ExportedPlace struct {
	Source     string `json:"source"`
	ExternalID string `json:"external_id"`
	Folder     string `json:"folder,omitempty"`
	Withdrawn  bool   `json:"withdrawn,omitempty" doc:"it is not there any more"`
}

// ExportedMatch says why an item became the activity.
type ExportedMatch struct {
	Rule      string              `json:"rule"`
	Evidence  string              `json:"evidence"`
	RunnersUp []ExportedCandidate `json:"runners_up" nullable:"false"`
}

// ExportedCandidate is a person or account that might have been meant.
type ExportedCandidate struct {
	Kind     string `json:"kind"`
	ID       string `json:"id"`
	Name     string `json:"name"`
	Rule     string `json:"rule"`
	Evidence string `json:"evidence"`
}

// ExportedEntry is a ledger row as other programs see it: one line of `export ledger`, one object of the API.
type ExportedEntry struct {
	Source     string     `json:"source"`
	ExternalID string     `json:"external_id"`
	Key        string     `json:"key" doc:"empty if the item could not be read"`
	SeenAt     time.Time  `json:"seen_at"`
	ItemTime   *time.Time `json:"item_time,omitempty"`
	Verdict    string     `json:"verdict" enum:"logged,excluded,unmatched,waiting,failed"`
	Reason     string     `json:"reason" doc:"a code, optionally followed by a colon and a detail"`
	Activity   string     `json:"activity" doc:"id; empty if there is none"`
	Attempts   int        `json:"attempts,omitempty"`
	Retired    bool       `json:"retired,omitempty" doc:"the source no longer knows the item by this id"`
}

// ExportActivity is a as other programs see it. It shares memory with a: attachments, custom fields, what a form
// sent, meeting, outcome, call and signals.
func ExportActivity(a Activity) ExportedActivity {
	out := ExportedActivity{
		ID: a.ID, Key: string(a.Key), Kind: string(a.Kind), Direction: string(a.Direction), Class: string(a.Class),
		Time: ClampTime(a.Time), End: exportTime(a.End), Subject: a.Subject, Text: a.Text, FullText: a.FullText,
		Truncated: a.Truncated, Status: a.Status, Thread: a.Thread, Attachments: a.Attachments, Version: a.Version,
		People:   []ExportedPerson{},
		Others:   []ExportedOther{},
		Accounts: append([]string{}, a.Accounts...),
		Owners:   append([]string{}, a.Owners...),
		Observed: make([]ExportedPlace, 0, len(a.Observed)),
		Match: ExportedMatch{Rule: string(a.Match.Rule), Evidence: a.Match.Evidence,
			RunnersUp: make([]ExportedCandidate, 0, len(a.Match.RunnersUp))},
	}
	out.Form, out.Fields, out.Product, out.Custom, out.Revisions = a.Form, a.Fields, a.Product, a.Custom, a.Revisions
	if a.Touch != (Touch{}) {
		out.Touch = &a.Touch
	}
	out.Meeting, out.Letters, out.Outcome = a.Meeting, a.Letters, a.Outcome
	out.Call, out.By, out.Signals = a.Call, a.By, a.Signals
	for _, key := range a.Messages {
		out.Messages = append(out.Messages, string(key))
	}
	for _, p := range a.People {
		if p.ID != "" {
			out.People = append(out.People, ExportedPerson{string(p.Kind), p.ID, p.Name, p.Address, string(p.Role), p.Response, p.Optional})
		} else {
			out.Others = append(out.Others, ExportedOther{p.Name, p.Address, string(p.Role), p.Response, p.Internal, p.Optional, string(p.Type)})
		}
	}
	for _, o := range a.Observed {
		out.Observed = append(out.Observed, ExportedPlace{o.Source, o.ExternalID, o.Folder, o.Withdrawn})
	}
	for _, c := range a.Match.RunnersUp {
		out.Match.RunnersUp = append(out.Match.RunnersUp, ExportedCandidate{c.Kind, c.ID, c.Name, string(c.Rule), c.Evidence})
	}
	return out
}

// ExportEntry is e as other programs see it.
func ExportEntry(e Entry) ExportedEntry {
	return ExportedEntry{Source: e.Source, ExternalID: e.ExternalID, Key: string(e.Key), SeenAt: ClampTime(e.SeenAt),
		ItemTime: exportTime(e.ItemTime), Verdict: string(e.Verdict), Reason: string(e.Reason), Activity: e.Activity,
		Attempts: e.Attempts, Retired: e.Retired}
}

func exportTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = ClampTime(t)
	return &t
}
