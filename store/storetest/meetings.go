package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func meetingKey(uid string) crm.Key { return crm.MeetingKey(uid+"@calendar", "") }

// meeting is a write of an event in the calendar of a claim's owner: the owner of source a meets the people with the
// given ids from a time on for an hour.
func (w *world) meeting(c crm.Claim, ext, uid string, start time.Time, people ...string) crm.Write {
	k := meetingKey(uid)
	a := crm.Activity{
		ID: string(k), Key: k, Kind: crm.KindMeeting, Direction: crm.DirectionOut, Time: start, End: start.Add(time.Hour), Subject: "打ち合わせ " + uid,
		Text: "agenda of " + uid, Status: crm.MeetingConfirmed, Version: 1, Owners: []string{c.Source.Owner}, Match: crm.Match{Rule: crm.RuleAddress, Evidence: "x@client.co.jp"},
		People:   []crm.Participant{{Name: "佐藤", Address: sato, Role: crm.RoleOrganizer, Internal: true}},
		Observed: []crm.Observation{{Source: c.Source.ID, ExternalID: ext, Owner: c.Source.Owner, Folder: "予定"}},
		Meeting:  &crm.Meeting{UID: uid + "@calendar", Updated: start.Add(-48 * time.Hour), Zone: "Asia/Tokyo", Location: "東京", Stated: crm.MeetingConfirmed},
	}
	for _, id := range people {
		a.People = append(a.People, crm.Participant{Kind: crm.Contact, ID: id, Address: id + "@client.co.jp", Role: crm.RoleAttendee, Response: crm.ResponseNone})
	}
	return crm.Write{Activity: &a, Entry: crm.Entry{ExternalID: ext, Key: k, SeenAt: w.now, ItemTime: start, Verdict: crm.Logged, Reason: crm.ReasonMatched}}
}

// invitation is a write of the mail with which the meeting was announced.
func (w *world) invitation(c crm.Claim, ext, mail, uid string, start time.Time, people ...string) crm.Write {
	write := w.meeting(c, ext, uid, start, people...)
	write.Entry.Key = key(mail)
	write.Activity.Messages, write.Activity.Thread = []crm.Key{key(mail)}, string(key("root"))
	return write
}

func (w *world) meetingOf(uid string) crm.Activity {
	w.t.Helper()
	return w.get(string(meetingKey(uid)))
}

func testWholeMeetings(t *testing.T, w *world) {
	write := w.meeting(w.a, "cal/e;", "u", w.now, "p")
	a := write.Activity
	a.People[1].Optional = true
	a.People = append(a.People, crm.Participant{Address: "room@example.co.jp", Role: crm.RoleAttendee, Type: crm.TypeRoom})
	a.Messages = []crm.Key{key("m"), "odd"}
	slices.Sort(a.Messages)
	m := a.Meeting
	m.Occurrence, m.Sequence, m.AllDay, m.Conference = "20261124", 3, true, "https://meet.example"
	m.Replies = []crm.Reply{{Address: "p@client.co.jp", Response: crm.ResponseDeclined, At: w.now}}
	a.Outcome = &crm.Outcome{Result: crm.OutcomeHeld, Note: "よい", Next: crm.NextAction{When: "2026-12-01", Whom: "x", What: "y"}, By: sato, At: w.now}
	a.Custom, a.Product = map[string]string{"rank": "A"}, "製品"
	w.commit(w.a, write)
	want := crm.Merge(*a, *a)
	if diff := cmp.Diff(want, w.meetingOf("u")); diff != "" || want.Meeting.Memory == nil {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	moved := w.meeting(w.a, "cal/e;", "u", w.now.Add(time.Hour), "p")
	moved.Activity.Meeting.Sequence, moved.Activity.Meeting.TimesOnly, moved.Activity.Text, moved.Activity.Subject = 4, true, "", ""
	partial := w.meeting(w.b, "cal/f;", "u", w.now, "p", "q")
	partial.Activity.Meeting.Partial, partial.Activity.People[2].Response = true, crm.ResponseAccepted
	w.commit(w.a, moved)
	w.commit(w.b, partial)
	want = crm.Merge(crm.Merge(want, *moved.Activity), *partial.Activity)
	if diff := cmp.Diff(want, w.meetingOf("u")); diff != "" || len(want.Revisions) != 1 || len(want.Meeting.Memory.Overruled)+len(want.Meeting.Memory.Answers) == 0 {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}

func testMeetingMail(t *testing.T, w *world) {
	ask := func(keys ...crm.Key) map[crm.Key]crm.MessageAnswer {
		t.Helper()
		answer, err := w.s.Lookup(w.ctx, crm.Question{Messages: keys})
		w.ok(err)
		return answer.Messages
	}
	found := func(id string) (out []string) {
		t.Helper()
		list, err := w.s.FindEntries(w.ctx, id)
		w.ok(err)
		for _, e := range list {
			out = append(out, e.Source+"/"+e.ExternalID)
		}
		return out
	}
	w.commit(w.a, w.invitation(w.a, "INBOX;1", "invite", "u", w.now, "p"))
	w.commit(w.b, w.meeting(w.b, "cal/e;", "u", w.now, "p"))
	id := string(meetingKey("u"))
	answer := ask(key("invite"), meetingKey("u"), key("none"))
	if len(answer) != 2 || answer[key("invite")].Activity != id || answer[meetingKey("u")].Thread != string(key("root")) || len(answer[key("invite")].People) != 1 {
		t.Errorf("answer: %+v", answer)
	}
	a := w.get(string(key("invite")))
	if a.ID != id || len(a.Observed) != 2 || !a.Observed[0].Mail || a.Observed[1].Mail {
		t.Errorf("by the mail: %+v", a)
	}
	if got := found(string(key("invite"))); !slices.Equal(got, []string{"a/INBOX;1"}) {
		t.Errorf("rows of the mail: %v", got)
	}
	if got := found(id); !slices.Equal(got, []string{"a/INBOX;1", "b/cal/e;"}) {
		t.Errorf("rows of the meeting: %v", got)
	}
	// A mail that somebody logs as a mail is one, and is found before the meeting.
	w.commit(w.b, w.logged(w.b, "INBOX;7", "invite", "p"))
	if a := w.activity("invite"); a.Kind != crm.KindEmail || len(a.Observed) != 1 || ask(key("invite"))[key("invite")].Activity != a.ID || len(w.meetingOf("u").Observed) != 2 {
		t.Errorf("the mail itself: %+v", a)
	}
	w.commit(w.b, w.other("INBOX;7", "invite", crm.Excluded, crm.ReasonSubject))
	if ask(key("invite"))[key("invite")].Activity != id {
		t.Error("the mail does not lead to the meeting any more")
	}
	// Remapped and rematched it keeps the mail; without the mapping's knowledge too.
	was := w.meetingOf("u")
	now := was
	now.Subject, now.Messages, now.Meeting = "別の件名", nil, nil
	if stale, err := w.s.Remap(w.ctx, []crm.Remap{{Was: was, Now: now}}); err != nil || stale != nil {
		t.Fatal(stale, err)
	}
	w.ok(w.s.Rematch(w.ctx, w.meetingOf("u"), nil))
	if got := w.meetingOf("u"); got.Subject != "別の件名" || got.Meeting == nil || ask(key("invite"))[key("invite")].Activity != id {
		t.Errorf("remapped: %+v", got)
	}
	w.ok(w.s.ExcludeRows(w.ctx, "it", []crm.ItemRef{{Source: "a", ExternalID: "INBOX;1"}, {Source: "b", ExternalID: "cal/e;"}}, crm.ReasonSubject, w.now))
	if got := ask(key("invite"), meetingKey("u")); len(got) != 0 {
		t.Errorf("of a meeting that went: %+v", got)
	}
}

func testMeetingAwaits(t *testing.T, w *world) {
	w.commit(w.a, w.answering("1", crm.Unmatched, "invite"), w.answering("2", crm.Unmatched, "reply"))
	w.commit(w.b, w.meeting(w.b, "cal/e;", "u", w.now, "p"))
	if work := w.lateWork(); work != nil {
		t.Errorf("before the invitation: %v", work)
	}
	w.commit(w.a, w.invitation(w.a, "3", "invite", "u", w.now, "p"))
	if diff := cmp.Diff([]string{message("invite") + " a/1"}, w.lateWork()); diff != "" {
		t.Errorf("the invitation (-want +got):\n%s", diff)
	}
	w.commit(w.a, w.invitation(w.a, "3", "invite", "u", w.now, "p"), w.invitation(w.a, "4", "reply", "u", w.now, "p"))
	if diff := cmp.Diff([]string{message("reply") + " a/2"}, w.lateWork()); diff != "" {
		t.Errorf("another mail (-want +got):\n%s", diff)
	}
	w.commit(w.a, w.answering("5", crm.Unmatched, "invite")) // looked up before, committed after
	if diff := cmp.Diff([]string{message("invite") + " a/1", message("invite") + " a/5"}, w.lateWork()); diff != "" {
		t.Errorf("the answer last (-want +got):\n%s", diff)
	}
	waits := w.other("6", "6", crm.Unmatched, crm.ReasonNoAddress)
	waits.Awaits = []crm.Key{meetingKey("v")}
	w.commit(w.b, waits)
	w.commit(w.a, w.invitation(w.a, "7", "second", "v", w.now, "p"))
	if diff := cmp.Diff([]string{"message:" + string(meetingKey("v")) + " b/6"}, w.lateWork()); diff != "" {
		t.Errorf("the meeting itself (-want +got):\n%s", diff)
	}
}

func testKinds(t *testing.T, w *world) {
	fill(w, 5)
	w.commit(w.b, w.meeting(w.b, "cal/1;", "u", w.now.Add(time.Hour), "p"), w.meeting(w.b, "cal/2;", "v", w.now.Add(-3*time.Minute), "p"))
	for kind, want := range map[crm.ActivityKind]int{"": 7, crm.KindEmail: 5, crm.KindMeeting: 2, crm.KindForm: 0} {
		for _, limit := range []int{1, 3, 50} {
			if got := timeline(t, w.s, crm.ActivityFilter{Person: "p", Kind: kind, Limit: limit}); len(got) != want {
				t.Errorf("%q by %d: %d activities, want %d", kind, limit, len(got), want)
			}
		}
	}
}
