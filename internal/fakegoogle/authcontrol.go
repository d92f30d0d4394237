package fakegoogle

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// Grant consents without a browser and returns the refresh token. An address that is not known becomes a
// user named after its local part.
func (s *Server) Grant(email string, scopes ...string) (refreshToken string) {
	email = s.ensureUser(email)
	a := s.auth
	a.mu.Lock()
	defer a.mu.Unlock()
	token, _ := a.newGrant(a.users[email], canonicalScopes(scopes))
	return token
}

func (s *Server) ensureUser(email string) string {
	email = strings.ToLower(email)
	if !s.auth.known(email) {
		name, _, _ := strings.Cut(email, "@")
		s.AddUser(email, name)
	}
	return email
}

// Revoke takes back everything a user consented to, as they can in their account's settings: refresh tokens
// and access tokens die at once.
func (s *Server) Revoke(email string) {
	a, email := s.auth, strings.ToLower(email)
	a.mu.Lock()
	defer a.mu.Unlock()
	for k, g := range a.refresh {
		if g.user == email {
			g.revoked = true
			delete(a.refresh, k)
		}
	}
	if u := a.users[email]; u != nil {
		u.consented = nil
	}
}

// Untick lets the consent page come with the box of this scope not ticked for the user. A person who ticks
// it grants it.
func (s *Server) Untick(email, scope string) {
	email = s.ensureUser(email)
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	u := s.auth.users[email]
	u.unticked = append(u.unticked, scope)
}

// Tick undoes Untick.
func (s *Server) Tick(email, scope string) {
	email = s.ensureUser(email)
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	u := s.auth.users[email]
	u.unticked = slices.DeleteFunc(u.unticked, func(x string) bool { return x == scope })
}

// Suspend closes an account, or opens it again: its tokens are refused, and the directory says so.
func (s *Server) Suspend(email string, on bool) {
	email = s.ensureUser(email)
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	s.auth.users[email].disabled = on
}

// RotateRefresh makes every refresh answer with a new refresh token; the old one dies.
func (s *Server) RotateRefresh(on bool) {
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	s.auth.rotate = on
}

// Testing is the publishing status of the application: refresh tokens die seven days after the consent.
func (s *Server) Testing(on bool) {
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	s.auth.testing = on
}

// ExpireAccess ends every access token of a user, or of everybody with "", as if its hour were over.
func (s *Server) ExpireAccess(email string) {
	s.auth.mu.Lock()
	defer s.auth.mu.Unlock()
	for k, t := range s.auth.access {
		if email == "" || strings.EqualFold(t.user, email) {
			delete(s.auth.access, k)
		}
	}
}

// Tokens lists every token and code the server gave out and still knows, so that tests can look for them
// where they must not be.
func (s *Server) Tokens() []string {
	s.auth.mu.RLock()
	defer s.auth.mu.RUnlock()
	var all []string
	for k := range s.auth.refresh {
		all = append(all, k)
	}
	for k := range s.auth.access {
		all = append(all, k)
	}
	for k := range s.auth.codes {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// HTTPClient is a client that is signed in as the user with these scopes and renews its token by itself.
func (s *Server) HTTPClient(email string, scopes ...string) *http.Client {
	refresh := s.Grant(email, scopes...)
	config := &oauth2.Config{
		ClientID: s.options.Client.ID, ClientSecret: s.options.Client.Secret,
		Endpoint: oauth2.Endpoint{TokenURL: s.Endpoints().Token, AuthStyle: oauth2.AuthStyleInParams},
	}
	plain := s.PlainClient()
	ctx := context.WithValue(s.stop, oauth2.HTTPClient, plain)
	return &http.Client{Transport: &oauth2.Transport{
		Base: plain.Transport, Source: config.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}),
	}}
}

// PlainClient is a client that trusts the server's certificate and is not signed in. Redirects are followed.
func (s *Server) PlainClient() *http.Client {
	t := &http.Transport{MaxIdleConnsPerHost: 64}
	if s.tls != nil {
		t.TLSClientConfig = s.tls.client()
	}
	context.AfterFunc(s.stop, t.CloseIdleConnections)
	return &http.Client{Transport: t}
}
