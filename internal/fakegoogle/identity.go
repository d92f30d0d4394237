package fakegoogle

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// discovery is the document of OpenID Connect Discovery 1.0.
func (s *Server) discovery(c *call) {
	e := s.Endpoints()
	c.answer(map[string]any{
		"issuer":                                e.Issuer,
		"authorization_endpoint":                e.Auth,
		"device_authorization_endpoint":         e.Device,
		"token_endpoint":                        e.Token,
		"userinfo_endpoint":                     e.UserInfo,
		"revocation_endpoint":                   e.Revoke,
		"jwks_uri":                              e.JWKS,
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"query"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported":                      []string{"openid", "email", "profile"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
		"claims_supported":                      []string{"aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name", "picture", "sub"},
		"code_challenge_methods_supported":      []string{"plain", "S256"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
	})
}

func (s *Server) certs(c *call) {
	key, err := s.auth.keys.get()
	if err != nil {
		c.oauthError(http.StatusInternalServerError, "internal_failure", "Internal error")
		return
	}
	c.w.Header().Set("Cache-Control", "public, max-age=21600, must-revalidate, no-transform")
	c.answer(map[string][]jwk{"keys": {publicJWK(&key.PublicKey)}})
}

// idClaims are the claims of an ID token and, without their first lines, of the user-info answer.
type idClaims struct {
	Issuer        string `json:"iss,omitempty"`
	Authorized    string `json:"azp,omitempty"`
	Audience      string `json:"aud,omitempty"`
	Subject       string `json:"sub"`
	Domain        string `json:"hd,omitempty"`
	Email         string `json:"email,omitempty"`
	EmailVerified *bool  `json:"email_verified,omitempty"`
	AtHash        string `json:"at_hash,omitempty"`
	Nonce         string `json:"nonce,omitempty"`
	Name          string `json:"name,omitempty"`
	IssuedAt      int64  `json:"iat,omitempty"`
	Expires       int64  `json:"exp,omitempty"`
}

func claimsOf(u *user, scopes []string) idClaims {
	claims := idClaims{Subject: subject(u.email)}
	if _, domain, _ := strings.Cut(u.email, "@"); domain != "gmail.com" {
		claims.Domain = domain
	}
	if slices.Contains(scopes, scopePrefix+"userinfo.email") {
		yes := true
		claims.Email, claims.EmailVerified = u.email, &yes
	}
	if slices.Contains(scopes, scopePrefix+"userinfo.profile") {
		claims.Name = u.name
	}
	return claims
}

func (a *authServer) idToken(u *user, scopes []string, access, nonce string) (string, error) {
	key, err := a.keys.get()
	if err != nil {
		return "", err
	}
	now, sum := a.now(), sha256.Sum256([]byte(access))
	claims := claimsOf(u, scopes)
	claims.Issuer, claims.Authorized, claims.Audience = a.issuer, a.client.ID, a.client.ID
	claims.AtHash = base64.RawURLEncoding.EncodeToString(sum[:16])
	claims.Nonce, claims.IssuedAt, claims.Expires = nonce, now.Unix(), now.Add(time.Hour).Unix()
	return signJWT(key, signingKeyID, claims)
}

// userInfo is the endpoint of OpenID Connect Core, section 5.3.
func (s *Server) userInfo(c *call) {
	c.identify()
	if c.user == "" || !slices.Contains(c.scopes, "openid") && !slices.Contains(c.scopes, scopePrefix+"userinfo.email") {
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="invalid_token"`)
		c.oauthError(http.StatusUnauthorized, "invalid_request", "Invalid Credentials")
		return
	}
	s.auth.mu.RLock()
	u := s.auth.users[c.user]
	s.auth.mu.RUnlock()
	if u == nil {
		u = &user{email: c.user}
	}
	c.answer(claimsOf(u, c.scopes))
}

// tokenInfo says what an access token is good for; mail servers ask it about XOAUTH2 logins.
func (s *Server) tokenInfo(c *call) {
	a, token := s.auth, c.params.Get("access_token")
	user, scopes := a.bearer(token, c.at)
	if user == "" {
		c.oauthError(http.StatusBadRequest, "invalid_token", "Invalid Value")
		return
	}
	c.user = user
	a.mu.RLock()
	expires := a.access[token].expires
	a.mu.RUnlock()
	c.answer(map[string]string{
		"azp": a.client.ID, "aud": a.client.ID, "sub": subject(user), "scope": strings.Join(scopes, " "),
		"exp": strconv.FormatInt(expires.Unix(), 10), "expires_in": strconv.Itoa(int(expires.Sub(c.at) / time.Second)),
		"email": user, "email_verified": "true", "access_type": "offline",
	})
}
