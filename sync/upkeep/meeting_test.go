package upkeep_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

const abe = "abe@third.example" // nobody known

func aMeeting(organizer string, attendees ...string) *connectors.Meeting {
	start := time.Date(2027, 1, 12, 1, 0, 0, 0, time.UTC)
	m := &connectors.Meeting{
		UID: "uid@third.example", Updated: start.AddDate(0, -1, 0), Start: start, End: start.Add(time.Hour), Summary: "打合せ", Description: "議題",
		Location: "東京", Status: crm.MeetingConfirmed, Organizer: connectors.Attendee{Address: organizer},
	}
	for _, address := range attendees {
		m.Attendees = append(m.Attendees, connectors.Attendee{Address: address, Response: crm.ResponseNone})
	}
	return m
}

// event puts an entry of a calendar where the next item is.
func (b *box) event(m *connectors.Meeting) {
	b.mails = append(b.mails, connectors.Item{
		ExternalID: strconv.Itoa(len(b.mails)), Key: crm.MeetingKey(m.UID, m.Occurrence), Kind: crm.KindMeeting, Folder: "calendar",
		Received: m.Updated, Meeting: m,
	})
}

// invite makes the mail put last an invitation to a meeting.
func (b *box) invite(method string, m *connectors.Meeting) {
	carried := *m
	carried.Method = method
	message := b.mails[len(b.mails)-1].Message
	message.Class, message.Invitation = crm.ClassInvitation, &carried
}

func (r *rig) meeting() crm.Activity {
	r.t.Helper()
	a, err := r.store.GetActivity(r.ctx, string(crm.MeetingKey("uid@third.example", "")))
	if err != nil {
		r.t.Fatalf("the meeting: %v", err)
	}
	return a
}

func TestLateMatchingOfMeetings(t *testing.T) {
	r := newRig(t)
	r.box.event(aMeeting("sato@ours.example", tanaka))
	r.read()
	r.wantVerdicts(crm.Unmatched)
	r.person("t", tanaka)
	r.once()
	r.wantVerdicts(crm.Logged)
	r.person("late", abe)
	if a := r.meeting(); a.Kind != crm.KindMeeting || a.Subject != "打合せ" || a.Match.Rule != crm.RuleAddress {
		t.Errorf("logged late as %+v", a)
	}
}

// TestInvitationBringsItsMeeting has the entries of a calendar and an answer be read first, of which nothing is known, and
// the invitation become known late. All of them are one story then.
func TestInvitationBringsItsMeeting(t *testing.T) {
	r := newRig(t)
	r.box.mail(abe, "sato@ours.example", "Re: 打合せ", messageID(2))
	r.box.event(aMeeting(abe, "sato@ours.example"))
	r.box.mail(tanaka, "sato@ours.example", "打合せ") // for the organiser
	r.box.invite("REQUEST", aMeeting(abe, "sato@ours.example"))
	r.box.mails[2].Message.ReplyTo = []crm.Mailbox{{Address: abe}}
	r.read()
	r.wantVerdicts(crm.Unmatched, crm.Unmatched, crm.Unmatched)
	r.person("t", tanaka)
	r.once()
	r.wantVerdicts(crm.Logged, crm.Logged, crm.Logged)
	a := r.meeting()
	if len(a.Observed) != 2 || !slices.Contains(a.Messages, r.box.mails[2].Key) {
		t.Errorf("seen at %+v with the mails %q", a.Observed, a.Messages)
	}
	entry, err := r.store.GetEntry(r.ctx, "a", "2")
	if err != nil || entry.Key != r.box.mails[2].Key || entry.Activity != a.ID {
		t.Errorf("the invitation's row is %+v, %v", entry, err)
	}
	answer, err := r.store.GetEntry(r.ctx, "a", "0")
	if err != nil || answer.Activity == a.ID {
		t.Fatalf("the answer's row is %+v, %v", answer, err)
	}
	if reply, err := r.store.GetActivity(r.ctx, answer.Activity); err != nil || reply.Kind != crm.KindEmail || reply.Match.Rule != crm.RuleThread {
		t.Errorf("the answer is %+v, %v", reply, err)
	}
	proof, err := r.Verify(r.ctx, "a", false)
	if err != nil || proof.MissingCount != 0 || proof.OnServer != 3 {
		t.Errorf("proof %+v, %v", proof, err)
	}
	replayed, err := r.Replay(r.ctx, "", time.Time{}, false)
	if err != nil || replayed.Add+replayed.Change+replayed.Remove+replayed.Skipped != 0 {
		t.Errorf("replay %+v, %v", replayed, err)
	}
}

func TestExclusionsOfMeetings(t *testing.T) {
	r := newRig(t)
	r.person("t", tanaka)
	r.box.event(aMeeting("sato@ours.example", tanaka))
	r.box.mail("sato@ours.example", tanaka, "打合せ")
	r.box.invite("REQUEST", aMeeting("sato@ours.example", tanaka))
	r.read()
	r.wantVerdicts(crm.Logged, crm.Logged)
	invitations := mapping.Document{Screen: mapping.Screen{Classes: []crm.Class{crm.ClassInvitation}}}
	p, err := r.Preview(r.ctx, candidate(t, invitations))
	if err != nil || p.Change != 1 || p.Remove != 0 {
		t.Errorf("preview %+v, %v", p, err)
	}
	r.save(invitations)
	r.once()
	r.wantVerdicts(crm.Logged, crm.Excluded)
	if a := r.meeting(); len(a.Observed) != 1 {
		t.Errorf("seen at %+v", a.Observed)
	}
	r.save(mapping.Document{Screen: mapping.Screen{Subjects: []string{"打合せ"}}})
	r.once()
	r.wantVerdicts(crm.Excluded, crm.Excluded)
	r.save(mapping.Document{})
	r.once()
	r.wantVerdicts(crm.Logged, crm.Logged)
}

func TestPrivateRuleChanges(t *testing.T) {
	r := newRig(t)
	r.person("t", tanaka)
	private := aMeeting("sato@ours.example", tanaka)
	private.Private = true
	r.box.event(private)
	r.read()
	r.wantVerdicts(crm.Excluded)
	timeOnly := mapping.Document{Meetings: mapping.Meetings{Private: mapping.PrivateTimeOnly}}
	p, err := r.Preview(r.ctx, candidate(t, timeOnly))
	if err != nil || p.Add != 1 {
		t.Errorf("preview %+v, %v", p, err)
	}
	r.save(timeOnly)
	r.once()
	r.wantVerdicts(crm.Logged)
	if a := r.meeting(); a.Subject+a.Text+a.Meeting.Location != "" || !a.Meeting.TimesOnly {
		t.Errorf("more than its times: %+v, %+v", a, a.Meeting)
	}
	r.save(mapping.Document{})
	r.once()
	r.wantVerdicts(crm.Excluded)
}

func TestFieldsOfMeetings(t *testing.T) {
	r := newRig(t)
	r.person("t", tanaka)
	r.box.event(aMeeting("sato@ours.example", tanaka))
	r.read()
	before := fmt.Sprintf("%+v", *r.meeting().Meeting)
	document := mapping.Document{Fields: map[crm.ActivityKind]mapping.KindFields{crm.KindMeeting: {
		Activity: map[string]mapping.FieldRule{"product": {Value: "meeting.location"}},
	}}}
	if p, err := r.Preview(context.Background(), candidate(t, document)); err != nil || p.Change != 1 {
		t.Errorf("preview %+v, %v", p, err)
	}
	r.save(document)
	r.once()
	if a := r.meeting(); a.Product != "東京" || fmt.Sprintf("%+v", *a.Meeting) != before || a.Status != crm.MeetingConfirmed {
		t.Errorf("after the rule: %+v, %+v", a, a.Meeting)
	}
	r.save(mapping.Document{})
	r.once()
	if a := r.meeting(); a.Product != "" {
		t.Errorf("after the roll-back: %q", a.Product)
	}
}
