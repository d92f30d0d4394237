package web

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// events reads a stream's lines until it ends.
func (b *browser) events(t *testing.T, query string) (lines chan string, status int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/events?"+query, nil)
	must(t, err)
	client := *b.Client
	client.Timeout = 0
	res, err := client.Do(req)
	must(t, err)
	lines = make(chan string, 100)
	go func() {
		defer close(lines)
		defer res.Body.Close()
		for s := bufio.NewScanner(io.LimitReader(res.Body, 1<<20)); s.Scan(); {
			if s.Text() != "" {
				lines <- s.Text()
			}
		}
	}()
	return lines, res.StatusCode
}

func next(t *testing.T, lines chan string) string {
	t.Helper()
	select {
	case line, ok := <-lines:
		if !ok {
			return "end"
		}
		return line
	case <-time.After(10 * time.Second):
		return "nothing"
	}
}

func wantLines(t *testing.T, lines chan string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if got := next(t, lines); got != want {
			t.Fatalf("got %q instead of %q", got, want)
		}
	}
}

func TestEvents(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")

	t.Run("only what concerns the page is told", func(t *testing.T) {
		mine, _ := b.events(t, "person="+f.tanaka.ID+"&seen="+f.server.live.now())
		account, _ := b.events(t, "account="+f.client.ID+"&seen="+f.server.live.now())
		wantLines(t, mine, "retry: 2000")
		wantLines(t, account, "retry: 2000")
		f.engine.publish(Event{People: []string{"somebody else"}})
		f.engine.publish(Event{People: []string{f.tanaka.ID}})
		wantLines(t, mine, "event: change", "data: {}")
		f.engine.publish(Event{Many: true})
		wantLines(t, mine, "event: change", "data: {}")
		wantLines(t, account, "event: change", "data: {}")
	})
	t.Run("what came between the page and the stream is told at once", func(t *testing.T) {
		seen := f.server.live.now()
		heard, _ := f.server.live.open(topic{}, seen)
		f.engine.publish(Event{People: []string{f.tanaka.ID}})
		<-heard.changed
		f.server.live.close(heard)
		lines, _ := b.events(t, "person="+f.tanaka.ID+"&seen="+seen)
		wantLines(t, lines, "retry: 2000", "event: change", "data: {}")
	})
	t.Run("nobody is told anything", func(t *testing.T) {
		if _, status := f.browser(t).events(t, ""); status != http.StatusUnauthorized {
			t.Errorf("status %d", status)
		}
	})
	t.Run("what happened meanwhile is told to whom it concerns", func(t *testing.T) {
		hub, page := f.server.live, topic{person: "p1"}
		seen := hub.now()
		for range 300 {
			hub.publish(Event{People: []string{"p2"}})
		}
		if hub.missed(page, seen) {
			t.Error("a page was told of another's changes")
		}
		hub.publish(Event{People: []string{"p1"}})
		if !hub.missed(page, seen) || hub.missed(page, hub.now()) || hub.missed(topic{work: "w"}, seen) {
			t.Error("a page was not told of its own change, or of it twice, or of what is none of its business")
		}
		hub.tell("w")
		if !hub.missed(topic{work: "w"}, seen) {
			t.Error("a page about work was not told that it went on")
		}
		for range len(hub.recent) {
			hub.publish(Event{People: []string{"p2"}})
		}
		if !hub.missed(page, seen) || !hub.missed(page, "") || !hub.missed(page, plus(t, hub.now(), 1)) {
			t.Error("a page of which nobody knows any more what it missed was not told to look")
		}
	})
	t.Run("signing out ends it", func(t *testing.T) {
		leaving := f.signedIn(t, "sato@example.co.jp")
		lines, _ := leaving.events(t, "page=home&seen="+f.server.live.now())
		staying, _ := b.events(t, "page=home&seen="+f.server.live.now())
		wantLines(t, lines, "retry: 2000")
		wantLines(t, staying, "retry: 2000")
		leaving.post(t, "/signout")
		wantLines(t, lines, "end")
		f.engine.publish(Event{Many: true})
		wantLines(t, staying, "event: change", "data: {}")
	})
	t.Run("closing ends it", func(t *testing.T) {
		lines, _ := b.events(t, "page=home&seen="+f.server.live.now())
		wantLines(t, lines, "retry: 2000")
		f.server.Close()
		f.server.Close()
		wantLines(t, lines, "end")
		if n := len(f.engine.subs); n != 0 {
			t.Errorf("%d subscriptions are left", n)
		}
	})
}

func TestFragmentIsAPiece(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	for _, path := range []string{"/", "/people/" + f.tanaka.ID, "/accounts/" + f.client.ID, "/ledger", "/sources"} {
		code, body := b.get(t, path+"?fragment=live")
		if code != http.StatusOK || strings.Contains(body, "<html") || !strings.Contains(body, `<div id="live" data-live="/events?`) {
			t.Errorf("%s: %d %.200s", path, code, body)
		}
	}
	if code, _ := f.browser(t).get(t, "/?fragment=live"); code != http.StatusUnauthorized {
		t.Errorf("nobody got %d", code)
	}
}

func plus(t *testing.T, seen string, n uint64) string {
	t.Helper()
	at, err := strconv.ParseUint(seen, 10, 64)
	must(t, err)
	return strconv.FormatUint(at+n, 10)
}
