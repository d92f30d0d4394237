package life

import (
	"cmp"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// walk lets the status rules go over what happened, in the order of time.
//
// It begins with the status that the lead was made with. Where it comes to a change that stays (a person's, an undo, one of
// earlier rules), that is the status from then on, and only what is later is evidence. Before the newest change of
// earlier rules, and before what is in sight, nothing new is found: history stays as it was told.
type walk struct {
	s      *subject
	stays  []crm.Change    // oldest first
	known  map[string]bool // ids of stays
	old    map[string]*crm.Change
	closed time.Time // nothing is found at or before this time
	until  time.Time // nothing is found after this time

	status, reason string
	entered        mark // when the status began
	base           mark // from when on silence counts
	made           []crm.Change
	silent         int           // changes by silence since something happened
	shortest       time.Duration // of the silences that rules name
}

// mark is a moment, and the id of what it rests on.
type mark struct {
	at time.Time
	id string
}

// advance works out the status and its history.
func (s *subject) advance() {
	statuses, others := s.split()
	s.out.Changes = others
	if !s.wasLead() {
		s.out.Changes = append(s.out.Changes, s.derived(statuses)...)
		return
	}
	s.begin(statuses)
	w := s.newWalk(statuses)
	w.run()
	s.out.Changes = append(s.out.Changes, w.made...)
	s.history(w)
	s.out.Status, s.out.Reason = crm.LeadStatus(w.status), w.reason
	switch {
	case w.entered.id != "":
		s.out.StatusAt = w.entered.at
	case len(statuses) > 0: // what moved it is gone
		s.out.StatusAt = s.st.BeganAt
	}
	s.person.Status, s.person.Reason, s.person.StatusAt = s.out.Status, s.out.Reason, s.out.StatusAt
	s.lookAt(w.nextSilence())
}

func (w *walk) run() {
	events, stays, deeds := w.s.events, w.stays, w.s.deeds
	for len(events) > 0 || len(stays) > 0 || len(deeds) > 0 {
		at := w.next(events, stays, deeds)
		if at.After(w.until) {
			break
		}
		w.silence(at)
		for ; len(stays) > 0 && !stays[0].At.After(at); stays = stays[1:] {
			w.keep(&stays[0])
		}
		for ; len(deeds) > 0 && !deeds[0].at.After(at); deeds = deeds[1:] {
			if deeds[0].contact() && deeds[0].at.After(w.base.at) {
				w.base, w.silent = mark{deeds[0].at, deeds[0].a.ID}, 0
			}
		}
		for ; len(events) > 0 && !events[0].At.After(at); events = events[1:] {
			w.happen(&events[0])
		}
	}
	w.silence(w.until.Add(1))
	for i := range stays {
		w.keep(&stays[i])
	}
}

func (w *walk) next(events []crm.Event, stays []crm.Change, deeds []deed) time.Time {
	var at time.Time
	if len(events) > 0 {
		at = events[0].At
	}
	if len(stays) > 0 {
		at = soonest(at, stays[0].At)
	}
	if len(deeds) > 0 {
		at = soonest(at, deeds[0].at)
	}
	return at
}

// keep comes to a change that stays.
func (w *walk) keep(c *crm.Change) {
	w.status, w.reason, w.entered = c.To, c.Reason, mark{c.At, c.ID}
	if c.Fixed(w.s.r.moves) {
		w.closed = latest(w.closed, c.At)
		w.base, w.silent = mark{latest(w.base.at, c.At), c.ID}, 0
	}
}

// happen asks the rules about an event: the first that fits counts.
func (w *walk) happen(e *crm.Event) {
	if !e.At.After(w.closed) || e.At.After(w.until) {
		return
	}
	for i := range w.s.r.rules {
		r := &w.s.r.rules[i]
		if r.on != e.Kind || r.result != nil && !r.result[e.Result] || !w.fits(r, e.Activity, e.At) {
			continue
		}
		w.move(r, e, e.Activity.ID)
		return
	}
}

// fits reports whether a rule moves the lead from where it is, and its condition holds as of a time.
func (w *walk) fits(r *rule, a *crm.Activity, at time.Time) bool {
	if r.to == w.status || r.from != nil && !r.from[w.status] {
		return false
	}
	if r.holds == nil {
		return true
	}
	p := &w.s.person
	p.Status, p.Reason, p.StatusAt = crm.LeadStatus(w.status), w.reason, w.entered.at
	then := w.s.scene(a, r.on)
	then.now = at
	return r.holds(then)
}

// move makes a change. Changes of one moment are a millisecond apart, so that their order can be told.
func (w *walk) move(r *rule, e *crm.Event, cause string) {
	id := crm.DerivedID("change", w.s.f.ID, string(crm.ChangeStatus), r.name, cause, string(e.Kind))
	if w.known[id] {
		return // it was taken back, or is there already
	}
	at := e.At
	if !at.After(w.entered.at) {
		at = w.entered.at.Add(time.Millisecond)
	}
	c := crm.Change{
		ID: id, Person: w.s.f.ID, Field: crm.ChangeStatus, At: at, From: w.status, To: r.to, Reason: r.reason, Rule: r.name, Rules: w.s.r.moves,
		Event: string(e.Kind), Evidence: e.Evidence, By: crm.ByRules, Seen: w.s.now,
		Label: w.s.r.label(crm.ChangeStatus, r.to, w.s.around.Locale),
	}
	if e.Activity != nil {
		c.Activity = e.Activity.ID
		c.Evidence = short(cmp.Or(e.Evidence, e.Activity.Subject), 300)
	}
	if old := w.old[id]; old != nil {
		c.Seen = old.Seen
		if old.To == c.To {
			c.Label = old.Label
		}
	}
	w.known[id] = true
	w.made = append(w.made, c)
	w.status, w.reason, w.entered = r.to, r.reason, mark{at, id}
}
