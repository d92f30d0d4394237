package boltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// DecideProposal accepts or refuses an open proposal, or opens a decided one again; see storetest.Records.
func (s *Store) DecideProposal(ctx context.Context, actor, id string, state crm.ProposalState, now time.Time) (out crm.Proposal, err error) {
	err = s.update(ctx, func(u *unit) error {
		out, err = u.decideProposal(actor, id, state, now.UTC())
		return err
	})
	if err != nil {
		return crm.Proposal{}, fmt.Errorf("decide proposal %s: %w", id, err)
	}
	return out, nil
}

func (u *unit) decideProposal(actor, id string, state crm.ProposalState, now time.Time) (crm.Proposal, error) {
	p, err := proposals().read(u.tx, id)
	if err != nil {
		return p, err
	}
	open := p.State == crm.ProposalOpen
	decided := p.State == crm.ProposalAccepted || p.State == crm.ProposalRefused
	switch {
	case open && state == crm.ProposalAccepted:
		return u.acceptProposal(actor, p, now)
	case open && state == crm.ProposalRefused:
		return u.settleProposal(actor, &p, state, now)
	case decided && state == crm.ProposalOpen:
		return u.reopenProposal(actor, p, now)
	case state != crm.ProposalOpen && state != crm.ProposalAccepted && state != crm.ProposalRefused:
		return p, fmt.Errorf("%w: a proposal cannot be made %q", crm.ErrRefused, state)
	}
	return p, crm.ErrConflict
}

// applyProposal accepts an open proposal, as a policy does while somebody is followed; one that is not open is left.
func (u *unit) applyProposal(actor, id string, at time.Time) error {
	p, err := proposals().read(u.tx, id)
	if err != nil || p.State != crm.ProposalOpen {
		return err
	}
	_, err = u.acceptProposal(actor, p, at.UTC())
	return err
}

// settleProposal stores what was decided, audited.
func (u *unit) settleProposal(actor string, p *crm.Proposal, state crm.ProposalState, now time.Time) (crm.Proposal, error) {
	before, err := proposals().read(u.tx, p.ID)
	if err != nil {
		return *p, err
	}
	if p.State, p.DecidedBy, p.DecidedAt = state, actor, now; state == crm.ProposalAccepted {
		p.Stayed = ""
	}
	if state == crm.ProposalOpen {
		p.DecidedBy, p.DecidedAt, p.Result, p.Did, p.Made = "", time.Time{}, "", nil, nil
	}
	if err := u.putProposal(&before, p); err != nil {
		return *p, err
	}
	u.markRecords(p.Person, p.Account)
	was, is := before, *p
	was.Evidence, is.Evidence = nil, nil // words of mails, which go when the mails go
	return *p, u.auditChange(actor, "proposal", p.ID, &was, &is)
}

// acceptProposal does what is proposed.
func (u *unit) acceptProposal(actor string, p crm.Proposal, now time.Time) (crm.Proposal, error) {
	if p.Kind == crm.ProposeMerge {
		return u.acceptMerge(actor, p, now)
	}
	on, err := u.subject(&p)
	if err != nil {
		return p, err
	}
	done, err := crm.ApplyProposal(&p, on, now)
	if err != nil {
		return p, err
	}
	if done.Made != nil {
		if err := u.createPerson(*done.Made); err != nil {
			return p, err
		}
	}
	if err := u.saveApplied(actor, done); err != nil {
		return p, err
	}
	if done.Task != nil {
		if err := u.openTask(actor, *done.Task); err != nil {
			return p, err
		}
	}
	p.Result, p.Did, p.Made = done.Result, done.Did, done.Made
	return u.settleProposal(actor, &p, crm.ProposalAccepted, now)
}

// subject reads whom a proposal is about.
func (u *unit) subject(p *crm.Proposal) (crm.Subject, error) {
	var on crm.Subject
	if p.Person != "" {
		person, err := readPerson(u.tx, p.Person)
		if err != nil {
			return on, fmt.Errorf("person %s: %w", p.Person, err)
		}
		on.Person = &person
	} else {
		account, err := readAccount(u.tx, p.Account)
		if err != nil {
			return on, fmt.Errorf("account %s: %w", p.Account, err)
		}
		on.Account = &account
	}
	if p.Kind != crm.ProposeSuccessor || p.Value == "" {
		return on, nil
	}
	address, ok := crm.NormalizeAddress(p.Value)
	if !ok {
		return on, nil
	}
	if err := u.flush(); err != nil { // the index of addresses is asked
		return on, err
	}
	answer, err := newLookup(u.tx, u.s).address(address)
	if err != nil || answer == nil {
		return on, err
	}
	for _, ref := range answer.People {
		if ref.ID == p.Person {
			continue
		}
		known, err := readPerson(u.tx, ref.ID)
		if err != nil {
			return on, err
		}
		on.Known = &known
		break
	}
	return on, nil
}

// saveApplied stores what changed in the subject, audited like any other change of it.
func (u *unit) saveApplied(actor string, done crm.Applied) error {
	if done.Person != nil {
		before, err := u.savePerson(*done.Person)
		if err != nil {
			return err
		}
		if err := u.auditChange(actor, "person", done.Person.ID, before, done.Person); err != nil {
			return err
		}
		return u.advance()
	}
	if done.Account != nil {
		before, err := u.saveAccount(*done.Account)
		if err != nil {
			return err
		}
		if err := u.auditChange(actor, "account", done.Account.ID, before, done.Account); err != nil {
			return err
		}
		return u.advance()
	}
	return nil
}

// openTask makes the task of a proposal, or takes it up again if it was dropped when the proposal was opened again.
func (u *unit) openTask(actor string, t crm.Task) error {
	old, err := tasks().find(u.tx, t.ID)
	if err != nil || old != nil && old.Open() {
		return err
	}
	return u.saveTask(actor, t)
}

// reopenProposal takes back what accepting did, as far as nobody changed it since. What a policy accepted is refused by that: open,
// it would be accepted again at once.
func (u *unit) reopenProposal(actor string, p crm.Proposal, now time.Time) (crm.Proposal, error) {
	state := crm.ProposalOpen
	if p.State == crm.ProposalAccepted {
		if p.DecidedBy == crm.ByRules {
			state = crm.ProposalRefused
		}
		if err := u.takeBack(actor, &p, now); err != nil {
			return p, err
		}
		p.Result, p.Did, p.Made = "", nil, nil
	}
	return u.settleProposal(actor, &p, state, now)
}

func (u *unit) takeBack(actor string, p *crm.Proposal, now time.Time) error {
	if p.Kind == crm.ProposeMerge {
		return u.unmergeProposed(actor, p.Result, now)
	}
	if p.Kind == crm.ProposeTask {
		return u.dropTask(actor, p.Result)
	}
	on, err := u.subject(p)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := u.saveApplied(actor, crm.RevertProposal(p, on, now)); err != nil {
		return err
	}
	if p.Made != nil {
		p.Stayed, err = u.unmake(actor, p.Made)
	}
	return err
}

// dropTask drops the task of a proposal that is open.
func (u *unit) dropTask(actor, id string) error {
	t, err := tasks().find(u.tx, id)
	if err != nil || t == nil || !t.Open() {
		return err
	}
	fresh := *t
	fresh.Dropped, fresh.DoneBy = true, actor
	return u.putTask(actor, t, &fresh)
}

// acceptMerge merges the two that are proposed to be one. The proposal is settled first: a merge settles what else is proposed
// of the one that goes, and takes it along. This one stays where it was, since it is what can be taken back.
func (u *unit) acceptMerge(actor string, p crm.Proposal, now time.Time) (crm.Proposal, error) {
	kind, winner, loser, err := u.mergeSides(&p)
	if err != nil {
		return p, err
	}
	fresh, err := u.settleProposal(actor, &p, crm.ProposalAccepted, now)
	if err != nil {
		return p, err
	}
	if fresh.Result, err = u.mergeProposed(actor, kind, winner, loser, now); err != nil {
		return p, err
	}
	there, err := proposals().find(u.tx, p.ID)
	if err != nil {
		return p, err
	}
	return fresh, u.putProposal(there, &fresh)
}

func (u *unit) mergeSides(p *crm.Proposal) (kind crm.MergeKind, winner, loser string, err error) {
	if p.Person != "" {
		a, errA := readPerson(u.tx, p.Person)
		b, errB := readPerson(u.tx, p.Other)
		winner, loser = crm.MergeWinner(&a, &b)
		return crm.MergePeople, winner, loser, errors.Join(errA, errB)
	}
	a, errA := readAccount(u.tx, p.Account)
	b, errB := readAccount(u.tx, p.Other)
	winner, loser = crm.MergeWinnerAccount(&a, &b)
	return crm.MergeAccounts, winner, loser, errors.Join(errA, errB)
}

// opportunitiesOf gives all opportunities of a person or an account, by expected close.
func opportunitiesOf(tx *bbolt.Tx, id string) (out []crm.Opportunity, err error) {
	q := lineQuery{line: lineOpportunities, states: []byte{stateOpen, stateClosed}, scope: idOf(id), limit: maxLimit}
	out, _, err = readLines(tx, opportunities(), q, func(*crm.Opportunity, []byte) bool { return true })
	return out, err
}

// tasksOf gives the tasks of a person or an account that are open, and those that were done since.
func tasksOf(tx *bbolt.Tx, id string, since time.Time) (out []crm.Task, err error) {
	q := lineQuery{line: lineTasks, states: []byte{stateOpen, stateClosed}, scope: idOf(id), limit: maxLimit}
	out, _, err = readLines(tx, tasks(), q, func(t *crm.Task, _ []byte) bool { return t.Open() || !t.Done.Before(since) })
	return out, err
}
