package web

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// signForm is what the sign-in and the first-run page show again after a mistake. Passwords and the set-up
// code are never shown again.
type signForm struct {
	Email, Name, Next string
	Problem           string
	Min               int
	Doors             []Provider // by which the web app can be entered without a password
	Settled           bool       // an account was connected from this browser
}

// firstRun says that there is no user yet and a set-up code to make one with.
func (s *Server) firstRun(r *request) (bool, error) {
	if s.cfg.SetupCode == "" {
		return false, nil
	}
	users, err := s.store.ListUsers(r.Context())
	return err == nil && len(users) == 0, err
}

func (s *Server) sendToSignIn(w http.ResponseWriter, r *request) {
	first, err := s.firstRun(r)
	switch {
	case err != nil:
		s.fail(w, r, err)
	case r.URL.Path == "/events" || r.URL.Query().Get("fragment") != "":
		// A script asks: a redirect would hand it the sign-in page.
		s.renderError(w, r, http.StatusUnauthorized, "error.signed_out")
	case first:
		http.Redirect(w, r.Request, "/setup", http.StatusSeeOther)
	default:
		to := "/signin"
		if r.Method == http.MethodGet && r.URL.Path != "/" {
			to += "?next=" + url.QueryEscape(r.URL.RequestURI())
		}
		http.Redirect(w, r.Request, to, http.StatusSeeOther)
	}
}

func (s *Server) showSignIn(w http.ResponseWriter, r *request) error {
	if r.user.Email != "" {
		http.Redirect(w, r.Request, "/", http.StatusSeeOther)
		return nil
	}
	if first, err := s.firstRun(r); err != nil || first {
		if err == nil {
			http.Redirect(w, r.Request, "/setup", http.StatusSeeOther)
		}
		return err
	}
	return s.renderSignIn(w, r, http.StatusOK, signForm{Next: r.URL.Query().Get("next")})
}

func (s *Server) renderSignIn(w http.ResponseWriter, r *request, status int, f signForm) error {
	f.Doors, f.Settled = s.doors(), settled(r.Request)
	return s.renderStatus(w, r, status, "signin", page{Title: r.say.text("signin.title"), Data: f})
}

func (s *Server) doSignIn(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	email := normalizeEmail(r.PostForm.Get("email"))
	form := signForm{Email: email, Next: r.PostForm.Get("next")}
	if len(email) > 254 {
		email = email[:254]
	}
	if s.limits.exceeded(w, r.Request, s.clientIP(r.Request), email) {
		form.Problem = r.say.text("signin.too_many")
		return s.renderSignIn(w, r, http.StatusTooManyRequests, form)
	}
	user, err := s.store.GetUser(r.Context(), email)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return err
	}
	// An unknown user has an empty hash, which costs the same work.
	if !s.hashing.check(r.Context(), user.PasswordHash, r.PostForm.Get("password")) || user.Disabled {
		s.log.Warn("sign-in refused", "address", s.clientIP(r.Request).String())
		form.Problem = r.say.text("signin.wrong")
		return s.renderSignIn(w, r, http.StatusUnauthorized, form)
	}
	if len(user.TOTP) > 0 {
		return s.askCode(w, r, user, form.Next)
	}
	return s.letIn(w, r, user, form.Next)
}

// letIn signs in a user whose password, and second factor if there is one, were right.
func (s *Server) letIn(w http.ResponseWriter, r *request, user crm.User, next string) error {
	lang, stamp := s.chosenLanguage(r), passwordStamp(user)
	user, err := s.changeUser(r.Context(), user.Email, user.Email, func(u *crm.User) error {
		if u.Disabled || passwordStamp(*u) != stamp { // meanwhile
			return errForbidden
		}
		if u.Locale == "" {
			u.Locale = lang
		}
		u.SignedIn = time.Now().UTC()
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.signIn(w, r.Request, user, byPassword); err != nil {
		return err
	}
	http.Redirect(w, r.Request, localPath(next), http.StatusSeeOther)
	return nil
}

func (s *Server) doSignOut(w http.ResponseWriter, r *request) error {
	if err := s.signOut(w, r.Request); err != nil {
		return err
	}
	if err := s.store.AppendAudit(r.Context(), crm.AuditRecord{Actor: r.user.Email, Action: "sign out", Object: "user/" + r.user.Email}); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/signin", http.StatusSeeOther)
	return nil
}

func (s *Server) showSetup(w http.ResponseWriter, r *request) error {
	first, err := s.firstRun(r)
	if err != nil {
		return err
	}
	if !first {
		http.Redirect(w, r.Request, "/signin", http.StatusSeeOther)
		return nil
	}
	return s.renderSetup(w, r, http.StatusOK, signForm{})
}

func (s *Server) renderSetup(w http.ResponseWriter, r *request, status int, f signForm) error {
	f.Min = MinPassword
	return s.renderStatus(w, r, status, "setup", page{Title: r.say.text("setup.title"), Data: f})
}

// chosenLanguage is the language that ?lang= asks for, "" if it asks for none that there is.
func (s *Server) chosenLanguage(r *request) string {
	if lang := r.URL.Query().Get("lang"); s.speakers[lang] != nil {
		return lang
	}
	return ""
}

// doSetup makes the first user, who may do everything. Of two at once the second finds that there is a user.
func (s *Server) doSetup(w http.ResponseWriter, r *request) error {
	first, err := s.firstRun(r)
	if err != nil {
		return err
	}
	if !first {
		return errForbidden
	}
	if err := r.readForm(); err != nil {
		return err
	}
	form := signForm{Email: normalizeEmail(r.PostForm.Get("email")), Name: strings.TrimSpace(r.PostForm.Get("name"))}
	if s.limits.exceeded(w, r.Request, s.clientIP(r.Request), "setup") {
		form.Problem = r.say.text("signin.too_many")
		return s.renderSetup(w, r, http.StatusTooManyRequests, form)
	}
	code := strings.TrimSpace(r.PostForm.Get("code"))
	if subtle.ConstantTimeCompare([]byte(code), []byte(s.cfg.SetupCode)) != 1 {
		form.Problem = r.say.text("setup.wrong_code")
		return s.renderSetup(w, r, http.StatusForbidden, form)
	}
	user := crm.User{Email: form.Email, Name: form.Name, Role: crm.RoleIT, Locale: s.chosenLanguage(r), Created: time.Now().UTC(), SignedIn: time.Now().UTC()}
	if form.Problem = checkUser(r, &user, r.PostForm.Get("password"), false); form.Problem != "" {
		return s.renderSetup(w, r, http.StatusUnprocessableEntity, form)
	}
	if user.PasswordHash, err = s.hashing.hash(r.Context(), r.PostForm.Get("password")); err != nil {
		return err
	}
	if err := s.saveFirstUser(r, user); err != nil {
		return err
	}
	if err := s.signIn(w, r.Request, user, byPassword); err != nil {
		return err
	}
	http.Redirect(w, r.Request, s.afterFirstUser(r.Context()), http.StatusSeeOther)
	return nil
}

func (s *Server) saveFirstUser(r *request, user crm.User) error {
	s.users.Lock()
	defer s.users.Unlock()
	if first, err := s.firstRun(r); err != nil {
		return err
	} else if !first {
		return errForbidden
	}
	return s.store.SaveUser(r.Context(), "setup", user)
}

// checkUser tidies and says what is wrong with a new user's entries, or "". Without says that no password is needed.
func checkUser(r *request, u *crm.User, password string, without bool) string {
	if bad := tidy(&u.Name); bad != nil {
		return r.say.text(bad.key, "value", bad.value)
	}
	if utf8.RuneCountInString(u.Name) > maxField {
		return r.say.text("form.too_long", "value", excerpt(u.Name, 20))
	}
	if a, err := mail.ParseAddress(u.Email); err != nil || a.Address != u.Email || len(u.Email) > 254 {
		return r.say.text("form.bad_email")
	}
	if !without && !acceptablePassword(password) {
		return r.say.text("form.weak_password", "n", MinPassword)
	}
	return ""
}

// localPath is where to go after signing in: a path of this site, never another site's, and without a notice: what was
// just done is not for an address to say.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	if q := u.Query(); q.Has("notice") {
		q.Del("notice")
		u.RawQuery = q.Encode()
		return u.String()
	}
	return next
}
