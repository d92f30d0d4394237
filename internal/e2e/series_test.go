package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/internal/testradicale"
)

// meeting is what both kinds of calendar have to agree on: all of an exported meeting but where and when it was seen.
type meeting struct {
	Key, Kind, Subject, Status, Direction string

	Time, End time.Time
	People    []struct{ Email, Role, Response, Type string }
	Owners    []string
	Meeting   struct {
		UID, Occurrence, Location string
		AllDay                    bool `json:"all_day"`
	}
	Revisions []struct {
		Subject, Location, Status string
		Start, End                time.Time
	}
}

const yamada = "yamada@client.example"

// importGuests makes the two known who come to the meetings.
func (s *site) importGuests() {
	s.t.Helper()
	path := filepath.Join(s.dir, "guests.csv")
	guests := "氏名,会社名,メールアドレス\n田中 一郎,株式会社クライアント," + tanaka + "\n山田 花子,株式会社クライアント," + yamada + "\n"
	if err := os.WriteFile(path, []byte(guests), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.must("import", "people", path, "--kind", "contacts")
}

// meetings gives the exported meetings by key, and fails on two of one key.
func (s *site) meetings() map[string]meeting {
	s.t.Helper()
	out := map[string]meeting{}
	for _, m := range decodeLines[meeting](s.t, s.must("export", "activities")) {
		if m.Kind != "meeting" {
			continue
		}
		if _, twice := out[m.Key]; twice {
			s.t.Errorf("%s stands twice", m.Key)
		}
		out[m.Key] = m
	}
	return out
}

// series is the story of a weekly meeting of 52: as Google's calendar tells it and as a CalDAV client writes it.
type series struct {
	zone  *time.Location
	first time.Time // start of the first occurrence
}

const seriesLength, splitAt = 52, 30

func newSeries(t *testing.T, zone string) *series {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Now().In(loc).AddDate(0, 0, -70)
	return &series{loc, time.Date(day.Year(), day.Month(), day.Day(), 10, 0, 0, 0, loc)}
}

// at is the original start of occurrence n, at the same time of the day whatever the clocks did since.
func (s *series) at(n int) time.Time { return s.first.AddDate(0, 0, 7*n) }

// The occurrences to which something happens. All of them lie ahead.
const moved, cancelled, joined = 14, 15, 16

// wants are the keys with what must have become of them in the end.
func (s *series) wants(uid, later string) map[string]meeting {
	want := map[string]meeting{}
	for n := range seriesLength {
		m := meeting{Status: crm.MeetingConfirmed, Time: s.at(n).UTC(), End: s.at(n).Add(time.Hour).UTC()}
		switch {
		case n == moved:
			m.Time, m.End = m.Time.Add(26*time.Hour), m.End.Add(26*time.Hour)
		case n == cancelled || n >= splitAt:
			m.Status = crm.MeetingCancelled
		}
		want[string(crm.MeetingKey(uid, crmOccurrence(s.at(n))))] = m
	}
	for n := splitAt; n < seriesLength; n++ {
		start := s.at(n).Add(4 * time.Hour)
		want[string(crm.MeetingKey(later, crmOccurrence(start)))] = meeting{Status: crm.MeetingConfirmed, Time: start.UTC(), End: start.Add(time.Hour).UTC()}
	}
	return want
}

func crmOccurrence(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// check compares what is stored with what must be.
func (s *series) check(t *testing.T, got map[string]meeting, uid, later string) {
	t.Helper()
	want := s.wants(uid, later)
	for key, w := range want {
		g, ok := got[key]
		if !ok {
			t.Errorf("no activity for the occurrence of %v", w.Time)
			continue
		}
		if g.Status != w.Status || !g.Time.Equal(w.Time) || !g.End.Equal(w.End) {
			t.Errorf("%s: %s %v–%v, want %s %v–%v", g.Meeting.Occurrence, g.Status, g.Time, g.End, w.Status, w.Time, w.End)
		}
	}
	for key, g := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("an activity too many: %s %s %s %v", g.Subject, g.Meeting.UID, g.Meeting.Occurrence, g.Time)
		}
	}
	s.checkHistories(t, got, uid)
}

// checkHistories demands that exactly what happened to an occurrence is told of it.
func (s *series) checkHistories(t *testing.T, got map[string]meeting, uid string) {
	t.Helper()
	for n := range seriesLength {
		m := got[string(crm.MeetingKey(uid, crmOccurrence(s.at(n))))]
		switch touched := n == moved || n == cancelled || n >= splitAt; {
		case !touched && len(m.Revisions) > 0:
			t.Errorf("occurrence %d has a history: %+v", n, m.Revisions)
		case touched && len(m.Revisions) != 1:
			t.Errorf("occurrence %d: %d earlier states, want 1", n, len(m.Revisions))
		case touched && (!m.Revisions[0].Start.Equal(s.at(n)) || m.Revisions[0].Status != crm.MeetingConfirmed):
			t.Errorf("occurrence %d was %+v, want confirmed at %v", n, m.Revisions[0], s.at(n))
		}
		guests := 0
		for _, p := range m.People {
			if strings.HasSuffix(p.Email, "@client.example") {
				guests++
			}
		}
		if want := map[bool]int{false: 1, true: 2}[n == joined]; guests != want {
			t.Errorf("occurrence %d has %d guests, want %d", n, guests, want)
		}
	}
}

// google plays the story in a calendar of the fake and calls read after each change. It gives the two UIDs.
func (s *series) google(c *fakegoogle.Calendar, read func()) (uid, later string) {
	at := func(t time.Time) *calendar.EventDateTime {
		return &calendar.EventDateTime{DateTime: t.Format(time.RFC3339), TimeZone: s.zone.String()}
	}
	people := []*calendar.EventAttendee{
		{Email: sato, Organizer: true, ResponseStatus: "accepted"},
		{Email: tanaka, ResponseStatus: "accepted"},
	}
	master := c.Put(&calendar.Event{Summary: "定例会議", Location: "会議室 A", Start: at(s.first), End: at(s.first.Add(time.Hour)),
		Recurrence: []string{fmt.Sprintf("RRULE:FREQ=WEEKLY;COUNT=%d", seriesLength)}, Attendees: people})
	read()
	c.Move(master.Id, crmOccurrence(s.at(moved)), s.at(moved).Add(26*time.Hour), s.at(moved).Add(27*time.Hour))
	read()
	c.CancelOccurrence(master.Id, crmOccurrence(s.at(cancelled)))
	read()
	c.Put(&calendar.Event{RecurringEventId: master.Id, OriginalStartTime: at(s.at(joined)), Summary: "定例会議", Location: "会議室 A",
		Start: at(s.at(joined)), End: at(s.at(joined).Add(time.Hour)),
		Attendees: append(slices.Clone(people), &calendar.EventAttendee{Email: yamada, ResponseStatus: "needsAction"})})
	read()
	id := c.SplitSeries(master.Id, crmOccurrence(s.at(splitAt)), func(e *calendar.Event) {
		start := s.at(splitAt).Add(4 * time.Hour)
		e.Start, e.End = at(start), at(start.Add(time.Hour))
	})
	read()
	return master.ICalUID, c.Get(id).ICalUID
}

// caldav plays the same story the way CalDAV clients write it.
func (s *series) caldav(put func(href, ics string), uid, later string, read func()) {
	zone := s.zone.String()
	stamp := time.Now().UTC()
	event := func(uid, extra string, start time.Time, guests ...string) string {
		stamp = stamp.Add(time.Second)
		lines := []string{"BEGIN:VEVENT", "UID:" + uid, "DTSTAMP:" + crmOccurrence(stamp), "LAST-MODIFIED:" + crmOccurrence(stamp),
			"DTSTART;TZID=" + zone + ":" + start.In(s.zone).Format("20060102T150405"), "DTEND;TZID=" + zone + ":" + start.In(s.zone).Add(time.Hour).Format("20060102T150405"),
			"SUMMARY:定例会議", "LOCATION:会議室 A", "ORGANIZER:mailto:" + sato, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:" + sato}
		for _, g := range guests {
			state := "ACCEPTED"
			if g != tanaka {
				state = "NEEDS-ACTION"
			}
			lines = append(lines, "ATTENDEE;PARTSTAT="+state+":mailto:"+g)
		}
		if extra != "" {
			lines = append(lines, extra)
		}
		return strings.Join(append(lines, "END:VEVENT", ""), "\r\n")
	}
	object := func(events ...string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n" + strings.Join(events, "") + "END:VCALENDAR\r\n"
	}
	local := func(n int) string { return "TZID=" + zone + ":" + s.at(n).Format("20060102T150405") }
	rule := fmt.Sprintf("RRULE:FREQ=WEEKLY;COUNT=%d", seriesLength)
	put("series.ics", object(event(uid, rule, s.first, tanaka)))
	read()
	exceptions := []string{event(uid, "SEQUENCE:1\r\nRECURRENCE-ID;"+local(moved), s.at(moved).Add(26*time.Hour), tanaka)}
	put("series.ics", object(append([]string{event(uid, rule, s.first, tanaka)}, exceptions...)...))
	read()
	without := "\r\nEXDATE;" + local(cancelled)
	put("series.ics", object(append([]string{event(uid, rule+without, s.first, tanaka)}, exceptions...)...))
	read()
	exceptions = append(exceptions, event(uid, "RECURRENCE-ID;"+local(joined), s.at(joined), tanaka, yamada))
	put("series.ics", object(append([]string{event(uid, rule+without, s.first, tanaka)}, exceptions...)...))
	read()
	until := "RRULE:FREQ=WEEKLY;UNTIL=" + crmOccurrence(s.at(splitAt).Add(-time.Second))
	put("series.ics", object(append([]string{event(uid, until+without, s.first, tanaka)}, exceptions...)...))
	put("later.ics", object(event(later, fmt.Sprintf("RRULE:FREQ=WEEKLY;COUNT=%d", seriesLength-splitAt), s.at(splitAt).Add(4*time.Hour), tanaka)))
	read()
}

// TestSeries plays a weekly series of 52 in which one is moved, one cancelled, one gets another guest, and from one
// on all of them change, at Google and over CalDAV, in two zones that put their clocks forward and back meanwhile.
// Both must end with exactly the same activities, each with its own history.
func TestSeries(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/New_York", "Europe/Berlin", "Asia/Tokyo"} {
		t.Run(zone, func(t *testing.T) {
			story := newSeries(t, zone)
			google := startGoogle(t, fakegoogle.Options{}, sato)
			g := newSite(t, google.config("[calendar]", sato)+"  calendar: {since: 90d, ahead: 400d}\n")
			google.writeKey(g)
			g.importGuests()
			uid, later := story.google(google.Calendar(sato, "primary"), func() { g.must("sync") })
			atGoogle := g.meetings()
			story.check(t, atGoogle, uid, later)
			g.must("verify")

			radicale, err := testradicale.Start(map[string]string{"sato": "secret"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = radicale.Close() })
			work, err := radicale.MakeCalendar("sato", "work", "仕事")
			if err != nil {
				t.Fatal(err)
			}
			c := newSite(t, head()+fmt.Sprintf("  - id: sato-cal\n    kind: caldav\n    owner: %s\n    settings: {url: %q, username: sato, password: \"${MAIL_PASSWORD}\", since: 90d, ahead: 400d}\n",
				sato, radicale.URL+"/sato/"))
			c.importGuests()
			story.caldav(func(name, ics string) {
				if err := work.Put(name, ics); err != nil {
					t.Fatal(err)
				}
			}, uid, later, func() { c.must("sync") })
			overCalDAV := c.meetings()
			story.check(t, overCalDAV, uid, later)
			c.must("verify")
			if diff := cmp.Diff(atGoogle, overCalDAV); diff != "" {
				t.Errorf("the calendars disagree (-google +caldav):\n%.4000s", diff)
			}
		})
	}
}
