package googlecalendar

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// liar answers some questions in Google's place.
type liar struct {
	accounts

	lie func(r *http.Request) (status int, body string) // status 0: Google answers
}

func (l *liar) Client(provider, address string, scopes ...string) (*http.Client, error) {
	client, err := l.accounts.Client(provider, address, scopes...)
	if err != nil {
		return nil, err
	}
	honest := client.Transport
	client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		if l.lie != nil {
			if status, body := l.lie(r); status != 0 {
				return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
			}
		}
		return honest.RoundTrip(r)
	})
	return client, nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// lying is a reader that has read a calendar with one event and one series, and whose Google can be made to lie.
func lying(t *testing.T) (*world, *reader, *liar) {
	t.Helper()
	w := newWorld(t)
	cal := w.primary(sato)
	cal.Put(weekly("20"))
	cal.Put(event("good00000001", "good", w.now.Add(day), time.Hour, "tanaka@client.example"))
	l := &liar{accounts: accounts{w.server}}
	settings := w.settings
	settings.Account = sato
	src, err := settings.open(connectors.Env{ID: "cal", Accounts: l, Budgets: w.purse}, func() time.Time { return w.now })
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{src: src, rows: map[string]*row{}}
	r.read(t)
	w.now = w.now.Add(time.Hour)
	return w, r, l
}

// until fetches until that fails, as the engine does, and gives why; nil if there is no more or it does not fail.
func (r *reader) until(t *testing.T) *connectors.Fault {
	t.Helper()
	for range 10 {
		b, err := r.src.Fetch(t.Context(), r.cur)
		if err != nil {
			return connectors.Classify(err)
		}
		r.store(b)
		if !b.More {
			return nil
		}
	}
	return nil
}

func changes(r *http.Request) bool { return r.URL.Query().Get("syncToken") != "" }

func TestAnswersThatCannotBe(t *testing.T) {
	endless, n := `{"kind":"calendar#events","items":[],"nextPageToken":"same"}`, 0
	series := `{"kind":"calendar#events","items":[{"id":"weekly000001","status":"confirmed","recurrence":["RRULE:FREQ=WEEKLY"]}],"nextSyncToken":"t2"}`
	anew := func(r *http.Request, body string) (int, string) {
		if r.URL.Query().Get("syncToken") == "t" {
			return 200, `{"kind":"calendar#events","items":[],"nextSyncToken":"t"}`
		}
		if changes(r) {
			return http.StatusGone, `{"error":{"code":410,"errors":[{"reason":"fullSyncRequired"}]}}`
		}
		return 200, body
	}
	for name, lie := range map[string]func(r *http.Request) (int, string){
		"changes: the same page":    func(*http.Request) (int, string) { return 200, endless },
		"changes: ever new pages":   func(*http.Request) (int, string) { n++; return 200, strings.Replace(endless, "same", fmt.Sprint(n), 1) },
		"changes: an error":         func(*http.Request) (int, string) { return 200, `{"error":{"code":500}}` },
		"changes: nothing":          func(*http.Request) (int, string) { return 200, `{}` },
		"changes: a page of a wifi": func(*http.Request) (int, string) { return 200, `<html>sign in</html>` },
		"occurrences: the same page": func(r *http.Request) (int, string) {
			if changes(r) {
				return 200, series
			}
			return 200, endless
		},
		"token: the same page": func(r *http.Request) (int, string) { return anew(r, endless) },
		"window: no kind":      func(r *http.Request) (int, string) { return anew(r, `{"items":[],"nextSyncToken":"t"}`) },
		"window: an error":     func(r *http.Request) (int, string) { return anew(r, `{"nextSyncToken":"t","error":{"code":500}}`) },
		"window: the same page": func(r *http.Request) (int, string) {
			return anew(r, strings.Replace(endless, "}", `,"nextSyncToken":"t"}`, 1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, r, l := lying(t)
			l.lie = func(req *http.Request) (int, string) {
				if !strings.Contains(req.URL.Path, "/events") {
					return 0, ""
				}
				return lie(req)
			}
			if f := r.until(t); f == nil || f.Kind != connectors.Retryable || f.Err == nil {
				t.Errorf("got %v", f)
			}
			l.lie = nil
			w.primary(sato).Put(event("later0000001", "later", w.now.Add(day), time.Hour))
			if f := r.until(t); f != nil {
				t.Errorf("after it: %v", f)
			}
			if n := len(r.alive()); n != 22 {
				t.Errorf("%d occurrences are there, want 22", n)
			}
			r.agree(t, w)
		})
	}
}

func TestListOfCalendarsThatCannotBe(t *testing.T) {
	for _, body := range []string{`{"kind":"calendar#calendarList","items":[],"nextPageToken":"same"}`, `{}`, `{"error":{"code":503}}`} {
		w, r, l := lying(t)
		l.lie = func(req *http.Request) (int, string) {
			if strings.HasSuffix(req.URL.Path, "calendarList") {
				return 200, body
			}
			return 0, ""
		}
		if f := r.until(t); f == nil || f.Kind != connectors.Retryable {
			t.Errorf("%s: %v", body, f)
		}
		if len(r.alive()) != 21 {
			t.Errorf("%s: %d occurrences are left at %v", body, len(r.alive()), w.now)
		}
	}
}

// Google answers 400, not 410, for a token that it cannot read at all.
func TestInvalidTokenIsADeadOne(t *testing.T) {
	w, r, l := lying(t)
	times := 0
	l.lie = func(req *http.Request) (int, string) {
		if changes(req) && times == 0 {
			times++
			return http.StatusBadRequest, `{"error":{"code":400,"message":"Invalid sync token value.","errors":[{"reason":"invalid"}]}}`
		}
		return 0, ""
	}
	w.primary(sato).Put(event("later0000001", "later", w.now.Add(day), time.Hour))
	if f := r.until(t); f != nil || times != 1 || len(r.alive()) != 22 {
		t.Errorf("%v; %d occurrences", f, len(r.alive()))
	}
	r.agree(t, w)
}

func TestOddEvents(t *testing.T) {
	w, r, l := lying(t)
	start := w.now.Add(3 * day).Format(time.RFC3339)
	end := w.now.Add(3*day + time.Hour).Format(time.RFC3339)
	one := func(id, more string) string {
		return fmt.Sprintf(`{"id":%q,"created":"2026-11-01T00:00:00Z","updated":"2026-11-02T00:00:00Z","start":{"dateTime":%q},"end":{"dateTime":%q}%s}`, id, start, end, more)
	}
	huge, wide := strings.Repeat("a", 100_000), strings.Repeat("b", 1001)
	body := `{"kind":"calendar#events","nextSyncToken":"t2","items":[` + strings.Join([]string{
		one(huge, ""), one(wide, `,"recurrence":["RRULE:FREQ=DAILY"]`), one("negative", `,"sequence":-5`), one("future", `,"updated":"9999-01-01T00:00:00Z"`),
		strings.ReplaceAll(one("old", ""), start, "0001-01-01T00:00:00Z"), strings.ReplaceAll(one("old2", ""), start, "1969-12-31T00:00:00Z"),
		strings.ReplaceAll(one("late", ""), end, "2201-01-01T00:00:00Z"), one("bidi", `,"summary":"a\u202eb\u2066c","location":"\u202egpj.exe"`), one("innocent", ""),
	}, ",") + `]}`
	l.lie = func(req *http.Request) (int, string) {
		if changes(req) {
			return 200, body
		}
		return 0, ""
	}
	b, err := r.src.Fetch(t.Context(), r.cur)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Next) > 10_000 {
		t.Errorf("the cursor has %d bytes", len(b.Next))
	}
	failed := 0
	got := map[string]*connectors.Meeting{}
	for _, item := range b.Items {
		if len(item.ExternalID) > maxID {
			t.Errorf("an external id has %d bytes", len(item.ExternalID))
		}
		if item.Err != nil {
			failed++
			continue
		}
		got[strings.TrimSuffix(strings.TrimPrefix(item.ExternalID, sato+"/"), ";")] = item.Meeting
	}
	if failed != 5 || len(got) != 4 {
		t.Fatalf("%d failed and %d read, want 5 and 4", failed, len(got))
	}
	if got["negative"].Sequence != 0 || !got["future"].Updated.IsZero() || got["bidi"].Summary != "abc" || got["bidi"].Location != "gpj.exe" || got["innocent"] == nil {
		t.Errorf("got %+v, %+v, %+v", got["negative"], got["future"], got["bidi"])
	}
}

// Every occurrence of a series keeps its own copy of the words.
func TestWordsOfASeriesAreShort(t *testing.T) {
	w := newWorld(t)
	cal, words := w.primary(sato), strings.Repeat("議", 20_000)
	series, single := weekly("20"), event("single000001", "", w.now.Add(day), time.Hour)
	series.Description, single.Description = words, words
	cal.Put(series)
	cal.Put(single)
	r := w.reader(t, sato)
	r.read(t)
	for id, m := range r.alive() {
		if m.Recurring && (len(m.Description) > seriesText || len(m.Description) < seriesText-3 || !m.Truncated) || !m.Recurring && m.Description != words {
			t.Errorf("%s has %d bytes, cut: %v", id, len(m.Description), m.Truncated)
		}
	}
}
