package fakegoogle_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admin "google.golang.org/api/admin/directory/v1"
	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/pubsub/v1"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

func TestQuotaIsASlidingWindow(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now, Quota: fakegoogle.Quota{UserPerMinute: 100, ProjectPerMinute: 150}})
	id := s.Mailbox(hana).Deliver(letter(1, "a@customer.example", hana, "x", ""), clk.Now())
	client := s.HTTPClient(hana, gmail.GmailReadonlyScope)
	get := func() (int, string) {
		t.Helper()
		res := must[*http.Response](t)(client.Get(s.Endpoints().Gmail + "gmail/v1/users/me/messages/" + id))
		_ = res.Body.Close()
		return res.StatusCode, res.Header.Get("Retry-After")
	}
	var got []string
	for range 8 {
		clk.Add(time.Second)
		status, after := get()
		got = append(got, fmt.Sprint(status, " ", after))
	}
	want := []string{"200 ", "200 ", "200 ", "200 ", "200 ", "403 ", "429 ", "403 15"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	clk.Add(53*time.Second + 500*time.Millisecond)
	first, _ := get()
	second, _ := get()
	if first != 200 || second == 200 {
		t.Errorf("when the oldest call left the window: %d %d", first, second)
	}
	api := mailOf(t, s, ken)
	for range 10 {
		must[*gmail.ListMessagesResponse](t)(api.Users.Messages.List("me").Do())
	}
	_, err := api.Users.Messages.List("me").Do()
	if err == nil {
		t.Error("the project's quota was not held")
	}
	if s.PeakUnits(hana) != 100 || s.PeakUnits("") != 150 {
		t.Errorf("peaks %d %d", s.PeakUnits(hana), s.PeakUnits(""))
	}
}

func TestFailures(t *testing.T) {
	clk := newClock()
	tests := []struct {
		name   string
		set    func(*fakegoogle.Server)
		want   []int // statuses of calls in a row; 0 is a broken connection
		reason string
	}{
		{"every third", func(s *fakegoogle.Server) {
			s.Fail(fakegoogle.Failure{Method: "gmail.", Status: 503, EveryNth: 3})
		}, []int{200, 200, 503, 200, 200, 503}, "backendError"},
		{"twice", func(s *fakegoogle.Server) {
			s.Fail(fakegoogle.Failure{Method: "gmail.users.getProfile", Status: 429, Reason: "userRateLimitExceeded", Times: 2})
		}, []int{429, 429, 200}, "userRateLimitExceeded"},
		{"another user", func(s *fakegoogle.Server) { s.Fail(fakegoogle.Failure{User: ken, Status: 500}) }, []int{200}, ""},
		{"cut", func(s *fakegoogle.Server) { s.Fail(fakegoogle.Failure{Method: "gmail.", Drop: true, Times: 2}) }, []int{0, 200}, ""},
		{"cut in the body", func(s *fakegoogle.Server) { s.Fail(fakegoogle.Failure{Method: "gmail.", Half: true, Times: 1}) }, []int{0, 200}, ""},
		{"slow", func(s *fakegoogle.Server) {
			s.Fail(fakegoogle.Failure{Method: "gmail.", Delay: time.Millisecond})
		}, []int{200}, ""},
		{"storm", func(s *fakegoogle.Server) { s.Storm(time.Minute) }, []int{429, 429}, "rateLimitExceeded"},
		{"not enabled", func(s *fakegoogle.Server) { s.Disable("gmail") }, []int{403}, "accessNotConfigured"},
		{"quota project", func(s *fakegoogle.Server) {
			s.Fail(fakegoogle.Failure{Status: 403, Reason: "USER_PROJECT_DENIED", Method: "gmail."})
		}, []int{403}, "forbidden"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, fakegoogle.Options{Now: clk.Now})
			plain := must[*gmail.Service](t)(gmail.NewService(t.Context(),
				option.WithHTTPClient(s.HTTPClient(hana, gmail.GmailReadonlyScope)), option.WithEndpoint(s.Endpoints().Gmail)))
			tt.set(s)
			for i, want := range tt.want {
				_, err := plain.Users.GetProfile("me").Do()
				var e *googleapi.Error
				got := 200
				if err != nil {
					got = 0
				}
				if errors.As(err, &e) {
					got = e.Code
					if e.Errors[0].Reason != tt.reason {
						t.Errorf("reason %q", e.Errors[0].Reason)
					}
				}
				if got != want {
					t.Errorf("call %d: %d, want %d (%v)", i, got, want, err)
				}
			}
			s.Heal()
			if _, err := plain.Users.GetProfile("me").Do(); err != nil {
				t.Errorf("healed: %v", err)
			}
		})
	}
}

func TestCallsAreLogged(t *testing.T) {
	s := start(t, fakegoogle.Options{MaxCalls: 3})
	api := mailOf(t, s, hana)
	must[*gmail.Profile](t)(api.Users.GetProfile("me").Do())
	must[*gmail.ListLabelsResponse](t)(api.Users.Labels.List("me").Do())
	must[*gmail.ListMessagesResponse](t)(api.Users.Messages.List("me").Do())
	var got []string
	for _, c := range s.Calls() {
		got = append(got, fmt.Sprint(c.Method, " ", c.User, " ", c.HTTP, " ", c.Status, " ", c.Units))
	}
	want := []string{
		"gmail.users.getProfile " + hana + " GET 200 1", "gmail.users.labels.list " + hana + " GET 200 1",
		"gmail.users.messages.list " + hana + " GET 200 5",
	}
	if d := cmp.Diff(want, got); d != "" || s.Total() != 4 {
		t.Errorf("%d calls\n%s", s.Total(), d)
	}
	s.ResetCalls()
	if len(s.Calls()) != 0 || s.PeakUnits(hana) != 0 {
		t.Error("the log was not reset")
	}
}

func TestPushIsPulled(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now})
	const topic, name = "projects/p/topics/mail", "projects/p/subscriptions/tsunagu"
	s.Topic(topic, name)
	api := mailOf(t, s, hana)
	_, err := api.Users.Watch("me", &gmail.WatchRequest{TopicName: "projects/p/topics/none"}).Do()
	wantError(t, err, 400, "invalidArgument")
	w := must[*gmail.WatchResponse](t)(api.Users.Watch("me", &gmail.WatchRequest{TopicName: topic}).Do())
	if time.UnixMilli(w.Expiration).Sub(clk.Now()) != 7*24*time.Hour {
		t.Errorf("watch %+v", w)
	}
	ps := must[*pubsub.Service](t)(pubsub.NewService(t.Context(),
		option.WithHTTPClient(checked(t, s, s.HTTPClient(hana, pubsub.PubsubScope))), option.WithEndpoint(s.Endpoints().PubSub)))
	pull := func(now bool) []*pubsub.ReceivedMessage {
		t.Helper()
		return must[*pubsub.PullResponse](t)(ps.Projects.Subscriptions.Pull(name, &pubsub.PullRequest{MaxMessages: 10, ReturnImmediately: now}).Do()).ReceivedMessages
	}
	first := pull(true)
	if len(first) != 1 || len(pull(true)) != 0 {
		t.Fatalf("first %d", len(first))
	}
	clk.Add(11 * time.Second)
	again := pull(true)
	if len(again) != 1 || again[0].Message.MessageId != first[0].Message.MessageId {
		t.Error("what was not acknowledged must come again")
	}
	must[*pubsub.Empty](t)(ps.Projects.Subscriptions.Acknowledge(name, &pubsub.AcknowledgeRequest{AckIds: []string{again[0].AckId}}).Do())
	var wait sync.WaitGroup
	wait.Go(func() {
		got := pull(false)
		if len(got) != 1 {
			t.Errorf("long poll: %d", len(got))
			return
		}
		raw := must[[]byte](t)(base64.StdEncoding.DecodeString(got[0].Message.Data))
		if want := fmt.Sprintf(`{"emailAddress":%q,"historyId":%d}`, hana, s.Mailbox(hana).HistoryID()); string(raw) != want {
			t.Errorf("notification %s, want %s", raw, want)
		}
	})
	s.Mailbox(hana).Deliver(letter(1, "a@customer.example", hana, "x", ""), clk.Now())
	wait.Wait()
	if err := api.Users.Stop("me").Do(); err != nil {
		t.Error(err)
	}
}

func TestDirectory(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	var members []string
	for i := range 450 {
		members = append(members, fmt.Sprintf("rep%03d@example.co.jp", i))
	}
	s.Group("sales@example.co.jp", append(members, "leads@example.co.jp")...)
	s.Group("leads@example.co.jp", hana)
	api := must[*admin.Service](t)(admin.NewService(t.Context(), option.WithEndpoint(s.Endpoints().Directory), option.WithHTTPClient(checked(t, s,
		s.HTTPClient(hana, admin.AdminDirectoryGroupMemberReadonlyScope, admin.AdminDirectoryUserReadonlyScope, admin.AdminDirectoryGroupReadonlyScope)))))
	var got []string
	pages, groups := 0, 0
	err := api.Members.List("sales@example.co.jp").Pages(t.Context(), func(m *admin.Members) error {
		pages++
		for _, x := range m.Members {
			got = append(got, x.Email)
			if x.Type == "GROUP" {
				groups++
			}
		}
		return nil
	})
	if err != nil || len(got) != 451 || pages != 3 || groups != 1 {
		t.Errorf("%d members, %d pages, %d groups, %v", len(got), pages, groups, err)
	}
	if u := must[*admin.User](t)(api.Users.Get(ken).Do()); u.Name.FullName != "Ken Ito" {
		t.Errorf("user %+v", u)
	}
	if l := must[*admin.Users](t)(api.Users.List().Domain("example.co.jp").Do()); len(l.Users) != 2 {
		t.Errorf("%d users", len(l.Users))
	}
	must[*admin.Group](t)(api.Groups.Get("leads@example.co.jp").Do())
	_, err = api.Members.List("none@example.co.jp").Do()
	wantError(t, err, 404, "notFound")
	s.Admin(ken)
	_, err = api.Users.Get(ken).Do()
	wantError(t, err, 403, "forbidden")
}

func TestSearch(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now})
	box, api := s.Mailbox(hana), mailOf(t, s, hana)
	names := map[string]string{}
	put := func(name, from, to, subject string, at time.Time, labels ...string) {
		names[box.Deliver(letter(len(names), from, to, subject, ""), at, labels...)] = name
	}
	day := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC) // midnight in Pacific standard time
	put("in", "Suzuki <suzuki@customer.example>", hana, "Quote", day)
	put("out", hana, "mori@other.example, x@third.example", "Re: offer", day.Add(-time.Second), "SENT")
	put("near", "a@notcustomer.example", hana, "Hello", day.Add(time.Hour), "INBOX", "Clients/North East")
	put("spam", "b@customer.example", hana, "Win", day, "SPAM")
	put("trash", "c@customer.example", hana, "Old", day, "TRASH")
	tests := map[string]string{
		"":                      "in near out",
		"from:customer.example": "in",
		"{from:customer.example to:other.example}":      "in out",
		"from:(suzuki OR a@notcustomer.example)":        "in near",
		"to:{other.example nobody.example}":             "out",
		"after:2026/11/01":                              "in near",
		"before:2026/11/01":                             "out",
		fmt.Sprint("after:", day.Add(time.Hour).Unix()): "near",
		"in:sent":                              "out",
		"-in:sent":                             "in near",
		"in:anywhere -in:trash":                "in near out spam",
		"in:spam":                              "spam",
		"label:clients-north-east":             "near",
		"is:unread quote":                      "in",
		`subject:"re: offer" OR subject:quote`: "in out",
		"rfc822msgid:m0@customer.example":      "in",
		"newer_than:1d":                        "",
	}
	for q, want := range tests {
		l := must[*gmail.ListMessagesResponse](t)(api.Users.Messages.List("me").Q(q).Do())
		var got []string
		for _, m := range l.Messages {
			got = append(got, names[m.Id])
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("q=%s found %q, want %q", q, got, want)
		}
	}
	if l := must[*gmail.ListMessagesResponse](t)(api.Users.Messages.List("me").LabelIds("INBOX").Do()); len(l.Messages) != 2 {
		t.Errorf("%d in the inbox", len(l.Messages))
	}
	page := must[*gmail.ListMessagesResponse](t)(api.Users.Messages.List("me").MaxResults(1).Do())
	_, err := api.Users.Messages.List("me").Q("from:x").PageToken(page.NextPageToken).Do()
	wantError(t, err, 400, "badRequest")
	if th := must[*gmail.ListThreadsResponse](t)(api.Users.Threads.List("me").Do()); len(th.Threads) != 3 {
		t.Errorf("%d threads", len(th.Threads))
	} else {
		must[*gmail.Thread](t)(api.Users.Threads.Get("me", th.Threads[0].Id).Do())
	}
	must[*gmail.Label](t)(api.Users.Labels.Get("me", "INBOX").Do())
}

func TestEventListsRefuseAndBound(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now})
	cal, api := s.Calendar(hana, "primary"), calendarOf(t, s, hana)
	cal.Put(weekly("review"))
	cal.Put(&calendar.Event{Id: "trip", Summary: "Trade fair", Start: &calendar.EventDateTime{Date: "2026-12-01"}, End: &calendar.EventDateTime{Date: "2026-12-11"}})
	cal.Put(&calendar.Event{Id: "focus", EventType: "focusTime", FocusTimeProperties: &calendar.EventFocusTimeProperties{ChatStatus: "doNotDisturb"}, Start: at("2026-11-25T09:00:00+09:00")})
	cal.Put(&calendar.Event{Id: "call", ConferenceData: &calendar.ConferenceData{ConferenceId: "abc", EntryPoints: []*calendar.EntryPoint{{EntryPointType: "video", Uri: "https://meet.google.com/abc"}}}, HangoutLink: "https://meet.google.com/abc", Start: at("2026-11-26T09:00:00+09:00")})
	_, token := read(t, api.Events.List("primary"))
	list := func() *calendar.EventsListCall { return api.Events.List("primary") }
	for name, tt := range map[string]struct {
		call   *calendar.EventsListCall
		code   int
		reason string
	}{
		"token and bounds":  {list().SyncToken(token).TimeMin("2026-11-01T00:00:00Z"), 400, "badRequest"},
		"token and query":   {list().SyncToken(token).Q("x"), 400, "badRequest"},
		"token and order":   {list().SyncToken(token).OrderBy("updated"), 400, "badRequest"},
		"token of another":  {list().SyncToken(token).SingleEvents(true), 400, "badRequest"},
		"order of masters":  {list().OrderBy("startTime"), 400, "badRequest"},
		"empty range":       {list().TimeMin("2026-11-02T00:00:00Z").TimeMax("2026-11-01T00:00:00Z"), 400, "timeRangeEmpty"},
		"garbage for token": {list().SyncToken("x"), 400, "invalid"},
		"long ago":          {list().UpdatedMin("2026-01-01T00:00:00Z"), 410, "updatedMinTooLongAgo"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tt.call.Do()
			wantError(t, err, tt.code, tt.reason)
		})
	}
	got, _ := read(t, list().SingleEvents(true).OrderBy("startTime").TimeMin("2026-12-02T00:00:00+09:00").TimeMax("2026-12-08T10:00:01+09:00"))
	if d := cmp.Diff([]string{"trip confirmed 2026-12-01", "review_20261208T010000Z confirmed 2026-12-08T10:00:00+09:00"}, got); d != "" {
		t.Error(d)
	}
	page := must[*calendar.Events](t)(list().SingleEvents(true).MaxResults(10).Do())
	next := must[*calendar.Events](t)(list().SingleEvents(true).MaxResults(10).PageToken(page.NextPageToken).Do())
	if len(page.Items) != 10 || len(next.Items) >= 10 || next.NextPageToken == "" || page.NextSyncToken != "" {
		t.Errorf("a short page must not be the last: %d %d", len(page.Items), len(next.Items))
	}
	cal.ExpireTokens()
	_, err := list().SingleEvents(true).MaxResults(10).PageToken(page.NextPageToken).Do()
	wantError(t, err, 410, "fullSyncRequired")
}

// An event that changes while a list is paged is in the pages or in the next increment.
func TestNothingIsLostWhilePaging(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now})
	cal, api := s.Calendar(hana, "primary"), calendarOf(t, s, hana)
	for i := range 20 {
		cal.Put(&calendar.Event{Id: fmt.Sprintf("event%02d", i), Start: at("2026-11-25T09:00:00+09:00")})
	}
	page := must[*calendar.Events](t)(api.Events.List("primary").MaxResults(5).Do())
	cal.Delete("event00")
	cal.Put(&calendar.Event{Id: "late", Start: at("2026-11-25T09:00:00+09:00")})
	seen := len(page.Items)
	for page.NextPageToken != "" {
		page = must[*calendar.Events](t)(api.Events.List("primary").MaxResults(5).PageToken(page.NextPageToken).Do())
		seen += len(page.Items)
	}
	news, _ := read(t, api.Events.List("primary").SyncToken(page.NextSyncToken))
	if d := cmp.Diff([]string{"event00 cancelled ", "late confirmed 2026-11-25T09:00:00+09:00"}, news); d != "" || seen != 21 {
		t.Errorf("seen %d\n%s", seen, d)
	}
}

func TestInstancesKeepTheirWallClock(t *testing.T) {
	s := start(t, fakegoogle.Options{Now: newClock().Now})
	cal := s.Calendar(hana, "primary")
	cal.Put(&calendar.Event{
		Id: "dst", Start: &calendar.EventDateTime{DateTime: "2027-03-07T09:00:00-05:00", TimeZone: "America/New_York"},
		Recurrence: []string{"RRULE:FREQ=DAILY;INTERVAL=7;COUNT=4", "EXDATE;TZID=America/New_York:20270321T090000", "RDATE;TZID=America/New_York:20270322T120000"},
	})
	cal.CancelOccurrence("dst", "20270328T130000Z")
	api := calendarOf(t, s, hana)
	var got []string
	err := api.Events.Instances("primary", "dst").ShowDeleted(true).MaxResults(2).Pages(context.Background(), func(p *calendar.Events) error {
		for _, e := range p.Items {
			got = append(got, line(e))
		}
		return nil
	})
	want := []string{
		"dst_20270307T140000Z confirmed 2027-03-07T09:00:00-05:00", "dst_20270314T130000Z confirmed 2027-03-14T09:00:00-04:00",
		"dst_20270322T160000Z confirmed 2027-03-22T12:00:00-04:00", "dst_20270328T130000Z cancelled ",
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(err, d)
	}
}

func TestCalendarAndFormsQuota(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now, Quota: fakegoogle.Quota{CalendarUserPerMinute: 2, FormsPerMinute: 2}})
	s.AddForm(enquiry(), hana)
	events, answers := calendarOf(t, s, hana), formsOf(t, s, hana)
	calls := map[string]func() error{
		"calendar": func() error { _, err := events.Events.List("primary").Do(); return err },
		"forms":    func() error { _, err := answers.Forms.Responses.List("form-1").Do(); return err },
	}
	want := map[string][]int{"calendar": {200, 200, 403, 429, 200}, "forms": {200, 200, 429, 429, 200}}
	for name, call := range calls {
		var got []int
		for i := range 5 {
			if i == 4 {
				clk.Add(time.Minute)
			}
			var e *googleapi.Error
			switch err := call(); {
			case err == nil:
				got = append(got, 200)
			case errors.As(err, &e):
				got = append(got, e.Code)
			default:
				t.Fatal(err)
			}
		}
		if d := cmp.Diff(want[name], got); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}

// Everything happens at once, for the race detector; what was delivered is in the history exactly once.
func TestConcurrentUse(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	box, cal, api := s.Mailbox(hana), s.Calendar(hana, "primary"), mailOf(t, s, hana)
	from := box.HistoryID()
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Go(func() {
			for i := range 25 {
				box.Deliver(letter(g*100+i, "a@customer.example", hana, "x", ""), time.Unix(int64(i), 0))
				cal.Put(&calendar.Event{Start: at("2026-11-25T09:00:00+09:00")})
			}
		})
		wait.Go(func() {
			for range 5 {
				if _, err := api.Users.Messages.List("me").Do(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	added := 0
	err := api.Users.History.List("me").StartHistoryId(from).HistoryTypes("messageAdded").MaxResults(7).Pages(t.Context(), func(r *gmail.ListHistoryResponse) error {
		added += len(r.History)
		return nil
	})
	if err != nil || added != 100 || box.Len() != 100 || cal.Len() != 100 {
		t.Errorf("%d added, %d mails, %d events, %v", added, box.Len(), cal.Len(), err)
	}
}
