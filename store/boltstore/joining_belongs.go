package boltstore

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// belonging says which accounts the people on an activity belong to, while some of them are about to change.
type belonging struct {
	u       *unit
	domains *lookup
	will    map[string]string // person → account that they will have
}

func (u *unit) belonging(will map[string]string) *belonging {
	return &belonging{u: u, domains: newLookup(u.tx, u.s), will: will}
}

// of is the account by which a participant is on the activity: the person's, else the only one that has the domain; "" if
// there is none.
func (b *belonging) of(p *crm.Participant) (string, error) {
	if p.Internal {
		return "", nil
	}
	if p.ID != "" {
		account, known := b.will[p.ID]
		if !known {
			var err error
			if account, err = b.u.accountOf(p.ID); err != nil {
				return "", err
			}
		}
		if account != "" {
			return account, nil
		}
	}
	domain := crm.AddressDomain(p.Address)
	if domain == "" {
		return "", nil
	}
	refs, err := b.domains.domain(domain)
	if err != nil || len(refs) != 1 {
		return "", err
	}
	return refs[0].ID, nil
}

// settle takes an account off an activity to which nobody on it belongs any more, and gives it those of the people who came
// back. What the thread told stays.
func (b *belonging) settle(a *crm.Activity, gone string, back func(p *crm.Participant) bool) error {
	accounts := slices.Clone(a.Accounts)
	stays := a.Match.Rule == crm.RuleThread
	for i := range a.People {
		p := &a.People[i]
		account, err := b.of(p)
		if err != nil {
			return err
		}
		stays = stays || account == gone
		if account != "" && back(p) && !slices.Contains(accounts, account) {
			accounts = append(accounts, account)
		}
	}
	if !stays {
		accounts = slices.DeleteFunc(accounts, func(id string) bool { return id == gone })
	}
	slices.Sort(accounts)
	a.Accounts = accounts
	return nil
}
