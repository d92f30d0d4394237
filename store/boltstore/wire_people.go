package boltstore

import "github.com/tsunagu-crm/tsunagu/crm"

const personVersion, accountVersion, refVersion = 1, 1, 1

func encodePerson(p crm.Person) []byte {
	var e encoder
	e.uint(personVersion)
	e.id(p.ID)
	for _, s := range []string{string(p.Kind), p.Name, p.FamilyName, p.GivenName, p.Kana, p.Company} {
		e.str(s)
	}
	e.id(p.AccountID)
	for _, s := range []string{p.Department, p.Title, p.Owner, string(p.Status), p.Origin} {
		e.str(s)
	}
	e.strs(p.Emails)
	e.phones(p.Phones)
	e.time(p.Created)
	e.time(p.Updated)
	life := hasPersonLife(&p)
	if life || len(p.Custom)+len(p.Filled) > 0 {
		e.custom(p.Custom)
		e.filled(p.Filled)
	}
	if life {
		e.personLife(&p)
	}
	return e.b
}

func decodePerson(b []byte) (crm.Person, error) {
	d := decoder{s: string(b)}
	var p crm.Person
	if d.uint() != personVersion {
		return p, corrupt("a person")
	}
	p.ID = d.id()
	p.Kind, p.Name, p.FamilyName, p.GivenName = crm.PersonKind(d.str()), d.str(), d.str(), d.str()
	p.Kana, p.Company, p.AccountID = d.str(), d.str(), d.id()
	p.Department, p.Title, p.Owner, p.Status, p.Origin = d.str(), d.str(), d.str(), crm.LeadStatus(d.str()), d.str()
	p.Emails, p.Phones, p.Created, p.Updated = d.strs(), d.phones(), d.time(), d.time()
	if !d.ended() {
		p.Custom, p.Filled = d.custom(), d.filled()
	}
	d.personLife(&p)
	if d.bad {
		return crm.Person{}, corrupt("a person")
	}
	return p, nil
}

func encodeAccount(a crm.Account) []byte {
	var e encoder
	e.uint(accountVersion)
	e.id(a.ID)
	e.str(a.Name)
	e.str(a.Kana)
	e.str(a.Owner)
	e.str(a.Origin)
	e.strs(a.Domains)
	e.phones(a.Phones)
	e.time(a.Created)
	e.time(a.Updated)
	life := a.Parent != "" || a.ExternalKey != "" || len(a.Merged) > 0
	if life || len(a.Custom) > 0 {
		e.custom(a.Custom)
	}
	if life {
		e.id(a.Parent)
		e.str(a.ExternalKey)
		e.ids(a.Merged)
	}
	return e.b
}

func decodeAccount(b []byte) (crm.Account, error) {
	d := decoder{s: string(b)}
	var a crm.Account
	if d.uint() != accountVersion {
		return a, corrupt("an account")
	}
	a.ID, a.Name, a.Kana, a.Owner, a.Origin = d.id(), d.str(), d.str(), d.str(), d.str()
	a.Domains, a.Phones, a.Created, a.Updated = d.strs(), d.phones(), d.time(), d.time()
	if !d.ended() {
		a.Custom = d.custom()
	}
	if !d.ended() {
		a.Parent, a.ExternalKey, a.Merged = d.id(), d.str(), d.ids()
	}
	if d.bad {
		return crm.Account{}, corrupt("an account")
	}
	return a, nil
}

func (e *encoder) phones(list []crm.Phone) {
	e.uint(uint64(len(list)))
	for _, p := range list {
		e.str(p.Number)
		e.str(p.E164)
	}
}

func (d *decoder) phones() []crm.Phone {
	return listOf(d, 2, func(d *decoder) crm.Phone { return crm.Phone{Number: d.str(), E164: d.str()} })
}

// encodePersonRef is the value of the address index: everything matching wants, so that a look-up reads one
// place only.
func encodePersonRef(p crm.PersonRef) []byte {
	var e encoder
	e.uint(refVersion)
	e.id(p.ID)
	e.str(string(p.Kind))
	e.str(p.Name)
	e.id(p.AccountID)
	e.str(p.Address)
	return e.b
}

func decodePersonRef(b []byte) (crm.PersonRef, error) {
	d := decoder{s: string(b)}
	if d.uint() != refVersion {
		return crm.PersonRef{}, corrupt("an address")
	}
	p := crm.PersonRef{ID: d.id(), Kind: crm.PersonKind(d.str()), Name: d.str(), AccountID: d.id(), Address: d.str()}
	if d.bad {
		return crm.PersonRef{}, corrupt("an address")
	}
	return p, nil
}

func encodeAccountRef(a crm.AccountRef) []byte {
	var e encoder
	e.uint(refVersion)
	e.id(a.ID)
	e.str(a.Name)
	e.str(a.Domain)
	return e.b
}

func decodeAccountRef(b []byte) (crm.AccountRef, error) {
	d := decoder{s: string(b)}
	if d.uint() != refVersion {
		return crm.AccountRef{}, corrupt("a domain")
	}
	a := crm.AccountRef{ID: d.id(), Name: d.str(), Domain: d.str()}
	if d.bad {
		return crm.AccountRef{}, corrupt("a domain")
	}
	return a, nil
}
