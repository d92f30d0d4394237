package web

import (
	"context"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// ChangePerson refuses to change who may not be seen.
func (s sightStore) ChangePerson(ctx context.Context, actor string, a crm.Amendment[crm.Person], moves ...crm.Change) (crm.Person, error) {
	if err := s.mustSeePerson(ctx, a.Was.ID); err != nil {
		return crm.Person{}, err
	}
	return s.Store.ChangePerson(ctx, actor, a, moves...)
}

// ChangeAccount refuses to change what may not be seen.
func (s sightStore) ChangeAccount(ctx context.Context, actor string, a crm.Amendment[crm.Account]) (crm.Account, error) {
	if err := s.mustSeeAccount(ctx, a.Was.ID); err != nil {
		return crm.Account{}, err
	}
	return s.Store.ChangeAccount(ctx, actor, a)
}

// ChangeOpportunity changes what may be seen.
func (s sightStore) ChangeOpportunity(ctx context.Context, actor string, a crm.Amendment[crm.Opportunity]) (crm.Opportunity, error) {
	if _, err := s.GetOpportunity(ctx, a.Was.ID); err != nil {
		return crm.Opportunity{}, err
	}
	return s.Store.ChangeOpportunity(ctx, actor, a)
}

// ChangeContract changes what may be seen.
func (s sightStore) ChangeContract(ctx context.Context, actor string, a crm.Amendment[crm.Contract]) (crm.Contract, error) {
	if _, err := s.GetContract(ctx, a.Was.ID); err != nil {
		return crm.Contract{}, err
	}
	return s.Store.ChangeContract(ctx, actor, a)
}

// ChangeTask changes what may be seen.
func (s sightStore) ChangeTask(ctx context.Context, actor string, a crm.Amendment[crm.Task]) (crm.Task, error) {
	if _, err := s.GetTask(ctx, a.Was.ID); err != nil {
		return crm.Task{}, err
	}
	return s.Store.ChangeTask(ctx, actor, a)
}

// ChangePeople refuses to change who may not be seen.
func (s sightStore) ChangePeople(ctx context.Context, actor string, list []crm.Amendment[crm.Person]) error {
	for i := range list {
		if err := s.mustSeePerson(ctx, list[i].Is.ID); err != nil {
			return err
		}
	}
	return s.Store.ChangePeople(ctx, actor, list)
}

// ChangeAccounts refuses to change what may not be seen.
func (s sightStore) ChangeAccounts(ctx context.Context, actor string, list []crm.Amendment[crm.Account]) error {
	for i := range list {
		if err := s.mustSeeAccount(ctx, list[i].Is.ID); err != nil {
			return err
		}
	}
	return s.Store.ChangeAccounts(ctx, actor, list)
}
