package boltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Here a record is changed that somebody has read before: whether it still is what they read, and the change itself, are
// one write, so that nobody's change comes between; see storetest.Amending.

// ChangePerson makes a change of a person, and what is decided of their status, owner and stage with it.
func (s *Store) ChangePerson(ctx context.Context, actor string, r crm.Amendment[crm.Person], moves ...crm.Change) (out crm.Person, err error) {
	err = s.update(ctx, func(u *unit) error {
		now, err := readPerson(u.tx, r.Was.ID)
		if err != nil {
			return err
		}
		fresh, err := r.On(now, now.Updated)
		if err != nil {
			return err
		}
		fresh.Updated = versionAfter(now.Updated, fresh.Updated)
		if err := u.savePeople(actor, []crm.Person{fresh}); err != nil {
			return err
		}
		for _, m := range moves {
			if m.Person != fresh.ID {
				return fmt.Errorf("%w: it is about %s", crm.ErrRefused, m.Person)
			}
			if _, err := u.addChange(actor, m); err != nil {
				return err
			}
		}
		out, err = readPerson(u.tx, fresh.ID)
		return err
	})
	if err != nil {
		return crm.Person{}, fmt.Errorf("change person %s: %w", r.Was.ID, err)
	}
	return out, nil
}

// ChangeAccount makes a change of an account.
func (s *Store) ChangeAccount(ctx context.Context, actor string, r crm.Amendment[crm.Account]) (crm.Account, error) {
	return amend(ctx, s, "account", r.Was.ID, r, readAccount, func(a *crm.Account) *time.Time { return &a.Updated },
		func(u *unit, a crm.Account) (crm.Account, error) { return a, u.saveAccounts(actor, []crm.Account{a}) })
}

// ChangeOpportunity makes a change of an opportunity.
func (s *Store) ChangeOpportunity(ctx context.Context, actor string, r crm.Amendment[crm.Opportunity]) (crm.Opportunity, error) {
	return amend(ctx, s, "opportunity", r.Was.ID, r, opportunities().read, func(o *crm.Opportunity) *time.Time { return &o.Updated },
		func(u *unit, o crm.Opportunity) (crm.Opportunity, error) { return u.saveOpportunity(actor, o) })
}

// ChangeContract makes a change of a contract.
func (s *Store) ChangeContract(ctx context.Context, actor string, r crm.Amendment[crm.Contract]) (crm.Contract, error) {
	return amend(ctx, s, "contract", r.Was.ID, r, contracts().read, func(c *crm.Contract) *time.Time { return &c.Updated },
		func(u *unit, c crm.Contract) (crm.Contract, error) { return u.saveContract(actor, c) })
}

// ChangeCampaign makes a change of a campaign.
func (s *Store) ChangeCampaign(ctx context.Context, actor string, r crm.Amendment[crm.Campaign]) (crm.Campaign, error) {
	return amend(ctx, s, "campaign", r.Was.ID, r, campaigns().read, func(c *crm.Campaign) *time.Time { return &c.Updated },
		func(u *unit, c crm.Campaign) (crm.Campaign, error) {
			c = crm.TidyCampaign(c)
			return c, u.saveCampaign(actor, c)
		})
}

// ChangeProduct makes a change of a product of the catalogue.
func (s *Store) ChangeProduct(ctx context.Context, actor string, r crm.Amendment[crm.Product]) (crm.Product, error) {
	return amend(ctx, s, "product", r.Was.ID, r, products().read, func(p *crm.Product) *time.Time { return &p.Updated },
		func(u *unit, p crm.Product) (crm.Product, error) { return p, u.saveProduct(actor, p) })
}

// ChangeTask makes a change of a task. Tasks name no version: Base of the amendment says nothing here.
func (s *Store) ChangeTask(ctx context.Context, actor string, r crm.Amendment[crm.Task]) (crm.Task, error) {
	r.Base = time.Time{}
	return amend(ctx, s, "task", r.Was.ID, r, tasks().read, func(*crm.Task) *time.Time { return &time.Time{} },
		func(u *unit, t crm.Task) (crm.Task, error) { return t, u.saveTask(actor, t) })
}

// amend reads a record, makes the change of it and saves it, in one write.
func amend[T any](ctx context.Context, s *Store, what, id string, r crm.Amendment[T], read func(tx *bbolt.Tx, id string) (T, error),
	updated func(*T) *time.Time, save func(u *unit, fresh T) (T, error)) (out T, err error) {
	err = s.update(ctx, func(u *unit) error {
		now, err := read(u.tx, id)
		if err != nil {
			return err
		}
		fresh, err := r.On(now, *updated(&now))
		if err != nil {
			return err
		}
		at := updated(&fresh)
		*at = versionAfter(*updated(&now), *at)
		out, err = save(u, fresh)
		return err
	})
	if err != nil {
		var zero T
		return zero, fmt.Errorf("change %s %s: %w", what, id, err)
	}
	return out, nil
}

// versionAfter is when a record was changed that was changed last at the time was: later than that, whatever clock said so.
func versionAfter(was, at time.Time) time.Time {
	if at.After(was) {
		return at
	}
	return was.Add(time.Nanosecond)
}

// ChangePeople makes changes of people, all or nothing; one of nobody is a new person.
func (s *Store) ChangePeople(ctx context.Context, actor string, list []crm.Amendment[crm.Person]) error {
	people := make([]crm.Person, len(list))
	for i := range list {
		people[i] = list[i].Is
	}
	names := nameKeys{}
	names.add(people)
	err := s.update(ctx, func(u *unit) error {
		u.names = names
		fresh, err := amendAll(u, list, readPerson, func(p *crm.Person) (string, *time.Time) { return p.ID, &p.Updated })
		if err != nil {
			return err
		}
		return u.savePeople(actor, fresh)
	})
	if err != nil {
		return fmt.Errorf("change people: %w", err)
	}
	return nil
}

// ChangeAccounts does the same with accounts.
func (s *Store) ChangeAccounts(ctx context.Context, actor string, list []crm.Amendment[crm.Account]) error {
	err := s.update(ctx, func(u *unit) error {
		fresh, err := amendAll(u, list, readAccount, func(a *crm.Account) (string, *time.Time) { return a.ID, &a.Updated })
		if err != nil {
			return err
		}
		return u.saveAccounts(actor, fresh)
	})
	if err != nil {
		return fmt.Errorf("change accounts: %w", err)
	}
	return nil
}

func amendAll[T any](u *unit, list []crm.Amendment[T], read func(tx *bbolt.Tx, id string) (T, error), named func(*T) (string, *time.Time)) ([]T, error) {
	out := make([]T, 0, len(list))
	for i := range list {
		a := &list[i]
		id, _ := named(&a.Is)
		if id == "" {
			return nil, errors.New("a record has no id")
		}
		if was, _ := named(&a.Was); was == "" {
			out = append(out, a.Is)
			continue
		}
		now, err := read(u.tx, id)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		_, updated := named(&now)
		fresh, err := a.On(now, *updated)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		_, at := named(&fresh)
		*at = versionAfter(*updated, *at)
		out = append(out, fresh)
	}
	return out, nil
}
