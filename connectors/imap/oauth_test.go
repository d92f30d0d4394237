package imap

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// authority is a token endpoint that rotates: each refresh token works once.
type authority struct {
	*httptest.Server
	mu    sync.Mutex
	live  string
	count int
	calls int
}

func newAuthority(t *testing.T, access func() string) *authority {
	a := &authority{live: "rt-0"}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.calls++
		w.Header().Set("Content-Type", "application/json")
		if r.PostFormValue("refresh_token") != a.live || r.PostFormValue("client_id") != "c" {
			w.WriteHeader(http.StatusBadRequest)
			json.NewEncoder(w).Encode(map[string]any{"error": "invalid_grant", "error_description": "AADSTS70008: " + r.PostFormValue("refresh_token")})
			return
		}
		a.count++
		a.live = "rt-" + strconv.Itoa(a.count)
		json.NewEncoder(w).Encode(map[string]any{"access_token": access(), "token_type": "Bearer", "expires_in": 3600, "refresh_token": a.live})
	}))
	t.Cleanup(a.Close)
	return a
}

// brokenSecrets load, and fail to save.
type brokenSecrets struct{ *memorySecrets }

func (brokenSecrets) Save(context.Context, string, []byte) error { return errors.New("disk is full") }

func TestRotatedTokensAreStoredBeforeTheyAreUsed(t *testing.T) {
	server := testdovecot.Start(t)
	server.AddUser("sato", "secret")
	server.Fill("sato", "INBOX", notes(2, "in"))
	tokens := newAuthority(t, func() string { return server.TokenFor("sato") })
	settings := dovecotSettings(server)
	settings.Folders, settings.Auth, settings.Password = []string{"INBOX"}, authXOAuth2, ""
	settings.OAuth = &OAuth{TokenURL: tokens.URL, ClientID: "c"}
	kept := &memorySecrets{}
	open := func(secrets connectors.Secrets) *source {
		src := openSource(t, settings, connectors.Limits{})
		src.env.Secrets = secrets
		return src
	}
	if _, err := open(kept).Fetch(t.Context(), ""); connectors.Classify(err).Kind != connectors.AuthExpired || tokens.calls != 0 {
		t.Fatalf("before anybody signed in: %v", err)
	}
	if err := settings.Keep(t.Context(), kept, "rt-0"); err != nil {
		t.Fatal(err)
	}
	src := open(brokenSecrets{kept})
	for range 2 {
		_, err := src.Fetch(t.Context(), "")
		if f := connectors.Classify(err); f == nil || f.Kind != connectors.Retryable || !strings.Contains(err.Error(), "disk is full") || tokens.calls != 1 {
			t.Fatalf("with a full disk: %v after %d calls", err, tokens.calls)
		}
	}
	src.env.Secrets = kept
	if b, err := src.Fetch(t.Context(), ""); err != nil || len(b.Items) != 2 {
		t.Fatalf("with room again: %v", err)
	}
	for range 3 { // each starts with what the one before left on disk
		if b, err := open(kept).Fetch(t.Context(), ""); err != nil || len(b.Items) != 2 {
			t.Fatalf("after a restart: %v", err)
		}
	}
	// A token that the server refuses is replaced at the next try.
	server.ExpireTokens()
	src = open(kept)
	if _, err := src.Fetch(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	// Somebody used the token elsewhere: it is dead, and is not tried again and again.
	tokens.mu.Lock()
	tokens.live, tokens.calls = "stolen", 0
	tokens.mu.Unlock()
	src = open(kept)
	for range 3 {
		_, err := src.Fetch(t.Context(), "")
		if f := connectors.Classify(err); f == nil || f.Kind != connectors.AuthExpired || strings.Contains(err.Error(), "rt-") {
			t.Fatalf("a dead token: %v", err)
		}
	}
	if tokens.calls != 1 {
		t.Errorf("a dead token was tried %d times", tokens.calls)
	}
	if err := settings.Keep(t.Context(), kept, "stolen"); err != nil {
		t.Fatal(err)
	}
	if _, err := src.Fetch(t.Context(), ""); err != nil {
		t.Errorf("after signing in again: %v", err)
	}
}

func TestProvidersFillIn(t *testing.T) {
	o := OAuth{Provider: providerMicrosoft, Tenant: "example.co.jp"}.complete()
	if o.TokenURL != "https://login.microsoftonline.com/example.co.jp/oauth2/v2.0/token" || !strings.HasSuffix(o.DeviceURL, "/devicecode") || !slices.Contains(o.Scopes, "offline_access") {
		t.Errorf("Microsoft: %+v", o)
	}
	o = OAuth{Provider: providerGoogle, TokenURL: "http://127.0.0.1:1/t", Scopes: []string{"x"}}.complete()
	if o.TokenURL != "http://127.0.0.1:1/t" || o.AuthURL == "" || !slices.Equal(o.Scopes, []string{"x"}) {
		t.Errorf("Google: %+v", o)
	}
	s := &Settings{OAuth: &OAuth{Provider: "yahoo", Tenant: "a b", AuthURL: "http://example.com/", ClientID: "c"}}
	var c checker
	c.oauth(s.OAuth)
	var paths []string
	for _, p := range c.problems {
		paths = append(paths, p.Path)
	}
	if !slices.Equal(paths, []string{"oauth.provider", "oauth.tenant", "oauth.auth_url"}) {
		t.Errorf("problems at %q", paths)
	}
	if app, scopes, err := (&Settings{OAuth: &OAuth{Provider: providerMicrosoft, ClientID: "c"}}).App("/"); err != nil || len(scopes) != 2 || app.Skew() != time.Duration(0) {
		t.Errorf("application: %v", err)
	}
}
