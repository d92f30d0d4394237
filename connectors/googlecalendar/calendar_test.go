package googlecalendar

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/sourcetest"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// fill puts n single events into a calendar, one a day from thirty days ago.
func fill(w *world, cal *fakegoogle.Calendar, n int) {
	for i := range n {
		cal.Put(event(fmt.Sprintf("event%07d", i), fmt.Sprintf("面談 %d", i), w.now.Add(time.Duration(i-30)*day), time.Hour, "tanaka@client.example"))
	}
}

func TestSuite(t *testing.T) {
	w := newWorld(t)
	fill(w, w.primary(sato), 20)
	w.primary(sato).Put(weekly("20"))
	shared := w.server.Calendar(sato, "営業部/予定;表@group.calendar.google.com")
	shared.Put(event("shared000001", "展示会", w.now, 3*time.Hour, "abe@client.example"))
	for _, limit := range []int{1000, 3} {
		w.limits.BatchItems = limit
		t.Run(fmt.Sprintf("batches of %d", limit), func(t *testing.T) {
			sourcetest.Run(t, func(t *testing.T) connectors.Source { return w.open(t, sato) })
		})
	}
}

func TestIdlePollChangesNothing(t *testing.T) {
	w := newWorld(t)
	fill(w, w.primary(sato), 5)
	fill(w, w.server.Calendar(sato, "second@group.calendar.google.com"), 3)
	r := w.reader(t, sato)
	r.read(t)
	before := r.cur
	for range 3 {
		w.now = w.now.Add(time.Minute)
		clear(w.purse)
		r.read(t)
		if r.cur != before || len(r.last) != 0 {
			t.Errorf("%d items; the cursor moved from %s to %s", len(r.last), before, r.cur)
		}
		if diff := cmp.Diff(purse{"calendar/user/" + sato: 2, "calendar/project": 2}, w.purse); diff != "" {
			t.Errorf("spent (-want +got):\n%s", diff)
		}
	}
}

// The same event in the calendars of three reps is one meeting: same key, same contents.
func TestThreeReps(t *testing.T) {
	w := newWorld(t)
	cal := w.primary(sato)
	cal.Put(event("joint0000001", "合同提案", at("Asia/Tokyo", 2026, 12, 1, 10, 0), time.Hour, sato, suzuki, abe, "tanaka@client.example"))
	cal.Invite("joint0000001", suzuki, abe)
	var items []connectors.Item
	for _, who := range []string{sato, suzuki, abe} {
		r := w.reader(t, who)
		r.read(t)
		if len(r.rows) != 1 {
			t.Fatalf("%s has %d", who, len(r.rows))
		}
		for _, one := range r.rows {
			items = append(items, one.item)
		}
	}
	for _, item := range items[1:] {
		if item.Key != items[0].Key {
			t.Errorf("keys %s and %s", items[0].Key, item.Key)
		}
		a, b := *items[0].Meeting, *item.Meeting
		a.Updated, b.Updated = time.Time{}, time.Time{}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("contents (-organiser +guest):\n%s", diff)
		}
	}
}

// A guest who takes an event off the own calendar withdraws it; nothing says that it was cancelled.
func TestTakenOff(t *testing.T) {
	w := newWorld(t)
	cal := w.primary(suzuki)
	fill(w, cal, 3)
	cal.Put(weekly("20"))
	r := w.reader(t, suzuki)
	r.read(t)
	w.now = w.now.Add(time.Minute)
	cal.Delete("event0000001")
	cal.CancelOccurrence("weekly000001", "20261201T010000Z")
	b, err := r.src.Fetch(t.Context(), r.cur)
	if err != nil || len(b.Items) != 0 || len(b.Withdrawn) != 2 {
		t.Fatalf("%d items, withdrawn %+v, %v", len(b.Items), b.Withdrawn, err)
	}
	r.store(b)
	if len(r.alive()) != 21 {
		t.Errorf("%d alive", len(r.alive()))
	}
	r.agree(t, w)
}

// A dead token, and one that dies between two pages: everything is read again, nothing is lost, and what vanished
// meanwhile is withdrawn.
func TestDeadTokens(t *testing.T) {
	for _, middle := range []bool{false, true} {
		t.Run(fmt.Sprintf("in the middle of paging %v", middle), func(t *testing.T) {
			w := newWorld(t)
			w.limits.BatchItems = 4
			cal := w.primary(sato)
			fill(w, cal, 25)
			r := w.reader(t, sato)
			r.read(t)
			w.now = w.now.Add(time.Minute)
			cal.Delete("event0000003")
			cal.Put(event("event9999999", "新規", w.now.Add(day), time.Hour, "x@client.example"))
			cal.Move("event0000005", "", w.now.Add(40*day), w.now.Add(40*day+time.Hour))
			cal.ExpireTokens()
			if middle {
				for range 3 {
					b, err := r.src.Fetch(t.Context(), r.cur)
					if err != nil || !b.More {
						t.Fatalf("more %v, %v", b.More, err)
					}
					r.store(b)
				}
				cal.Delete("event0000010")
				cal.ExpireTokens()
			}
			r.read(t)
			r.agree(t, w)
			w.now = w.now.Add(time.Minute)
			cal.Delete("event9999999")
			r.read(t)
			r.agree(t, w)
		})
	}
}

func TestChangesDuringTheFirstReading(t *testing.T) {
	w := newWorld(t)
	w.limits.BatchItems = 3
	cal := w.primary(sato)
	fill(w, cal, 20)
	r := w.reader(t, sato)
	for i := range 4 {
		b, err := r.src.Fetch(t.Context(), r.cur)
		if err != nil {
			t.Fatal(err)
		}
		r.store(b)
		w.now = w.now.Add(time.Second)
		cal.Delete(fmt.Sprintf("event%07d", i))
		cal.Put(event(fmt.Sprintf("early%07d", i), "後から", w.now.Add(-day), time.Hour))
	}
	w.now = w.now.Add(time.Minute)
	r.read(t)
	r.agree(t, w)
}

func TestUnshared(t *testing.T) {
	w := newWorld(t)
	fill(w, w.primary(sato), 3)
	team := w.server.Calendar(suzuki, "team@group.calendar.google.com")
	team.Rename("営業部")
	team.Share(sato, "reader")
	team.Put(event("team00000001", "会議", w.now, time.Hour, "a@client.example"))
	r := w.reader(t, sato)
	r.read(t)
	if len(r.alive()) != 4 {
		t.Fatalf("%d alive", len(r.alive()))
	}
	team.Unshare(sato)
	for i := range 30 { // until the list is asked for again, and beyond
		w.now = w.now.Add(time.Minute)
		w.primary(sato).Put(event(fmt.Sprintf("later%07d", i), "続き", w.now, time.Hour))
		r.read(t)
		if len(r.last) != 1 {
			t.Errorf("minute %d: %v", i, r.last)
		}
		if told := len(r.notes); told > 0 != (i == 0) {
			t.Errorf("minute %d: told %q", i, r.notes)
		}
	}
	if r.rows["team@group.calendar.google.com/team00000001;"].gone {
		t.Error("what was read of the calendar is withdrawn")
	}
	team.Put(event("team00000002", "再開", w.now, time.Hour, "a@client.example"))
	team.Delete("team00000001")
	team.Share(sato, "reader")
	w.now = w.now.Add(11 * time.Minute)
	r.read(t)
	r.agree(t, w)
	if item := r.rows["team@group.calendar.google.com/team00000002;"].item; item.Folder != "営業部" {
		t.Errorf("folder %q", item.Folder)
	}
}

// The window moves with the days: each day brings what begins ninety days later, once, and nothing is withdrawn.
func TestWindowMoves(t *testing.T) {
	w := newWorld(t)
	cal := w.primary(sato)
	e := event("daily0000001", "朝会", at("Asia/Tokyo", 2026, 11, 1, 8, 0), 15*time.Minute, "a@client.example")
	e.Recurrence = []string{"RRULE:FREQ=DAILY"}
	cal.Put(e)
	cal.Put(event("long00000001", "展示会", w.now.Add(88*day), 10*day, "a@client.example"))
	r := w.reader(t, sato)
	r.read(t)
	for range 5 {
		before := len(r.rows)
		w.now = w.now.Add(day)
		clear(w.purse)
		r.read(t)
		if len(r.rows) != before+1 || len(r.last) != 1 || len(r.alive()) != len(r.rows) {
			t.Errorf("%s: %d new rows, %v", w.now, len(r.rows)-before, r.last)
		}
		if spent := w.purse["calendar/project"]; spent != 3 { // the list of calendars, changes, the new day
			t.Errorf("%d requests", spent)
		}
		r.agree(t, w)
	}
	w.now = w.now.Add(10 * day) // switched off for some days
	r.read(t)
	r.agree(t, w)
}

func TestChoiceOfCalendars(t *testing.T) {
	tests := []struct {
		name   string
		choice Calendars
		want   []string
	}{
		{"default", Calendars{}, []string{"busy", "reader", sato, "shown"}},
		{"included", Calendars{Include: []string{"primary", "Reader's"}}, []string{"reader", sato}},
		{"excluded", Calendars{Exclude: []string{"READER's", "shown@group.calendar.google.com"}}, []string{"busy", sato}},
		{"holidays after all", Calendars{Include: []string{"ja.japanese#holiday@group.v.calendar.google.com"}}, []string{"ja.japanese#holiday"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			for id, role := range map[string]string{"reader@group.calendar.google.com": "reader", "shown@group.calendar.google.com": "freeBusyReader",
				"hidden@group.calendar.google.com": "freeBusyReader", "busy@group.calendar.google.com": "writer",
				"ja.japanese#holiday@group.v.calendar.google.com": "reader", "addressbook#contacts@group.v.calendar.google.com": "reader"} {
				w.server.Calendar(suzuki, id).Share(sato, role)
			}
			w.server.Calendar(suzuki, "reader@group.calendar.google.com").Rename("reader's")
			w.server.Calendar(suzuki, "hidden@group.calendar.google.com").List(sato, func(e *calendar.CalendarListEntry) { e.Selected = false })
			w.settings.Calendars = tt.choice
			list, _, err := w.open(t, sato).calendars(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range list {
				got = append(got, strings.NewReplacer("@group.v.calendar.google.com", "", "@group.calendar.google.com", "").Replace(c.id))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("calendars (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	tests := []struct {
		name    string
		failure fakegoogle.Failure
		kind    connectors.Kind
	}{
		{"server error", fakegoogle.Failure{Method: "calendar.", Status: 503}, connectors.Retryable},
		{"quota as 403", fakegoogle.Failure{Method: "calendar.events", Status: 403, Reason: "rateLimitExceeded", RetryAfter: time.Minute}, connectors.Retryable},
		{"quota as 429", fakegoogle.Failure{Method: "calendar.events", Status: 429, Reason: "rateLimitExceeded", RetryAfter: time.Minute}, connectors.Retryable},
		{"not enabled", fakegoogle.Failure{Method: "calendar.", Status: 403, Reason: "accessNotConfigured"}, connectors.Permanent},
		{"signed out", fakegoogle.Failure{Method: "calendar.", Status: 401, Reason: "authError"}, connectors.AuthExpired},
		{"connection cut", fakegoogle.Failure{Method: "calendar.events", Drop: true}, connectors.Retryable},
		{"answer cut", fakegoogle.Failure{Method: "calendar.events", Half: true}, connectors.Retryable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			fill(w, w.primary(sato), 3)
			r := w.reader(t, sato)
			w.server.Fail(tt.failure)
			b, err := r.src.Fetch(t.Context(), "")
			if err == nil && b.More && len(b.Items) == 0 { // it began, at least
				_, err = r.src.Fetch(t.Context(), b.Next)
			}
			if f := connectors.Classify(err); f == nil || f.Kind != tt.kind {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), w.server.URL) {
				t.Errorf("the error holds an address: %v", err)
			}
			w.server.Heal()
			r.read(t)
			if len(r.alive()) != 3 {
				t.Errorf("%d alive afterwards", len(r.alive()))
			}
		})
	}
}

// Failures all the way, expired access tokens among them: in the end everything was read, once.
func TestBreaksInTheMiddle(t *testing.T) {
	w := newWorld(t)
	w.limits.BatchItems = 4
	fill(w, w.primary(sato), 25)
	w.primary(sato).Put(weekly("30"))
	fill(w, w.server.Calendar(sato, "second@group.calendar.google.com"), 9)
	w.server.Fail(fakegoogle.Failure{Method: "calendar.events", Status: 500, EveryNth: 3, Times: 6})
	w.server.Fail(fakegoogle.Failure{Method: "calendar.events", Half: true, EveryNth: 4, Times: 4})
	r := w.reader(t, sato)
	r.fail = 30
	for range 12 {
		w.now = w.now.Add(10 * time.Minute)
		r.read(t)
	}
	w.server.Heal()
	r.agree(t, w)
}

// One calendar that Google cannot serve does not keep the others from being read, and shows.
func TestOneCalendarFails(t *testing.T) {
	w := newWorld(t)
	fill(w, w.primary(sato), 3)
	r := w.reader(t, sato)
	r.read(t)
	bad := w.server.Calendar(sato, "aaa@group.calendar.google.com")
	bad.Put(event("bad000000001", "x", w.now, time.Hour))
	w.now = w.now.Add(11 * time.Minute)
	w.server.Fail(fakegoogle.Failure{Method: "calendar.events.list", Status: 500, Times: 1})
	w.primary(sato).Put(event("good00000001", "y", w.now, time.Hour))
	b, err := r.src.Fetch(t.Context(), r.cur)
	if err != nil || !b.More {
		t.Fatalf("more %v, %v", b.More, err)
	}
	r.store(b)
	r.read(t)
	r.agree(t, w)
}

func TestProbe(t *testing.T) {
	w := newWorld(t)
	w.server.Calendar(suzuki, "ja.japanese#holiday@group.v.calendar.google.com").Share(sato, "reader")
	report, err := w.open(t, sato).Probe(t.Context())
	text := strings.Join(report.Lines, "\n")
	if err != nil || !strings.Contains(text, "2 calendars") || !strings.Contains(text, "is read (own)") || !strings.Contains(text, "not read (holidays") {
		t.Errorf("%s, %v", text, err)
	}
}

// What fails each time is told: it is neither passed over nor asked for again and again by itself.
func TestWhatAlwaysFailsShows(t *testing.T) {
	tests := []struct {
		name   string
		change func(*world)
		fail   func(path, query string) bool
	}{
		{"the last look at a window", func(w *world) { fill(w, w.primary(sato), 25) }, func(_, query string) bool {
			return strings.Contains(query, "maxResults=2500") && strings.Contains(query, "singleEvents")
		}},
		{"the second page of a series", func(w *world) {
			e := weekly("20")
			e.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=400"}
			w.primary(sato).Put(e)
		}, func(path, query string) bool {
			return strings.HasSuffix(path, "/instances") && strings.Contains(query, "pageToken")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.limits.BatchItems, w.settings.Ahead = 4, "365d"
			r := w.reader(t, sato)
			r.read(t)
			if tt.name == "the last look at a window" {
				r.cur = ""
			}
			tt.change(w)
			w.now = w.now.Add(time.Minute)
			settings := w.settings
			settings.Account = sato
			src, err := settings.open(connectors.Env{Accounts: failing{accounts{w.server}, tt.fail}, Limits: w.limits}, func() time.Time { return w.now })
			if err != nil {
				t.Fatal(err)
			}
			r.src = src
			for range 20 {
				b, err := r.src.Fetch(t.Context(), r.cur)
				if err != nil {
					return
				}
				moved := b.Next != r.cur
				if r.store(b); !moved {
					t.Fatalf("the cursor stands, with %d items and no error", len(b.Items))
				}
			}
			t.Error("no error")
		})
	}
}

// failing is an account for whom some questions always fail.
type failing struct {
	connectors.Accounts

	fail func(path, query string) bool
}

func (f failing) Client(provider, address string, scopes ...string) (*http.Client, error) {
	client, err := f.Accounts.Client(provider, address, scopes...)
	if err != nil {
		return nil, err
	}
	return &http.Client{Transport: failingTransport{client.Transport, f.fail}}, nil
}

type failingTransport struct {
	base http.RoundTripper
	fail func(path, query string) bool
}

func (f failingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.fail(r.URL.Path, r.URL.RawQuery) {
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	return f.base.RoundTrip(r)
}
