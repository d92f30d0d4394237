package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// moveLead takes a status that somebody chose on a person's page.
func (s *Server) moveLead(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	form := r.PostForm
	_, _, err := s.setStatus(r.Context(), r.user.Email, r.PathValue("id"), statusEntry{Status: form.Get("status"), Reason: form.Get("reason"), Next: nextOf(form), labels: true})
	if err != nil {
		return r.refusedEntry(err, "/people/"+r.PathValue("id"), typedNext(form)...)
	}
	return backTo(w, r, "/people/"+r.PathValue("id"), "saved")
}

// callPerson takes a call that somebody logged on a person's page.
func (s *Server) callPerson(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	form := r.PostForm
	e := callEntry{Person: r.PathValue("id"), Text: form.Get("text"), Direction: crm.DirectionOut, Again: form.Get("again"),
		Call: crm.Call{Result: form.Get("result"), Note: form.Get("note"), Next: nextOf(form)}}
	if form.Get("direction") == string(crm.DirectionIn) {
		e.Direction = crm.DirectionIn
	}
	if at := form.Get("at"); at != "" {
		local, err := time.ParseInLocation("2006-01-02T15:04", at, r.say.zone)
		if err != nil {
			return badRequest("error.form")
		}
		e.At = local
	}
	if _, _, err := s.logCall(r.Context(), r.user.Email, e); err != nil {
		typed := append([]typed{{"call.text", form.Get("text")}, {"call.note", form.Get("note")}}, typedNext(form)...)
		return r.refusedEntry(err, "/people/"+e.Person, typed...)
	}
	return backTo(w, r, "/people/"+e.Person, "call_logged")
}

// undoMove takes a change back.
func (s *Server) undoMove(w http.ResponseWriter, r *request) error {
	c, err := s.undoChange(r.Context(), r.user.Email, r.PathValue("id"))
	if err != nil {
		return err
	}
	return backTo(w, r, "/people/"+c.Person, "undone")
}

// doTask closes a task from a page.
func (s *Server) doTask(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	t, err := s.finishTask(r.Context(), r.user.Email, r.PathValue("id"), taskDone{Dropped: r.PostForm.Get("dropped") != ""})
	if err != nil {
		return err
	}
	to := "/"
	if t.Person != "" {
		to = "/people/" + t.Person
	}
	return backTo(w, r, workReturn(r.PostForm.Get("return"), to), "saved")
}

func nextOf(form url.Values) crm.NextAction {
	return crm.NextAction{When: form.Get("next_when"), Whom: form.Get("next_whom"), What: form.Get("next_what")}
}

// typedNext is what was typed of a next action.
func typedNext(form url.Values) []typed {
	return []typed{{"next.when", form.Get("next_when")}, {"next.whom", form.Get("next_whom")}, {"next.what", form.Get("next_what")}}
}

// backTo leads to a page that says what was done.
func backTo(w http.ResponseWriter, r *request, path, notice string) error {
	u := url.URL{Path: path, RawQuery: url.Values{"notice": {notice}}.Encode()}
	http.Redirect(w, r.Request, u.String(), http.StatusSeeOther)
	return nil
}
