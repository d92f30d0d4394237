package life

import (
	"hash/fnv"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// stand works out what does not depend on the rules: who reached whom when, what is unanswered, where they came from. What
// lies beyond the activities in sight is taken from what was known before.
func (s *subject) stand() {
	st, was := &s.st, &s.f.Standing
	if s.f.More {
		st.LastHeard, st.LastReached = was.LastHeard, was.LastReached
		st.Products = slices.Clone(was.Products)
		if was.FirstAt.Before(s.edge) {
			st.First, st.FirstAt = was.First, was.FirstAt
		}
		if was.Unreplied.Before(s.edge) {
			st.Unreplied, st.UnrepliedAt = was.Unreplied, was.UnrepliedAt
		}
	}
	if p := &s.person; p.Given != (crm.Touch{}) {
		s.touch(p.Given, s.f.Person.Created) // which somebody entered then
	}
	for i := range s.deeds {
		s.heed(&s.deeds[i])
	}
	slices.Sort(st.Products)
	st.Products = slices.Compact(st.Products)
	s.away()
}

// heed takes one deed into account; they come in the order of time.
func (s *subject) heed(d *deed) {
	st, a := &s.st, d.a
	if d.in {
		st.LastHeard = latest(st.LastHeard, d.at)
	}
	if d.out {
		st.LastReached = latest(st.LastReached, d.at)
		if !d.at.Before(st.Unreplied) {
			st.Unreplied, st.UnrepliedAt = time.Time{}, ""
		}
	}
	if d.writes && st.Unreplied.IsZero() && !d.at.Before(st.LastReached) {
		st.Unreplied, st.UnrepliedAt = d.at, a.ID
	}
	if a.Kind != crm.KindForm || !d.from {
		return
	}
	if a.Product != "" {
		st.Products = append(st.Products, a.Product)
	}
	s.touch(a.Touch, a.Time)
}

// touch notes where they came from. Nothing known is no touch.
func (s *subject) touch(t crm.Touch, at time.Time) {
	if t == (crm.Touch{}) {
		return
	}
	st := &s.st
	if st.FirstAt.IsZero() || at.Before(st.FirstAt) {
		st.First, st.FirstAt = t, at
	}
	if !at.Before(st.LastAt) {
		st.Last, st.LastAt = t, at
	}
}

// away tells until when they are out of office, as their last notice says; a personal mail after it says that they are back.
func (s *subject) away() {
	for i := range slices.Backward(s.deeds) {
		d := &s.deeds[i]
		if d.writes && d.a.Kind == crm.KindEmail && !hasSignal(d.a, crm.SignalOutOfOffice) {
			return
		}
		for j := range d.a.Signals {
			sig := &d.a.Signals[j]
			if sig.Kind != crm.SignalOutOfOffice || sig.Until.IsZero() || !s.concerns(d, sig) {
				continue
			}
			if ends := s.midnight(sig.Until.AddDate(0, 0, 1)); ends.After(s.now) {
				s.st.Away = ends.UTC()
				s.lookAt(s.st.Away)
			}
			return
		}
	}
}

func hasSignal(a *crm.Activity, kind crm.SignalKind) bool {
	return slices.ContainsFunc(a.Signals, func(s crm.Signal) bool { return s.Kind == kind })
}

// reachedElse is what the lead reached beside statuses.
func (s *subject) reachedElse() []string {
	var out []string
	if !s.person.Converted.IsZero() {
		out = append(out, "converted")
	}
	for i := range s.f.Opportunities {
		out = append(out, "opportunity")
		if s.r.wins(s.f.Opportunities[i].Stage) {
			return append(out, "won")
		}
	}
	return out
}

// wins reports whether a stage ends an opportunity as won.
func (r *Rules) wins(stage crm.Stage) bool {
	for i := range r.doc.Stages {
		if r.doc.Stages[i].Name.Name == string(stage) {
			return r.doc.Stages[i].Ends == EndsWon
		}
	}
	return stage == crm.StageWon
}

// belong puts them into segments and a territory. When they entered a segment is kept as long as they stay in it.
func (s *subject) belong() {
	s.st.Territory = s.r.territoryOf(s.scene(nil, ""))
	s.st.Segments = s.r.segmentsOf(s.scene(nil, ""))
	for _, name := range s.st.Segments {
		if s.st.Entered == nil {
			s.st.Entered = make(map[string]time.Time, len(s.st.Segments))
		}
		at, ok := s.f.Standing.Entered[name]
		if !ok || at.IsZero() {
			at = s.now
		}
		s.st.Entered[name] = at
	}
	if s.r.asksDaily() {
		s.lookAt(s.nextTurn())
	}
}

// nextTurn is when the person is looked at again because of the day: each has a moment of the day of their own, so that not all
// are followed at midnight.
func (s *subject) nextTurn() time.Time {
	h := fnv.New32a()
	h.Write([]byte(s.f.ID))
	into := time.Duration(h.Sum32()%86_400) * time.Second
	day := s.now.In(s.zone)
	for n := range 3 {
		if at := s.midnight(day.AddDate(0, 0, n)).Add(into); at.After(s.now) {
			return at
		}
	}
	return s.now.Add(24 * time.Hour)
}

// asksDaily reports whether some condition looks at the clock.
func (r *Rules) asksDaily() bool {
	return slices.ContainsFunc(r.segments, func(g segment) bool { return g.timed }) ||
		slices.ContainsFunc(r.territories, func(t territory) bool { return t.timed })
}

// followUp tells when no contact makes them due: the shortest time of their segments after the last contact of any kind, or after
// the record was made, and never later than the longest time allowed. A meeting that was agreed on, and their absence, put it off.
func (s *subject) followUp() {
	if s.unwanted() {
		return
	}
	since := latest(s.st.LastHeard, s.st.LastReached)
	if since.IsZero() {
		since = s.person.Created
	}
	after := s.r.followTime(s.st.Segments)
	due := since.Add(min(after, s.r.followOldest))
	for _, m := range s.ahead {
		if m.ends.After(s.now) && !due.After(m.ends) {
			due = m.ends.Add(24 * time.Hour)
		}
	}
	s.st.Follow = latest(due, s.st.Away)
}

// followTime is the time without contact that makes a member of these segments due.
func (r *Rules) followTime(segments []string) time.Duration {
	var after time.Duration
	never := false
	for i := range r.segments {
		g := &r.segments[i]
		if !slices.Contains(segments, g.name) {
			continue
		}
		never = never || g.never
		if g.after > 0 && (after == 0 || g.after < after) {
			after = g.after
		}
	}
	switch {
	case after > 0:
		return after
	case never:
		return r.followOldest
	}
	return r.followAfter
}
