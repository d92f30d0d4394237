package mapping_test

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// TestWhoMaySayHowAMeetingStands holds that a mail is a sighting of a meeting only if the mail itself shows that it comes
// from whoever may say so; any other stays the e-mail it is, with its words.
func TestWhoMaySayHowAMeetingStands(t *testing.T) {
	const (
		evil   = "evil@attacker.example"
		deputy = "hisho@client.co.jp"
		team   = "c_1@group.calendar.google.com"
		google = "calendar-notification@google.com"
	)
	organised := func(by string, attendees ...string) *connectors.Meeting { return event(by, attendees...).Meeting }
	sentBy := func(by, deputy string) *connectors.Meeting {
		return changed(event(by, ours), func(m *connectors.Meeting) { m.Organizer.SentBy = deputy }).Meeting
	}
	answer := func(who ...string) *connectors.Meeting {
		return changed(event(ours, who...), func(m *connectors.Meeting) { m.Partial = true }).Meeting
	}
	for name, test := range map[string]struct {
		method  string
		meeting *connectors.Meeting
		from    []string
		sender  string
		replyTo string
		counts  bool
	}{
		"the organiser":                             {"REQUEST", organised(customer, ours), []string{customer}, "", "", true},
		"in another spelling":                       {"REQUEST", organised("Tanaka+cal@Client.co.jp", ours), []string{customer}, "", "", true},
		"he sent it for another":                    {"REQUEST", organised(customer, ours), []string{"team@client.co.jp"}, customer, "", true},
		"a service sent it for him":                 {"REQUEST", organised(customer, ours), []string{"noreply@cloud.example"}, "", customer, true},
		"ours":                                      {"CANCEL", organised(ours, customer), []string{ours}, "", "", true},
		"his assistant":                             {"REQUEST", sentBy(customer, deputy), []string{deputy}, "", "", true},
		"an assistant nobody names":                 {"REQUEST", organised(customer, ours), []string{deputy}, "", "", false},
		"an assistant elsewhere":                    {"CANCEL", sentBy(customer, evil), []string{evil}, "", "", false},
		"an assistant at a provider of mail":        {"CANCEL", sentBy("tanaka@gmail.com", "evil@gmail.com"), []string{"evil@gmail.com"}, "", "", false},
		"forged change":                             {"REQUEST", organised(ours, customer, evil), []string{evil}, "", "", false},
		"forged cancellation":                       {"CANCEL", organised(ours, customer), []string{evil}, "", "", false},
		"forwarded by an attendee":                  {"REQUEST", organised(ours, customer), []string{customer}, "", "", false},
		"a booking service of its own":              {"REQUEST", organised(customer, ours), []string{"no-reply@calendly.com"}, "", "", false},
		"nobody organises it":                       {"REQUEST", organised("", ours, customer), []string{customer}, "", "", false},
		"nobody readable organises it":              {"REQUEST", organised("no address", ours, customer), []string{customer}, "", "", false},
		"nobody wrote it":                           {"REQUEST", organised(customer, ours), nil, "", "", false},
		"a calendar of many, by Google":             {"REQUEST", organised(team, ours), []string{google}, "", "", true},
		"a calendar of many, sent by Google":        {"CANCEL", organised(team, ours), []string{"tanaka@other.example"}, google, "", true},
		"a calendar of many, by somebody invited":   {"REQUEST", organised(team, ours, customer), []string{customer}, "", "", true},
		"a calendar of many, by somebody else":      {"CANCEL", organised(team, ours, customer), []string{evil}, "", "", false},
		"a calendar of many, answers to Google":     {"CANCEL", organised(team, ours, customer), []string{evil}, "", google, false},
		"the attendee answers":                      {"REPLY", answer(customer), []string{customer}, "", "", true},
		"the attendee answers by Google":            {"REPLY", answer(customer), []string{customer}, google, "", true},
		"sent by the attendee":                      {"REPLY", answer(customer), []string{"team@client.co.jp"}, customer, "", true},
		"somebody else answers":                     {"REPLY", answer(customer), []string{evil}, "", "", false},
		"somebody else answers, the attendee reads": {"REPLY", answer(customer), []string{evil}, "", customer, false},
		"the organiser answers":                     {"REPLY", answer(customer), []string{ours}, "", "", false},
		"an answer for several":                     {"REPLY", answer(customer, evil), []string{evil}, "", "", false},
		"an answer for nobody":                      {"REPLY", answer(), []string{customer}, "", "", false},
		"an answer for a name":                      {"REPLY", answer("no address"), []string{customer}, "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			item := mail("invite@x", customer, ours, "suzukihanako@gmail.com")
			item.Message.From, item.Message.ReplyTo = boxes(test.from...), boxes(test.replyTo)
			if test.replyTo == "" {
				item.Message.ReplyTo = nil
			}
			if test.sender != "" {
				item.Message.Sender = boxes(test.sender)[0]
			}
			meeting := *test.meeting
			meeting.Method = test.method
			item.Message.Class, item.Message.Invitation = crm.ClassInvitation, &meeting
			got := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, item)
			a := got.Activity
			switch {
			case a == nil:
				t.Fatalf("nothing is logged: %+v", got.Entry)
			case test.counts && (a.Kind != crm.KindMeeting || a.Key != crm.MeetingKey("uid@x", "") || !a.Meeting.Mail):
				t.Errorf("it is no sighting of the meeting: %+v", a)
			case !test.counts && (a.Kind != crm.KindEmail || a.Key != item.Key || a.Text != item.Message.Text || a.Meeting != nil):
				t.Errorf("it is not the mail it was: %+v", a)
			}
		})
	}
}
