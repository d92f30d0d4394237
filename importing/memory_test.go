package importing

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// peopleMemory is a store of people that behaves, as far as import can tell.
type peopleMemory struct {
	people   map[string]crm.Person
	accounts map[string]crm.Account
	erased   map[string]bool
	writes   int
}

func newPeopleMemory() *peopleMemory {
	return &peopleMemory{people: map[string]crm.Person{}, accounts: map[string]crm.Account{}}
}

func (m *peopleMemory) ListPeople(_ context.Context, f crm.PeopleFilter) ([]crm.Person, string, error) {
	var out []crm.Person
	for _, p := range m.people {
		if strings.Contains(crm.Fold(p.Name), crm.Fold(f.Query)) && (f.Kind == "" || f.Kind == p.Kind) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b crm.Person) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return out, "", nil
}

func (m *peopleMemory) ListAccounts(context.Context, crm.AccountFilter) ([]crm.Account, string, error) {
	var out []crm.Account
	for _, a := range m.accounts {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b crm.Account) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return out, "", nil
}

func (m *peopleMemory) GetPerson(_ context.Context, id string) (crm.Person, error) {
	p, ok := m.people[id]
	if !ok {
		return p, crm.ErrNotFound
	}
	return p, nil
}

func (m *peopleMemory) GetAccount(_ context.Context, id string) (crm.Account, error) {
	a, ok := m.accounts[id]
	if !ok {
		return a, crm.ErrNotFound
	}
	return a, nil
}

func (m *peopleMemory) FindPersonByKey(_ context.Context, key string) (crm.Person, error) {
	for _, p := range m.people {
		if p.ExternalKey == key {
			return p, nil
		}
	}
	return crm.Person{}, crm.ErrNotFound
}

func (m *peopleMemory) FindAccountByKey(_ context.Context, key string) (crm.Account, error) {
	for _, a := range m.accounts {
		if a.ExternalKey == key {
			return a, nil
		}
	}
	return crm.Account{}, crm.ErrNotFound
}

func (m *peopleMemory) Lookup(_ context.Context, q crm.Question) (crm.Answer, error) {
	out := crm.Answer{Addresses: map[string]crm.AddressAnswer{}, Phones: map[string][]crm.PersonRef{}, Names: map[string][]crm.PersonRef{}}
	for _, p := range m.people {
		ref := crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name, AccountID: p.AccountID}
		for _, e := range p.Emails {
			if normal, _ := crm.NormalizeAddress(e); slices.Contains(q.Addresses, normal) {
				out.Addresses[normal] = crm.AddressAnswer{People: append(out.Addresses[normal].People, ref)}
			}
		}
		for _, phone := range p.Phones {
			if phone.E164 != "" && slices.Contains(q.Phones, phone.E164) {
				out.Phones[phone.E164] = append(out.Phones[phone.E164], ref)
			}
		}
		company := p.Company
		if a, ok := m.accounts[p.AccountID]; ok {
			company = a.Name
		}
		if key := crm.NameKey(p.Name, company); key != "" && slices.Contains(q.Names, key) {
			out.Names[key] = append(out.Names[key], ref)
		}
	}
	for _, address := range q.Addresses {
		if m.erased[address] {
			out.Addresses[address] = crm.AddressAnswer{Erased: true}
		}
	}
	return out, nil
}

func (m *peopleMemory) ChangePeople(ctx context.Context, actor string, list []crm.Amendment[crm.Person]) error {
	var people []crm.Person
	for _, a := range list {
		people = append(people, a.Is)
	}
	return m.SavePeople(ctx, actor, people)
}

func (m *peopleMemory) ChangeAccounts(ctx context.Context, actor string, list []crm.Amendment[crm.Account]) error {
	var accounts []crm.Account
	for _, a := range list {
		accounts = append(accounts, a.Is)
	}
	return m.SaveAccounts(ctx, actor, accounts)
}

func (m *peopleMemory) SavePeople(_ context.Context, _ string, people []crm.Person) error {
	m.writes += len(people)
	for _, p := range people {
		m.people[p.ID] = p
	}
	return nil
}

func (m *peopleMemory) SaveAccounts(_ context.Context, _ string, accounts []crm.Account) error {
	m.writes += len(accounts)
	for _, a := range accounts {
		m.accounts[a.ID] = a
	}
	return nil
}

func (m *peopleMemory) named(t *testing.T, name string) crm.Person {
	t.Helper()
	for _, p := range m.people {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("nobody is called %s", name)
	return crm.Person{}
}
