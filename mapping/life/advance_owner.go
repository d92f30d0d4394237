package life

import (
	"slices"
	"time"
	"unicode"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// giveOwner gives a lead to an owner by the assignment rules, once: who had an owner, or lost one by somebody's decision, is
// left alone.
func (s *subject) giveOwner() {
	p := &s.person
	if !s.isLead() || p.Owner != "" || s.r.Closed(string(p.Status)) || len(s.r.assignments) == 0 {
		return
	}
	if slices.ContainsFunc(s.f.Changes, func(c crm.Change) bool { return c.Field == crm.ChangeOwner }) {
		return
	}
	first := s.firstWritten()
	owner, rule := s.r.assign(s.scene(first, ""), s.language(first), s.around)
	if owner == "" {
		return
	}
	c := crm.Change{
		ID: crm.DerivedID("change", s.f.ID, string(crm.ChangeOwner), rule), Person: s.f.ID, Field: crm.ChangeOwner, At: s.now, To: owner,
		Rule: rule, Rules: s.r.moves, By: crm.ByRules, Seen: s.now,
	}
	if first != nil {
		c.Activity, c.Evidence = first.ID, short(first.Subject, 300)
	}
	s.out.Changes = append(s.out.Changes, c)
	s.out.Owner, p.Owner = owner, owner
}

// firstWritten is the first thing that they wrote to us; nil if they wrote nothing.
func (s *subject) firstWritten() *crm.Activity {
	for i := range s.deeds {
		if s.deeds[i].writes {
			return s.deeds[i].a
		}
	}
	return nil
}

// language is ja if the subject of what they wrote first, or else their name or company, has Japanese letters; en if there
// are only others; "" if nothing tells. What a form is called is our word, not theirs.
func (s *subject) language(first *crm.Activity) string {
	p := &s.person
	text := p.Kana + p.Name + p.Company
	if first != nil && first.Kind == crm.KindEmail && first.Subject != "" {
		text = first.Subject
	}
	lang := ""
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han):
			return "ja"
		case unicode.IsLetter(r):
			lang = "en"
		}
	}
	return lang
}

// ownersOf tells the owners by time from the history of changes, oldest first.
func (s *subject) ownersOf() {
	for _, changes := range [][]crm.Change{s.f.Changes, s.out.Changes} {
		for i := range changes {
			c := &changes[i]
			known := func(x crm.Change) bool { return x.ID == c.ID }
			if c.Field == crm.ChangeOwner && !slices.ContainsFunc(s.owners, known) {
				s.owners = append(s.owners, *c)
			}
		}
	}
	slices.SortFunc(s.owners, compareChanges)
}

// ownerAt is who looked after them at a time, as a list of one; before anybody did, who did so first. Nil for nobody.
func (s *subject) ownerAt(at time.Time) []string {
	owner := s.person.Owner
	if len(s.owners) > 0 {
		owner = s.owners[0].From
		for i := range s.owners {
			c := &s.owners[i]
			if c.At.After(at) && owner != "" {
				break
			}
			owner = c.To
		}
	}
	if owner == "" {
		return nil
	}
	return []string{owner}
}
