package sourcetest

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// occurrence is what crm.MeetingKey takes.
var occurrence = regexp.MustCompile(`^(\d{8}(T\d{6}Z)?)?$`)

// wrong says what an item's contents should not be like, one sentence each.
func wrong(item connectors.Item) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if item.Err != nil {
		return nil
	}
	there := 0
	for kind, has := range map[crm.ActivityKind]bool{
		crm.KindEmail: item.Message != nil, crm.KindForm: item.Submission != nil, crm.KindMeeting: item.Meeting != nil,
	} {
		if has {
			there++
		}
		if has != (item.Kind == kind) {
			bad("its kind is %q, which does not say what it holds", item.Kind)
			break
		}
	}
	if there != 1 {
		bad("it holds %d of mail, submission and meeting", there)
	}
	if m := item.Meeting; m != nil {
		wrongMeeting(item, m, bad)
	}
	if m := item.Message; m != nil && m.Invitation != nil {
		wrongTimes(m.Invitation, bad)
	}
	return problems
}

func wrongMeeting(item connectors.Item, m *connectors.Meeting, bad func(string, ...any)) {
	if m.UID == "" {
		bad("the meeting has no UID")
	}
	if !occurrence.MatchString(m.Occurrence) {
		bad("%q is no original start in UTC", m.Occurrence)
	}
	if want := crm.MeetingKey(m.UID, m.Occurrence); item.Key != want {
		bad("its key is %s, of the UID and the occurrence it would be %s", item.Key, want)
	}
	if m.Start.IsZero() {
		bad("the meeting has no start")
	}
	wrongTimes(m, bad)
	if m.Recurring != (m.Occurrence != "") {
		bad("recurring is %v, the occurrence %q", m.Recurring, m.Occurrence)
	}
	if m.Method != "" {
		bad("an entry of a calendar has the method %q", m.Method)
	}
	types := []string{"", "focus_time", "out_of_office", "working_location", "birthday", "from_mail", "task"}
	if !slices.Contains(types, m.Type) {
		bad("%q is no type of entry", m.Type)
	}
	if !slices.Contains([]string{crm.MeetingConfirmed, crm.MeetingTentative, crm.MeetingCancelled}, m.Status) {
		bad("%q is no status", m.Status)
	}
	wrongAttendee("organiser", m.Organizer, bad)
	for _, a := range m.Attendees {
		wrongAttendee("attendee", a, bad)
	}
}

func wrongTimes(m *connectors.Meeting, bad func(string, ...any)) {
	for name, at := range map[string]time.Time{"start": m.Start, "end": m.End, "time of the change": m.Updated} {
		if at.Location() != time.UTC {
			bad("the %s is in %s, want UTC", name, at.Location())
		}
	}
	if m.End.Before(m.Start) {
		bad("the meeting ends at %v and starts at %v", m.End, m.Start)
	}
	if _, err := time.LoadLocation(m.Zone); err != nil {
		bad("%q is no zone of IANA's: %v", m.Zone, err)
	}
}

func wrongAttendee(what string, a connectors.Attendee, bad func(string, ...any)) {
	responses := []string{"", crm.ResponseAccepted, crm.ResponseDeclined, crm.ResponseTentative, crm.ResponseNone}
	if !slices.Contains(responses, a.Response) {
		bad("the %s's response is %q", what, a.Response)
	}
	types := []crm.ParticipantType{crm.TypePerson, crm.TypeRoom, crm.TypeResource, crm.TypeGroup}
	if !slices.Contains(types, a.Type) {
		bad("the %s's type is %q", what, a.Type)
	}
}
