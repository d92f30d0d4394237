package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// shownQuestions is how many meetings the first page asks about.
const shownQuestions = 5

// maxNote bounds the note on a meeting, in characters.
const maxNote = 2000

// outcomeView is what became of a meeting, and the form that asks for it.
type outcomeView struct {
	ID, Title, When, Return string // of the question
	Said                    bool   // somebody said
	Ask                     bool   // whoever looks may say
	Result, Label, By, At   string
	Note                    string
	Next                    []fact
	Plan                    crm.NextAction
	Results                 []option
}

// outcomeResults are what can become of a meeting, in the order of the buttons.
func outcomeResults() []string {
	return []string{crm.OutcomeHeld, crm.OutcomeNoShow, crm.OutcomeRescheduled}
}

// mayAnswer says who may say what became of a meeting: those in whose calendars it was, and those who look after all.
func mayAnswer(u crm.User, a *crm.Activity) bool {
	return a.Kind == crm.KindMeeting && (slices.Contains(a.Owners, u.Email) || admin.allows(u.Role))
}

// ended says that a meeting is over; one without an end takes no time.
func ended(a *crm.Activity, now time.Time) bool {
	return a.Kind == crm.KindMeeting && !a.Time.After(now) && !a.End.After(now)
}

// outcomeView is nil for what is no meeting, and for one that nobody said anything of when nobody is asked.
func (sp *speaker) outcomeView(u crm.User, a *crm.Activity, now time.Time) *outcomeView {
	ask := mayAnswer(u, a) && ended(a, now)
	if a.Kind != crm.KindMeeting || a.Outcome == nil && !ask {
		return nil
	}
	v := sp.said(a)
	if v == nil {
		v = &outcomeView{}
	}
	v.ID, v.Title, v.When, v.Ask = a.ID, sp.subject(a), sp.span(a).full(), ask
	for _, result := range outcomeResults() {
		v.Results = append(v.Results, option{result, sp.text("outcome." + result), v.Result == result})
	}
	return v
}

// said is what somebody said of a meeting, nil if nobody did.
func (sp *speaker) said(a *crm.Activity) *outcomeView {
	o := a.Outcome
	if o == nil {
		return nil
	}
	v := &outcomeView{Said: true, Result: o.Result, Label: sp.label("outcome", o.Result), Note: o.Note, By: o.By, At: sp.when(o.At), Plan: o.Next}
	for _, f := range []struct{ key, value string }{{"outcome.when", sp.plannedDay(o.Next.When)}, {"outcome.whom", o.Next.Whom}, {"outcome.what", o.Next.What}} {
		if f.value != "" {
			v.Next = append(v.Next, fact{sp.text(f.key), f.value})
		}
	}
	return v
}

// plannedDay is a day as people write it.
func (sp *speaker) plannedDay(day string) string {
	t, err := time.ParseInLocation(time.DateOnly, day, sp.zone)
	if err != nil {
		return day
	}
	return sp.date(t)
}

func (s *Server) saveOutcome(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	a, err := s.store.GetActivity(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !mayAnswer(r.user, &a) {
		return errForbidden
	}
	form := r.PostForm
	o := crm.Outcome{Result: form.Get("result"), Note: form.Get("note"), By: r.user.Email,
		Next: crm.NextAction{When: form.Get("next_when"), Whom: form.Get("next_whom"), What: form.Get("next_what")}}
	if bad, err := s.setOutcome(r.Context(), r.user.Email, &a, o); err != nil {
		return err
	} else if bad != nil {
		return &statusError{http.StatusUnprocessableEntity, bad.key}
	}
	to := "/activities/" + a.ID + "?notice=outcome_saved"
	if form.Get("return") == "home" {
		to = "/?notice=outcome_saved"
	}
	http.Redirect(w, r.Request, to, http.StatusSeeOther)
	return nil
}

// setOutcome stores what somebody says of a meeting; pages and API share it. The problem is what is wrong with
// what was said.
func (s *Server) setOutcome(ctx context.Context, actor string, a *crm.Activity, o crm.Outcome) (*problem, error) {
	o.At = time.Now().UTC()
	if a.Kind != crm.KindMeeting || !ended(a, o.At) {
		return &problem{"outcome.too_early", ""}, nil
	}
	if bad := checkOutcome(&o); bad != nil {
		return bad, nil
	}
	stored, err := s.store.SetOutcome(ctx, actor, a.ID, o)
	if err == nil {
		*a = stored
	}
	return nil, err
}

// checkOutcome trims what was entered and says what is wrong with it, or nil.
func checkOutcome(o *crm.Outcome) *problem {
	if !slices.Contains(outcomeResults(), o.Result) {
		return &problem{"outcome.bad_result", ""}
	}
	if o.Next.When = strings.TrimSpace(o.Next.When); o.Next.When != "" {
		if day, err := time.Parse(time.DateOnly, o.Next.When); err != nil || day.Year() < 2000 {
			return &problem{"outcome.bad_day", ""}
		}
	}
	for _, f := range []struct {
		value *string
		most  int
	}{{&o.Next.Whom, maxField}, {&o.Next.What, maxField}, {&o.Note, maxNote}} {
		if bad := tidy(f.value); bad != nil {
			return &problem{"outcome.hidden", bad.value}
		}
		if utf8.RuneCountInString(*f.value) > f.most {
			return &problem{"outcome.too_long", ""}
		}
	}
	return nil
}
