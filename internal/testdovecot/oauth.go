package testdovecot

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
)

// tokens is the authority that Dovecot asks about OAuth tokens: an RFC 7662 introspection endpoint.
type tokens struct {
	server *httptest.Server
	mu     sync.Mutex
	users  map[string]string // token -> user
}

func startTokens() *tokens {
	t := &tokens{users: map[string]string{}}
	t.server = httptest.NewServer(http.HandlerFunc(t.introspect))
	return t
}

// introspect answers {"active":false} for a token that is unknown or has expired.
func (t *tokens) introspect(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	t.mu.Lock()
	name, ok := t.users[r.PostFormValue("token")]
	t.mu.Unlock()
	answer := map[string]any{"active": ok}
	if ok {
		answer["username"] = name
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// TokenFor makes a token with which a user may sign in through XOAUTH2 or OAUTHBEARER until ExpireTokens.
func (b *Bare) TokenFor(name string) string {
	token := rand.Text()
	b.tokens.mu.Lock()
	defer b.tokens.mu.Unlock()
	b.tokens.users[token] = name
	return token
}

// Accept takes a token that another authority gave to a user, until ExpireTokens.
func (b *Bare) Accept(name, token string) {
	b.tokens.mu.Lock()
	defer b.tokens.mu.Unlock()
	b.tokens.users[token] = name
}

// ExpireTokens makes every token given out so far worthless. Connections that are signed in stay.
func (b *Bare) ExpireTokens() {
	b.tokens.mu.Lock()
	defer b.tokens.mu.Unlock()
	clear(b.tokens.users)
}
