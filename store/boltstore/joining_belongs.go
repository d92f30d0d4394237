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

// settle takes accounts off an activity to which nobody on it belongs any more, and gives it those of the people who came
// back. Only those are taken off that people came to by a merge or a conversion at some time: gone, which somebody leaves right now, and
// whatever else was joined, since things are undone in many orders. What the thread told, or a person logged, stays.
func (b *belonging) settle(a *crm.Activity, gone string, back func(p *crm.Participant) bool) error {
	accounts, held := slices.Clone(a.Accounts), map[string]bool{}
	for i := range a.People {
		p := &a.People[i]
		account, err := b.of(p)
		if err != nil {
			return err
		}
		held[account] = true
		if account != "" && back(p) && !slices.Contains(accounts, account) {
			accounts = append(accounts, account)
		}
	}
	if a.Match.Rule != crm.RuleThread && a.By == "" {
		accounts = slices.DeleteFunc(accounts, func(id string) bool { return !held[id] && (id == gone || b.u.wasJoined(id)) })
	}
	slices.Sort(accounts)
	a.Accounts = accounts
	return nil
}

// wasJoined says whether an account ever took part in a merge, or a conversion led to it.
func (u *unit) wasJoined(account string) bool {
	scope := idOf(account)
	k, _ := u.bucket(bucketJoins).Cursor().Seek(scope[:])
	return hasPrefix(k, scope[:])
}
