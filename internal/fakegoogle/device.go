package fakegoogle

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const deviceInterval = 5 * time.Second

// deviceCode is a sign-in on a machine without a browser (RFC 8628).
type deviceCode struct {
	code, user       string
	scopes           []string
	account          string
	granted          []string
	denied           bool
	issued, lastPoll time.Time
}

type deviceAnswer struct {
	DeviceCode      string `json:"device_code"`
	UserCode        string `json:"user_code"`
	ExpiresIn       int    `json:"expires_in"`
	Interval        int    `json:"interval"`
	VerificationURL string `json:"verification_url"`
	VerificationURI string `json:"verification_uri"`
}

func (s *Server) deviceStart(c *call) {
	if err := c.r.ParseForm(); err != nil || c.r.PostForm.Get("client_id") != s.auth.client.ID {
		c.oauthError(http.StatusUnauthorized, "invalid_client", "The OAuth client was not found.")
		return
	}
	scopes := canonicalScopes(strings.Fields(c.r.PostForm.Get("scope")))
	if len(scopes) == 0 {
		c.oauthError(http.StatusBadRequest, "invalid_scope", "Empty or missing scope not allowed.")
		return
	}
	a := s.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	d := &deviceCode{code: a.word("AH-1Ng"), user: userCode(hash64(a.word(""))), scopes: scopes, issued: a.now()}
	a.devices[d.code] = d
	c.answer(deviceAnswer{d.code, d.user, int(deviceLife / time.Second), int(deviceInterval / time.Second), s.URL + "/device", s.URL + "/device"})
}

// userCode writes a code a person can type: no vowels, no lookalikes.
func userCode(n uint64) string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	var b strings.Builder
	for i := range 8 {
		if i == 4 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[n%20])
		n /= 20
	}
	return b.String()
}

func (s *Server) tokenByDevice(code string) (*tokenAnswer, *refusal) {
	a := s.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	d, now := a.devices[code], a.now()
	if d == nil {
		return nil, invalidGrant("Malformed device code.")
	}
	early := !d.lastPoll.IsZero() && now.Sub(d.lastPoll) < deviceInterval
	d.lastPoll = now
	switch {
	case now.Sub(d.issued) > deviceLife:
		return nil, &refusal{http.StatusBadRequest, "expired_token", "Bad Request"}
	case d.denied:
		return nil, &refusal{http.StatusForbidden, "access_denied", "Forbidden"}
	case d.account == "" && early:
		return nil, &refusal{http.StatusForbidden, "slow_down", "Forbidden"}
	case d.account == "":
		return nil, &refusal{http.StatusPreconditionRequired, "authorization_pending", "Precondition Required"}
	}
	delete(a.devices, code)
	u := a.users[d.account]
	refresh, g := a.newGrant(u, d.granted)
	return a.answerFor(u, g, refresh, "")
}

// deviceByUser finds a sign-in by what the person typed. The lock is held.
func (a *authServer) deviceByUser(typed string) *deviceCode {
	plain := func(s string) string { return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(s), "-", "")) }
	for _, d := range a.devices {
		if plain(d.user) == plain(typed) && a.now().Sub(d.issued) <= deviceLife {
			return d
		}
	}
	return nil
}

func (s *Server) devicePage(c *call) {
	typed := c.params.Get("user_code")
	if typed == "" {
		c.page(http.StatusOK, consentView{AskCode: true, Action: c.r.URL.Path})
		return
	}
	s.auth.mu.RLock()
	d := s.auth.deviceByUser(typed)
	s.auth.mu.RUnlock()
	if d == nil {
		c.blocked("invalid_request", "That code did not work. Look at your device again.")
		return
	}
	account := strings.ToLower(c.params.Get("login_hint"))
	if !s.auth.known(account) {
		c.page(http.StatusOK, consentView{Action: c.r.URL.Path, Accounts: s.auth.choices(""), Hidden: hiddenOf(c.params, "login_hint")})
		return
	}
	c.page(http.StatusOK, consentView{
		Action: c.r.URL.Path, Account: account, Hidden: hiddenOf(c.params, "login_hint"), Boxes: s.auth.boxesFor(account, d.scopes),
	})
}

func (s *Server) deviceConsent(c *call) {
	if err := c.r.ParseForm(); err != nil {
		c.blocked("invalid_request", "The form could not be read.")
		return
	}
	f := c.r.PostForm
	if !s.decideDevice(f.Get("user_code"), strings.ToLower(f.Get("account")), f["granted"], f.Get("decision") == "allow") {
		c.blocked("invalid_request", "That code did not work. Look at your device again.")
		return
	}
	c.page(http.StatusOK, consentView{Message: "Success! Device connected", Detail: "You can close this page."})
}

func (s *Server) decideDevice(typed, email string, ticked []string, allow bool) bool {
	a := s.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.deviceByUser(typed)
	if d == nil || a.users[email] == nil {
		return false
	}
	if !allow {
		d.denied = true
		return true
	}
	for _, scope := range d.scopes {
		if identityScope(scope) || slices.Contains(ticked, scope) {
			d.granted = append(d.granted, scope)
		}
	}
	d.account = email
	return true
}

// ApproveDevice does what a person does on the page of the device flow: types the code, picks the account,
// leaves the boxes as they come and allows. It reports whether there is such a code.
func (s *Server) ApproveDevice(userCode, email string) bool {
	return s.answerDevice(userCode, email, true)
}

// DenyDevice is the same person choosing Cancel.
func (s *Server) DenyDevice(userCode, email string) bool {
	return s.answerDevice(userCode, email, false)
}

func (s *Server) answerDevice(userCode, email string, allow bool) bool {
	email = strings.ToLower(email)
	s.auth.mu.RLock()
	d := s.auth.deviceByUser(userCode)
	s.auth.mu.RUnlock()
	if d == nil {
		return false
	}
	var ticked []string
	for _, b := range s.auth.boxesFor(email, d.scopes) {
		if b.Ticked {
			ticked = append(ticked, b.Scope)
		}
	}
	return s.decideDevice(userCode, email, ticked, allow)
}
