package boltstore

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func proposals() recordKind[crm.Proposal] {
	return recordKind[crm.Proposal]{bucket: bucketProposals, what: "proposal", id: func(p *crm.Proposal) string { return p.ID }, lines: proposalLines}
}

func proposalStates() []crm.ProposalState {
	return []crm.ProposalState{crm.ProposalOpen, crm.ProposalAccepted, crm.ProposalRefused, crm.ProposalMoot}
}

func proposalState(s crm.ProposalState) byte { return byte(slices.Index(proposalStates(), s)) }

// proposalLines order the newest first: the time is turned round.
func proposalLines(p *crm.Proposal) []change {
	when := timeKey(p.Raised)
	newest := binary.BigEndian.AppendUint64(nil, ^binary.BigEndian.Uint64(when[:]))
	scopes := []id16{ownerScope(p.Owner)}
	for _, id := range []string{p.Person, p.Account} {
		if id != "" {
			scopes = append(scopes, idOf(id))
		}
	}
	return recordLines(lineProposals, proposalState(p.State), newest, idOf(p.ID), nothing, scopes...)
}

// putProposal stores a proposal with its lines and counts; before or after is nil for one that was not or is no more.
func (u *unit) putProposal(before, after *crm.Proposal) error {
	if before != nil {
		if err := u.countProposal(before, -1); err != nil {
			return err
		}
	}
	if after != nil {
		if err := u.countProposal(after, 1); err != nil {
			return err
		}
	}
	return proposals().put(u, before, after)
}

// countProposal counts a proposal with everybody's and with its owner's.
func (u *unit) countProposal(p *crm.Proposal, n int64) error {
	owners := []string{"", p.Owner}
	if p.Owner == "" {
		owners = owners[:1]
	}
	for _, owner := range owners {
		key := proposalCount(p.State, owner)
		if err := u.put(bucketProposalCount, key, u64(getU64(u.bucket(bucketProposalCount).Get(key))+uint64(n))); err != nil {
			return err
		}
	}
	return nil
}

// proposalCount is the key of a count: of an owner's proposals in a state, or of everybody's if owner is "".
func proposalCount(state crm.ProposalState, owner string) []byte {
	return append([]byte{proposalState(state)}, owner...)
}

// raiseProposal stores what following proposes, or finds moot; one that is there keeps what was decided (crm.RaiseProposal).
func (u *unit) raiseProposal(p crm.Proposal) error {
	old, err := proposals().find(u.tx, p.ID)
	if err != nil {
		return err
	}
	fresh, changed := crm.RaiseProposal(old, p)
	if !changed {
		return nil
	}
	return u.putProposal(old, &fresh)
}

// proposalsOf gives all proposals about a person or an account, newest first.
func proposalsOf(tx *bbolt.Tx, subject string) (out []crm.Proposal, err error) {
	q := lineQuery{line: lineProposals, states: []byte{0, 1, 2, 3}, scope: idOf(subject), limit: maxLimit}
	out, _, err = readLines(tx, proposals(), q, func(p *crm.Proposal, _ []byte) bool { return p.Person == subject || p.Account == subject })
	return out, err
}

// GetProposal gives a proposal by ID.
func (s *Store) GetProposal(ctx context.Context, id string) (crm.Proposal, error) {
	return getRecord(ctx, s, proposals(), id)
}

// ListProposals gives a page of proposals, newest Raised first.
func (s *Store) ListProposals(ctx context.Context, f crm.ProposalFilter) (out []crm.Proposal, next string, err error) {
	q := lineQuery{line: lineProposals, states: []byte{0, 1, 2, 3}, after: f.After, limit: f.Limit}
	if f.State != "" {
		q.states = []byte{proposalState(f.State)}
	}
	switch {
	case f.Subject != "":
		q.scope = idOf(f.Subject)
	case f.Owner != "":
		q.scope = ownerScope(f.Owner)
	}
	fits := func(p *crm.Proposal, _ []byte) bool {
		return (f.Subject == "" || p.Person == f.Subject || p.Account == f.Subject) &&
			(f.Owner == "" || p.Owner == f.Owner) && (f.Kind == "" || p.Kind == f.Kind)
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		out, next, err = readLines(tx, proposals(), q, fits)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list proposals: %w", err)
	}
	return out, next, nil
}

// CountProposals is how many proposals are in a state, of an owner or, if owner is "", of all; state "" means all states.
func (s *Store) CountProposals(ctx context.Context, state crm.ProposalState, owner string) (n int64, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		for _, known := range proposalStates() {
			if state == "" || state == known {
				n += int64(getU64(tx.Bucket(bucketProposalCount).Get(proposalCount(known, owner))))
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count proposals: %w", err)
	}
	return n, nil
}
