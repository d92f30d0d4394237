package googlecalendar

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

const (
	sato   = "sato@example.co.jp"
	suzuki = "suzuki@example.co.jp"
	abe    = "abe@example.co.jp"
)

// accounts signs everybody in at the server of the test; an expired token is renewed when it is refused.
type accounts struct{ server *fakegoogle.Server }

func (a accounts) Client(_, address string, scopes ...string) (*http.Client, error) {
	renew := func() *http.Client { return a.server.HTTPClient(address, scopes...) }
	return &http.Client{Transport: &renewing{client: renew(), renew: renew}}, nil
}

type renewing struct {
	client *http.Client
	renew  func() *http.Client
}

func (r *renewing) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.client.Transport.RoundTrip(req)
	if err == nil && res.StatusCode == http.StatusUnauthorized {
		res.Body.Close()
		r.client = r.renew()
		return r.client.Transport.RoundTrip(req)
	}
	return res, err
}

func (a accounts) Endpoint(string, string) string { return a.server.Endpoints().Calendar }

// purse is a budget that never runs out, and remembers what was spent of it.
type purse map[string]int

func (p purse) Spend(ctx context.Context, cost int, _ bool, limits ...connectors.Budget) error {
	for _, l := range limits {
		p[l.Name] += cost
	}
	return ctx.Err()
}

func (purse) Pause(connectors.Budget, time.Duration) {}

// world is a server with a clock.
type world struct {
	server   *fakegoogle.Server
	now      time.Time
	limits   connectors.Limits
	settings Settings
	purse    purse
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC), settings: Settings{Since: "90d", Ahead: "90d"}, purse: purse{}}
	var err error
	if w.server, err = fakegoogle.Start(fakegoogle.Options{Now: func() time.Time { return w.now }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.server.Close() })
	for _, address := range []string{sato, suzuki, abe} {
		w.server.AddUser(address, address)
	}
	return w
}

func (w *world) open(t testing.TB, account string) *source {
	t.Helper()
	s := w.settings
	s.Account = account
	src, err := s.open(connectors.Env{ID: "cal", Accounts: accounts{w.server}, Budgets: w.purse, Limits: w.limits}, func() time.Time { return w.now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

func (w *world) primary(account string) *fakegoogle.Calendar {
	return w.server.Calendar(account, "primary")
}

// row is what a ledger and the activity behind it would hold of an item.
type row struct {
	item  connectors.Item
	seen  int  // times it was yielded in another state
	gone  bool // withdrawn
	times []time.Time
}

// reader reads a source as the engine does, and keeps what the store would.
type reader struct {
	src   *source
	cur   connectors.Cursor
	rows  map[string]*row
	notes []string
	last  []string // external ids of the items of the last reading
	fail  int      // failed fetches that are tried again
}

func (w *world) reader(t testing.TB, account string) *reader {
	return &reader{src: w.open(t, account), rows: make(map[string]*row)}
}

func (r *reader) read(t testing.TB) {
	t.Helper()
	r.notes, r.last = nil, nil
	for range 500 {
		b, err := r.src.Fetch(t.Context(), r.cur)
		if err != nil && r.fail > 0 {
			r.fail--
			continue
		}
		if err != nil {
			t.Fatalf("fetch: %v", err)
		}
		r.store(b)
		if !b.More {
			return
		}
	}
	t.Fatal("reading does not end")
}

func (r *reader) store(b connectors.Batch) {
	r.cur, r.notes = b.Next, append(r.notes, b.Notes...)
	for _, item := range b.Items {
		r.last = append(r.last, item.ExternalID)
		old := r.rows[item.ExternalID]
		if old == nil {
			old = &row{}
			r.rows[item.ExternalID] = old
		}
		if old.gone || !cmp.Equal(old.item.Meeting, item.Meeting) {
			old.seen++
		}
		if item.Meeting != nil {
			old.times = append(old.times, item.Meeting.Start)
		}
		old.item, old.gone = item, false
	}
	for _, scope := range b.Withdrawn {
		for id, one := range r.rows {
			m := one.item.Meeting
			if strings.HasPrefix(id, scope.Prefix) && !slices.Contains(scope.Present, id) && m != nil &&
				!m.Start.Before(scope.From) && (scope.To.IsZero() || m.Start.Before(scope.To)) {
				one.gone = true
			}
		}
	}
}

// alive gives what is there and not cancelled, by external id.
func (r *reader) alive() map[string]*connectors.Meeting {
	out := make(map[string]*connectors.Meeting)
	for id, one := range r.rows {
		if !one.gone && one.item.Meeting != nil && one.item.Meeting.Status != crm.MeetingCancelled {
			out[id] = one.item.Meeting
		}
	}
	return out
}

// agree reads the calendars anew and compares: an uninterrupted reading must see what was followed step by step.
func (r *reader) agree(t *testing.T, w *world) {
	t.Helper()
	fresh := w.reader(t, r.src.settings.Account)
	fresh.read(t)
	if diff := cmp.Diff(fresh.alive(), r.alive()); diff != "" {
		t.Errorf("what was followed differs from what is there (-there +followed):\n%s", diff)
	}
}

func at(zone string, y int, m time.Month, d, hour, minute int) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return time.Date(y, m, d, hour, minute, 0, 0, loc)
}

func clock(t time.Time) *calendar.EventDateTime {
	return &calendar.EventDateTime{DateTime: t.Format(time.RFC3339), TimeZone: t.Location().String()}
}

func date(text string) *calendar.EventDateTime { return &calendar.EventDateTime{Date: text} }

func event(id, summary string, start time.Time, length time.Duration, guests ...string) *calendar.Event {
	e := &calendar.Event{Id: id, Summary: summary, Start: clock(start), End: clock(start.Add(length))}
	for _, g := range guests {
		e.Attendees = append(e.Attendees, &calendar.EventAttendee{Email: g})
	}
	return e
}

// weekly is a series of n Tuesdays at ten in Tokyo, the first 12 of them before the clock of the world.
func weekly(n string) *calendar.Event {
	e := event("weekly000001", "定例", at("Asia/Tokyo", 2026, 9, 1, 10, 0), time.Hour, sato, "tanaka@client.example")
	e.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=" + n}
	return e
}
