package caldav

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/sourcetest"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/testradicale"
)

// radicale is shared by the tests; each has a user of its own.
var (
	radicale *testradicale.Server
	nextUser atomic.Int64
)

func TestMain(m *testing.M) {
	users := make(map[string]string)
	for i := range 60 {
		users[fmt.Sprintf("user%d", i)] = "secret"
	}
	server, err := testradicale.Start(users)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	radicale = server
	code := m.Run()
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// noon is when the tests take place.
var noon = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

// account is a user of the server with one calendar.
type account struct {
	t    *testing.T
	user string
	cal  *testradicale.Calendar
	now  time.Time
}

func newAccount(t *testing.T) *account {
	t.Helper()
	a := &account{t: t, user: fmt.Sprintf("user%d", nextUser.Add(1)-1), now: noon}
	a.cal = a.calendar("work", "仕事")
	return a
}

func (a *account) calendar(id, name string) *testradicale.Calendar {
	a.t.Helper()
	cal, err := radicale.MakeCalendar(a.user, id, name)
	if err != nil {
		a.t.Fatal(err)
	}
	return cal
}

// put stores an event whose lines are given; more components follow after a line "--".
func (a *account) put(name string, lines ...string) {
	a.t.Helper()
	if err := a.cal.Put(name, ics(name, lines...)); err != nil {
		a.t.Fatal(err)
	}
}

func (a *account) remove(name string) {
	a.t.Helper()
	if err := a.cal.Delete(name); err != nil {
		a.t.Fatal(err)
	}
}

func ics(name string, lines ...string) string {
	uid := strings.TrimSuffix(name, ".ics")
	head := "BEGIN:VEVENT\r\nUID:" + uid + "\r\nDTSTAMP:20261120T000000Z\r\n"
	text := strings.ReplaceAll(strings.Join(lines, "\r\n")+"\r\n", "--\r\n", "END:VEVENT\r\n"+head)
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\n" + head + text + "END:VEVENT\r\nEND:VCALENDAR\r\n"
}

// source opens a source; change may change its settings.
func (a *account) source(change ...func(*Settings)) *source {
	a.t.Helper()
	s, ok := Kind().NewSettings().(*Settings)
	if !ok {
		a.t.Fatal("no settings")
	}
	s.URL, s.Username, s.Password = radicale.URL, a.user, "secret"
	for _, c := range change {
		c(s)
	}
	if problems := s.Check(); len(problems) > 0 {
		a.t.Fatalf("settings: %v", problems)
	}
	opened, err := s.open(connectors.Env{})
	if err != nil {
		a.t.Fatal(err)
	}
	opened.now = func() time.Time { return a.now }
	a.t.Cleanup(func() { opened.Close() })
	return opened
}

// id is the external id of an occurrence in the account's calendar.
func (a *account) id(name, occurrence string) string {
	return url.PathEscape(a.cal.Path) + "/" + name + ";" + occurrence
}

// book is what a store would have after the batches: items by external id, without those that were withdrawn.
type book struct {
	items map[string]connectors.Item
	notes []string
	count int // of items that came
}

func newBook() *book { return &book{items: make(map[string]connectors.Item)} }

// readAll fetches until nothing more is pending.
func (b *book) readAll(t *testing.T, s connectors.Source, cur connectors.Cursor) connectors.Cursor {
	t.Helper()
	for range 1000 {
		batch, err := s.Fetch(t.Context(), cur)
		if err != nil {
			t.Fatalf("fetch: %v", err)
		}
		b.apply(batch)
		cur = batch.Next
		if !batch.More {
			return cur
		}
	}
	t.Fatal("reading does not end")
	return ""
}

func (b *book) apply(batch connectors.Batch) {
	b.notes = append(b.notes, batch.Notes...)
	b.count += len(batch.Items)
	for _, item := range batch.Items {
		b.items[item.ExternalID] = item
	}
	for _, scope := range batch.Withdrawn {
		for id, item := range b.items {
			in := (scope.From.IsZero() || !item.Received.Before(scope.From)) && (scope.To.IsZero() || item.Received.Before(scope.To))
			if strings.HasPrefix(id, scope.Prefix) && in && !slices.Contains(scope.Present, id) {
				delete(b.items, id)
			}
		}
	}
}

// shows gives "occurrence>start status" of the items of a resource, in order.
func (b *book) shows(a *account, name string) []string {
	var out []string
	for id, item := range b.items {
		if strings.HasPrefix(id, a.id(name, "")) {
			out = append(out, item.Meeting.Occurrence+">"+item.Meeting.Start.Format("0102T1504")+" "+item.Meeting.Status)
		}
	}
	slices.Sort(out)
	return out
}

func TestSuite(t *testing.T) {
	a := newAccount(t)
	for i := range 5 {
		a.put(fmt.Sprintf("m%d.ics", i), fmt.Sprintf("DTSTART:202611%02dT010000Z", 10+i), "DURATION:PT1H", "SUMMARY:打合せ")
	}
	a.put("weekly.ics", "DTSTART;TZID=Asia/Tokyo:20261103T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=20")
	a.put("bad.ics", "DTSTART:20261110T010000Z", "RRULE:FREQ=HOURLY;COUNT=3")
	a.put("日本 語.ics", "DTSTART;VALUE=DATE:20261110")
	sourcetest.Run(t, func(*testing.T) connectors.Source {
		return a.source(func(s *Settings) { s.Calendars = []string{"仕事"} })
	})
}

func TestSeries(t *testing.T) {
	a := newAccount(t)
	weekly := []string{"DTSTART;TZID=Asia/Tokyo:20261103T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=52", "SUMMARY:定例",
		"ORGANIZER;CN=佐藤:mailto:sato@example.co.jp", "ATTENDEE;CN=田中;PARTSTAT=ACCEPTED:MAILTO:tanaka@client.co.jp"}
	a.put("w.ics", weekly...)
	s, b := a.source(), newBook()
	cur := b.readAll(t, s, "")
	if got := b.shows(a, "w.ics"); len(got) != 16 || got[0] != "20261103T010000Z>1103T0100 confirmed" { // to 90 days ahead
		t.Fatalf("got %d occurrences: %v", len(got), got)
	}
	last := weekly[len(weekly)-1]
	exceptions := []string{
		"--", "RECURRENCE-ID;TZID=Asia/Tokyo:20261110T100000", "DTSTART;TZID=Asia/Tokyo:20261112T150000", "DURATION:PT1H", "SUMMARY:定例", "SEQUENCE:1", "ORGANIZER:mailto:sato@example.co.jp", last,
		"--", "RECURRENCE-ID;TZID=Asia/Tokyo:20261117T100000", "DTSTART;TZID=Asia/Tokyo:20261117T100000", "DURATION:PT1H", "SUMMARY:定例", "STATUS:CANCELLED",
		"--", "RECURRENCE-ID;TZID=Asia/Tokyo:20261124T100000", "DTSTART;TZID=Asia/Tokyo:20261124T100000", "DURATION:PT1H", "SUMMARY:定例", "ORGANIZER:mailto:sato@example.co.jp", last, "ATTENDEE:mailto:suzuki@client.co.jp",
	}
	a.put("w.ics", append(slices.Clone(weekly), exceptions...)...)
	cur = b.readAll(t, s, cur)
	got := b.shows(a, "w.ics")
	want := []string{"20261103T010000Z>1103T0100 confirmed", "20261110T010000Z>1112T0600 confirmed", "20261117T010000Z>1117T0100 cancelled", "20261124T010000Z>1124T0100 confirmed", "20261201T010000Z>1201T0100 confirmed"}
	if diff := gocmp.Diff(want, got[:5]); diff != "" || len(got) != 16 {
		t.Errorf("%d occurrences (-want +got):\n%s", len(got), diff)
	}
	if n := len(b.items[a.id("w.ics", "20261124T010000Z")].Meeting.Attendees); n != 2 {
		t.Errorf("the new attendee is missing: %d", n)
	}
	// This and following: the series ends, another one begins.
	weekly[2] = "RRULE:FREQ=WEEKLY;UNTIL=20261207T000000Z"
	a.put("w.ics", append(slices.Clone(weekly), exceptions...)...)
	a.put("w2.ics", "DTSTART;TZID=Asia/Tokyo:20261208T140000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=47", "SUMMARY:定例")
	cur = b.readAll(t, s, cur)
	if got := b.shows(a, "w.ics"); len(got) != 5 {
		t.Errorf("after the cut: %v", got)
	}
	if got := b.shows(a, "w2.ics"); len(got) != 11 || got[0] != "20261208T050000Z>1208T0500 confirmed" {
		t.Errorf("the new series: %d %v", len(got), got)
	}
	a.remove("w2.ics")
	if cur = b.readAll(t, s, cur); len(b.shows(a, "w2.ics")) != 0 {
		t.Error("the removed series is still there")
	}
	before := b.count
	if next := b.readAll(t, s, cur); next != cur || b.count != before {
		t.Errorf("an idle poll moved the cursor or yielded something:\n%s\n%s", cur, next)
	}
}

func TestWindowMoves(t *testing.T) {
	a := newAccount(t)
	a.put("daily.ics", "DTSTART;TZID=America/New_York:20261001T090000", "DURATION:PT30M", "RRULE:FREQ=DAILY")
	a.put("far.ics", "DTSTART:20270301T000000Z", "DURATION:PT1H")
	s, b := a.source(), newBook()
	cur := b.readAll(t, s, "")
	if len(b.shows(a, "far.ics")) != 0 {
		t.Error("what is beyond the window was read")
	}
	for range 10 {
		a.now = a.now.AddDate(0, 0, 1)
		cur = b.readAll(t, s, cur)
	}
	a.now = a.now.AddDate(0, 0, 5)
	cur = b.readAll(t, s, cur)
	if len(b.shows(a, "far.ics")) != 1 {
		t.Error("what came into the window was not read")
	}
	fresh := newBook()
	fresh.readAll(t, a.source(), "")
	for id := range fresh.items {
		if _, ok := b.items[id]; !ok {
			t.Errorf("%s is missing", id)
		}
	}
	// On both sides of the clock's change: 9:00 in New York is 13:00 and then 14:00 UTC.
	if got := b.items[a.id("daily.ics", "20261031T130000Z")].Meeting; got == nil {
		t.Error("no occurrence before the change of the clock")
	}
	if got := b.items[a.id("daily.ics", "20261102T140000Z")].Meeting; got == nil || got.Zone != "America/New_York" {
		t.Errorf("after the change of the clock: %v", got)
	}
	if next := b.readAll(t, s, cur); next != cur {
		t.Error("an idle poll moved the cursor")
	}
}

func TestKindsOfEvents(t *testing.T) {
	a := newAccount(t)
	lines := []string{"DTSTART:20261124T000000Z", "DURATION:PT1H", "ORGANIZER:mailto:sato@example.co.jp"}
	for i := range 300 {
		lines = append(lines, fmt.Sprintf("ATTENDEE;CN=参加者%d:mailto:p%d@client.co.jp", i, i))
	}
	a.put("many.ics", lines...)
	a.put("none.ics", "DTSTART:20261124T000000Z", "DURATION:PT1H", "SUMMARY:一人")
	a.put("long.ics", "DTSTART;VALUE=DATE:20261120", "DTEND;VALUE=DATE:20261130", "SUMMARY:展示会")
	b := newBook()
	b.readAll(t, a.source(), "")
	if m := b.items[a.id("many.ics", "")].Meeting; m == nil || len(m.Attendees) != 300 || m.Partial {
		t.Errorf("300 attendees: %v", m)
	}
	if m := b.items[a.id("none.ics", "")].Meeting; m == nil || len(m.Attendees) != 0 || m.Organizer != (connectors.Attendee{}) {
		t.Errorf("no attendees: %v", m)
	}
	if m := b.items[a.id("long.ics", "")].Meeting; m == nil || !m.AllDay || m.End.Sub(m.Start) != 240*time.Hour || m.Zone != "Asia/Tokyo" {
		t.Errorf("ten days: %v", m)
	}
}

func TestTokensDie(t *testing.T) {
	a := newAccount(t)
	for i := range 120 {
		a.put(fmt.Sprintf("e%03d.ics", i), "DTSTART:20261124T000000Z", "DURATION:PT1H")
	}
	s, b := a.source(), newBook()
	s.limits.BatchItems = 30
	cur := b.readAll(t, s, "")
	if len(b.items) != 120 {
		t.Fatalf("got %d items", len(b.items))
	}
	if err := radicale.ForgetTokens(); err != nil {
		t.Fatal(err)
	}
	a.remove("e005.ics")
	a.put("e006.ics", "DTSTART:20261124T030000Z", "DURATION:PT1H")
	a.put("new.ics", "DTSTART:20261125T000000Z", "DURATION:PT1H")
	// In the middle of the full reading another process goes on, and something changes behind it.
	batch, err := s.Fetch(t.Context(), cur)
	if err != nil || !batch.Backfill || len(batch.Notes) == 0 {
		t.Fatalf("backfill %v, notes %v, error %v", batch.Backfill, batch.Notes, err)
	}
	b.apply(batch)
	a.put("a-late.ics", "DTSTART:20261126T000000Z", "DURATION:PT1H")
	a.remove("e000.ics")
	next := a.source()
	next.limits.BatchItems = 30
	b.readAll(t, next, batch.Next)
	if len(b.items) != 120 || len(b.shows(a, "e005.ics"))+len(b.shows(a, "e000.ics")) != 0 || len(b.shows(a, "new.ics")) != 1 || len(b.shows(a, "a-late.ics")) != 1 {
		t.Errorf("got %d items", len(b.items))
	}
	if got := b.shows(a, "e006.ics"); !slices.Equal(got, []string{">1124T0300 confirmed"}) {
		t.Errorf("the changed one: %v", got)
	}
}

func TestCalendarsComeAndGo(t *testing.T) {
	a := newAccount(t)
	a.put("a.ics", "DTSTART:20261124T000000Z", "DURATION:PT1H")
	second := a.calendar("second", "個人")
	if err := second.Put("b.ics", ics("b.ics", "DTSTART:20261124T000000Z")); err != nil {
		t.Fatal(err)
	}
	s, b := a.source(), newBook()
	cur := b.readAll(t, s, "")
	if len(b.items) != 2 {
		t.Fatalf("got %d items", len(b.items))
	}
	if err := second.Delete(""); err != nil {
		t.Fatal(err)
	}
	b.notes = nil
	cur = b.readAll(t, s, cur)
	if len(b.items) != 2 || len(b.notes) != 1 || !strings.Contains(b.notes[0], "second") {
		t.Errorf("%d items, notes %q", len(b.items), b.notes)
	}
	if next := b.readAll(t, s, cur); next != cur || len(b.notes) != 1 {
		t.Errorf("it is told again: %q", b.notes)
	}
	third := a.calendar("third", "新規")
	if err := third.Put("c.ics", ics("c.ics", "DTSTART:20261124T000000Z")); err != nil {
		t.Fatal(err)
	}
	cur = b.readAll(t, s, cur)
	if len(b.items) != 3 {
		t.Errorf("the new calendar was not read: %d items", len(b.items))
	}
	chosen, c := a.source(func(s *Settings) { s.ExcludeCalendars = []string{"新規", "/" + a.user + "/nothing/"} }), newBook()
	if c.readAll(t, chosen, ""); len(c.items) != 1 {
		t.Errorf("with one excluded: %d items", len(c.items))
	}
	_ = cur
}

func TestProbe(t *testing.T) {
	a := newAccount(t)
	a.put("a.ics", "DTSTART:20261124T000000Z", "DURATION:PT1H")
	report, err := a.source().Probe(t.Context())
	if err != nil || report.Items != 1 || len(report.Lines) != 2 || !strings.Contains(report.Lines[1], "仕事") {
		t.Errorf("%v %v", report, err)
	}
	wrong := a.source(func(s *Settings) { s.Password = "wrong" })
	if _, err := wrong.Probe(t.Context()); connectors.Classify(err).Kind != connectors.AuthExpired || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong password gives %v", err)
	}
	one := a.source(func(s *Settings) { s.URL = strings.TrimSuffix(radicale.URL, "/") + a.cal.Path })
	if report, err := one.Probe(t.Context()); err != nil || report.Items != 1 {
		t.Errorf("with the address of a calendar: %v %v", report, err)
	}
}

func TestGetFarAway(t *testing.T) {
	a := newAccount(t)
	a.put("old.ics", "DTSTART:20200106T000000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")
	a.put("once.ics", "DTSTART:20200106T000000Z", "DURATION:PT1H")
	ids := []string{a.id("old.ics", "20200113T000000Z"), a.id("once.ics", ""), a.id("old.ics", "20200114T000000Z"), a.id("gone.ics", "")}
	got, err := a.source().Get(t.Context(), ids)
	slices.SortFunc(got, func(x, y connectors.Item) int { return cmp.Compare(x.ExternalID, y.ExternalID) })
	if err != nil || len(got) != 2 || got[0].ExternalID != ids[0] || got[1].Key != crm.MeetingKey("once", "") {
		t.Errorf("%v %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.source().Get(ctx, ids); err == nil {
		t.Error("a cancelled Get gives no error")
	}
}
