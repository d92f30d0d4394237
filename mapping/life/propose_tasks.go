package life

import (
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// nextDays is for how many days something that was promised, or a meeting without a next step, is proposed as a next action.
const nextDays = 30

// proposeTasks proposes next actions. Nobody is asked to approach somebody who must not be contacted, or asked not to be.
func (s *subject) proposeTasks() {
	if d, _ := s.openRefusal(); d != nil || s.unwanted() {
		return
	}
	s.proposeReply()
	for i := range s.deeds {
		s.proposePromised(&s.deeds[i])
	}
	s.proposeStep()
}

// proposeReply asks for an answer when business hours enough have passed.
func (s *subject) proposeReply() {
	since := s.st.Unreplied
	if since.IsZero() {
		return
	}
	due := s.r.hours.After(since, s.r.reply, s.zone)
	s.lookAt(due)
	if due.IsZero() || due.After(s.now) {
		return
	}
	at := slices.IndexFunc(s.deeds, func(d deed) bool { return d.a.ID == s.st.UnrepliedAt })
	if at < 0 {
		return
	}
	a := s.deeds[at].a
	what := s.word(s.day(a.Time)+" の連絡に返信する: ", "Answer what they wrote on "+s.day(a.Time)+": ") + short(a.Subject, 200)
	s.raise(crm.Proposal{Kind: crm.ProposeTask, Field: string(crm.TaskMail), Value: what, Due: s.dueDay(due), Evidence: evidence(a.Subject), Activity: a.ID, Raised: a.Time})
}

// proposePromised asks to keep what we promised, and to come back to what they promised.
func (s *subject) proposePromised(d *deed) {
	for i := range d.a.Signals {
		sig := &d.a.Signals[i]
		if sig.Kind != crm.SignalPromised || sig.Until.IsZero() || !s.concerns(d, sig) {
			continue
		}
		until := s.midnight(sig.Until)
		over := until.AddDate(0, 0, nextDays)
		if s.kept(d, until) || !over.After(s.now) {
			continue
		}
		s.lookAt(over)
		what, due := s.word("約束の件を進める: ", "Do what we promised: "), s.dueDay(until)
		if d.from {
			what, due = s.word("約束の件を確認する: ", "Come back to what they promised: "), s.dueDay(until.AddDate(0, 0, 1))
		}
		s.raise(crm.Proposal{Kind: crm.ProposeTask, Field: string(crm.TaskTodo), Value: what + short(d.a.Subject, 200) + " (" + sig.Until.Format(time.DateOnly) + ")",
			Due: due, Evidence: evidence(sig.Evidence), Activity: d.a.ID, Raised: d.a.Time})
	}
}

// kept reports whether a promise needs no more care: they came back to us; or we to them, on its day or another day than
// that of the promise.
func (s *subject) kept(promise *deed, until time.Time) bool {
	return slices.ContainsFunc(s.deeds, func(d deed) bool {
		switch {
		case !d.at.After(promise.at):
			return false
		case promise.from:
			return d.in
		}
		return d.out && (!d.at.Before(until) || s.day(d.at) != s.day(promise.at))
	})
}

// proposeStep asks for a next step after a meeting that was held without one, as long as nothing followed.
func (s *subject) proposeStep() {
	at := -1
	for i := range s.deeds {
		d := &s.deeds[i]
		switch {
		case d.a.Kind == crm.KindMeeting && d.a.Outcome != nil && d.in:
			at = i
		case d.contact():
			at = -1
		}
	}
	if at < 0 || s.planned() {
		return
	}
	d := &s.deeds[at]
	over := d.at.Add(nextDays * 24 * time.Hour)
	if d.a.Outcome.Next != (crm.NextAction{}) || !over.After(s.now) {
		return
	}
	s.lookAt(over)
	what := s.word(s.day(d.at)+" の打ち合わせの次アクションを決める: ", "Decide what follows the meeting of "+s.day(d.at)+": ") + short(d.a.Subject, 200)
	s.raise(crm.Proposal{Kind: crm.ProposeTask, Field: string(crm.TaskTodo), Value: what, Due: s.dueDay(d.at.AddDate(0, 0, 1)), Evidence: evidence(d.a.Subject),
		Activity: d.a.ID, Raised: d.at})
}

// planned reports whether something is planned with them already: a meeting, or an open task.
func (s *subject) planned() bool {
	if slices.ContainsFunc(s.ahead, func(m stretch) bool { return m.ends.After(s.now) }) {
		return true
	}
	return slices.ContainsFunc(s.f.Tasks, func(t crm.Task) bool { return t.Done.IsZero() && !t.Dropped })
}
