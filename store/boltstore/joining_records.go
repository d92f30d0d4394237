package boltstore

import (
	"cmp"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// recordsOf gives the ids of all opportunities, contracts, tasks or proposals about somebody.
func (u *unit) recordsOf(line byte, subject string) (out []id16, err error) {
	if err := u.flush(); err != nil {
		return nil, err
	}
	scope := idOf(subject)
	for state := range byte(len(proposalStates())) {
		prefix := append([]byte{line, state}, scope[:]...)
		cursor := u.bucket(bucketRecordLines).Cursor()
		for k, _ := cursor.Seek(prefix); hasPrefix(k, prefix); k, _ = cursor.Next() {
			out = append(out, id16(k[len(k)-16:]))
		}
	}
	return out, nil
}

// moveRecords makes what names the loser name the winner: opportunities, contracts, tasks and proposals.
func (u *unit) moveRecords(m *merge) error {
	for _, move := range []func(*merge) error{u.moveOpportunities, u.moveContracts, u.moveTasks, u.moveProposals, u.moveComments} {
		if err := move(m); err != nil {
			return err
		}
	}
	return u.flush()
}

// renamed puts one id in the place of another in a list, once; nil if it is not there.
func renamed(list []string, from, to string) []string {
	at := slices.Index(list, from)
	if at < 0 {
		return nil
	}
	out := slices.Clone(list)
	if slices.Contains(list, to) {
		return slices.Delete(out, at, at+1)
	}
	out[at] = to
	return out
}

// keepContacts notes the contacts of a deal before they change.
func (m *merge) keepContacts(id string, contacts []string) {
	if m.Contacts == nil {
		m.Contacts = map[string][]string{}
	}
	m.Contacts[id] = contacts
}

func (u *unit) moveOpportunities(m *merge) error {
	ids, err := u.recordsOf(lineOpportunities, m.Loser)
	if err != nil {
		return err
	}
	for _, id := range ids {
		before, err := opportunities().readKey(u.tx, id[:])
		if err != nil {
			return err
		}
		after := before
		if m.Kind == crm.MergeAccounts {
			after.Account = m.Winner
		} else {
			if contacts := renamed(before.Contacts, m.Loser, m.Winner); contacts != nil {
				after.Contacts = contacts
				m.keepContacts(before.ID, before.Contacts)
			}
			if before.Lead == m.Loser {
				after.Lead = m.Winner
				m.Leads = append(m.Leads, before.ID)
			}
		}
		m.Members = append(m.Members, before.ID)
		if err := u.putOpportunity(m.By, &before, &after); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) moveContracts(m *merge) error {
	ids, err := u.recordsOf(lineContracts, m.Loser)
	if err != nil {
		return err
	}
	for _, id := range ids {
		before, err := contracts().readKey(u.tx, id[:])
		if err != nil {
			return err
		}
		after := before
		if m.Kind == crm.MergeAccounts {
			after.Account = m.Winner
		} else if contacts := renamed(before.Contacts, m.Loser, m.Winner); contacts != nil {
			after.Contacts = contacts
			m.keepContacts(before.ID, before.Contacts)
		}
		m.Members = append(m.Members, before.ID)
		if err := u.putContract(m.By, &before, &after); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) moveTasks(m *merge) error {
	ids, err := u.recordsOf(lineTasks, m.Loser)
	if err != nil {
		return err
	}
	for _, id := range ids {
		before, err := tasks().readKey(u.tx, id[:])
		if err != nil {
			return err
		}
		after := before
		if m.Kind == crm.MergeAccounts {
			after.Account = m.Winner
		} else {
			after.Person = m.Winner
		}
		m.Members = append(m.Members, before.ID)
		if err := u.putTask(m.By, &before, &after); err != nil {
			return err
		}
	}
	return nil
}

// moveProposals makes the loser's proposals the winner's, unless the winner has the same; those that the two are one came
// true. As they were they are kept with the merge.
func (u *unit) moveProposals(m *merge) error {
	if err := u.flush(); err != nil {
		return err
	}
	if err := u.cameTrue(m, m.Winner, m.Loser); err != nil {
		return err
	}
	if err := u.cameTrue(m, m.Loser, m.Winner); err != nil {
		return err
	}
	list, err := proposalsOf(u.tx, m.Loser)
	if err != nil {
		return err
	}
	for i := range list {
		p := list[i]
		if p.Other == m.Winner {
			continue
		}
		m.Parked = append(m.Parked, p)
		if err := u.putProposal(&p, nil); err != nil {
			return err
		}
		moved, ok := m.movedProposal(p)
		if !ok {
			continue
		}
		there, err := proposals().find(u.tx, moved.ID)
		if err != nil {
			return err
		}
		if there == nil {
			m.Members = append(m.Members, moved.ID)
			if err := u.putProposal(nil, &moved); err != nil {
				return err
			}
		}
	}
	return nil
}

// cameTrue makes moot what proposes the very merge. Whoever accepts it right now notes so afterwards.
func (u *unit) cameTrue(m *merge, subject, other string) error {
	list, err := proposalsOf(u.tx, subject)
	if err != nil {
		return err
	}
	for i := range list {
		p := list[i]
		if p.Other != other || p.State != crm.ProposalOpen {
			continue
		}
		m.Parked = append(m.Parked, p)
		moot := p
		moot.State = crm.ProposalMoot
		if err := u.putProposal(&p, &moot); err != nil {
			return err
		}
	}
	return u.flush()
}

// movedProposal is a proposal of the loser about the winner; false if it makes no sense there.
func (m *merge) movedProposal(p crm.Proposal) (crm.Proposal, bool) {
	if p.Other == m.Winner || p.Other == m.Loser {
		return p, false
	}
	if p.Person == m.Loser {
		p.Person = m.Winner
	}
	if p.Account == m.Loser {
		p.Account = m.Winner
	}
	p.ID = crm.ProposalID(p.Kind, cmp.Or(p.Person, p.Account), p.Field, p.Value)
	return p, true
}

// returnRecords gives the loser back what moved, as far as nobody moved it elsewhere since.
func (u *unit) returnRecords(m *merge) error {
	if err := u.flush(); err != nil {
		return err
	}
	for _, id := range m.Members {
		if err := u.returnRecord(m, id); err != nil {
			return err
		}
	}
	if err := u.returnProposals(m); err != nil {
		return err
	}
	return u.flush()
}

// undoer is who undoes the merge; changes by rules mark nobody (see putTask), which a merge does.
func (m *merge) undoer() string { return cmp.Or(m.UndoneBy, m.By) }

func (u *unit) returnRecord(m *merge, id string) error {
	o, err := opportunities().find(u.tx, id)
	if err != nil {
		return err
	}
	if o != nil {
		after := *o
		m.returnDeal(id, &after.Account, &after.Contacts)
		if slices.Contains(m.Leads, id) && o.Lead == m.Winner {
			after.Lead = m.Loser
		}
		return u.putOpportunity(m.undoer(), o, &after)
	}
	c, err := contracts().find(u.tx, id)
	if err != nil {
		return err
	}
	if c != nil {
		after := *c
		m.returnDeal(id, &after.Account, &after.Contacts)
		return u.putContract(m.undoer(), c, &after)
	}
	if returned, err := u.returnComment(m, id); returned || err != nil {
		return err
	}
	t, err := tasks().find(u.tx, id)
	if err != nil || t == nil {
		return err
	}
	after := *t
	if m.Kind == crm.MergeAccounts && t.Account == m.Winner {
		after.Account = m.Loser
	}
	if m.Kind == crm.MergePeople && t.Person == m.Winner {
		after.Person = m.Loser
	}
	return u.putTask(m.undoer(), t, &after)
}

// returnDeal gives account or contacts of a deal back. Contacts that somebody changed since lose the winner only if they did not
// have it before.
func (m *merge) returnDeal(id string, account *string, contacts *[]string) {
	if m.Kind == crm.MergeAccounts {
		if *account == m.Winner {
			*account = m.Loser
		}
		return
	}
	was, changed := m.Contacts[id]
	switch {
	case !changed || !slices.Contains(*contacts, m.Winner):
	case slices.Equal(*contacts, renamed(was, m.Loser, m.Winner)):
		*contacts = was
	case slices.Contains(was, m.Winner):
		*contacts = append(slices.Clone(*contacts), m.Loser)
	default:
		*contacts = renamed(*contacts, m.Winner, m.Loser)
	}
}

// returnProposals makes the loser's proposals its own again, with what was decided about them meanwhile.
func (u *unit) returnProposals(m *merge) error {
	for i := range m.Parked {
		p := m.Parked[i]
		if moved, ok := m.movedProposal(p); ok && slices.Contains(m.Members, moved.ID) {
			now, err := proposals().find(u.tx, moved.ID)
			if err != nil {
				return err
			}
			if now != nil {
				p.State, p.DecidedBy, p.DecidedAt, p.Result = now.State, now.DecidedBy, now.DecidedAt, now.Result
				if err := u.putProposal(now, nil); err != nil {
					return err
				}
			}
		}
		there, err := proposals().find(u.tx, p.ID)
		if err != nil {
			return err
		}
		if there == nil || there.State == crm.ProposalMoot && p.State == crm.ProposalOpen {
			if err := u.putProposal(there, &p); err != nil {
				return err
			}
		}
	}
	return nil
}
