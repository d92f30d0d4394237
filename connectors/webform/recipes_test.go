package webform

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/sourcetest"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// shape is a way in which the service hands its answers out, with the settings that read it.
type shape struct {
	name  string
	cfg   func(s *service) Settings
	edits bool // an edit is seen as a version of the same submission
	text  string
	shift bool // pages shift while the list is read
}

func shapes() []shape {
	no := func(s *service, path string) Settings {
		return Settings{URL: s.url + path, ID: "no", Time: "at", Updated: "edited"}
	}
	return []shape{
		{name: "formrun", edits: true, text: "お問い合わせ内容", shift: true, cfg: func(s *service) Settings {
			return Settings{Recipe: "formrun", URL: s.url + "/formrun", Bearer: "t", Paging: Paging{Size: 7}}
		}},
		{name: "google-forms-csv", text: "お問い合わせ内容", cfg: func(s *service) Settings {
			return Settings{Recipe: "google-forms-csv", URL: s.url + "/sheet"}
		}},
		{name: "flamingo", edits: true, text: "your-message", shift: true, cfg: func(s *service) Settings {
			return Settings{Recipe: "flamingo", URL: s.url + "/flamingo", Basic: &Basic{Username: "u", Password: "p"},
				Paging: Paging{Size: 7}}
		}},
		{name: "typeform", text: "message", cfg: func(s *service) Settings {
			return Settings{Recipe: "typeform", URL: s.url + "/typeform", Bearer: "t", Paging: Paging{Size: 7}}
		}},
		{name: "link header", edits: true, text: "text", cfg: func(s *service) Settings {
			cfg := no(s, "/link")
			cfg.Paging.By = pageLink
			return cfg
		}},
		{name: "offset", edits: true, text: "text", cfg: func(s *service) Settings {
			cfg := no(s, "/offset?offset={{offset}}")
			cfg.Paging.By = pageOffset
			return cfg
		}},
		{name: "after an id", text: "text", cfg: func(s *service) Settings {
			cfg := no(s, "/keyset?after={{after}}")
			cfg.List, cfg.Cursor.By = "rows", byID
			return cfg
		}},
		{name: "since a time without pages", edits: true, text: "text", cfg: func(s *service) Settings {
			cfg := no(s, "/keyset?since={{since}}")
			cfg.List, cfg.Cursor = "rows", Place{By: byTime, Format: "unix", Overlap: "1s"}
			return cfg
		}},
		{name: "everything twice", edits: true, text: "text", cfg: func(s *service) Settings { return no(s, "/whole") }},
	}
}

// everyShape runs a test for each shape on a service of its own.
func everyShape(t *testing.T, test func(t *testing.T, s *service, sh shape)) {
	for _, sh := range shapes() {
		t.Run(sh.name, func(t *testing.T) { test(t, start(t), sh) })
	}
}

func small() connectors.Limits { return connectors.Limits{BatchItems: 5} }

func TestContract(t *testing.T) {
	everyShape(t, func(t *testing.T, s *service, sh shape) {
		fillUp(s, 40)
		sourcetest.Run(t, func(t *testing.T) connectors.Source { return s.source(t, sh.cfg(s), small()) })
	})
}

// ledger is what the engine's store would hold.
type ledger struct {
	t    *testing.T
	sh   shape
	cur  connectors.Cursor
	says map[string][]string // external id -> the texts committed, in order
}

func (l *ledger) commit(b connectors.Batch) {
	for _, item := range b.Items {
		if item.Err != nil {
			l.t.Fatalf("%s: %v", item.ExternalID, item.Err)
		}
		text := field(item.Submission, l.sh.text)
		l.says[item.ExternalID] = append(l.says[item.ExternalID], text)
		if got := len(l.says[item.ExternalID]); l.sh.edits && item.Submission.Version != got {
			l.t.Errorf("%s is yielded for the %d. time as version %d", item.ExternalID, got, item.Submission.Version)
		}
	}
	l.cur = b.Next
}

func field(s *crm.Submission, name string) string {
	for _, f := range s.Fields {
		if f.Name == name {
			return f.Values[0]
		}
	}
	return ""
}

// pass fetches to the end like the engine, which is killed at any moment: before or after a batch is stored.
func (l *ledger) pass(r *rand.Rand, s *service) {
	src := s.source(l.t, l.sh.cfg(s), connectors.Limits{BatchItems: 1 + r.IntN(9)})
	for range 500 {
		b, err := src.Fetch(l.t.Context(), l.cur)
		killed := r.IntN(4) == 0
		if err != nil {
			if f := connectors.Classify(err); f.Kind != connectors.Retryable {
				l.t.Fatalf("fetch: %v", err)
			}
			s.do(func(s *service) { s.clock = s.clock.Add(10 * time.Second) })
			continue
		}
		if !killed || r.IntN(2) == 0 {
			l.commit(b)
		}
		if killed {
			src.Close()
			src = s.source(l.t, l.sh.cfg(s), connectors.Limits{BatchItems: 1 + r.IntN(9)})
			continue
		}
		if !b.More {
			return
		}
	}
	l.t.Fatal("the reading does not end")
}

func (l *ledger) check(s *service) {
	l.t.Helper()
	want := make(map[string]int)
	for _, row := range s.rows {
		want[row.text]++
	}
	for id, says := range l.says {
		seen := make(map[string]bool)
		for _, text := range says {
			if seen[text] {
				l.t.Errorf("%s: %q was yielded twice", id, text)
			}
			seen[text] = true
			delete(want, text)
		}
	}
	for text := range want {
		l.t.Errorf("%q was lost", text)
	}
}

// Whatever happens between and during the requests, and wherever the process is killed: each version is
// yielded once, and none is lost.
func TestNothingLostNothingTwice(t *testing.T) {
	everyShape(t, func(t *testing.T, s *service, sh shape) {
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, 7))
			l := &ledger{t: t, sh: sh, says: make(map[string][]string)}
			s.do(func(s *service) {
				s.rows, s.before = nil, nil
				fillUp(s, r.IntN(40))
			})
			for range 8 {
				s.do(func(s *service) {
					disturb(s, r, sh)
					s.before = func(s *service) {
						if r.IntN(6) == 0 {
							disturb(s, r, sh)
						}
						if r.IntN(10) == 0 {
							s.cues = append(s.cues, status([]int{500, 502, 503, 429}[r.IntN(4)], []string{"", "2"}[r.IntN(2)]))
						}
					}
				})
				l.pass(r, s)
			}
			s.do(func(s *service) { s.before, s.cues = nil, nil })
			l.pass(r, s)
			l.check(s)
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	})
}

// disturb lets time go by, adds, edits, and turns the list round. Some things happen in the same second.
func disturb(s *service, r *rand.Rand, sh shape) {
	for range 1 + r.IntN(4) {
		if r.IntN(3) > 0 {
			s.clock = s.clock.Add(time.Duration(r.IntN(40)) * time.Second)
		}
		switch r.IntN(4) {
		case 0, 1:
			s.add()
		case 2:
			if sh.edits && len(s.rows) > 0 {
				s.clock = s.clock.Add(time.Second)
				s.edit(r.IntN(len(s.rows)))
			}
		case 3:
			s.rotate = !s.rotate && !sh.shift
		}
	}
}

// Without a kill and an edit a deleted row makes the pages shift; the rows behind it are found all the same.
func TestDeletedWhileRead(t *testing.T) {
	everyShape(t, func(t *testing.T, s *service, sh shape) {
		for range 40 {
			s.clock = s.clock.Add(time.Hour) // far beyond every overlap
			s.add()
		}
		l := &ledger{t: t, sh: sh, says: make(map[string][]string)}
		deleted := 0
		s.before = func(s *service) {
			if s.requests%3 == 0 && deleted < 3 {
				s.rows = s.rows[1 : len(s.rows)-1] // pages behind move up, in either order
				deleted++
			}
		}
		for range 2 {
			l.pass(rand.New(rand.NewPCG(1, 1)), s)
		}
		l.check(s)
	})
}

func fieldsOf(s *crm.Submission) map[string][]string {
	out := make(map[string][]string)
	for _, f := range s.Fields {
		out[f.Name] = f.Values
	}
	return out
}

func TestWhatTheRecipesRead(t *testing.T) {
	want := map[string]struct {
		fields map[string][]string
		touch  crm.Touch
		id     string
	}{
		"formrun": {map[string][]string{"status": {"未対応"}, "メールアドレス": {"p1@client.example"}, "お問い合わせ内容": {"問い合わせ 1"}, "希望": {"資料", "デモ"}},
			crm.Touch{Source: "google"}, "1"},
		"google-forms-csv": {map[string][]string{"メールアドレス": {"p1@client.example"}, "お問い合わせ内容": {"問い合わせ 1"}, "ご希望": {"資料, デモ"}}, crm.Touch{}, ""},
		"flamingo": {map[string][]string{"your-email": {"p1@client.example"}, "your-message": {"問い合わせ 1"}, "channel": {"contact-form-7"}},
			crm.Touch{Landing: "https://shop.example/contact"}, "1"},
		"typeform": {map[string][]string{"email": {"p1@client.example"}, "message": {"問い合わせ 1"}, "wants": {"資料", "デモ"}, "call": {"false"}, "utm_source": {"mail"}},
			crm.Touch{Source: "mail", Referrer: "https://example.typeform.com/to/abc"}, "tok0001r"},
	}
	everyShape(t, func(t *testing.T, s *service, sh shape) {
		w, ok := want[sh.name]
		if !ok {
			return
		}
		fillUp(s, 1)
		items, _ := sourcetest.Drain(t, s.source(t, sh.cfg(s), connectors.Limits{}), "")
		if len(items) != 1 {
			t.Fatalf("got %d items", len(items))
		}
		sub := items[0].Submission
		if diff := cmp.Diff(w.fields, fieldsOf(sub)); diff != "" {
			t.Errorf("fields (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(w.touch, sub.Touch); diff != "" {
			t.Errorf("touch (-want +got):\n%s", diff)
		}
		if sub.Response != w.id || !sub.At.Equal(s.rows[0].at) || sub.Form != "contact" || sub.Version != 1 || sub.State != crm.SubmissionAccepted || items[0].Key != crm.SubmissionKey(*sub) || items[0].Kind != crm.KindForm {
			t.Errorf("got %+v of key %s, kind %s", sub, items[0].Key, items[0].Kind)
		}
	})
}

func TestSheetInShiftJISIsTheSame(t *testing.T) {
	s := start(t)
	fillUp(s, 9)
	cfg := shapes()[1].cfg(s)
	first, cur := sourcetest.Drain(t, s.source(t, cfg, connectors.Limits{}), "")
	s.sheetSJIS, s.rotate = true, true
	again, _ := sourcetest.Drain(t, s.source(t, cfg, connectors.Limits{}), cur)
	if len(first) != 9 || len(again) != 0 {
		t.Errorf("%d items, then %d in Shift_JIS", len(first), len(again))
	}
}

func TestUnchangedIsNotReadAgain(t *testing.T) {
	s := start(t)
	fillUp(s, 3)
	src := s.source(t, shapes()[1].cfg(s), connectors.Limits{})
	_, cur := sourcetest.Drain(t, src, "")
	b, err := src.Fetch(t.Context(), cur)
	if err != nil || b.Next != cur || len(b.Items) != 0 || b.More || s.header.Get("If-None-Match") == "" {
		t.Errorf("unchanged: %+v, %v", b, err)
	}
	fillUp(s, 1)
	if items, _ := sourcetest.Drain(t, src, cur); len(items) != 1 {
		t.Errorf("changed: %d items", len(items))
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		name  string
		code  int
		after string
		kind  connectors.Kind
		wait  time.Duration
	}{
		{"signed out", 401, "", connectors.AuthExpired, 0},
		{"forbidden", 403, "", connectors.Permanent, 0},
		{"forbidden for a while", 403, "30", connectors.Retryable, 30 * time.Second},
		{"nothing there", 404, "", connectors.Permanent, 0},
		{"bad request", 400, "", connectors.Permanent, 0},
		{"throttled", 429, "120", connectors.Retryable, 2 * time.Minute},
		{"throttled until a time", 503, "Sun, 22 Nov 2026 00:05:00 GMT", connectors.Retryable, 5 * time.Minute},
		{"throttled for ever", 429, "2147483000", connectors.Retryable, 24 * time.Hour},
		{"broken", 500, "", connectors.Retryable, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t)
			s.cues = append(s.cues, status(tt.code, tt.after))
			src := s.source(t, shapes()[1].cfg(s), connectors.Limits{})
			_, err := src.Fetch(t.Context(), "")
			f := connectors.Classify(err)
			if err == nil || f.Kind != tt.kind || f.After != tt.wait {
				t.Errorf("got %v: %+v", err, f)
			}
			if tt.wait > 0 {
				_, err := src.Fetch(t.Context(), "")
				if err == nil || s.requests != 1 {
					t.Errorf("asked %d times before the wait was over", s.requests)
				}
			}
		})
	}
}

func TestBrokenOffListStartsAgain(t *testing.T) {
	s := start(t)
	fillUp(s, 30)
	cfg := shapes()[3].cfg(s)
	s.cues = []func(http.ResponseWriter) bool{func(http.ResponseWriter) bool { return false }, status(400, "")}
	src := s.source(t, cfg, connectors.Limits{})
	var got []string
	b, err := src.Fetch(t.Context(), "")
	if err != nil || b.More || len(b.Notes) != 1 || !b.Backfill {
		t.Fatalf("broken off: %d items, more %v, notes %v, %v", len(b.Items), b.More, b.Notes, err)
	}
	rest, _ := sourcetest.Drain(t, src, b.Next)
	for _, item := range append(b.Items, rest...) {
		got = append(got, item.ExternalID)
	}
	slices.Sort(got)
	if len(got) != 30 || len(slices.Compact(got)) != 30 {
		t.Errorf("got %d items", len(got))
	}
}

func TestItemsAtTheirOwnAddress(t *testing.T) {
	s := start(t)
	fillUp(s, 12)
	cfg := shapes()[4].cfg(s)
	cfg.ItemURL, cfg.Item = s.url+"/item/{{id}}", "row"
	sourcetest.Run(t, func(t *testing.T) connectors.Source { return s.source(t, cfg, small()) })
	before := s.requests
	src := s.source(t, cfg, small())
	items, err := src.(connectors.Getter).Get(t.Context(), []string{"3", "99", "..", "7"})
	if err != nil || len(items) != 2 || items[0].ExternalID != "3" || s.requests != before+3 {
		t.Errorf("got %d items with %d requests, %v", len(items), s.requests-before, err)
	}
}

// A change of the settings reads everything again, and what is read otherwise keeps its version.
func TestNewSettingsReadAgain(t *testing.T) {
	s := start(t)
	fillUp(s, 8)
	cfg := shapes()[0].cfg(s)
	items, cur := sourcetest.Drain(t, s.source(t, cfg, connectors.Limits{}), "")
	cfg.Bearer = "another"
	if again, _ := sourcetest.Drain(t, s.source(t, cfg, connectors.Limits{}), cur); len(again) != 0 {
		t.Errorf("a new token: %d items", len(again))
	}
	cfg.Fields = []Field{{Path: "answers['メールアドレス']", Name: "email"}}
	again, cur := sourcetest.Drain(t, s.source(t, cfg, connectors.Limits{}), cur)
	if len(again) != len(items) || again[0].Submission.Version != 1 {
		t.Errorf("new fields: %d items, version %d", len(again), again[0].Submission.Version)
	}
	s.do(func(s *service) {
		s.clock = s.clock.Add(time.Minute)
		s.edit(2)
		s.rows[2].email = "new@client.example"
	})
	again, _ = sourcetest.Drain(t, s.source(t, cfg, connectors.Limits{}), cur)
	if len(again) != 1 || again[0].Submission.Version != 2 {
		t.Errorf("after an edit: %+v", again)
	}
}

// The cursor of a long-lived source by time stays small.
func TestCursorForgets(t *testing.T) {
	s := start(t)
	src := s.source(t, shapes()[0].cfg(s), connectors.Limits{})
	src.(*source).keep = 50
	cur := connectors.Cursor("")
	for range 30 {
		s.do(func(s *service) { s.clock = s.clock.Add(time.Hour); fillUp(s, 20) })
		_, cur = sourcetest.Drain(t, src, cur)
	}
	p, err := parsePlace(cur, src.(*source).shape)
	if err != nil || len(p.known) > 60 {
		t.Errorf("%d of 600 rows are kept in mind, %v", len(p.known), err)
	}
}

func TestProbe(t *testing.T) {
	everyShape(t, func(t *testing.T, s *service, sh shape) {
		fillUp(s, 3)
		report, err := s.source(t, sh.cfg(s), connectors.Limits{}).(connectors.Prober).Probe(t.Context())
		if err != nil || len(report.Lines) < 3 {
			t.Errorf("got %v, %v", report, err)
		}
	})
}

func TestPoisonRows(t *testing.T) {
	s := start(t)
	body := `[{"no":1,"at":1,"t":"too old"},7,null,{"at":1700000000},{"no":4,"at":"soon"},{"no":5,"at":1700000000,"t":"ok"},{"no":{"a":1},"at":1700000000}]`
	s.cues = slices.Repeat([]func(http.ResponseWriter) bool{func(w http.ResponseWriter) bool { fmt.Fprint(w, body); return true }}, 3)
	src := s.source(t, Settings{URL: s.url + "/whole", ID: "no", Time: "at"}, connectors.Limits{})
	items, cur := sourcetest.Drain(t, src, "")
	good := 0
	for _, item := range items {
		if item.Err == nil {
			good++
		}
	}
	if len(items) != 7 || good != 1 {
		t.Errorf("got %d items, %d of them good", len(items), good)
	}
	if again, _ := sourcetest.Drain(t, src, cur); len(again) != 0 {
		t.Errorf("poison is yielded again: %d items", len(again))
	}
	body = `[{"no":4,"at":1700000000,"t":"healed"}]`
	healed, _ := sourcetest.Drain(t, src, cur)
	if len(healed) != 1 || healed[0].Err != nil || healed[0].Submission.Version != 1 {
		t.Errorf("healed: %+v", healed)
	}
}

func TestLimitOfRows(t *testing.T) {
	s := start(t)
	fillUp(s, 20)
	cfg := shapes()[8].cfg(s)
	cfg.MaxItems = 10
	src := s.source(t, cfg, connectors.Limits{})
	b, err := src.Fetch(t.Context(), "")
	if err != nil || len(b.Items) != 10 {
		t.Fatalf("%d items, %v", len(b.Items), err)
	}
	if _, err := src.Fetch(t.Context(), b.Next); err == nil || connectors.Classify(err).Kind != connectors.Permanent {
		t.Errorf("beyond the limit: %v", err)
	}
}

func TestOverlapThatHoldsBackIsSaid(t *testing.T) {
	s := start(t)
	for range 20 {
		s.add() // all in the same second
	}
	cfg := shapes()[7].cfg(s)
	cfg.Paging.Size = 7
	src := s.source(t, cfg, connectors.Limits{})
	cur := connectors.Cursor("")
	for range 5 {
		b, err := src.Fetch(t.Context(), cur)
		if err != nil {
			if connectors.Classify(err).Kind != connectors.Permanent {
				t.Errorf("got %v", err)
			}
			return
		}
		cur = b.Next
	}
	t.Error("rows that cannot be reached are passed over in silence")
}
