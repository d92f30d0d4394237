package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestSignInIsLimited(t *testing.T) {
	f := newFixture(t)
	try := func(account, password, forwarded string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+"/signin", strings.NewReader("email="+account+"&password="+password))
		must(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if forwarded != "" {
			req.Header.Set("X-Forwarded-For", forwarded)
		}
		code, _ := f.browser(t).send(t, req)
		return code
	}
	for i := range 10 {
		if code := try("sato@example.co.jp", "wrong", "198.51.100."+string(rune('0'+i))); code != http.StatusUnauthorized {
			t.Fatalf("try %d: %d", i, code)
		}
	}
	if code := try("sato@example.co.jp", "wrong", "203.0.113.9"); code != http.StatusTooManyRequests {
		t.Errorf("a made-up X-Forwarded-For got past the limit: %d", code)
	}
	if code := try("suzuki@example.co.jp", "wrong", ""); code != http.StatusUnauthorized {
		t.Errorf("another account got %d", code)
	}
}

func TestSignInAnswersUnknownAndWrongAlike(t *testing.T) {
	f := newFixture(t)
	_, unknown := f.browser(t).post(t, "/signin", "email", "sato@example.co.jp", "password", "wrong password")
	_, wrong := f.browser(t).post(t, "/signin", "email", "nobo@example.co.jp", "password", "wrong password")
	if strings.ReplaceAll(unknown, "sato@", "") != strings.ReplaceAll(wrong, "nobo@", "") {
		t.Error("the answers differ")
	}
}

func TestSignInLeadsBack(t *testing.T) {
	f := newFixture(t)
	for next, want := range map[string]string{"/ledger?verdict=failed": "/ledger", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "": "/"} {
		b := f.browser(t)
		var landed string
		b.CheckRedirect = func(r *http.Request, _ []*http.Request) error { landed = r.URL.Path; return http.ErrUseLastResponse }
		b.post(t, "/signin", "email", "sato@example.co.jp", "password", testPassword, "next", next)
		if landed != want {
			t.Errorf("next %q led to %q", next, landed)
		}
	}
}

func TestFirstRun(t *testing.T) {
	store := openStore(t, nil)
	engine := &fakeEngine{}
	server, err := New(Config{Store: store, Engine: engine, SetupCode: "code-1234"})
	must(t, err)
	f := &fixture{store: store, engine: engine, server: server}
	f.serve(t)
	b := f.browser(t)
	_, page := b.get(t, "/")
	wantIn(t, page, `name="code"`)
	if code, _ := b.post(t, "/setup", "code", "guess", "email", "a@example.co.jp", "password", testPassword); code != http.StatusForbidden {
		t.Errorf("a wrong code got %d", code)
	}
	if code, _ := b.post(t, "/setup", "code", "code-1234", "email", "a@example.co.jp", "password", "short"); code != http.StatusUnprocessableEntity {
		t.Errorf("a short password got %d", code)
	}
	_, page = b.post(t, "/setup", "code", "code-1234", "email", "A@example.co.jp", "password", testPassword)
	wantIn(t, page, "ようこそ")
	user, err := store.GetUser(t.Context(), "a@example.co.jp")
	if err != nil || user.Role != crm.RoleIT {
		t.Errorf("user %+v, %v", user, err)
	}
	if code, _ := f.browser(t).post(t, "/setup", "code", "code-1234", "email", "b@example.co.jp", "password", testPassword); code != http.StatusForbidden {
		t.Errorf("a second first user got %d", code)
	}
}

func TestPassword(t *testing.T) {
	hash, err := HashPassword(testPassword)
	must(t, err)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %s", hash)
	}
	for name, tt := range map[string]struct {
		hash, password string
		want           bool
	}{
		"right":             {hash, testPassword, true},
		"wrong":             {hash, testPassword + "x", false},
		"no hash":           {"", testPassword, false},
		"no hash, no word":  {"", "", false},
		"garbage":           {"$argon2id$v=19$m=1$x$y", testPassword, false},
		"absurd cost":       {"$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdHNhbHQ$" + strings.Repeat("A", 43), testPassword, false},
		"huge password":     {hash, strings.Repeat("x", 1<<20), false},
		"another algorithm": {strings.Replace(hash, "argon2id", "argon2i", 1), testPassword, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := checkPassword(tt.hash, tt.password); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
	if _, err := HashPassword("123456789"); err == nil {
		t.Error("nine characters were accepted")
	}
}

func TestChosenLanguageStays(t *testing.T) {
	t.Run("at the first run", func(t *testing.T) {
		store := openStore(t, nil)
		server, err := New(Config{Store: store, Engine: &fakeEngine{}, SetupCode: "code-1234"})
		must(t, err)
		f := &fixture{store: store, server: server}
		f.serve(t)
		_, page := f.browser(t).post(t, "/setup?lang=en", "code", "code-1234", "email", "a@example.co.jp", "password", testPassword)
		wantIn(t, page, `<html lang="en">`)
		if u, err := store.GetUser(t.Context(), "a@example.co.jp"); err != nil || u.Locale != "en" {
			t.Errorf("user %+v, %v", u, err)
		}
	})
	t.Run("when signing in", func(t *testing.T) {
		f := newFixture(t)
		for _, step := range []struct{ query, want string }{{"?lang=xx", ""}, {"?lang=en", "en"}, {"?lang=ja", "en"}} {
			f.browser(t).post(t, "/signin"+step.query, "email", "sato@example.co.jp", "password", testPassword)
			if u, err := f.store.GetUser(t.Context(), "sato@example.co.jp"); err != nil || u.Locale != step.want || u.Role != crm.RoleRep {
				t.Errorf("after %s: %+v, %v", step.query, u, err)
			}
		}
	})
}

// TestOldCopyLetsNobodyIn changes a user between the moment a request read it and the moment it saves it.
func TestOldCopyLetsNobodyIn(t *testing.T) {
	f := newFixture(t)
	old, err := f.store.GetUser(t.Context(), "sato@example.co.jp")
	must(t, err)
	disabled := old
	disabled.Disabled = true
	must(t, f.store.SaveUser(t.Context(), "cli", disabled))
	got, err := f.server.changeUser(t.Context(), old.Email, old.Email, func(u *crm.User) error { u.Locale = "en"; return nil })
	if err != nil || !got.Disabled || got.Locale != "en" {
		t.Errorf("user %+v, %v", got, err)
	}
	if _, err := f.server.changeUser(t.Context(), "cli", old.Email, func(u *crm.User) error { u.Locale = "ja"; return errForbidden }); err == nil {
		t.Error("a refused change was saved")
	}
	if got, _ = f.store.GetUser(t.Context(), old.Email); got.Locale != "en" {
		t.Errorf("locale %q", got.Locale)
	}
}
