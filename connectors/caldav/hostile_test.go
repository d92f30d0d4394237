package caldav

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/calitem"
)

// count is how many requests of a kind were sent.
func (s *scripted) count(kind string) int {
	n := 0
	for _, r := range s.requests {
		if r == kind {
			n++
		}
	}
	return n
}

// One series fills several batches, none of which is larger than it may be, although its occurrences share their text.
func TestSeriesLargerThanABatch(t *testing.T) {
	for name, change := range map[string]func(*scripted){"tokens": nil, "no tokens": func(s *scripted) { s.tokens = false }} {
		t.Run(name, func(t *testing.T) {
			server := script(t, change)
			text := strings.Repeat("x", 200_000)
			server.put("a.ics", "DTSTART:20260901T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "DESCRIPTION:"+text)
			server.put("b.ics", "DTSTART:20261124T000000Z")
			s, b := server.source(t), newBook()
			s.limits.BatchBytes, s.limits.BatchItems = 200_000, 7
			fetchAll := func(cur connectors.Cursor, between func(n int)) (connectors.Cursor, int) {
				for n := 1; n < 100; n++ {
					batch, err := s.Fetch(t.Context(), cur)
					if err != nil {
						t.Fatal(err)
					}
					size := 0
					for _, item := range batch.Items {
						size += len(item.Meeting.Description)
					}
					if size > 200_000+calitem.MaxSeriesText || len(batch.Items) > 7 {
						t.Errorf("a batch of %d bytes in %d items", size, len(batch.Items))
					}
					b.apply(batch)
					if cur = batch.Next; !batch.More {
						return cur, n
					}
					between(n)
				}
				t.Fatal("it does not end")
				return "", 0
			}
			cur, n := fetchAll("", func(int) {})
			if len(b.items) != 174 || b.count != 174 || n < 174/7 {
				t.Errorf("%d items, %d were given, in %d batches", len(b.items), b.count, n)
			}
			server.put("a.ics", "DTSTART:20260901T010000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "DESCRIPTION:"+text+"y")
			_, _ = fetchAll(cur, func(n int) {
				if n == 3 { // the rest must not be of another state than the beginning
					server.put("a.ics", "DTSTART:20260901T020000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "DESCRIPTION:"+text+"yz")
				}
			})
			if len(b.items) != 174 {
				t.Errorf("after changes: %d items", len(b.items))
			}
			for id, item := range b.items {
				if strings.Contains(id, "a.ics") && item.Meeting.Start.Hour() != 2 {
					t.Errorf("%s is of an older state", id)
				}
			}
		})
	}
}

// A server that goes on without end has the engine for some requests only, and then counts as ill.
func TestServerThatGoesOn(t *testing.T) {
	server := script(t, nil)
	server.fill(3)
	s, b := server.source(t), newBook()
	cur := b.readAll(t, s, "")
	server.fill(1) // so that the token is another one
	server.endless, server.requests = true, nil
	fetches := 0
	for ; fetches < 10; fetches++ {
		batch, err := s.Fetch(t.Context(), cur)
		if err != nil {
			if fault := connectors.Classify(err); fault.Kind != connectors.Retryable || fault.After == 0 || !errors.Is(err, errEndless) {
				t.Errorf("fault %v", err)
			}
			break
		}
		if batch.Next == cur || !batch.More {
			t.Errorf("progress is not kept: more %v", batch.More)
		}
		cur = batch.Next
	}
	if n := server.count("REPORT sync-collection"); n > maxIdlePages+1 || fetches == 10 {
		t.Errorf("%d requests in %d fetches", n, fetches)
	}
	server.endless = false
	server.log = slices.Repeat(server.log, 3)
	server.oldest = 2 // the tokens of before are dead
	b.readAll(t, s, cur)
	if len(b.items) != 3 {
		t.Errorf("%d items", len(b.items))
	}
}

// A server that tells its changes in many small pages is read to its end, in several fetches.
func TestManyPages(t *testing.T) {
	server := script(t, func(s *scripted) { s.page = 1 })
	s, b := server.source(t), newBook()
	cur := b.readAll(t, s, "")
	server.fill(2*maxPages + 50)
	batch, err := s.Fetch(t.Context(), cur)
	if err != nil || len(batch.Items) != maxPages || !batch.More {
		t.Fatalf("%d items, more %v, %v", len(batch.Items), batch.More, err)
	}
	b.apply(batch)
	b.readAll(t, s, batch.Next)
	if len(b.items) != 2*maxPages+50 {
		t.Errorf("%d items", len(b.items))
	}
}

// A server that does not show its token and never comes to one is ill, not asked for ever.
func TestFirstTokenThatNeverComes(t *testing.T) {
	server := script(t, func(s *scripted) { s.endless = true })
	server.fill(1)
	s := server.source(t)
	calendars, _, err := s.list(t.Context())
	if err != nil || len(calendars) != 1 {
		t.Fatalf("%d calendars, %v", len(calendars), err)
	}
	calendars[0].token = ""
	_, err = s.firstToken(t.Context(), calendars[0])
	if n := server.count("REPORT sync-collection"); !errors.Is(err, errEndless) || n > maxIdlePages+1 {
		t.Errorf("%d requests, %v", n, err)
	}
}

// What a server says of one resource is that resource's failure.
func TestRefusedResource(t *testing.T) {
	for status, fails := range map[int]bool{400: false, 402: false, 405: false, 406: false, 415: false, 422: false, 451: false, 501: false, 401: true, 429: true, 503: true} {
		server := script(t, func(s *scripted) { s.raw, s.noGet = true, status })
		server.fill(20)
		server.put("x.ics", "DTSTART:20261124T000000Z", "SUMMARY:a\vb")
		batch, err := server.source(t).Fetch(t.Context(), "")
		if (err != nil) != fails {
			t.Errorf("%d: %v", status, err)
		}
		at := slices.IndexFunc(batch.Items, func(i connectors.Item) bool { return i.Err != nil })
		if !fails && (len(batch.Items) != 21 || at < 0 || !strings.Contains(batch.Items[at].Err.Error(), http.StatusText(status))) {
			t.Errorf("%d: %d items, the failed one is %d", status, len(batch.Items), at)
		}
	}
}

// No resource is lost without a word, except what is no event.
func TestNothingIsLostSilently(t *testing.T) {
	calendarOf := func(lines string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + lines + "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261124T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	}
	for name, text := range map[string]string{
		"buried": calendarOf(strings.Repeat("BEGIN:X\r\n", 70)), "behind zones": calendarOf(strings.Repeat("BEGIN:VTIMEZONE\r\n", 100_000)),
		"empty": "BEGIN:VCALENDAR\r\nDTSTART:20261124T000000Z\r\nEND:VCALENDAR\r\n", "a page": "<html>DTSTART:20261124T000000Z",
		"year 9999": ics("a", "DTSTART:99991231T000000Z"), "each hour": ics("a", "DTSTART:20261124T000000Z", "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12"),
		"huge count": ics("a", "DTSTART:20261124T000000Z", "RRULE:FREQ=DAILY;COUNT=99999999999999999999"),
	} {
		server := script(t, func(s *scripted) { s.noQuery = true })
		server.events["a.ics"] = text
		server.fill(1)
		batch, err := server.source(t).Fetch(t.Context(), "")
		if err != nil || len(batch.Items) != 2 || batch.Items[0].Err == nil || strings.Contains(batch.Items[0].Err.Error(), "strconv") {
			t.Errorf("%s: %d items, %v", name, len(batch.Items), err)
		}
	}
}

// A full reading asks what there is once, however many batches it takes.
func TestListedOnce(t *testing.T) {
	for name, change := range map[string]func(*scripted){"tokens": nil, "no tokens": func(s *scripted) { s.tokens = false }} {
		server := script(t, change)
		server.fill(60)
		s, b := server.source(t), newBook()
		s.limits.BatchItems = 5
		var cur connectors.Cursor
		for range 4 {
			batch, err := s.Fetch(t.Context(), cur)
			if err != nil {
				t.Fatal(err)
			}
			b.apply(batch)
			cur = batch.Next
		}
		for i := range 30 { // what changes meanwhile is not lost
			server.put(fmt.Sprintf("e%03d.ics", i), "DTSTART:20261125T000000Z", "SUMMARY:動いた")
			server.put(fmt.Sprintf("a%03d.ics", i), "DTSTART:20261125T000000Z")
		}
		server.remove("e059.ics")
		server.remove("e001.ics")
		queries := 0
		for range 30 {
			before := server.count("REPORT calendar-query")
			batch, err := s.Fetch(t.Context(), cur)
			if err != nil {
				t.Fatal(err)
			}
			if batch.Backfill {
				queries += server.count("REPORT calendar-query") - before
			}
			b.apply(batch)
			if cur = batch.Next; !batch.More {
				break
			}
		}
		b.readAll(t, s, cur)
		moved := 0
		for _, item := range b.items {
			if item.Meeting.Start.Day() == 25 {
				moved++
			}
		}
		if len(b.items) != 88 || moved != 59 || queries != 0 || s.listed != nil {
			t.Errorf("%s: %d items, %d moved, %d more queries", name, len(b.items), moved, queries)
		}
	}
}

func TestPagesOfAListing(t *testing.T) {
	members := make(map[string]string)
	for i := range 2*pageSize + 10 {
		members[fmt.Sprintf("/cal/%06d.ics", i)] = fmt.Sprint(i)
	}
	l := newListing(calendar{key: "/cal/"}, noon, noon, members)
	last, n := "", 0
	for {
		keys, before, err := l.after(last)
		if err != nil {
			t.Fatal(err)
		}
		if before != n {
			t.Fatalf("%d are before, want %d", before, n)
		}
		if len(keys) == 0 {
			break
		}
		keys = keys[:min(len(keys), 3000)]
		n, last = n+len(keys), keys[len(keys)-1]
	}
	if all, err := l.members(); err != nil || n != len(members) || len(all) != n || all["/cal/000007.ics"] != "7" {
		t.Errorf("%d of %d, %v", n, len(members), err)
	}
}

// A server that refuses sync-collection alone is compared, and that is said once.
func TestRefusedTokens(t *testing.T) {
	for _, status := range []int{403, 405, 501} {
		server := script(t, func(s *scripted) { s.noSync = status })
		server.fill(5)
		s, b := server.source(t), newBook()
		cur := b.readAll(t, s, "")
		server.put("e001.ics", "DTSTART:20261125T000000Z")
		server.remove("e002.ics")
		cur = b.readAll(t, s, cur)
		server.put("late.ics", "DTSTART:20261125T000000Z")
		asked := server.count("REPORT sync-collection")
		for range 3 {
			cur = b.readAll(t, s, cur)
		}
		if len(b.items) != 5 || len(b.notes) != 1 || asked != 1 || server.count("REPORT sync-collection") != asked {
			t.Errorf("%d: %d items, notes %q, asked %d times", status, len(b.items), b.notes, asked)
		}
		if !b.items["%2Fcal%2F/e001.ics;"].Meeting.Start.Equal(time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%d: the change was not read", status)
		}
	}
}

// After a restart at the end of a full reading, what was read before is asked for again some at a time.
func TestRestartBeforeTheEnd(t *testing.T) {
	for name, change := range map[string]func(*scripted){"tokens": nil, "no tokens": func(s *scripted) { s.tokens = false }} {
		server := script(t, change)
		server.fill(2*maxMissing + 100)
		s, b := server.source(t), newBook()
		s.limits.BatchItems = 2*maxMissing + 50
		batch, err := s.Fetch(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		b.apply(batch)
		s = server.source(t)
		cur, fetches := batch.Next, 0
		for ; fetches < 10; fetches++ {
			before := server.count("REPORT calendar-multiget")
			if batch, err = s.Fetch(t.Context(), cur); err != nil {
				t.Fatal(err)
			}
			if n := server.count("REPORT calendar-multiget") - before; n > maxMissing/chunk+2 {
				t.Errorf("%s: %d requests in one fetch", name, n)
			}
			b.apply(batch)
			if cur = batch.Next; !batch.More {
				break
			}
		}
		if len(b.items) != 2*maxMissing+100 || fetches != 2 || len(batch.Withdrawn) != 1 || len(batch.Withdrawn[0].Present) != len(b.items) {
			t.Errorf("%s: %d items, %d fetches, %d scopes", name, len(b.items), fetches, len(batch.Withdrawn))
		}
	}
}
