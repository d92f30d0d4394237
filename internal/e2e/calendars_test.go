package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/internal/testradicale"
)

const ito = "ito@example.co.jp"

// appointment is an event as people think of it; either kind of server makes its own of it.
type appointment struct {
	id, summary, location, text string

	start, end time.Time
	allDay     bool
	rule       string
	private    bool
	organiser  string
	guests     []guest // the organiser is accepted and stands before them; none at all for an entry without guests
}

type guest struct{ address, response string }

// uid is what Google makes of the id.
func (a *appointment) uid() string { return a.id + "@google.com" }

func (a *appointment) key() string { return string(crm.MeetingKey(a.uid(), "")) }

// desk is one kind of server with the reps' calendars.
type desk interface {
	put(rep string, a *appointment) // into the rep's own calendar
	spread(a *appointment)          // into the calendars of all reps on it, the organiser's first
	drop(rep string, a *appointment)
	respond(rep, response string, a *appointment)
	site(since, ahead string) *site // reads the calendars of all reps
	config(since, ahead string) string
}

// bothDesks runs a test with either kind of server. What the runs give must be the same.
func bothDesks[T any](t *testing.T, reps []string, test func(t *testing.T, d desk) T) {
	t.Helper()
	results := map[string]T{}
	t.Run("google", func(t *testing.T) {
		g := startGoogle(t, fakegoogle.Options{}, reps...)
		results["google"] = test(t, &googleDesk{g, reps})
	})
	t.Run("caldav", func(t *testing.T) { results["caldav"] = test(t, newDAVDesk(t, reps...)) })
	if diff := cmp.Diff(results["google"], results["caldav"], cmp.AllowUnexported(exportedMeeting{})); diff != "" && !t.Failed() {
		t.Errorf("the calendars disagree (-google +caldav):\n%.6000s", diff)
	}
}

type googleDesk struct {
	*google
	reps []string
}

func (g *googleDesk) event(a *appointment) *calendar.Event {
	at := func(t time.Time) *calendar.EventDateTime {
		if a.allDay {
			return &calendar.EventDateTime{Date: t.Format(time.DateOnly)}
		}
		return &calendar.EventDateTime{DateTime: t.Format(time.RFC3339), TimeZone: "Asia/Tokyo"}
	}
	e := &calendar.Event{Id: a.id, ICalUID: a.uid(), Summary: a.summary, Location: a.location, Description: a.text, Start: at(a.start), End: at(a.end)}
	if a.organiser != "" {
		e.Organizer = &calendar.EventOrganizer{Email: a.organiser}
	}
	if a.rule != "" {
		e.Recurrence = []string{a.rule}
	}
	if a.private {
		e.Visibility = "private"
	}
	for i, who := range a.everybody() {
		e.Attendees = append(e.Attendees, &calendar.EventAttendee{Email: who.address, ResponseStatus: who.response, Organizer: i == 0})
	}
	return e
}

func (a *appointment) everybody() []guest {
	if len(a.guests) == 0 {
		return nil
	}
	return append([]guest{{a.organiser, "accepted"}}, a.guests...)
}

func (g *googleDesk) put(rep string, a *appointment) { g.Calendar(rep, "primary").Put(g.event(a)) }

func (g *googleDesk) spread(a *appointment) {
	g.put(a.organiser, a)
	g.Calendar(a.organiser, "primary").Invite(a.id)
}

func (g *googleDesk) drop(rep string, a *appointment) { g.Calendar(rep, "primary").Delete(a.id) }

func (g *googleDesk) respond(rep, response string, a *appointment) {
	g.Calendar(rep, "primary").Respond(a.id, "", response)
}

func (g *googleDesk) config(since, ahead string) string {
	return g.google.config("[calendar]", g.reps...) + unpaced + fmt.Sprintf("  calendar: {since: %s, ahead: %s}\n", since, ahead)
}

func (g *googleDesk) site(since, ahead string) *site {
	s := newSite(g.t, g.config(since, ahead))
	g.writeKey(s)
	return s
}

// davDesk is a Radicale behind a proxy that notes what is asked.
type davDesk struct {
	t         *testing.T
	server    *testradicale.Server
	proxy     *davProxy
	calendars map[string]*testradicale.Calendar
	reps      []string
	stamp     time.Time
}

func newDAVDesk(t *testing.T, reps ...string) *davDesk {
	t.Helper()
	users := map[string]string{}
	for _, rep := range reps {
		users[local(rep)] = "secret"
	}
	server, err := testradicale.Start(users)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	d := &davDesk{t: t, server: server, proxy: newDAVProxy(t, server.URL), calendars: map[string]*testradicale.Calendar{}, reps: reps, stamp: time.Now().Add(-time.Hour)}
	for _, rep := range reps {
		if d.calendars[rep], err = server.MakeCalendar(local(rep), "work", rep); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func local(address string) string {
	name, _, _ := strings.Cut(address, "@")
	return name
}

func (d *davDesk) ics(a *appointment) string {
	d.stamp = d.stamp.Add(time.Second)
	at := func(name string, t time.Time) string {
		if a.allDay {
			return name + ";VALUE=DATE:" + t.Format("20060102")
		}
		return name + ";TZID=Asia/Tokyo:" + t.In(tokyo(d.t)).Format("20060102T150405")
	}
	lines := []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", "BEGIN:VEVENT", "UID:" + a.uid(), "DTSTAMP:" + crmOccurrence(d.stamp),
		"LAST-MODIFIED:" + crmOccurrence(d.stamp), at("DTSTART", a.start), at("DTEND", a.end), "SUMMARY:" + a.summary}
	for name, value := range map[string]string{"LOCATION": a.location, "DESCRIPTION": a.text} {
		if value != "" {
			lines = append(lines, name+":"+value)
		}
	}
	if a.rule != "" {
		lines = append(lines, a.rule)
	}
	if a.private {
		lines = append(lines, "CLASS:PRIVATE")
	}
	for i, who := range a.everybody() {
		if i == 0 {
			lines = append(lines, "ORGANIZER:mailto:"+who.address)
		}
		state := map[string]string{"accepted": "ACCEPTED", "declined": "DECLINED", "needsAction": "NEEDS-ACTION", "tentative": "TENTATIVE"}[who.response]
		lines = append(lines, "ATTENDEE;PARTSTAT="+state+":mailto:"+who.address)
	}
	return strings.Join(append(lines, "END:VEVENT", "END:VCALENDAR", ""), "\r\n")
}

func (d *davDesk) put(rep string, a *appointment) {
	d.t.Helper()
	if err := d.calendars[rep].Put(a.id+".ics", d.ics(a)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *davDesk) spread(a *appointment) {
	d.t.Helper()
	for _, who := range a.everybody() {
		if slices.Contains(d.reps, who.address) {
			d.put(who.address, a)
		}
	}
}

func (d *davDesk) drop(rep string, a *appointment) {
	d.t.Helper()
	if err := d.calendars[rep].Delete(a.id + ".ics"); err != nil {
		d.t.Fatal(err)
	}
}

func (d *davDesk) respond(rep, response string, a *appointment) {
	d.t.Helper()
	for i := range a.guests {
		if a.guests[i].address == rep {
			a.guests[i].response = response
		}
	}
	d.spread(a)
}

func (d *davDesk) config(since, ahead string) string {
	config := head()
	for _, rep := range d.reps {
		config += d.source(rep, since, ahead)
	}
	return config
}

func (d *davDesk) source(rep, since, ahead string) string {
	return fmt.Sprintf("  - id: %s-cal\n    kind: caldav\n    owner: %s\n    settings: {url: \"%s/%s/\", username: %s, password: \"${MAIL_PASSWORD}\", since: %s, ahead: %s}\n",
		local(rep), rep, d.proxy.URL, local(rep), local(rep), since, ahead)
}

func (d *davDesk) site(since, ahead string) *site { return newSite(d.t, d.config(since, ahead)) }

// davProxy stands before a calendar server, notes each request, and calls before with it.
type davProxy struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string // "REPORT /sato/work/"
	before func(r *http.Request)
}

func newDAVProxy(t *testing.T, target string) *davProxy {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	p := &davProxy{before: func(*http.Request) {}}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.URL.Path)
		p.before(r)
		p.mu.Unlock()
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// hook sets what is called before each request is passed on, one at a time.
func (p *davProxy) hook(before func(r *http.Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = before
}

// take forgets what was asked so far and gives it.
func (p *davProxy) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

// unpaced is a part of the google section: the tests need not wait for quotas, which others test.
const unpaced = "  quota: {user_per_minute: 240000, project_per_minute: 480000, calendar_user_per_minute: 60000}\n"

func tokyo(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// clock is a time of a day some days from today in Tokyo.
func clock(t *testing.T, days, hour int) time.Time {
	t.Helper()
	now := time.Now().In(tokyo(t))
	return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, now.Location())
}

// exportedMeeting is everything that export says of a meeting but ids made by chance, and where it was seen.
type exportedMeeting struct {
	meeting

	Text, Thread string
	Others       []struct{ Email, Role, Response, Type string }
	Observed     []struct {
		Source     string
		ExternalID string `json:"external_id"`
		Withdrawn  bool
	}
	Match    struct{ Rule, Evidence string }
	Messages []string
}

// gathered gives the exported meetings by UID and occurrence.
func (s *site) gathered() map[string]exportedMeeting {
	s.t.Helper()
	out := map[string]exportedMeeting{}
	for _, m := range decodeLines[exportedMeeting](s.t, s.must("export", "activities")) {
		if m.Kind != "meeting" {
			continue
		}
		name := strings.TrimSuffix(m.Meeting.UID, "@google.com")
		if m.Meeting.Occurrence != "" {
			name += ";" + m.Meeting.Occurrence
		}
		if _, twice := out[name]; twice {
			s.t.Errorf("%s stands twice", name)
		}
		out[name] = m
	}
	return out
}

// placeless takes out what differs from one kind of server to another, but not how often it was seen.
func placeless(all map[string]exportedMeeting) map[string]exportedMeeting {
	for name, m := range all {
		for i := range m.Observed {
			m.Observed[i].Source, m.Observed[i].ExternalID = "", ""
		}
		all[name] = m
	}
	return all
}

// TestThreeCalendars has one meeting in the calendars of three reps: one activity that all of them own. One of them
// declines, another takes it off her calendar, and at last the organiser calls it off.
func TestThreeCalendars(t *testing.T) {
	t.Parallel()
	bothDesks(t, []string{ito, sato, suzuki}, func(t *testing.T, d desk) []map[string]exportedMeeting {
		a := &appointment{id: "kickoff", summary: "キックオフ", location: "会議室 A", text: "議題は別紙", start: clock(t, 7, 10), end: clock(t, 7, 11), organiser: sato,
			guests: []guest{{suzuki, "accepted"}, {ito, "needsAction"}, {tanaka, "accepted"}, {"stranger@else.example", "tentative"}}}
		d.spread(a)
		s := d.site("30d", "30d")
		s.importGuests()
		s.must("sync")
		story := []map[string]exportedMeeting{placeless(s.gathered())}
		checkExport(t, s, a)

		d.respond(suzuki, "declined", a)
		s.must("sync")
		story = append(story, placeless(s.gathered()))
		if m := story[1]["kickoff"]; m.Status != crm.MeetingConfirmed || m.response(suzuki) != crm.ResponseDeclined || len(m.Revisions) != 0 {
			t.Errorf("after suzuki declined: %s, she has %q, %d revisions", m.Status, m.response(suzuki), len(m.Revisions))
		}

		d.drop(ito, a)
		s.must("sync")
		story = append(story, placeless(s.gathered()))
		if m := story[2]["kickoff"]; m.Status != crm.MeetingConfirmed || len(m.Owners) != 3 || len(m.Observed) != 3 || m.withdrawn() != 1 {
			t.Errorf("taken off one calendar: %s, owners %v, %d of %d observations withdrawn", m.Status, m.Owners, m.withdrawn(), len(m.Observed))
		}
		s.must("verify")

		d.drop(sato, a)
		s.must("sync")
		story = append(story, placeless(s.gathered()))
		m := story[3]["kickoff"]
		if m.Status != crm.MeetingCancelled || len(m.Revisions) != 1 || m.Revisions[0].Status != crm.MeetingConfirmed {
			t.Errorf("called off: %s after %+v", m.Status, m.Revisions)
		}
		s.must("verify")
		last := len(story) - 1
		story[last] = nil // Google takes it off suzuki's calendar as well, CalDAV without scheduling does not
		return story
	})
}

func (m exportedMeeting) response(address string) string {
	for _, p := range slices.Concat(m.People, m.Others) {
		if p.Email == address {
			return p.Response
		}
	}
	return "is not on it"
}

func (m exportedMeeting) withdrawn() int {
	n := 0
	for _, o := range m.Observed {
		if o.Withdrawn {
			n++
		}
	}
	return n
}

// checkExport compares the one line of the export with what the contract promises, key by key.
func checkExport(t *testing.T, s *site, a *appointment) {
	t.Helper()
	lines := decodeLines[map[string]any](t, s.must("export", "activities"))
	if len(lines) != 1 {
		t.Fatalf("%d activities, want 1", len(lines))
	}
	got := lines[0]
	meeting, _ := got["meeting"].(map[string]any)
	delete(meeting, "updated")
	delete(meeting, "sequence")
	for i, p := range got["people"].([]any) {
		if id, _ := p.(map[string]any)["id"].(string); id == "" {
			t.Errorf("person %d has no id", i)
		}
		delete(p.(map[string]any), "id")
	}
	places := 0
	for _, o := range got["observed"].([]any) {
		place := o.(map[string]any)
		if id, _ := place["external_id"].(string); !strings.HasSuffix(id, ";") || !strings.Contains(id, "/") || place["folder"] == "" {
			t.Errorf("seen at %v", place)
		}
		places++
	}
	accounts := len(got["accounts"].([]any))
	if places != 3 || accounts != 1 {
		t.Errorf("seen in %d places, of %d accounts, want 3 and 1", places, accounts)
	}
	delete(got, "observed")
	delete(got, "accounts")
	delete(got, "version")
	var want map[string]any
	text := fmt.Sprintf(`{"id":%[1]q,"key":%[1]q,"kind":"meeting","direction":"out","time":%[2]q,"end":%[3]q,"subject":"キックオフ","text":"議題は別紙","status":"confirmed",
		"people":[{"kind":"contact","email":"tanaka@client.example","role":"attendee","response":"accepted"}],
		"others":[{"email":"sato@example.co.jp","role":"organizer","response":"accepted","internal":true},
			{"email":"ito@example.co.jp","role":"attendee","response":"needs_action","internal":true},
			{"email":"stranger@else.example","role":"attendee","response":"tentative"},
			{"email":"suzuki@example.co.jp","role":"attendee","response":"accepted","internal":true}],
		"owners":["ito@example.co.jp","sato@example.co.jp","suzuki@example.co.jp"],
		"match":{"rule":"address","evidence":"tanaka@client.example","runners_up":[]},
		"meeting":{"uid":"kickoff@google.com","zone":"Asia/Tokyo","location":"会議室 A","stated":"confirmed"}}`,
		a.key(), a.start.UTC().Format(time.RFC3339), a.end.UTC().Format(time.RFC3339))
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("export (-want +got):\n%s", diff)
	}
}

// TestOddEvents reads what calendars hold beside ordinary meetings, under each of the rules for private ones.
func TestOddEvents(t *testing.T) {
	t.Parallel()
	bothDesks(t, []string{sato}, func(t *testing.T, d desk) []map[string]exportedMeeting {
		with := []guest{{tanaka, "accepted"}}
		crowd := []guest{{tanaka, "declined"}}
		for i := range 298 {
			crowd = append(crowd, guest{fmt.Sprintf("guest%03d@crowd.example", i), "needsAction"})
		}
		odd := []*appointment{
			{id: "crowd", summary: "発表会", start: clock(t, 3, 10), end: clock(t, 3, 12), guests: crowd},
			{id: "alone", summary: "見積もり作成", start: clock(t, 3, 13), end: clock(t, 3, 14)},
			{id: "fair", summary: "展示会", start: clock(t, 5, 9), end: clock(t, 15, 18), guests: with},
			{id: "days", summary: "出張", start: clock(t, 5, 0), end: clock(t, 8, 0), allDay: true, guests: with},
			{id: "weekly", summary: "締め日", start: clock(t, -14, 0), end: clock(t, -13, 0), allDay: true, rule: "RRULE:FREQ=WEEKLY;COUNT=4", guests: with},
			{id: "secret", summary: "人事の相談", location: "応接室", text: "内密に", start: clock(t, 4, 10), end: clock(t, 4, 11), private: true, guests: with},
			{id: "inside", summary: "部内会", start: clock(t, 4, 15), end: clock(t, 4, 16), guests: []guest{{suzuki, "accepted"}}},
			{id: "instant", summary: "一瞬", start: clock(t, 6, 9), end: clock(t, 6, 9), guests: with},
		}
		for _, a := range odd {
			a.organiser = sato
			d.put(sato, a)
		}
		types := putTypes(t, d)
		s := d.site("30d", "30d")
		s.importGuests()
		config := d.config("30d", "30d")
		var story []map[string]exportedMeeting
		for _, rule := range []string{"", "time_only", "full", "skip"} {
			if rule != "" {
				s.configure(config + "mapping: {meetings: {private: " + rule + "}}\n")
			}
			s.must("sync", "--full") // what was read under another rule is read once more
			got := s.gathered()
			want := 1 + 1 + 1 + 4 + 1 // crowd, fair, days, weekly, instant
			secret, seen := got["secret"]
			leaked := grepData(t, s, "人事の相談") + grepData(t, s, "内密に") + grepData(t, s, "応接室")
			switch rule {
			case "time_only":
				want++
				if secret.Subject+secret.Text+secret.Meeting.Location != "" || !secret.Time.Equal(clock(t, 4, 10)) || len(secret.People) != 1 || leaked != "" {
					t.Errorf("time_only says %+v; in the files: %q", secret, leaked)
				}
			case "full":
				want++
				if secret.Subject != "人事の相談" || secret.Text != "内密に" || secret.Meeting.Location != "応接室" {
					t.Errorf("full says %+v", secret)
				}
			default:
				if seen || leaked != "" {
					t.Errorf("rule %q: the private meeting is there: %v, in the files %q", rule, seen, leaked)
				}
			}
			if len(got) != want {
				t.Errorf("rule %q: %d meetings, want %d", rule, len(got), want)
			}
			story = append(story, placeless(got))
		}
		checkOdd(t, story[0])
		checkReasons(t, s, types)
		s.must("verify")
		return story
	})
}

// putTypes puts entries that are no meetings, as far as the kind of server knows such, and gives the reasons for which
// they have to be left out.
func putTypes(t *testing.T, d desk) []string {
	t.Helper()
	switch d := d.(type) {
	case *googleDesk:
		for i, kind := range []string{"focusTime", "outOfOffice", "workingLocation", "birthday", "fromGmail"} {
			e := d.event(&appointment{id: fmt.Sprintf("type%d", i), summary: kind, start: clock(t, 6, 9), end: clock(t, 6, 10)})
			e.EventType = kind
			d.Calendar(sato, "primary").Put(e)
		}
		return []string{"event_type: birthday", "event_type: focus_time", "event_type: from_mail", "event_type: out_of_office", "event_type: working_location"}
	case *davDesk:
		for i, state := range []string{"OOF", "WORKINGELSEWHERE"} {
			a := &appointment{id: fmt.Sprintf("type%d", i), summary: state, start: clock(t, 6, 9), end: clock(t, 6, 10)}
			raw := strings.Replace(d.ics(a), "END:VEVENT", "X-MICROSOFT-CDO-BUSYSTATUS:"+state+"\r\nEND:VEVENT", 1)
			if err := d.calendars[sato].Put(a.id+".ics", raw); err != nil {
				t.Fatal(err)
			}
		}
		return []string{"event_type: out_of_office", "event_type: working_location"}
	}
	return nil
}

// checkOdd looks at what the odd ones became.
func checkOdd(t *testing.T, got map[string]exportedMeeting) {
	t.Helper()
	if m := got["crowd"]; len(m.People) != 1 || len(m.Others) != 299 || m.response(tanaka) != crm.ResponseDeclined {
		t.Errorf("of 300 people %d are known and %d others, tanaka %q", len(m.People), len(m.Others), m.response(tanaka))
	}
	if m := got["fair"]; !m.End.Equal(clock(t, 15, 18)) || m.Meeting.AllDay {
		t.Errorf("ten days end at %v", m.End)
	}
	if m := got["days"]; !m.Meeting.AllDay || !m.Time.Equal(clock(t, 5, 0)) || !m.End.Equal(clock(t, 8, 0)) {
		t.Errorf("three days are %v to %v", m.Time, m.End)
	}
	for week := range 4 {
		day := clock(t, -14+7*week, 0)
		if m := got["weekly;"+day.Format("20060102")]; !m.Time.Equal(day) || !m.End.Equal(day.AddDate(0, 0, 1)) || m.Status != crm.MeetingConfirmed {
			t.Errorf("week %d: %v to %v, %s", week, m.Time, m.End, m.Status)
		}
	}
}

// checkReasons demands a row for everything that is not logged.
func checkReasons(t *testing.T, s *site, types []string) {
	t.Helper()
	var got []string
	for _, row := range s.ledger() {
		if row.Verdict != "logged" {
			got = append(got, row.Verdict+" "+row.Reason)
			if out := s.must("explain", row.Source+"/"+row.ExternalID); strings.Contains(out, "\n"+row.Reason) {
				t.Errorf("explain has no words for %s:\n%s", row.Reason, out)
			}
		}
	}
	want := []string{"unmatched no_address", "excluded internal", "excluded private"}
	for _, reason := range types {
		want = append(want, "excluded "+reason)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows that are not logged (-want +got):\n%s", diff)
	}
}

// TestForgottenInTheMiddle reads calendars whose server forgets every place in the middle of the reading, while
// events come and go. Nothing may be lost, and what vanished is cancelled.
func TestForgottenInTheMiddle(t *testing.T) {
	t.Parallel()
	many := func(t *testing.T, n int) (list []*appointment) {
		for i := range n {
			list = append(list, &appointment{id: fmt.Sprintf("event%05d", i), summary: fmt.Sprint("打合せ ", i), start: clock(t, 1+i%25, 8+i%10), end: clock(t, 1+i%25, 9+i%10),
				organiser: sato, guests: []guest{{tanaka, "accepted"}}})
		}
		return list
	}
	// check syncs twice and demands that all are there, with the first ones gone and the last one new.
	check := func(t *testing.T, s *site, list []*appointment, gone int) {
		t.Helper()
		s.importGuests()
		s.must("sync")
		s.must("sync")
		got := s.gathered()
		if len(got) > len(list) || len(got) < len(list)-gone {
			t.Errorf("%d meetings of %d events, %d of which went", len(got), len(list), gone)
		}
		cancelled := 0
		for i, a := range list {
			m, seen := got[a.id]
			switch {
			case i >= gone && (!seen || m.Status != crm.MeetingConfirmed):
				t.Errorf("%s is there: %v, %q", a.id, seen, m.Status)
			case i < gone && seen && m.Status != crm.MeetingCancelled:
				t.Errorf("%s went, and is %s", a.id, m.Status)
			case i < gone && seen:
				cancelled++
			}
		}
		if cancelled == 0 {
			t.Error("none of those that went was read before: the server forgot too early")
		}
		s.must("verify")
	}
	const gone = 5
	t.Run("google", func(t *testing.T) {
		d := &googleDesk{startGoogle(t, fakegoogle.Options{}, sato), []string{sato}}
		list := many(t, 2300)
		for _, a := range list[:len(list)-1] {
			d.put(sato, a)
		}
		d.Fail(fakegoogle.Failure{Method: "calendar.events.list", Delay: 100 * time.Millisecond})
		s := d.site("30d", "30d")
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for forgotten := 0; forgotten < 2 && t.Context().Err() == nil; time.Sleep(2 * time.Millisecond) {
				lists := 0
				for _, call := range d.Calls() {
					if call.Method == "calendar.events.list" && call.Status == http.StatusOK {
						lists++
					}
				}
				if lists >= 2+forgotten*3 { // the token, then a page of contents
					forgotten++
					d.Calendar(sato, "primary").ExpireTokens()
					if forgotten == 2 {
						for _, a := range list[:gone] {
							d.drop(sato, a)
						}
						d.put(sato, list[len(list)-1])
					}
				}
			}
		}()
		check(t, s, list, gone)
		<-ended
		if !slices.ContainsFunc(d.Calls(), func(c fakegoogle.Call) bool { return c.Status == http.StatusGone }) {
			t.Error("no call was answered 410")
		}
	})
	t.Run("caldav", func(t *testing.T) {
		d := newDAVDesk(t, sato)
		list := many(t, 120)
		var objects sync.WaitGroup
		for part := range slices.Chunk(list[:len(list)-1], 30) {
			objects.Go(func() {
				for _, a := range part {
					d.put(sato, a)
				}
			})
		}
		objects.Wait()
		reports := 0
		d.proxy.hook(func(r *http.Request) {
			if r.Method == "REPORT" {
				reports++
			}
			if reports == 3 && r.Method == "REPORT" {
				for _, a := range list[:gone] {
					d.drop(sato, a)
				}
				d.put(sato, list[len(list)-1])
				if err := d.server.ForgetTokens(); err != nil {
					t.Error(err)
				}
			}
		})
		check(t, d.site("30d", "30d"), list, gone)
		if reports < 6 {
			t.Errorf("only %d reports", reports)
		}
	})
}

// TestUnshared takes a calendar away and brings it back, while what is in it changes.
func TestUnshared(t *testing.T) {
	t.Parallel()
	const team = "team@group.calendar.google.com"
	bothDesks(t, []string{sato}, func(t *testing.T, d desk) []map[string]exportedMeeting {
		a := &appointment{id: "stays", summary: "定例", start: clock(t, 3, 10), end: clock(t, 3, 11), organiser: suzuki, guests: []guest{{tanaka, "accepted"}}}
		b := &appointment{id: "moves", summary: "訪問", start: clock(t, 4, 10), end: clock(t, 4, 11), organiser: suzuki, guests: []guest{{tanaka, "accepted"}}}
		c := &appointment{id: "goes", summary: "会食", start: clock(t, 5, 10), end: clock(t, 5, 11), organiser: suzuki, guests: []guest{{tanaka, "accepted"}}}
		own := &appointment{id: "own", summary: "自分の", start: clock(t, 6, 10), end: clock(t, 6, 11), organiser: sato, guests: []guest{{tanaka, "accepted"}}}
		d.put(sato, own)
		var put func(list ...*appointment)
		var share, unshare func()
		switch d := d.(type) {
		case *googleDesk:
			d.AddUser(suzuki, "suzuki")
			shared := d.Calendar(suzuki, team)
			put = func(list ...*appointment) {
				for _, a := range list {
					shared.Put(d.event(a))
				}
			}
			share, unshare = func() { shared.Share(sato, "reader") }, func() { shared.Unshare(sato); shared.Delete(c.id) }
		case *davDesk:
			var shared *testradicale.Calendar
			held := map[string]*appointment{}
			put = func(list ...*appointment) {
				for _, a := range list {
					held[a.id] = a
					if shared != nil {
						if err := shared.Put(a.id+".ics", d.ics(a)); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			share = func() {
				var err error
				if shared, err = d.server.MakeCalendar(local(sato), "team", "Team"); err != nil {
					t.Fatal(err)
				}
				for _, id := range slices.Sorted(maps.Keys(held)) {
					put(held[id])
				}
			}
			unshare = func() {
				if err := shared.Delete(""); err != nil {
					t.Fatal(err)
				}
				shared = nil
				delete(held, c.id)
			}
		}
		put(a, b, c)
		share()
		s := d.site("30d", "30d")
		s.importGuests()
		var story []map[string]exportedMeeting
		read := func(step string, want map[string]string) {
			t.Helper()
			s.must("sync")
			got := placeless(s.gathered())
			for id, status := range want {
				if got[id].Status != status {
					t.Errorf("%s: %s is %q, want %s", step, id, got[id].Status, status)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%s: %d meetings, want %d", step, len(got), len(want))
			}
			story = append(story, got)
			s.must("verify")
		}
		const on = crm.MeetingConfirmed
		read("shared", map[string]string{"own": on, "stays": on, "moves": on, "goes": on})
		unshare()
		b.start, b.end = b.start.Add(time.Hour), b.end.Add(time.Hour)
		put(b)
		read("unshared", map[string]string{"own": on, "stays": on, "moves": on, "goes": on})
		share()
		read("shared again", map[string]string{"own": on, "stays": on, "moves": on, "goes": crm.MeetingCancelled})
		if m := story[2]["moves"]; !m.Time.Equal(b.start) || len(m.Revisions) != 1 {
			t.Errorf("moved while it was not shared: at %v after %+v", m.Time, m.Revisions)
		}
		return story
	})
}

// TestWindowMoves changes how far the calendars are read: what is added comes, and what falls out stays.
func TestWindowMoves(t *testing.T) {
	t.Parallel()
	bothDesks(t, []string{sato}, func(t *testing.T, d desk) []map[string]exportedMeeting {
		for _, days := range []int{-60, -10, 10, 60} {
			d.put(sato, &appointment{id: fmt.Sprintf("day%d", days+100), summary: "訪問", start: clock(t, days, 10), end: clock(t, days, 11), organiser: sato, guests: []guest{{tanaka, "accepted"}}})
		}
		d.put(sato, &appointment{id: "weekly", summary: "定例", start: clock(t, -70, 15), end: clock(t, -70, 16), organiser: sato, rule: "RRULE:FREQ=WEEKLY;COUNT=20", guests: []guest{{tanaka, "accepted"}}})
		s := d.site("30d", "30d")
		s.importGuests()
		var story []map[string]exportedMeeting
		for _, step := range []struct {
			since, ahead        string
			single, least, most int
		}{{"30d", "30d", 2, 8, 10}, {"90d", "30d", 3, 14, 16}, {"90d", "90d", 4, 20, 20}, {"30d", "30d", 4, 20, 20}} {
			s.configure(d.config(step.since, step.ahead))
			s.must("sync")
			got := placeless(s.gathered())
			single, weekly := 0, 0
			for id, m := range got {
				if m.Status != crm.MeetingConfirmed {
					t.Errorf("%s, %s: %s is %s", step.since, step.ahead, id, m.Status)
				}
				if strings.HasPrefix(id, "day") {
					single++
				} else {
					weekly++
				}
			}
			if single != step.single || weekly < step.least || weekly > step.most {
				t.Errorf("%s, %s: %d single meetings and %d of the series", step.since, step.ahead, single, weekly)
			}
			s.must("verify")
			story = append(story, got)
		}
		return story
	})
}
