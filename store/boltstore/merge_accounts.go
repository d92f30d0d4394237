package boltstore

import (
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxDepth bounds how many accounts stand above another.
const maxDepth = 1000

func (u *unit) mergeAccounts(m *merge) error {
	winner, err := u.accountToMerge(m.Winner)
	if err != nil {
		return err
	}
	loser, err := u.accountToMerge(m.Loser)
	if err != nil {
		return err
	}
	merged, _, gained := crm.MergeAccountRecords(winner, loser)
	merged.Updated = m.At
	m.Account, m.Was, m.Gained = &loser, &winner, gained
	if err := u.placeWinner(m, &merged); err != nil {
		return err
	}
	if err := u.leaveSign(m); err != nil {
		return err
	}
	if _, err := u.saveAccount(merged); err != nil {
		return err
	}
	if err := u.moveMembers(m, m.Loser, m.Winner); err != nil {
		return err
	}
	if err := u.moveSubsidiaries(m, m.Loser, m.Winner); err != nil {
		return err
	}
	if err := u.moveRecords(m); err != nil {
		return err
	}
	if err := u.eachOfPerson(m.Loser, u.touch); err != nil {
		return err
	}
	return u.removeAccount(loser)
}

func (u *unit) accountToMerge(id string) (crm.Account, error) {
	a, err := readAccount(u.tx, id)
	if err != nil {
		return a, u.notThere(crm.MergeAccounts, id, err)
	}
	return a, nil
}

// placeWinner says whose subsidiary the winner is: one that was below the loser takes its place.
func (u *unit) placeWinner(m *merge, merged *crm.Account) error {
	below, err := isBelow(u.tx, m.Was.Parent, m.Loser)
	if err != nil {
		return err
	}
	parent := merged.Parent
	if below {
		parent = m.Account.Parent
	} else if m.Was.Parent == "" && parent != "" {
		over, err := isBelow(u.tx, parent, m.Winner)
		if err != nil {
			return err
		}
		if over {
			parent = ""
		}
	}
	m.Gained = slices.DeleteFunc(m.Gained, func(field string) bool { return field == "parent" })
	if parent != m.Was.Parent {
		m.NewParent = &parent
		m.Gained = append(m.Gained, "parent")
	}
	merged.Parent = parent
	return nil
}

// isBelow says whether an account is the one above, or below it.
func isBelow(tx *bbolt.Tx, account, above string) (bool, error) {
	for range maxDepth {
		if account == "" || account == above {
			return account == above && above != "", nil
		}
		a, err := readAccount(tx, account)
		if errors.Is(err, crm.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		account = a.Parent
	}
	return true, nil // too deep to tell
}

// checkParent refuses an account that would be below itself.
func (u *unit) checkParent(before, a *crm.Account) error {
	if a.Parent == "" || before != nil && before.Parent == a.Parent {
		return nil
	}
	below, err := isBelow(u.tx, a.Parent, a.ID)
	if err == nil && below {
		err = fmt.Errorf("%w: %q would be a subsidiary of itself", crm.ErrRefused, a.Name)
	}
	return err
}

// moveMembers makes the members of the loser those of the winner, and notes them; back, those that it noted move back.
func (u *unit) moveMembers(m *merge, from, to string) error {
	back := from == m.Winner
	members, err := u.under(bucketMembers, from)
	if err != nil {
		return err
	}
	for _, id := range members {
		p, err := decodePerson(u.bucket(bucketPeople).Get(id[:]))
		if err != nil {
			return err
		}
		if p.AccountID != from || back && !slices.Contains(m.Members, p.ID) {
			continue
		}
		p.AccountID = to
		if _, err := u.savePerson(p); err != nil {
			return err
		}
		if !back {
			m.Members = append(m.Members, p.ID)
		}
	}
	return u.flush()
}

// moveSubsidiaries does the same with the accounts below another. The winner's place is decided apart.
func (u *unit) moveSubsidiaries(m *merge, from, to string) error {
	back := from == m.Winner
	below, err := u.under(bucketSubsidiaries, from)
	if err != nil {
		return err
	}
	for _, id := range below {
		a, err := decodeAccount(u.bucket(bucketAccounts).Get(id[:]))
		if err != nil {
			return err
		}
		if a.ID == m.Winner || a.Parent != from || back && !slices.Contains(m.Members, a.ID) {
			continue
		}
		a.Parent = to
		if _, err := u.saveAccount(a); err != nil {
			return err
		}
		if !back {
			m.Members = append(m.Members, a.ID)
		}
	}
	return u.flush()
}

// under gives the ids at the end of the keys of an index that stand under a record.
func (u *unit) under(bucket []byte, id string) (out []id16, err error) {
	if err := u.flush(); err != nil {
		return nil, err
	}
	scope := idOf(id)
	cursor := u.bucket(bucket).Cursor()
	for k, _ := cursor.Seek(scope[:]); hasPrefix(k, scope[:]); k, _ = cursor.Next() {
		out = append(out, id16(k[len(k)-16:]))
	}
	return out, nil
}
