package googlecalendar

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// only reads a calendar that holds one event and gives its item.
func only(t *testing.T, e *calendar.Event) connectors.Item {
	t.Helper()
	w := newWorld(t)
	w.primary(sato).Put(e)
	r := w.reader(t, sato)
	r.read(t)
	if len(r.rows) != 1 {
		t.Fatalf("%d items", len(r.rows))
	}
	for _, one := range r.rows {
		if one.item.Err != nil {
			t.Fatal(one.item.Err)
		}
		return one.item
	}
	return connectors.Item{}
}

func TestEvent(t *testing.T) {
	start := at("Asia/Tokyo", 2026, 12, 1, 10, 0)
	no := false
	base := func(change func(*calendar.Event)) *calendar.Event {
		e := event("event0000001", "提案", start, time.Hour, "tanaka@client.example")
		change(e)
		return e
	}
	tests := []struct {
		name string
		e    *calendar.Event
		want func(*connectors.Meeting) bool
	}{
		{"time", base(func(*calendar.Event) {}), func(m *connectors.Meeting) bool {
			return m.Start.Equal(start) && m.Start.Location() == time.UTC && m.End.Sub(m.Start) == time.Hour && m.Zone == "Asia/Tokyo" && !m.AllDay && !m.Recurring && m.Occurrence == ""
		}},
		{"all day", base(func(e *calendar.Event) { e.Start, e.End = date("2026-12-01"), date("2026-12-02") }), func(m *connectors.Meeting) bool {
			return m.AllDay && m.Start.Equal(at("Asia/Tokyo", 2026, 12, 1, 0, 0)) && m.End.Sub(m.Start) == day && m.Zone == "Asia/Tokyo"
		}},
		{"ten days", base(func(e *calendar.Event) { e.Start, e.End = date("2026-11-20"), date("2026-11-30") }), func(m *connectors.Meeting) bool {
			return m.End.Sub(m.Start) == 10*day
		}},
		{"ten days, begun before the window", base(func(e *calendar.Event) { e.Start, e.End = date("2026-08-20"), date("2026-08-30") }), func(m *connectors.Meeting) bool {
			return m.End.Sub(m.Start) == 10*day
		}},
		{"no attendee", base(func(e *calendar.Event) { e.Attendees = nil }), func(m *connectors.Meeting) bool {
			return len(m.Attendees) == 0 && m.Organizer.Address == sato && !m.Partial
		}},
		{"300 attendees", base(func(e *calendar.Event) {
			for i := range 299 {
				e.Attendees = append(e.Attendees, &calendar.EventAttendee{Email: fmt.Sprintf("a%d@client.example", i), ResponseStatus: "declined"})
			}
		}), func(m *connectors.Meeting) bool {
			return len(m.Attendees) == 300 && !m.Partial && m.Attendees[299].Response == crm.ResponseDeclined
		}},
		{"rooms and groups", base(func(e *calendar.Event) {
			e.Attendees = []*calendar.EventAttendee{{Email: "c_188@resource.calendar.google.com", DisplayName: "会議室A", Resource: true},
				{Email: "sales@googlegroups.com"}, {Email: "x@client.example", Optional: true, ResponseStatus: "tentative", DisplayName: "X"}}
		}), func(m *connectors.Meeting) bool {
			return cmp.Equal(m.Attendees, []connectors.Attendee{
				{Name: "会議室A", Address: "c_188@resource.calendar.google.com", Type: crm.TypeRoom, Response: crm.ResponseNone},
				{Address: "sales@googlegroups.com", Type: crm.TypeGroup, Response: crm.ResponseNone},
				{Name: "X", Address: "x@client.example", Optional: true, Response: crm.ResponseTentative}})
		}},
		{"organised by a shared calendar", base(func(e *calendar.Event) {
			e.Organizer = &calendar.EventOrganizer{Email: "c_1@group.calendar.google.com", DisplayName: "営業部"}
			e.Creator = &calendar.EventCreator{Email: suzuki}
		}), func(m *connectors.Meeting) bool {
			return m.Organizer.Address == suzuki && m.Organizer.Type == crm.TypePerson
		}},
		{"guests hidden", base(func(e *calendar.Event) {
			e.Organizer = &calendar.EventOrganizer{Email: "host@client.example"}
			e.GuestsCanSeeOtherGuests = &no
		}), func(m *connectors.Meeting) bool { return m.Partial }},
		{"own event with hidden guests", base(func(e *calendar.Event) { e.GuestsCanSeeOtherGuests = &no }), func(m *connectors.Meeting) bool { return !m.Partial }},
		{"tentative", base(func(e *calendar.Event) { e.Status = "tentative" }), func(m *connectors.Meeting) bool { return m.Status == crm.MeetingTentative }},
		{"private", base(func(e *calendar.Event) { e.Visibility = "private" }), func(m *connectors.Meeting) bool { return m.Private && m.Summary == "提案" }},
		{"confidential", base(func(e *calendar.Event) { e.Visibility = "confidential" }), func(m *connectors.Meeting) bool { return m.Private }},
		{"focus time", base(func(e *calendar.Event) { e.EventType = "focusTime" }), func(m *connectors.Meeting) bool { return m.Type == "focus_time" }},
		{"out of office", base(func(e *calendar.Event) { e.EventType = "outOfOffice" }), func(m *connectors.Meeting) bool { return m.Type == "out_of_office" }},
		{"working location", base(func(e *calendar.Event) { e.EventType = "workingLocation" }), func(m *connectors.Meeting) bool { return m.Type == "working_location" }},
		{"birthday", base(func(e *calendar.Event) { e.EventType = "birthday" }), func(m *connectors.Meeting) bool { return m.Type == "birthday" }},
		{"from a mail", base(func(e *calendar.Event) { e.EventType = "fromGmail" }), func(m *connectors.Meeting) bool { return m.Type == "from_mail" }},
		{"video entry point", base(func(e *calendar.Event) {
			e.HangoutLink = "https://meet.google.com/aaa-bbbb-ccc"
			e.ConferenceData = &calendar.ConferenceData{EntryPoints: []*calendar.EntryPoint{{EntryPointType: "phone", Uri: "tel:+81"}, {EntryPointType: "video", Uri: "https://zoom.us/j/1"}}}
		}), func(m *connectors.Meeting) bool { return m.Conference == "https://zoom.us/j/1" }},
		{"hangout link", base(func(e *calendar.Event) { e.HangoutLink = "https://meet.google.com/aaa-bbbb-ccc" }), func(m *connectors.Meeting) bool { return m.Conference == "https://meet.google.com/aaa-bbbb-ccc" }},
		{"link in the words", base(func(e *calendar.Event) { e.Description = `<a href="https://zoom.us/j/99?pwd=x">参加</a>` }), func(m *connectors.Meeting) bool {
			return strings.HasPrefix(m.Conference, "https://zoom.us/j/99")
		}},
		{"description in HTML", base(func(e *calendar.Event) { e.Description = "<b>議題</b><br>1. 見積&amp;納期<br>2. 次回" }), func(m *connectors.Meeting) bool {
			return m.Description == "議題\n1. 見積&納期\n2. 次回"
		}},
		{"description in plain text", base(func(e *calendar.Event) { e.Description = "a < b \r\n\x01R&D" }), func(m *connectors.Meeting) bool { return m.Description == "a < b\nR&D" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if item := only(t, tt.e); !tt.want(item.Meeting) || item.Folder != sato || item.Kind != crm.KindMeeting {
				t.Errorf("got %+v", *item.Meeting)
			}
		})
	}
}

// Of a calendar that shows free times only, and of private events of others, only the times come; the key is the same.
func TestBusyOnly(t *testing.T) {
	w := newWorld(t)
	team := w.server.Calendar(suzuki, "team@group.calendar.google.com")
	team.Put(event("team00000001", "秘密の会議", w.now, time.Hour, "a@client.example"))
	team.Share(sato, "freeBusyReader")
	r := w.reader(t, sato)
	r.read(t)
	item := r.rows["team@group.calendar.google.com/team00000001;"].item
	if m := item.Meeting; !m.Busy || m.Private || !m.Partial || m.Summary != "" || len(m.Attendees) != 0 || !m.Start.Equal(w.now) {
		t.Errorf("got %+v", m)
	}
	if item.Key != crm.MeetingKey("team00000001@google.com", "") {
		t.Error("the key differs from the one with all details")
	}
}

func TestAllDaySeries(t *testing.T) {
	w := newWorld(t)
	e := &calendar.Event{Id: "allday000001", Summary: "月末", Start: date("2026-11-30"), End: date("2026-12-01"), Recurrence: []string{"RRULE:FREQ=DAILY;COUNT=3"}}
	w.primary(sato).Put(e)
	r := w.reader(t, sato)
	r.read(t)
	m := r.alive()[sato+"/allday000001;20261201"]
	if m == nil || m.Occurrence != "20261201" || !m.Start.Equal(at("Asia/Tokyo", 2026, 12, 1, 0, 0)) {
		t.Errorf("%+v of %d", m, len(r.rows))
	}
}

func TestUnreadableEvent(t *testing.T) {
	w := newWorld(t)
	s := w.open(t, sato)
	v := view{listed: listed{id: sato, name: sato}}
	item, ok := s.item(v, &calendar.Event{Id: "x", Start: &calendar.EventDateTime{DateTime: "soon"}})
	if !ok || item.Err == nil || item.Received.IsZero() || item.ExternalID != sato+"/x;" {
		t.Errorf("got %+v", item)
	}
	if _, ok := s.item(v, &calendar.Event{Id: "x", RecurringEventId: "y"}); ok {
		t.Error("an occurrence without its start has no identity")
	}
	m, err := s.meeting(v, &calendar.Event{Id: "x", Start: clock(w.now), End: clock(w.now.Add(-time.Hour))}, "")
	if err != nil || !m.End.Equal(m.Start) {
		t.Errorf("an end before the start: %+v, %v", m, err)
	}
}

func TestDescribeIsBounded(t *testing.T) {
	text, truncated := describe(strings.Repeat("あ", 100), 10)
	if text != "あああ" || !truncated {
		t.Errorf("got %q, %v", text, truncated)
	}
	if text, truncated := describe("短い", 10); text != "短い" || truncated {
		t.Errorf("got %q, %v", text, truncated)
	}
}

func TestBeyondTheWindow(t *testing.T) {
	w := newWorld(t)
	cal := w.primary(sato)
	fill(w, cal, 40)
	r := w.reader(t, sato)
	r.read(t)
	w.now = w.now.Add(time.Minute)
	cal.Put(event("far000000001", "来年", w.now.Add(200*day), time.Hour))
	cal.Put(event("past00000001", "昔", w.now.Add(-200*day), time.Hour))
	cal.Move("event0000035", "", w.now.Add(150*day), w.now.Add(150*day+time.Hour))
	r.read(t)
	if diff := cmp.Diff([]string{sato + "/event0000035;"}, r.last); diff != "" {
		t.Errorf("yielded (-want +got):\n%s", diff)
	}
	w.now = w.now.Add(111 * day)
	r.read(t)
	if m := r.alive()[sato+"/far000000001;"]; m == nil {
		t.Error("the window did not come to the new event")
	}
}

// Settings that reach further back, or further ahead, than before make the rest be read; the tokens stay.
func TestWindowWidens(t *testing.T) {
	w := newWorld(t)
	cal := w.primary(sato)
	fill(w, cal, 3)
	cal.Put(event("past00000001", "昔", w.now.Add(-200*day), time.Hour))
	cal.Put(event("far000000001", "来年", w.now.Add(200*day), time.Hour))
	r := w.reader(t, sato)
	r.read(t)
	for _, tt := range []struct{ since, ahead, want string }{
		{"90d", "365d", "far000000001"}, {"all", "365d", "past00000001"},
	} {
		w.settings.Since, w.settings.Ahead = tt.since, tt.ahead
		r.src = w.open(t, sato)
		r.read(t)
		if r.alive()[sato+"/"+tt.want+";"] == nil {
			t.Errorf("since %s, ahead %s: %v", tt.since, tt.ahead, r.last)
		}
		r.agree(t, w)
		r.read(t)
		if len(r.last) != 0 {
			t.Errorf("read twice: %v", r.last)
		}
	}
}

// The ids of occurrences in series that were cut off of another one do not follow from the series' id at Google.
func TestGetBySeries(t *testing.T) {
	w := newWorld(t)
	cal := w.primary(sato)
	cal.Put(weekly("20"))
	s := w.open(t, sato)
	e, err := s.byOriginalStart(t.Context(), sato, "weekly000001", "20261201T010000Z")
	if err != nil || e == nil || externalOf(sato, e) != sato+"/"+second {
		t.Errorf("got %+v, %v", e, err)
	}
	for _, occurrence := range []string{"20261201T020000Z", "nonsense"} {
		if e, err := s.byOriginalStart(t.Context(), sato, "weekly000001", occurrence); e != nil || err != nil && !missing(err) {
			t.Errorf("%s: %+v, %v", occurrence, e, err)
		}
	}
}

func TestExternalIDs(t *testing.T) {
	for _, tt := range []struct{ id, event, occurrence string }{
		{"sato@example.co.jp", "abc", ""}, {"a/b;c%#d@group", "e;f/g", "20261124T010000Z"}, {"営業", "x", "20261124"},
	} {
		text := external(tt.id, tt.event, tt.occurrence)
		id, event, occurrence, ok := split(text)
		if !ok || id != tt.id || event != tt.event || occurrence != tt.occurrence || strings.Count(text, ";") != 1 || strings.Count(text, "/") != 1 {
			t.Errorf("%q gives %q %q %q %v", text, id, event, occurrence, ok)
		}
	}
	for _, text := range []string{"", "no-such-item", "../../etc/passwd", "a/b", "a;b", "/;", "%zz/b;"} {
		if _, _, _, ok := split(text); ok {
			t.Errorf("%q is taken for an id", text)
		}
	}
}

// A series that goes on, while what was added to the window is being read, has its occurrences there too.
func TestSeriesGoesOnWhileTheWindowWidens(t *testing.T) {
	w := newWorld(t)
	w.limits.BatchItems = 4
	cal := w.primary(sato)
	cal.Put(weekly("20"))
	for i := range 20 {
		cal.Put(event(fmt.Sprintf("far%09d", i), "来年", w.now.Add(time.Duration(100+i)*day), time.Hour))
	}
	r := w.reader(t, sato)
	r.read(t)
	w.settings.Ahead = "365d"
	r.src = w.open(t, sato)
	b, err := r.src.Fetch(t.Context(), r.cur)
	if err != nil || !b.More {
		t.Fatalf("more %v, %v", b.More, err)
	}
	r.store(b)
	w.now = w.now.Add(time.Minute)
	cal.Put(weekly("40"))
	r.read(t)
	r.agree(t, w)
}
