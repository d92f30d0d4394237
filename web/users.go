package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// usersView is the list of users and the form for a new one.
type usersView struct {
	Rows    []userRow
	Roles   []option
	Teams   []string // that there are
	Email   string
	Name    string
	Role    string
	Team    string
	Problem string
	Min     int
	Doors   bool // nobody needs a password: there are other ways to sign in
}

type userRow struct {
	crm.User
	RoleLabel, Since, Last  string
	Self, MayChange, Second bool
	Roles                   []option
}

func (s *Server) listUsers(w http.ResponseWriter, r *request) error {
	return s.renderUsers(w, r, http.StatusOK, usersView{})
}

func (s *Server) renderUsers(w http.ResponseWriter, r *request, status int, v usersView) error {
	users, err := s.store.ListUsers(r.Context())
	if err != nil {
		return err
	}
	for _, u := range users {
		v.Rows = append(v.Rows, userRow{User: u, RoleLabel: r.say.label("role", string(u.Role)), Since: r.say.date(u.Created), Last: r.say.when(u.SignedIn),
			Self: u.Email == r.user.Email, MayChange: mayGrant(r.user.Role, u.Role), Second: len(u.TOTP) > 0, Roles: r.roleOptions(u.Role)})
		if u.Team != "" && !slices.Contains(v.Teams, u.Team) {
			v.Teams = append(v.Teams, u.Team)
		}
	}
	slices.Sort(v.Teams)
	v.Roles, v.Min, v.Doors = r.roleOptions(crm.UserRole(v.Role)), MinPassword, len(s.doors()) > 0
	return s.renderStatus(w, r, status, "users", page{Title: r.say.text("users.title"), Nav: "users", Data: v})
}

// roleOptions are the roles that the user may give.
func (r *request) roleOptions(chosen crm.UserRole) []option {
	var list []option
	for _, role := range []crm.UserRole{crm.RoleRep, crm.RoleManager, crm.RoleAdmin, crm.RoleIT} {
		if mayGrant(r.user.Role, role) {
			list = append(list, option{string(role), r.say.label("role", string(role)), role == chosen})
		}
	}
	return list
}

func (s *Server) addUser(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	u := crm.User{Email: normalizeEmail(r.PostForm.Get("email")), Name: strings.TrimSpace(r.PostForm.Get("name")),
		Role: crm.UserRole(r.PostForm.Get("role")), Team: r.PostForm.Get("team"), Created: time.Now().UTC()}
	v := usersView{Email: u.Email, Name: u.Name, Role: string(u.Role), Team: u.Team}
	if v.Problem = r.badRole(u.Role); v.Problem != "" {
		return s.renderUsers(w, r, http.StatusUnprocessableEntity, v)
	}
	if !mayGrant(r.user.Role, u.Role) {
		return errForbidden
	}
	if v.Problem = r.badTeam(&u.Team); v.Problem != "" {
		return s.renderUsers(w, r, http.StatusUnprocessableEntity, v)
	}
	password := r.PostForm.Get("password")
	without := password == "" && len(s.doors()) > 0
	if v.Problem = checkUser(r, &u, password, without); v.Problem != "" {
		return s.renderUsers(w, r, http.StatusUnprocessableEntity, v)
	}
	if !without {
		var err error
		if u.PasswordHash, err = s.hashing.hash(r.Context(), password); err != nil {
			return err
		}
	}
	exists, err := s.saveNewUser(r.Context(), r.user.Email, u)
	if err != nil {
		return err
	}
	if exists {
		v.Problem = r.say.text("users.exists")
		return s.renderUsers(w, r, http.StatusUnprocessableEntity, v)
	}
	http.Redirect(w, r.Request, "/users?notice=user_added", http.StatusSeeOther)
	return nil
}

// setUserState disables or enables a user, and ends the sessions that there are of theirs: who was let in before somebody was
// disabled is not let in again when they are enabled. Nobody can disable themselves, so somebody always can get in.
func (s *Server) setUserState(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	return s.changeOther(w, r, "saved", func(u *crm.User) error {
		u.Disabled = r.PostForm.Get("disabled") == "true"
		return s.endSessions(r.Context(), r.user.Email, *u, func(storedSession) bool { return true })
	})
}

// badTeam tidies the name of a team and says what is wrong with it, or "".
func (r *request) badTeam(team *string) string {
	if bad := tidy(team); bad != nil {
		return r.say.text(bad.key, "value", bad.value)
	}
	if utf8.RuneCountInString(*team) > maxTeam {
		return r.say.text("form.too_long", "value", excerpt(*team, 20))
	}
	return ""
}

// badRole says that there is no such role, or "". Whether one may be given is another question.
func (r *request) badRole(role crm.UserRole) string {
	if mayGrant(crm.RoleIT, role) {
		return ""
	}
	return r.say.text("users.no_role")
}

// maxTeam bounds the name of a team, in characters.
const maxTeam = 60

// setUserPlace gives a user another role and team. Nobody changes their own, so that somebody always can.
func (s *Server) setUserPlace(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	role, team := crm.UserRole(r.PostForm.Get("role")), r.PostForm.Get("team")
	if problem := cmp.Or(r.badRole(role), r.badTeam(&team)); problem != "" {
		return s.renderUsers(w, r, http.StatusUnprocessableEntity, usersView{Problem: problem})
	}
	return s.changeOther(w, r, "saved", func(u *crm.User) error {
		if !mayGrant(r.user.Role, role) {
			return errForbidden
		}
		u.Role, u.Team = role, team
		return nil
	})
}

// changeOther changes the user whom a form names: never oneself, and nobody of a higher role.
func (s *Server) changeOther(w http.ResponseWriter, r *request, notice string, change func(*crm.User) error) error {
	_, err := s.changeUser(r.Context(), r.user.Email, normalizeEmail(r.PostForm.Get("email")), func(u *crm.User) error {
		if u.Email == r.user.Email || !mayGrant(r.user.Role, u.Role) {
			return errForbidden
		}
		return change(u)
	})
	if err != nil {
		return err
	}
	s.live.recheck()
	http.Redirect(w, r.Request, "/users?notice="+notice, http.StatusSeeOther)
	return nil
}

// resetSecond takes a user's second factor away, of somebody who lost it.
func (s *Server) resetSecond(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	return s.changeOther(w, r, "totp_reset", func(u *crm.User) error { u.TOTP = nil; return nil })
}

// changeUser reads a user, changes it and saves it, one after the other, so that nobody who was disabled
// meanwhile is let in again by an older copy. An error of change saves nothing.
func (s *Server) changeUser(ctx context.Context, actor, email string, change func(*crm.User) error) (crm.User, error) {
	s.users.Lock()
	defer s.users.Unlock()
	u, err := s.store.GetUser(ctx, email)
	if err != nil {
		return crm.User{}, err
	}
	if err := change(&u); err != nil {
		return crm.User{}, err
	}
	return u, s.store.SaveUser(ctx, actor, u)
}

// saveNewUser saves a user unless there is one by this address.
func (s *Server) saveNewUser(ctx context.Context, actor string, u crm.User) (exists bool, err error) {
	s.users.Lock()
	defer s.users.Unlock()
	switch _, err := s.store.GetUser(ctx, u.Email); {
	case err == nil:
		return true, nil
	case !errors.Is(err, crm.ErrNotFound):
		return false, err
	}
	return false, s.store.SaveUser(ctx, actor, u)
}
