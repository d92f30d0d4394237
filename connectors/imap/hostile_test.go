package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// openSource opens a source on settings, with small batches so that several are needed.
func openSource(t *testing.T, settings *Settings, limits connectors.Limits) *source {
	t.Helper()
	src, err := settings.Open(t.Context(), connectors.Env{ID: "test", Limits: limits, BaseDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src.(*source)
}

// drained is what reading to the end gave.
type drained struct {
	items   map[string]connectors.Item
	cursor  connectors.Cursor
	notes   []string
	retired []string
	faults  int
}

// drain fetches until nothing more is pending. Up to patience Retryable faults are answered by trying again, as
// the engine does.
func drain(t *testing.T, src *source, cur connectors.Cursor, patience int) drained {
	t.Helper()
	d := drained{items: map[string]connectors.Item{}, cursor: cur}
	for range 10_000 {
		b, err := src.Fetch(t.Context(), d.cursor)
		if err != nil {
			d.faults++
			if f := connectors.Classify(err); f.Kind != connectors.Retryable || d.faults > patience {
				t.Fatalf("fetch after %d faults: %v (%v, hint %q)", d.faults, err, f.Kind, f.Hint)
			}
			continue
		}
		for _, item := range b.Items {
			if _, twice := d.items[item.ExternalID]; twice {
				t.Fatalf("%s came twice", item.ExternalID)
			}
			d.items[item.ExternalID] = item
		}
		d.cursor, d.notes, d.retired = b.Next, append(d.notes, b.Notes...), append(d.retired, b.Retired...)
		if !b.More {
			return d
		}
	}
	t.Fatal("the source has more for ever")
	return d
}

// checkPlain demands an item with its own text for each of the UIDs 1 to n, but for those in failed an item with Err.
func checkPlain(t *testing.T, d drained, n int, failed ...int) {
	t.Helper()
	for uid := 1; uid <= n; uid++ {
		item, ok := d.items[fmt.Sprintf("INBOX;UIDVALIDITY=7;UID=%d", uid)]
		switch {
		case !ok:
			t.Errorf("message %d is lost", uid)
		case slices.Contains(failed, uid):
			if item.Err == nil {
				t.Errorf("message %d has no error", uid)
			}
		case item.Err != nil:
			t.Errorf("message %d: %v", uid, item.Err)
		case !strings.Contains(item.Message.FullText, fmt.Sprintf("text of message %d in", uid)):
			t.Errorf("message %d has text %q", uid, item.Message.FullText)
		case item.Message.MessageID != fmt.Sprintf("7.%d@example.com", uid):
			t.Errorf("message %d has id %q", uid, item.Message.MessageID)
		}
	}
	if len(d.items) != n {
		t.Errorf("%d items for %d messages", len(d.items), n)
	}
}

func TestHostileServer(t *testing.T) {
	const n, poison = 300, 137
	line := func(m mail, items []string) string {
		return fmt.Sprintf("* %d FETCH (%s)\r\n", m.uid, strings.Join(items, " "))
	}
	spoil := func(structure string) func(*script) {
		return func(s *script) {
			s.boxes["INBOX"].mails[poison-1].structure = structure
		}
	}
	cases := map[string]struct {
		prepare  func(*script)
		patience int
		failed   []int
	}{
		"well-behaved": {prepare: func(*script) {}},
		"UID after the literal": {prepare: func(s *script) {
			s.answer = func(m mail, items string) (string, bool, bool) {
				all := answerItems(m, items)
				return line(m, append(all[1:], all[0])), false, true
			}
		}},
		"no UID in answers for single messages": {prepare: func(s *script) {
			s.answer = func(m mail, items string) (string, bool, bool) {
				return line(m, answerItems(m, items)[1:]), false, m.uid == poison
			}
		}},
		"FLAGS update in the middle": {prepare: func(s *script) {
			s.extra = "* 5 FETCH (FLAGS (\\Seen))\r\n* 5 FETCH (UID 5 FLAGS (\\Seen))\r\n* 299 FETCH (UID 299 MODSEQ (9) FLAGS ())\r\n"
		}},
		"VANISHED and unknown responses": {prepare: func(s *script) {
			s.extra = "* VANISHED (EARLIER) 1000:2000\r\n* XSTRANGE {3}\r\na)\" \"\r\n\r\n* 3 WOBBLE (\r\n* FLAGS (a]b \\*)\r\n* OK [PERMANENTFLAGS (\"]\r\n* NO [ALERT] careful\r\n"
		}},
		"unknown FETCH items": {prepare: func(s *script) {
			s.answer = func(m mail, items string) (string, bool, bool) {
				return line(m, append([]string{`X-GM-MSGID 12 X-ODD ("a" (b {2}` + "\r\n()" + `))`, "EMAILID (M1)"}, answerItems(m, items)...)), false, true
			}
		}},
		"childless multipart":             {prepare: spoil(`("mixed" ("boundary" "x") NIL NIL)`)},
		"childless multipart, empty list": {prepare: spoil(`(() "mixed")`)},
		"unescaped quote":                 {prepare: spoil(`("text" "plain" ("name" "a "b" c") NIL NIL "8bit" 30 1 NIL NIL NIL NIL)`)},
		"unbalanced structure":            {prepare: spoil(`("text" "plain" (`)},
		"NIL structure":                   {prepare: spoil(`NIL`)},
		"deep structure":                  {prepare: spoil(strings.Repeat("(", 5000) + strings.Repeat(")", 5000))},
		"literals in BODYSTRUCTURE": {prepare: func(s *script) {
			for i := range s.boxes["INBOX"].mails {
				m := &s.boxes["INBOX"].mails[i]
				m.structure = fmt.Sprintf("({4}\r\ntext {5+}\r\nPLAIN ({7}\r\nCHARSET {5}\r\nutf-8 {4}\r\nname ~{6}\r\na\")} (\r\n) NIL NIL {4}\r\n8bit %d 1)", len(m.body))
			}
			for i := range s.boxes["INBOX"].mails {
				m := &s.boxes["INBOX"].mails[i]
				m.structure = strings.Replace(m.structure, "~{6}\r\na\")} (\r\n)", "~{6}\r\na\")} ()", 1)
			}
		}},
		"BYE in the middle": {prepare: func(s *script) {
			byes := 0
			s.answer = func(m mail, _ string) (string, bool, bool) {
				if m.uid%100 != 50 || byes >= 3 {
					return "", false, false
				}
				byes++
				return "* BYE server is tired\r\n", true, true
			}
		}},
		"a message that always breaks the connection": {failed: []int{poison}, prepare: func(s *script) {
			s.answer = func(m mail, items string) (string, bool, bool) {
				return line(m, answerItems(m, items))[:40], true, m.uid == poison
			}
		}},
		"a message that breaks the connection unless raw": {prepare: func(s *script) {
			s.answer = func(m mail, items string) (string, bool, bool) {
				return "", true, m.uid == poison && !strings.Contains(items, "PEEK[]")
			}
		}},
		"a message that is never answered": {failed: []int{poison}, prepare: func(s *script) {
			s.answer = func(m mail, _ string) (string, bool, bool) { return "", false, m.uid == poison }
		}},
		"a range refused because of one message": {failed: []int{poison}, prepare: func(s *script) {
			s.before = func(w io.Writer, tag, command string) bool {
				words := strings.Fields(command)
				if len(words) < 3 || words[1] != "FETCH" || !inSet(words[2], poison, n) {
					return false
				}
				fmt.Fprintf(w, "%s NO [SERVERBUG] cannot read\r\n", tag)
				return true
			}
		}},
		"NIL bodies and headers": {prepare: func(s *script) {
			s.answer = func(m mail, items string) (string, bool, bool) {
				all := strings.Join(answerItems(m, items), " ")
				if at := strings.Index(all, "BODY[HEADER]"); at >= 0 && m.uid == poison {
					return line(m, []string{all[:at] + "BODY[HEADER]<0> NIL"}), false, true
				}
				return "", false, false
			}
		}},
		"a literal of the wrong announced length": {prepare: func(s *script) {
			s.answer = func(m mail, items string) (string, bool, bool) {
				all := strings.Join(answerItems(m, items), " ")
				return line(m, []string{strings.Replace(all, "BODY[HEADER]<0> {", "BODY[HEADER]<0> {9", 1)}), true,
					m.uid == poison && strings.Contains(items, "HEADER")
			}
		}},
		"lines without carriage returns": {prepare: func(s *script) {
			s.extra = "* 3 EXISTS\n\n"
		}},
		"lying EXISTS": {prepare: func(s *script) {
			s.extra = "* 4294967295 EXISTS\r\n* 1 EXISTS\r\n* 77 EXPUNGE\r\n"
		}},
		"plain SEARCH and LOGIN": {prepare: func(s *script) { s.caps = "IMAP4rev1" }},
		"wrong sizes": {prepare: func(s *script) {
			s.boxes["INBOX"].mails[poison-1].structure = `("text" "plain" NIL NIL NIL NIL 4 1)`
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			s.fill("INBOX", n)
			s.mu.Lock()
			c.prepare(s)
			s.mu.Unlock()
			src := openSource(t, s.settings(), connectors.Limits{BatchItems: 200, BatchBytes: 1 << 20, TextBytes: 1 << 16})
			src.stall = 10 * time.Second
			checkPlain(t, drain(t, src, "", c.patience), n, c.failed...)
			want := []string{"AUTHENTICATE", "CAPABILITY", "EXAMINE", "LIST", "LOGIN", "NOOP", "STATUS", "UID FETCH", "UID SEARCH"}
			for _, verb := range s.commands() {
				if !slices.Contains(want, verb) {
					t.Errorf("the server saw %s", verb)
				}
			}
			for _, command := range s.log {
				if strings.Contains(command, "FETCH") && strings.Contains(command, "BODY[") {
					t.Errorf("a FETCH without PEEK: %s", command)
				}
			}
		})
	}
}

// TestCutAnywhere cuts every connection after a number of bytes that grows from connection to connection, so that
// the cuts fall everywhere.
func TestCutAnywhere(t *testing.T) {
	const n = 12
	for _, step := range []int{1, 7, 64} {
		t.Run(fmt.Sprintf("step %d", step), func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			s.fill("INBOX", n)
			left := 200
			s.mu.Lock()
			s.limit = func() int { left += step; return left }
			s.mu.Unlock()
			src := openSource(t, s.settings(), connectors.Limits{})
			checkPlain(t, drain(t, src, "", 5000), n)
		})
	}
}

func TestBrokenServerIsRetryable(t *testing.T) {
	cases := map[string]func(*script){
		"every FETCH breaks the connection": func(s *script) {
			s.answer = func(mail, string) (string, bool, bool) { return "", true, true }
		},
		"no FETCH is answered": func(s *script) {
			s.answer = func(mail, string) (string, bool, bool) { return "", false, true }
		},
		"throttled": func(s *script) {
			s.before = func(w io.Writer, tag, command string) bool {
				if strings.Contains(command, "FETCH") {
					fmt.Fprintf(w, "%s NO [THROTTLED] Too many requests, try again later\r\n", tag)
					return true
				}
				return false
			}
		},
		"silent": func(s *script) {
			s.before = func(_ io.Writer, _, command string) bool { return strings.Contains(command, "FETCH") }
		},
	}
	for name, prepare := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			s.fill("INBOX", 40)
			s.mu.Lock()
			prepare(s)
			s.mu.Unlock()
			src := openSource(t, s.settings(), connectors.Limits{})
			src.stall = 100 * time.Millisecond
			b, err := src.Fetch(t.Context(), "")
			if err == nil {
				t.Fatalf("no error; %d items", len(b.Items))
			}
			if f := connectors.Classify(err); f.Kind != connectors.Retryable {
				t.Errorf("kind %v", f.Kind)
			} else if name == "throttled" && f.After == 0 {
				t.Error("no delay")
			}
			if s.signIns > maxBreaks+2 {
				t.Errorf("%d sign-ins", s.signIns)
			}
		})
	}
}

func TestExpungedMeanwhile(t *testing.T) {
	s := newScript(t)
	s.fill("INBOX", 50)
	s.answer = func(m mail, _ string) (string, bool, bool) {
		if m.uid != 20 && m.uid != 50 {
			return "", false, false
		}
		b := s.boxes["INBOX"]
		b.mails = slices.DeleteFunc(slices.Clone(b.mails), func(o mail) bool { return o.uid == m.uid })
		return "", false, true
	}
	src := openSource(t, s.settings(), connectors.Limits{})
	d := drain(t, src, "", 0)
	if len(d.items) != 48 {
		t.Errorf("%d items", len(d.items))
	}
	for id, item := range d.items {
		if item.Err != nil {
			t.Errorf("%s: %v", id, item.Err)
		}
	}
}

func TestSearchLagsBehindUIDNext(t *testing.T) {
	s := newScript(t)
	s.fill("INBOX", 5)
	src := openSource(t, s.settings(), connectors.Limits{})
	d := drain(t, src, "", 0)
	s.fill("INBOX", 2)
	s.mu.Lock()
	s.boxes["INBOX"].hidden = 7
	s.mu.Unlock()
	d2 := drain(t, src, d.cursor, 0)
	s.mu.Lock()
	s.boxes["INBOX"].hidden = 0
	s.mu.Unlock()
	s.fill("INBOX", 1)
	d3 := drain(t, src, d2.cursor, 0)
	if len(d.items) != 5 || len(d2.items) != 1 || len(d3.items) != 2 {
		t.Errorf("got %d, %d, %d items, want 5, 1, 2", len(d.items), len(d2.items), len(d3.items))
	}
}

func TestUnchangedCostsOneRoundTrip(t *testing.T) {
	s := newScript(t)
	s.boxes["Sent"] = &box{validity: 8, next: 1, attrs: `\Sent`}
	s.fill("INBOX", 3)
	s.fill("Sent", 3)
	settings := s.settings()
	settings.Folders = []string{"INBOX", `\Sent`}
	src := openSource(t, settings, connectors.Limits{})
	d := drain(t, src, "", 0)
	s.mu.Lock()
	s.log = nil
	s.mu.Unlock()
	for range 3 {
		b, err := src.Fetch(t.Context(), d.cursor)
		if err != nil || len(b.Items) > 0 || b.Next != d.cursor || b.More {
			t.Fatalf("unchanged mailbox gave %+v, %v", b, err)
		}
	}
	if diff := cmp.Diff([]string{"NOOP", "STATUS"}, s.commands()); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if len(s.log) != 9 {
		t.Errorf("%d commands for three looks at two folders: %q", len(s.log), s.log)
	}
}

func TestLiveBeforeHistory(t *testing.T) {
	s := newScript(t)
	s.fill("INBOX", 40)
	src := openSource(t, s.settings(), connectors.Limits{BatchItems: 10})
	first, err := src.Fetch(t.Context(), "")
	if err != nil || len(first.Items) != 10 || !first.Backfill || !first.More {
		t.Fatalf("first batch: %d items, %v", len(first.Items), err)
	}
	if first.Items[0].ExternalID != "INBOX;UIDVALIDITY=7;UID=40" || first.Progress.Done != 10 || first.Progress.Total != 40 {
		t.Errorf("first item %s, progress %+v", first.Items[0].ExternalID, first.Progress)
	}
	s.fill("INBOX", 3)
	src.now = func() time.Time { return time.Now().Add(lookBeat) }
	second, err := src.Fetch(t.Context(), first.Next)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, item := range second.Items[:4] {
		ids = append(ids, strings.TrimPrefix(item.ExternalID, "INBOX;UIDVALIDITY=7;UID="))
	}
	if diff := cmp.Diff([]string{"41", "42", "43", "30"}, ids); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	again, err := src.Fetch(t.Context(), first.Next)
	if err != nil || again.Next != second.Next || len(again.Items) != len(second.Items) {
		t.Errorf("the same cursor gave another batch: %v", err)
	}
	fresh := openSource(t, s.settings(), connectors.Limits{BatchItems: 10})
	rest := drain(t, fresh, second.Next, 0)
	if total := len(first.Items) + len(second.Items) + len(rest.items); total != 43 {
		t.Errorf("%d items in all, want 43", total)
	}
}

func TestFoldersComeAndGo(t *testing.T) {
	s := newScript(t)
	s.boxes["営業"] = &box{validity: 9, next: 1}
	s.boxes["営業"].mails = nil
	delete(s.boxes, "営業")
	s.boxes["Sales"] = &box{validity: 9, next: 1, attrs: `\Sent`}
	s.fill("INBOX", 2)
	s.fill("Sales", 2)
	settings := s.settings()
	settings.Folders = []string{"INBOX", `\Sent`, "Nowhere"}
	src := openSource(t, settings, connectors.Limits{})
	now := time.Now()
	src.now = func() time.Time { return now }
	d := drain(t, src, "", 0)
	if len(d.items) != 4 || !slices.ContainsFunc(d.notes, func(n string) bool { return strings.Contains(n, "Nowhere") }) {
		t.Fatalf("%d items, notes %q", len(d.items), d.notes)
	}
	s.mu.Lock()
	s.boxes["Sold"] = s.boxes["Sales"]
	delete(s.boxes, "Sales")
	s.boxes["INBOX"].validity = 70
	s.mu.Unlock()
	d = drain(t, src, d.cursor, 0)
	if diff := cmp.Diff([]string{"INBOX;UIDVALIDITY=7;", "Sales;UIDVALIDITY=9;"}, slices.Sorted(slices.Values(d.retired))); diff != "" {
		t.Errorf("retired (-want +got):\n%s", diff)
	}
	if len(d.items) != 4 || !slices.Contains(d.notes, "folder Sales was renamed Sold") {
		t.Errorf("%d items, notes %q", len(d.items), d.notes)
	}
	settings.Folders = []string{"Elsewhere"}
	_, err := openSource(t, settings, connectors.Limits{}).Fetch(t.Context(), "")
	if f := connectors.Classify(err); f == nil || f.Kind != connectors.Permanent || !strings.Contains(f.Hint, "INBOX, Sold") {
		t.Errorf("no folder at all: %+v", f)
	}
}

func TestWait(t *testing.T) {
	s := newScript(t)
	s.fill("INBOX", 2)
	src := openSource(t, s.settings(), connectors.Limits{})
	d := drain(t, src, "", 0)

	ctx, cancel := context.WithCancelCause(t.Context())
	idling := errors.New("told to stop")
	s.mu.Lock()
	s.before = func(_ io.Writer, _, command string) bool {
		if command == "IDLE" {
			cancel(idling)
		}
		return false
	}
	s.mu.Unlock()
	if err := src.Wait(ctx, d.cursor); !errors.Is(err, idling) {
		t.Errorf("wait ended with %v", err)
	}
	s.mu.Lock()
	s.before = nil
	s.mu.Unlock()

	s.idle <- "* 1 FETCH (FLAGS ())"
	s.idle <- "* 3 EXISTS"
	if err := src.Wait(t.Context(), d.cursor); err != nil {
		t.Errorf("news: %v", err)
	}
	if s.signIns != 1 {
		t.Errorf("%d sign-ins", s.signIns)
	}
	s.fill("INBOX", 1)
	if err := src.Wait(t.Context(), d.cursor); err != nil { // must not idle at all: the mail is there already
		t.Errorf("mail from before the wait: %v", err)
	}
	if d = drain(t, src, d.cursor, 0); len(d.items) != 1 {
		t.Errorf("%d items after the wait", len(d.items))
	}
	s.idle <- "* BYE shutting down"
	s.mu.Lock()
	s.before = func(w io.Writer, _, command string) bool {
		if command == "IDLE" {
			w.(*cutter).Close()
		}
		return false
	}
	s.mu.Unlock()
	if err := src.Wait(t.Context(), d.cursor); err == nil {
		t.Error("a lost connection was no error")
	}
}

func TestGetAndCensus(t *testing.T) {
	s := newScript(t)
	s.fill("INBOX", 6)
	src := openSource(t, s.settings(), connectors.Limits{})
	var ids []string
	if err := src.Census(t.Context(), func(some []string) error { ids = append(ids, some...); return nil }); err != nil || len(ids) != 6 {
		t.Fatalf("census: %v, %v", ids, err)
	}
	items, err := src.Get(t.Context(), []string{ids[1], ids[4], "INBOX;UIDVALIDITY=6;UID=1", "INBOX;UIDVALIDITY=7;UID=99", "Gone;UIDVALIDITY=7;UID=1", "junk"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, item := range items {
		got = append(got, item.ExternalID)
	}
	if diff := cmp.Diff([]string{ids[1], ids[4]}, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	report, err := src.Probe(t.Context())
	if err != nil || report.Items != 6 || len(report.Lines) < 3 {
		t.Errorf("report %+v, %v", report, err)
	}
}
