package main

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func clonePerson(p crm.Person) crm.Person {
	p.Emails, p.Phones = slices.Clone(p.Emails), slices.Clone(p.Phones)
	return p
}

// joinPerson takes over what a row says. An empty cell says nothing; addresses and numbers are added.
func joinPerson(p *crm.Person, row crm.Person) {
	named := row.Name != "" && !slices.Contains(row.Emails, row.Name) // not just the address
	if named {
		p.Name = row.Name
		p.FamilyName, p.GivenName = first(row.FamilyName, p.FamilyName), first(row.GivenName, p.GivenName)
	}
	p.Kana, p.Company = first(row.Kana, p.Kana), first(row.Company, p.Company)
	p.AccountID = first(row.AccountID, p.AccountID)
	p.Department, p.Title = first(row.Department, p.Department), first(row.Title, p.Title)
	p.Owner = first(row.Owner, p.Owner)
	if p.Kind == crm.Lead && row.Status != "" && row.Status != crm.StatusNew {
		p.Status = row.Status // "new" is also what a missing status means
	}
	for _, e := range row.Emails {
		same := func(o string) bool { return crm.CanonicalAddress(o) == crm.CanonicalAddress(e) }
		if !slices.ContainsFunc(p.Emails, same) {
			p.Emails = append(p.Emails, e)
		}
	}
	p.Phones = joinPhones(p.Phones, row.Phones)
	p.Custom = joinCustom(p.Custom, row.Custom)
}

func joinAccount(a *crm.Account, row crm.Account) {
	a.Kana, a.Owner = first(row.Kana, a.Kana), first(row.Owner, a.Owner)
	for _, d := range row.Domains {
		if !slices.Contains(a.Domains, d) {
			a.Domains = append(a.Domains, d)
		}
	}
	a.Phones = joinPhones(a.Phones, row.Phones)
	a.Custom = joinCustom(a.Custom, row.Custom)
}

func joinPhones(have, more []crm.Phone) []crm.Phone {
	for _, p := range more {
		same := func(o crm.Phone) bool { return o.Number == p.Number || p.E164 != "" && o.E164 == p.E164 }
		if !slices.ContainsFunc(have, same) {
			have = append(have, p)
		}
	}
	return have
}
