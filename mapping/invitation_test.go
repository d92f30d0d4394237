package mapping_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// invite is a mail of the organiser that carries his meeting, or an answer of Tanaka's.
func invite(method string, m *connectors.Meeting) connectors.Item {
	item := mail("invite@x", m.Organizer.Address, ours)
	switch {
	case method == "REPLY":
		item = mail("invite@x", customer, ours)
	case m.Organizer.Address == ours:
		item = mail("invite@x", ours, m.Attendees[0].Address)
	}
	meeting := *m
	meeting.Method = method
	item.Message.Class, item.Message.Invitation = crm.ClassInvitation, &meeting
	return item
}

func TestInvitationIsTheMeeting(t *testing.T) {
	meeting := event(customer, ours, "stranger@other.example").Meeting
	item := with(invite("REQUEST", meeting), func(item *connectors.Item) {
		item.Message.References = []string{"start@x", "middle@x"}
		item.Message.Cc = boxes("assistant@other.example")
		item.Message.Attachments = []crm.Attachment{{Name: "invite.ics", Type: "application/ics"}, {Name: "地図.pdf", Type: "application/pdf"}}
	})
	got := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, item)
	a := got.Activity
	if a == nil || a.Kind != crm.KindMeeting || a.Key != crm.MeetingKey("uid@x", "") || a.ID != string(a.Key) || got.Entry.Activity != a.ID {
		t.Fatalf("row %+v, activity %+v", got.Entry, a)
	}
	if got.Entry.Key != item.Key || !got.Entry.ItemTime.Equal(item.Message.Date) {
		t.Errorf("the row is not the mail's: %+v", got.Entry)
	}
	if diff := cmp.Diff([]crm.Key{item.Key}, a.Messages); diff != "" || a.Thread != string(key("start@x")) || !a.Observed[0].Mail {
		t.Errorf("thread %s, observed %+v, messages (-want +got):\n%s", a.Thread, a.Observed, diff)
	}
	wantPeople := []crm.Participant{
		{Kind: crm.Contact, ID: "tanaka", Address: customer, Role: crm.RoleOrganizer},
		{Address: ours, Role: crm.RoleAttendee, Response: crm.ResponseNone, Internal: true},
		{Address: "stranger@other.example", Role: crm.RoleAttendee, Response: crm.ResponseNone},
		{Address: "assistant@other.example", Role: crm.RoleCc},
	}
	if diff := cmp.Diff(wantPeople, a.People); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]crm.Attachment{{Name: "地図.pdf", Type: "application/pdf"}}, a.Attachments); diff != "" {
		t.Errorf("attachments (-want +got):\n%s", diff)
	}
	if a.Subject != "件名 TITLE" || a.Text != "本文 WORDS" || !a.Time.Equal(tuesday) || a.Status != crm.MeetingConfirmed || a.Direction != crm.DirectionIn || a.Class != "" {
		t.Errorf("activity %+v", a)
	}
}

func TestMethods(t *testing.T) {
	answered := changed(event(ours, customer), func(m *connectors.Meeting) {
		m.Attendees[0].Response, m.Partial = crm.ResponseAccepted, true
	}).Meeting
	for method, want := range map[string]struct {
		kind   crm.ActivityKind
		status string
	}{
		"REQUEST": {crm.KindMeeting, crm.MeetingConfirmed}, "CANCEL": {crm.KindMeeting, crm.MeetingCancelled}, "REPLY": {crm.KindMeeting, crm.MeetingConfirmed},
		"COUNTER": {crm.KindEmail, ""}, "PUBLISH": {crm.KindEmail, ""}, "ADD": {crm.KindEmail, ""}, "REFRESH": {crm.KindEmail, ""}, "DECLINECOUNTER": {crm.KindEmail, ""}, "": {crm.KindEmail, ""},
	} {
		item := invite(method, answered)
		a := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, item).Activity
		if a.Kind != want.kind || a.Status != want.status {
			t.Errorf("%q becomes %s, status %q", method, a.Kind, a.Status)
		}
		if method != "REPLY" {
			continue
		}
		if diff := cmp.Diff([]crm.Reply{{Address: customer, Response: crm.ResponseAccepted, At: item.Message.Date}}, a.Meeting.Replies); diff != "" || !a.Meeting.Partial || !a.Meeting.ReplyOnly {
			t.Errorf("%+v, replies (-want +got):\n%s", a.Meeting, diff)
		}
		if a.Direction != crm.DirectionOut {
			t.Errorf("an answer to our invitation has the direction %s", a.Direction)
		}
	}
	nameless := changed(event(ours, customer), func(m *connectors.Meeting) { m.UID = "" }).Meeting
	if a := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, invite("REQUEST", nameless)).Activity; a.Kind != crm.KindEmail {
		t.Errorf("without a UID it becomes %s", a.Kind)
	}
	timeless := changed(event(ours, customer), func(m *connectors.Meeting) { m.Start, m.End = time.Time{}, time.Time{} }).Meeting
	item := invite("REPLY", timeless)
	if a := mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, item).Activity; !a.Time.Equal(item.Message.Date) || !a.Meeting.Partial {
		t.Errorf("an answer without a time is at %v, %+v", a.Time, a.Meeting)
	}
}

func TestInvitationVerdicts(t *testing.T) {
	meeting := func(organizer string, attendees ...string) *connectors.Meeting {
		return event(organizer, attendees...).Meeting
	}
	from := func(item connectors.Item, sender string, to ...string) connectors.Item {
		return with(item, func(item *connectors.Item) { item.Message.From, item.Message.To = boxes(sender), boxes(to...) })
	}
	private := changed(event(customer, ours), func(m *connectors.Meeting) { m.Private = true }).Meeting
	screen := func(s mapping.Screen) mapping.Document { return mapping.Document{Screen: s} }
	for name, test := range map[string]struct {
		doc     mapping.Document
		item    connectors.Item
		prepare func(*book)
		verdict crm.Verdict
		reason  crm.Reason
	}{
		"by who wrote":           {item: with(from(invite("REQUEST", meeting("stranger@other.example", ours)), customer, ours), func(item *connectors.Item) { item.Message.ReplyTo = boxes("stranger@other.example") }), verdict: crm.Logged, reason: "matched"},
		"by who is invited":      {item: from(invite("REQUEST", meeting("stranger@other.example", ours, customer)), "stranger@other.example", ours), verdict: crm.Logged, reason: "matched"},
		"internal mail":          {item: from(invite("REQUEST", meeting(ours, "kato@example.co.jp")), ours, "kato@example.co.jp"), verdict: crm.Excluded, reason: "internal"},
		"class kept out":         {doc: screen(mapping.Screen{Classes: []crm.Class{"invitation"}}), item: invite("REQUEST", meeting(customer, ours)), verdict: crm.Excluded, reason: "class: invitation"},
		"subject of the mail":    {doc: screen(mapping.Screen{Subjects: []string{"subject"}}), item: invite("REQUEST", meeting(customer, ours)), verdict: crm.Excluded, reason: "subject: subject"},
		"subject of the meeting": {doc: screen(mapping.Screen{Subjects: []string{"title"}}), item: invite("REQUEST", meeting(customer, ours)), verdict: crm.Excluded, reason: "subject: title"},
		"address on the meeting": {doc: screen(mapping.Screen{Addresses: []string{"*@law.example"}}), item: invite("REQUEST", meeting(customer, ours, "x@law.example")), verdict: crm.Excluded, reason: "address: *@law.example"},
		"folder":                 {doc: screen(mapping.Screen{Folders: []string{"inbox"}}), item: invite("REQUEST", meeting(customer, ours)), verdict: crm.Excluded, reason: "folder: inbox"},
		"private":                {item: invite("REQUEST", private), verdict: crm.Excluded, reason: "private"},
		"private, full":          {doc: mapping.Document{Meetings: mapping.Meetings{Private: "full"}}, item: invite("REQUEST", private), verdict: crm.Logged, reason: "matched"},
		"nobody known":           {item: from(invite("REQUEST", meeting("stranger@other.example", ours)), "stranger@other.example", ours), verdict: crm.Unmatched, reason: "nobody"},
		"we invite a stranger":   {item: from(invite("REQUEST", meeting(ours, "stranger@other.example")), ours, "stranger@other.example"), verdict: crm.Waiting, reason: "new_contact"},
		"erased in Reply-To": {
			item:    with(invite("REQUEST", meeting(customer, ours)), func(item *connectors.Item) { item.Message.ReplyTo = boxes("erased@other.example") }),
			prepare: func(b *book) { b.erased["erased@other.example"] = true }, verdict: crm.Excluded, reason: "erased",
		},
		"the event is known": {
			item: from(invite("CANCEL", meeting("stranger@other.example", ours)), "stranger@other.example", ours), prepare: knowsMeeting("suzuki"),
			verdict: crm.Logged, reason: "matched",
		},
		"a conversation is known": {
			item: with(from(invite("REQUEST", meeting("stranger@other.example", ours)), "stranger@other.example", ours), func(item *connectors.Item) {
				item.Message.References = []string{"known@x"}
			}),
			prepare: func(b *book) {
				b.messages[key("known@x")] = crm.MessageAnswer{People: []crm.Participant{{Kind: crm.Lead, ID: "suzuki"}}}
			},
			verdict: crm.Logged, reason: "matched",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := clients()
			if test.prepare != nil {
				test.prepare(dir)
			}
			got := mapOne(t, newMapper(t, test.doc), dir, sato, test.item)
			if got.Entry.Verdict != test.verdict || got.Entry.Reason != test.reason {
				t.Errorf("%s, %q; want %s, %q", got.Entry.Verdict, got.Entry.Reason, test.verdict, test.reason)
			}
			if got.Entry.Key != test.item.Key {
				t.Error("the row's key is not the mail's")
			}
			if test.verdict == crm.Unmatched || test.verdict == crm.Waiting {
				if diff := cmp.Diff([]crm.Key{crm.MeetingKey("uid@x", "")}, got.Awaits); diff != "" {
					t.Errorf("awaits (-want +got):\n%s", diff)
				}
			}
			if a := got.Activity; a != nil {
				if _, reason, excluded := newMapper(t, test.doc).Screens(*a); excluded {
					t.Errorf("logged, but covered by %q", reason)
				}
			}
		})
	}
}
