package crm

import (
	"reflect"
	"slices"
	"time"
)

// RaiseProposal is what becomes of the stored proposal old, nil for none, when following raises p or finds it moot; changed says
// whether there is anything to store. What somebody decided stays until there is newer evidence: that asks again, since it is
// raised only while the record says otherwise. A contradiction that was seen stays seen. Only what is open becomes moot, and what is moot opens again when it is raised again.
func RaiseProposal(old *Proposal, p Proposal) (out Proposal, changed bool) {
	if p.State == "" {
		p.State = ProposalOpen
	}
	p.Raised = p.Raised.UTC()
	switch {
	case old == nil:
		return p, p.State == ProposalOpen
	case old.State == ProposalAccepted && (p.State != ProposalOpen || p.Kind == ProposeContradicts || old.decidedOn(&p)):
		return *old, false
	case p.State != ProposalOpen:
		if old.State != ProposalOpen {
			return *old, false
		}
		out = *old
		out.State = ProposalMoot
		return out, true
	case old.State == ProposalRefused && old.decidedOn(&p):
		return *old, false
	}
	p.DecidedBy, p.DecidedAt, p.Result, p.Did, p.Made, p.Stayed = "", time.Time{}, "", nil, nil, old.Stayed
	same := *old
	same.Evidence, p.Evidence = orNil(slices.Clone(old.Evidence)), orNil(p.Evidence)
	return p, !reflect.DeepEqual(same, p)
}

// decidedOn reports whether the decision about p covers the evidence of next: it is the same, or was there already.
func (p *Proposal) decidedOn(next *Proposal) bool {
	return next.Activity == "" || next.Activity == p.Activity || !next.Raised.After(p.DecidedAt)
}
