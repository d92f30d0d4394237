package life

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// split parts the changes of the person's status from the others, of which it keeps those that rules made: those of other
// fields, and those of people who were merged into this one, whose history is theirs.
func (s *subject) split() (statuses, others []crm.Change) {
	for i := range s.f.Changes {
		c := &s.f.Changes[i]
		switch {
		case c.Field == crm.ChangeStatus && c.Person == s.f.ID:
			statuses = append(statuses, *c)
		case !c.Fixed(s.r.moves):
			others = append(others, *c)
		}
	}
	slices.SortFunc(statuses, compareChanges)
	return statuses, others
}

// derived are those of changes that are not fixed.
func (s *subject) derived(changes []crm.Change) []crm.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c crm.Change) bool { return c.Fixed(s.r.moves) })
}

func compareChanges(x, y crm.Change) int {
	if c := x.At.Compare(y.At); c != 0 {
		return c
	}
	return strings.Compare(x.ID, y.ID)
}

// begin finds the status that the lead was made with. One that somebody gave it is respected: only what came after it
// moves it.
func (s *subject) begin(statuses []crm.Change) {
	first := ""
	if len(s.r.statuses) > 0 {
		first = s.r.statuses[0].Name.Name
	}
	p, was := &s.person, &s.f.Standing
	switch {
	case len(statuses) > 0 && was.Began != "":
		s.st.Began, s.st.BeganAt = was.Began, was.BeganAt
		return
	case len(statuses) > 0:
		s.st.Began = crm.LeadStatus(cmp.Or(statuses[0].From, first))
		return
	}
	s.st.Began = crm.LeadStatus(cmp.Or(string(p.Status), first))
	if string(s.st.Began) != first {
		s.st.BeganAt = orTime(p.StatusAt, p.Created)
	}
}

func (s *subject) newWalk(statuses []crm.Change) *walk {
	w := &walk{s: s, status: string(s.st.Began), closed: s.st.BeganAt, until: s.now, known: map[string]bool{}, old: map[string]*crm.Change{}}
	if !s.person.Converted.IsZero() {
		w.until = soonest(s.now, s.person.Converted)
	}
	if !s.edge.IsZero() {
		w.closed = latest(w.closed, s.edge.Add(-1))
	}
	for i := range statuses {
		if c := &statuses[i]; c.By == crm.ByRules && c.Rules != s.r.moves {
			w.closed = latest(w.closed, c.At)
		}
	}
	for i := range statuses {
		c := &statuses[i]
		fixed := c.Fixed(s.r.moves)
		if !fixed && c.At.After(w.closed) {
			w.old[c.ID] = c
			continue
		}
		w.stays = append(w.stays, *c)
		w.known[c.ID] = true
		if !fixed {
			w.made = append(w.made, *c)
		}
	}
	if len(statuses) == 0 {
		w.reason = s.person.Reason
	}
	for i := range s.r.rules {
		if r := &s.r.rules[i]; r.on == crm.EventSilence && (w.shortest == 0 || r.after < w.shortest) {
			w.shortest = r.after
		}
	}
	w.base = mark{at: latest(s.person.Created, s.st.BeganAt), id: "begin"}
	return w
}

// history tells what the lead ever reached, and by which changes.
func (s *subject) history(w *walk) {
	all := slices.Clone(w.made)
	for i := range s.f.Changes { // what people decided about somebody who was merged into this one counts here
		if c := &s.f.Changes[i]; c.Field == crm.ChangeStatus && c.Fixed(s.r.moves) {
			all = append(all, *c)
		}
	}
	slices.SortFunc(all, compareChanges)
	reached := append(s.reachedElse(), string(s.st.Began))
	for i := range all {
		c := &all[i]
		if c.Undone != "" || c.Undoes != "" {
			continue
		}
		reached = append(reached, c.To)
		s.told = append(s.told, *c)
	}
	slices.Sort(reached)
	s.st.Reached = slices.DeleteFunc(slices.Compact(reached), func(r string) bool { return r == "" })
}
