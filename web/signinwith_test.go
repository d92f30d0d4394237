package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestSignInWithGoogle(t *testing.T) {
	f, google := withGoogle(t)
	b := f.browser(t)
	_, page := b.get(t, "/signin?next=%2Fpeople")
	wantIn(t, page, "Google でサインイン", `action="/signin/google"`, `name="connect" value="yes" checked`)
	wantOut(t, page, "Microsoft")
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+"/signin/google", strings.NewReader("next=/people&connect=yes"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.Do(req)
	must(t, err)
	res.Body.Close()
	if got := res.Header.Get("Refresh"); got != "0; url=https://accounts.example/auth?client_id=1&state=state-1" {
		t.Errorf("Refresh %q", got)
	}
	if c := res.Cookies()[0]; !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 600 || strings.Contains(c.Value, "state-1") {
		t.Errorf("cookie %+v", c)
	}
	want := SignInRequest{Provider: "google", Connect: true, Callback: f.url + "/signin/google/callback", Return: "/people"}
	if diff := cmp.Diff(want, google.last()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	code, page := b.get(t, callbackPath+"state-1")
	if code != http.StatusOK {
		t.Errorf("got %d", code)
	}
	wantIn(t, page, "田中 太郎", "/signout")
	before := b.session(t)
	b.post(t, "/signout")
	b.get(t, callbackPath+b.begin(t, "/signin/google"))
	if after := b.session(t); after == "" || after == before {
		t.Error("the session is not a new one")
	}
	if google.last().Connect {
		t.Error("somebody who did not ask for it connects an account")
	}
}

// TestSessionIsNotFixed signs in over a session that somebody put there.
func TestSessionIsNotFixed(t *testing.T) {
	f, _ := withGoogle(t)
	b := f.browser(t)
	state := b.begin(t, "/signin/google")
	u, err := url.Parse(f.url)
	must(t, err)
	b.Jar.SetCookies(u, []*http.Cookie{{Name: "tsunagu", Value: "planted", Path: "/"}})
	b.get(t, callbackPath+state)
	if got := b.session(t); got == "planted" || got == "" {
		t.Errorf("session %q", got)
	}
}

func TestSignInRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		script func(f *fixture, g *fakeSignIns)
		query  string // after the state
		code   int
		want   string
	}{
		"denied":            {nil, "&error=access_denied", 403, "完了しませんでした"},
		"unreachable":       {func(_ *fixture, g *fakeSignIns) { g.err = errors.New("token: 500") }, "", 502, "うまくいきませんでした"},
		"another state":     {nil, "x", 400, "最初からやり直してください"},
		"not verified":      {func(_ *fixture, g *fakeSignIns) { g.answer.Verified = false }, "", 403, "確認済みとしていません"},
		"no address":        {func(_ *fixture, g *fakeSignIns) { g.answer.Email = "" }, "", 403, "確認済みとしていません"},
		"not an address":    {func(_ *fixture, g *fakeSignIns) { g.answer.Email = "<script>alert(1)</script>@x" }, "", 403, "確認済みとしていません"},
		"nobody known":      {func(_ *fixture, g *fakeSignIns) { g.answer.Email = "new@example.co.jp" }, "", 403, "new@example.co.jp"},
		"disabled":          {func(f *fixture, _ *fakeSignIns) { f.disable(t, "sato@example.co.jp") }, "", 403, "停止されています"},
		"disabled, sign-up": {func(f *fixture, g *fakeSignIns) { g.answer.SignUp = true; f.disable(t, "sato@example.co.jp") }, "", 403, "停止されています"},
	} {
		t.Run(name, func(t *testing.T) {
			f, google := withGoogle(t)
			b := f.browser(t)
			state := b.begin(t, "/signin/google")
			if tt.script != nil {
				tt.script(f, google)
			}
			code, page := b.get(t, callbackPath+state+tt.query)
			if code != tt.code {
				t.Errorf("got %d", code)
			}
			wantIn(t, page, tt.want, "サインインできませんでした")
			wantOut(t, page, "<script>alert")
			if b.session(t) != "" {
				t.Error("there is a session")
			}
			if n := len(usersOf(t, f)); n != 3 {
				t.Errorf("%d users", n)
			}
		})
	}
}

func (f *fixture) disable(t *testing.T, email string) {
	t.Helper()
	u, err := f.store.GetUser(context.Background(), email)
	must(t, err)
	u.Disabled = true
	must(t, f.store.SaveUser(context.Background(), "cli", u))
}

func usersOf(t *testing.T, f *fixture) []crm.User {
	t.Helper()
	users, err := f.store.ListUsers(t.Context())
	must(t, err)
	return users
}

func TestCallbackIsBoundToItsBrowser(t *testing.T) {
	f, google := withGoogle(t)
	t.Run("without a cookie", func(t *testing.T) {
		state := f.browser(t).begin(t, "/signin/google")
		if code, _ := f.browser(t).get(t, callbackPath+state); code != http.StatusBadRequest {
			t.Errorf("got %d", code)
		}
	})
	t.Run("a second time", func(t *testing.T) {
		b := f.browser(t)
		state := b.begin(t, "/signin/google")
		u, err := url.Parse(f.url)
		must(t, err)
		cookies := b.Jar.Cookies(u)
		b.get(t, callbackPath+state)
		if len(b.Jar.Cookies(u)) != 1 {
			t.Error("the flow's cookie is still there")
		}
		b = f.browser(t)
		b.Jar.SetCookies(u, cookies)
		if code, _ := b.get(t, callbackPath+state); code != http.StatusBadRequest || b.session(t) != "" {
			t.Errorf("a replay got %d", code)
		}
	})
	t.Run("another provider's", func(t *testing.T) {
		b := f.browser(t)
		state := b.begin(t, "/signin/google")
		if code, _ := b.get(t, "/signin/microsoft/callback?state="+state); code != http.StatusBadRequest {
			t.Errorf("got %d", code)
		}
	})
	t.Run("a made-up cookie", func(t *testing.T) {
		b := f.browser(t)
		u, err := url.Parse(f.url)
		must(t, err)
		done := google.finished
		for _, value := range []string{"x", "AAAA", strings.Repeat("A", 3000), "e30"} {
			b.Jar.SetCookies(u, []*http.Cookie{{Name: "tsunagu_flow", Value: value, Path: "/"}})
			if code, _ := b.get(t, callbackPath+"state-1"); code != http.StatusBadRequest {
				t.Errorf("%s got %d", value, code)
			}
		}
		if google.finished != done {
			t.Error("the provider was asked")
		}
	})
	t.Run("somebody else signed in meanwhile", func(t *testing.T) {
		b := f.signedIn(t, "sato@example.co.jp")
		state := b.begin(t, "/connect/google")
		b.post(t, "/signout")
		b.post(t, "/signin", "email", "suzuki@example.co.jp", "password", testPassword)
		if code, _ := b.get(t, callbackPath+state); code != http.StatusBadRequest {
			t.Errorf("got %d", code)
		}
	})
	t.Run("begun by another site", func(t *testing.T) {
		for _, path := range []string{"/signin/google", "/connect/google", "/sources/sato-mail/signin", "/connections/google/sato@example.co.jp/disconnect"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+path, strings.NewReader(""))
			must(t, err)
			req.Header.Set("Origin", "https://evil.example")
			req.Header.Set("Sec-Fetch-Site", "cross-site")
			n := len(google.begun)
			if code, _ := f.signedIn(t, "sato@example.co.jp").send(t, req); code != http.StatusForbidden || len(google.begun) != n {
				t.Errorf("%s got %d", path, code)
			}
		}
	})
}

func TestReturnStaysHere(t *testing.T) {
	f, google := withGoogle(t)
	for _, path := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "/people?x=\r\nX: y"} {
		b := f.browser(t)
		b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		state := b.begin(t, "/signin/google", "next", path)
		if google.last().Return != "/" {
			t.Errorf("%q is returned to as %q", path, google.last().Return)
		}
		google.answer.Return = path // also if the provider's side is led astray
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url+callbackPath+state, nil)
		must(t, err)
		res, err := b.Do(req)
		must(t, err)
		res.Body.Close()
		if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/" {
			t.Errorf("%q leads to %d %q", path, res.StatusCode, to)
		}
		google.answer.Return = ""
	}
}

func TestSignUp(t *testing.T) {
	f, google := withGoogle(t)
	google.answer = SignedIn{Email: "New@Example.co.jp", Name: "  新人\u202e <script>alert(1)</script>\x00" + strings.Repeat("長", 500), Verified: true, SignUp: true, Connected: true}
	b := f.browser(t)
	code, page := b.get(t, callbackPath+b.begin(t, "/signin/google", "connect", "yes"))
	if code != http.StatusOK {
		t.Fatalf("got %d", code)
	}
	wantIn(t, page, "つなぎました", "今日の活動")
	b.post(t, "/signout")
	if _, page = b.get(t, "/signin"); strings.Contains(page, `value="yes" checked`) {
		t.Error("what is connected is offered again")
	}
	b.get(t, callbackPath+b.begin(t, "/signin/google", "next", "/"+strings.Repeat("x", maxReturn)))
	if google.last().Return != "/" {
		t.Errorf("it returns to a path of %d bytes", len(google.last().Return))
	}
	u, err := f.store.GetUser(t.Context(), "new@example.co.jp")
	must(t, err)
	if u.Role != crm.RoleRep || u.PasswordHash != "" || u.Disabled || !strings.HasPrefix(u.Name, "新人 <script>") || len([]rune(u.Name)) > maxField || strings.ContainsFunc(u.Name, hidden) {
		t.Errorf("user %+v", u)
	}
	t.Run("the audit says it", func(t *testing.T) {
		records, _, err := f.store.ListAudit(t.Context(), "", 500)
		must(t, err)
		found := slices.ContainsFunc(records, func(r crm.AuditRecord) bool {
			return r.Object == "user/new@example.co.jp" && r.Actor == "signin:google"
		})
		if !found {
			t.Error("no record")
		}
	})
	t.Run("no password opens the door", func(t *testing.T) {
		for _, password := range []string{"", testPassword} {
			if code, _ := f.browser(t).post(t, "/signin", "email", "new@example.co.jp", "password", password); code != http.StatusUnauthorized {
				t.Errorf("%q got %d", password, code)
			}
		}
		_, page := b.get(t, "/settings")
		wantIn(t, page, "パスワードはありません")
		if code, _ := b.post(t, "/settings/password", "current", "", "password", "another password"); code != http.StatusUnprocessableEntity {
			t.Errorf("a first password was set without the old one: %d", code)
		}
	})
	t.Run("an administrator adds somebody without a password", func(t *testing.T) {
		if code, _ := f.signedIn(t, "suzuki@example.co.jp").post(t, "/users", "email", "gast@example.co.jp", "role", "rep", "password", ""); code != http.StatusOK {
			t.Errorf("got %d", code)
		}
	})
}

func TestNobodyBecomesITByGoogle(t *testing.T) {
	for name, code := range map[string]string{"set-up is open": "code-1234", "set-up is closed": ""} {
		t.Run(name, func(t *testing.T) {
			google := &fakeSignIns{answer: SignedIn{Email: "first@example.co.jp", Verified: true, SignUp: true}}
			store := openStore(t, nil)
			server, err := New(Config{Store: store, Engine: &fakeEngine{}, SetupCode: code, SignIns: google})
			must(t, err)
			f := &fixture{store: store, server: server}
			f.serve(t)
			b := f.browser(t)
			if code != "" {
				_, page := b.post(t, "/signin/google")
				wantIn(t, page, `name="code"`)
			} else if status, _ := b.get(t, callbackPath+b.begin(t, "/signin/google")); status != http.StatusForbidden {
				t.Errorf("got %d", status)
			}
			if users := usersOf(t, f); len(users) != 0 {
				t.Errorf("users %+v", users)
			}
		})
	}
}

func TestCallbackAddress(t *testing.T) {
	for name, tt := range map[string]struct{ public, host, want string }{
		"public":                 {"https://crm.example.co.jp", "10.0.0.1:8080", "https://crm.example.co.jp/signin/google/callback"},
		"this machine":           {"", "127.0.0.1:8080", "http://127.0.0.1:8080/signin/google/callback"},
		"localhost":              {"", "localhost:8080", "http://localhost:8080/signin/google/callback"},
		"a stranger's":           {"", "evil.example", ""},
		"private, yet another's": {"", "192.168.1.5:8080", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Server{cfg: Config{PublicURL: tt.public}}
			got, err := s.callback(&http.Request{Host: tt.host}, "google")
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestBeginRefuses(t *testing.T) {
	f, google := withGoogle(t)
	for name, tt := range map[string]struct {
		to, path string
		code     int
	}{
		"unreachable":            {"unreachable", "/signin/google", 502},
		"no address":             {"javascript:alert(1)//", "/signin/google", 500},
		"not over TLS":           {"http://accounts.example/", "/signin/google", 500},
		"no such provider":       {"", "/signin/nobody", 404},
		"a provider without one": {"", "/signin/microsoft", 404},
	} {
		t.Run(name, func(t *testing.T) {
			google.to = tt.to
			b := f.browser(t)
			if code, _ := b.post(t, tt.path); code != tt.code {
				t.Errorf("got %d", code)
			}
		})
	}
	google.to = ""
	t.Run("too often", func(t *testing.T) {
		b := f.browser(t)
		last := 0
		for range 125 {
			last, _ = b.post(t, "/signin/google")
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("got %d", last)
		}
	})
}

func TestFlowExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs, err := newFlows(true)
		must(t, err)
		give := func() *http.Request {
			w := &headerWriter{}
			must(t, fs.keep(w, flow{Provider: "google", Data: []byte("x")}, time.Now()))
			r := &http.Request{Header: http.Header{}}
			r.Header.Set("Cookie", strings.Split(w.Header().Get("Set-Cookie"), ";")[0])
			if !strings.HasPrefix(r.Header.Get("Cookie"), "__Host-tsunagu_flow=") {
				t.Errorf("cookie %s", r.Header.Get("Cookie"))
			}
			return r
		}
		early, late := give(), give()
		time.Sleep(flowLifetime - time.Second)
		if fl, err := fs.take(&headerWriter{}, early, "google", time.Now()); err != nil || string(fl.Data) != "x" {
			t.Errorf("got %+v, %v", fl, err)
		}
		time.Sleep(time.Second)
		if _, err := fs.take(&headerWriter{}, late, "google", time.Now()); !errors.Is(err, ErrFlow) {
			t.Errorf("got %v", err)
		}
		if _, err := fs.take(&headerWriter{}, give(), "google", time.Now()); err != nil || len(fs.used) != 1 {
			t.Errorf("%d are remembered, %v", len(fs.used), err)
		}
		if err := fs.keep(&headerWriter{}, flow{Data: make([]byte, 5000)}, time.Now()); err == nil {
			t.Error("a cookie that no browser keeps was made")
		}
	})
}

// headerWriter keeps the fields of an answer.
type headerWriter struct{ h http.Header }

func (w *headerWriter) Header() http.Header {
	if w.h == nil {
		w.h = http.Header{}
	}
	return w.h
}
func (w *headerWriter) Write(b []byte) (int, error) { return len(b), nil }
func (w *headerWriter) WriteHeader(int)             {}

func TestSignInsThatComeToNothingSayWhy(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code int
		want string
	}{
		{ErrAnother, http.StatusForbidden, "Ask IT"},
		{ErrNotLasting, http.StatusConflict, "granted nothing that lasts"},
		{errors.New("dial"), http.StatusBadGateway, "Something went wrong"},
	} {
		f, google := withGoogle(t)
		b := f.browser(t)
		google.err = fmt.Errorf("finish: %w", tt.err)
		state := b.begin(t, "/signin/google?lang=en", "next", "/")
		code, page := b.get(t, callbackPath+url.QueryEscape(state)+"&lang=en")
		wantIn(t, page, tt.want)
		if code != tt.code || b.session(t) != "" {
			t.Errorf("%v: %d, session %q", tt.err, code, b.session(t))
		}
		if _, page := f.browser(t).get(t, "/signin"); page == "" {
			t.Error("there is no page to sign in")
		}
	}
}

func TestButtonsOfConnectionsHaveNames(t *testing.T) {
	f, google := withGoogle(t)
	google.connections = []Connection{{Provider: "google", Account: "sato@example.co.jp", Owner: "sato@example.co.jp", State: ConnectionExpired},
		{Provider: "google", Account: "suzuki@example.co.jp", Owner: "sato@example.co.jp", State: ConnectionExpired}}
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/connections?ask=google%2Fsato%40example.co.jp")
	for _, label := range []string{"もう一度サインイン: sato@example.co.jp", "もう一度サインイン: suzuki@example.co.jp", "接続を解除: sato@example.co.jp", "接続を解除: suzuki@example.co.jp"} {
		wantIn(t, page, `aria-label="`+label+`"`)
	}
}
