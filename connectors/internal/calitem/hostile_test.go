package calitem

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// span181 is the window of the usual settings.
func span181(t *testing.T) Window {
	t.Helper()
	return Window{From: day(t, "2026-08-24"), To: day(t, "2027-02-21"), Now: day(t, "2026-11-22")}
}

func upTo(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprint(i))
	}
	return strings.Join(out, ",")
}

// Whether a series is one of meetings is told by how often it recurs, whatever the window.
func TestTooOften(t *testing.T) {
	minutes := make([]string, 0, 6000)
	for i := range 6000 {
		minutes = append(minutes, day(t, "2026-11-01").Add(time.Duration(i)*time.Minute).Format("20060102T150405Z"))
	}
	tests := []struct {
		name    string
		lines   []string
		refused bool
	}{
		{"each hour of the day", []string{"RRULE:FREQ=DAILY;BYHOUR=" + upTo(24)}, true},
		{"twelve times a day", []string{"RRULE:FREQ=DAILY;BYHOUR=" + upTo(12)}, true},
		{"six times a day by each of two rules", []string{"RRULE:FREQ=DAILY;BYHOUR=" + upTo(6), "RRULE:FREQ=DAILY;BYHOUR=" + upTo(6) + ";BYMINUTE=30"}, true},
		{"a date each minute", []string{"RDATE:" + strings.Join(minutes, ",")}, true},
		{"ten times a day", []string{"RRULE:FREQ=DAILY;BYHOUR=" + upTo(10)}, false},
		{"each hour of two days", []string{"RRULE:FREQ=DAILY;COUNT=48;BYHOUR=" + upTo(24)}, false},
		{"each hour of a Monday", []string{"RRULE:FREQ=WEEKLY;BYDAY=MO;BYHOUR=" + upTo(24)}, false},
	}
	for _, tt := range tests {
		c, err := Parse(ics(event(append([]string{"DTSTART:20260901T000000Z", "DURATION:PT5M"}, tt.lines...)...)))
		if err != nil {
			t.Fatal(err)
		}
		for name, w := range map[string]Window{"usual": span181(t), "a week": {From: day(t, "2026-11-02"), To: day(t, "2026-11-09")}} {
			got, _, err := c.Meetings(w)
			if errors.Is(err, ErrSubDaily) != tt.refused || tt.refused && len(got) > 0 {
				t.Errorf("%s, %s: %d meetings, error %v", tt.name, name, len(got), err)
			}
		}
	}
	c, err := Parse(ics(event("DTSTART:20060901T000000Z", "DURATION:PT5M", "RRULE:FREQ=DAILY")))
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := c.Meetings(Window{From: day(t, "2016-01-01"), To: day(t, "2026-01-01")}); err != nil || len(got) != 3653 {
		t.Errorf("daily for ten years: %d meetings, error %v", len(got), err)
	}
}

// The text of a series is kept with each of its occurrences, so it is a short one.
func TestTextOfSeries(t *testing.T) {
	long := "DESCRIPTION:" + strings.Repeat("x", 200_000)
	for rule, want := range map[string]int{"RRULE:FREQ=DAILY": MaxSeriesText, "STATUS:CONFIRMED": 200_000} {
		c, err := Parse(ics(event("DTSTART:20261124T000000Z", rule, long)))
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := c.Meetings(span181(t))
		if err != nil || len(got) == 0 || len(got[0].Description) != want || got[0].Truncated != (want == MaxSeriesText) {
			t.Errorf("%s: %d meetings, error %v", rule, len(got), err)
		}
	}
}

// A line that is too long is cut, not dropped.
func TestLongLine(t *testing.T) {
	text := strings.Repeat("あ", 4<<20)
	for name, line := range map[string]string{"one line": text, "folded": strings.ReplaceAll(text, strings.Repeat("あ", 1<<10), strings.Repeat("あ", 1<<10)+"\r\n ")} {
		c, err := Parse(ics(event("DTSTART:20261124T000000Z", "DESCRIPTION:"+line, "SUMMARY:after")))
		if err != nil {
			t.Fatal(err)
		}
		for _, limit := range []int64{0, 100 << 20} {
			w := span181(t)
			w.TextBytes = limit
			got, _, err := c.Meetings(w)
			if err != nil || len(got) != 1 || got[0].Summary != "after" {
				t.Fatalf("%s: %d meetings, %v", name, len(got), err)
			}
			m := got[0]
			if len(m.Description) < 1<<20-3 || !m.Truncated || !utf8.ValidString(m.Description) || strings.Trim(m.Description, "あ") != "" {
				t.Errorf("%s: %d bytes, truncated %v, ends %q", name, len(m.Description), m.Truncated, m.Description[max(0, len(m.Description)-10):])
			}
		}
	}
}

// What holds no event says so.
func TestNoEvent(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"buried", ics(strings.Repeat("BEGIN:X\r\n", 70) + event("DTSTART:20261124T000000Z")), ErrTooLarge},
		{"behind too many", ics(strings.Repeat("BEGIN:VTIMEZONE\r\n", 100_000) + event("DTSTART:20261124T000000Z")), ErrTooLarge},
		{"nothing", ics("X-A:b"), ErrNoEvent},
		{"a zone only", ics("BEGIN:VTIMEZONE", "TZID:x", "END:VTIMEZONE"), ErrNoEvent},
		{"a task", ics("BEGIN:VTODO", "UID:x", "END:VTODO"), nil},
		{"a journal", ics("BEGIN:VJOURNAL", "UID:x", "END:VJOURNAL"), nil},
		{"free and busy", ics("BEGIN:VFREEBUSY", "UID:x", "END:VFREEBUSY"), nil},
	}
	for _, tt := range tests {
		c, err := Parse(tt.data)
		if err == nil {
			_, _, err = c.Meetings(span181(t))
		}
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// Errors that people see are sentences, without the words of a library.
func TestNumbersOfRules(t *testing.T) {
	for _, rule := range []string{"COUNT=99999999999999999999", "COUNT=x", "COUNT=0", "INTERVAL=99999999999999999999", "INTERVAL=-1"} {
		_, err := parseRule("FREQ=DAILY;"+rule, moment{wall: day(t, "2026-11-24")})
		if err == nil || strings.Contains(err.Error(), "strconv") || !strings.Contains(err.Error(), "it is not a number from 1 to") {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func TestImpossibleNumbersAndTimes(t *testing.T) {
	tests := []struct {
		lines    string
		sequence int
		updated  string // "" for unknown
	}{
		{"SEQUENCE:-1", 0, ""},
		{"SEQUENCE:x", 0, ""},
		{"SEQUENCE:2147483647", math.MaxInt32, ""},
		{"SEQUENCE:2147483648", math.MaxInt32, ""},
		{"SEQUENCE:99999999999999999999", math.MaxInt32, ""},
		{"SEQUENCE:-99999999999999999999", 0, ""},
		{"LAST-MODIFIED:99991231T000000Z\r\nDTSTAMP:20261120T000000Z", 0, "2026-11-20"},
		{"LAST-MODIFIED:20261120T000000Z\r\nDTSTAMP:99991231T000000Z", 0, "2026-11-20"},
		{"LAST-MODIFIED;TZID=Asia/Tokyo:00010101T000000\r\nDTSTAMP:20261120T000000Z", 0, "2026-11-20"}, // the year 0
		{"LAST-MODIFIED:16010101T000000Z", 0, ""},
		{"LAST-MODIFIED:20261124T000001Z\r\nDTSTAMP:20261125T000000Z", 0, ""},
		{"LAST-MODIFIED:20261122T120000Z", 0, "2026-11-22T12:00:00Z"},
	}
	for _, tt := range tests {
		c, err := Parse(ics(event("DTSTART:20261124T000000Z", tt.lines)))
		if err != nil {
			t.Fatal(err)
		}
		w := span181(t)
		w.Now = day(t, "2026-11-22")
		got, _, err := c.Meetings(w)
		if err != nil || len(got) != 1 {
			t.Fatalf("%q: %d meetings, %v", tt.lines, len(got), err)
		}
		var updated time.Time
		if tt.updated != "" {
			updated = day(t, tt.updated)
		}
		if got[0].Sequence != tt.sequence || !got[0].Updated.Equal(updated) {
			t.Errorf("%q: sequence %d, updated %v", tt.lines, got[0].Sequence, got[0].Updated)
		}
	}
}

func TestYears(t *testing.T) {
	for lines, fails := range map[string]bool{
		"DTSTART:19691231T000000Z": true, "DTSTART:22010101T000000Z": true, "DTSTART:99991231T235959Z": true, "DTSTART:00010101T000000Z\r\nRRULE:FREQ=DAILY": true,
		"DTSTART:19700101T000000Z": false, "DTSTART:22001231T000000Z": false, "DTSTART;VALUE=DATE:16041124\r\nRRULE:FREQ=YEARLY": false,
	} {
		c, err := Parse(ics(event(lines)))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Meetings(span181(t)); errors.Is(err, errYear) != fails {
			t.Errorf("%q: %v", lines, err)
		}
	}
	c, err := Parse(ics(event("DTSTART:20261124T000000Z", "RRULE:FREQ=DAILY;COUNT=2"), event("RECURRENCE-ID:20261125T000000Z", "DTSTART:99991231T000000Z")))
	if err != nil {
		t.Fatal(err)
	}
	if got, notes, err := c.Meetings(span181(t)); err != nil || len(got) != 2 || len(notes) != 1 {
		t.Errorf("an exception of the year 9999: %d meetings, notes %q, %v", len(got), notes, err)
	}
}

// Marks that turn the direction of writing round make a text look like another one.
func TestDirectionMarks(t *testing.T) {
	c, err := Parse(ics(event("DTSTART:20261124T000000Z", "SUMMARY:a\u202egpj\u2066.exe\u200f", "LOCATION:\u202bx\u202c\u061c", "ATTENDEE;CN=\"S\u202eato\":mailto:sato@example.co.jp")))
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := c.Meetings(span181(t))
	if err != nil || len(got) != 1 || got[0].Summary != "agpj.exe" || got[0].Location != "x" || got[0].Attendees[0].Name != "Sato" {
		t.Errorf("%+v, %v", got, err)
	}
}
