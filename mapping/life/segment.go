package life

import "slices"

// segmentsOf are the names of the segments whose members the scene's person is one of, sorted; nil for none.
func (r *Rules) segmentsOf(s scene) []string {
	s.seen = &sight{}
	var names []string
	for i := range r.segments {
		if r.segments[i].holds(s) {
			names = append(names, r.segments[i].name)
		}
	}
	slices.Sort(names)
	return names
}

// territoryOf is the name of the first territory whose condition holds; "" if none does.
func (r *Rules) territoryOf(s scene) string {
	s.seen = &sight{}
	for i := range r.territories {
		if r.territories[i].holds(s) {
			return r.territories[i].name
		}
	}
	return ""
}

// requestOf is the type of an enquiry, the scene's activity: the first of whose forms it came by one and whose condition
// holds, with the stage at which it begins. nil if none fits.
func (r *Rules) requestOf(s scene) *request {
	if s.activity == nil {
		return nil
	}
	s.seen = &sight{}
	for i := range r.requests {
		q := &r.requests[i]
		if q.forms == nil && q.holds == nil || q.forms != nil && !q.forms[s.activity.Form] {
			continue
		}
		if q.holds == nil || q.holds(s) {
			return q
		}
	}
	return nil
}
