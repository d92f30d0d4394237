package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

const (
	mail     = "https://www.googleapis.com/auth/gmail.readonly"
	calendar = "https://www.googleapis.com/auth/calendar.readonly"
	sato     = "sato@example.co.jp"
)

// clock can be set.
type clock struct {
	mu  sync.Mutex
	off time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.off)
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off += d
}

func start(t *testing.T, o fakegoogle.Options) *fakegoogle.Server {
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
	s.AddUser(sato, "佐藤 花子")
	return s
}

func endpoints(s *fakegoogle.Server) oauth.Endpoints {
	e := s.Endpoints()
	return oauth.Endpoints{Issuer: e.Issuer, Auth: e.Auth, Token: e.Token, Revoke: e.Revoke, Device: e.Device, JWKS: e.JWKS}
}

func app(t *testing.T, s *fakegoogle.Server, change ...func(*oauth.AppConfig)) *oauth.App {
	t.Helper()
	transport, err := oauth.NewTransport(s.CAFile())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.CloseIdleConnections)
	cfg := oauth.AppConfig{ClientID: "test-client", ClientSecret: "test-secret", Endpoints: endpoints(s), HTTP: oauth.NewHTTP(transport)}
	for _, c := range change {
		c(&cfg)
	}
	return oauth.NewApp(cfg)
}

var wanted = []string{"openid", "email", "profile", mail, calendar}

func request() oauth.Request {
	return oauth.Request{Scopes: wanted, Redirect: "http://127.0.0.1:1/", Hint: sato, Offline: true, Consent: true, Incremental: true}
}

// answer gives what the browser comes back with after a person allowed.
func answer(t *testing.T, s *fakegoogle.Server, address string) url.Values {
	t.Helper()
	back, err := s.Consent(t.Context(), address, sato)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestBrowserFlow(t *testing.T) {
	for name, o := range map[string]fakegoogle.Options{"plain on loopback": {}, "TLS": {TLS: true}} {
		for how, change := range map[string]func(*oauth.AppConfig){
			"endpoints given": func(*oauth.AppConfig) {},
			"endpoints looked up": func(c *oauth.AppConfig) {
				c.Endpoints = oauth.Google().With(oauth.Endpoints{Issuer: c.Endpoints.Issuer})
			},
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				s := start(t, o)
				a := app(t, s, change)
				address, flow, err := a.Begin(t.Context(), request())
				if err != nil {
					t.Fatal(err)
				}
				token, err := a.Finish(t.Context(), flow, answer(t, s, address))
				if err != nil {
					t.Fatal(err)
				}
				if token.Refresh == "" || len(oauth.Missing(wanted, token.Scopes)) > 0 || time.Until(token.Expiry) < 50*time.Minute {
					t.Errorf("granted %q until %v", token.Scopes, token.Expiry)
				}
				id, err := a.Identity(t.Context(), token, flow.Nonce, []string{"example.co.jp"})
				if err != nil || id.Email != sato || id.Name != "佐藤 花子" || id.Domain != "example.co.jp" || !id.Verified || id.Subject == "" {
					t.Errorf("identity %+v, %v", id, err)
				}
				if _, err := a.Identity(t.Context(), token, "another", nil); !errors.Is(err, oauth.ErrIdentity) {
					t.Errorf("another nonce: %v", err)
				}
				if _, err := a.Identity(t.Context(), token, flow.Nonce, []string{"example.com"}); !errors.Is(err, oauth.ErrDenied) {
					t.Errorf("another organisation: %v", err)
				}
				if again, err := a.Refresh(t.Context(), token.Refresh, nil); err != nil || again.Access == token.Access {
					t.Errorf("refresh: %v", err)
				}
				if err := a.Revoke(t.Context(), token.Refresh); err != nil {
					t.Error(err)
				}
				if _, err := a.Refresh(t.Context(), token.Refresh, nil); !errors.Is(err, oauth.ErrSignInAgain) {
					t.Errorf("after revoking: %v", err)
				}
				if err := a.Revoke(t.Context(), token.Refresh); err != nil {
					t.Errorf("revoked twice: %v", err)
				}
			})
		}
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*fakegoogle.Server, *oauth.App, *oauth.Flow, url.Values, *clock)
		want   error
	}{
		"denied": {func(_ *fakegoogle.Server, _ *oauth.App, _ *oauth.Flow, q url.Values, _ *clock) {
			q.Del("code")
			q.Set("error", "access_denied")
		}, oauth.ErrDenied},
		"another state": {func(_ *fakegoogle.Server, _ *oauth.App, _ *oauth.Flow, q url.Values, _ *clock) { q.Set("state", "x") }, oauth.ErrFlow},
		"no state": {func(_ *fakegoogle.Server, _ *oauth.App, f *oauth.Flow, q url.Values, _ *clock) {
			q.Del("state")
			f.State = ""
		}, oauth.ErrFlow},
		"too late": {func(_ *fakegoogle.Server, _ *oauth.App, _ *oauth.Flow, _ url.Values, c *clock) {
			c.add(11 * time.Minute)
		}, oauth.ErrFlow},
		"from another provider": {func(_ *fakegoogle.Server, _ *oauth.App, _ *oauth.Flow, q url.Values, _ *clock) {
			q.Set("iss", "https://evil.example")
		}, oauth.ErrFlow},
		"code used before": {func(_ *fakegoogle.Server, a *oauth.App, f *oauth.Flow, q url.Values, _ *clock) {
			if _, err := a.Finish(context.Background(), *f, q); err != nil {
				panic(err)
			}
		}, oauth.ErrFlow},
		"another verifier": {func(_ *fakegoogle.Server, _ *oauth.App, f *oauth.Flow, _ url.Values, _ *clock) {
			f.Verifier = strings.Repeat("x", 43)
		}, oauth.ErrFlow},
		"no code": {func(_ *fakegoogle.Server, _ *oauth.App, _ *oauth.Flow, q url.Values, _ *clock) { q.Del("code") }, oauth.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			s, now := start(t, fakegoogle.Options{}), &clock{}
			a := app(t, s, func(c *oauth.AppConfig) { c.Now = now.Now })
			address, flow, err := a.Begin(t.Context(), request())
			if err != nil {
				t.Fatal(err)
			}
			q := answer(t, s, address)
			code := q.Get("code")
			c.change(s, a, &flow, q, now)
			_, err = a.Finish(t.Context(), flow, q)
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), code) {
				t.Errorf("the error shows the code: %v", err)
			}
		})
	}
}

func TestUntickedScopeIsMissing(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	s.Untick(sato, calendar)
	a := app(t, s)
	address, flow, err := a.Begin(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	token, err := a.Finish(t.Context(), flow, answer(t, s, address))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{calendar}, oauth.Missing(wanted, token.Scopes)); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

func TestOnceMeansOnce(t *testing.T) {
	var once oauth.Once
	now := time.Now()
	if !once.Use("a", now) || once.Use("a", now) || !once.Use("b", now) || !once.Use("a", now.Add(time.Hour)) {
		t.Error("a state must be usable once in the life of a flow")
	}
}

func TestDeviceFlow(t *testing.T) {
	for name, c := range map[string]struct {
		act  func(*fakegoogle.Server, string) bool
		want error
	}{
		"allowed": {func(s *fakegoogle.Server, code string) bool { return s.ApproveDevice(code, sato) }, nil},
		"denied":  {func(s *fakegoogle.Server, code string) bool { return s.DenyDevice(code, sato) }, oauth.ErrDenied},
		"nobody":  {func(*fakegoogle.Server, string) bool { return true }, oauth.ErrFlow},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, fakegoogle.Options{})
			synctest.Test(t, func(t *testing.T) {
				a := oauth.NewApp(oauth.AppConfig{ClientID: "test-client", ClientSecret: "test-secret", Endpoints: endpoints(s), HTTP: &http.Client{Transport: direct{s}}})
				code, err := a.Device(t.Context(), []string{"openid", "email"})
				if err != nil {
					t.Fatal(err)
				}
				time.AfterFunc(12*time.Second, func() {
					if !c.act(s, code.UserCode) {
						t.Errorf("the code %q is not known", code.UserCode)
					}
				})
				began := time.Now()
				token, err := a.Poll(t.Context(), code)
				if !errors.Is(err, c.want) || c.want == nil && token.Access == "" {
					t.Errorf("error %v, want %v", err, c.want)
				}
				if took := time.Since(began); !errors.Is(c.want, oauth.ErrFlow) && took != 15*time.Second {
					t.Errorf("polled for %v", took)
				}
			})
		})
	}
}

// direct calls a server without a network between.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func TestLoopbackTakesOneAnswer(t *testing.T) {
	l, err := oauth.Listen(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	type result struct {
		q   url.Values
		err error
	}
	got := make(chan result, 1)
	go func() {
		q, err := l.Wait(t.Context(), "right")
		got <- result{q, err}
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, c := range []struct {
		path string
		want int
	}{{"favicon.ico", 404}, {"?state=wrong&code=x", 404}, {"?code=x", 404}, {"?state=right&code=42", 200}} {
		resp, err := client.Get(l.Redirect() + c.path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s: status %d, want %d", c.path, resp.StatusCode, c.want)
		}
	}
	if r := <-got; r.err != nil || r.q.Get("code") != "42" {
		t.Errorf("got %v, %v", r.q, r.err)
	}
}

func TestDelegation(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	path := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(path, s.ServiceAccount(), 0o600); err != nil {
		t.Fatal(err)
	}
	account, err := oauth.ReadServiceAccount(path)
	if err != nil {
		t.Fatal(err)
	}
	if token, err := app(t, s).Delegated(t.Context(), account, sato, []string{mail}); err != nil || token.Access == "" || token.Expiry.IsZero() {
		t.Errorf("act for a user: %v", err)
	}
	_, err = app(t, s).Delegated(t.Context(), account, "nobody@example.com", []string{mail})
	if !errors.Is(err, oauth.ErrDelegation) {
		t.Errorf("act for nobody: %v", err)
	}
	s.Delegate(calendar)
	if _, err := app(t, s).Delegated(t.Context(), account, sato, []string{mail}); !errors.Is(err, oauth.ErrDelegation) {
		t.Errorf("a scope that was not allowed: %v", err)
	}
	if text := fmt.Sprintf("%v %+v %#v", account, account, account); strings.Contains(text, "PRIVATE") {
		t.Errorf("the key is shown: %s", text)
	}
	for name, content := range map[string]string{"no JSON": "x", "a client's file": `{"installed":{}}`, "no key": `{"type":"service_account","client_email":"a@b.c"}`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := oauth.ReadServiceAccount(path); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestWrongClockIsNamed(t *testing.T) {
	wrong := &clock{off: -3 * time.Hour} // Google's clock is three hours behind: our assertion is of the future
	s := start(t, fakegoogle.Options{Now: wrong.Now})
	path := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(path, s.ServiceAccount(), 0o600); err != nil {
		t.Fatal(err)
	}
	account, err := oauth.ReadServiceAccount(path)
	if err != nil {
		t.Fatal(err)
	}
	a := app(t, s)
	_, err = a.Delegated(t.Context(), account, sato, []string{mail})
	if !errors.Is(err, oauth.ErrClock) || !strings.Contains(err.Error(), "it is 3h0m") || !strings.Contains(err.Error(), "ahead") {
		t.Errorf("error %v", err)
	}
	if a.Skew() < 2*time.Hour {
		t.Errorf("skew %v", a.Skew())
	}
}

func TestMissingKnowsOtherNamesAndWiderScopes(t *testing.T) {
	granted := strings.Fields("openid https://www.googleapis.com/auth/userinfo.email https://mail.google.com/ https://www.googleapis.com/auth/calendar")
	if missing := oauth.Missing(append(slices.Clone(wanted), "https://www.googleapis.com/auth/forms.body.readonly"), granted); !slices.Equal(missing, []string{"profile", "https://www.googleapis.com/auth/forms.body.readonly"}) {
		t.Errorf("missing %q", missing)
	}
}

func TestTokensGoOverTLSOnly(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://example.com/x": true, "http://127.0.0.1:1/": true, "http://localhost/": true, "http://[::1]:8/": true,
		"http://example.com/": false, "ftp://127.0.0.1/": false, "https://user@example.com/": false, "": false, "https://": false,
	} {
		if err := oauth.CheckURL(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
