package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestEveryRoute walks the table of routes as everybody there is. A role that is too low gets 403, nobody
// gets sent to the sign-in page, and whoever may enter never does.
func TestEveryRoute(t *testing.T) {
	f := newFixture(t)
	who := []struct {
		email string
		role  crm.UserRole
	}{{"", ""}, {"sato@example.co.jp", crm.RoleRep}, {"suzuki@example.co.jp", crm.RoleAdmin}, {"it@example.co.jp", crm.RoleIT}}
	for _, rt := range routes() {
		method, path, _ := strings.Cut(rt.pattern, " ")
		path = strings.NewReplacer("{$}", "", "{id}", "0123", "{provider}", "google", "{account}", "a@example.co.jp", "{submission}", "0123").Replace(path)
		if path == "/events" || path == "/signout" || path == "/signin" || path == "/setup" {
			continue // streams, or changes who asks: they have tests of their own
		}
		for _, w := range who {
			name := string(w.role)
			if name == "" {
				name = "nobody"
			}
			t.Run(method+" "+path+" as "+name, func(t *testing.T) {
				b := f.browser(t)
				b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
				if w.email != "" {
					signInOnce(t, f, b, w.email)
				}
				var body *strings.Reader
				if method == http.MethodPost {
					body = strings.NewReader("")
				}
				code, page := b.do(t, method, path, body)
				switch {
				case w.email == "" && rt.access != anybody:
					if code != http.StatusSeeOther {
						t.Errorf("nobody got %d", code)
					}
				case !rt.access.allows(w.role):
					if code != http.StatusForbidden {
						t.Errorf("role %s got %d instead of 403", w.role, code)
					}
				case code == http.StatusForbidden && path != "/users" && path != "/tokens" || code >= 500:
					t.Errorf("role %s got %d\n%s", w.role, code, page)
				}
			})
		}
	}
}

// signInOnce gives a browser a session without the cost of hashing a password for each route.
func signInOnce(t *testing.T, f *fixture, b *browser, email string) {
	t.Helper()
	user, err := f.store.GetUser(t.Context(), email)
	must(t, err)
	ctx, err := f.server.sessions.Load(t.Context(), "")
	must(t, err)
	f.server.sessions.Put(ctx, sessionUser, user.Email)
	f.server.sessions.Put(ctx, sessionStamp, passwordStamp(user))
	token, expiry, err := f.server.sessions.Commit(ctx)
	must(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url, nil)
	must(t, err)
	b.Jar.SetCookies(req.URL, []*http.Cookie{{Name: f.server.sessions.Cookie.Name, Value: token, Path: "/", Expires: expiry}})
}

func TestSession(t *testing.T) {
	t.Run("the store holds no token", func(t *testing.T) {
		f := newFixture(t)
		b := f.signedIn(t, "sato@example.co.jp")
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url, nil)
		token := b.Jar.Cookies(req.URL)[0].Value
		if _, ok, err := f.store.FindSession(t.Context(), token, f.now); err != nil || ok {
			t.Errorf("the session is stored under its token: %v, %v", ok, err)
		}
	})
	t.Run("signing out ends it", func(t *testing.T) {
		f := newFixture(t)
		b := f.signedIn(t, "sato@example.co.jp")
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url, nil)
		cookies := b.Jar.Cookies(req.URL)
		b.post(t, "/signout")
		b.Jar.SetCookies(req.URL, cookies)
		_, page := b.get(t, "/people")
		wantIn(t, page, `name="password"`)
	})
	t.Run("a disabled user is out at once", func(t *testing.T) {
		f := newFixture(t)
		b := f.signedIn(t, "sato@example.co.jp")
		admin := f.signedIn(t, "suzuki@example.co.jp")
		admin.post(t, "/users/state", "email", "sato@example.co.jp", "disabled", "true")
		_, page := b.get(t, "/people")
		wantIn(t, page, `name="password"`)
		if code, _ := b.post(t, "/signin", "email", "sato@example.co.jp", "password", testPassword); code != http.StatusUnauthorized {
			t.Errorf("a disabled user got %d", code)
		}
	})
	t.Run("enabling brings no session back", func(t *testing.T) {
		f := newFixture(t)
		b, admin := f.signedIn(t, "sato@example.co.jp"), f.signedIn(t, "suzuki@example.co.jp")
		admin.post(t, "/users/state", "email", "sato@example.co.jp", "disabled", "true")
		if list, err := f.store.ListSessions(t.Context(), f.now); err != nil || len(list) != 1 {
			t.Errorf("%d sessions are left: %v", len(list), err)
		}
		admin.post(t, "/users/state", "email", "sato@example.co.jp", "disabled", "false")
		_, page := b.get(t, "/people")
		wantIn(t, page, `name="password"`)
		user, err := f.store.GetUser(t.Context(), "sato@example.co.jp")
		must(t, err)
		user.Disabled = true // by the command line, which ends no session
		b = f.signedIn(t, user.Email)
		must(t, f.store.SaveUser(t.Context(), "cli", user))
		admin.post(t, "/users/state", "email", user.Email, "disabled", "false")
		_, page = b.get(t, "/people")
		wantIn(t, page, `name="password"`)
	})
	t.Run("a new password ends the other sessions", func(t *testing.T) {
		f := newFixture(t)
		here, there := f.signedIn(t, "sato@example.co.jp"), f.signedIn(t, "sato@example.co.jp")
		_, page := here.post(t, "/settings/password", "current", testPassword, "password", "another password")
		wantIn(t, page, "保存しました。")
		if _, page = there.get(t, "/people"); !strings.Contains(page, `name="password"`) {
			t.Error("the other session goes on")
		}
	})
	t.Run("the cookie is shut", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.PublicURL = "https://crm.example.co.jp" })
		c := f.server.sessions.Cookie
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Name != "__Host-tsunagu" {
			t.Errorf("cookie %+v", c)
		}
	})
}

func TestCrossOriginWritesAreRefused(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+"/people", strings.NewReader("name=x&kind=contact"))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	req.Header.Set("Accept-Language", "en")
	code, page := b.send(t, req)
	if code != http.StatusForbidden {
		t.Errorf("got %d", code)
	}
	wantIn(t, page, `lang="en"`, "<h1>", "This came from another site")
	req, err = http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+"/api/v1/people", strings.NewReader("{}"))
	must(t, err)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if code, page = b.send(t, req); code != http.StatusForbidden || !strings.Contains(page, `"status":403`) {
		t.Errorf("the API says %d %s", code, page)
	}
	if n, _ := f.store.CountPeople(t.Context()); n != 4 {
		t.Errorf("there are %d people", n)
	}
}

func TestSecurityHeaders(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/signin", "/static/app.css", "/api/openapi.json", "/healthz", "/nowhere"} {
		res, err := http.Get(f.url + path)
		must(t, err)
		res.Body.Close()
		h := res.Header
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'self'") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") ||
			!strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
			h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") == "" {
			t.Errorf("%s: %v", path, h)
		}
	}
}
