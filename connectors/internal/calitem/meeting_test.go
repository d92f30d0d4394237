package calitem

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestMeeting(t *testing.T) {
	got := read(t, ics(event("DTSTART;TZID=Asia/Tokyo:20261124T100000", "DTEND;TZID=Asia/Tokyo:20261124T110000", "SEQUENCE:3", "DTSTAMP:20261120T000000Z", "LAST-MODIFIED:20261119T000000Z",
		`SUMMARY:お打合せ\, 第2回`, `LOCATION:会議室A\; 3階`, `DESCRIPTION:<p>資料は<a href="https://example.jp/x">こちら</a></p><br>https://meet.google.com/abc-defg-hij`,
		"STATUS:TENTATIVE", "CLASS:CONFIDENTIAL", `ORGANIZER;CN="佐藤, 太郎";SENT-BY="mailto:hisho@example.co.jp":MAILTO:sato@example.co.jp`,
		"ATTENDEE;CN=田中;ROLE=OPT-PARTICIPANT;PARTSTAT=DECLINED:mailto:tanaka@client.co.jp", "ATTENDEE;CUTYPE=ROOM;SENT-BY=mailto:x@y.jp:mailto:room@example.co.jp",
		"ATTENDEE;CUTYPE=GROUP;EMAIL=sales@client.co.jp:urn:uuid:1", "ATTENDEE:mailto:TANAKA@client.co.jp", "ATTENDEE;CN=内線:/principals/users/1/")), "2026-11-01", "2026-12-01")
	want := []connectors.Meeting{{
		UID: "u1", Sequence: 3, Updated: day(t, "2026-11-19"), Start: day(t, "2026-11-24T01:00:00Z"), End: day(t, "2026-11-24T02:00:00Z"), Zone: "Asia/Tokyo",
		Summary: "お打合せ, 第2回", Location: "会議室A; 3階", Description: "資料はこちら (https://example.jp/x)\n\nhttps://meet.google.com/abc-defg-hij", Conference: "https://meet.google.com/abc-defg-hij",
		Status: crm.MeetingTentative, Private: true, Organizer: connectors.Attendee{Name: "佐藤, 太郎", Address: "sato@example.co.jp", SentBy: "hisho@example.co.jp"},
		Attendees: []connectors.Attendee{
			{Name: "田中", Address: "tanaka@client.co.jp", Response: crm.ResponseDeclined, Optional: true}, {Address: "room@example.co.jp", Type: crm.TypeRoom},
			{Address: "sales@client.co.jp", Type: crm.TypeGroup}, {Name: "内線"},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("meeting (-want +got):\n%s", diff)
	}
}

func TestStatusAndType(t *testing.T) {
	attendee := "ATTENDEE:mailto:tanaka@client.co.jp"
	for _, c := range []struct {
		name         string
		lines        []string
		status, kind string
		private      bool
	}{
		{"plain", nil, crm.MeetingConfirmed, "", false},
		{"tentative of Outlook", []string{"X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"}, crm.MeetingTentative, "", false},
		{"out of office", []string{"X-MICROSOFT-CDO-BUSYSTATUS:OOF"}, crm.MeetingConfirmed, "out_of_office", false},
		{"out of office with a customer", []string{"X-MICROSOFT-CDO-BUSYSTATUS:OOF", attendee}, crm.MeetingConfirmed, "", false},
		{"at home", []string{"X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"}, crm.MeetingConfirmed, "working_location", false},
		{"birthday", []string{"X-NEXTCLOUD-BC-FIELD-TYPE:BDAY"}, crm.MeetingConfirmed, "birthday", false},
		{"cancelled, in one l", []string{"STATUS:CANCELED"}, crm.MeetingCancelled, "", false},
		{"private", []string{"CLASS:private"}, crm.MeetingConfirmed, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := read(t, ics(event(append([]string{"DTSTART:20261124T100000Z"}, c.lines...)...)), "2026-11-01", "2026-12-01")[0]
			if m.Status != c.status || m.Type != c.kind || m.Private != c.private {
				t.Errorf("got %q %q %v", m.Status, m.Type, m.Private)
			}
		})
	}
}

func TestInvitation(t *testing.T) {
	const people = "ORGANIZER:mailto:sato@example.co.jp\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:tanaka@client.co.jp"
	for _, c := range []struct {
		name, method       string
		lines              []string
		occurrence, status string
		partial            bool
		start              string
	}{
		{"single", "REQUEST", []string{event("DTSTART:20261124T010000Z", people)}, "", crm.MeetingConfirmed, false, "20261124T010000Z"},
		{"series", "request", []string{event("DTSTART:20261124T010000Z", "RRULE:FREQ=WEEKLY", "EXDATE:20261124T010000Z", people)}, "20261201T010000Z", crm.MeetingConfirmed, false, "20261201T010000Z"},
		{"exception", "", []string{"METHOD:REQUEST", event("RECURRENCE-ID:20261124T010000Z", "DTSTART:20261125T010000Z", people)}, "20261124T010000Z", crm.MeetingConfirmed, false, "20261125T010000Z"},
		{"cancellation of one", "CANCEL", []string{event("RECURRENCE-ID:20261124T010000Z", "DTSTART:20261124T010000Z", people)}, "20261124T010000Z", crm.MeetingCancelled, false, "20261124T010000Z"},
		{"moved far", "REQUEST", []string{event("RECURRENCE-ID:20261124T010000Z", "DTSTART:20281124T010000Z", people)}, "20261124T010000Z", crm.MeetingConfirmed, false, "20281124T010000Z"},
		{"answer", "REPLY", []string{event("DTSTART:20261124T010000Z", people)}, "", crm.MeetingConfirmed, true, "20261124T010000Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Invitation(ics(c.lines...), c.method)
			if err != nil {
				t.Fatal(err)
			}
			if m.Occurrence != c.occurrence || m.Status != c.status || m.Partial != c.partial || Occurrence(m.Start, false) != c.start || m.Method == "" || m.Organizer.Address != "sato@example.co.jp" {
				t.Errorf("got %+v", m)
			}
		})
	}
	for written, want := range map[string]string{`;SENT-BY="mailto:hisho@client.co.jp"`: "hisho@client.co.jp", ";SENT-BY=MAILTO:hisho@client.co.jp": "hisho@client.co.jp", `;SENT-BY="urn:x"`: "", "": ""} {
		m, err := Invitation(ics(event("DTSTART:20261124T010000Z", "ORGANIZER"+written+":mailto:sato@example.co.jp")), "REQUEST")
		if err != nil || m.Organizer.SentBy != want || m.Organizer.Address != "sato@example.co.jp" {
			t.Errorf("%q: got %+v, %v", written, m, err)
		}
	}
	for name, data := range map[string]string{"nothing": "", "no event": string(ics()), "no uid": string(ics("BEGIN:VEVENT", "DTSTART:20261124T010000Z", "END:VEVENT")), "no start": string(ics(event("SUMMARY:x"))), "hourly": string(ics(event("DTSTART:20261124T010000Z", "RRULE:FREQ=HOURLY"))),
		"broken off": strings.TrimSuffix(string(ics(event("DTSTART:20261124T010000Z"))), "END:VEVENT\r\nEND:VCALENDAR\r\n")} {
		if m, err := Invitation([]byte(data), "REQUEST"); err == nil {
			t.Errorf("%s: got %v", name, m)
		}
	}
}

func TestBounds(t *testing.T) {
	var lines []string
	for i := range maxAttendees + 5 {
		lines = append(lines, fmt.Sprintf("ATTENDEE:mailto:p%d@client.co.jp", i))
	}
	c, err := Parse(ics(event(append(lines, "DTSTART:20260101T000000Z", "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4", "DESCRIPTION:"+strings.Repeat("長", 1000), "SUMMARY:"+strings.Repeat("x", 5000))...)))
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := c.Meetings(Window{From: day(t, "2026-01-01"), To: day(t, "2036-01-01"), Limit: 100, TextBytes: 100})
	if !errors.Is(err, ErrTooMany) || len(got) != 100 {
		t.Fatalf("%d meetings, error %v", len(got), err)
	}
	m := got[50]
	if len(m.Attendees) != maxAttendees || !m.Partial || !m.Truncated || m.Description != strings.Repeat("長", 33) || len(m.Summary) != maxSummary {
		t.Errorf("%d attendees, partial %v, truncated %v, %d bytes", len(m.Attendees), m.Partial, m.Truncated, len(m.Description))
	}
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got[0].Start != began || got[1].Start != began.Add(time.Hour) {
		t.Errorf("not the first ones: %v", got[0].Start)
	}
}

func TestConference(t *testing.T) {
	for text, want := range map[string]string{
		"Join: https://zoom.us/j/123456789?pwd=abc. Thanks":                   "https://zoom.us/j/123456789?pwd=abc",
		"<https://teams.microsoft.com/l/meetup-join/19%3ameeting_x/0?c=1>":    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x/0?c=1",
		"https://example.webex.com/example/j.php?MTID=m1":                     "https://example.webex.com/example/j.php?MTID=m1",
		"会議URL：https://whereby.com/sato、よろしく":                                 "https://whereby.com/sato",
		"https://meet.google.com/abc-defg-hij\nphone":                         "https://meet.google.com/abc-defg-hij",
		"https://us02web.zoom.us/j/1 https://meet.google.com/abc-defg-hij":    "https://us02web.zoom.us/j/1",
		"https://example.jp/zoom.us/j/1 and http://meet.google.com/abc-defg-": "",
	} {
		if got := Conference(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(ics(event("DTSTART;TZID=Asia/Tokyo:20261124T100000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;BYDAY=2TU;BYSETPOS=-1", "EXDATE:20261124", "RDATE;VALUE=PERIOD:20261106T000000Z/PT2H")))
	f.Add(ics(custom + event("DTSTART;TZID=Customized Time Zone:20261124T100000", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T100000", "ATTENDEE;CN=\"a:mailto:b@c.jp")))
	f.Add(ics(event("DTSTART:00010101T000000Z", "RRULE:FREQ=YEARLY;BYWEEKNO=53;COUNT=9", "DTEND:99991231T235959Z")))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data)
		if err != nil {
			return
		}
		w := Window{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Limit: 50}
		got, _, _ := c.Meetings(w) // the error says which events cannot be read
		if len(got) > 50 {
			t.Errorf("%d meetings", len(got))
		}
		seen := make(map[string]bool)
		for _, m := range got {
			key := m.UID + "\x00" + m.Occurrence
			if seen[key] || m.End.Before(m.Start) || m.UID == "" || m.Start.Location() != time.UTC {
				t.Errorf("twice, or impossible: %+v", m)
			}
			seen[key] = true
		}
		_, _ = Invitation(data, "REQUEST") // must not panic
	})
}

func TestEndThatIsNotRead(t *testing.T) {
	text := ics(event("DTSTART:20260101T000000Z"), strings.Repeat("BEGIN:X\r\n", maxDepth+1))
	c, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := c.Meetings(Window{From: day(t, "2026-01-01"), To: day(t, "2027-01-01")})
	if !errors.Is(err, ErrTooLarge) || len(got) != 1 {
		t.Errorf("%d meetings, error %v", len(got), err)
	}
}
