package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds on what one page of the quarantine reads and shows.
const (
	heldRows  = 20
	heldReads = 20       // times 50 submissions are read to find heldRows of one form
	heldBytes = 16 << 10 // of one submission
)

// heldView is a submission that was, or is, in quarantine.
type heldView struct {
	ID, When, Reason     string
	Fields               []heldField
	More                 bool // there is more than is shown
	MayRelease, MayKeep  bool
	Landing, Attribution string
}

type heldField struct{ Name, Value string }

// quarantineList is the list that a page of a form's quarantine belongs to.
func quarantineList(form, state string) string { return "quarantine/" + form + "/" + state }

// addHeld adds a page of the quarantine. The store lists all forms together, so a page may be short of
// heldRows and still have a next one.
func (s *Server) addHeld(r *request, f *Form, v *formPage) error {
	state := crm.SubmissionState(r.URL.Query().Get("state"))
	switch state {
	case crm.SubmissionReleased, crm.SubmissionRejected:
	default:
		state = crm.SubmissionQuarantined
	}
	v.State = string(state)
	list := quarantineList(f.ID, v.State)
	after, err := r.place(list)
	if err != nil {
		return err
	}
	for range heldReads {
		var page []crm.Submission
		if page, after, err = s.cfg.Intake.ListQuarantine(r.Context(), state, after, 50); err != nil {
			return err
		}
		for i := range page {
			if page[i].Form == f.ID {
				v.Rows = append(v.Rows, r.say.heldView(f, &page[i]))
			}
		}
		if after == "" || len(v.Rows) >= heldRows {
			break
		}
	}
	v.Next, v.Start = nextPage(r, list, after), firstPage(r)
	return nil
}

// heldView names the answers as the form does.
func (sp *speaker) heldView(form *Form, sub *crm.Submission) heldView {
	v := heldView{ID: sub.ID, When: sp.when(sub.At), Reason: sp.label("suspect", sub.Reason), Landing: sub.Touch.Landing,
		Attribution: strings.Join(nonEmpty(sub.Touch.Campaign, sub.Touch.Source, sub.Touch.Medium), " · "),
		MayRelease:  sub.State != crm.SubmissionReleased, MayKeep: sub.State == crm.SubmissionQuarantined}
	left := heldBytes
	for _, f := range sub.Fields {
		value := strings.Join(f.Values, "; ")
		if len(value) > left {
			value, v.More = strings.ToValidUTF8(value[:left], "")+"…", true
		}
		name := f.Label
		if name == "" {
			name = sp.asked(form, f.Name)
		}
		v.Fields = append(v.Fields, heldField{name, value})
		if left -= len(value) + len(name); left <= 0 {
			v.More = true
			break
		}
	}
	return v
}

// asked is the question of a form behind the name of a field, or what the field usually asks; the name of any other.
func (sp *speaker) asked(form *Form, field string) string {
	for _, in := range slices.Concat(form.Inputs, usualInputs()) {
		if in.Name == field {
			return cmp.Or(in.Label.In(sp.lang), field)
		}
	}
	return field
}

// nonEmpty are the texts that are not empty.
func nonEmpty(texts ...string) (list []string) {
	for _, t := range texts {
		if t != "" {
			list = append(list, t)
		}
	}
	return list
}

// decideHeld releases or rejects a submission of the form.
func (s *Server) decideHeld(w http.ResponseWriter, r *request) error {
	f, ok := s.form(r.PathValue("id"))
	if !ok {
		return crm.ErrNotFound
	}
	if err := r.readForm(); err != nil {
		return err
	}
	action := r.PostForm.Get("action")
	if action != "release" && action != "reject" {
		return badRequest("error.form")
	}
	sub, err := s.cfg.Intake.GetSubmission(r.Context(), r.PathValue("submission"))
	if err != nil {
		return err
	}
	if sub.Form != f.ID {
		return crm.ErrNotFound
	}
	if _, err := s.cfg.Intake.DecideSubmission(r.Context(), r.user.Email, sub.ID, action == "release", s.intake.now().UTC()); err != nil {
		return err
	}
	http.Redirect(w, r.Request, f.path()+"?notice=submission_"+action, http.StatusSeeOther)
	return nil
}
