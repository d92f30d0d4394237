package caldav

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/sourcetest"
)

// scripted is a CalDAV server with one calendar, /cal/, that behaves as its fields say.
type scripted struct {
	*httptest.Server

	events   map[string]string // name to text
	log      []string          // what changed, by name: the sync token is the length
	ctag     bool              // shows a ctag
	tokens   bool              // knows sync-collection
	noQuery  bool              // does not know calendar-query
	page     int               // of sync-collection; 0 for all
	oldest   int               // tokens before it are dead
	death    int               // the status of a dead token
	refuse   int               // the status of every REPORT on the calendar
	cut      bool              // answers a PROPFIND on the calendar in part
	stumbles string            // an event that a query names with status 500
	ill      bool              // has another calendar that fails
	raw      bool              // writes events into XML as they are
	itself   bool              // lists the collection among the changes, as iCloud does
	after    string            // Retry-After of a refusal
	broken   string            // instead of every REPORT's answer
	noGet    int               // the status of every GET
	noSync   int               // the status of every sync-collection
	endless  bool              // sync-collection goes on with new tokens
	requests []string          // "REPORT sync-collection"
}

func script(t *testing.T, change func(*scripted)) *scripted {
	t.Helper()
	s := &scripted{events: make(map[string]string), ctag: true, tokens: true, death: 403}
	if change != nil {
		change(s)
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *scripted) put(name string, lines ...string) {
	s.events[name] = ics(name, lines...)
	s.log = append(s.log, name)
}

func (s *scripted) remove(name string) {
	delete(s.events, name)
	s.log = append(s.log, name)
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	text := string(body)
	if r.Method == http.MethodGet && s.noGet != 0 {
		w.WriteHeader(s.noGet)
		return
	}
	if r.Method == http.MethodGet {
		io.WriteString(w, s.events[strings.TrimPrefix(r.URL.Path, "/cal/")])
		return
	}
	kind := regexp.MustCompile(`<[DC]:([a-z-]+)`).FindStringSubmatch(text)[1]
	s.requests = append(s.requests, r.Method+" "+kind)
	user, password, _ := r.BasicAuth()
	switch {
	case user != "sato" || password != "secret":
		w.WriteHeader(http.StatusUnauthorized)
	case r.Method == "PROPFIND" && r.URL.Path == "/":
		s.multistatus(w, `<response><href>/</href><propstat><prop><C:calendar-home-set><href>/home/</href></C:calendar-home-set></prop><status>HTTP/1.1 200 OK</status></propstat></response>`)
	case r.Method == "PROPFIND" && r.URL.Path == "/home/":
		body := s.collection()
		if s.ill {
			body += strings.ReplaceAll(body, "/cal/", "/ill/")
		}
		s.multistatus(w, body)
	case r.URL.Path == "/ill/":
		w.WriteHeader(http.StatusInternalServerError)
	case r.Method == "PROPFIND" && r.URL.Path == "/cal/":
		s.members(w, s.collection())
	case r.URL.Path != "/cal/":
		w.WriteHeader(http.StatusNotFound)
	case s.refuse != 0:
		w.Header().Set("Retry-After", s.after)
		w.WriteHeader(s.refuse)
	case s.broken != "":
		w.WriteHeader(http.StatusMultiStatus)
		io.WriteString(w, s.broken)
	case kind == "calendar-query" && s.noQuery:
		w.WriteHeader(http.StatusNotImplemented)
	case kind == "calendar-query":
		s.between(w, text)
	case kind == "calendar-multiget":
		s.multiget(w, text)
	case kind == "sync-collection" && s.noSync != 0:
		w.WriteHeader(s.noSync)
	case kind == "sync-collection" && s.endless:
		s.multistatus(w, `<response><href>/cal/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>`+s.response("e000.ics", false)+fmt.Sprintf("<sync-token>n%d</sync-token>", len(s.requests)))
	case kind == "sync-collection" && s.tokens:
		s.sync(w, text)
	default:
		w.WriteHeader(http.StatusNotImplemented)
	}
}

func (s *scripted) collection() string {
	props := `<resourcetype><collection/><C:calendar/></resourcetype><displayname>予定</displayname>`
	if s.ctag {
		props += fmt.Sprintf("<S:getctag>%d</S:getctag>", len(s.log))
	}
	if s.tokens {
		props += fmt.Sprintf("<sync-token>%d</sync-token>", len(s.log))
	}
	return `<response><href>/cal/</href><propstat><prop>` + props + `</prop><status>HTTP/1.1 200 OK</status></propstat><propstat><prop><C:calendar-timezone/></prop><status>HTTP/1.1 404 Not Found</status></propstat></response>`
}

func (s *scripted) multistatus(w http.ResponseWriter, body string) {
	w.WriteHeader(http.StatusMultiStatus)
	fmt.Fprintf(w, `<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/">%s</multistatus>`, body)
}

func (s *scripted) response(name string, data bool) string {
	text, ok := s.events[name]
	if !ok {
		return `<response><href>/cal/` + name + `</href><status>HTTP/1.1 404 Not Found</status></response>`
	}
	props := fmt.Sprintf(`<getetag>"%x"</getetag>`, len(text))
	if data {
		if !s.raw {
			text = escape(text)
		}
		props += `<C:calendar-data>` + text + `</C:calendar-data>`
	}
	return `<response><href>/cal/` + name + `</href><propstat><prop>` + props + `</prop><status>HTTP/1.1 200 OK</status></propstat></response>`
}

func (s *scripted) members(w http.ResponseWriter, body string) {
	for name := range s.events {
		if s.cut {
			body = `<response><href>/cal/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>`
			break
		}
		body += s.response(name, false)
	}
	s.multistatus(w, body)
}

// between gives the events that start in the range of a query.
func (s *scripted) between(w http.ResponseWriter, text string) {
	at := regexp.MustCompile(`start="(\w+)" end="(\w+)"`).FindStringSubmatch(text)
	body := ""
	for name, event := range s.events {
		if name == s.stumbles {
			body += `<response><href>/cal/` + name + `</href><status>HTTP/1.1 500 Internal Server Error</status></response>`
			continue
		}
		start := regexp.MustCompile(`DTSTART:(\w+)`).FindStringSubmatch(event)[1]
		if start >= at[1] && start < at[2] {
			body += s.response(name, false)
		}
	}
	s.multistatus(w, body)
}

func (s *scripted) multiget(w http.ResponseWriter, text string) {
	body := ""
	for _, m := range regexp.MustCompile(`<D:href>/cal/([^<]*)</D:href>`).FindAllStringSubmatch(text, -1) {
		body += s.response(m[1], true)
	}
	s.multistatus(w, body)
}

func (s *scripted) sync(w http.ResponseWriter, text string) {
	var since int
	fmt.Sscanf(regexp.MustCompile(`<D:sync-token>([^<]*)`).FindStringSubmatch(text)[1], "%d", &since)
	if since < s.oldest {
		w.WriteHeader(s.death)
		if s.death == http.StatusForbidden {
			io.WriteString(w, `<error xmlns="DAV:"><valid-sync-token/></error>`)
		}
		return
	}
	changed, end := s.log[since:], len(s.log)
	body := ""
	if s.page > 0 && len(changed) > s.page {
		changed, end = changed[:s.page], since+s.page
		body = `<response><href>/cal/</href><status>HTTP/1.1 507 Insufficient Storage</status><error><number-of-matches-within-limits/></error></response>`
	}
	if s.itself {
		body += `<response><href>/cal/</href><propstat><prop><getetag>"x"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat></response>`
	}
	changed = slices.Clone(changed)
	slices.Sort(changed)
	for _, name := range slices.Compact(changed) {
		body += s.response(name, false)
	}
	s.multistatus(w, body+fmt.Sprintf("<sync-token>%d</sync-token>", end))
}

func (s *scripted) source(t *testing.T, change ...func(*Settings)) *source {
	t.Helper()
	settings := Kind().NewSettings().(*Settings)
	settings.URL, settings.Username, settings.Password = s.URL, "sato", "secret"
	for _, c := range change {
		c(settings)
	}
	out, err := settings.open(connectors.Env{})
	if err != nil {
		t.Fatal(err)
	}
	out.now = func() time.Time { return noon }
	t.Cleanup(func() { out.Close() })
	return out
}

func (s *scripted) fill(n int) {
	for i := range n {
		s.put(fmt.Sprintf("e%03d.ics", i), "DTSTART:20261124T000000Z", "DURATION:PT1H")
	}
}

func TestSuiteOfServersWithLess(t *testing.T) {
	for name, change := range map[string]func(*scripted){
		"no tokens":          func(s *scripted) { s.tokens = false },
		"no tokens, no ctag": func(s *scripted) { s.tokens, s.ctag = false, false },
		"no query":           func(s *scripted) { s.noQuery = true },
		"nothing":            func(s *scripted) { s.noQuery, s.tokens, s.ctag = true, false, false },
		"lists itself":       func(s *scripted) { s.itself = true },
	} {
		t.Run(name, func(t *testing.T) {
			server := script(t, change)
			server.fill(70)
			sourcetest.Run(t, func(t *testing.T) connectors.Source {
				s := server.source(t)
				s.limits.BatchItems = 20
				return s
			})
		})
	}
}

// TestChanges holds that whatever a server can do, what is read after changes is what a fresh reading gives.
func TestChanges(t *testing.T) {
	for name, change := range map[string]func(*scripted){
		"tokens":         nil,
		"pages of three": func(s *scripted) { s.page = 3 },
		"lists itself":   func(s *scripted) { s.itself = true },
		"no ctag":        func(s *scripted) { s.ctag = false },
		"no tokens":      func(s *scripted) { s.tokens = false },
		"no query":       func(s *scripted) { s.tokens, s.noQuery = false, true },
		"403":            func(s *scripted) { s.oldest = 25 },
		"409":            func(s *scripted) { s.oldest, s.death = 25, 409 },
		"410":            func(s *scripted) { s.oldest, s.death = 25, 410 },
	} {
		t.Run(name, func(t *testing.T) {
			server := script(t, change)
			server.fill(20)
			s, b := server.source(t), newBook()
			s.limits.BatchItems = 4
			cur := b.readAll(t, s, "")
			for i := range 10 {
				server.put(fmt.Sprintf("e%03d.ics", i), "DTSTART:20261125T000000Z", "DURATION:PT1H", "SUMMARY:動いた")
				server.put(fmt.Sprintf("n%03d.ics", i), "DTSTART:20261125T000000Z")
			}
			for i := range 5 {
				server.remove(fmt.Sprintf("e%03d.ics", 15+i))
			}
			cur = b.readAll(t, s, cur)
			fresh := newBook()
			fresh.readAll(t, server.source(t), "")
			if len(b.items) != 25 || len(fresh.items) != 25 {
				t.Errorf("%d items, a fresh reading gives %d", len(b.items), len(fresh.items))
			}
			for id, item := range fresh.items {
				if got, ok := b.items[id]; !ok || !got.Meeting.Start.Equal(item.Meeting.Start) {
					t.Errorf("%s differs: %v", id, got.Meeting)
				}
			}
			if next := b.readAll(t, s, cur); next != cur {
				t.Errorf("an idle poll moved the cursor:\n%s\n%s", cur, next)
			}
		})
	}
}

// TestChangesWhilePaging holds that what changes between two batches of changes is not lost.
func TestChangesWhilePaging(t *testing.T) {
	server := script(t, nil)
	server.fill(1)
	s, b := server.source(t), newBook()
	s.limits.BatchItems = 2
	cur := b.readAll(t, s, "")
	server.fill(9)
	batch, err := s.Fetch(t.Context(), cur)
	if err != nil || !batch.More {
		t.Fatalf("more %v, error %v", batch.More, err)
	}
	b.apply(batch)
	server.put("a.ics", "DTSTART:20261124T000000Z") // sorts before what was read
	server.put("e000.ics", "DTSTART:20261124T090000Z")
	b.readAll(t, s, batch.Next)
	if len(b.items) != 10 || b.items["%2Fcal%2F/e000.ics;"].Meeting.Start.Hour() != 9 {
		t.Errorf("%d items: %v", len(b.items), b.items["%2Fcal%2F/e000.ics;"].Meeting)
	}
}

// TestWhatXMLCannotHold holds that an event with characters that spoil the whole answer is read all the same.
func TestWhatXMLCannotHold(t *testing.T) {
	server := script(t, nil)
	server.fill(20)
	server.raw = true
	server.put("x.ics", "DTSTART:20261124T000000Z", "SUMMARY:a\vb \xe6\r\n \x89\x93\xe5\x90\x88\xe3\x81\x9b")
	b := newBook()
	b.readAll(t, server.source(t), "")
	if m := b.items["%2Fcal%2F/x.ics;"].Meeting; len(b.items) != 21 || m == nil || m.Summary != "a b 打合せ" {
		t.Errorf("%d items, %v", len(b.items), m)
	}
}

// TestMovedFarAhead holds that an event which is moved beyond the window is not taken for a deleted one.
func TestMovedFarAhead(t *testing.T) {
	for _, tokens := range []bool{true, false} {
		server := script(t, func(s *scripted) { s.tokens = tokens })
		server.fill(3)
		s, b := server.source(t), newBook()
		cur := b.readAll(t, s, "")
		server.put("e001.ics", "DTSTART:20270824T000000Z", "DURATION:PT1H")
		b.readAll(t, s, cur)
		if m := b.items["%2Fcal%2F/e001.ics;"].Meeting; len(b.items) != 3 || m == nil || m.Start.Year() != 2027 {
			t.Errorf("tokens %v: %d items, %v", tokens, len(b.items), m)
		}
	}
}

// What changes while days that are new in the window are read is read there too.
func TestChangesWhileNewDaysAreRead(t *testing.T) {
	for _, tokens := range []bool{true, false} {
		server := script(t, func(s *scripted) { s.tokens = tokens })
		s, b := server.source(t), newBook()
		s.limits.BatchItems = 5
		for i := range 20 {
			server.put(fmt.Sprintf("e%03d.ics", i), "DTSTART:20270301T000000Z", "DURATION:PT1H")
		}
		cur := b.readAll(t, s, "")
		s.now = func() time.Time { return noon.AddDate(0, 0, 11) }
		batch, err := s.Fetch(t.Context(), cur)
		if err != nil || len(batch.Items) == 0 || !batch.More {
			t.Fatalf("tokens %v: %d items, more %v, %v", tokens, len(batch.Items), batch.More, err)
		}
		server.put("e000.ics", "DTSTART:20270301T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3")
		b.readAll(t, s, batch.Next)
		fresh := newBook()
		fresh.readAll(t, s, "")
		for id := range fresh.items {
			if _, ok := b.items[id]; !ok && strings.Contains(id, "e000.ics") {
				t.Errorf("tokens %v: %s was not read", tokens, id)
			}
		}
		if len(fresh.items) < 21 {
			t.Fatalf("only %d items", len(fresh.items))
		}
	}
}

// TestIllCalendar holds that a calendar which the server cannot serve does not keep the others waiting.
func TestIllCalendar(t *testing.T) {
	server := script(t, func(s *scripted) { s.ill = true })
	server.fill(3)
	s, b := server.source(t), newBook()
	batch, err := s.Fetch(t.Context(), "")
	if err != nil || len(batch.Items) != 3 || !batch.More {
		t.Fatalf("%d items, more %v, %v", len(batch.Items), batch.More, err)
	}
	b.apply(batch)
	if _, err = s.Fetch(t.Context(), batch.Next); connectors.Classify(err) == nil || connectors.Classify(err).Kind != connectors.Retryable {
		t.Errorf("the other is not told: %v", err)
	}
	server.put("new.ics", "DTSTART:20261124T000000Z")
	if batch, err = s.Fetch(t.Context(), batch.Next); err != nil || len(batch.Items) != 1 {
		t.Errorf("what is new elsewhere: %d items, %v", len(batch.Items), err)
	}
}

func TestIdlePollIsOneRequest(t *testing.T) {
	server := script(t, nil)
	server.fill(3)
	s, b := server.source(t), newBook()
	cur := b.readAll(t, s, "")
	server.requests = nil
	b.readAll(t, s, cur)
	if !slices.Equal(server.requests, []string{"PROPFIND propfind"}) {
		t.Errorf("requests %v", server.requests)
	}
}

func TestUnshared(t *testing.T) {
	for _, status := range []int{403, 404} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			server := script(t, nil)
			server.fill(3)
			s, b := server.source(t), newBook()
			cur := b.readAll(t, s, "")
			server.put("late.ics", "DTSTART:20261124T000000Z")
			server.refuse = status
			b.notes = nil
			for range 3 {
				cur = b.readAll(t, s, cur)
			}
			if len(b.items) != 3 || len(b.notes) != 1 {
				t.Errorf("%d items, notes %q", len(b.items), b.notes)
			}
			server.refuse = 0
			b.readAll(t, s, cur)
			if len(b.items) != 4 || len(b.notes) != 2 {
				t.Errorf("when it is back: %d items, notes %q", len(b.items), b.notes)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	huge := `<multistatus xmlns="DAV:"><response><href>` + strings.Repeat("x", 1<<10) + `</href></response>`
	for _, c := range []struct {
		name   string
		change func(*scripted)
		kind   connectors.Kind
		after  time.Duration
		is     error
	}{
		{"throttled", func(s *scripted) { s.refuse, s.after = 429, "120" }, connectors.Retryable, 2 * time.Minute, nil},
		{"busy", func(s *scripted) { s.refuse, s.after = 503, "999999" }, connectors.Retryable, time.Hour, nil},
		{"broken", func(s *scripted) { s.refuse = 500 }, connectors.Retryable, 0, nil},
		{"signed out", func(s *scripted) { s.refuse = 401 }, connectors.AuthExpired, 0, nil},
		{"cut off", func(s *scripted) { s.broken = `<multistatus xmlns="DAV:"><response><href>/cal/a` }, connectors.Retryable, 0, errXML},
		{"empty", func(s *scripted) { s.broken = ` ` }, connectors.Retryable, 0, errXML},
		{"a page", func(s *scripted) { s.broken = `<html><body>Sign in</body></html>` }, connectors.Retryable, 0, errXML},
		{"entities", func(s *scripted) {
			s.broken = `<!DOCTYPE x [<!ENTITY a "aaaa">]><multistatus xmlns="DAV:">&a;</multistatus>`
		}, connectors.Retryable, 0, errXML},
		{"deep", func(s *scripted) { s.broken = `<multistatus xmlns="DAV:">` + strings.Repeat("<a>", 1000) }, connectors.Retryable, 0, errXML},
		{"endless", func(s *scripted) {
			s.broken = huge + strings.Repeat(strings.TrimPrefix(huge, `<multistatus xmlns="DAV:">`), 1100)
		}, connectors.Retryable, 0, errTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := script(t, c.change)
			server.fill(1)
			s := server.source(t)
			s.dav.limit = 1 << 20
			_, err := s.Fetch(t.Context(), "")
			fault := connectors.Classify(err)
			if err == nil || fault.Kind != c.kind || fault.After != c.after || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("got %v (%v, after %v)", err, fault.Kind, fault.After)
			}
			if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(fault.Hint, "secret")) {
				t.Error("the password is told")
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	server := script(t, nil)
	server.fill(2)
	stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked: %s, credentials %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer stranger.Close()
	inner := server.Config.Handler
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/caldav":
			http.Redirect(w, r, "/", http.StatusMovedPermanently)
		case "/away":
			http.Redirect(w, r, stranger.URL, http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusTemporaryRedirect)
		case "/nothing":
			w.WriteHeader(http.StatusNotFound)
		default:
			inner.ServeHTTP(w, r)
		}
	})
	for path, items := range map[string]int{"/.well-known/caldav": 2, "/nothing": 2, "/away": -1, "/loop": -1} {
		s := server.source(t, func(s *Settings) { s.URL += path })
		batch, err := s.Fetch(t.Context(), "")
		switch {
		case items >= 0 && (err != nil || len(batch.Items) != items):
			t.Errorf("%s: %d items, %v", path, len(batch.Items), err)
		case items < 0 && connectors.Classify(err).Kind != connectors.Permanent:
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestDiscoveryByDomain(t *testing.T) {
	server := script(t, nil)
	server.fill(2)
	secure := httptest.NewTLSServer(server)
	defer secure.Close()
	u, _ := url.Parse(secure.URL)
	port := func() uint16 { var n uint16; fmt.Sscan(u.Port(), &n); return n }()
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pemOf(secure), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(target string, trusted ...string) *source {
		s := server.source(t, func(s *Settings) {
			s.URL, s.Address, s.CAFile, s.TrustedHosts = "", "sato@example.com", caFile, trusted
		})
		s.lookup = func(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
			if service != "caldavs" || proto != "tcp" || name != "example.com" {
				t.Errorf("asked for _%s._%s.%s", service, proto, name)
			}
			return "", []*net.SRV{{Target: target, Port: port}}, nil
		}
		s.lookupTXT = func(context.Context, string) ([]string, error) { return []string{"path=/"}, nil }
		dial := &net.Dialer{}
		s.dav.http.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dial.DialContext(ctx, network, u.Host)
		}
		return s
	}
	if batch, err := open("example.com.").Fetch(t.Context(), ""); err != nil || len(batch.Items) != 2 {
		t.Errorf("%d items, %v", len(batch.Items), err)
	}
	_, err := open("evil.example.net.").Fetch(t.Context(), "")
	if fault := connectors.Classify(err); fault.Kind != connectors.Permanent || !strings.Contains(fault.Hint, "evil.example.net") {
		t.Errorf("a server outside the domain: %v", err)
	}
	untrusted := open("example.com.")
	untrusted.dav.http.Transport.(*http.Transport).TLSClientConfig.RootCAs = nil
	if _, err := untrusted.Fetch(t.Context(), ""); connectors.Classify(err).Kind != connectors.Permanent || !strings.Contains(connectors.Classify(err).Hint, "ca_file") {
		t.Errorf("an unknown authority: %v", err)
	}
}

// Where a server does not say all that a calendar has, nothing is taken for deleted.
func TestListsThatAreNotWhole(t *testing.T) {
	single := []string{"%2Fcal%2F/e001.ics;"}
	var hours []string
	for h := range 24 {
		hours = append(hours, strconv.Itoa(h))
	}
	tests := []struct {
		name   string
		server func(*scripted)
		change func(*scripted)
		ids    []string
	}{
		{"a listing that is cut off", func(s *scripted) { s.noQuery, s.tokens, s.ctag = true, false, false }, func(s *scripted) { s.cut = true }, single},
		{"an event that the server stumbles over", func(s *scripted) { s.tokens, s.ctag = false, false }, func(s *scripted) { s.stumbles = "e001.ics" }, single},
		{"more occurrences than are read", nil, func(s *scripted) {
			s.put("e001.ics", "DTSTART:20260201T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYHOUR="+strings.Join(hours, ","))
		}, []string{"%2Fcal%2F/e001.ics;20270101T000000Z"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := script(t, tt.server)
			server.fill(3)
			s := server.source(t, func(s *Settings) { s.Since, s.Ahead = "300d", "90d" })
			_, cur := sourcetest.Drain(t, s, "")
			tt.change(server)
			for _, from := range []connectors.Cursor{cur, ""} {
				for range 20 {
					batch, err := s.Fetch(t.Context(), from)
					if err != nil {
						break
					}
					for _, scope := range batch.Withdrawn {
						for _, id := range tt.ids {
							if strings.HasPrefix(id, scope.Prefix) && !slices.Contains(scope.Present, id) {
								t.Errorf("from %.20s: %s is withdrawn by %s", from, id, scope.Prefix)
							}
						}
					}
					if from = batch.Next; !batch.More {
						break
					}
				}
			}
		})
	}
}
