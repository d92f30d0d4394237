package fakegoogle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// authRequest is a checked authorization request.
type authRequest struct {
	redirect, state, nonce, challenge, method, prompt, hint, domain string
	scopes                                                          []string
	offline, included                                               bool
}

// parseAuth checks what must be right before anything may be sent to the redirect URI.
func (a *authServer) parseAuth(q url.Values) (authRequest, string, string) {
	r := authRequest{
		redirect: q.Get("redirect_uri"), state: q.Get("state"), nonce: q.Get("nonce"), prompt: q.Get("prompt"),
		challenge: q.Get("code_challenge"), method: q.Get("code_challenge_method"),
		hint: strings.ToLower(q.Get("login_hint")), domain: q.Get("hd"),
		scopes: canonicalScopes(strings.Fields(q.Get("scope"))), offline: q.Get("access_type") == "offline",
		included: q.Get("include_granted_scopes") == "true",
	}
	switch {
	case q.Get("client_id") == "":
		return r, "invalid_request", "Missing required parameter: client_id"
	case q.Get("client_id") != a.client.ID:
		return r, "invalid_client", "The OAuth client was not found."
	case r.redirect == "":
		return r, "invalid_request", "Missing required parameter: redirect_uri"
	case !a.mayRedirect(r.redirect):
		return r, "redirect_uri_mismatch", "The redirect URI in the request, " + r.redirect + ", does not match the ones authorized for the OAuth client."
	case q.Get("response_type") != "code":
		return r, "unsupported_response_type", "Invalid response_type: " + q.Get("response_type")
	case len(r.scopes) == 0:
		return r, "invalid_request", "Missing required parameter: scope"
	case r.challenge != "" && r.method != "" && r.method != "S256" && r.method != "plain":
		return r, "invalid_request", "Invalid parameter value for code_challenge_method"
	case len(r.challenge) > 128 || r.challenge != "" && len(r.challenge) < 43:
		return r, "invalid_request", "Invalid parameter value for code_challenge"
	}
	return r, "", ""
}

// mayRedirect accepts registered addresses, and loopback ones with any port (RFC 8252, section 7.3).
func (a *authServer) mayRedirect(uri string) bool {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Fragment != "" || u.Host == "" {
		return false
	}
	if slices.Contains(a.client.Redirects, uri) {
		return true
	}
	if u.Scheme == "http" {
		ip := net.ParseIP(u.Hostname())
		return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	}
	return len(a.client.Redirects) == 0
}

// consentPage shows the choice of an account and then the boxes, or goes on at once where the vendor does.
func (s *Server) consentPage(c *call) {
	r, code, detail := s.auth.parseAuth(c.params)
	if code != "" {
		c.blocked(code, detail)
		return
	}
	account := ""
	if s.auth.known(r.hint) {
		account = r.hint
	}
	if r.prompt == "none" {
		s.silent(c, r, account)
		return
	}
	if account == "" {
		c.page(http.StatusOK, consentView{
			Action: c.r.URL.Path, Accounts: s.auth.choices(r.domain), Hidden: hiddenOf(c.params, "login_hint"),
		})
		return
	}
	if !strings.Contains(r.prompt, "consent") && s.auth.alreadyGranted(account, r.scopes) {
		c.redirect(s.auth.approve(r, account, r.scopes, false))
		return
	}
	s.auth.mu.RLock()
	testing := s.auth.testing
	s.auth.mu.RUnlock()
	c.page(http.StatusOK, consentView{
		Action: c.r.URL.Path, Account: account, Hidden: hiddenOf(c.params, "login_hint"),
		Boxes: s.auth.boxesFor(account, r.scopes), Unverified: testing,
	})
}

// silent answers prompt=none (OpenID Connect Core, section 3.1.2.6).
func (s *Server) silent(c *call, r authRequest, account string) {
	switch {
	case account == "":
		c.redirect(r.refused("login_required"))
	case !s.auth.alreadyGranted(account, r.scopes):
		c.redirect(r.refused("consent_required"))
	default:
		c.redirect(s.auth.approve(r, account, r.scopes, false))
	}
}

// consent takes the form of the consent page.
func (s *Server) consent(c *call) {
	if err := c.r.ParseForm(); err != nil {
		c.blocked("invalid_request", "The form could not be read.")
		return
	}
	f := c.r.PostForm
	r, code, detail := s.auth.parseAuth(f)
	if code != "" {
		c.blocked(code, detail)
		return
	}
	account := strings.ToLower(f.Get("account"))
	if !s.auth.known(account) {
		c.blocked("invalid_request", "There is no such account.")
		return
	}
	c.user = account
	if f.Get("decision") != "allow" {
		c.redirect(r.refused("access_denied"))
		return
	}
	var scopes []string
	for _, scope := range r.scopes {
		if identityScope(scope) || slices.Contains(f["granted"], scope) {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 {
		c.redirect(r.refused("access_denied"))
		return
	}
	c.redirect(s.auth.approve(r, account, scopes, true))
}

func (c *call) redirect(to string) {
	c.w.Header().Set("Location", to)
	c.w.Header().Set("Cache-Control", "no-store")
	c.send(http.StatusFound, "text/html; charset=utf-8", nil)
}

func (r authRequest) to(values url.Values) string {
	u, err := url.Parse(r.redirect)
	if err != nil {
		return r.redirect
	}
	q := u.Query()
	for k, v := range values {
		q[k] = v
	}
	if r.state != "" {
		q.Set("state", r.state)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func (r authRequest) refused(code string) string {
	return r.to(url.Values{"error": {code}})
}

// approve makes the code and returns where to go with it. With shown false no page was seen, and only an
// earlier consent is repeated: no new refresh token comes of it.
func (a *authServer) approve(r authRequest, email string, scopes []string, shown bool) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	u := a.users[email]
	if r.included {
		scopes = union(scopes, u.consented)
	}
	if r.method == "" {
		r.method = "plain"
	}
	code := a.word("4/0")
	a.codes[code] = &authCode{
		user: email, redirect: r.redirect, nonce: r.nonce, challenge: r.challenge, method: r.method,
		scopes: scopes, offline: r.offline, forced: shown, issued: a.now(),
	}
	values := url.Values{"code": {code}, "scope": {strings.Join(scopes, " ")}, "authuser": {"0"}, "prompt": {"consent"}, "iss": {a.issuer}}
	if !shown {
		values.Set("prompt", "none")
	}
	if _, domain, _ := strings.Cut(email, "@"); domain != "gmail.com" {
		values.Set("hd", domain)
	}
	return r.to(values)
}

func (a *authServer) alreadyGranted(email string, scopes []string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	u := a.users[email]
	return u != nil && !slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(u.consented, s) })
}

// choices lists the accounts of the page; with a domain only those.
func (a *authServer) choices(domain string) []accountView {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var list []accountView
	for _, email := range a.emails() {
		_, own, _ := strings.Cut(email, "@")
		if domain == "" || domain == own || domain == "*" && own != "gmail.com" {
			list = append(list, accountView{email, a.users[email].name})
		}
	}
	return list
}

var errConsent = errors.New("the consent page refused")

// Consent does what a person does in the browser: it opens the authorization URL, picks the account, leaves
// the boxes as they come and allows. It returns the address the browser would be sent to, code and state in
// its query; nothing is fetched from there.
func (s *Server) Consent(ctx context.Context, authURL, email string) (redirect string, err error) {
	u, err := url.Parse(authURL)
	if err != nil {
		return "", fmt.Errorf("parse authorization URL: %w", err)
	}
	r, code, detail := s.auth.parseAuth(u.Query())
	if code != "" {
		return "", fmt.Errorf("%w: %s: %s", errConsent, code, detail)
	}
	form := u.Query()
	form.Set("account", email)
	form.Set("decision", "allow")
	for _, b := range s.auth.boxesFor(strings.ToLower(email), r.scopes) {
		if b.Ticked {
			form.Add("granted", b.Scope)
		}
	}
	client := s.PlainClient()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Endpoints().Auth, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("make consent: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("send consent: %w", err)
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	if res.StatusCode != http.StatusFound {
		body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<16))
		return "", fmt.Errorf("%w: %d %s", errConsent, res.StatusCode, body)
	}
	return res.Header.Get("Location"), nil
}
