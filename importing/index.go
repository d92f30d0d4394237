package importing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// index finds people and accounts by what tells them apart. It holds keys and IDs of the
// accounts that are stored, of the people that the rows at hand may be about, and of what the file adds while it is read.
type index struct {
	byAddress  map[string][]string // normalised address → ids of people
	byPhone    map[string][]string // E.164 → ids
	byName     map[string][]string // name and company → ids
	byNumber   map[string][]string // name, kana and a telephone number → ids
	accounts   map[string][]string // company key → ids of accounts
	byBase     map[string][]string // company without its form → ids
	byDomain   map[string][]string // domain → ids of accounts
	accountKey map[string]string   // id → company key
	formless   map[string]bool     // id → its name has no legal form
	names      map[string]string   // id → name of the account
	byKey      map[string]string   // external key → id of a person, of those that the file names
	firmByKey  map[string]string   // external key → id of an account, of all
	companies  sync.Map            // name of a company as rows write it → companyKeys
}

// companyKeys is what companyKey says of a name.
type companyKeys struct {
	key, base string
	formless  bool
}

// company is companyKey, worked out once for all rows with that name.
func (ix *index) company(name string) companyKeys {
	found, _ := ix.companies.Load(name)
	c, ok := found.(companyKeys)
	if ok {
		return c
	}
	c.key, c.base, c.formless = companyKey(name)
	ix.companies.Store(name, c)
	return c
}

func newIndex(ctx context.Context, store Store) (*index, error) {
	ix := &index{
		byAddress: map[string][]string{}, byPhone: map[string][]string{}, byName: map[string][]string{}, byNumber: map[string][]string{},
		accounts: map[string][]string{}, byBase: map[string][]string{}, byDomain: map[string][]string{}, accountKey: map[string]string{}, formless: map[string]bool{},
		names: map[string]string{}, byKey: map[string]string{}, firmByKey: map[string]string{},
	}
	for after := ""; ; {
		page, next, err := store.ListAccounts(ctx, crm.AccountFilter{After: after, Limit: 1000})
		if err != nil {
			return nil, fmt.Errorf("list accounts: %w", err)
		}
		for _, a := range page {
			ix.addAccount(a)
		}
		if after = next; after == "" {
			return ix, nil
		}
	}
}

func note(m map[string][]string, key, id string) {
	if key != "" && !slices.Contains(m[key], id) {
		m[key] = append(m[key], id)
	}
}

func (ix *index) addPerson(p crm.Person) {
	for _, e := range p.Emails {
		if normal, ok := crm.NormalizeAddress(e); ok {
			note(ix.byAddress, normal, p.ID)
		}
	}
	for _, phone := range p.Phones {
		note(ix.byPhone, phone.E164, p.ID)
	}
	note(ix.byName, ix.nameKey(p), p.ID)
	if p.ExternalKey != "" {
		ix.byKey[p.ExternalKey] = p.ID
	}
	for _, key := range numberKeys(p) {
		note(ix.byNumber, key, p.ID)
	}
}

// numberKeys tell people of whom neither an address nor a company is known: by name, kana and telephone number.
func numberKeys(p crm.Person) []string {
	keys := make([]string, len(p.Phones))
	for i, phone := range p.Phones {
		keys[i] = crm.NormalizeName(p.Name) + "\x00" + crm.NormalizeName(p.Kana) + "\x00" + first(phone.E164, phone.Number)
	}
	return keys
}

// nameKey tells people by name and company; "" if one of them is missing.
func (ix *index) nameKey(p crm.Person) string {
	company := ix.company(p.Company).key
	if p.AccountID != "" {
		company = ix.accountKey[p.AccountID]
	} else if id, _ := ix.account(p.Company); id != "" && p.Kind == crm.Contact {
		company = ix.accountKey[id] // ABC and 株式会社ABC, of which there is one
	}
	if name := crm.NormalizeName(p.Name); name != "" && company != "" {
		return name + "\x00" + company
	}
	return ""
}

func (ix *index) addAccount(a crm.Account) {
	key, base, formless := companyKey(a.Name)
	ix.accountKey[a.ID], ix.formless[a.ID] = key, formless
	ix.names[a.ID] = a.Name
	if a.ExternalKey != "" {
		ix.firmByKey[a.ExternalKey] = a.ID
	}
	note(ix.accounts, key, a.ID)
	note(ix.byBase, base, a.ID)
	for _, d := range a.Domains {
		note(ix.byDomain, d, a.ID)
	}
}

// companyKey is what two spellings of a company share, with its legal form and, as base, without. What names no
// company (個人) is still the name of an account, which only the same writing finds.
func companyKey(name string) (key, base string, formless bool) {
	form := crm.NormalizeCompany(name).Form
	if key = crm.CompanyKey(name); key == "" {
		key = crm.Fold(name)
	}
	return key, strings.TrimSuffix(key, "/"+form), form == ""
}

// account finds the account of a company name: with the same legal form or, if one of the two names has none,
// the only one with that name.
func (ix *index) account(name string) (id string, several bool) {
	company := ix.company(name)
	if ids := ix.accounts[company.key]; len(ids) > 0 {
		return only(ids)
	}
	var near []string
	for _, id := range ix.byBase[company.base] {
		if company.formless || ix.formless[id] {
			near = append(near, id)
		}
	}
	return only(near)
}

func only(ids []string) (id string, several bool) {
	switch len(ids) {
	case 0:
		return "", false
	case 1:
		return ids[0], false
	}
	return "", true
}

// domain finds the account of an address by its domain or one above it.
func (ix *index) domain(domain string) string {
	for d := range crm.DomainAndParents(domain) {
		if ids := ix.byDomain[d]; len(ids) == 1 {
			return ids[0]
		}
	}
	return ""
}
