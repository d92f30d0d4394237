package calitem

import (
	"testing"
	"time"
)

// BenchmarkSeries reads a weekly series with its zone and expands half a year of it.
func BenchmarkSeries(b *testing.B) {
	data := ics(event("DTSTART;TZID=Tokyo Standard Time:20200107T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY", "SUMMARY:定例", "DESCRIPTION:資料は https://meet.google.com/abc-defg-hij",
		"ORGANIZER:mailto:sato@example.co.jp", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:tanaka@client.co.jp"))
	w := Window{From: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)}
	for b.Loop() {
		c, err := Parse(data)
		if err != nil {
			b.Fatal(err)
		}
		if got, _, err := c.Meetings(w); err != nil || len(got) != 26 {
			b.Fatalf("%d meetings, %v", len(got), err)
		}
	}
}
