package calitem

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// ics makes a calendar of lines.
func ics(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n")
}

// event makes a VEVENT with a UID.
func event(lines ...string) string {
	return "BEGIN:VEVENT\r\nUID:u1\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT"
}

func day(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse("2006-01-02", text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func read(t *testing.T, data []byte, from, to string) []connectors.Meeting {
	t.Helper()
	c, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := c.Meetings(Window{From: day(t, from), To: day(t, to), Zone: zone(t, "Asia/Tokyo")})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// times shows occurrences as "original > start/end status".
func times(meetings []connectors.Meeting) []string {
	var out []string
	for _, m := range meetings {
		text := m.Occurrence + ">" + Occurrence(m.Start, false) + "/" + Occurrence(m.End, false)
		if m.Status != crm.MeetingConfirmed {
			text += " " + m.Status
		}
		out = append(out, text)
	}
	return out
}

func TestOccurrences(t *testing.T) {
	const tokyo = ";TZID=Asia/Tokyo:"
	for _, c := range []struct {
		name     string
		data     []byte
		from, to string
		want     []string
	}{
		{"single", ics(event("DTSTART"+tokyo+"20261124T100000", "DTEND"+tokyo+"20261124T110000")), "2026-11-01", "2026-12-01", []string{">20261124T010000Z/20261124T020000Z"}},
		{"single outside", ics(event("DTSTART:20261124T100000Z")), "2026-12-01", "2026-12-02", nil},
		{"ends when the window begins", ics(event("DTSTART:20261130T230000Z", "DURATION:PT1H")), "2026-12-01", "2026-12-02", nil},
		{"no end", ics(event("DTSTART:20261124T100000Z")), "2026-11-01", "2026-12-01", []string{">20261124T100000Z/20261124T100000Z"}},
		{"all day", ics(event("DTSTART;VALUE=DATE:20261124")), "2026-11-01", "2026-12-01", []string{">20261123T150000Z/20261124T150000Z"}},
		{"ten days", ics(event("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261204")), "2026-12-02", "2026-12-03", []string{">20261123T150000Z/20261203T150000Z"}},
		{"end before start", ics(event("DTSTART:20261124T100000Z", "DTEND:20261124T090000Z")), "2026-11-01", "2026-12-01", []string{">20261124T100000Z/20261124T100000Z"}},
		{"floating", ics(event("DTSTART:20261124T100000", "DTEND:20261124T103000")), "2026-11-01", "2026-12-01", []string{">20261124T010000Z/20261124T013000Z"}},
		{
			"moved, cancelled, excluded",
			ics(event("DTSTART"+tokyo+"20261103T100000", "DTEND"+tokyo+"20261103T110000", "RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE"+tokyo+"20261124T100000"),
				event("RECURRENCE-ID"+tokyo+"20261110T100000", "DTSTART"+tokyo+"20261111T140000", "DTEND"+tokyo+"20261111T150000"),
				event("RECURRENCE-ID"+tokyo+"20261117T100000", "DTSTART"+tokyo+"20261117T100000", "DTEND"+tokyo+"20261117T110000", "STATUS:CANCELLED")),
			"2026-11-01", "2026-12-31",
			[]string{
				"20261103T010000Z>20261103T010000Z/20261103T020000Z", "20261110T010000Z>20261111T050000Z/20261111T060000Z",
				"20261117T010000Z>20261117T010000Z/20261117T020000Z cancelled", "20261201T010000Z>20261201T010000Z/20261201T020000Z",
			},
		},
		{
			"moved out of the window and in",
			ics(event("DTSTART:20261103T100000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3"),
				event("RECURRENCE-ID:20261110T100000Z", "DTSTART:20270110T100000Z", "DURATION:PT1H"),
				event("RECURRENCE-ID:20261103T100000Z", "DTSTART:20261112T100000Z", "DURATION:PT1H")),
			"2026-11-10", "2026-11-14",
			[]string{"20261103T100000Z>20261112T100000Z/20261112T110000Z", "20261110T100000Z>20270110T100000Z/20270110T110000Z"},
		},
		{
			"this and following",
			ics(event("DTSTART"+tokyo+"20261103T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4"),
				event("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Asia/Tokyo:20261117T100000", "DTSTART"+tokyo+"20261118T150000", "DURATION:PT30M")),
			"2026-11-01", "2026-12-31",
			[]string{
				"20261103T010000Z>20261103T010000Z/20261103T020000Z", "20261110T010000Z>20261110T010000Z/20261110T020000Z",
				"20261117T010000Z>20261118T060000Z/20261118T063000Z", "20261124T010000Z>20261125T060000Z/20261125T063000Z",
			},
		},
		{
			"additional dates and periods, several rules",
			ics(event("DTSTART:20261102T000000Z", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;COUNT=2", "RRULE:FREQ=YEARLY;COUNT=2",
				"RDATE:20261105T000000Z,20261102T000000Z", "RDATE;VALUE=PERIOD:20261106T000000Z/PT2H,20261107T000000Z/20261107T003000Z")),
			"2026-11-01", "2027-12-31",
			[]string{
				"20261102T000000Z>20261102T000000Z/20261102T010000Z", "20261105T000000Z>20261105T000000Z/20261105T010000Z",
				"20261106T000000Z>20261106T000000Z/20261106T020000Z", "20261107T000000Z>20261107T000000Z/20261107T003000Z",
				"20261202T000000Z>20261202T000000Z/20261202T010000Z", "20271102T000000Z>20271102T000000Z/20271102T010000Z",
			},
		},
		{
			"exception named by its day, excluded by day",
			ics(event("DTSTART"+tokyo+"20261103T100000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261104"),
				event("RECURRENCE-ID;VALUE=DATE:20261105", "DTSTART"+tokyo+"20261105T120000", "DURATION:PT1H")),
			"2026-11-01", "2026-12-01",
			[]string{"20261103T010000Z>20261103T010000Z/20261103T020000Z", "20261105T010000Z>20261105T030000Z/20261105T040000Z"},
		},
		{
			"all-day series whose UNTIL is a time",
			ics(event("DTSTART;VALUE=DATE:20261103", "RRULE:FREQ=DAILY;UNTIL=20261104T150000Z")),
			"2026-11-01", "2026-12-01",
			[]string{"20261103>20261102T150000Z/20261103T150000Z", "20261104>20261103T150000Z/20261104T150000Z", "20261105>20261104T150000Z/20261105T150000Z"},
		},
		{
			"UNTIL a day, in local time",
			ics(event("DTSTART"+tokyo+"20261103T080000", "RRULE:FREQ=DAILY;UNTIL=20261104"), strings.Replace(event("DTSTART"+tokyo+"20261103T080000", "RRULE:FREQ=DAILY;UNTIL=20261104T080000"), "u1", "u2", 1)),
			"2026-11-01", "2026-12-01",
			[]string{"20261102T230000Z>20261102T230000Z/20261102T230000Z", "20261103T230000Z>20261103T230000Z/20261103T230000Z", "20261102T230000Z>20261102T230000Z/20261102T230000Z", "20261103T230000Z>20261103T230000Z/20261103T230000Z"},
		},
		{
			"clock put forward in New York: the skipped time, and the length stays",
			ics(event("DTSTART;TZID=America/New_York:20260307T023000", "DTEND;TZID=America/New_York:20260307T033000", "RRULE:FREQ=DAILY;COUNT=3")),
			"2026-03-01", "2026-04-01",
			[]string{"20260307T073000Z>20260307T073000Z/20260307T083000Z", "20260308T073000Z>20260308T073000Z/20260308T083000Z", "20260309T063000Z>20260309T063000Z/20260309T073000Z"},
		},
		{
			"clock put back in Berlin: the first of two",
			ics(event("DTSTART;TZID=W. Europe Standard Time:20261024T023000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3")),
			"2026-10-01", "2026-11-01",
			[]string{"20261024T003000Z>20261024T003000Z/20261024T013000Z", "20261025T003000Z>20261025T003000Z/20261025T013000Z", "20261026T013000Z>20261026T013000Z/20261026T023000Z"},
		},
		{"leap day", ics(event("DTSTART:20240229T000000Z", "RRULE:FREQ=YEARLY")), "2025-01-01", "2033-01-01", []string{"20280229T000000Z>20280229T000000Z/20280229T000000Z", "20320229T000000Z>20320229T000000Z/20320229T000000Z"}},
		{
			"last workday of the month",
			ics(event("DTSTART:20261030T000000Z", "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1")), "2026-10-01", "2027-02-01",
			[]string{"20261030T000000Z>20261030T000000Z/20261030T000000Z", "20261130T000000Z>20261130T000000Z/20261130T000000Z", "20261231T000000Z>20261231T000000Z/20261231T000000Z", "20270129T000000Z>20270129T000000Z/20270129T000000Z"},
		},
		{"never fires again", ics(event("DTSTART:20261030T000000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")), "2026-10-01", "2099-02-01", []string{"20261030T000000Z>20261030T000000Z/20261030T000000Z"}},
		{"only an exception", ics(event("RECURRENCE-ID:20261110T100000Z", "DTSTART:20261110T110000Z")), "2026-11-01", "2026-12-01", []string{"20261110T100000Z>20261110T110000Z/20261110T110000Z"}},
		{"cancelled series", ics(event("DTSTART:20261110T100000Z", "RRULE:FREQ=DAILY;COUNT=1", "STATUS:CANCELLED")), "2026-11-01", "2026-12-01", []string{"20261110T100000Z>20261110T100000Z/20261110T100000Z cancelled"}},
		{"all day of Exchange", ics(event("DTSTART"+tokyo+"20261110T000000", "DTEND"+tokyo+"20261112T000000", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE")), "2026-11-01", "2026-12-01", []string{">20261109T150000Z/20261111T150000Z"}},
		{"dirty", []byte("\xef\xbb\xbfBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u1\nDTSTART;TZID=\"Asia/Tokyo\":20261110T\n 100000\nSUMMARY:a\n\tb\nnonsense\n:::\nBEGIN:VALARM\nBEGIN:VEVENT\nUID:u2\nDTSTART:20261110T000000Z"), "2026-11-01", "2026-12-01", []string{">20261110T010000Z/20261110T010000Z", ">20261110T000000Z/20261110T000000Z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, times(read(t, c.data, c.from, c.to))); diff != "" {
				t.Errorf("occurrences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		name, rule string
		want       error
	}{
		{"hourly", "FREQ=HOURLY", ErrSubDaily},
		{"minutely", "FREQ=MINUTELY;COUNT=3", ErrSubDaily},
		{"secondly", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", ErrSubDaily},
		{"each minute of the day", "FREQ=DAILY;BYMINUTE=1,2,3,4,5,6,7,8,9,10,11,12;BYSECOND=1,2,3", ErrSubDaily},
		{"from 1601, counted", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2", nil},
		{"no frequency", "INTERVAL=2", nil},
		{"interval of nothing", "FREQ=DAILY;INTERVAL=0", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := "DTSTART:20261110T100000Z"
			if c.name == "from 1601, counted" {
				start, c.want = "DTSTART:16010110T100000Z", nil
			}
			cal, err := Parse(ics(event(start, "RRULE:"+c.rule), strings.Replace(event("DTSTART:20261110T100000Z"), "u1", "u2", 1)))
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := cal.Meetings(Window{From: day(t, "2026-11-01"), To: day(t, "2026-12-01")})
			if c.name == "from 1601, counted" {
				if err != nil || len(got) != 1 {
					t.Errorf("got %d meetings and %v", len(got), err)
				}
				return
			}
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), "u1") {
				t.Errorf("error %v, want %v that names u1", err, c.want)
			}
			if len(got) != 1 || got[0].UID != "u2" {
				t.Errorf("the other event is lost: %v", got)
			}
		})
	}
	t.Run("budget", func(t *testing.T) {
		r, err := parseRule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=9", moment{wall: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		b := budget(1000)
		err = r.expand(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, day(t, "2026-01-01"), &b, func(time.Time) bool { return true })
		if !errors.Is(err, ErrTooMuch) {
			t.Errorf("got %v", err)
		}
	})
}
