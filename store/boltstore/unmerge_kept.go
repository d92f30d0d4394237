package boltstore

import (
	"slices"
)

// returnKept gives the account that comes back those who moved with it and were merged into others since: the merges keep
// their records, and whoever gained an account from one of them goes back too.
func (u *unit) returnKept(m *merge) error {
	ids := slices.Clone(m.Members)
	for i := 0; i < len(ids) && i < maxDepth; i++ {
		sign, ok, err := readSign(u.tx, ids[i])
		if err != nil {
			return err
		}
		if !ok {
			if i >= len(m.Members) {
				err = u.returnGained(m, ids[i])
			}
			if err != nil {
				return err
			}
			continue
		}
		kept, err := merges().read(u.tx, sign.merge)
		if err != nil {
			return err
		}
		fresh := kept
		if !fresh.keepElsewhere(m.Winner, m.Loser) {
			continue
		}
		if err := merges().put(u, &kept, &fresh); err != nil {
			return err
		}
		if slices.ContainsFunc(kept.Gained, func(field string) bool { return field == "account_id" || field == "parent" }) {
			ids = append(ids, kept.Winner)
		}
	}
	return u.flush()
}

// keepElsewhere moves the record that a merge keeps from one account to another; it says whether it was there.
func (m *merge) keepElsewhere(from, to string) bool {
	switch {
	case m.Person != nil && m.Person.AccountID == from:
		p := *m.Person
		p.AccountID = to
		m.Person = &p
	case m.Account != nil && m.Account.Parent == from:
		a := *m.Account
		a.Parent = to
		m.Account = &a
		if m.NewParent != nil && *m.NewParent == from {
			m.NewParent = &to
		}
	default:
		return false
	}
	return true
}

// returnGained moves somebody who gained the account, or the account above, from one who was merged into them.
func (u *unit) returnGained(m *merge, id string) error {
	p, err := readPerson(u.tx, id)
	there, err := isThere(err)
	if err != nil {
		return err
	}
	if there {
		if p.AccountID != m.Winner {
			return nil
		}
		p.AccountID = m.Loser
		_, err = u.savePerson(p)
		return err
	}
	a, err := readAccount(u.tx, id)
	if there, err = isThere(err); err != nil || !there || a.Parent != m.Winner || a.ID == m.Loser {
		return err
	}
	a.Parent = m.Loser
	_, err = u.saveAccount(a)
	return err
}
