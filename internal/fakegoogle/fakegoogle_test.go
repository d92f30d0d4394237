package fakegoogle_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/forms/v1"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/option"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

const (
	hana = "hana@example.co.jp"
	ken  = "ken@example.co.jp"
)

// clock is a time that tests turn.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func start(t testing.TB, o fakegoogle.Options) *fakegoogle.Server {
	t.Helper()
	s, err := fakegoogle.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.AddUser(hana, "Hana Sato")
	s.AddUser(ken, "Ken Ito")
	return s
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func mailOf(t testing.TB, s *fakegoogle.Server, email string) *gmail.Service {
	t.Helper()
	return must[*gmail.Service](t)(gmail.NewService(context.Background(),
		option.WithHTTPClient(checked(t, s, s.HTTPClient(email, gmail.GmailReadonlyScope))), option.WithEndpoint(s.Endpoints().Gmail)))
}

func calendarOf(t testing.TB, s *fakegoogle.Server, email string) *calendar.Service {
	t.Helper()
	return must[*calendar.Service](t)(calendar.NewService(context.Background(),
		option.WithHTTPClient(checked(t, s, s.HTTPClient(email, calendar.CalendarReadonlyScope))), option.WithEndpoint(s.Endpoints().Calendar)))
}

func formsOf(t testing.TB, s *fakegoogle.Server, email string) *forms.Service {
	t.Helper()
	return must[*forms.Service](t)(forms.NewService(context.Background(),
		option.WithHTTPClient(checked(t, s, s.HTTPClient(email, forms.FormsBodyReadonlyScope, forms.FormsResponsesReadonlyScope))),
		option.WithEndpoint(s.Endpoints().Forms)))
}

func letter(n int, from, to, subject, more string) []byte {
	return fmt.Appendf(nil, "From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <m%d@customer.example>\r\n"+
		"Date: Sun, 22 Nov 2026 18:00:00 +0900\r\n%sContent-Type: text/plain; charset=utf-8\r\n\r\nHello %d.\r\n", from, to, subject, n, more, n)
}
