package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// person finds whom a command means: by id, by mail address, or by the key of an import.
func (in *instance) person(ctx context.Context, text string) (crm.Person, error) {
	p, err := in.store.GetPerson(ctx, text)
	if err == nil {
		return p, nil
	}
	if !errors.Is(err, crm.ErrNotFound) {
		return p, err
	}
	if normal, ok := crm.NormalizeAddress(text); ok {
		return in.personAt(ctx, normal)
	}
	p, err = in.store.FindPersonByKey(ctx, text)
	if errors.Is(err, crm.ErrNotFound) {
		return p, failed("give the id, a mail address or the key of an import; `tsunagu export leads` lists them", "there is no person %q", text)
	}
	return p, err
}

func (in *instance) personAt(ctx context.Context, normal string) (crm.Person, error) {
	answer, err := in.store.Lookup(ctx, crm.Question{Addresses: []string{normal}})
	if err != nil {
		return crm.Person{}, fmt.Errorf("look up %s: %w", normal, err)
	}
	people := answer.Addresses[normal].People
	switch len(people) {
	case 0:
		return crm.Person{}, failed("`tsunagu export leads` and `tsunagu export contacts` list who is known", "nobody has the address %s", normal)
	case 1:
		return in.store.GetPerson(ctx, people[0].ID)
	}
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID + " (" + p.Name + ")"
	}
	return crm.Person{}, failed("give the id of one of them: "+strings.Join(ids, ", "), "%d people have the address %s", len(people), normal)
}

// account finds which account a command means: by id, domain, key of an import, or its whole name.
func (in *instance) account(ctx context.Context, text string) (crm.Account, error) {
	acct, err := in.store.GetAccount(ctx, text)
	if err == nil || !errors.Is(err, crm.ErrNotFound) {
		return acct, err
	}
	if acct, err = in.store.FindAccountByKey(ctx, text); err == nil || !errors.Is(err, crm.ErrNotFound) {
		return acct, err
	}
	list, _, err := in.store.ListAccounts(ctx, crm.AccountFilter{Query: text, Limit: 100})
	if err != nil {
		return acct, err
	}
	exact := slices.DeleteFunc(list, func(c crm.Account) bool {
		return crm.Fold(c.Name) != crm.Fold(text) && !slices.Contains(c.Domains, strings.ToLower(text))
	})
	switch len(exact) {
	case 1:
		return exact[0], nil
	case 0:
		return acct, failed("`tsunagu export accounts` lists them", "there is no account %q", text)
	}
	return acct, failed("give the id: `tsunagu export accounts` lists them", "%d accounts are called %q", len(exact), text)
}
