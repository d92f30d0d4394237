package webform

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// sent is an answer that a service keeps.
type sent struct {
	id       int
	at, edit time.Time
	email    string
	text     string
	token    string
}

// service is a form service in the test's process. It has a clock of its own, hands its answers out in one of several
// shapes, and misbehaves on cue.
type service struct {
	mu                sync.Mutex
	clock             time.Time
	rows              []sent
	next              int
	requests          int
	header            http.Header // of the last request
	cues              []func(w http.ResponseWriter) bool
	before            func(s *service) // runs before each request, unlocked calls only
	sheetSJIS, rotate bool
	url               string
}

func start(t *testing.T) *service {
	s := &service{clock: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), next: 1}
	mux := http.NewServeMux()
	for path, h := range map[string]http.HandlerFunc{"/formrun": s.formrun, "/typeform": s.typeform, "/flamingo": s.flamingo, "/sheet": s.sheet,
		"/link": s.link, "/offset": s.offset, "/keyset": s.keyset, "/item/{id}": s.item, "/whole": s.whole} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.requests++
			s.header = r.Header.Clone()
			if s.before != nil {
				s.before(s)
			}
			if len(s.cues) > 0 {
				cue := s.cues[0]
				s.cues = s.cues[1:]
				if cue(w) {
					return
				}
			}
			h(w, r)
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// status is a cue: the next request is answered so.
func status(code int, retryAfter string) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(code)
		return true
	}
}

func (s *service) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

// do works on the service between requests.
func (s *service) do(work func(s *service)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	work(s)
}

// add takes an answer in. The service's lock is held.
func (s *service) add() {
	n := s.next
	s.next++
	s.rows = append(s.rows, sent{id: n, at: s.clock, edit: s.clock, email: fmt.Sprintf("p%d@client.example", n), text: fmt.Sprintf("問い合わせ %d", n), token: fmt.Sprintf("tok%04d", n)})
}

// edit changes the answer at a place.
func (s *service) edit(at int) {
	r := &s.rows[at]
	r.edit = s.clock
	r.text += fmt.Sprintf(" (edited %d)", s.clock.UnixNano())
}

func fillUp(s *service, n int) {
	for range n {
		s.clock = s.clock.Add(time.Second)
		s.add()
	}
}

// sorted gives the rows that keep admits, in an order.
func (s *service) sorted(less func(a, b sent) int, keep func(sent) bool) []sent {
	var out []sent
	for _, r := range s.rows {
		if keep(r) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, less)
	return out
}

func since(r *http.Request, name string) time.Time {
	t, _ := time.Parse(time.RFC3339, r.URL.Query().Get(name))
	return t
}

func number(r *http.Request, name string, fallback int) int {
	if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil {
		return n
	}
	return fallback
}

func cut(rows []sent, from, size int) []sent {
	from = min(from, len(rows))
	return rows[from:min(from+size, len(rows))]
}

func (s *service) formrun(w http.ResponseWriter, r *http.Request) {
	t := since(r, "updated_since")
	rows := s.sorted(func(a, b sent) int { return cmp.Or(b.edit.Compare(a.edit), b.id-a.id) }, func(x sent) bool { return !x.edit.Before(t) })
	if s.rotate {
		slices.Reverse(rows)
	}
	size := number(r, "per_page", 1)
	data := []any{}
	for _, x := range cut(rows, (number(r, "page", 1)-1)*size, size) {
		data = append(data, map[string]any{"id": x.id, "created_at": x.at.Format(time.RFC3339), "updated_at": x.edit.Format(time.RFC3339), "status": "未対応",
			"answers": map[string]any{"メールアドレス": x.email, "お問い合わせ内容": x.text, "希望": []string{"資料", "デモ"}}, "utm": map[string]any{"source": "google"}})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data, "meta": map[string]any{"total_pages": (len(rows) + size - 1) / size, "total_count": len(rows)}})
}

func (s *service) typeform(w http.ResponseWriter, r *http.Request) {
	t, before := since(r, "since"), r.URL.Query().Get("before")
	rows := s.sorted(func(a, b sent) int { return cmp.Or(b.at.Compare(a.at), b.id-a.id) }, func(x sent) bool { return !x.at.Before(t) && (before == "" || x.token < before) })
	size := number(r, "page_size", 25)
	items := []any{}
	for _, x := range cut(rows, 0, size) {
		items = append(items, map[string]any{"response_id": x.token + "r", "token": x.token, "submitted_at": x.at.Format(time.RFC3339),
			"metadata": map[string]any{"referer": "https://example.typeform.com/to/abc"}, "hidden": map[string]any{"utm_source": "mail"},
			"answers": []any{
				map[string]any{"field": map[string]any{"id": "f1", "type": "email", "ref": "email"}, "type": "email", "email": x.email},
				map[string]any{"field": map[string]any{"id": "f2", "type": "long_text", "ref": "message"}, "type": "text", "text": x.text},
				map[string]any{"field": map[string]any{"id": "f3", "type": "multiple_choice", "ref": "wants"}, "type": "choices", "choices": map[string]any{"labels": []string{"資料", "デモ"}}},
				map[string]any{"field": map[string]any{"id": "f4", "type": "yes_no", "ref": "call"}, "type": "boolean", "boolean": false},
			}})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"total_items": len(rows), "page_count": (len(rows) + size - 1) / size, "items": items})
}

func (s *service) flamingo(w http.ResponseWriter, r *http.Request) {
	t := since(r, "modified_after")
	rows := s.sorted(func(a, b sent) int { return cmp.Or(a.edit.Compare(b.edit), a.id-b.id) }, func(x sent) bool { return x.edit.After(t) })
	size, page := number(r, "per_page", 10), number(r, "page", 1)
	pages := (len(rows) + size - 1) / size
	w.Header().Set("X-Wp-Total", strconv.Itoa(len(rows)))
	w.Header().Set("X-Wp-Totalpages", strconv.Itoa(pages))
	if page > max(pages, 1) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"code":"rest_post_invalid_page_number"}`)
		return
	}
	out := []any{}
	for _, x := range cut(rows, (page-1)*size, size) {
		out = append(out, map[string]any{"id": x.id, "date": x.at.Add(9 * time.Hour).Format("2006-01-02T15:04:05"), "date_gmt": x.at.Format("2006-01-02T15:04:05"),
			"modified_gmt": x.edit.Format("2006-01-02T15:04:05"), "channel": "contact-form-7", "fields": map[string]any{"your-email": x.email, "your-message": x.text},
			"meta": map[string]any{"url": "https://shop.example/contact"}})
	}
	_ = json.NewEncoder(w).Encode(out)
}

func (s *service) sheet(w http.ResponseWriter, r *http.Request) {
	var b strings.Builder
	c := csv.NewWriter(&b)
	_ = c.Write([]string{"タイムスタンプ", "メールアドレス", "お問い合わせ内容", "ご希望"})
	rows := slices.Clone(s.rows)
	if s.rotate {
		slices.Reverse(rows)
	}
	for _, x := range rows {
		_ = c.Write([]string{x.edit.In(time.FixedZone("JST", 9*3600)).Format("2006/01/02 15:04:05"), x.email, x.text, "資料, デモ"})
	}
	c.Flush()
	text := b.String()
	if s.sheetSJIS {
		text, _ = japanese.ShiftJIS.NewEncoder().String(text)
	}
	etag := fmt.Sprintf(`"%x"`, hashText(text))
	w.Header().Set("ETag", etag)
	w.Header().Set("Content-Type", "text/csv")
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	fmt.Fprint(w, text)
}

func plain(rows []sent) []any {
	out := []any{}
	for _, x := range rows {
		out = append(out, map[string]any{"no": x.id, "at": x.at.Unix(), "edited": x.edit.Unix(), "email": x.email, "text": x.text})
	}
	return out
}

func every(sent) bool { return true }

func byNumber(a, b sent) int { return a.id - b.id }

func (s *service) link(w http.ResponseWriter, r *http.Request) {
	rows, from := s.sorted(byNumber, every), number(r, "from", 0)
	rows = slices.DeleteFunc(rows, func(x sent) bool { return x.id <= from })
	page := cut(rows, 0, 7)
	if len(rows) > 7 {
		w.Header().Add("Link", fmt.Sprintf(`</link?from=0>; rel="first", </link?from=%d>; title="a, b"; rel="last next"`, page[6].id))
	}
	_ = json.NewEncoder(w).Encode(plain(page))
}

func (s *service) offset(w http.ResponseWriter, r *http.Request) {
	_ = json.NewEncoder(w).Encode(plain(cut(s.sorted(byNumber, every), number(r, "offset", 0), 7)))
}

// keyset gives the first rows after an id, or edited since a time.
func (s *service) keyset(w http.ResponseWriter, r *http.Request) {
	after, t := number(r, "after", 0), int64(number(r, "since", 0))
	rows := s.sorted(func(a, b sent) int { return cmp.Or(a.edit.Compare(b.edit), a.id-b.id) }, func(x sent) bool { return x.id > after && x.edit.Unix() >= t })
	if after > 0 || !r.URL.Query().Has("since") {
		slices.SortFunc(rows, byNumber)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"rows": plain(cut(rows, 0, 7))})
}

func (s *service) whole(w http.ResponseWriter, _ *http.Request) {
	rows := slices.Clone(s.rows)
	if s.rotate {
		slices.Reverse(rows)
	}
	_ = json.NewEncoder(w).Encode(plain(append(rows, rows...))) // everything twice
}

func (s *service) item(w http.ResponseWriter, r *http.Request) {
	for _, x := range s.rows {
		if strconv.Itoa(x.id) == r.PathValue("id") {
			_ = json.NewEncoder(w).Encode(map[string]any{"row": plain([]sent{x})[0]})
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}

// source opens settings on the service, with its clock.
func (s *service) source(t *testing.T, cfg Settings, limits connectors.Limits) connectors.Source {
	t.Helper()
	cfg.Allow = append(cfg.Allow, strings.TrimPrefix(s.url, "http://"))
	if cfg.Form == "" {
		cfg.Form = "contact"
	}
	if problems := cfg.Check(); len(problems) > 0 {
		t.Fatalf("settings: %+v", problems)
	}
	src, err := cfg.open(connectors.Env{ID: "web", Limits: limits}, nil, s.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}
