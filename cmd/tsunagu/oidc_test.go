package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors/all"
	"github.com/tsunagu-crm/tsunagu/web"
)

// fakeIssuer is a provider of OpenID Connect that checks what a good one checks: client, redirect address, PKCE, and that
// a code is used once.
type fakeIssuer struct {
	*httptest.Server
	key    *rsa.PrivateKey
	asked  url.Values     // of the last sign-in
	claims map[string]any // of who signs in; nil for the usual
	used   map[string]bool
	signer *rsa.PrivateKey // nil for key
}

func newIssuer(t *testing.T) *fakeIssuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeIssuer{key: key, used: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		f.say(w, map[string]any{"issuer": f.URL, "authorization_endpoint": f.URL + "/authorize", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		f.say(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", f.token)
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeIssuer) say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (f *fakeIssuer) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(why string) {
		w.WriteHeader(http.StatusBadRequest)
		f.say(w, map[string]string{"error": "invalid_grant", "error_description": why})
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	switch code := r.FormValue("code"); {
	case id != "tsunagu" || secret != "test-secret":
		refuse("client")
		return
	case r.FormValue("redirect_uri") != f.asked.Get("redirect_uri"):
		refuse("redirect_uri")
		return
	case f.asked.Get("code_challenge_method") != "S256" || base64.RawURLEncoding.EncodeToString(sum[:]) != f.asked.Get("code_challenge"):
		refuse("PKCE")
		return
	case f.used[code]:
		refuse("the code was used")
		return
	default:
		f.used[code] = true
	}
	claims := map[string]any{"iss": f.URL, "aud": "tsunagu", "sub": "17", "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "nonce": f.asked.Get("nonce"),
		"email": "Kato@Example.co.jp", "email_verified": true, "name": "加藤 緑"}
	for key, value := range f.claims {
		claims[key] = value
		if value == nil {
			delete(claims, key)
		}
	}
	f.say(w, map[string]any{"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": f.sign(claims)})
}

func (f *fakeIssuer) sign(claims map[string]any) string {
	encode := func(v any) string {
		raw, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	head := encode(map[string]string{"alg": "RS256", "kid": "1", "typ": "JWT"}) + "." + encode(claims)
	sum := sha256.Sum256([]byte(head))
	key := f.key
	if f.signer != nil {
		key = f.signer
	}
	signature, _ := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	return head + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// oidcHouse is an instance that signs in at the issuer. Extra stands in the section.
func oidcHouse(t *testing.T, f *fakeIssuer, extra string) *instance {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf("organization: {name: A, domains: [example.co.jp]}\nsign_in:\n  oidc:\n    name: 社内アカウント\n    issuer: %q\n    client_id: tsunagu\n    client_secret: ${GOOGLE}\n%s", f.URL, extra)
	if err := os.WriteFile(filepath.Join(dir, "tsunagu.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, problems := config.Load(filepath.Join(dir, "tsunagu.yaml"), houseEnv, all.Kinds())
	if problems.Fatal() {
		t.Fatal(problems)
	}
	in, err := openInstance(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

// leave goes to the issuer and gives what the browser comes back with.
func (f *fakeIssuer) leave(t *testing.T, in *instance) (flow []byte, query url.Values) {
	t.Helper()
	to, flow, err := webSignIns{in}.Begin(t.Context(), web.SignInRequest{Provider: providerOIDC, Callback: "http://127.0.0.1:8466/signin/oidc/callback", Return: "/people"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	f.asked = u.Query()
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(f.asked.Get(name)) < 20 {
			t.Errorf("%s is %q", name, f.asked.Get(name))
		}
	}
	return flow, url.Values{"code": {rand.Text()}, "state": {f.asked.Get("state")}}
}

func TestOIDC(t *testing.T) {
	f := newIssuer(t)
	in := oidcHouse(t, f, "    allowed_domains: [example.co.jp]\n")
	signIns := webSignIns{in}
	if list := signIns.Providers(); len(list) != 1 || list[0].ID != "oidc" || list[0].Name != "社内アカウント" || !list[0].SignIn || len(list[0].Services) > 0 {
		t.Fatalf("providers %+v", list)
	}
	flow, query := f.leave(t, in)
	got, err := signIns.Finish(t.Context(), flow, query)
	if err != nil || got.Email != "kato@example.co.jp" || !got.Verified || !got.SignUp || got.Name != "加藤 緑" || got.Return != "/people" || got.Connected {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := signIns.Finish(t.Context(), flow, query); !errors.Is(err, web.ErrFlow) {
		t.Errorf("finished twice: %v", err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		claims map[string]any
		signer *rsa.PrivateKey
		query  func(url.Values)
		want   error // nil for any
	}{
		{"another state", nil, nil, func(q url.Values) { q.Set("state", "x") }, web.ErrFlow},
		{"refused", nil, nil, func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") }, web.ErrDenied},
		{"another nonce", map[string]any{"nonce": "x"}, nil, nil, nil},
		{"another audience", map[string]any{"aud": "x"}, nil, nil, nil},
		{"another issuer", map[string]any{"iss": "https://evil.example"}, nil, nil, nil},
		{"too old", map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}, nil, nil, nil},
		{"a stranger's signature", nil, other, nil, nil},
		{"a domain that is not allowed", map[string]any{"email": "a@evil.example"}, nil, nil, web.ErrDenied},
		{"a domain that only ends alike", map[string]any{"email": "a@evilexample.co.jp"}, nil, nil, web.ErrDenied},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.claims, f.signer = test.claims, test.signer
			defer func() { f.claims, f.signer = nil, nil }()
			flow, query := f.leave(t, in)
			if test.query != nil {
				test.query(query)
			}
			got, err := signIns.Finish(t.Context(), flow, query)
			if err == nil || test.want != nil && !errors.Is(err, test.want) || got.Verified {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	t.Run("an address that is not vouched for", func(t *testing.T) {
		f.claims = map[string]any{"email_verified": nil}
		defer func() { f.claims = nil }()
		flow, query := f.leave(t, in)
		if got, err := signIns.Finish(t.Context(), flow, query); err != nil || got.Verified {
			t.Errorf("%+v, %v", got, err)
		}
		trusting := oidcHouse(t, f, "    allowed_domains: [example.co.jp]\n    trust_email: true\n")
		flow, query = f.leave(t, trusting)
		if got, err := (webSignIns{trusting}).Finish(t.Context(), flow, query); err != nil || !got.Verified {
			t.Errorf("trusted: %+v, %v", got, err)
		}
	})
	t.Run("without domains nobody is made a user", func(t *testing.T) {
		open := oidcHouse(t, f, "")
		flow, query := f.leave(t, open)
		if got, err := (webSignIns{open}).Finish(t.Context(), flow, query); err != nil || got.SignUp || !got.Verified {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
