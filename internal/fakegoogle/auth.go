package fakegoogle

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	testingLife = 7 * 24 * time.Hour
	codeLife    = 10 * time.Minute
	deviceLife  = 30 * time.Minute
)

// authServer keeps people, what they consented to, and tokens.
type authServer struct {
	mu        sync.RWMutex
	client    Client
	issuer    string
	ttl       time.Duration
	now       func() time.Time
	users     map[string]*user
	refresh   map[string]*grant
	access    map[string]*accessToken
	codes     map[string]*authCode
	devices   map[string]*deviceCode // by device code
	counter   int
	rotate    bool
	testing   bool
	delegated []string // scopes of domain-wide delegation; nil is all
	keys      keyring
	accounts  map[string]*serviceAccount
	swept     time.Time
}

type user struct {
	email, name string
	unticked    []string
	consented   []string
	disabled    bool
}

// grant is what stands behind a refresh token. A rotated token keeps its grant.
type grant struct {
	user    string
	scopes  []string
	issued  time.Time
	revoked bool
}

type accessToken struct {
	user    string
	scopes  []string
	expires time.Time
	grant   *grant // nil for service accounts
}

type authCode struct {
	user, redirect, nonce, challenge, method string
	scopes                                   []string
	offline, forced                          bool
	issued                                   time.Time
	used                                     *grant
	spent                                    bool
}

func newAuthServer(o Options) *authServer {
	return &authServer{
		client: o.Client, ttl: o.AccessTTL, now: o.Now,
		users: map[string]*user{}, refresh: map[string]*grant{}, access: map[string]*accessToken{},
		codes: map[string]*authCode{}, devices: map[string]*deviceCode{}, accounts: map[string]*serviceAccount{},
	}
}

func (s *Server) authRoutes() []*route {
	page := func(id, verb, path string, h func(*call)) *route {
		return &route{id: id, verb: verb, segments: segments(path), handle: h}
	}
	return []*route{
		page("oauth2.discovery", http.MethodGet, "/.well-known/openid-configuration", s.discovery),
		page("oauth2.certs", http.MethodGet, "/oauth2/v3/certs", s.certs),
		page("oauth2.auth", http.MethodGet, "/o/oauth2/v2/auth", s.consentPage),
		page("oauth2.consent", http.MethodPost, "/o/oauth2/v2/auth", s.consent),
		page("oauth2.token", http.MethodPost, "/token", s.token),
		page("oauth2.revoke", http.MethodPost, "/revoke", s.revoke),
		page("oauth2.device", http.MethodPost, "/device/code", s.deviceStart),
		page("oauth2.devicePage", http.MethodGet, "/device", s.devicePage),
		page("oauth2.deviceConsent", http.MethodPost, "/device", s.deviceConsent),
		page("oauth2.userinfo", http.MethodGet, "/v1/userinfo", s.userInfo),
		page("oauth2.tokeninfo", http.MethodGet, "/tokeninfo", s.tokenInfo),
	}
}

func (a *authServer) addUser(email, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if u := a.users[email]; u != nil {
		u.name = name
		return
	}
	a.users[email] = &user{email: email, name: name}
}

// emails lists the accounts in alphabetical order.
func (a *authServer) emails() []string {
	var list []string
	for e := range a.users {
		list = append(list, e)
	}
	slices.Sort(list)
	return list
}

func (a *authServer) known(email string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.users[email] != nil
}

// bearer returns the owner and the scopes of a living access token.
func (a *authServer) bearer(token string, at time.Time) (string, []string) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	t := a.access[token]
	if t == nil || !at.Before(t.expires) || t.grant != nil && t.grant.revoked || a.users[t.user] != nil && a.users[t.user].disabled {
		return "", nil
	}
	return t.user, t.scopes
}

// word makes the next token: unique, and the same on every run.
func (a *authServer) word(prefix string) string {
	a.counter++
	sum := sha256.Sum256([]byte(prefix + strconv.Itoa(a.counter) + a.client.ID))
	return prefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

// issue makes an access token. The lock is held.
func (a *authServer) issue(user string, scopes []string, g *grant) string {
	now := a.now()
	if now.Sub(a.swept) > a.ttl {
		a.swept = now
		for k, t := range a.access {
			if !now.Before(t.expires) {
				delete(a.access, k)
			}
		}
	}
	token := a.word("ya29.")
	a.access[token] = &accessToken{user: user, scopes: scopes, expires: now.Add(a.ttl), grant: g}
	return token
}

// newGrant makes a refresh token and remembers the consent. The lock is held.
func (a *authServer) newGrant(u *user, scopes []string) (string, *grant) {
	u.consented = union(u.consented, scopes)
	g := &grant{user: u.email, scopes: scopes, issued: a.now()}
	token := a.word("1//0")
	a.refresh[token] = g
	return token, g
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// canonicalScopes writes scopes as the vendor's token answers do: email and profile become long.
func canonicalScopes(scopes []string) []string {
	var out []string
	for _, s := range scopes {
		switch s {
		case "email", "profile":
			s = scopePrefix + "userinfo." + s
		}
		out = union(out, []string{s})
	}
	return out
}

// identityScope reports whether a scope only says who someone is; the consent page has no box for it.
func identityScope(s string) bool {
	return s == "openid" || s == "email" || s == "profile" || strings.HasPrefix(s, scopePrefix+"userinfo.")
}

// subject is the account's number, the sub of an ID token.
func subject(email string) string {
	return fmt.Sprintf("1%020d", hash64(email))
}
