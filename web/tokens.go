package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// tokensView is the list of API tokens and, once, the secret of the one just made.
type tokensView struct {
	Rows    []tokenRow
	Roles   []option
	Users   []crm.User // whose records a token may see
	Name    string
	User    string
	Role    string
	Secret  string
	Problem string
}

type tokenRow struct {
	crm.Token
	RoleLabel, Since, RevokedAt string
	MayRevoke                   bool
}

// NewTokenSecret makes the secret of an API token, with the prefix by which scanners find leaked ones, and
// its hash for crm.Token.Hash.
func NewTokenSecret() (secret string, hash []byte) {
	var b [32]byte
	rand.Read(b[:]) // never fails since Go 1.24
	secret = "tsunagu_" + base64.RawURLEncoding.EncodeToString(b[:])
	return secret, HashToken(secret)
}

// HashToken is the SHA-256 by which a token is found. The secret is random, so no salt is needed.
func HashToken(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func (s *Server) listTokens(w http.ResponseWriter, r *request) error {
	return s.renderTokens(w, r, http.StatusOK, tokensView{})
}

func (s *Server) renderTokens(w http.ResponseWriter, r *request, status int, v tokensView) error {
	tokens, err := s.store.ListTokens(r.Context())
	if err != nil {
		return err
	}
	for _, t := range tokens {
		v.Rows = append(v.Rows, tokenRow{t, r.say.label("role", string(t.Role)), r.say.date(t.Created), r.say.date(t.Revoked),
			t.Revoked.IsZero() && mayGrant(r.user.Role, t.Role)})
	}
	users, err := s.store.ListUsers(r.Context())
	if err != nil {
		return err
	}
	v.Users = slices.DeleteFunc(users, func(u crm.User) bool { return u.Disabled || !mayGrant(r.user.Role, u.Role) })
	v.Roles = r.roleOptions(crm.UserRole(v.Role))
	return s.renderStatus(w, r, status, "tokens", page{Title: r.say.text("tokens.title"), Nav: "tokens", Data: v})
}

func (s *Server) createToken(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	t := crm.Token{ID: crm.NewID(), Name: strings.TrimSpace(r.PostForm.Get("name")), Role: crm.UserRole(r.PostForm.Get("role")), Created: time.Now().UTC()}
	v := tokensView{Name: t.Name, Role: string(t.Role), User: normalizeEmail(r.PostForm.Get("user"))}
	if v.Problem = r.badRole(t.Role); v.Problem != "" {
		return s.renderTokens(w, r, http.StatusUnprocessableEntity, v)
	}
	if !mayGrant(r.user.Role, t.Role) {
		return errForbidden
	}
	problem, err := s.badTokenUser(r, &t)
	if err != nil {
		return err
	}
	bad := tidy(&t.Name)
	switch {
	case bad != nil:
		problem = r.say.text(bad.key, "value", bad.value)
	case t.Name == "":
		problem = r.say.text("form.no_name")
	case utf8.RuneCountInString(t.Name) > maxField:
		problem = r.say.text("form.too_long", "value", excerpt(t.Name, 20))
	}
	if v.Problem = problem; problem != "" {
		return s.renderTokens(w, r, http.StatusUnprocessableEntity, v)
	}
	secret, hash := NewTokenSecret()
	t.Hash = hash
	if err := s.store.SaveToken(r.Context(), r.user.Email, t); err != nil {
		return err
	}
	// The secret is in this answer and nowhere else, so there is no redirect to lose it.
	return s.renderTokens(w, r, http.StatusOK, tokensView{Secret: secret})
}

// badTokenUser reads whose records a token is to see, and says what is wrong with that, or "".
func (s *Server) badTokenUser(r *request, t *crm.Token) (string, error) {
	email := normalizeEmail(r.PostForm.Get("user"))
	if email == "" {
		return "", nil
	}
	u, err := s.store.GetUser(r.Context(), email)
	if errors.Is(err, crm.ErrNotFound) {
		return r.say.text("tokens.no_user"), nil
	}
	if err != nil {
		return "", err
	}
	if !mayGrant(r.user.Role, u.Role) {
		return "", errForbidden
	}
	if u.Disabled || !mayGrant(u.Role, t.Role) {
		return r.say.text("tokens.role_above"), nil
	}
	t.User = u.Email
	return "", nil
}

func (s *Server) revokeToken(w http.ResponseWriter, r *request) error {
	tokens, err := s.store.ListTokens(r.Context())
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if t.ID != r.PathValue("id") {
			continue
		}
		if !mayGrant(r.user.Role, t.Role) {
			return errForbidden
		}
		if t.Revoked.IsZero() {
			t.Revoked = time.Now().UTC()
			if err := s.store.SaveToken(r.Context(), r.user.Email, t); err != nil {
				return err
			}
		}
		http.Redirect(w, r.Request, "/tokens?notice=saved", http.StatusSeeOther)
		return nil
	}
	return crm.ErrNotFound
}
