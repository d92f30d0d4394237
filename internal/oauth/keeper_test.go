package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

// shelf stores one grant, and can fail to.
type shelf struct {
	mu    sync.Mutex
	grant oauth.Grant
	saves int
	full  bool
}

var errFull = errors.New("disk is full")

func (s *shelf) Load(context.Context) (oauth.Grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grant, nil
}

func (s *shelf) Save(_ context.Context, old string, g oauth.Grant) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		return errFull
	}
	if s.grant.Refresh == old {
		s.grant = g
	}
	s.saves++
	return nil
}

func (s *shelf) set(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
}

func keeper(a *oauth.App, s *shelf, now func() time.Time) *oauth.Keeper {
	return oauth.NewKeeper(oauth.KeeperConfig{Load: s.Load, Save: s.Save, Now: now,
		Renew: func(ctx context.Context, g oauth.Grant) (oauth.Token, error) { return a.Refresh(ctx, g.Refresh, nil) }})
}

// refreshes counts the calls of the token endpoint.
func refreshes(s *fakegoogle.Server) int {
	n := 0
	for _, c := range s.Calls() {
		if strings.Contains(c.Method, "token") {
			n++
		}
	}
	return n
}

func TestOneRefreshForAll(t *testing.T) {
	s, now := start(t, fakegoogle.Options{}), &clock{}
	a := app(t, s, func(c *oauth.AppConfig) { c.Now = now.Now })
	k := keeper(a, &shelf{grant: oauth.Grant{Refresh: s.Grant(sato, mail)}}, now.Now)
	s.ResetCalls()
	all := func() map[string]bool {
		var mu sync.Mutex
		got := map[string]bool{}
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				token, err := k.Token(t.Context())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				got[token] = true
				mu.Unlock()
			})
		}
		group.Wait()
		return got
	}
	first := all()
	if n := refreshes(s); len(first) != 1 || n != 1 {
		t.Errorf("%d tokens in %d refreshes", len(first), n)
	}
	now.add(58 * time.Minute)
	if again := all(); len(again) != 1 || refreshes(s) != 1 {
		t.Errorf("two minutes before the end: %d tokens in %d refreshes", len(again), refreshes(s))
	}
	now.add(90 * time.Second)
	if next := all(); len(next) != 1 || refreshes(s) != 2 {
		t.Errorf("half a minute before the end: %d tokens in %d refreshes", len(next), refreshes(s))
	}
}

func TestRotatedTokenIsStoredBeforeItIsUsed(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	s.RotateRefresh(true)
	a := app(t, s)
	store := &shelf{grant: oauth.Grant{Refresh: s.Grant(sato, mail)}, full: true}
	first := store.grant.Refresh
	k := keeper(a, store, nil)
	token, err := k.Token(t.Context())
	if !errors.Is(err, oauth.ErrNotStored) || !errors.Is(err, errFull) || token != "" {
		t.Fatalf("a token that could not be stored was given: %v", err)
	}
	if _, err := k.Token(t.Context()); !errors.Is(err, oauth.ErrNotStored) || refreshes(s) != 1 {
		t.Errorf("before it is stored nothing is rotated again: %v, %d refreshes", err, refreshes(s))
	}
	k.Renewed(oauth.Token{}) // a reload of the configuration
	if _, err := k.Token(t.Context()); !errors.Is(err, oauth.ErrNotStored) || refreshes(s) != 1 {
		t.Errorf("a reload rotates with a dead token: %v, %d refreshes", err, refreshes(s))
	}
	store.set(false)
	if _, err := k.Token(t.Context()); err != nil || store.grant.Refresh == first {
		t.Fatalf("after the disk has room: %v", err)
	}
	// Somebody who starts with what is stored, as after a crash, can go on.
	if _, err := keeper(a, store, nil).Token(t.Context()); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

func TestSigningInAgainBeatsARotation(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	s.RotateRefresh(true)
	store := &shelf{grant: oauth.Grant{Refresh: s.Grant(sato, mail)}, full: true}
	k := keeper(app(t, s), store, nil)
	if _, err := k.Token(t.Context()); !errors.Is(err, oauth.ErrNotStored) {
		t.Fatal(err)
	}
	fresh := s.Grant(sato, mail)
	store.mu.Lock()
	store.grant, store.full = oauth.Grant{Refresh: fresh}, false
	store.mu.Unlock()
	k.Renewed(oauth.Token{})
	if _, err := k.Token(t.Context()); err != nil {
		t.Errorf("after signing in again: %v", err)
	}
}

func TestRevokedIsAskedOnce(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	store := &shelf{grant: oauth.Grant{Refresh: s.Grant(sato, mail)}}
	k := keeper(app(t, s), store, nil)
	s.Revoke(sato)
	for range 5 {
		if _, err := k.Token(t.Context()); !errors.Is(err, oauth.ErrSignInAgain) {
			t.Fatalf("error %v", err)
		}
	}
	if n := refreshes(s); n != 1 {
		t.Errorf("a dead token was tried %d times", n)
	}
	store.mu.Lock()
	store.grant = oauth.Grant{Refresh: s.Grant(sato, mail)}
	store.mu.Unlock()
	if _, err := k.Token(t.Context()); err != nil {
		t.Errorf("after another one was stored: %v", err)
	}
}

func TestTestingModeEndsAfterSevenDays(t *testing.T) {
	now := &clock{}
	s := start(t, fakegoogle.Options{Now: now.Now})
	s.Testing(true)
	k := keeper(app(t, s, func(c *oauth.AppConfig) { c.Now = now.Now }), &shelf{grant: oauth.Grant{Refresh: s.Grant(sato, mail)}}, now.Now)
	if _, err := k.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	now.add(7*24*time.Hour + time.Minute)
	if _, err := k.Token(t.Context()); !errors.Is(err, oauth.ErrSignInAgain) {
		t.Errorf("error %v", err)
	}
}

// scripted answers a token endpoint's calls in a row.
func scripted(answers ...string) (http.RoundTripper, *int) {
	n := 0
	return direct{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		answer := answers[min(n, len(answers)-1)]
		n++
		status, body, _ := strings.Cut(answer, " ")
		var code int
		fmt.Sscan(status, &code)
		if code == 429 {
			w.Header().Set("Retry-After", "120")
		}
		w.WriteHeader(code)
		io.WriteString(w, strings.ReplaceAll(body, "{refresh}", r.PostForm.Get("refresh_token")))
	})}, &n
}

func TestTroubleOfTheProvider(t *testing.T) {
	const good = `200 {"access_token":"at","expires_in":"3600","token_type":"Bearer"}`
	for name, c := range map[string]struct {
		answers []string
		want    error
		calls   int
	}{
		"good":                  {[]string{good}, nil, 1},
		"twice 503":             {[]string{"503 x", "503 x", good}, nil, 3},
		"always 500":            {[]string{"500 x"}, oauth.ErrUnavailable, 3},
		"throttled":             {[]string{`429 {"error":"rate_limited"}`}, oauth.ErrUnavailable, 1},
		"not JSON":              {[]string{"200 <html>"}, oauth.ErrUnavailable, 3},
		"no token in it":        {[]string{"200 {}"}, oauth.ErrUnavailable, 3},
		"error in a 200":        {[]string{`200 {"error":"invalid_grant"}`}, oauth.ErrSignInAgain, 1},
		"revoked":               {[]string{`400 {"error":"invalid_grant","error_description":"Token {refresh} was revoked"}`}, oauth.ErrSignInAgain, 1},
		"credentials by header": {[]string{`401 {"error":"invalid_client"}`, good}, nil, 2},
		"unknown client":        {[]string{`401 {"error":"invalid_client"}`}, oauth.ErrSettings, 2},
		"multi-factor wanted":   {[]string{`400 {"error":"interaction_required"}`}, oauth.ErrSignInAgain, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport, calls := scripted(c.answers...)
				a := oauth.NewApp(oauth.AppConfig{ClientID: "id", ClientSecret: "app-secret", HTTP: &http.Client{Transport: transport},
					Endpoints: oauth.Endpoints{Token: "https://login.example.com/token"}})
				k := keeper(a, &shelf{grant: oauth.Grant{Refresh: "rt-secret"}}, nil)
				token, err := k.Token(t.Context())
				if !errors.Is(err, c.want) || c.want == nil && token != "at" || *calls != c.calls {
					t.Errorf("%v after %d calls; want %v after %d", err, *calls, c.want, c.calls)
				}
				if text := fmt.Sprintf("%v %+v %#v %v", err, err, k, a); strings.Contains(text, "secret") {
					t.Errorf("a secret is shown: %s", text)
				}
				var said *oauth.Error
				if name == "throttled" && (!errors.As(err, &said) || said.After != 2*time.Minute) {
					t.Errorf("Retry-After is not passed on: %v", err)
				}
				if _, err := k.Token(t.Context()); name == "throttled" && (err == nil || *calls != 1) {
					t.Errorf("asked again within Retry-After: %v, %d calls", err, *calls)
				}
			})
		})
	}
}

func TestCallersMayGoWhileTheRefreshGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{grant: oauth.Grant{Refresh: "old"}}
		k := oauth.NewKeeper(oauth.KeeperConfig{Load: store.Load, Save: store.Save, Renew: func(ctx context.Context, _ oauth.Grant) (oauth.Token, error) {
			select {
			case <-time.After(10 * time.Second):
				return oauth.Token{Access: "at", Refresh: "new", Expiry: time.Now().Add(time.Hour)}, nil
			case <-ctx.Done():
				return oauth.Token{}, ctx.Err()
			}
		}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := k.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		time.Sleep(10 * time.Second)
		if g, _ := store.Load(ctx); g.Refresh != "new" {
			t.Error("the rotated token was lost with the caller")
		}
	})
}

func TestSettleWaitsForTheRotatedToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{grant: oauth.Grant{Refresh: "first"}}
		k := oauth.NewKeeper(oauth.KeeperConfig{Load: s.Load, Save: s.Save, Renew: func(context.Context, oauth.Grant) (oauth.Token, error) {
			time.Sleep(time.Second)
			return oauth.Token{Access: "access", Refresh: "second"}, nil
		}})
		k.Settle(t.Context()) // nothing is under way
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := k.Token(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("a caller that is gone: %v", err)
		}
		k.Settle(gone)
		if g, _ := s.Load(gone); g.Refresh != "first" {
			t.Errorf("Settle waited although its context had ended: %q", g.Refresh)
		}
		k.Settle(t.Context())
		if g, _ := s.Load(t.Context()); g.Refresh != "second" {
			t.Errorf("after Settle %q is stored", g.Refresh)
		}
	})
}

func TestTransport(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	store := &shelf{grant: oauth.Grant{Refresh: s.Grant(sato, mail)}}
	k := keeper(app(t, s), store, nil)
	var bodies, tokens, projects []string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies, tokens, projects = append(bodies, string(b)), append(tokens, r.Header.Get("Authorization")), append(projects, r.Header.Get("X-Goog-User-Project"))
		switch {
		case r.URL.Path == "/away":
			http.Redirect(w, r, "http://localhost:1/steal", http.StatusFound)
		case len(tokens) == 1 || r.URL.Path == "/never":
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer api.Close()
	client := &http.Client{Transport: &oauth.Transport{Keeper: k, Base: http.DefaultTransport, Origins: oauth.Origins(api.URL), QuotaProject: "p-1",
		Explain: func(err error) error { return fmt.Errorf("explained: %w", err) }}}
	resp, err := client.Post(api.URL, "text/plain", strings.NewReader("body"))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("post: %v", err)
	}
	resp.Body.Close()
	if len(tokens) != 2 || tokens[0] == tokens[1] || !strings.HasPrefix(tokens[1], "Bearer ") || bodies[1] != "body" || projects[1] != "p-1" {
		t.Errorf("%d calls, bodies %q, projects %q", len(tokens), bodies, projects)
	}
	resp, err = client.Get(api.URL + "/never")
	if err != nil || resp.StatusCode != http.StatusUnauthorized || len(tokens) != 4 {
		t.Errorf("a 401 that stays: %v after %d calls", err, len(tokens))
	}
	resp.Body.Close()
	for _, address := range []string{"http://localhost:1/", api.URL + "/away", "https://gmail.googleapis.com/"} {
		if _, err := client.Get(address); !errors.Is(err, oauth.ErrForeignHost) {
			t.Errorf("%s: %v", address, err)
		}
	}
	s.Revoke(sato)
	k.Renewed(oauth.Token{})
	_, err = client.Get(api.URL)
	if !errors.Is(err, oauth.ErrSignInAgain) || !strings.Contains(err.Error(), "explained") {
		t.Errorf("revoked: %v", err)
	}
}
