package fakegoogle_test

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/calendar/v3"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/option"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

const redirect = "http://127.0.0.1:39871/done"

func oauthConfig(s *fakegoogle.Server, scopes ...string) *oauth2.Config {
	e := s.Endpoints()
	return &oauth2.Config{
		ClientID: "test-client", ClientSecret: "test-secret", RedirectURL: redirect, Scopes: scopes,
		Endpoint: oauth2.Endpoint{AuthURL: e.Auth, TokenURL: e.Token, DeviceAuthURL: e.Device},
	}
}

func withClient(t *testing.T, s *fakegoogle.Server) context.Context {
	t.Helper()
	return context.WithValue(t.Context(), oauth2.HTTPClient, s.PlainClient())
}

func queryOf(t *testing.T, address string) url.Values {
	t.Helper()
	return must[*url.URL](t)(url.Parse(address)).Query()
}

func wantOAuth(t *testing.T, err error, code, description string) {
	t.Helper()
	var e *oauth2.RetrieveError
	if !errors.As(err, &e) {
		t.Errorf("error %v, want %s: %s", err, code, description)
		return
	}
	// The library reads the body of a JWT's refusal into no fields.
	var body struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(e.Body, &body); err != nil || body.Code != code || body.Description != description {
		t.Errorf("error %v, want %s: %s", err, code, description)
	}
}

func TestSignInWithPKCE(t *testing.T) {
	s := start(t, fakegoogle.Options{TLS: true})
	ctx := withClient(t, s)
	provider := must[*oidc.Provider](t)(oidc.NewProvider(ctx, s.Endpoints().Issuer))
	config := oauthConfig(s, "openid", "email", gmail.GmailReadonlyScope, calendar.CalendarReadonlyScope)
	verifier := oauth2.GenerateVerifier()
	s.Untick(hana, calendar.CalendarReadonlyScope)
	address := config.AuthCodeURL("state-1", oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(verifier), oidc.Nonce("nonce-1"))
	back := queryOf(t, must[string](t)(s.Consent(ctx, address, hana)))
	if back.Get("state") != "state-1" || back.Get("code") == "" {
		t.Fatalf("redirect %v", back)
	}
	_, err := config.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(oauth2.GenerateVerifier()))
	wantOAuth(t, err, "invalid_grant", "Invalid code verifier.")
	token := must[*oauth2.Token](t)(config.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(verifier)))
	want := "openid https://www.googleapis.com/auth/userinfo.email " + gmail.GmailReadonlyScope
	if token.Extra("scope") != want || token.RefreshToken == "" {
		t.Errorf("scope %v, refresh %q", token.Extra("scope"), token.RefreshToken)
	}
	id := must[*oidc.IDToken](t)(provider.Verifier(&oidc.Config{ClientID: "test-client"}).Verify(ctx, token.Extra("id_token").(string)))
	var claims struct {
		Email string `json:"email"`
		HD    string `json:"hd"`
	}
	if err := id.Claims(&claims); err != nil || claims.Email != hana || claims.HD != "example.co.jp" || id.Nonce != "nonce-1" {
		t.Errorf("claims %+v, nonce %q, %v", claims, id.Nonce, err)
	}
	if err := id.VerifyAccessToken(token.AccessToken); err != nil {
		t.Error(err)
	}
	if info := must[*oidc.UserInfo](t)(provider.UserInfo(ctx, oauth2.StaticTokenSource(token))); info.Email != hana || info.Subject != id.Subject {
		t.Errorf("user info %+v", info)
	}
	// A code that is used again takes its tokens with it.
	_, err = config.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(verifier))
	wantOAuth(t, err, "invalid_grant", "Bad Request")
	_, err = config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	wantOAuth(t, err, "invalid_grant", "Token has been expired or revoked.")
}

// The page works as a plain form: choose an account, untick a box, allow.
func TestConsentPageIsAPlainForm(t *testing.T) {
	s := start(t, fakegoogle.Options{})
	client := s.PlainClient()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	config := oauthConfig(s, "openid", gmail.GmailReadonlyScope, calendar.CalendarReadonlyScope)
	page := func(address string) (int, string) {
		t.Helper()
		res := must[*http.Response](t)(client.Get(address))
		defer res.Body.Close()
		return res.StatusCode, string(must[[]byte](t)(io.ReadAll(res.Body)))
	}
	_, choice := page(config.AuthCodeURL("s"))
	if !strings.Contains(choice, `type="radio" name="login_hint" value="`+hana) {
		t.Errorf("no choice of accounts:\n%s", choice)
	}
	status, consent := page(config.AuthCodeURL("s", oauth2.SetAuthURLParam("login_hint", ken)))
	if status != 200 || strings.Count(consent, `type="checkbox"`) != 2 || strings.Count(consent, "checked") != 2 {
		t.Errorf("consent page %d:\n%s", status, consent)
	}
	form := queryOf(t, config.AuthCodeURL("s"))
	form.Set("account", ken)
	form.Set("granted", gmail.GmailReadonlyScope)
	for decision, want := range map[string]string{"deny": "access_denied", "allow": ""} {
		form.Set("decision", decision)
		res := must[*http.Response](t)(client.PostForm(s.Endpoints().Auth, form))
		_ = res.Body.Close()
		back := queryOf(t, res.Header.Get("Location"))
		if back.Get("error") != want || back.Get("state") != "s" || want == "" && back.Get("scope") != "openid "+gmail.GmailReadonlyScope {
			t.Errorf("%s leads to %v", decision, back)
		}
	}
	for name, change := range map[string][2]string{
		"another client": {"client_id", "x"}, "foreign redirect": {"redirect_uri", "ftp://customer.example/"}, "no scope": {"scope", ""},
		"implicit flow": {"response_type", "token"},
	} {
		if status, body := page(config.AuthCodeURL("s", oauth2.SetAuthURLParam(change[0], change[1]))); status != 400 || !strings.Contains(body, "Access blocked") {
			t.Errorf("%s: %d", name, status)
		}
	}
	silent := func(hint string) string {
		res := must[*http.Response](t)(client.Get(config.AuthCodeURL("s", oauth2.SetAuthURLParam("prompt", "none"), oauth2.SetAuthURLParam("login_hint", hint))))
		_ = res.Body.Close()
		return queryOf(t, res.Header.Get("Location")).Get("error")
	}
	if got := []string{silent("nobody@example.co.jp"), silent(hana)}; !cmp.Equal(got, []string{"login_required", "consent_required"}) {
		t.Errorf("silent sign-in %v", got)
	}
}

func TestTokensDie(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now})
	ctx := withClient(t, s)
	config := oauthConfig(s)
	refresh := func(token string) (*oauth2.Token, error) {
		return config.TokenSource(ctx, &oauth2.Token{RefreshToken: token}).Token()
	}
	status := func(access string) int {
		req := must[*http.Request](t)(http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoints().Gmail+"gmail/v1/users/me/profile", nil))
		req.Header.Set("Authorization", "Bearer "+access)
		res := must[*http.Response](t)(s.PlainClient().Do(req))
		_ = res.Body.Close()
		return res.StatusCode
	}
	gone := "Token has been expired or revoked."

	t.Run("access tokens after an hour", func(t *testing.T) {
		token := must[*oauth2.Token](t)(refresh(s.Grant(hana, gmail.GmailReadonlyScope)))
		before := status(token.AccessToken)
		clk.Add(time.Hour)
		if after := status(token.AccessToken); before != 200 || after != 401 {
			t.Errorf("%d, then %d", before, after)
		}
	})
	t.Run("rotated", func(t *testing.T) {
		s.RotateRefresh(true)
		defer s.RotateRefresh(false)
		old := s.Grant(hana, gmail.GmailReadonlyScope)
		next := must[*oauth2.Token](t)(refresh(old))
		if next.RefreshToken == old {
			t.Fatal("not rotated")
		}
		_, err := refresh(old)
		wantOAuth(t, err, "invalid_grant", gone)
		if _, err := refresh(next.RefreshToken); err != nil {
			t.Error(err)
		}
	})
	t.Run("testing", func(t *testing.T) {
		s.Testing(true)
		defer s.Testing(false)
		token := s.Grant(hana, gmail.GmailReadonlyScope)
		only := s.Grant(ken, "openid", "email")
		clk.Add(7 * 24 * time.Hour)
		_, err := refresh(token)
		wantOAuth(t, err, "invalid_grant", gone)
		if _, err := refresh(only); err != nil {
			t.Errorf("identity alone: %v", err)
		}
	})
	t.Run("revoked", func(t *testing.T) {
		token := s.Grant(hana, gmail.GmailReadonlyScope)
		access := must[*oauth2.Token](t)(refresh(token)).AccessToken
		res := must[*http.Response](t)(s.PlainClient().PostForm(s.Endpoints().Revoke, url.Values{"token": {token}}))
		_ = res.Body.Close()
		_, err := refresh(token)
		wantOAuth(t, err, "invalid_grant", gone)
		if got := status(access); res.StatusCode != http.StatusOK || got != 401 {
			t.Errorf("revocation %d, access token afterwards %d", res.StatusCode, got)
		}
		res = must[*http.Response](t)(s.PlainClient().PostForm(s.Endpoints().Revoke, url.Values{"token": {token}}))
		_ = res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("second revocation %d", res.StatusCode)
		}
	})
	t.Run("scope missing", func(t *testing.T) {
		token := must[*oauth2.Token](t)(refresh(s.Grant(hana, calendar.CalendarReadonlyScope)))
		if got := status(token.AccessToken); got != 403 {
			t.Errorf("status %d", got)
		}
	})
	t.Run("wrong client", func(t *testing.T) {
		config := *config
		config.ClientSecret = "wrong"
		_, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: "1//0x"}).Token()
		wantOAuth(t, err, "invalid_client", "Unauthorized")
	})
}

func TestDelegation(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: time.Now})
	skewed := start(t, fakegoogle.Options{Now: clk.Now})
	clk.Add(-1000 * time.Hour)
	ctx := withClient(t, s)
	token := func(s *fakegoogle.Server, user string) (*oauth2.Token, error) {
		jwt, err := google.JWTConfigFromJSON(s.ServiceAccount(), gmail.GmailReadonlyScope)
		if err != nil {
			return nil, err
		}
		jwt.Subject = user
		return jwt.TokenSource(ctx).Token()
	}
	good := must[*oauth2.Token](t)(token(s, hana))
	api := must[*gmail.Service](t)(gmail.NewService(ctx, option.WithHTTPClient(oauth2.NewClient(ctx, oauth2.StaticTokenSource(good))), option.WithEndpoint(s.Endpoints().Gmail)))
	if p := must[*gmail.Profile](t)(api.Users.GetProfile("me").Do()); p.EmailAddress != hana {
		t.Errorf("profile of %s", p.EmailAddress)
	}
	_, err := token(s, "nobody@example.co.jp")
	wantOAuth(t, err, "invalid_grant", "Invalid email or User ID")
	_, err = token(skewed, hana)
	wantOAuth(t, err, "invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.")
	s.Delegate(calendar.CalendarReadonlyScope)
	_, err = token(s, hana)
	wantOAuth(t, err, "unauthorized_client", "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.")
	var file map[string]string
	if err := json.Unmarshal(s.ServiceAccount(), &file); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(file["private_key"]))
	if key := must[any](t)(x509.ParsePKCS8PrivateKey(block.Bytes)); key.(*rsa.PrivateKey).N.BitLen() != 2048 {
		t.Error("short key")
	}
}

func TestDeviceFlow(t *testing.T) {
	clk := newClock()
	s := start(t, fakegoogle.Options{Now: clk.Now})
	ctx := withClient(t, s)
	config := oauthConfig(s, "openid", gmail.GmailReadonlyScope)
	d := must[*oauth2.DeviceAuthResponse](t)(config.DeviceAuth(ctx))
	poll := func() (int, string) {
		res := must[*http.Response](t)(s.PlainClient().PostForm(s.Endpoints().Token, url.Values{
			"client_id": {"test-client"}, "client_secret": {"test-secret"}, "device_code": {d.DeviceCode},
			"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"},
		}))
		defer res.Body.Close()
		var body map[string]any
		if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		code, _ := body["error"].(string)
		return res.StatusCode, code
	}
	steps := []struct {
		name, code string
		status     int
		before     func()
	}{
		{"waiting", "authorization_pending", 428, func() {}},
		{"too fast", "slow_down", 403, func() { clk.Add(time.Second) }},
		{"in time", "authorization_pending", 428, func() { clk.Add(6 * time.Second) }},
		{"allowed", "", 200, func() { s.ApproveDevice(d.UserCode, hana) }},
		{"again", "invalid_grant", 400, func() {}},
	}
	for _, step := range steps {
		step.before()
		if status, code := poll(); status != step.status || code != step.code {
			t.Errorf("%s: %d %s", step.name, status, code)
		}
	}
}
