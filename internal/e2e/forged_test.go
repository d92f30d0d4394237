package e2e

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestForgedInvitations delivers mails about a meeting that a calendar shows, made by those who may not speak for it and by
// some who forge even the sender: whatever they claim, the meeting stays what the calendar says, and moves when that does.
// What is no sighting stays an e-mail.
func TestForgedInvitations(t *testing.T) {
	t.Parallel()
	const evil = "evil@attacker.example"
	o := newOffice(t)
	start := clock(t, 3, 10)
	a := &appointment{id: "forged", summary: "契約会議", location: "会議室 A", start: start, end: start.Add(time.Hour), organiser: sato, guests: []guest{{tanaka, "accepted"}}}
	o.put(a)
	tests := []struct {
		name, method, from, organiser string
		sequence                      int
		stamp                         time.Time
		start                         time.Time
		answers                       map[string]string
		sighting                      bool
	}{
		{"cancelled by a stranger", "CANCEL", evil, sato, 99, time.Now(), start, map[string]string{tanaka: "NEEDS-ACTION"}, false},
		{"changed by a stranger", "REQUEST", evil, sato, 1_000_000, time.Now(), start.Add(120 * time.Hour), map[string]string{tanaka: "NEEDS-ACTION"}, false},
		{"in the next century", "REQUEST", evil, sato, 1, time.Date(9998, 1, 1, 0, 0, 0, 0, time.UTC), start.Add(120 * time.Hour), map[string]string{tanaka: "NEEDS-ACTION"}, false},
		{"answered by a stranger", "REPLY", evil, sato, 0, time.Now(), start, map[string]string{tanaka: "DECLINED"}, false},
		{"forwarded", "REQUEST", tanaka, sato, 0, time.Now(), start, map[string]string{sato: "NEEDS-ACTION"}, false},
		{"in the organiser's name", "REQUEST", sato, sato, 1_000_000, time.Now(), start.Add(120 * time.Hour), map[string]string{tanaka: "NEEDS-ACTION"}, true},
		{"cancelled in the organiser's name", "CANCEL", sato, sato, 1_000_001, time.Now(), start, map[string]string{tanaka: "NEEDS-ACTION"}, true},
	}
	for i, tt := range tests {
		m := itip{id: fmt.Sprintf("forged%d@attacker.example", i), method: tt.method, uid: a.uid(), subject: "HIJACKED", from: tt.from, to: tanaka, organiser: tt.organiser, start: tt.start,
			sequence: tt.sequence, stamp: tt.stamp, answers: tt.answers}
		raw := m.mail("plain")
		raw = bytes.Replace(raw, []byte("Date: "+tt.stamp.Format(time.RFC1123Z)), []byte("Date: "+time.Now().Format(time.RFC1123Z)), 1)
		o.deliver(raw)
	}
	calendarOnly := o.site(atCalendar)
	calendarOnly.must("sync")
	want := stated(calendarOnly.gathered()["forged"])
	for _, order := range [][]string{{atGmail, atCalendar}, {atCalendar, atGmail}} {
		s := o.site(atGmail, atCalendar)
		for _, id := range order {
			s.must("sync", "--source", id)
		}
		s.must("sync")
		got := s.gathered()
		if diff := cmp.Diff(want, stated(got["forged"]), cmp.AllowUnexported(exportedMeeting{})); diff != "" || len(got) != 1 {
			t.Errorf("%v: %d meetings (-calendar +with mails):\n%s", order, len(got), diff)
		}
		mails := 0
		for _, a := range s.activities() {
			if a.Kind == "email" {
				mails++
			}
		}
		sightings := 0
		for _, tt := range tests {
			if tt.sighting {
				sightings++
			}
		}
		if n := len(got["forged"].Messages); n != sightings {
			t.Errorf("%v: %d mails are part of the meeting, want %d", order, n, sightings)
		}
		if mails != len(tests)-sightings {
			t.Errorf("%v: %d mails are logged as such, want %d", order, mails, len(tests)-sightings)
		}
		s.must("verify")
	}
	if want.Status != crm.MeetingConfirmed || !want.Time.Equal(start) {
		t.Fatalf("the calendar shows %+v", want)
	}
}

// stated is what a meeting says, but for where it was seen and by whom it was told of.
func stated(m exportedMeeting) exportedMeeting {
	m.Observed, m.Messages, m.Thread, m.Match.Rule, m.Match.Evidence = nil, nil, "", "", ""
	return m
}
