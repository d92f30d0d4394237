package life

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Follow says what follows from what is known of a person or account. It never fails: a condition that fails does not hold.
// Around.Loads is changed where a lead is given to an owner; nothing of f is.
func (r *Rules) Follow(f crm.Following, around *Around) crm.Followed {
	switch {
	case f.Person != nil:
		s := r.newSubject(&f, around)
		s.follow()
		return s.out
	case f.Account != nil:
		return r.followAccount(&f, around)
	}
	return crm.Followed{ID: f.ID, Mark: f.Mark, Missing: true}
}

// follow works everything out, in an order in which each step knows what it needs: what happened, how fresh the record is, where
// the lead stands, who looks after it, where it belongs, what is to be done, and what is counted.
func (s *subject) follow() {
	s.read()
	s.stand()
	s.fresh()
	s.enquire()
	s.st.Territory = s.r.territoryOf(s.scene(nil, ""))
	s.advance()
	s.giveOwner()
	s.ownersOf()
	s.belong()
	s.followUp()
	s.propose()
	s.tasks()
	s.facts()
	slices.SortFunc(s.out.Changes, compareChanges)
	s.st.Look = s.look
	s.out.Standing = s.st
}

// facts counts.
func (s *subject) facts() {
	s.out.Facts = make([]crm.Fact, 0, 3*len(s.told)+len(s.st.Reached)+8)
	s.countLead()
	for i := range s.told {
		s.countChange(&s.told[i])
	}
	s.turns()
}
