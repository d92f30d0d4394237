package web

import (
	"context"
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// enterAs lets in whoever a provider vouches for: a user by this address, or one that is made now.
func (s *Server) enterAs(w http.ResponseWriter, r *request, p Provider, in SignedIn) error {
	email := normalizeEmail(in.Email)
	if a, err := mail.ParseAddress(email); !in.Verified || err != nil || a.Address != email || len(email) > 254 {
		return s.turnAway(w, r, http.StatusForbidden, "signin.unverified", p, excerpt(email, 60))
	}
	user, err := s.store.GetUser(r.Context(), email)
	if errors.Is(err, crm.ErrNotFound) {
		if !in.SignUp {
			return s.turnAway(w, r, http.StatusForbidden, "signin.no_user", p, email)
		}
		user, err = s.signUp(r.Context(), p, email, in.Name)
	}
	switch {
	case errors.Is(err, errForbidden):
		return s.turnAway(w, r, http.StatusForbidden, "signin.set_up_first", p, email)
	case err != nil:
		return err
	case user.Disabled:
		s.log.Warn("sign-in refused", "address", s.clientIP(r.Request).String())
		return s.turnAway(w, r, http.StatusForbidden, "signin.disabled", p, email)
	}
	user, err = s.changeUser(r.Context(), email, email, func(u *crm.User) error {
		if u.Disabled { // meanwhile
			return errForbidden
		}
		u.SignedIn = time.Now().UTC()
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.signIn(w, r.Request, user, p.ID); err != nil {
		return err
	}
	if in.Connected && len(in.Missing) == 0 {
		s.flows.settle(w)
	}
	http.Redirect(w, r.Request, landing(in, "/"), http.StatusSeeOther)
	return nil
}

// signUp makes a rep of somebody who has no password. The first user is never made so: errForbidden. Of two at
// once the second finds the first one's user.
func (s *Server) signUp(ctx context.Context, p Provider, email, name string) (crm.User, error) {
	users, err := s.store.ListUsers(ctx)
	if err != nil {
		return crm.User{}, err
	}
	if len(users) == 0 {
		return crm.User{}, errForbidden
	}
	user := crm.User{Email: email, Name: shownName(name), Role: crm.RoleRep, Created: time.Now().UTC()}
	exists, err := s.saveNewUser(ctx, "signin:"+p.ID, user)
	if err != nil {
		return crm.User{}, err
	}
	if exists {
		return s.store.GetUser(ctx, email)
	}
	s.log.Info("user signed up", "provider", p.ID, "user", email)
	return user, nil
}

// shownName is a name as a stranger gave it without what may not be stored.
func shownName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = strings.Map(func(c rune) rune {
		if hidden(c) {
			return -1
		}
		return c
	}, name)
	return strings.TrimSuffix(excerpt(name, maxField-1), "…")
}
