package googlecalendar

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Google tells a cancelled occurrence with its details to the organiser and to a guest alike. Only of the organiser's
// calendar it means that the meeting is called off.
func TestCancelledWithDetails(t *testing.T) {
	for _, organiser := range []bool{true, false} {
		w := newWorld(t)
		f := &fetch{s: w.open(t, sato), state: &state{Calendars: map[string]*progress{}}}
		e := event("weekly000001_20261201T010000Z", "定例", at("Asia/Tokyo", 2026, 12, 1, 10, 0), time.Hour, "x@client.example")
		e.RecurringEventId, e.OriginalStartTime, e.ICalUID, e.Status = "weekly000001", e.Start, "weekly000001@google.com", cancelled
		e.Organizer = &calendar.EventOrganizer{Email: suzuki, Self: organiser}
		f.change(view{listed: listed{id: sato, name: sato}}, &progress{To: 1 << 40}, e)
		if organiser && (len(f.batch.Items) != 1 || f.batch.Items[0].Meeting.Status != crm.MeetingCancelled || len(f.batch.Withdrawn) != 0) {
			t.Errorf("the organiser's: %+v", f.batch)
		}
		if !organiser && (len(f.batch.Items) != 0 || len(f.batch.Withdrawn) != 1 || f.batch.Withdrawn[0].Prefix != sato+"/"+second) {
			t.Errorf("a guest's: %+v", f.batch)
		}
	}
}

// Google's token differs with every answer; without news the cursor stays all the same.
func TestNewTokensWithoutNews(t *testing.T) {
	s := silent{list: []byte(`{"kind":"calendar#calendarList","items":[{"id":"sato@example.co.jp","accessRole":"owner"}]}`), none: []byte(`{"kind":"calendar#events","items":[],"nextSyncToken":"first"}`)}
	now := time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)
	settings := Settings{Account: sato, Since: "90d", Ahead: "90d"}
	src, err := settings.open(connectors.Env{Accounts: &s, Budgets: purse{}}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{src: src, rows: map[string]*row{}}
	r.read(t)
	before := r.cur
	s.none = []byte(`{"kind":"calendar#events","items":[],"nextSyncToken":"second"}`)
	if src, err = settings.open(connectors.Env{Accounts: &s, Budgets: purse{}}, func() time.Time { return now }); err != nil {
		t.Fatal(err)
	}
	r.src = src
	if r.read(t); r.cur != before {
		t.Errorf("the cursor moved from %s to %s", before, r.cur)
	}
	now = now.Add(day)
	if r.read(t); r.cur == before {
		t.Error("the new token was not taken with the new day")
	}
}

// A series and one of its exceptions that change together are yielded once each.
func TestSeriesAndExceptionTogether(t *testing.T) {
	w := newWorld(t)
	cal := w.primary(sato)
	cal.Put(weekly("20"))
	r := w.reader(t, sato)
	r.read(t)
	w.now = w.now.Add(time.Minute)
	longer := weekly("21")
	cal.Put(longer)
	cal.Change("weekly000001", "20261201T010000Z", func(e *calendar.Event) { e.Location = "本社" })
	r.read(t)
	slices.Sort(r.last)
	if n := len(slices.Compact(slices.Clone(r.last))); n != len(r.last) || n != 21 {
		t.Errorf("%d items of %d", len(r.last), n)
	}
	if m := r.alive()[sato+"/"+second]; m.Location != "本社" {
		t.Errorf("got %+v", m)
	}
	r.agree(t, w)
}

func TestEntryWithoutLengthAtTheWindowsBegin(t *testing.T) {
	w := newWorld(t)
	w.primary(sato).Put(event("zero00000001", "締切", w.now.Truncate(day).Add(-90*day), 0))
	r := w.reader(t, sato)
	r.read(t)
	if len(r.rows) != 1 {
		t.Errorf("%d items", len(r.rows))
	}
}
