package web

import (
	"cmp"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds of what the page of a form shows of the last days.
const (
	recentDays  = 30
	recentRows  = 50
	recentReads = 4 // times 50 submissions to all forms are read for those of one
)

// formsSource is the source that reads what was posted to our own forms.
const formsSource = "forms"

// formExtras are what the page of a form shows beside its quarantine and its HTML.
type formExtras struct {
	Settings   []fact
	Recent     []recentView
	RecentMore bool
	MayTry     bool
	TryInputs  []tryInput
	Outcome    *formOutcome // of a submission that was tried; nil for none
}

// recentView is a submission of the last days with what became of it.
type recentView struct {
	at                               time.Time
	Who, URL, Subject, When, Outcome string
	Detail                           template.HTML
}

// tryInput is a field of the form for trying, with what was entered.
type tryInput struct {
	Name, Label, Type, Value string
	Options                  []string
}

// formOutcome is what would come of a submission.
type formOutcome struct {
	Problem string // why it could not be tried
	Held    string // why it would go to quarantine
	Trial   *trialView
}

// addSettings adds how the form is taken, for admins, and the form for trying.
func (s *Server) addSettings(r *request, f *Form, v *formPage) {
	if !admin.allows(r.user.Role) {
		return
	}
	none := r.say.text("formpage.none")
	perForm := cmp.Or(f.PerMinute, defaultPerMinute)
	perAddress := f.PerAddress
	if perAddress <= 0 && f.HMACSecret == "" {
		perAddress = max(1, perForm/addressShare)
	}
	signature := none
	if f.HMACSecret != "" {
		signature = r.say.text("formpage.signature_on")
	}
	var inputs []string
	for _, in := range formInputs(f) {
		inputs = append(inputs, inputLabel(r.say, &in))
	}
	v.Settings = []fact{
		{r.say.text("formpage.action"), v.Action}, {r.say.text("formpage.inputs"), strings.Join(inputs, ", ")},
		{r.say.text("formpage.rate"), group(int64(perForm))}, {r.say.text("formpage.rate_address"), group(int64(cmp.Or(max(0, perAddress), perForm)))},
		{r.say.text("formpage.min_fill"), r.say.text("formpage.seconds", "n", strconv.Itoa(int(f.MinFill.Seconds())))},
		{r.say.text("formpage.returns"), cmp.Or(strings.Join(f.ReturnURLs, ", "), none)}, {r.say.text("formpage.origins"), cmp.Or(strings.Join(f.Origins, ", "), none)},
		{r.say.text("formpage.signature"), signature}, {r.say.text("formpage.captcha"), cmp.Or(captchaNames()[f.Captcha.Provider], none)},
	}
	if v.MayTry = s.cfg.Mapping != nil; !v.MayTry {
		return
	}
	for _, in := range formInputs(f) {
		one := tryInput{Name: in.Name, Label: inputLabel(r.say, &in), Type: cmp.Or(in.Type, "text"), Options: in.Options}
		if r.Method == http.MethodPost {
			one.Value = r.PostForm.Get(in.Name)
		}
		v.TryInputs = append(v.TryInputs, one)
	}
}

// formInputs are the fields of a form that can be copied.
func formInputs(f *Form) []FormInput {
	if len(f.Inputs) > 0 {
		return f.Inputs
	}
	return UsualInputs()
}

// inputLabel is what stands beside a field.
func inputLabel(sp *speaker, in *FormInput) string {
	if sp.lang == "en" {
		return cmp.Or(in.Label.EN, in.Label.JA, in.Name)
	}
	return cmp.Or(in.Label.JA, in.Label.EN, in.Name)
}

// addRecent adds the submissions of the last days: those that were read, as the ledger has them, and those in quarantine.
func (s *Server) addRecent(r *request, f *Form, v *formPage) error {
	since := s.intake.now().AddDate(0, 0, -recentDays)
	filter := crm.LedgerFilter{Source: formsSource, Since: since, Limit: recentRows}
	for range recentReads {
		page, next, err := s.store.ListEntries(r.Context(), filter)
		if errors.Is(err, crm.ErrNotFound) {
			break // nothing was ever read: the source is made with the first form
		}
		if err != nil {
			return err
		}
		for i := range page {
			if err := s.addEntry(r, f, &page[i], v); err != nil {
				return err
			}
		}
		if filter.After = next; next == "" || len(v.Recent) >= recentRows {
			break
		}
	}
	v.RecentMore = filter.After != ""
	for _, state := range []crm.SubmissionState{crm.SubmissionQuarantined, crm.SubmissionRejected} {
		held, _, err := s.cfg.Intake.ListQuarantine(r.Context(), state, "", recentRows)
		if err != nil {
			return err
		}
		for i := range held {
			if sub := &held[i]; sub.Form == f.ID && sub.At.After(since) {
				v.Recent = append(v.Recent, recentView{at: sub.At, Who: senderOf(sub), When: r.say.when(sub.At), Outcome: r.say.text("submission_state." + string(state)), Detail: template.HTML(template.HTMLEscapeString(r.say.label("suspect", sub.Reason)))}) //nolint:gosec // escaped
			}
		}
	}
	slices.SortStableFunc(v.Recent, func(a, b recentView) int { return b.at.Compare(a.at) })
	if len(v.Recent) > recentRows {
		v.Recent, v.RecentMore = v.Recent[:recentRows], true
	}
	return nil
}

// addEntry adds a row of the ledger, if it is a submission of the form and may be seen.
func (s *Server) addEntry(r *request, f *Form, e *crm.Entry, v *formPage) error {
	sub, err := s.cfg.Intake.GetSubmission(r.Context(), e.ExternalID)
	if errors.Is(err, crm.ErrNotFound) || err == nil && sub.Form != f.ID {
		return nil
	}
	if err != nil {
		return err
	}
	row := recentView{at: sub.At, Who: senderOf(&sub), When: r.say.when(sub.At), Outcome: r.say.label("verdict", string(e.Verdict))}
	if e.Activity != "" {
		a, err := s.store.GetActivity(r.Context(), e.Activity)
		if errors.Is(err, crm.ErrNotFound) {
			return nil // it may not be seen
		}
		if err != nil {
			return err
		}
		row.URL, row.Subject = activityURL(a.ID), r.say.subject(&a)
	} else {
		row.Detail = r.say.reason(e.Reason)
	}
	v.Recent = append(v.Recent, row)
	return nil
}

// senderOf is what a submission that nobody was found for can be known by: an address among its answers, or the first.
func senderOf(sub *crm.Submission) string {
	who := ""
	for _, f := range sub.Fields {
		for _, value := range f.Values {
			if crm.CanonicalAddress(value) != "" {
				return excerpt(value, 60)
			}
			who = cmp.Or(who, strings.TrimSpace(value))
		}
	}
	return cmp.Or(excerpt(who, 60), "—")
}

// tryForm takes a submission as the form endpoint does, up to where it would be stored, and shows what would come of it.
func (s *Server) tryForm(w http.ResponseWriter, r *request) error {
	f, ok := s.form(r.PathValue("id"))
	if !ok || s.cfg.Mapping == nil {
		return crm.ErrNotFound
	}
	v := s.formPage(r, &f)
	outcome, err := s.formOutcome(w, r, f)
	if err != nil {
		return err
	}
	v.Outcome = outcome
	return s.renderForm(w, r, &f, v)
}

func (s *Server) formOutcome(w http.ResponseWriter, r *request, f Form) (*formOutcome, error) {
	out := &formOutcome{}
	f.HMACSecret, f.Captcha = "", Captcha{} // a page of ours signs nothing and solves nothing
	in := r.Clone(r.Context())
	in.Header.Del("Referer") // our page is no landing page
	in.Header.Del("Idempotency-Key")
	a := &arrival{form: f, at: s.intake.now().UTC()}
	refused := (*intakeError)(nil)
	if err := s.read(w, in, a); errors.As(err, &refused) {
		out.Problem = r.say.text(refused.key)
		return out, nil
	} else if err != nil {
		return nil, err
	}
	r.PostForm = map[string][]string{}
	for _, p := range a.pairs {
		r.PostForm.Add(p.name, p.value)
	}
	sub, err := a.submission(in)
	if errors.As(err, &refused) {
		out.Problem = r.say.text("formpage.trial_failed")
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	if reason := s.suspicion(r.Context(), in, a, sub.Fields); reason != "" {
		out.Held = r.say.label("suspect", reason)
	}
	document := ""
	newest, err := s.cfg.Mapping.Newest(r.Context())
	switch {
	case err == nil:
		document = newest.Document
	case !errors.Is(err, crm.ErrNotFound):
		return nil, err
	}
	trial, err := s.cfg.Mapping.Try(r.Context(), document, MappingTry{Submission: &sub})
	if err != nil {
		return nil, err
	}
	out.Trial, err = s.trialOf(r, &trial)
	return out, err
}
