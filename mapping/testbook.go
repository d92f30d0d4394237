package mapping

import (
	"context"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// testBook is the directory of one test: the people and accounts that it says are known.
type testBook struct {
	people   []crm.Person
	accounts []crm.Account
}

func newTestBook(item map[string]any) *testBook {
	b := &testBook{}
	for i, group := range groupsAt(item, "accounts") {
		b.accounts = append(b.accounts, crm.Account{ID: fmt.Sprintf("account-%d", i+1), Name: textAt(group, "name"), Domains: textsOf(group["domains"])})
	}
	for i, group := range groupsAt(item, "people") {
		p := crm.Person{
			ID: fmt.Sprintf("person-%d", i+1), Kind: crm.PersonKind(textAt(group, "kind")), Name: textAt(group, "name"), Company: textAt(group, "company"),
			Title: textAt(group, "title"), Department: textAt(group, "department"), Emails: textsOf(group["emails"]),
		}
		p.FamilyName, p.GivenName = crm.SplitName(p.Name)
		if p.Kind == "" {
			p.Kind = crm.Lead
		}
		for _, number := range textsOf(group["phones"]) {
			p.Phones = append(p.Phones, crm.Phone{Number: number, E164: crm.NormalizePhone(number, "")})
		}
		for _, a := range b.accounts {
			if name := textAt(group, "account"); name != "" && name == a.Name {
				p.Kind, p.AccountID, p.Company = crm.Contact, a.ID, ""
			}
		}
		b.people = append(b.people, p)
	}
	return b
}

func groupsAt(item map[string]any, key string) []map[string]any {
	list, _ := item[key].([]any)
	var groups []map[string]any
	for _, one := range list {
		if group, ok := one.(map[string]any); ok {
			groups = append(groups, group)
		}
	}
	return groups
}

func (b *testBook) person(id string) *crm.Person {
	for i := range b.people {
		if b.people[i].ID == id {
			return &b.people[i]
		}
	}
	return nil
}

// Lookup answers as a store does.
func (b *testBook) Lookup(_ context.Context, q crm.Question) (crm.Answer, error) {
	answer := crm.Answer{
		Addresses: map[string]crm.AddressAnswer{}, Domains: map[string][]crm.AccountRef{}, Messages: map[crm.Key]crm.MessageAnswer{},
		Phones: map[string][]crm.PersonRef{}, Names: map[string][]crm.PersonRef{},
	}
	for i := range b.people {
		b.answerPerson(&b.people[i], &answer)
	}
	for _, domain := range q.Domains {
		for d := range crm.DomainAndParents(domain) {
			for _, a := range b.accounts {
				if slices.Contains(a.Domains, d) {
					answer.Domains[domain] = append(answer.Domains[domain], crm.AccountRef{ID: a.ID, Name: a.Name, Domain: d})
				}
			}
		}
	}
	return answer, nil
}

func (b *testBook) answerPerson(p *crm.Person, answer *crm.Answer) {
	ref := crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name, AccountID: p.AccountID}
	for _, email := range p.Emails {
		if normal, ok := crm.NormalizeAddress(email); ok {
			ref.Address = email
			known := answer.Addresses[normal]
			known.People = append(known.People, ref)
			answer.Addresses[normal] = known
		}
	}
	for _, phone := range p.Phones {
		if phone.E164 != "" {
			answer.Phones[phone.E164] = append(answer.Phones[phone.E164], ref)
		}
	}
	company := p.Company
	for _, a := range b.accounts {
		if a.ID == p.AccountID {
			company = a.Name
		}
	}
	if key := crm.NameKey(p.Name, company); key != "" {
		answer.Names[key] = append(answer.Names[key], ref)
	}
}
