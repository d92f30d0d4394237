package imap

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// tokenSecret is the name under which the current refresh token is kept.
const tokenSecret = "oauth"

// storedToken is what is kept. Origin names the refresh token of the settings that it grew out of, so that a
// new one written there counts.
type storedToken struct {
	Origin  string `json:"origin"`
	Refresh string `json:"refresh_token"`
}

// accessToken gives a token that is valid for a while. A provider may replace the refresh token whenever it is
// used; the new one is stored before anything else is done, since the old one may be dead already.
func (s *source) accessToken(ctx context.Context) (string, error) {
	if s.token.Valid() {
		return s.token.AccessToken, nil
	}
	stored, err := s.refreshToken(ctx)
	if err != nil {
		return "", err
	}
	o := s.settings.OAuth
	config := oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret, Scopes: o.Scopes,
		Endpoint: oauth2.Endpoint{TokenURL: o.TokenURL}}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: connectLimit})
	token, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: stored.Refresh, Expiry: time.Unix(1, 0)}).Token()
	if err != nil {
		return "", tokenFault(err)
	}
	if token.RefreshToken != "" && token.RefreshToken != stored.Refresh {
		stored.Refresh = token.RefreshToken
		if err := s.saveToken(ctx, stored); err != nil {
			return "", err
		}
	}
	s.token = token
	return token.AccessToken, nil
}

// refreshToken finds the newest refresh token: the stored one, unless the settings got another since.
func (s *source) refreshToken(ctx context.Context) (storedToken, error) {
	configured := storedToken{Origin: digest(s.settings.OAuth.RefreshToken), Refresh: s.settings.OAuth.RefreshToken}
	if s.env.Secrets != nil {
		blob, err := s.env.Secrets.Load(ctx, tokenSecret)
		if err != nil {
			return storedToken{}, fmt.Errorf("load refresh token: %w", err)
		}
		var stored storedToken
		if json.Unmarshal(blob, &stored) == nil && stored.Refresh != "" &&
			(configured.Refresh == "" || stored.Origin == configured.Origin) {
			return stored, nil
		}
	}
	if configured.Refresh == "" {
		return storedToken{}, &connectors.Fault{Kind: connectors.AuthExpired, Op: "sign in",
			Hint: "sign the mailbox in, or write oauth.refresh_token", Err: errors.New("there is no refresh token")}
	}
	return configured, nil
}

func (s *source) saveToken(ctx context.Context, t storedToken) error {
	if s.env.Secrets == nil {
		return nil
	}
	blob, err := json.Marshal(t) //nolint:gosec // the token is what is to be kept; Secrets seals it
	if err != nil {
		return fmt.Errorf("encode refresh token: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectLimit)
	defer cancel()
	if err := s.env.Secrets.Save(ctx, tokenSecret, blob); err != nil {
		return fmt.Errorf("save refresh token: %w", err)
	}
	return nil
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:16])
}

// tokenFault classifies what the token endpoint said (RFC 6749 section 5.2).
func tokenFault(err error) error {
	const op = "refresh token"
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: err, Hint: "the token endpoint could not be reached"}
	}
	switch answer.ErrorCode {
	case "invalid_grant":
		return &connectors.Fault{Kind: connectors.AuthExpired, Op: op, Err: err, Hint: "sign the mailbox in again"}
	case "invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type", "invalid_request":
		return &connectors.Fault{Kind: connectors.Permanent, Op: op, Err: err, Hint: "check client_id, client_secret and scopes of the oauth block"}
	}
	return &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: err}
}
