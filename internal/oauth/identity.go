package oauth

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Identity is who signed in.
type Identity struct {
	Subject  string // the provider's own, never reused name
	Email    string // lower-case
	Name     string
	Domain   string // organisation whose account it is; "" for a private one
	Verified bool   // the provider vouches for Email
}

// Identity checks the ID token of a sign-in with the provider's keys: issuer, audience, time, nonce, and, if domains are
// given, that it is an account of one of these organisations (Google's hd, https://developers.google.com/identity/openid-connect).
func (a *App) Identity(ctx context.Context, t Token, nonce string, domains []string) (Identity, error) {
	const op = "check who signed in"
	if t.ID == "" {
		return Identity{}, &Error{Op: op, Kind: ErrIdentity, Err: errors.New("the provider did not say who it was")}
	}
	keys, err := a.keySet(ctx)
	if err != nil {
		return Identity{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	verifier := oidc.NewVerifier(a.cfg.Endpoints.Issuer, keys, &oidc.Config{ClientID: a.cfg.ClientID, Now: a.now})
	token, err := verifier.Verify(oidc.ClientContext(ctx, a.cfg.HTTP), t.ID)
	var expired *oidc.TokenExpiredError
	switch {
	case errors.As(err, &expired):
		return Identity{}, &Error{Op: op, Kind: ErrClock, Skew: a.Skew(), Err: errors.New("a statement made just now is too old")}
	case err != nil:
		return Identity{}, &Error{Op: op, Kind: ErrIdentity, Err: errors.New(redact(bare(err).Error(), t.ID, t.Access, t.Refresh))}
	case nonce == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return Identity{}, &Error{Op: op, Kind: ErrIdentity, Err: errors.New("the nonce is another one")}
	}
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
		Name     string `json:"name"`
		Domain   string `json:"hd"`
	}
	if err := token.Claims(&claims); err != nil {
		return Identity{}, &Error{Op: op, Kind: ErrIdentity, Err: errors.New("it cannot be read")}
	}
	id := Identity{Subject: token.Subject, Email: strings.ToLower(strings.TrimSpace(claims.Email)), Name: claims.Name, Domain: strings.ToLower(claims.Domain), Verified: claims.Verified}
	if len(domains) > 0 && !slices.Contains(domains, id.Domain) {
		return Identity{}, &Error{Op: op, Kind: ErrDenied, Err: errors.New("the account " + id.Email + " is not of this organisation")}
	}
	return id, nil
}

// keySet gives the provider's keys, which are fetched when they are first needed and again when an unknown one appears.
func (a *App) keySet(ctx context.Context) (oidc.KeySet, error) {
	e, err := a.endpoints(ctx, func(e Endpoints) string { return e.JWKS })
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.keys == nil {
		a.keys = oidc.NewRemoteKeySet(oidc.ClientContext(context.WithoutCancel(ctx), a.cfg.HTTP), e.JWKS)
	}
	return a.keys, nil
}
