package oauth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"
)

// FlowLimit is how long a sign-in in the browser may take.
const FlowLimit = 10 * time.Minute

// Request is what a sign-in asks for.
type Request struct {
	Scopes      []string
	Redirect    string // absolute address the browser comes back to
	Hint        string // address that will probably be chosen; "" if unknown
	Domain      string // organisation's domain to offer accounts of; "" for any
	Offline     bool   // a refresh token is wanted
	Consent     bool   // ask even if everything was granted before: only then Google gives a refresh token again
	Incremental bool   // what was granted before is granted again (Google)
}

// Flow is a sign-in under way. Its fields are for encoding; seal it before it leaves the process. It prints as
// nothing.
type Flow struct {
	State, Nonce, Verifier string
	Redirect               string
	Scopes                 []string
	At                     time.Time
}

// String keeps the verifier out of messages.
func (f Flow) String() string { return "(sign-in under way)" }

// GoString keeps the verifier out of %#v.
func (f Flow) GoString() string { return f.String() }

// LogValue keeps the verifier out of logs.
func (f Flow) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Begin gives the address to send the browser to, and what Finish needs.
func (a *App) Begin(ctx context.Context, r Request) (string, Flow, error) {
	e, err := a.endpoints(ctx, func(e Endpoints) string { return e.Auth })
	if err != nil {
		return "", Flow{}, err
	}
	u, err := url.Parse(e.Auth)
	if err != nil || e.Auth == "" {
		return "", Flow{}, &Error{Op: "begin sign-in", Kind: ErrSettings, Err: errors.New("the provider has no page to sign in")}
	}
	f := Flow{State: rand.Text(), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text(), Redirect: r.Redirect, Scopes: r.Scopes, At: a.now().UTC()}
	sum := sha256.Sum256([]byte(f.Verifier))
	q := u.Query()
	for name, value := range map[string]string{
		"response_type": "code", "client_id": a.cfg.ClientID, "redirect_uri": r.Redirect, "scope": strings.Join(r.Scopes, " "), "state": f.State, "nonce": f.Nonce,
		"code_challenge": base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method": "S256", "login_hint": r.Hint, "hd": r.Domain,
		"access_type": when(r.Offline, "offline"), "prompt": when(r.Consent, "consent"), "include_granted_scopes": when(r.Incremental, "true"),
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), f, nil
}

func when(yes bool, value string) string {
	if yes {
		return value
	}
	return ""
}

// Finish exchanges the code with which the browser came back. ErrFlow if the query does not belong to the flow or came
// too late, ErrDenied if somebody refused. It does not notice that a flow is finished twice; Once does.
func (a *App) Finish(ctx context.Context, f Flow, query url.Values) (Token, error) {
	const op = "finish sign-in"
	state := query.Get("state")
	switch age := a.now().Sub(f.At); {
	case f.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(f.State)) != 1:
		return Token{}, &Error{Op: op, Kind: ErrFlow, Err: errors.New("the state is another one")}
	case age > FlowLimit || age < -tolerance:
		return Token{}, &Error{Op: op, Kind: ErrFlow, Err: errors.New("it took longer than ten minutes")}
	}
	if iss := query.Get("iss"); iss != "" && a.cfg.Endpoints.Issuer != "" && iss != a.cfg.Endpoints.Issuer && !strings.Contains(a.cfg.Endpoints.Issuer, "login.microsoftonline.com") {
		return Token{}, &Error{Op: op, Kind: ErrFlow, Err: errors.New("another provider answered")} // RFC 9207
	}
	code := query.Get("code")
	if said := query.Get("error"); said != "" || code == "" {
		kind := ErrUnavailable
		if said == "access_denied" || said == "consent_required" || said == "interaction_required" || said == "login_required" {
			kind = ErrDenied
		}
		return Token{}, &Error{Op: op, Kind: kind, Code: redact(said), Description: redact(query.Get("error_description"))}
	}
	t, err := a.call(ctx, op, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {f.Redirect}, "code_verifier": {f.Verifier}})
	var refused *Error
	if errors.As(err, &refused) && errors.Is(refused, ErrSignInAgain) { // the code was used, or is too old (RFC 6749 section 4.1.2)
		refused.Kind = ErrFlow
	}
	return t, err
}

// Once remembers which flows were finished. The zero value is ready.
type Once struct {
	mu   sync.Mutex
	done map[string]time.Time
}

// Use says true the first time for a state, for as long as a flow lives.
func (o *Once) Use(state string, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for s, at := range o.done {
		if now.Sub(at) > 2*FlowLimit {
			delete(o.done, s)
		}
	}
	if _, used := o.done[state]; used {
		return false
	}
	if o.done == nil {
		o.done = map[string]time.Time{}
	}
	o.done[state] = now
	return true
}
