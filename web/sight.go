package web

import (
	"context"
	"errors"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// sightStore is the store as whoever asks may see it. Every handler of pages and of the API asks it and nothing else, so
// that a handler which forgets about visibility shows nothing it may not.
//
// Who asks stands in the context (withClearance). A record that may not be seen is not there: reading, changing and
// deleting it is crm.ErrNotFound, and lists leave it out while they read (visiblePage). What was said in a mail that may
// be seen but not read is taken out of it. A context in which nobody stands sees everything: that is the server itself.
//
// A method that is not overridden here passes everything through. TestSightKnowsEveryMethod holds the list of those that
// may, each with its reason, so that a new method of the store is thought about.
type sightStore struct{ Store }

// person and account say whether the record of an id may be seen; one that is gone may not.
func (s sightStore) person(ctx context.Context, may crm.Clearance, id string) (bool, error) {
	p, err := s.Store.GetPerson(ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return false, nil
	}
	return err == nil && may.Person(&p), err
}

func (s sightStore) account(ctx context.Context, may crm.Clearance, id string) (bool, error) {
	a, err := s.Store.GetAccount(ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return false, nil
	}
	return err == nil && may.Account(&a), err
}

// subject says whether the person or account of an id may be seen.
func (s sightStore) subject(ctx context.Context, may crm.Clearance, id string) (bool, error) {
	if ok, err := s.person(ctx, may, id); ok || err != nil {
		return ok, err
	}
	return s.account(ctx, may, id)
}

// onto says whether something that belongs to an owner and hangs on records may be seen: it is the owner's, and none of
// the records is hidden; or it is another's, and a record may be seen.
func (s sightStore) onto(ctx context.Context, may crm.Clearance, owner, person, account string) (bool, error) {
	for _, hung := range []struct {
		id   string
		seen func(context.Context, crm.Clearance, string) (bool, error)
	}{{person, s.person}, {account, s.account}} {
		if hung.id != "" {
			if ok, err := hung.seen(ctx, may, hung.id); ok || err != nil {
				return ok, err
			}
		}
	}
	if owner == "" {
		return person == "" && account == "", nil
	}
	return may.Owner(owner), nil
}

// sightNeed is crm.ErrNotFound unless something may be seen.
func sightNeed(ok bool, err error) error {
	if err == nil && !ok {
		return crm.ErrNotFound
	}
	return err
}

// mustSeePerson and mustSeeAccount are asked before a record is changed. One that is not there yet may be made.
func (s sightStore) mustSeePerson(ctx context.Context, id string) error {
	may := clearanceIn(ctx)
	if may.All() || id == "" {
		return nil
	}
	p, err := s.Store.GetPerson(ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	return sightNeed(err == nil && may.Person(&p), err)
}

func (s sightStore) mustSeeAccount(ctx context.Context, id string) error {
	may := clearanceIn(ctx)
	if may.All() || id == "" {
		return nil
	}
	a, err := s.Store.GetAccount(ctx, id)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	return sightNeed(err == nil && may.Account(&a), err)
}

// GetPerson gives a person who may be seen.
func (s sightStore) GetPerson(ctx context.Context, id string) (crm.Person, error) {
	p, err := s.Store.GetPerson(ctx, id)
	if may := clearanceIn(ctx); err == nil && !may.Person(&p) {
		return crm.Person{}, crm.ErrNotFound
	}
	return p, err
}

// GetAccount gives an account that may be seen.
func (s sightStore) GetAccount(ctx context.Context, id string) (crm.Account, error) {
	a, err := s.Store.GetAccount(ctx, id)
	if may := clearanceIn(ctx); err == nil && !may.Account(&a) {
		return crm.Account{}, crm.ErrNotFound
	}
	return a, err
}

// ListPeople leaves out who may not be seen.
func (s sightStore) ListPeople(ctx context.Context, f crm.PeopleFilter) ([]crm.Person, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListPeople(ctx, f)
	}
	return visiblePage(ctx, f.After, f.Limit, func(after string, limit int) ([]crm.Person, string, error) {
		f.After, f.Limit = after, limit
		return s.Store.ListPeople(ctx, f)
	}, func(p *crm.Person) (bool, error) { return may.Person(p), nil })
}

// ListAccounts leaves out what may not be seen.
func (s sightStore) ListAccounts(ctx context.Context, f crm.AccountFilter) ([]crm.Account, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListAccounts(ctx, f)
	}
	return visiblePage(ctx, f.After, f.Limit, func(after string, limit int) ([]crm.Account, string, error) {
		f.After, f.Limit = after, limit
		return s.Store.ListAccounts(ctx, f)
	}, func(a *crm.Account) (bool, error) { return may.Account(a), nil })
}

// ListSubsidiaries leaves out what may not be seen.
func (s sightStore) ListSubsidiaries(ctx context.Context, id, after string, limit int) ([]crm.Account, string, error) {
	may := clearanceIn(ctx)
	if may.All() {
		return s.Store.ListSubsidiaries(ctx, id, after, limit)
	}
	if err := sightNeed(s.account(ctx, may, id)); err != nil {
		return nil, "", err
	}
	return visiblePage(ctx, after, limit, func(after string, limit int) ([]crm.Account, string, error) {
		return s.Store.ListSubsidiaries(ctx, id, after, limit)
	}, func(a *crm.Account) (bool, error) { return may.Account(a), nil })
}

// SavePeople refuses to change who may not be seen.
func (s sightStore) SavePeople(ctx context.Context, actor string, people []crm.Person) error {
	for i := range people {
		if err := s.mustSeePerson(ctx, people[i].ID); err != nil {
			return err
		}
	}
	return s.Store.SavePeople(ctx, actor, people)
}

// SaveAccounts refuses to change what may not be seen.
func (s sightStore) SaveAccounts(ctx context.Context, actor string, accounts []crm.Account) error {
	for i := range accounts {
		if err := s.mustSeeAccount(ctx, accounts[i].ID); err != nil {
			return err
		}
	}
	return s.Store.SaveAccounts(ctx, actor, accounts)
}

// DeletePerson refuses to delete who may not be seen.
func (s sightStore) DeletePerson(ctx context.Context, actor, id string) error {
	if err := s.mustSeePerson(ctx, id); err != nil {
		return err
	}
	return s.Store.DeletePerson(ctx, actor, id)
}

// FindPersonByKey finds who may be seen.
func (s sightStore) FindPersonByKey(ctx context.Context, key string) (crm.Person, error) {
	p, err := s.Store.FindPersonByKey(ctx, key)
	if may := clearanceIn(ctx); err == nil && !may.Person(&p) {
		return crm.Person{}, crm.ErrNotFound
	}
	return p, err
}

// FindAccountByKey finds what may be seen.
func (s sightStore) FindAccountByKey(ctx context.Context, key string) (crm.Account, error) {
	a, err := s.Store.FindAccountByKey(ctx, key)
	if may := clearanceIn(ctx); err == nil && !may.Account(&a) {
		return crm.Account{}, crm.ErrNotFound
	}
	return a, err
}

// Search finds what may be seen.
func (s sightStore) Search(ctx context.Context, q crm.SearchQuery) (crm.Found, error) {
	if may := clearanceIn(ctx); !may.All() {
		wanted := q.Seen
		q.Seen = func(h *crm.Hit) bool {
			return (h.Person != nil && may.Person(h.Person) || h.Account != nil && may.Account(h.Account)) && (wanted == nil || wanted(h))
		}
	}
	return s.Store.Search(ctx, q)
}

// Lookup answers with those who may be seen.
func (s sightStore) Lookup(ctx context.Context, q crm.Question) (crm.Answer, error) {
	a, err := s.Store.Lookup(ctx, q)
	may := clearanceIn(ctx)
	if err != nil || may.All() {
		return a, err
	}
	hidden := func(p crm.PersonRef) bool { ok, err := s.person(ctx, may, p.ID); return !ok || err != nil }
	for key, known := range a.Addresses {
		known.People = slices.DeleteFunc(slices.Clone(known.People), hidden)
		a.Addresses[key] = known
	}
	for _, refs := range []map[string][]crm.PersonRef{a.Phones, a.Names} {
		for key, list := range refs {
			refs[key] = slices.DeleteFunc(slices.Clone(list), hidden)
		}
	}
	for key, list := range a.Domains {
		a.Domains[key] = slices.DeleteFunc(slices.Clone(list), func(r crm.AccountRef) bool {
			ok, err := s.account(ctx, may, r.ID)
			return !ok || err != nil
		})
	}
	a.Messages = nil // an activity is read by its id
	return a, nil
}
