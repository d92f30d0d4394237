package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// formsCounted bounds the submissions and activities that the list of forms counts by form.
const formsCounted = 500

// formsView is the list of forms.
type formsView struct {
	Rows   []formRow
	Capped bool // there were more than formsCounted; the counts cover the latest
}

// formRow is a form with what came through it.
type formRow struct {
	ID, Name           string
	Today, Quarantined int
}

// title is a form's name, or its id.
func (f *Form) title() string {
	if f.Name != "" {
		return f.Name
	}
	return f.ID
}

// formName is what people call the form of an id; the id if there is none any more.
func (s *Server) formName(id string) string {
	if s.cfg.Forms != nil {
		if f, ok := s.cfg.Forms.Form(id); ok {
			return f.title()
		}
	}
	return id
}

// path is where the form is posted to, on our side.
func (f *Form) path() string { return "/forms/" + url.PathEscape(f.ID) }

func (s *Server) listForms(w http.ResponseWriter, r *request) error {
	var v formsView
	if s.cfg.Forms != nil && s.cfg.Intake != nil {
		at := map[string]int{}
		for i, f := range s.cfg.Forms.Forms() {
			at[f.ID] = i
			v.Rows = append(v.Rows, formRow{ID: f.ID, Name: f.title()})
		}
		if err := s.countForms(r.Context(), &v, at, time.Now().In(r.say.zone)); err != nil {
			return err
		}
	}
	return s.render(w, r, "forms", page{Title: r.say.text("nav.forms"), Nav: "forms", Data: v})
}

// countForms counts today's enquiries and what is in quarantine; at says where each form stands.
func (s *Server) countForms(ctx context.Context, v *formsView, at map[string]int, now time.Time) error {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	today, _, err := s.store.ListActivities(ctx, crm.ActivityFilter{Since: midnight, Limit: formsCounted})
	if err != nil {
		return err
	}
	for i := range today {
		if n, ok := at[today[i].Form]; ok && today[i].Kind == crm.KindForm {
			v.Rows[n].Today++
		}
	}
	held, _, err := s.cfg.Intake.ListQuarantine(ctx, crm.SubmissionQuarantined, "", formsCounted)
	if err != nil {
		return err
	}
	for i := range held {
		if n, ok := at[held[i].Form]; ok {
			v.Rows[n].Quarantined++
		}
	}
	v.Capped = len(today) == formsCounted || len(held) == formsCounted
	return nil
}

// formPage is one form: its HTML to copy, and its quarantine.
type formPage struct {
	ID, Name    string
	Action      string // where the form posts to
	Copies      []formCopy
	Signed      bool // only programs that sign can post
	Captcha     string
	Try         string // address of our own page with the form; "" if it could not be sent from there
	State       string
	Rows        []heldView
	Next, Start string
	formExtras
}

// formCopy is the HTML form in one language.
type formCopy struct{ Lang, Language, HTML string }

func (s *Server) showForm(w http.ResponseWriter, r *request) error {
	f, ok := s.form(r.PathValue("id"))
	if !ok {
		return crm.ErrNotFound
	}
	return s.renderForm(w, r, &f, s.formPage(r, &f))
}

// formPage is what the page of a form shows of the form itself.
func (s *Server) formPage(r *request, form *Form) formPage {
	f := *form
	v := formPage{ID: f.ID, Name: f.title(), Action: s.formAction(r, &f), Signed: f.HMACSecret != "", Captcha: captchaNames()[f.Captcha.Provider]}
	for _, lang := range languages() {
		v.Copies = append(v.Copies, formCopy{lang, r.say.text("forms.in_" + lang), s.formHTML(s.speakers[lang], &f, v.Action, false)})
	}
	if s.sendable(&f) {
		v.Try = f.path() + "/form"
	}
	return v
}

// renderForm adds what belongs to the page of a form in any case.
func (s *Server) renderForm(w http.ResponseWriter, r *request, f *Form, v formPage) error {
	s.addSettings(r, f, &v)
	if err := s.addRecent(r, f, &v); err != nil {
		return err
	}
	if err := s.addHeld(r, f, &v); err != nil {
		return err
	}
	return s.render(w, r, "form", page{Title: v.Name, Nav: "forms", Data: v})
}

func captchaNames() map[string]string {
	return map[string]string{"turnstile": "Cloudflare Turnstile", "recaptcha": "reCAPTCHA", "hcaptcha": "hCaptcha"}
}

// sendable says whether a form without scripts and secrets can be sent.
func (s *Server) sendable(f *Form) bool { return f.HMACSecret == "" && f.Captcha.Provider == "" }

// thankSender is where browsers are led after a submission. Anybody may see it.
func (s *Server) thankSender(w http.ResponseWriter, r *request) error {
	f, ok := s.form(r.PathValue("id"))
	if !ok {
		return crm.ErrNotFound
	}
	for _, lang := range languages() {
		w.Header().Add("Link", "<"+f.path()+"/thanks?lang="+lang+`>; rel="alternate"; hreflang="`+lang+`"`)
	}
	return s.render(w, r, "thanks", page{Title: r.say.text("thanks.title")})
}
