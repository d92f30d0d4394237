package fakegoogle

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"slices"
	"strings"
	"time"
)

// serviceAccount signs its own assertions.
type serviceAccount struct {
	email string
	key   *rsa.PrivateKey
	json  []byte
}

const serviceAccountEmail = "tsunagu@tsunagu-sample.iam.gserviceaccount.com"

// ServiceAccount returns the key file of a service account with domain-wide delegation for every user of
// this server. Its token_uri is the server's. The same file comes back on every call; nil when the machine
// has no random numbers.
func (s *Server) ServiceAccount() []byte {
	a := s.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	if sa := a.accounts[serviceAccountEmail]; sa != nil {
		return slices.Clone(sa.json)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil
	}
	raw, err := json.MarshalIndent(map[string]string{
		"type": "service_account", "project_id": "tsunagu-sample", "private_key_id": "5a1f0c9e7b3d2864",
		"private_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email": serviceAccountEmail, "client_id": "100000000000000000001",
		"auth_uri": s.Endpoints().Auth, "token_uri": s.Endpoints().Token,
		"auth_provider_x509_cert_url": s.Endpoints().JWKS, "universe_domain": "googleapis.com",
	}, "", "  ")
	if err != nil {
		return nil
	}
	a.accounts[serviceAccountEmail] = &serviceAccount{email: serviceAccountEmail, key: key, json: raw}
	return slices.Clone(raw)
}

// Delegate limits domain-wide delegation to these scopes, as the admin console lists them for a client.
// Without a call every scope is delegated; without arguments none is.
func (s *Server) Delegate(scopes ...string) {
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	s.auth.delegated = append([]string{}, scopes...)
}

// tokenByAssertion is RFC 7523: a JWT signed by a service account, for itself or with a sub for a user.
func (s *Server) tokenByAssertion(assertion string) (*tokenAnswer, *refusal) {
	var claims struct {
		Iss   string `json:"iss"`
		Sub   string `json:"sub"`
		Scope string `json:"scope"`
		Aud   string `json:"aud"`
		Iat   int64  `json:"iat"`
		Exp   int64  `json:"exp"`
	}
	if err := parseJWT(assertion, &claims); err != nil {
		return nil, invalidGrant("Invalid JWT: Failed to parse JWT.")
	}
	a := s.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	sa := a.accounts[claims.Iss]
	if sa == nil {
		return nil, invalidGrant("Invalid grant: account not found")
	}
	if !verifyJWT(assertion, &sa.key.PublicKey) {
		return nil, invalidGrant("Invalid JWT Signature.")
	}
	if claims.Aud != s.Endpoints().Token {
		return nil, invalidGrant("Invalid JWT: Failed audience check.")
	}
	now, iat, exp := a.now(), time.Unix(claims.Iat, 0), time.Unix(claims.Exp, 0)
	if iat.After(now.Add(5*time.Minute)) || !exp.After(now) || exp.Sub(iat) > time.Hour+time.Minute || exp.After(now.Add(time.Hour+5*time.Minute)) {
		return nil, invalidGrant("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.")
	}
	scopes := canonicalScopes(strings.Fields(claims.Scope))
	if len(scopes) == 0 {
		return nil, &refusal{http.StatusBadRequest, "invalid_scope", "Empty or missing scope not allowed."}
	}
	owner := sa.email
	if sub := strings.ToLower(claims.Sub); sub != "" && sub != sa.email {
		if no := a.mayActFor(sub, scopes); no != nil {
			return nil, no
		}
		owner = sub
	}
	return &tokenAnswer{
		AccessToken: a.issue(owner, scopes, nil), ExpiresIn: int(a.ttl/time.Second) - 1,
		Scope: strings.Join(scopes, " "), TokenType: "Bearer",
	}, nil
}

// mayActFor checks a delegated subject. The lock is held.
func (a *authServer) mayActFor(email string, scopes []string) *refusal {
	u := a.users[email]
	if u == nil {
		return invalidGrant("Invalid email or User ID")
	}
	if u.disabled {
		return invalidGrant("Account disabled")
	}
	if a.delegated == nil {
		return nil
	}
	for _, s := range scopes {
		if !slices.Contains(a.delegated, s) {
			return &refusal{
				http.StatusUnauthorized, "unauthorized_client",
				"Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.",
			}
		}
	}
	return nil
}
