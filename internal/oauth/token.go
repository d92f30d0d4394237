package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxAnswer bounds what a provider may answer, in bytes.
const maxAnswer = 1 << 20

// Token is what a provider gave. It prints as nothing.
type Token struct {
	Access  string    // for requests
	Refresh string    // "" if none was given, or the old one goes on
	ID      string    // OpenID Connect's statement of who signed in; "" if none
	Expiry  time.Time // of Access; zero if it does not end
	Scopes  []string  // granted; nil if the provider did not say, which means: what was asked for
}

// String keeps tokens out of messages.
func (t Token) String() string { return "(token)" }

// GoString keeps tokens out of %#v.
func (t Token) GoString() string { return "(token)" }

// LogValue keeps tokens out of logs.
func (t Token) LogValue() slog.Value { return slog.StringValue("(token)") }

// MarshalJSON keeps tokens out of exports.
func (t Token) MarshalJSON() ([]byte, error) { return []byte(`"(token)"`), nil }

// answer is what token endpoints say (RFC 6749 sections 5.1 and 5.2; RFC 8628 section 3.2).
type answer struct {
	Access      string          `json:"access_token"`
	Refresh     string          `json:"refresh_token"`
	ID          string          `json:"id_token"`
	Expires     json.RawMessage `json:"expires_in"` // a number, but some write it as text
	Scope       *string         `json:"scope"`
	Error       string          `json:"error"`
	Description string          `json:"error_description"`

	DeviceCode      string          `json:"device_code"`
	UserCode        string          `json:"user_code"`
	VerificationURI string          `json:"verification_uri"`
	VerificationURL string          `json:"verification_url"` // as Google spells it
	Complete        string          `json:"verification_uri_complete"`
	Interval        json.RawMessage `json:"interval"`
}

func seconds(raw json.RawMessage) time.Duration {
	n, err := strconv.ParseInt(strings.Trim(string(raw), `" `), 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// call asks the token endpoint and makes a Token of the answer.
func (a *App) call(ctx context.Context, op string, form url.Values) (Token, error) {
	e, err := a.endpoints(ctx, func(e Endpoints) string { return e.Token })
	if err != nil {
		return Token{}, err
	}
	said, err := a.post(ctx, op, e.Token, form)
	if err != nil {
		return Token{}, err
	}
	if said.Access == "" {
		return Token{}, &Error{Op: op, Kind: ErrUnavailable, Err: errors.New("the answer holds no access token")}
	}
	t := Token{Access: said.Access, Refresh: said.Refresh, ID: said.ID}
	if d := seconds(said.Expires); d > 0 {
		t.Expiry = a.now().Add(d)
	}
	if said.Scope != nil {
		t.Scopes = strings.Fields(*said.Scope)
	}
	return t, nil
}

// post sends a form with the application's credentials in it. A server that wants them in the header instead says
// invalid_client, and gets them there (RFC 6749 section 2.3.1).
func (a *App) post(ctx context.Context, op, address string, form url.Values) (answer, error) {
	form.Set("client_id", a.cfg.ClientID)
	if a.cfg.ClientSecret != "" {
		form.Set("client_secret", a.cfg.ClientSecret)
	}
	said, err := a.send(ctx, op, address, form, false)
	var refused *Error
	if errors.As(err, &refused) && refused.Code == "invalid_client" && a.cfg.ClientSecret != "" {
		form.Del("client_secret")
		if again, err := a.send(ctx, op, address, form, true); err == nil {
			return again, nil
		}
	}
	return said, err
}

func (a *App) send(ctx context.Context, op, address string, form url.Values, basic bool) (answer, error) {
	unavailable := func(err error) (answer, error) {
		return answer{}, &Error{Op: op, Kind: ErrUnavailable, Err: err}
	}
	if address == "" {
		return answer{}, &Error{Op: op, Kind: ErrSettings, Err: errors.New("the provider has no endpoint for it")}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return unavailable(errors.New("the endpoint's address cannot be used"))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if basic {
		req.SetBasicAuth(url.QueryEscape(a.cfg.ClientID), url.QueryEscape(a.cfg.ClientSecret))
	}
	resp, err := a.cfg.HTTP.Do(req)
	if err != nil {
		return unavailable(fmt.Errorf("%s: %w", req.URL.Host, bare(err)))
	}
	defer func() { _ = resp.Body.Close() }()
	a.noteDate(resp.Header)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return unavailable(fmt.Errorf("%s: %w", req.URL.Host, err))
	}
	var said answer
	decoded := json.Unmarshal(body, &said)
	if resp.StatusCode/100 == 2 && decoded == nil && said.Error == "" {
		return said, nil
	}
	return answer{}, a.refusal(op, resp, said, form)
}

// refusal classifies what a token endpoint said instead of a token.
func (a *App) refusal(op string, resp *http.Response, said answer, form url.Values) *Error {
	e := &Error{Op: op, Kind: ErrUnavailable, Code: redact(said.Error, secretsOf(form)...), Description: redact(said.Description, secretsOf(form)...)}
	if said.Error == "" {
		e.Err = fmt.Errorf("%s answers %d", resp.Request.URL.Host, resp.StatusCode)
	}
	if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n > 0 {
		e.After = min(time.Duration(n)*time.Second, time.Hour)
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests {
		return e
	}
	assertion := form.Has("assertion")
	switch said.Error {
	case "invalid_grant":
		e.Kind = ErrSignInAgain
		if assertion {
			e.Kind = ErrDelegation
		}
		if text := strings.ToLower(said.Description); assertion && (a.Skew() != 0 || strings.Contains(text, "iat") || strings.Contains(text, "timeframe")) {
			e.Kind, e.Skew = ErrClock, a.Skew()
		}
	case "access_denied", "consent_required", "interaction_required":
		e.Kind = ErrDenied
		if assertion {
			e.Kind = ErrDelegation
		}
		if form.Get("grant_type") == "refresh_token" {
			e.Kind = ErrSignInAgain
		}
	case "unauthorized_client":
		e.Kind = ErrSettings
		if assertion {
			e.Kind = ErrDelegation
		}
	case "invalid_client", "invalid_scope", "unsupported_grant_type", "invalid_request", "deleted_client", "org_internal", "admin_policy_enforced":
		e.Kind = ErrSettings
	}
	return e
}

// secretsOf are the values of a form that nobody should read.
func secretsOf(form url.Values) []string {
	var out []string
	for _, name := range []string{"client_secret", "code", "code_verifier", "refresh_token", "assertion", "device_code", "token"} {
		if v := form.Get(name); v != "" {
			out = append(out, v, url.QueryEscape(v))
		}
	}
	return out
}

// Refresh gets a new access token for a refresh token (RFC 6749 section 6). Use a Keeper, which stores what the
// provider rotates.
func (a *App) Refresh(ctx context.Context, refresh string, scopes []string) (Token, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}
	if len(scopes) > 0 {
		form.Set("scope", strings.Join(scopes, " "))
	}
	return a.call(ctx, "refresh token", form)
}

// Revoke tells the provider that a token is not to be accepted any more (RFC 7009), and everything that was granted
// with it. One that is dead already is no error; neither is a provider that has no such endpoint.
func (a *App) Revoke(ctx context.Context, token string) error {
	e, err := a.endpoints(ctx, func(e Endpoints) string { return e.Revoke })
	if err != nil || e.Revoke == "" || token == "" {
		return err
	}
	_, err = a.post(ctx, "revoke token", e.Revoke, url.Values{"token": {token}})
	var said *Error
	if errors.As(err, &said) {
		switch said.Code {
		case "invalid_token", "invalid_grant", "unsupported_token_type":
			return nil
		}
	}
	return err
}
