package boltstore

import (
	"errors"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (u *unit) unmergeAccounts(m *merge) error {
	current, err := readAccount(u.tx, m.Winner)
	if err != nil {
		return u.winnerGone(m, err)
	}
	if _, err := readAccount(u.tx, m.Loser); !errors.Is(err, crm.ErrNotFound) {
		return u.loserThere(m, err)
	}
	winner, loser := crm.UnmergeAccounts(current, m.MergeRecord)
	if m.NewParent != nil {
		gained, err := nowCalled(u.tx, *m.NewParent)
		if err != nil {
			return err
		}
		if winner.Parent = current.Parent; winner.Parent == gained {
			if winner.Parent, err = u.accountNow(m.Was.Parent, winner.ID, m); err != nil {
				return err
			}
		}
	}
	if err := u.removeSign(m); err != nil {
		return err
	}
	if err := u.placeLoser(m, &loser); err != nil {
		return err
	}
	if _, err := u.saveAccount(loser); err != nil {
		return err
	}
	if err := u.moveMembers(m, m.Winner, m.Loser); err != nil {
		return err
	}
	if err := u.moveSubsidiaries(m, m.Winner, m.Loser); err != nil {
		return err
	}
	if err := u.returnKept(m); err != nil {
		return err
	}
	if below, err := isBelow(u.tx, winner.Parent, winner.ID); err != nil || below {
		winner.Parent = ""
		if err != nil {
			return err
		}
	}
	theirs := without(normalDomains(loser.Domains), normalDomains(m.Was.Domains))
	err = u.eachOfPerson(m.Winner, func(st *actState) error { return u.partAccounts(st, m, theirs, normalDomains(winner.Domains)) })
	if err != nil {
		return err
	}
	if _, err := u.saveAccount(winner); err != nil {
		return err
	}
	return u.returnRecords(m)
}

// placeLoser finds the place of the account that comes back: under its parent, or whatever that was merged into, unless that
// stands below it by now.
func (u *unit) placeLoser(m *merge, loser *crm.Account) error {
	parent, err := u.accountNow(loser.Parent, loser.ID, m)
	if err != nil {
		return err
	}
	for at := parent; at != ""; {
		if at == loser.ID || at != m.Winner && slices.Contains(m.Members, at) {
			parent = ""
			break
		}
		a, err := readAccount(u.tx, at)
		if errors.Is(err, crm.ErrNotFound) {
			break
		}
		if err != nil {
			return err
		}
		at = a.Parent
	}
	loser.Parent = parent
	return nil
}

// partAccounts gives an activity back to the account that comes back: what was its own before the merge, and what came
// since because of its domains or its members. Where both stood before, one to which nobody belongs goes if somebody belongs
// to the other: whoever brought it may have left meanwhile.
func (u *unit) partAccounts(st *actState, m *merge, theirs, winners []string) error {
	a := st.cur.Activity
	both := slices.Contains(a.Moved, crm.Moved{From: m.Winner, To: m.Winner, Merge: m.ID})
	moved := moveBack(&a, m)
	if !moved && !slices.Contains(a.Accounts, m.Winner) {
		return nil
	}
	back, stays, err := u.whoBelongs(&a, m, theirs, winners)
	if err != nil {
		return err
	}
	accounts := slices.Clone(a.Accounts)
	drop := func(account string) {
		accounts = slices.DeleteFunc(accounts, func(id string) bool { return id == account })
	}
	switch {
	case moved && both && a.Match.Rule != crm.RuleThread && stays && !back:
		drop(m.Loser)
	case moved && both && a.Match.Rule != crm.RuleThread && back && !stays:
		drop(m.Winner)
	case moved && !both && stays && !slices.Contains(accounts, m.Winner):
		accounts = append(accounts, m.Winner) // somebody came to it since, where it stood already
	case !moved && back:
		if !stays {
			drop(m.Winner)
		}
		if !slices.Contains(accounts, m.Loser) {
			accounts = append(accounts, m.Loser)
		}
	}
	slices.Sort(accounts)
	a.Accounts = accounts
	st.cur.Activity = a
	return nil
}

// whoBelongs says whether somebody on an activity belongs to the account that comes back, and whether to the one that stays.
func (u *unit) whoBelongs(a *crm.Activity, m *merge, theirs, winners []string) (back, stays bool, err error) {
	for _, p := range a.People {
		account := ""
		if p.ID != "" {
			if account, err = u.accountOf(p.ID); err != nil {
				return false, false, err
			}
		}
		domain := crm.AddressDomain(p.Address)
		switch {
		case account != "":
			back, stays = back || account == m.Loser, stays || account == m.Winner
		case p.Internal || domain == "":
		default:
			back = back || domainAmong([]string{domain}, theirs) != ""
			stays = stays || domainAmong([]string{domain}, winners) != ""
		}
	}
	return back, stays, nil
}
