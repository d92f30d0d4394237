package webform

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// turncoat is a name service whose answer changes after the first question.
type turncoat struct {
	first, then string
	asked       atomic.Int64
}

func (r *turncoat) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	if r.asked.Add(1) == 1 {
		return []netip.Addr{netip.MustParseAddr(r.first)}, nil
	}
	return []netip.Addr{netip.MustParseAddr(r.then)}, nil
}

// inside is a server that nobody may reach.
func inside(t *testing.T) (port string, hits *atomic.Int64) {
	hits = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		fmt.Fprint(w, `[{"id":1,"secret":"inside"}]`)
	}))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return port, hits
}

func openUnchecked(t *testing.T, cfg Settings, r *turncoat) connectors.Source {
	t.Helper()
	cfg.Form = "contact"
	env := connectors.Env{ID: "web"}
	var src connectors.Source
	var err error
	if r != nil {
		src, err = cfg.open(env, r, time.Now)
	} else {
		src, err = cfg.open(env, nil, time.Now)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

func TestNothingInsideIsReached(t *testing.T) {
	port, hits := inside(t)
	allowed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "http://127.0.0.1:"+port+"/", http.StatusFound)
		case "/mapped":
			http.Redirect(w, r, "http://[::ffff:127.0.0.1]:"+port+"/", http.StatusTemporaryRedirect)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		case "/link":
			w.Header().Set("Link", `<http://127.0.0.1:`+port+`/>; rel="next"`)
			fmt.Fprint(w, `[{"id":7}]`)
		case "/url":
			fmt.Fprint(w, `{"rows":[{"id":7}],"next":"//127.0.0.1:`+port+`/"}`)
		case "/token":
			fmt.Fprint(w, `{"rows":[{"id":7}],"next":"@127.0.0.1:`+port+`/"}`)
		}
	}))
	defer allowed.Close()
	open := []string{strings.TrimPrefix(allowed.URL, "http://")}
	tests := []struct {
		name string
		cfg  Settings
		dns  *turncoat
	}{
		{"by the URL", Settings{URL: "http://127.0.0.1:" + port}, nil},
		{"by another way to write it", Settings{URL: "http://[::ffff:7f00:1]:" + port}, nil},
		{"by a name", Settings{URL: "http://forms.example:" + port}, &turncoat{first: "127.0.0.1", then: "127.0.0.1"}},
		{"by a name that changes", Settings{URL: "http://forms.example:" + port, Allow: []string{"127.0.0.9/32"}}, &turncoat{first: "127.0.0.9", then: "127.0.0.1"}},
		{"by a redirect", Settings{URL: allowed.URL + "/redirect", Allow: open}, nil},
		{"by a redirect to a mapped address", Settings{URL: allowed.URL + "/mapped", Allow: open}, nil},
		{"by a redirect to the metadata service", Settings{URL: allowed.URL + "/metadata", Allow: open}, nil},
		{"by a Link header", Settings{URL: allowed.URL + "/link", Allow: open, Paging: Paging{By: pageLink}}, nil},
		{"by a next address", Settings{URL: allowed.URL + "/url", List: "rows", Allow: open, Paging: Paging{By: pageURL, Next: "next"}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := openUnchecked(t, tt.cfg, tt.dns)
			cur := connectors.Cursor("")
			failed := false
			for range 3 {
				b, err := src.Fetch(t.Context(), cur)
				if err != nil {
					failed = true
					if strings.Contains(err.Error(), "inside") {
						t.Errorf("the error tells what is inside: %v", err)
					}
					continue
				}
				cur = b.Next
			}
			if !failed || hits.Load() != 0 {
				t.Errorf("failed %v, the inside was reached %d times", failed, hits.Load())
			}
		})
	}
	t.Run("a token is only a word", func(t *testing.T) {
		src := openUnchecked(t, Settings{URL: allowed.URL + "/token?c={{cursor}}", List: "rows", Allow: open, Paging: Paging{By: pageToken, Next: "next"}}, nil)
		if _, err := src.Fetch(t.Context(), ""); err != nil || hits.Load() != 0 {
			t.Errorf("%v, the inside was reached %d times", err, hits.Load())
		}
	})
}

func gzipped(raw []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(raw)
	z.Close()
	return out.Bytes()
}

// Answers made to exhaust are refused, as faults or as single failed rows, within a bound of memory.
func TestBombs(t *testing.T) {
	many := "[" + strings.Repeat(`{"id":1},`, 10) + strings.Repeat("[],", maxValues) + "{}]"
	wide := `[{"id":1` + strings.Repeat(`,"a":["b"]`, 100) + ","
	for i := range maxFields + 10 {
		wide += fmt.Sprintf(`"f%d":1,`, i)
	}
	wide = strings.TrimSuffix(wide, ",") + "}]"
	tests := []struct {
		name     string
		body     []byte
		encoding string
		poison   int // rows that fail by themselves; 0 for a fault
	}{
		{"deep lists", []byte(strings.Repeat("[", 1<<20)), "", 0},
		{"deep objects", []byte(strings.Repeat(`{"a":`, 1<<18)), "", 0},
		{"deep row", []byte("[" + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "]"), "", 0},
		{"many values", []byte(many), "", 0},
		{"huge", bytes.Repeat([]byte(" "), 11<<20), "", 0},
		{"compressed", gzipped(bytes.Repeat([]byte(" "), 200<<20)), "gzip", 0},
		{"cut off", []byte(`[{"id":1},{"id":`), "", 0},
		{"two documents", []byte(`[] []`), "", 0},
		{"sign-in page", []byte("<!DOCTYPE html><html><title>Sign in</title>"), "", 0},
		{"empty", nil, "", 0},
		{"many fields", []byte(wide), "", 1},
		{"long text", []byte(`[{"id":1,"t":"` + strings.Repeat("x", 2<<20) + `"}]`), "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if tt.encoding != "" {
					w.Header().Set("Content-Encoding", tt.encoding)
				}
				w.Write(tt.body)
			}))
			defer server.Close()
			src := openUnchecked(t, Settings{URL: server.URL, ID: "id", Allow: []string{"127.0.0.0/8"}}, nil)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			b, err := src.Fetch(t.Context(), "")
			runtime.ReadMemStats(&after)
			failed := 0
			for _, item := range b.Items {
				if item.Err != nil {
					failed++
				}
			}
			if (err != nil) != (tt.poison == 0) || failed != tt.poison {
				t.Errorf("%d failed items, %v", failed, err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 1<<30 {
				t.Errorf("%d bytes were allocated", used)
			}
		})
	}
}

func TestSlowAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			fmt.Fprint(w, "[")
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	}))
	defer server.Close()
	src := openUnchecked(t, Settings{URL: server.URL, Allow: []string{"127.0.0.0/8"}, Timeout: "1s"}, nil)
	if _, err := src.Fetch(t.Context(), ""); err == nil || connectors.Classify(err).Kind != connectors.Retryable {
		t.Errorf("got %v", err)
	}
}

// A service that ignores the words of paging gives the same page for ever; one that invents tokens is stopped
// by the limit of pages.
func TestEndlessLists(t *testing.T) {
	count := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count++
		if r.URL.Path == "/same" {
			fmt.Fprint(w, `[{"id":1},{"id":2}]`)
			return
		}
		fmt.Fprintf(w, `{"rows":[{"id":%d}],"next":"%d"}`, count, count)
	}))
	defer server.Close()
	allow := []string{"127.0.0.0/8"}
	src := openUnchecked(t, Settings{URL: server.URL + "/same?p={{page}}", ID: "id", Allow: allow, Paging: Paging{By: pageNumber}}, nil)
	items, cur := 0, connectors.Cursor("")
	for range 5 {
		b, err := src.Fetch(t.Context(), cur)
		if err != nil {
			t.Fatal(err)
		}
		items, cur = items+len(b.Items), b.Next
	}
	if items != 2 || count > 20 {
		t.Errorf("same page: %d items with %d requests", items, count)
	}
	src = openUnchecked(t, Settings{URL: server.URL + "/?t={{cursor}}", List: "rows", ID: "id", Allow: allow, MaxPages: 50, Paging: Paging{By: pageToken, Next: "next"}}, nil)
	cur = ""
	for range 10 {
		b, err := src.Fetch(t.Context(), cur)
		if err != nil {
			if connectors.Classify(err).Kind != connectors.Permanent {
				t.Errorf("tokens: %v", err)
			}
			return
		}
		cur = b.Next
	}
	t.Error("a list without an end is read for ever")
}

func TestErrorsHoldNoSecret(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	src := openUnchecked(t, Settings{URL: server.URL + "/?key=hunter2", Query: map[string]string{"api_key": "hunter3"}, Allow: []string{"127.0.0.0/8"}}, nil)
	_, err := src.Fetch(t.Context(), "")
	if err == nil || strings.Contains(err.Error(), "hunter") {
		t.Errorf("got %v", err)
	}
	report, err := src.(connectors.Prober).Probe(t.Context())
	if text := fmt.Sprint(report, err); strings.Contains(text, "hunter") {
		t.Errorf("got %s", text)
	}
}
