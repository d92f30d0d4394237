package life

import (
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// silentStep takes points off for that long a silence.
type silentStep struct {
	days   int
	points int
}

func silentSteps() []silentStep { return []silentStep{{730, -60}, {365, -45}, {180, -25}, {90, -10}} }

// fresh says how far the record can be trusted: 100, less what speaks against it. Every part says what it rests on: a day,
// an address, the words of a mail.
func (s *subject) fresh() {
	s.silentPart()
	s.bouncePart()
	s.leftPart()
	s.contradictions()
	if s.st.LastHeard.IsZero() && !s.f.More {
		s.part("never_heard", -20, s.day(s.person.Created), "")
		if o := s.person.Origin; o == "import" || o == "api" {
			s.part("unverified", -10, o, "")
		}
	}
	score(&s.st)
}

// score is 100 and the sum of all parts, at least 0.
func score(st *crm.Standing) {
	st.Freshness = 100
	for i := range st.Parts {
		st.Freshness += st.Parts[i].Points
	}
	st.Freshness = max(0, st.Freshness)
}

func (s *subject) part(code string, points int, evidence, activity string) {
	s.st.Parts = append(s.st.Parts, crm.Part{Code: code, Points: points, Evidence: evidence, Activity: activity})
}

// silentPart counts from when we last heard from them, or from when the record was made.
func (s *subject) silentPart() {
	since := s.st.LastHeard
	if since.IsZero() {
		since = s.person.Created
	}
	points, next := silentPoints(since, s.now)
	s.lookAt(next)
	if points < 0 {
		s.part("silence", points, s.day(since), "")
	}
}

// silentPoints is what a silence takes off, and when it takes off more.
func silentPoints(since, now time.Time) (points int, next time.Time) {
	if since.IsZero() {
		return 0, next
	}
	for _, step := range silentSteps() {
		at := since.Add(time.Duration(step.days) * 24 * time.Hour)
		if !at.After(now) {
			return step.points, next
		}
		next = at
	}
	return 0, next
}

// bouncePart tells the addresses that take no mail: those marked so, and those of failures since which nothing came from
// there. One bad address among others weighs less.
func (s *subject) bouncePart() {
	bad := map[string]string{} // address: activity
	for _, address := range s.person.BadEmails {
		if slices.Contains(s.mine, address) {
			bad[address] = ""
		}
	}
	soft := ""
	for i := range s.deeds {
		d := &s.deeds[i]
		if d.writes && d.a.Kind == crm.KindEmail {
			soft = ""
			address := s.sender(d)
			if !slices.Contains(s.person.BadEmails, address) {
				delete(bad, address)
			}
		}
		for j := range d.a.Signals {
			switch sig := &d.a.Signals[j]; {
			case sig.AddressGone() && s.concerns(d, sig):
				if address := s.bounced(d, sig); address != "" && !s.refused(crm.ProposeBadAddress, address, d.a) {
					bad[address] = d.a.ID
				}
			case sig.Kind == crm.SignalBounceSoft && s.concerns(d, sig):
				soft = d.a.ID
			}
		}
	}
	for _, address := range s.mine {
		activity, ok := bad[address]
		switch {
		case !ok:
		case len(bad) == len(s.mine):
			s.part("bounce", -40/len(bad), address, activity)
		default:
			s.part("bounce", -10, address, activity)
		}
	}
	if soft != "" && len(bad) == 0 {
		s.part("bounce_soft", -5, "", soft)
	}
}

// sender is the normalised address from which they wrote.
func (s *subject) sender(d *deed) string {
	for i := range d.a.People {
		p := &d.a.People[i]
		if p.ID == s.f.ID && (p.Role == crm.RoleFrom || p.Role == crm.RoleSubmitter) {
			normal, _ := crm.NormalizeAddress(p.Address)
			return normal
		}
	}
	return ""
}

// bounced is the address of theirs that a failure is about; "" if it is none of theirs any more.
func (s *subject) bounced(d *deed, sig *crm.Signal) string {
	if sig.Address != "" {
		return sig.Address
	}
	for i := range d.a.People {
		p := &d.a.People[i]
		if p.ID == s.f.ID && p.Role == crm.RoleBounced {
			if normal, ok := crm.NormalizeAddress(p.Address); ok && slices.Contains(s.mine, normal) {
				return normal
			}
		}
	}
	return ""
}

// refused reports whether somebody said that what this evidence proposes is not so.
func (s *subject) refused(kind crm.ProposalKind, value string, a *crm.Activity) bool {
	id := crm.ProposalID(kind, s.f.ID, "", value)
	return slices.ContainsFunc(s.f.Proposals, func(p crm.Proposal) bool {
		return p.ID == id && p.State == crm.ProposalRefused && (p.Activity == a.ID || !a.Time.After(p.DecidedAt))
	})
}

// leftPart says that they left, or do something else now, unless they wrote since.
func (s *subject) leftPart() {
	if left := s.person.Left; !left.IsZero() {
		s.part("left", -60, s.day(left), "")
		return
	}
	if d, sig := s.lastSignal(crm.SignalLeft); d != nil && !s.wroteAfter(d) && !s.refused(crm.ProposeLeft, "", d.a) {
		s.part("left", -60, sig.Evidence, d.a.ID)
		return
	}
	if d, sig := s.lastSignal(crm.SignalTransferred); d != nil && !s.wroteAfter(d) {
		s.part("transferred", -30, sig.Evidence, d.a.ID)
	}
}

// lastSignal is the newest signal of a kind about the person; nil if there is none.
func (s *subject) lastSignal(kind crm.SignalKind) (*deed, *crm.Signal) {
	for i := range slices.Backward(s.deeds) {
		d := &s.deeds[i]
		for j := range d.a.Signals {
			if sig := &d.a.Signals[j]; sig.Kind == kind && s.concerns(d, sig) {
				return d, sig
			}
		}
	}
	return nil, nil
}

// wroteAfter reports whether they wrote themselves after something.
func (s *subject) wroteAfter(d *deed) bool {
	return slices.ContainsFunc(s.deeds, func(other deed) bool { return other.writes && other.at.After(d.at) })
}

// contradictions are things known of them that cannot all be so, as long as nobody has seen them.
func (s *subject) contradictions() {
	s.against = s.contradicting()
	for i := range s.against {
		c := &s.against[i]
		if s.decidedAt(c.Kind, c.Value).Before(c.Raised) {
			s.part("contradiction", -10, c.Evidence[0], c.Activity)
		}
	}
}

// decidedAt is when somebody decided about a proposal; zero if nobody did.
func (s *subject) decidedAt(kind crm.ProposalKind, value string) time.Time {
	id := crm.ProposalID(kind, s.f.ID, "", value)
	for i := range s.f.Proposals {
		if s.f.Proposals[i].ID == id {
			return s.f.Proposals[i].DecidedAt
		}
	}
	return time.Time{}
}
