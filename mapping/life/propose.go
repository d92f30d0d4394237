package life

import (
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// propose raises what the evidence in sight asks for, and finds moot what it asked for before and does not any more. What
// somebody decided stays decided until there is new evidence (crm.RaiseProposal).
func (s *subject) propose() {
	s.proposeAddresses()
	s.proposeLeaving()
	s.proposeRefusal()
	s.proposeFields()
	for _, p := range s.against {
		s.raise(p)
	}
	s.proposeMerges()
	s.proposeTasks()
	s.settle()
}

// raise proposes something of the person.
func (s *subject) raise(p crm.Proposal) {
	p.Person, p.Owner, p.State, p.Raised = s.f.ID, s.person.Owner, crm.ProposalOpen, p.Raised.UTC()
	p.ID = crm.ProposalID(p.Kind, s.f.ID, p.Field, p.Value)
	same := func(other crm.Proposal) bool { return other.ID == p.ID }
	if at := slices.IndexFunc(s.out.Proposals, same); at < 0 {
		s.out.Proposals = append(s.out.Proposals, p)
	} else if p.Raised.After(s.out.Proposals[at].Raised) {
		s.out.Proposals[at] = p
	}
}

// evidence cuts the words that a proposal rests on.
func evidence(words ...string) (out []string) {
	for _, w := range words {
		if w = short(w, 300); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// settle leaves out what is there already, finds moot what was not raised again, and names what a policy accepts.
func (s *subject) settle() {
	raised := s.out.Proposals
	s.out.Proposals, s.out.Apply = settled(raised, s.f.Proposals, s.r.accept, func(p *crm.Proposal) bool {
		return !s.edge.IsZero() && p.Activity != "" && p.Raised.Before(s.edge)
	})
	s.out.Apply = slices.DeleteFunc(s.out.Apply, func(id string) bool { return s.doubted[id] })
}

// settled compares what is raised with what is stored. unseen tells of a stored one that its evidence is out of sight.
func settled(raised, stored []crm.Proposal, accept map[crm.ProposalKind]bool, unseen func(*crm.Proposal) bool) (out []crm.Proposal, apply []string) {
	known := make(map[string]*crm.Proposal, len(stored))
	for i := range stored {
		known[stored[i].ID] = &stored[i]
	}
	for _, p := range raised {
		next, changed := crm.RaiseProposal(known[p.ID], p)
		delete(known, p.ID)
		if changed {
			out = append(out, next)
		}
		if next.State == crm.ProposalOpen && accept[next.Kind] {
			apply = append(apply, next.ID)
		}
	}
	for i := range stored {
		p := &stored[i]
		if known[p.ID] == nil || p.State != crm.ProposalOpen {
			continue
		}
		if !unseen(p) {
			moot := *p
			moot.State = crm.ProposalMoot
			out = append(out, moot)
		} else if accept[p.Kind] {
			apply = append(apply, p.ID)
		}
	}
	slices.SortFunc(out, func(a, b crm.Proposal) int { return strings.Compare(a.ID, b.ID) })
	slices.Sort(apply)
	return out, apply
}

// proposeAddresses proposes to mark addresses to which mail failed for good, unless mail came from there since. Where none of
// the failures can be believed, a policy does not accept that.
func (s *subject) proposeAddresses() {
	believed := map[string]bool{}
	for i := range s.deeds {
		d := &s.deeds[i]
		for j := range d.a.Signals {
			sig := &d.a.Signals[j]
			if !sig.AddressGone() || !s.concerns(d, sig) {
				continue
			}
			address := s.bounced(d, sig)
			if address == "" || slices.Contains(s.person.BadEmails, address) || s.wroteFrom(address, d) {
				continue
			}
			id := crm.ProposalID(crm.ProposeBadAddress, s.f.ID, "", address)
			believed[id] = believed[id] || s.believable(d, sig)
			words := strings.TrimSpace(sig.Code + " " + sig.Reason)
			s.raise(crm.Proposal{Kind: crm.ProposeBadAddress, Value: address, Evidence: evidence(sig.Evidence, words), Activity: d.a.ID, Raised: d.a.Time})
		}
	}
	for id, ok := range believed {
		if !ok {
			s.doubt(id)
		}
	}
}

// doubt keeps a proposal from policies.
func (s *subject) doubt(id string) {
	if s.doubted == nil {
		s.doubted = map[string]bool{}
	}
	s.doubted[id] = true
}

// wroteFrom reports whether they wrote from an address after something.
func (s *subject) wroteFrom(address string, after *deed) bool {
	return slices.ContainsFunc(s.deeds, func(d deed) bool {
		return d.writes && d.a.Kind == crm.KindEmail && d.at.After(after.at) && s.sender(&d) == address
	})
}

// proposeLeaving proposes that they left, and who follows them.
func (s *subject) proposeLeaving() {
	if d, sig := s.lastSignal(crm.SignalLeft); d != nil && s.person.Left.IsZero() && !s.wroteAfter(d) {
		s.raise(crm.Proposal{Kind: crm.ProposeLeft, Evidence: evidence(sig.Evidence), Activity: d.a.ID, Raised: d.a.Time})
	}
	for i := range s.deeds {
		d := &s.deeds[i]
		for j := range d.a.Signals {
			sig := &d.a.Signals[j]
			if sig.Kind != crm.SignalLeft && sig.Kind != crm.SignalTransferred || !s.concerns(d, sig) {
				continue
			}
			s.proposeNewcomer(d, sig)
		}
	}
}

func (s *subject) proposeNewcomer(d *deed, sig *crm.Signal) {
	address, _ := crm.NormalizeAddress(sig.NewEmail)
	follows := sig.Successor != "" || address != "" && sig.Kind == crm.SignalLeft && s.colleague(address)
	switch {
	case slices.Contains(s.mine, address):
	case follows && s.person.Successor == "":
		s.raise(crm.Proposal{Kind: crm.ProposeSuccessor, Value: address, Name: short(sig.Successor, 200), Evidence: evidence(sig.Evidence),
			Activity: d.a.ID, Raised: d.a.Time})
	case !follows && address != "":
		s.raise(crm.Proposal{Kind: crm.ProposeField, Field: "emails", Value: address, Evidence: evidence(sig.Evidence), Activity: d.a.ID, Raised: d.a.Time})
	}
}

// colleague reports whether an address is one of the company of theirs. Who left it has none there any more: whoever reads it
// follows them.
func (s *subject) colleague(address string) bool {
	domain := crm.AddressDomain(address)
	return !crm.PublicMail(domain) && slices.ContainsFunc(s.mine, func(mine string) bool { return crm.AddressDomain(mine) == domain })
}

// proposeRefusal proposes to leave them alone, unless they sent a form since.
func (s *subject) proposeRefusal() {
	if d, sig := s.openRefusal(); d != nil && s.person.DoNotContact == "" {
		s.raise(crm.Proposal{Kind: crm.ProposeDoNotContact, Evidence: evidence(sig.Evidence), Activity: d.a.ID, Raised: d.a.Time})
	}
}

// openRefusal is their last refusal, if they did not come back to us since and nobody said that it is none; else nil.
func (s *subject) openRefusal() (*deed, *crm.Signal) {
	d, sig := s.lastSignal(crm.SignalRefusal)
	if d == nil || s.enquiredAfter(d) || s.refused(crm.ProposeDoNotContact, "", d.a) {
		return nil, nil
	}
	return d, sig
}

func (s *subject) enquiredAfter(d *deed) bool {
	return slices.ContainsFunc(s.deeds, func(other deed) bool {
		return other.a.Kind == crm.KindForm && other.writes && other.at.After(d.at)
	})
}

// proposeMerges proposes twins whose record this one would take in; the twin does not propose the other way round.
func (s *subject) proposeMerges() {
	self := s.person
	if self.Company == "" && s.f.Employer != nil {
		self.Company = s.f.Employer.Name
	}
	for i := range s.f.Twins {
		twin := &s.f.Twins[i]
		if winner, _ := crm.MergeWinner(&s.person, twin); winner != s.f.ID || twin.ID == s.f.ID {
			continue
		}
		like := crm.ComparePeople(self, *twin)
		if like.Score < crm.DuplicateAt {
			continue
		}
		s.raise(crm.Proposal{Kind: crm.ProposeMerge, Value: twin.ID, Name: twin.Name, Other: twin.ID, Score: like.Score, Evidence: evidence(like.Evidence...),
			Raised: latest(s.person.Created, twin.Created)})
	}
}
