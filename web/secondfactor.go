package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"rsc.io/qr"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web/internal/totp"
)

// The flows of a second factor are sealed and kept like those of providers, under names that no provider has.
const (
	secondFlow = "second factor"     // between password and code
	enrolFlow  = "new second factor" // between the QR code and the first code
)

// secondRoutes are the second factor: where it is asked for, and where everybody sets up their own.
func secondRoutes() []route {
	return []route{
		{pattern: "GET /signin/code", access: anybody, handle: (*Server).showCode},
		{pattern: "POST /signin/code", access: anybody, handle: (*Server).doCode},
		{pattern: "GET /settings/totp", access: rep, handle: (*Server).showSecond, unenrolled: true},
		{pattern: "POST /settings/totp", access: rep, handle: (*Server).enrolSecond, unenrolled: true},
		{pattern: "POST /settings/totp/codes", access: rep, handle: (*Server).renewCodes},
		{pattern: "POST /settings/totp/remove", access: rep, handle: (*Server).removeSecond},
	}
}

// mustEnrol says that whoever asks needs a second factor, has none, and entered with a password.
func (s *Server) mustEnrol(r *request) bool {
	return s.cfg.Sealer != nil && r.user.Email != "" && len(r.user.TOTP) == 0 && (r.session.by == byPassword || r.session.by == "") && s.policy().NeedsSecond(&r.user)
}

func secondName(email string) string { return "second factor of " + email }

// second opens a user's second factor.
func (s *Server) second(u *crm.User) (totp.Factor, error) {
	var f totp.Factor
	if s.cfg.Sealer == nil {
		return f, errors.New("open second factor: there is nothing to open it with")
	}
	raw, err := s.cfg.Sealer.Unseal(secondName(u.Email), u.TOTP)
	if err != nil {
		return f, fmt.Errorf("open second factor of %s: %w", u.Email, err)
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return f, fmt.Errorf("read second factor of %s: %w", u.Email, err)
	}
	return f, nil
}

// setSecond seals a second factor into a user.
func (s *Server) setSecond(u *crm.User, f totp.Factor) error {
	raw, err := json.Marshal(f) //nolint:gosec // to be sealed
	if err != nil {
		return fmt.Errorf("keep second factor: %w", err)
	}
	u.TOTP, err = s.cfg.Sealer.Seal(secondName(u.Email), raw)
	return err
}

// errCode means that a code is wrong or was used before.
var errCode = errors.New("the code is not good")

// takeCode checks a code of a user's and uses it up. Of two at once with the same code the second finds it used.
func (s *Server) takeCode(r *request, actor, email, typed string, then func(*crm.User, *totp.Factor) error) (crm.User, error) {
	return s.changeUser(r.Context(), actor, email, func(u *crm.User) error {
		if u.Disabled || len(u.TOTP) == 0 {
			return errCode
		}
		f, err := s.second(u)
		if err != nil {
			return err
		}
		if !f.Take(typed, time.Now()) {
			return errCode
		}
		if err := s.setSecond(u, f); err != nil {
			return err
		}
		if then == nil {
			return nil
		}
		return then(u, &f)
	})
}

// halfIn is who gave a right password and is asked for a code.
type halfIn struct {
	User  string `json:"u"`
	Stamp string `json:"s"` // of the password
	Next  string `json:"n"`
}

// codeView is the page that asks for a code.
type codeView struct{ Problem string }

// askCode remembers in the browser, sealed, that the password was right, and asks for the code.
func (s *Server) askCode(w http.ResponseWriter, r *request, u crm.User, next string) error {
	if err := s.keepHalf(w, halfIn{u.Email, passwordStamp(u), next}); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/signin/code", http.StatusSeeOther)
	return nil
}

func (s *Server) keepHalf(w http.ResponseWriter, h halfIn) error {
	if len(h.Next) > maxReturn {
		h.Next = "/" // it has to fit into a cookie
	}
	raw, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("keep sign-in: %w", err)
	}
	return s.flows.keep(w, flow{Provider: secondFlow, Data: raw}, time.Now())
}

func (s *Server) showCode(w http.ResponseWriter, r *request) error {
	if r.user.Email != "" {
		http.Redirect(w, r.Request, "/", http.StatusSeeOther)
		return nil
	}
	if _, err := r.Cookie(s.flows.cookie.Name); err != nil {
		http.Redirect(w, r.Request, "/signin", http.StatusSeeOther)
		return nil //nolint:nilerr // there is no cookie: the password comes first
	}
	return s.renderCode(w, r, http.StatusOK, "")
}

func (s *Server) renderCode(w http.ResponseWriter, r *request, status int, problem string) error {
	return s.renderStatus(w, r, status, "signincode", page{Title: r.say.text("totp.ask"), Data: codeView{problem}})
}

// doCode takes the code. The password's part of the sign-in is used up by each try and given anew after a wrong one.
func (s *Server) doCode(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	fl, err := s.flows.take(w, r.Request, secondFlow, time.Now())
	if err != nil {
		http.Redirect(w, r.Request, "/signin", http.StatusSeeOther)
		return nil //nolint:nilerr // too old, or used: the password comes first
	}
	var half halfIn
	if err := json.Unmarshal(fl.Data, &half); err != nil {
		return fmt.Errorf("read sign-in: %w", err)
	}
	if s.limits.guessing(w, r.Request, s.clientIP(r.Request), half.User) {
		if err := s.keepHalf(w, half); err != nil {
			return err
		}
		return s.renderCode(w, r, http.StatusTooManyRequests, r.say.text("totp.too_many"))
	}
	user, err := s.takeCode(r, half.User, half.User, r.PostForm.Get("code"), func(u *crm.User, _ *totp.Factor) error {
		if passwordStamp(*u) != half.Stamp { // it changed meanwhile
			return errForbidden
		}
		return nil
	})
	switch {
	case errors.Is(err, errForbidden), errors.Is(err, crm.ErrNotFound):
		http.Redirect(w, r.Request, "/signin", http.StatusSeeOther)
		return nil
	case errors.Is(err, errCode):
		s.log.Warn("sign-in refused", "address", s.clientIP(r.Request).String())
		if err := s.keepHalf(w, half); err != nil {
			return err
		}
		return s.renderCode(w, r, http.StatusUnauthorized, r.say.text("totp.wrong"))
	case err != nil:
		return err
	}
	return s.letIn(w, r, user, half.Next)
}

// secondView is everybody's own second factor.
type secondView struct {
	Possible, On, Needed bool
	Left                 int // recovery codes
	Secret               string
	Link                 template.URL // otpauth:
	QR                   template.HTML
	Codes                []string // shown once
	Problem              string
}

func (s *Server) showSecond(w http.ResponseWriter, r *request) error {
	return s.renderSecond(w, r, http.StatusOK, secondView{}, nil)
}

// renderSecond shows the page. Whoever has no second factor gets a secret to take over, the one of before after a mistake.
func (s *Server) renderSecond(w http.ResponseWriter, r *request, status int, v secondView, secret []byte) error {
	v.Possible, v.On, v.Needed = s.cfg.Sealer != nil && r.user.PasswordHash != "", len(r.user.TOTP) > 0, s.policy().NeedsSecond(&r.user)
	switch {
	case v.On:
		f, err := s.second(&r.user)
		if err != nil {
			return err
		}
		v.Left = len(f.Recovery)
	case v.Possible:
		if secret == nil {
			secret = totp.NewSecret()
		}
		if err := s.offerSecret(w, r, &v, secret); err != nil {
			return err
		}
	}
	return s.renderStatus(w, r, status, "totp", page{Title: r.say.text("totp.title"), Nav: "settings", Data: v})
}

// offerSecret shows a secret and keeps it in the browser, sealed, until its first code comes.
func (s *Server) offerSecret(w http.ResponseWriter, r *request, v *secondView, secret []byte) error {
	if err := s.flows.keep(w, flow{Provider: enrolFlow, User: r.user.Email, Data: secret}, time.Now()); err != nil {
		return err
	}
	issuer := "Tsunagu"
	if name := s.cfg.Organization.Name; name != "" {
		issuer = "Tsunagu " + name
	}
	address := totp.URL(secret, issuer, r.user.Email)
	v.Link = template.URL(address) //nolint:gosec // made here, every part of it escaped
	text := totp.Text(secret)
	var groups []string
	for len(text) > 4 {
		groups, text = append(groups, text[:4]), text[4:]
	}
	v.Secret = strings.Join(append(groups, text), " ")
	var err error
	v.QR, err = qrCode(address)
	return err
}

// qrCode draws a QR code (ISO/IEC 18004) as one path, with the quiet zone of four modules that readers need.
func qrCode(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("draw QR code: %w", err)
	}
	const quiet = 4
	var b strings.Builder
	size := code.Size + 2*quiet
	fmt.Fprintf(&b, `<svg class="qr" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges" aria-hidden="true"><path d="`, size, size, 5*size, 5*size)
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return template.HTML(b.String()), nil //nolint:gosec // numbers only
}

// enrolSecond takes the first code of a new second factor, which proves that the app has it, and shows the recovery codes.
func (s *Server) enrolSecond(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	fl, err := s.flows.take(w, r.Request, enrolFlow, time.Now())
	if err != nil || fl.User != r.user.Email || s.cfg.Sealer == nil || r.user.PasswordHash == "" {
		http.Redirect(w, r.Request, "/settings/totp", http.StatusSeeOther)
		return nil //nolint:nilerr // too old, or used: there is a new secret
	}
	if s.limits.guessing(w, r.Request, s.clientIP(r.Request), r.user.Email) {
		return s.renderSecond(w, r, http.StatusTooManyRequests, secondView{Problem: r.say.text("totp.too_many")}, fl.Data)
	}
	f := totp.Factor{Secret: fl.Data}
	if !f.Take(r.PostForm.Get("code"), time.Now()) {
		return s.renderSecond(w, r, http.StatusUnprocessableEntity, secondView{Problem: r.say.text("totp.wrong")}, fl.Data)
	}
	codes := f.NewRecovery()
	r.user, err = s.changeUser(r.Context(), r.user.Email, r.user.Email, func(u *crm.User) error {
		if len(u.TOTP) > 0 {
			return errDecided() // in another window
		}
		return s.setSecond(u, f)
	})
	if err != nil {
		return err
	}
	// Whoever came in by the password alone elsewhere must come again.
	if err := s.endSessions(r.Context(), r.user.Email, r.user, func(one storedSession) bool { return one.id == "" || one.id != r.session.id }); err != nil {
		return err
	}
	// The codes are in this answer and nowhere else, so there is no redirect to lose them.
	return s.renderSecond(w, r, http.StatusOK, secondView{Codes: codes}, nil)
}

// renewCodes makes new recovery codes; a code of the app is needed, so that an open browser is not enough.
func (s *Server) renewCodes(w http.ResponseWriter, r *request) error {
	var codes []string
	problem, status, err := s.withCode(w, r, func(u *crm.User, f *totp.Factor) error {
		codes = f.NewRecovery()
		if err := s.setSecond(u, *f); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	if problem == "" {
		err = s.store.AppendAudit(r.Context(), crm.AuditRecord{Actor: r.user.Email, Action: "renew recovery codes", Object: "user/" + r.user.Email})
	}
	if err != nil {
		return err
	}
	return s.renderSecond(w, r, status, secondView{Problem: problem, Codes: codes}, nil)
}

// removeSecond goes back to a password alone, where the organisation lets that be.
func (s *Server) removeSecond(w http.ResponseWriter, r *request) error {
	if s.policy().NeedsSecond(&r.user) {
		return s.renderSecond(w, r, http.StatusConflict, secondView{Problem: r.say.text("totp.needed")}, nil)
	}
	problem, status, err := s.withCode(w, r, func(u *crm.User, _ *totp.Factor) error { u.TOTP = nil; return nil })
	if err != nil {
		return err
	}
	if problem != "" {
		return s.renderSecond(w, r, status, secondView{Problem: problem}, nil)
	}
	http.Redirect(w, r.Request, "/settings/totp?notice=totp_removed", http.StatusSeeOther)
	return nil
}

// withCode changes the user's second factor if the form has a good code of it; problem says why not.
func (s *Server) withCode(w http.ResponseWriter, r *request, then func(*crm.User, *totp.Factor) error) (problem string, status int, err error) {
	if err := r.readForm(); err != nil {
		return "", 0, err
	}
	if s.limits.guessing(w, r.Request, s.clientIP(r.Request), r.user.Email) {
		return r.say.text("totp.too_many"), http.StatusTooManyRequests, nil
	}
	user, err := s.takeCode(r, r.user.Email, r.user.Email, r.PostForm.Get("code"), then)
	if errors.Is(err, errCode) {
		return r.say.text("totp.wrong"), http.StatusUnprocessableEntity, nil
	}
	if err != nil {
		return "", 0, err
	}
	r.user = user
	return "", http.StatusOK, nil
}
