package boltstore

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// reindexPerson makes the index entries follow a change of a person; before or after is nil for one that was not
// or is no more.
func (u *unit) reindexPerson(before, after *crm.Person) error {
	was, err := companyOf(u.tx, before)
	if err != nil {
		return err
	}
	is, err := companyOf(u.tx, after)
	if err != nil {
		return err
	}
	then, now := textOf(before), textOf(after)
	u.reindex(personEntries(before, then, was, u.names), personEntries(after, now, is, u.names))
	return u.searchPerson(before, after, then, now)
}

// textOf is personText, made once for all indexes; "" for nobody.
func textOf(p *crm.Person) string {
	if p == nil {
		return ""
	}
	return personText(*p)
}

// personKeys are all index entries of a person at a company; none if p is nil.
func personKeys(p *crm.Person, company string, names nameKeys) []change {
	return personEntries(p, textOf(p), company, names)
}

func personEntries(p *crm.Person, searched, company string, names nameKeys) []change {
	if p == nil {
		return nil
	}
	id := idOf(p.ID)
	name := nameKey(p.Name, id)
	text := append(append(append(make([]byte, 0, len(p.Kind)+1+len(searched)), p.Kind...), 0), searched...)
	out := []change{entry(bucketPeopleName, name, text)}
	if p.AccountID != "" {
		account := idOf(p.AccountID)
		out = append(out, entry(bucketMembers, append(account[:], name...), text))
	}
	var seen []string
	for _, email := range p.Emails {
		address, ok := crm.NormalizeAddress(email)
		if !ok || slices.Contains(seen, address) {
			continue
		}
		seen = append(seen, address)
		ref := crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name, AccountID: p.AccountID, Address: email}
		out = append(out, entry(bucketAddresses, append(append([]byte(address), 0), id[:]...), encodePersonRef(ref)))
	}
	return append(append(out, identityKeys(p, company, names)...), successorKeys(p)...)
}
