package upkeep

import (
	"context"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// unfile takes activities off the person on whom a decision that was taken back had filed them, the mails that followed them in
// a conversation among them. They wait for the address then, which the next piece of work is about. In one step they
// could not be matched: each would find the others of its conversation still with that person, and stay for their sake.
func (u *Upkeep) unfile(ctx context.Context, work crm.LateWork, ids []string) error {
	return u.undecide(ctx, work.Person, work.Address, ids)
}

// unsay takes off what a decision about an address says of activities on which nobody stands for it any more, if the decision
// does not stand either.
func (u *Upkeep) unsay(ctx context.Context, address string, ids []string) error {
	if address == "" || len(ids) == 0 {
		return nil
	}
	answer, err := u.cfg.Directory.Lookup(ctx, crm.Question{Addresses: []string{address}})
	if err != nil {
		return fmt.Errorf("look up what was decided: %w", err)
	}
	if answer.Addresses[address].Decision != nil {
		return nil
	}
	return u.undecide(ctx, "", address, ids)
}

// undecide stores activities without what a decision about an address made of them.
func (u *Upkeep) undecide(ctx context.Context, person, address string, ids []string) error {
	activities, err := u.get(ctx, ids)
	if err != nil {
		return err
	}
	for len(activities) > 0 {
		var changed []crm.Remap
		for _, was := range activities {
			now, differs := crm.Undecided(was, person, address)
			if !differs {
				continue
			}
			pending := append(now.Unknown(), address)
			slices.Sort(pending)
			changed = append(changed, crm.Remap{Was: was, Now: now, Pending: slices.Compact(pending)})
		}
		stale, err := u.cfg.Store.Remap(ctx, changed)
		if err != nil {
			return fmt.Errorf("take activities off a person: %w", err)
		}
		for _, c := range changed {
			if !slices.Contains(stale, c.Now.ID) {
				u.cfg.Changed(c.Now)
			}
		}
		if activities, err = u.get(ctx, stale); err != nil {
			return err
		}
	}
	return nil
}

// ownerless are the rows of those activities on which nobody is left since an answer was taken back. They are read again, and
// wait for another answer without their content; where their source does not have them any more or cannot be called, the
// activity stays, and so does the question. One that somebody added to stays in any case.
func (u *Upkeep) ownerless(ctx context.Context, ids []string) (rows []crm.Entry, err error) {
	activities, err := u.get(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range activities {
		a := &activities[i]
		if !a.Taken() || a.Outcome != nil {
			continue
		}
		filing, err := u.cfg.Store.GetFiling(ctx, a.ID)
		if err != nil {
			return nil, fmt.Errorf("read who was put on an activity: %w", err)
		}
		if len(filing.Moves) > 0 {
			continue
		}
		for _, o := range a.Observed {
			rows = append(rows, crm.Entry{Source: o.Source, ExternalID: o.ExternalID, Verdict: crm.Logged, Activity: a.ID})
		}
	}
	return rows, nil
}
