package googlecalendar

import (
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const second = "weekly000001;20261201T010000Z" // an occurrence in the future

func TestSeries(t *testing.T) {
	w := newWorld(t)
	w.settings.Ahead = "365d"
	cal := w.primary(sato)
	cal.Put(weekly("52"))
	r := w.reader(t, sato)
	r.read(t)
	if len(r.alive()) != 52 {
		t.Fatalf("%d occurrences, want 52", len(r.alive()))
	}
	id := sato + "/" + second
	m := r.alive()[id]
	if m == nil || m.UID != "weekly000001@google.com" || m.Occurrence != "20261201T010000Z" || !m.Recurring || m.Zone != "Asia/Tokyo" {
		t.Fatalf("occurrence %+v", m)
	}
	if r.rows[id].item.Key != crm.MeetingKey(m.UID, m.Occurrence) {
		t.Error("the key is not the occurrence's")
	}

	w.now = w.now.Add(time.Minute)
	cal.Move("weekly000001", "20261201T010000Z", at("Asia/Tokyo", 2026, 12, 2, 15, 0), at("Asia/Tokyo", 2026, 12, 2, 16, 0))
	r.read(t)
	if moved := r.alive()[id]; len(r.last) != 1 || moved == nil || !moved.Start.Equal(time.Date(2026, 12, 2, 6, 0, 0, 0, time.UTC)) || moved.Occurrence != m.Occurrence {
		t.Errorf("after a move: %v, %+v", r.last, moved)
	}
	if r.rows[id].seen != 2 {
		t.Errorf("the moved one was seen in %d states", r.rows[id].seen)
	}

	w.now = w.now.Add(time.Minute)
	cal.CancelOccurrence("weekly000001", "20261208T010000Z")
	r.read(t)
	if len(r.alive()) != 51 || r.alive()[sato+"/weekly000001;20261208T010000Z"] != nil {
		t.Errorf("after a cancellation %d are left", len(r.alive()))
	}

	w.now = w.now.Add(time.Minute)
	cal.Change("weekly000001", "20261215T010000Z", func(e *calendar.Event) {
		e.Attendees = append(e.Attendees, &calendar.EventAttendee{Email: "new@client.example"})
	})
	r.read(t)
	if m := r.alive()[sato+"/weekly000001;20261215T010000Z"]; len(r.last) != 1 || len(m.Attendees) != 3 {
		t.Errorf("after a new attendee: %v, %+v", r.last, m)
	}
	if m := r.alive()[sato+"/weekly000001;20261222T010000Z"]; len(m.Attendees) != 2 {
		t.Errorf("the next one has %d attendees", len(m.Attendees))
	}

	w.now = w.now.Add(time.Minute)
	next := cal.SplitSeries("weekly000001", "20270105T010000Z", func(e *calendar.Event) { e.Location = "新会議室" })
	r.read(t)
	old, added := 0, 0
	for id, m := range r.alive() {
		switch {
		case strings.Contains(id, next+";"):
			added++
			if m.Location != "新会議室" || m.UID == "weekly000001@google.com" {
				t.Errorf("of the new series: %+v", m)
			}
		default:
			old++
		}
	}
	if old != 18-1 || added != 52-18 {
		t.Errorf("%d of the old series and %d of the new one", old, added)
	}
	if got := len(r.rows); got != 52+34 {
		t.Errorf("%d rows, want 52 and 34", got)
	}
	r.agree(t, w)

	w.now = w.now.Add(time.Minute)
	cal.Delete("weekly000001")
	r.read(t)
	if left := len(r.alive()); left != 34 {
		t.Errorf("after the old series was deleted %d are left", left)
	}
	got, err := r.src.Get(t.Context(), slices.Collect(func(yield func(string) bool) {
		for id := range r.rows {
			if !yield(id) {
				return
			}
		}
	}))
	if err != nil || len(got) != 34 {
		t.Errorf("got %d again, %v", len(got), err)
	}
}

// A series that is moved as a whole has other original starts: the old ones go.
func TestSeriesMovedAsAWhole(t *testing.T) {
	w := newWorld(t)
	cal := w.primary(sato)
	cal.Put(weekly("10"))
	r := w.reader(t, sato)
	r.read(t)
	w.now = w.now.Add(time.Minute)
	moved := weekly("10")
	moved.Start, moved.End = clock(at("Asia/Tokyo", 2026, 9, 1, 11, 0)), clock(at("Asia/Tokyo", 2026, 9, 1, 12, 0))
	cal.Put(moved)
	r.read(t)
	if len(r.alive()) != 10 || len(r.rows) != 20 {
		t.Errorf("%d alive of %d", len(r.alive()), len(r.rows))
	}
	r.agree(t, w)
}

func TestSingleBecomesSeriesAndBack(t *testing.T) {
	w := newWorld(t)
	cal := w.primary(sato)
	single := event("single000001", "打合せ", at("Asia/Tokyo", 2026, 12, 1, 10, 0), time.Hour, "tanaka@client.example")
	cal.Put(single)
	r := w.reader(t, sato)
	r.read(t)
	for _, rule := range [][]string{{"RRULE:FREQ=DAILY;COUNT=3"}, nil} {
		w.now = w.now.Add(time.Minute)
		single.Recurrence = rule
		cal.Put(single)
		r.read(t)
		if want := max(3*len(rule), 1); len(r.alive()) != want {
			t.Errorf("with rules %v: %d alive, want %d", rule, len(r.alive()), want)
		}
		r.agree(t, w)
	}
}

// The clock on the wall stays, in New York and in London, when the hour is changed on different days.
func TestSummerTime(t *testing.T) {
	for _, tt := range []struct {
		zone  string
		start time.Time
		utc   []string
	}{
		{"America/New_York", at("America/New_York", 2026, 10, 28, 9, 0), []string{"20261028T130000Z", "20261104T140000Z"}},
		{"Europe/London", at("Europe/London", 2026, 10, 21, 9, 0), []string{"20261021T080000Z", "20261028T090000Z"}},
	} {
		t.Run(tt.zone, func(t *testing.T) {
			w := newWorld(t)
			e := event("dst000000001", "Weekly", tt.start, time.Hour, "ann@client.example")
			e.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=2"}
			w.primary(sato).Put(e)
			r := w.reader(t, sato)
			r.read(t)
			for _, occurrence := range tt.utc {
				m := r.alive()[sato+"/dst000000001;"+occurrence]
				if m == nil || m.Zone != tt.zone || m.Start.Format("20060102T150405Z") != occurrence {
					t.Errorf("%s: %+v", occurrence, m)
				}
			}
		})
	}
}

// A changed series of a year does not fit into a small batch: the rest is owed and comes with the next ones.
func TestSeriesBeyondABatch(t *testing.T) {
	w := newWorld(t)
	w.limits.BatchItems = 5
	cal := w.primary(sato)
	for _, id := range []string{"series00000a", "series00000b", "series00000c"} {
		e := weekly("20")
		e.Id = id
		cal.Put(e)
	}
	r := w.reader(t, sato)
	r.read(t)
	w.now = w.now.Add(time.Minute)
	for _, id := range []string{"series00000a", "series00000b", "series00000c"} {
		e := weekly("15")
		e.Id = id
		cal.Put(e)
	}
	first, err := r.src.Fetch(t.Context(), r.cur)
	if err != nil || !first.More || len(first.Items) != 15 {
		t.Fatalf("first batch: %d items, more %v, %v", len(first.Items), first.More, err)
	}
	r.src = w.open(t, sato) // a crash after the first batch was stored
	r.store(first)
	r.read(t)
	if len(r.alive()) != 45 {
		t.Errorf("%d alive, want 45", len(r.alive()))
	}
	r.agree(t, w)
}

// A series that is owed when its calendar is unshared was not called off: the calendar is left as it was read.
func TestOwedSeriesOfAnUnsharedCalendar(t *testing.T) {
	w := newWorld(t)
	w.limits.BatchItems = 5
	cal := w.server.Calendar(suzuki, "team@group.calendar.google.com")
	cal.Share(sato, "reader")
	ids := []string{"series00000a", "series00000b"}
	put := func(n string) {
		for _, id := range ids {
			e := weekly(n)
			e.Id = id
			cal.Put(e)
		}
	}
	put("20")
	r := w.reader(t, sato)
	r.read(t)
	alive := len(r.alive())
	w.now = w.now.Add(time.Minute)
	put("21")
	b, err := r.src.Fetch(t.Context(), r.cur)
	if err != nil || !b.More {
		t.Fatalf("more %v, %v: no series is owed", b.More, err)
	}
	r.store(b)
	cal.Unshare(sato)
	r.read(t)
	if got := len(r.alive()); got != alive+1 {
		t.Errorf("%d alive, want %d", got, alive+1)
	}
}
