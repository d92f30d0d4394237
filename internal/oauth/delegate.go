package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"
)

// ServiceAccount is a key with which an application acts for an organisation's users (RFC 7523;
// https://developers.google.com/identity/protocols/oauth2/service-account). It prints as its address.
type ServiceAccount struct {
	Email    string // of the service account
	ClientID string // what the admin console asks for; "" if the file has none
	keyID    string
	key      []byte
	tokenURL string
}

// ReadServiceAccount reads a key file in Google's JSON form, at most 64 KiB.
func ReadServiceAccount(path string) (*ServiceAccount, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read service account key: %w", err)
	}
	if info.Size() > 64<<10 {
		return nil, fmt.Errorf("read service account key: %s is too large for one", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read service account key: %w", err)
	}
	var f struct {
		Type     string `json:"type"`
		Email    string `json:"client_email"`
		ClientID string `json:"client_id"`
		KeyID    string `json:"private_key_id"`
		Key      string `json:"private_key"`
		TokenURL string `json:"token_uri"`
	}
	if err := json.Unmarshal(data, &f); err != nil || f.Type != "service_account" || f.Email == "" || f.Key == "" {
		return nil, fmt.Errorf("read service account key: %s is no service account's key in JSON form", path)
	}
	return &ServiceAccount{Email: f.Email, ClientID: f.ClientID, keyID: f.KeyID, key: []byte(f.Key), tokenURL: f.TokenURL}, nil
}

// String is the address.
func (s *ServiceAccount) String() string { return s.Email }

// GoString keeps the key out of %#v.
func (s *ServiceAccount) GoString() string { return s.Email }

// LogValue keeps the key out of logs.
func (s *ServiceAccount) LogValue() slog.Value { return slog.StringValue(s.Email) }

// Delegated gets a token to act for a user. The endpoint is the application's; the key file's own counts only for an
// App without one.
func (a *App) Delegated(ctx context.Context, s *ServiceAccount, user string, scopes []string) (Token, error) {
	const op = "act for the user"
	endpoint := a.cfg.Endpoints.Token
	if endpoint == "" {
		endpoint = s.tokenURL
	}
	if err := CheckURL(endpoint); err != nil {
		return Token{}, &Error{Op: op, Kind: ErrSettings, Err: err}
	}
	recorder := &dates{base: a.cfg.HTTP.Transport, app: a}
	client := *a.cfg.HTTP
	client.Transport = recorder
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	config := jwt.Config{Email: s.Email, PrivateKey: s.key, PrivateKeyID: s.keyID, Subject: user, Scopes: scopes, TokenURL: endpoint,
		Audience: s.tokenURL} // a proxy may stand before the endpoint; the assertion is for whom the key file names
	t, err := jwtSource(context.WithValue(ctx, oauth2.HTTPClient, &client), config)
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused):
		var said answer
		_ = json.Unmarshal(refused.Body, &said) // an answer that is no JSON has no code
		return Token{}, a.refusal(op, refused.Response, said, map[string][]string{"assertion": {s.Email}})
	case err != nil && recorder.called:
		return Token{}, &Error{Op: op, Kind: ErrUnavailable, Err: errors.New("the token endpoint could not be reached: " + redact(lastPart(err)))}
	case err != nil:
		return Token{}, &Error{Op: op, Kind: ErrSettings, Err: errors.New("the private key of the key file cannot be used")}
	}
	return Token{Access: t.AccessToken, Expiry: t.Expiry, Scopes: scopes}, nil
}

func jwtSource(ctx context.Context, config jwt.Config) (*oauth2.Token, error) {
	return config.TokenSource(ctx).Token()
}

// lastPart is the end of an error's text: what comes before names addresses.
func lastPart(err error) string {
	text := err.Error()
	return text[strings.LastIndex(text, `":`)+1:]
}

// dates notes the Date of answers.
type dates struct {
	base   http.RoundTripper
	app    *App
	called bool
}

// RoundTrip passes on.
func (d *dates) RoundTrip(req *http.Request) (*http.Response, error) {
	d.called = true
	resp, err := d.base.RoundTrip(req)
	if err == nil {
		d.app.noteDate(resp.Header)
	}
	return resp, err
}
