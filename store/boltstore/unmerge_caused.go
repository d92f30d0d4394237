package boltstore

import (
	"cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// returnCaused gives the loser what came up about the winner after the merge and rests on the loser's activities: tasks that
// a call, an outcome or such a proposal asked for, and proposals that are open or were refused. It is called once the activities have gone
// back. What rests on an activity that both are on stays with whoever comes first on it, as if it were followed now.
func (u *unit) returnCaused(m *merge) error {
	if err := u.flush(); err != nil {
		return err
	}
	moved, err := u.returnRaised(m)
	if err != nil {
		return err
	}
	ids, err := u.recordsOf(lineTasks, m.Winner)
	if err != nil {
		return err
	}
	for _, id := range ids {
		t, err := tasks().readKey(u.tx, id[:])
		if err != nil {
			return err
		}
		fresh, theirs := t, moved[t.Cause]
		switch {
		case t.Person != m.Winner:
			continue
		case theirs != "":
			fresh.Cause = theirs
		case t.Origin != "call" && t.Origin != "outcome":
			continue
		default:
			first, err := u.firstOn(t.Cause)
			if err != nil {
				return err
			}
			if first != m.Loser {
				continue
			}
		}
		fresh.Person = m.Loser
		if err := u.putTask(m.undoer(), &t, &fresh); err != nil {
			return err
		}
	}
	return u.flush()
}

// returnRaised moves proposals, and says what they were called before and are called now.
func (u *unit) returnRaised(m *merge) (moved map[string]string, err error) {
	list, err := proposalsOf(u.tx, m.Winner)
	if err != nil {
		return nil, err
	}
	moved = map[string]string{}
	for i := range list {
		p := list[i]
		if p.Person != m.Winner || p.Activity == "" || p.State == crm.ProposalMoot {
			continue
		}
		first, err := u.firstOn(p.Activity)
		if err != nil {
			return nil, err
		}
		if first != m.Loser {
			continue
		}
		fresh := p
		fresh.Person = m.Loser
		fresh.ID = crm.ProposalID(p.Kind, cmp.Or(fresh.Person, fresh.Account), p.Field, p.Value)
		moved[p.ID] = fresh.ID
		if p.State == crm.ProposalAccepted { // what it changed is the winner's; only its task goes
			continue
		}
		if err := u.putProposal(&p, nil); err != nil {
			return nil, err
		}
		there, err := proposals().find(u.tx, fresh.ID)
		if err != nil {
			return nil, err
		}
		if there == nil {
			if err := u.putProposal(nil, &fresh); err != nil {
				return nil, err
			}
		}
	}
	return moved, u.flush()
}

// firstOn is the first known person from outside on an activity; "" if it is not there, or nobody is.
func (u *unit) firstOn(activity string) (string, error) {
	if activity == "" {
		return "", nil
	}
	st, err := u.activity(activity)
	if err != nil || st.cur == nil {
		return "", err
	}
	return firstKnown(&st.cur.Activity), nil
}

func firstKnown(a *crm.Activity) string {
	for _, p := range a.People {
		if isMatched(p) {
			return p.ID
		}
	}
	return ""
}
