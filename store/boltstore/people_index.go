package boltstore

import "github.com/tsunagu-crm/tsunagu/crm"

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
	u.reindex(personKeys(before, was, u.names), personKeys(after, is, u.names))
	return u.searchPerson(before, after)
}

// personKeys are all index entries of a person at a company; none if p is nil.
func personKeys(p *crm.Person, company string, names nameKeys) []change {
	if p == nil {
		return nil
	}
	id := idOf(p.ID)
	name := nameKey(p.Name, id)
	text := append(append([]byte(p.Kind), 0), personText(*p)...)
	out := []change{entry(bucketPeopleName, name, text)}
	if p.AccountID != "" {
		account := idOf(p.AccountID)
		out = append(out, entry(bucketMembers, append(account[:], name...), text))
	}
	seen := map[string]bool{}
	for _, email := range p.Emails {
		address, ok := crm.NormalizeAddress(email)
		if !ok || seen[address] {
			continue
		}
		seen[address] = true
		ref := crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name, AccountID: p.AccountID, Address: email}
		out = append(out, entry(bucketAddresses, append(append([]byte(address), 0), id[:]...), encodePersonRef(ref)))
	}
	return append(append(out, identityKeys(p, company, names)...), successorKeys(p)...)
}
