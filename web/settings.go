package web

import (
	"net/http"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// settingsView is what a user may change for themselves.
type settingsView struct {
	Locale  string
	Role    string
	Min     int
	Problem string
	None    bool // the user has no password
}

func (s *Server) showSettings(w http.ResponseWriter, r *request) error {
	return s.renderSettings(w, r, http.StatusOK, "")
}

func (s *Server) renderSettings(w http.ResponseWriter, r *request, status int, problem string) error {
	v := settingsView{Locale: r.user.Locale, Role: r.say.label("role", string(r.user.Role)), Min: MinPassword, Problem: problem, None: r.user.PasswordHash == ""}
	return s.renderStatus(w, r, status, "settings", page{Title: r.say.text("nav.settings"), Nav: "settings", Data: v})
}

func (s *Server) setLanguage(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	lang := r.PostForm.Get("language")
	if lang != "" && s.speakers[lang] == nil {
		return badRequest("error.form")
	}
	if _, err := s.changeUser(r.Context(), r.user.Email, r.user.Email, func(u *crm.User) error { u.Locale = lang; return nil }); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/settings?notice=saved", http.StatusSeeOther)
	return nil
}

// setPassword changes the user's password and with it ends every other session of theirs.
func (s *Server) setPassword(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	if s.limits.exceeded(w, r.Request, s.clientIP(r.Request), r.user.Email) {
		return s.renderSettings(w, r, http.StatusTooManyRequests, r.say.text("signin.too_many"))
	}
	if !s.hashing.check(r.Context(), r.user.PasswordHash, r.PostForm.Get("current")) {
		return s.renderSettings(w, r, http.StatusUnprocessableEntity, r.say.text("settings.wrong_password"))
	}
	if !acceptablePassword(r.PostForm.Get("password")) {
		return s.renderSettings(w, r, http.StatusUnprocessableEntity, r.say.text("form.weak_password", "n", MinPassword))
	}
	hash, err := s.hashing.hash(r.Context(), r.PostForm.Get("password"))
	if err != nil {
		return err
	}
	user, err := s.changeUser(r.Context(), r.user.Email, r.user.Email, func(u *crm.User) error {
		if u.Disabled || u.PasswordHash != r.user.PasswordHash { // somebody was faster
			return errForbidden
		}
		u.PasswordHash = hash
		return nil
	})
	if err != nil {
		return err
	}
	s.live.recheck()
	if err := s.signIn(w, r.Request, user, byPassword); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/settings?notice=saved", http.StatusSeeOther)
	return nil
}

// MayGrant says whether a role is at most another, so that whoever has that may give it.
func MayGrant(granter, role crm.UserRole) bool { return mayGrant(granter, role) }

// mayGrant says whether somebody may give a role to another: at most their own.
func mayGrant(granter, role crm.UserRole) bool {
	need := map[crm.UserRole]access{crm.RoleRep: rep, crm.RoleManager: manager, crm.RoleAdmin: admin, crm.RoleIT: it}[role]
	return need != anybody && need.allows(granter)
}
