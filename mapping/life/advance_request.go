package life

import (
	"cmp"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// enquire tells which type of enquiry the person made last, and where that stands. Each enquiry of a type with stages begins
// them anew; what somebody decided after that counts.
func (s *subject) enquire() {
	if len(s.r.requests) == 0 {
		return
	}
	var made []crm.Change
	var request *request
	for i := range s.deeds {
		d := &s.deeds[i]
		if d.a.Kind != crm.KindForm || !d.from {
			continue
		}
		q := s.r.requestOf(s.scene(d.a, crm.EventFormReceived))
		if q == nil {
			continue
		}
		request = q
		if len(q.stages) > 0 {
			made = append(made, s.stageChange(q, d.a))
		}
	}
	if request != nil {
		s.keepStages(made)
		s.place(request, made)
	}
}

func (s *subject) stageChange(q *request, a *crm.Activity) crm.Change {
	return crm.Change{
		ID: crm.DerivedID("change", s.f.ID, string(crm.ChangeStage), q.name, a.ID), Person: s.f.ID, Field: crm.ChangeStage, At: a.Time.UTC(), To: q.stages[0],
		Label: s.r.label(crm.ChangeStage, q.stages[0], s.around.Locale), Rule: q.name, Rules: s.r.moves, Activity: a.ID,
		Event: string(crm.EventFormReceived), Evidence: short(a.Subject, 300), By: crm.ByRules, Seen: s.now,
	}
}

// keepStages puts what the enquiries began in the place of what rules said of stages before.
func (s *subject) keepStages(made []crm.Change) {
	keep := slices.DeleteFunc(s.out.Changes, func(c crm.Change) bool {
		return c.Field == crm.ChangeStage && c.Person == s.f.ID && (s.edge.IsZero() || !c.At.Before(s.edge))
	})
	for _, c := range made {
		at := slices.IndexFunc(s.f.Changes, func(old crm.Change) bool { return old.ID == c.ID })
		if at < 0 {
			keep = append(keep, c)
			continue
		}
		if old := &s.f.Changes[at]; !old.Fixed(s.r.moves) {
			c.Seen, c.Label = old.Seen, cmp.Or(old.Label, c.Label)
			keep = append(keep, c)
		}
	}
	s.out.Changes = keep
}

// place says where the newest enquiry stands. What somebody said of the person's request, or of its stage, after the enquiry
// stays. A stage that is one of the final actions ends it.
func (s *subject) place(q *request, made []crm.Change) {
	p := &s.person
	begun := p.Request == ""
	if n := len(made); n > 0 && made[n-1].Rule == q.name && s.startsAnew(&made[n-1]) {
		begun = true
		p.Stage, p.Final = made[n-1].To, ""
	}
	if begun {
		p.Request = q.name
	}
	if p.Request == q.name && p.Final == "" && slices.Contains(q.final, p.Stage) {
		p.Final, p.Stage = p.Stage, s.stageBefore(p.Stage)
	}
	s.out.Request, s.out.Stage, s.out.Final = p.Request, p.Stage, p.Final
}

// startsAnew reports whether a stage that an enquiry begins was not known before, and nobody decided about stages since.
func (s *subject) startsAnew(c *crm.Change) bool {
	return !slices.ContainsFunc(s.f.Changes, func(old crm.Change) bool {
		return old.Field == crm.ChangeStage && (old.ID == c.ID || old.Fixed(s.r.moves) && old.At.After(c.At))
	})
}

// stageBefore is the stage that was changed to this one last.
func (s *subject) stageBefore(stage string) string {
	for _, c := range slices.Backward(s.f.Changes) {
		if c.Field == crm.ChangeStage && c.To == stage {
			return c.From
		}
	}
	return ""
}
