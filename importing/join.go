package importing

import (
	"maps"
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
	if p.Kind == crm.Lead && row.Status != "" {
		p.Status = row.Status
	}
	joinLife(p, row)
	for _, e := range row.Emails {
		same := func(o string) bool { return crm.CanonicalAddress(o) == crm.CanonicalAddress(e) }
		if !slices.ContainsFunc(p.Emails, same) {
			p.Emails = append(p.Emails, e)
		}
	}
	p.Phones = joinPhones(p.Phones, row.Phones)
	p.Custom = joinCustom(p.Custom, row.Custom)
}

func joinLife(p *crm.Person, row crm.Person) {
	if row.Status != "" || row.Reason != "" {
		p.Reason = row.Reason // a reason goes with its status
	}
	p.Request = first(row.Request, p.Request)
	p.Given.Channel, p.Given.Campaign = first(row.Given.Channel, p.Given.Channel), first(row.Given.Campaign, p.Given.Campaign)
	p.DoNotContact = first(row.DoNotContact, p.DoNotContact)
	p.ExternalKey = first(row.ExternalKey, p.ExternalKey)
	if row.Consent.State != "" && row.Consent.State != p.Consent.State {
		p.Consent = row.Consent
	} else if !row.Consent.At.IsZero() {
		p.Consent.At = row.Consent.At
	}
}

// clearPerson empties the fields that the file has a column for and the row nothing in. A name, addresses and telephone
// numbers stay: without them nobody could be told apart.
func clearPerson(p *crm.Person, r record) {
	for f, value := range map[Field]*string{fieldKana: &p.Kana, fieldDepartment: &p.Department, fieldTitle: &p.Title, fieldOwner: &p.Owner, fieldReason: &p.Reason,
		fieldRequest: &p.Request, fieldChannel: &p.Given.Channel, fieldCampaign: &p.Given.Campaign, fieldDoNotContact: &p.DoNotContact} {
		if r.empties(f) {
			*value = ""
		}
	}
	if r.empties(fieldCompany) {
		p.Company, p.AccountID = "", ""
	}
	if r.empties(fieldConsent) {
		p.Consent = crm.Consent{}
	}
	for _, f := range slices.Sorted(maps.Keys(p.Custom)) {
		if r.empties(Field(CustomPrefix + f)) {
			p.Custom = maps.Clone(p.Custom)
			delete(p.Custom, f)
		}
	}
}

func clearAccount(a *crm.Account, r record) {
	for f, value := range map[Field]*string{fieldKana: &a.Kana, fieldOwner: &a.Owner, fieldParent: &a.Parent} {
		if r.empties(f) {
			*value = ""
		}
	}
	for _, f := range slices.Sorted(maps.Keys(a.Custom)) {
		if r.empties(Field(CustomPrefix + f)) {
			a.Custom = maps.Clone(a.Custom)
			delete(a.Custom, f)
		}
	}
}

func joinAccount(a *crm.Account, row crm.Account) {
	a.Kana, a.Owner = first(row.Kana, a.Kana), first(row.Owner, a.Owner)
	a.Parent, a.ExternalKey = first(row.Parent, a.Parent), first(row.ExternalKey, a.ExternalKey)
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
