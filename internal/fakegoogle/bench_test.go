package fakegoogle_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/gmail/v1"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

func accessToken(b testing.TB, s *fakegoogle.Server, scope string) string {
	b.Helper()
	t, ok := s.HTTPClient(hana, scope).Transport.(*oauth2.Transport)
	if !ok {
		b.Fatal("no oauth2 transport")
	}
	return must[*oauth2.Token](b)(t.Source.Token()).AccessToken
}

// benchmarkCall measures the handler alone, without the network.
func benchmarkCall(b *testing.B, s *fakegoogle.Server, token, path string) {
	b.Helper()
	req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
	req.Header.Set("Authorization", "Bearer "+token)
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}

func BenchmarkQuietHistory(b *testing.B) {
	s := start(b, fakegoogle.Options{})
	box := s.Mailbox(hana)
	for i := range 1000 {
		box.Deliver(letter(i, "a@customer.example", hana, "x", ""), time.Now())
	}
	benchmarkCall(b, s, accessToken(b, s, gmail.GmailReadonlyScope), fmt.Sprint("/gmail/v1/users/me/history?startHistoryId=", box.HistoryID()))
}

func BenchmarkQuietCalendar(b *testing.B) {
	s := start(b, fakegoogle.Options{})
	cal := s.Calendar(hana, "primary")
	for range 500 {
		cal.Put(&calendar.Event{Start: at("2026-11-25T09:00:00+09:00")})
	}
	_, sync := read(b, calendarOf(b, s, hana).Events.List("primary"))
	benchmarkCall(b, s, accessToken(b, s, calendar.CalendarReadonlyScope), "/calendar/v3/calendars/primary/events?syncToken="+sync)
}

func BenchmarkGetRaw(b *testing.B) {
	s := start(b, fakegoogle.Options{})
	id := s.Mailbox(hana).Deliver(append(letter(1, "a@customer.example", hana, "x", ""), strings.Repeat("A line of text.\r\n", 200)...), time.Now())
	benchmarkCall(b, s, accessToken(b, s, gmail.GmailReadonlyScope), "/gmail/v1/users/me/messages/"+id+"?format=raw")
}

func BenchmarkDeliver10000(b *testing.B) {
	s := start(b, fakegoogle.Options{})
	for b.Loop() {
		box := s.Mailbox(fmt.Sprint("u", b.N, time.Now().UnixNano(), "@example.co.jp"))
		for i := range 10_000 {
			box.Deliver(letter(i, "a@customer.example", hana, "x", ""), time.Unix(int64(i), 0))
		}
	}
}

func BenchmarkUsers2000(b *testing.B) {
	for b.Loop() {
		s, err := fakegoogle.Start(fakegoogle.Options{})
		if err != nil {
			b.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range 2000 {
			email := fmt.Sprintf("user%d@example.co.jp", i)
			s.AddUser(email, "User")
			s.Mailbox(email).Deliver(letter(i, "a@customer.example", email, "x", ""), time.Now())
			s.Calendar(email, "primary").Put(&calendar.Event{Start: at("2026-11-25T09:00:00+09:00")})
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/2000, "B/user")
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
