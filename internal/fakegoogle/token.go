package fakegoogle

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// tokenAnswer is the body of RFC 6749, section 5.1, in the vendor's order.
type tokenAnswer struct {
	AccessToken      string `json:"access_token"`
	ExpiresIn        int    `json:"expires_in"`
	RefreshToken     string `json:"refresh_token,omitempty"`
	Scope            string `json:"scope"`
	TokenType        string `json:"token_type"`
	IDToken          string `json:"id_token,omitempty"`
	RefreshExpiresIn int    `json:"refresh_token_expires_in,omitempty"`
}

// refusal is an OAuth error on its way out.
type refusal struct {
	status            int
	code, description string
}

func invalidGrant(description string) *refusal {
	return &refusal{http.StatusBadRequest, "invalid_grant", description}
}

// token is the token endpoint.
func (s *Server) token(c *call) {
	if err := c.r.ParseForm(); err != nil {
		c.oauthError(http.StatusBadRequest, "invalid_request", "Bad Request")
		return
	}
	f := c.r.PostForm
	grantType := f.Get("grant_type")
	if grantType != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		if no := s.auth.checkClient(c.r, f); no != nil {
			c.oauthError(no.status, no.code, no.description)
			return
		}
	}
	var answer *tokenAnswer
	var no *refusal
	switch grantType {
	case "authorization_code":
		answer, no = s.tokenByCode(f)
	case "refresh_token":
		answer, no = s.tokenByRefresh(c, f)
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		answer, no = s.tokenByAssertion(f.Get("assertion"))
	case "urn:ietf:params:oauth:grant-type:device_code":
		answer, no = s.tokenByDevice(f.Get("device_code"))
	case "":
		no = &refusal{http.StatusBadRequest, "invalid_request", "Required parameter is missing: grant_type"}
	default:
		no = &refusal{http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type: " + grantType}
	}
	if no != nil {
		c.oauthError(no.status, no.code, no.description)
		return
	}
	c.w.Header().Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
	c.answer(answer)
}

// checkClient accepts the client's credentials in the form or as basic authentication.
func (a *authServer) checkClient(r *http.Request, f url.Values) *refusal {
	id, secret := f.Get("client_id"), f.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok {
		id, secret = queryUnescape(user), queryUnescape(pass)
	}
	if id != a.client.ID {
		return &refusal{http.StatusUnauthorized, "invalid_client", "The OAuth client was not found."}
	}
	if subtle.ConstantTimeCompare([]byte(secret), []byte(a.client.Secret)) != 1 {
		return &refusal{http.StatusUnauthorized, "invalid_client", "Unauthorized"}
	}
	return nil
}

func queryUnescape(s string) string {
	if v, err := url.QueryUnescape(s); err == nil {
		return v
	}
	return s
}

func (s *Server) tokenByCode(f url.Values) (*tokenAnswer, *refusal) {
	a := s.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	code := a.codes[f.Get("code")]
	switch {
	case f.Get("code") == "":
		return nil, &refusal{http.StatusBadRequest, "invalid_request", "Missing required parameter: code"}
	case code == nil:
		return nil, invalidGrant("Malformed auth code.")
	case code.spent:
		// A code that comes twice was stolen: what it gave out dies with it (RFC 6749, section 4.1.2).
		if code.used != nil {
			code.used.revoked = true
		}
		return nil, invalidGrant("Bad Request")
	case a.now().Sub(code.issued) > codeLife:
		return nil, invalidGrant("Bad Request")
	case f.Get("redirect_uri") != code.redirect:
		return nil, &refusal{http.StatusBadRequest, "redirect_uri_mismatch", "Bad Request"}
	}
	if no := checkVerifier(code, f.Get("code_verifier")); no != nil {
		return nil, no
	}
	code.spent = true
	u := a.users[code.user]
	first := len(u.consented) == 0
	refresh, g := a.newGrant(u, code.scopes)
	code.used = g
	if !code.offline || !code.forced && !first {
		// The vendor gives a refresh token only with the first consent, or when consent was prompted.
		delete(a.refresh, refresh)
		refresh = ""
	}
	return a.answerFor(u, g, refresh, code.nonce)
}

func checkVerifier(code *authCode, verifier string) *refusal {
	switch {
	case code.challenge == "" && verifier == "":
		return nil
	case verifier == "":
		return invalidGrant("Missing code verifier.")
	case code.challenge == "":
		return invalidGrant("code_verifier or verifier is not needed.")
	}
	got := verifier
	if code.method == "S256" {
		sum := sha256.Sum256([]byte(verifier))
		got = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	if got != code.challenge {
		return invalidGrant("Invalid code verifier.")
	}
	return nil
}

func (s *Server) tokenByRefresh(c *call, f url.Values) (*tokenAnswer, *refusal) {
	a := s.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	token := f.Get("refresh_token")
	if token == "" {
		return nil, &refusal{http.StatusBadRequest, "invalid_request", "Missing required parameter: refresh_token"}
	}
	g := a.refresh[token]
	if g == nil {
		if !strings.HasPrefix(token, "1//") {
			return nil, invalidGrant("Bad Request")
		}
		return nil, invalidGrant("Token has been expired or revoked.")
	}
	c.user = g.user
	u := a.users[g.user]
	if g.revoked || a.testing && a.now().Sub(g.issued) >= testingLife && !slices.ContainsFunc(g.scopes, identityOnly(g.scopes)) {
		return nil, invalidGrant("Token has been expired or revoked.")
	}
	if u.disabled {
		return nil, invalidGrant("Account disabled")
	}
	scopes := g.scopes
	if want := f.Get("scope"); want != "" {
		scopes = canonicalScopes(strings.Fields(want))
		for _, w := range scopes {
			if !slices.Contains(g.scopes, w) {
				return nil, &refusal{http.StatusBadRequest, "invalid_scope", "Bad Request"}
			}
		}
	}
	next := ""
	if a.rotate {
		delete(a.refresh, token)
		next = a.word("1//0")
		a.refresh[next] = g
	}
	narrowed := *g
	narrowed.scopes = scopes
	answer, no := a.answerFor(u, &narrowed, next, "")
	if answer != nil {
		a.access[answer.AccessToken].grant = g
	}
	return answer, no
}

// identityOnly is true for any scope when all of them only say who someone is: such consents do not end
// after seven days.
func identityOnly(scopes []string) func(string) bool {
	for _, s := range scopes {
		if !identityScope(s) {
			return func(string) bool { return false }
		}
	}
	return func(string) bool { return true }
}

// answerFor issues an access token for a grant. The lock is held.
func (a *authServer) answerFor(u *user, g *grant, refresh, nonce string) (*tokenAnswer, *refusal) {
	answer := &tokenAnswer{
		AccessToken: a.issue(u.email, g.scopes, g), ExpiresIn: int(a.ttl/time.Second) - 1, RefreshToken: refresh,
		Scope: strings.Join(g.scopes, " "), TokenType: "Bearer",
	}
	if a.testing && refresh != "" {
		answer.RefreshExpiresIn = int((testingLife - a.now().Sub(g.issued)) / time.Second)
	}
	if slices.Contains(g.scopes, "openid") {
		id, err := a.idToken(u, g.scopes, answer.AccessToken, nonce)
		if err != nil {
			return nil, &refusal{http.StatusInternalServerError, "internal_failure", "Internal error"}
		}
		answer.IDToken = id
	}
	return answer, nil
}

// revoke is the endpoint of RFC 7009. Revoking an access token revokes its refresh token too.
func (s *Server) revoke(c *call) {
	if err := c.r.ParseForm(); err != nil {
		c.oauthError(http.StatusBadRequest, "invalid_request", "Bad Request")
		return
	}
	a, token := s.auth, c.r.Form.Get("token")
	a.mu.Lock()
	g := a.refresh[token]
	if t := a.access[token]; g == nil && t != nil {
		g = t.grant
		delete(a.access, token)
	}
	if g == nil || g.revoked {
		a.mu.Unlock()
		c.oauthError(http.StatusBadRequest, "invalid_token", "Token expired or revoked")
		return
	}
	c.user = g.user
	a.mu.Unlock()
	s.Revoke(g.user)
	c.send(http.StatusOK, "application/json; charset=utf-8", []byte("{}"))
}
