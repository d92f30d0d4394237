package imap

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

// tokenSecret is the name under which the current refresh token is kept.
const tokenSecret = "oauth"

// storedToken is what is kept. Origin names the refresh token of the settings that it grew out of, so that a
// new one written there counts.
type storedToken struct {
	Origin  string `json:"origin"`
	Refresh string `json:"refresh_token"`
}

// App is the application of the oauth block, ready for a sign-in, with the scopes to ask for. BaseDir is the folder
// where a relative ca_file starts. There must be a block.
func (s *Settings) App(baseDir string) (*oauth.App, []string, error) {
	o := s.OAuth.complete()
	caFile := s.CAFile
	if caFile != "" && !filepath.IsAbs(caFile) {
		caFile = filepath.Join(baseDir, caFile)
	}
	transport, err := oauth.NewTransport(caFile)
	if err != nil {
		return nil, nil, err
	}
	transport.MaxIdleConns, transport.DisableKeepAlives = 0, true // a token an hour
	return oauth.NewApp(oauth.AppConfig{ClientID: o.ClientID, ClientSecret: o.ClientSecret, HTTP: oauth.NewHTTP(http.RoundTripper(transport)),
		Endpoints: oauth.Endpoints{Auth: o.AuthURL, Token: o.TokenURL, Device: o.DeviceURL}}), o.Scopes, nil
}

// Keep stores the refresh token of a sign-in, so that the source uses it from then on.
func (s *Settings) Keep(ctx context.Context, secrets connectors.Secrets, refresh string) error {
	return saveToken(ctx, secrets, storedToken{Origin: digest(s.OAuth.RefreshToken), Refresh: refresh})
}

// accessToken gives a token that is valid for a while.
func (s *source) accessToken(ctx context.Context) (string, error) {
	if s.keeper == nil {
		app, _, err := s.settings.App("")
		if err != nil {
			return "", &connectors.Fault{Kind: connectors.Permanent, Op: "sign in", Err: err, Hint: "let ca_file name a readable PEM file"}
		}
		s.keeper = oauth.NewKeeper(oauth.KeeperConfig{Load: s.loadGrant, Save: s.saveGrant,
			Renew: func(ctx context.Context, g oauth.Grant) (oauth.Token, error) {
				return app.Refresh(ctx, g.Refresh, s.settings.OAuth.complete().Scopes)
			}})
	}
	access, err := s.keeper.Token(ctx)
	return access, tokenFault(err)
}

// loadGrant finds the newest refresh token: the stored one, unless the settings got another since.
func (s *source) loadGrant(ctx context.Context) (oauth.Grant, error) {
	stored, err := s.refreshToken(ctx)
	return oauth.Grant{Refresh: stored.Refresh}, err
}

// saveGrant stores what the provider rotated, unless somebody signed in meanwhile.
func (s *source) saveGrant(ctx context.Context, old string, g oauth.Grant) error {
	if s.env.Secrets == nil {
		return nil
	}
	stored, err := s.refreshToken(ctx)
	if err != nil {
		return err
	}
	if stored.Refresh != old {
		return nil
	}
	stored.Refresh = g.Refresh
	return saveToken(ctx, s.env.Secrets, stored)
}

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
			Hint: fmt.Sprintf("sign the mailbox in with `tsunagu connect imap %s` or in the web app, or write oauth.refresh_token", s.env.ID), Err: errors.New("there is no refresh token")}
	}
	return configured, nil
}

func saveToken(ctx context.Context, secrets connectors.Secrets, t storedToken) error {
	blob, err := json.Marshal(t) //nolint:gosec // the token is what is to be kept; Secrets seals it
	if err != nil {
		return fmt.Errorf("encode refresh token: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectLimit)
	defer cancel()
	if err := secrets.Save(ctx, tokenSecret, blob); err != nil {
		return fmt.Errorf("save refresh token: %w", err)
	}
	return nil
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:16])
}

// tokenFault classifies what became of a refresh; nil stays nil.
func tokenFault(err error) error {
	const op = "refresh token"
	var known *connectors.Fault
	var said *oauth.Error
	f := &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: err}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, oauth.ErrSignInAgain):
		f.Kind, f.Hint = connectors.AuthExpired, "sign the mailbox in again"
	case errors.Is(err, oauth.ErrSettings):
		f.Kind, f.Hint = connectors.Permanent, "check client_id, client_secret and scopes of the oauth block"
	case errors.Is(err, oauth.ErrClock):
		f.Kind, f.Hint = connectors.Permanent, "set this machine's clock"
	case errors.Is(err, oauth.ErrNotStored):
		f.Hint = "see that the data directory can be written"
	case errors.Is(err, oauth.ErrUnavailable):
		f.Hint = "the token endpoint could not be reached"
	}
	if errors.As(err, &said) {
		f.After = said.After
	}
	return f
}
