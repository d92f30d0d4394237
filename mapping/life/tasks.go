package life

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// tasks makes next actions of what people said should come next and of work plans, and closes those that were done or are
// not needed any more.
func (s *subject) tasks() {
	wanted := map[string]bool{}
	for i := range s.deeds {
		if t, ok := s.nextTask(&s.deeds[i]); ok {
			wanted[t.ID] = true
			s.task(t)
		}
	}
	s.plans(wanted)
	s.drop(wanted)
	s.finish()
}

// task makes a task that is not there yet.
func (s *subject) task(t crm.Task) {
	if !slices.ContainsFunc(s.f.Tasks, func(old crm.Task) bool { return old.ID == t.ID }) {
		s.out.Tasks = append(s.out.Tasks, t)
	}
}

// nextTask is what a logged call, or the outcome of a meeting, says is to be done next. It is the first known person's on it.
func (s *subject) nextTask(d *deed) (t crm.Task, ok bool) {
	a := d.a
	var next crm.NextAction
	t = crm.Task{Person: s.f.ID, Cause: a.ID}
	switch {
	case a.Call != nil:
		next, t.Kind, t.Origin, t.Created, t.Owner = a.Call.Next, crm.TaskCall, "call", a.Time.UTC(), a.By
	case a.Outcome != nil:
		next, t.Kind, t.Origin, t.Created, t.Owner = a.Outcome.Next, crm.TaskTodo, "outcome", a.Outcome.At.UTC(), a.Outcome.By
	}
	if next == (crm.NextAction{}) || s.firstOn(a) != s.f.ID {
		return t, false
	}
	t.ID = crm.DerivedID("task", t.Origin, a.ID)
	t.Whom, t.What = next.Whom, cmp.Or(next.What, s.word("次アクション", "Next action"))
	t.Due = cmp.Or(next.When, s.day(t.Created))
	if _, isAddress := crm.NormalizeAddress(t.Owner); !isAddress {
		t.Owner = s.person.Owner
		if t.Owner == "" && len(a.Owners) > 0 {
			t.Owner = a.Owners[0]
		}
	}
	return t, true
}

// firstOn is the first person from outside on an activity who is known.
func (s *subject) firstOn(a *crm.Activity) string {
	for i := range a.People {
		if p := &a.People[i]; p.ID != "" && !p.Internal {
			return p.ID
		}
	}
	return ""
}

// plans makes the tasks of work plans for the segments that they are in, counted from when they entered.
func (s *subject) plans(wanted map[string]bool) {
	if s.unwanted() {
		return
	}
	for i := range s.r.plans {
		p := &s.r.plans[i]
		entered, ok := s.st.Entered[p.segment]
		if !ok {
			continue
		}
		for n := range p.steps {
			step := &p.steps[n]
			day := entered.In(s.zone).AddDate(0, 0, int(step.after/(24*time.Hour)))
			t := crm.Task{
				ID:   crm.DerivedID("task", "plan", p.name, strconv.Itoa(n+1), s.f.ID, entered.UTC().Format(time.RFC3339Nano)),
				Kind: step.kind, Person: s.f.ID, Owner: s.person.Owner, Due: s.dueDay(day), What: step.what, Origin: "plan",
				Cause: fmt.Sprintf("%s %d", p.name, n+1), Created: entered.UTC(),
			}
			wanted[t.ID] = true
			s.task(t)
		}
	}
}

// drop closes the open tasks whose cause is gone: they left the segment, the outcome says something else, or they must not be
// approached any more.
func (s *subject) drop(wanted map[string]bool) {
	for i := range s.f.Tasks {
		t := &s.f.Tasks[i]
		if !t.Done.IsZero() || t.Dropped || t.Person != s.f.ID || wanted[t.ID] {
			continue
		}
		gone := t.Origin == "plan"
		if t.Origin == "call" || t.Origin == "outcome" {
			gone = s.inSight(t.Cause)
		}
		if gone {
			dropped := *t
			dropped.Dropped = true
			s.out.TasksDone = append(s.out.TasksDone, dropped)
		}
	}
}

// inSight reports whether an activity is there and concerns them.
func (s *subject) inSight(id string) bool {
	return slices.ContainsFunc(s.deeds, func(d deed) bool { return d.a.ID == id })
}

// finish closes open tasks that something did: a call one to call, a mail to them one to write. Each exchange does one task, the
// one that was due first.
func (s *subject) finish() {
	open, used := s.openTasks()
	if len(open) == 0 {
		return
	}
	since := s.now.AddDate(0, 0, -29) // those that did a task that is out of sight by now are older
	for i := range s.deeds {
		d := &s.deeds[i]
		kind := crm.TaskKind("")
		switch {
		case d.a.Kind == crm.KindCall && d.a.Direction != crm.DirectionIn && d.guestOf():
			kind = crm.TaskCall
		case d.a.Kind == crm.KindEmail && d.out:
			kind = crm.TaskMail
		}
		if kind == "" || used[d.a.ID] || d.at.Before(since) {
			continue
		}
		at := slices.IndexFunc(open, func(t crm.Task) bool { return t.Kind == kind && t.Created.Before(d.at) })
		if at < 0 {
			continue
		}
		done := open[at]
		done.Done, done.DoneBy = d.at.UTC(), d.a.ID
		s.out.TasksDone = append(s.out.TasksDone, done)
		open = slices.Delete(open, at, at+1)
	}
}

// guestOf reports whether they are on an exchange themselves.
func (d *deed) guestOf() bool { return d.guest || d.from || d.to }

// openTasks are the open tasks that are not dropped now, the one due first in front, and the exchanges that did a task already.
// Tasks that are made now are done by what came after their cause.
func (s *subject) openTasks() (open []crm.Task, used map[string]bool) {
	used = map[string]bool{}
	for i := range s.f.Tasks {
		t := &s.f.Tasks[i]
		dropped := slices.ContainsFunc(s.out.TasksDone, func(d crm.Task) bool { return d.ID == t.ID })
		switch {
		case !t.Done.IsZero():
			used[t.DoneBy] = true
		case !t.Dropped && !dropped && t.Person == s.f.ID:
			open = append(open, *t)
		}
	}
	slices.SortFunc(open, func(a, b crm.Task) int {
		return cmp.Or(strings.Compare(a.Due, b.Due), a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	return open, used
}
