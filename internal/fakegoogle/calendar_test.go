package fakegoogle_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

func at(text string) *calendar.EventDateTime {
	return &calendar.EventDateTime{DateTime: text, TimeZone: "Asia/Tokyo"}
}

func weekly(id string) *calendar.Event {
	return &calendar.Event{
		Id: id, Summary: "Weekly review", Start: at("2026-11-24T10:00:00+09:00"), End: at("2026-11-24T11:00:00+09:00"),
		Recurrence: []string{"RRULE:FREQ=WEEKLY;COUNT=52"},
	}
}

// read follows all pages of a list and returns its lines and the sync token.
func read(t testing.TB, call *calendar.EventsListCall) (lines []string, token string) {
	t.Helper()
	err := call.Pages(t.Context(), func(p *calendar.Events) error {
		for _, e := range p.Items {
			lines = append(lines, line(e))
		}
		token = p.NextSyncToken
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines, token
}

func line(e *calendar.Event) string {
	when := ""
	if e.Start != nil {
		when = e.Start.Date + e.Start.DateTime
	}
	return strings.Join([]string{e.Id, e.Status, when}, " ")
}

func TestSeriesIsExpandedAndFollowed(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now})
	cal, api := s.Calendar(hana, "primary"), calendarOf(t, s, hana)
	cal.Put(weekly("review"))
	lines, token := read(t, api.Events.List("primary").SingleEvents(true).MaxResults(10))
	if len(lines) != 52 || lines[0] != "review_20261124T010000Z confirmed 2026-11-24T10:00:00+09:00" || token == "" {
		t.Fatalf("%d lines, first %q, token %q", len(lines), lines[0], token)
	}
	masters, masterToken := read(t, api.Events.List("primary"))
	if d := cmp.Diff([]string{"review confirmed 2026-11-24T10:00:00+09:00"}, masters); d != "" {
		t.Error(d)
	}
	cal.Move("review", "20261201T010000Z", time.Date(2026, 12, 2, 5, 0, 0, 0, time.UTC), time.Date(2026, 12, 2, 6, 0, 0, 0, time.UTC))
	cal.CancelOccurrence("review", "20261208T010000Z")
	want := []string{"review_20261201T010000Z confirmed 2026-12-02T14:00:00+09:00", "review_20261208T010000Z cancelled "}
	got, token := read(t, api.Events.List("primary").SingleEvents(true).SyncToken(token))
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("single events:\n%s", d)
	}
	got, masterToken = read(t, api.Events.List("primary").SyncToken(masterToken))
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("masters:\n%s", d)
	}
	next := cal.SplitSeries("review", "20270105T010000Z", func(e *calendar.Event) { e.Summary = "Monthly review" })
	if next != "review_R20270105T010000" {
		t.Fatalf("new series %q", next)
	}
	got, _ = read(t, api.Events.List("primary").SyncToken(masterToken))
	if d := cmp.Diff([]string{"review confirmed 2026-11-24T10:00:00+09:00", next + " confirmed 2027-01-05T10:00:00+09:00"}, got); d != "" {
		t.Errorf("masters after the split:\n%s", d)
	}
	if rule := cal.Get("review").Recurrence[0]; rule != "RRULE:FREQ=WEEKLY;UNTIL=20270105T005959Z" {
		t.Errorf("old rule %s", rule)
	}
	if e := cal.Get(next); e.Recurrence[0] != "RRULE:FREQ=WEEKLY;COUNT=46" || e.ICalUID != next+"@google.com" {
		t.Errorf("new series %v %s", e.Recurrence, e.ICalUID)
	}
	got, _ = read(t, api.Events.List("primary").SingleEvents(true).SyncToken(token))
	gone := slices.DeleteFunc(slices.Clone(got), func(l string) bool { return !strings.Contains(l, "cancelled") })
	if len(gone) != 46 || len(got) != 4+46+46 {
		t.Errorf("after the split %d lines, %d of them cancelled", len(got), len(gone))
	}
	cal.ExpireTokens()
	_, err := api.Events.List("primary").SyncToken(masterToken).Do()
	wantError(t, err, http.StatusGone, "fullSyncRequired")
}

func TestCalendarList(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	api := calendarOf(t, s, hana)
	team := s.Calendar(ken, "team@group.calendar.google.com")
	s.Calendar(ken, "primary").Share(hana, "freeBusyReader")
	team.Share(hana, "reader")
	team.List(hana, func(e *calendar.CalendarListEntry) { e.Hidden = true })
	roles := func(l *calendar.CalendarList) map[string]string {
		m := map[string]string{}
		for _, e := range l.Items {
			m[e.Id] = e.AccessRole
		}
		return m
	}
	l := must[*calendar.CalendarList](t)(api.CalendarList.List().Do())
	if d := cmp.Diff(map[string]string{hana: "owner", ken: "freeBusyReader"}, roles(l)); d != "" {
		t.Error(d)
	}
	page := must[*calendar.CalendarList](t)(api.CalendarList.List().ShowHidden(true).MaxResults(2).Do())
	rest := must[*calendar.CalendarList](t)(api.CalendarList.List().ShowHidden(true).MaxResults(2).PageToken(page.NextPageToken).Do())
	if len(page.Items) != 2 || page.NextSyncToken != "" || rest.Items[0].Id != team.ID() || rest.NextSyncToken == "" {
		t.Errorf("pages %+v %+v", page, rest)
	}
	team.Unshare(hana)
	news := must[*calendar.CalendarList](t)(api.CalendarList.List().SyncToken(rest.NextSyncToken).Do())
	if len(news.Items) != 1 || !news.Items[0].Deleted {
		t.Errorf("news %+v", news.Items)
	}
	_, err := api.Events.List(team.ID()).Do()
	wantError(t, err, 404, "notFound")
}

func TestWhoSeesWhat(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	cal := s.Calendar(ken, "primary")
	cal.Put(&calendar.Event{Id: "open", Summary: "Visit", Start: at("2026-11-24T10:00:00+09:00"), End: at("2026-11-24T11:00:00+09:00")})
	cal.Put(&calendar.Event{Id: "secret", Summary: "Dentist", Visibility: "private", Start: at("2026-11-24T12:00:00+09:00"), End: at("2026-11-24T13:00:00+09:00")})
	api := calendarOf(t, s, hana)
	for role, want := range map[string][]string{
		"freeBusyReader": {"", ""}, "reader": {"Visit", ""}, "writer": {"Visit", "Dentist"},
	} {
		cal.Share(hana, role)
		l := must[*calendar.Events](t)(api.Events.List(ken).Do())
		if got := []string{l.Items[0].Summary, l.Items[1].Summary}; !slices.Equal(got, want) || l.AccessRole != role {
			t.Errorf("%s sees %q", role, got)
		}
	}
}

func TestInvitationsStayInStep(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	cal := s.Calendar(hana, "primary")
	cal.Put(weekly("review"))
	var guests []string
	for i := range 299 {
		guests = append(guests, fmt.Sprintf("guest%d@customer.example", i))
	}
	cal.Invite("review", append(guests, ken)...)
	mine := s.Calendar(ken, "primary")
	copied := must[*calendar.Event](t)(calendarOf(t, s, ken).Events.Get("primary", "review").MaxAttendees(10).Do())
	if copied.ICalUID != "review@google.com" || !copied.AttendeesOmitted || len(copied.Attendees) != 1 || !copied.Attendees[0].Self || copied.Organizer.Self {
		t.Errorf("copy %+v", copied)
	}
	mine.Respond("review", "20261201T010000Z", "declined")
	for _, c := range []*fakegoogle.Calendar{cal, mine} {
		e := c.Get("review_20261201T010000Z")
		if e.Attendees[299].ResponseStatus != "declined" {
			t.Errorf("%s: %+v", c.ID(), e.Attendees[299])
		}
	}
	cal.Change("review", "20261208T010000Z", func(e *calendar.Event) { e.Attendees = e.Attendees[:299] })
	if e := mine.Get("review_20261208T010000Z"); e.Status != "cancelled" {
		t.Errorf("uninvited copy is %s", e.Status)
	}
	cal.Delete("review")
	if e := mine.Get("review"); e.Status != "cancelled" {
		t.Errorf("copy of a deleted series is %s", e.Status)
	}
	no := false
	cal.Put(&calendar.Event{Id: "shy", GuestsCanSeeOtherGuests: &no, Start: at("2026-11-24T10:00:00+09:00")})
	cal.Invite("shy", ken, "other@customer.example")
	shy := must[*calendar.Event](t)(calendarOf(t, s, ken).Events.Get("primary", "shy").Do())
	if len(shy.Attendees) != 1 || !shy.AttendeesOmitted {
		t.Errorf("hidden guests are seen: %+v", shy.Attendees)
	}
}

func TestExceptionsGoWithTheirOccurrences(t *testing.T) {
	tests := map[string]struct {
		change func(*fakegoogle.Calendar)
		want   string
	}{
		"the series moves": {func(c *fakegoogle.Calendar) {
			c.Move("review", "", time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC))
		}, "cancelled"},
		"another title": {func(c *fakegoogle.Calendar) {
			c.Change("review", "", func(e *calendar.Event) { e.Summary = "Review" })
		}, "confirmed"},
		"split before it": {func(c *fakegoogle.Calendar) { c.SplitSeries("review", "20261201T010000Z", nil) }, "cancelled"},
		"split after it":  {func(c *fakegoogle.Calendar) { c.SplitSeries("review", "20261215T010000Z", nil) }, "confirmed"},
		"deleted":         {func(c *fakegoogle.Calendar) { c.Delete("review") }, "cancelled"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := start(t, fakegoogle.Options{Now: newClock().Now})
			cal := s.Calendar(hana, "primary")
			cal.Put(weekly("review"))
			exception := cal.Put(&calendar.Event{RecurringEventId: "review", OriginalStartTime: at("2026-12-08T10:00:00+09:00"), Start: at("2026-12-08T15:00:00+09:00"), End: at("2026-12-08T16:00:00+09:00")})
			if exception.Summary != "Weekly review" || exception.Id != "review_20261208T010000Z" {
				t.Fatalf("exception %+v", exception)
			}
			tt.change(cal)
			if got := cal.Get(exception.Id).Status; got != tt.want {
				t.Errorf("the exception is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSplitCountsWhatIsLeft(t *testing.T) {
	s := start(t, fakegoogle.Options{Now: newClock().Now})
	cal := s.Calendar(hana, "primary")
	cal.Put(&calendar.Event{
		Id: "timed", Start: at("2026-11-24T10:00:00+09:00"),
		Recurrence: []string{"RRULE:FREQ=DAILY;COUNT=10", "EXDATE:20261125T010000Z"},
	})
	cal.Put(&calendar.Event{
		Id: "days", Start: &calendar.EventDateTime{Date: "2026-11-24"}, End: &calendar.EventDateTime{Date: "2026-11-25"},
		Recurrence: []string{"RRULE:FREQ=DAILY;COUNT=10"},
	})
	tests := map[string]struct{ occurrence, id, head, tail string }{
		"timed": {"20261127T010000Z", "timed_R20261127T010000", "RRULE:FREQ=DAILY;UNTIL=20261127T005959Z", "RRULE:FREQ=DAILY;COUNT=7"},
		"days":  {"20261127", "days_R20261127", "RRULE:FREQ=DAILY;UNTIL=20261126", "RRULE:FREQ=DAILY;COUNT=7"},
	}
	for id, tt := range tests {
		next := cal.SplitSeries(id, tt.occurrence, nil)
		if next != tt.id {
			t.Errorf("%s: new id %s", id, next)
			continue
		}
		if got := []string{cal.Get(id).Recurrence[0], cal.Get(next).Recurrence[0]}; !slices.Equal(got, []string{tt.head, tt.tail}) {
			t.Errorf("%s: %q", id, got)
		}
	}
	if next := cal.SplitSeries("timed", "20261125T010000Z", nil); next != "" {
		t.Errorf("split at an excluded date: %s", next)
	}
}
