package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestReadyz(t *testing.T) {
	f := newFixture(t)
	code, body := f.api(t, "", http.MethodGet, "/readyz", "")
	var answer readiness
	must(t, json.Unmarshal([]byte(body), &answer))
	if code != http.StatusOK || !answer.Ready || len(answer.Notices) != 1 || answer.Notices[0] != (sourceTrouble{"suzuki-mail", "auth_expired"}) {
		t.Errorf("%d %s", code, body)
	}
	claim, ok, err := f.store.ClaimSource(t.Context(), "suzuki-mail", f.now, 60e9)
	if must(t, err); !ok {
		t.Fatal("the source cannot be claimed")
	}
	must(t, f.store.Settle(t.Context(), crm.Settlement{Source: "suzuki-mail", Epoch: claim.Source.Epoch, State: crm.SourceNeedsIT, Error: "no such folder", At: f.now}))
	code, body = f.api(t, "", http.MethodGet, "/readyz", "")
	must(t, json.Unmarshal([]byte(body), &answer))
	if code != http.StatusServiceUnavailable || answer.Ready || len(answer.Problems) != 1 || answer.Problems[0].Source != "suzuki-mail" {
		t.Errorf("%d %s", code, body)
	}
	must(t, f.store.Close())
	if code, body = f.api(t, "", http.MethodGet, "/readyz", ""); code != http.StatusServiceUnavailable {
		t.Errorf("with a closed store: %d %s", code, body)
	}
	if code, _ = f.api(t, "", http.MethodGet, "/healthz", ""); code != http.StatusOK {
		t.Errorf("healthz: %d", code)
	}
}

func TestMetrics(t *testing.T) {
	f := newFixture(t)
	code, body := f.api(t, "", http.MethodGet, "/metrics", "")
	if code != http.StatusOK {
		t.Fatalf("from this machine: %d", code)
	}
	wantIn(t, body, `tsunagu_source_items{source="sato-mail",verdict="logged"} 65`, `tsunagu_source_items{source="sato-mail",verdict="excluded"} 3`,
		`tsunagu_source_up{source="sato-mail"} 1`, `tsunagu_source_up{source="suzuki-mail"} 0`, `tsunagu_source_lag_seconds{source="sato-mail"}`,
		`tsunagu_source_last_success_timestamp_seconds{source="sato-mail"}`, "tsunagu_reviews_open 2", "tsunagu_store_size_bytes",
		"# TYPE tsunagu_activities_logged gauge", `tsunagu_activities_logged{source="sato-mail"} 65`, `tsunagu_build_info{version="1.2.3"} 1`)
	problems, err := testutil.CollectAndLint(newCollector(f.store, "1"))
	must(t, err)
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestMetricsAreNotForStrangers(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
		c.PublicURL = "https://crm.example.co.jp"
	})
	for name, tt := range map[string]struct {
		peer, forwarded, token, host string
		want                         int
	}{
		"this machine":                       {"127.0.0.1:1", "", "", "localhost:8080", 200},
		"this machine, IPv6":                 {"[::1]:1", "", "", "localhost:8080", 200},
		"this machine by number":             {"127.0.0.1:1", "", "", "127.0.0.1:8080", 200},
		"this machine by number, IPv6":       {"[::1]:1", "", "", "[::1]:8080", 200},
		"this machine by its public name":    {"127.0.0.1:1", "", "", "CRM.example.co.jp", 200},
		"a name that was made to mean us":    {"127.0.0.1:1", "", "", "evil.example:8080", 401},
		"a name that begins like ours":       {"127.0.0.1:1", "", "", "localhost.evil.example", 401},
		"no name":                            {"127.0.0.1:1", "", "", "", 401},
		"a stranger who names this machine":  {"192.0.2.1:1", "", "", "127.0.0.1", 401},
		"a stranger":                         {"192.0.2.1:1", "", "", "localhost:8080", 401},
		"a stranger who claims to be local":  {"192.0.2.1:1", "127.0.0.1", "", "localhost:8080", 401},
		"through a proxy on this machine":    {"127.0.0.1:1", "192.0.2.1", "", "localhost:8080", 401},
		"through a trusted proxy":            {"10.1.2.3:1", "127.0.0.1", "", "localhost:8080", 401},
		"a stranger with a token of role it": {"192.0.2.1:1", "", f.token(t, crm.RoleIT), "localhost:8080", 200},
		"a stranger with a lower token":      {"192.0.2.1:1", "", f.token(t, crm.RoleAdmin), "localhost:8080", 403},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
			r.RemoteAddr, r.Host = tt.peer, tt.host
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			if tt.token != "" {
				r.Header.Set("Authorization", "Bearer "+tt.token)
			}
			w := httptest.NewRecorder()
			f.server.Handler().ServeHTTP(w, r)
			if w.Code != tt.want {
				t.Errorf("got %d", w.Code)
			}
		})
	}
}

func TestClientIP(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	for name, tt := range map[string]struct{ peer, forwarded, want string }{
		"no proxy":                     {"192.0.2.1:1", "", "192.0.2.1"},
		"a stranger's field":           {"192.0.2.1:1", "203.0.113.5", "192.0.2.1"},
		"a trusted proxy":              {"10.0.0.1:1", "203.0.113.5", "203.0.113.5"},
		"two trusted proxies":          {"10.0.0.1:1", "203.0.113.5, 10.0.0.2", "203.0.113.5"},
		"what the client put in front": {"10.0.0.1:1", "1.1.1.1, 203.0.113.5", "203.0.113.5"},
		"nonsense":                     {"10.0.0.1:1", "x", "10.0.0.1"},
		"IPv4 in IPv6":                 {"[::ffff:192.0.2.1]:1", "", "192.0.2.1"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr = tt.peer
			if tt.forwarded != "" {
				r.Header.Set("X-Forwarded-For", tt.forwarded)
			}
			if got := f.server.clientIP(r).String(); got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
}
