package main

import (
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// addPerson finds the record that the row is about, or makes one. Only an address together with a name that does
// not contradict it, or what namesake takes for enough where there is no address, is evidence to change a record.
func (p *plan) addPerson(r record, person crm.Person) error {
	id, why, err := p.whoHas(r, person)
	if err == nil && why == "" && id == "" {
		id, err = p.namesake(r, person)
	}
	if err != nil {
		return err
	}
	if why != "" {
		p.refuse(r, why)
		return nil
	}
	var known *planned[crm.Person]
	if id != "" {
		if known, err = p.person(id); err != nil {
			return err
		}
		if known.record.Kind != person.Kind {
			p.notes.add("who is stored as a "+string(known.record.Kind)+" stays one", r.number)
		}
		person.Kind = known.record.Kind
		person.Custom = declaredOn(p.custom[crm.FieldTarget(person.Kind)], person.Custom)
	}
	if person.Kind == crm.Contact {
		p.employ(r, &person)
	}
	if known == nil {
		p.addNew(r, person)
		return nil
	}
	if known.row > 0 {
		p.duplicates = append(p.duplicates, fmt.Sprintf("row %d is the same person as row %d (%s): joined", r.number, known.row, known.record.Name))
	} else {
		p.duplicates = append(p.duplicates, fmt.Sprintf("row %d is %s, who is stored already", r.number, known.record.Name))
		known.row = r.number
	}
	joinPerson(&known.record, person)
	p.index.addPerson(known.record)
	return nil
}

// addNew plans a new person, unless nothing would tell them from the next one of that name: the file read a
// second time would add them a second time.
func (p *plan) addNew(r record, person crm.Person) {
	if len(person.Emails) == 0 && len(person.Phones) == 0 && person.AccountID == "" && person.Company == "" {
		p.refuse(r, "it has neither an address nor a company nor a telephone number to tell "+person.Name+" from others of that name")
		return
	}
	person.ID, person.Created, person.Updated = crm.NewID(), p.now, p.now
	p.people[person.ID] = &planned[crm.Person]{record: person, row: r.number}
	p.order = append(p.order, person.ID)
	p.index.addPerson(person)
}

// whoHas finds the one person who has the row's addresses, "" if nobody has. Why says that the row cannot be
// taken. People may share an address: then the name tells them apart, and a name that none of them has is
// somebody else's.
func (p *plan) whoHas(r record, person crm.Person) (id, why string, err error) {
	var anybody, everywhere []string // have one of the addresses; have all those that anybody has
	for _, e := range person.Emails {
		normal, _ := crm.NormalizeAddress(e)
		if p.own(crm.AddressDomain(e)) {
			return "", e + " belongs to your own organisation", nil
		}
		if p.forgotten[normal] {
			return "", "the owner of " + e + " was erased on request and is not taken in again", nil
		}
		ids := p.index.byAddress[normal]
		if len(ids) == 0 {
			continue
		}
		if anybody == nil {
			everywhere = slices.Clone(ids)
		}
		everywhere = slices.DeleteFunc(everywhere, func(id string) bool { return !slices.Contains(ids, id) })
		for _, id := range ids {
			if !slices.Contains(anybody, id) {
				anybody = append(anybody, id)
			}
		}
	}
	switch {
	case len(anybody) == 0:
		return "", "", nil
	case len(everywhere) == 0:
		return "", fmt.Sprintf("its addresses belong to %d different people", len(anybody)), nil
	}
	return p.byTheirName(r, person, everywhere)
}

// byTheirName chooses among people with the row's address.
func (p *plan) byTheirName(r record, person crm.Person, ids []string) (id, why string, err error) {
	var same, nameless []string
	other := ""
	for _, id := range ids {
		known, err := p.look(id)
		if err != nil {
			return "", "", err
		}
		switch {
		case !named(known):
			nameless = append(nameless, id)
		case crm.NormalizeName(known.Name) == crm.NormalizeName(person.Name):
			same = append(same, id)
		default:
			other = known.Name
		}
	}
	switch {
	case len(same) == 1:
		return same[0], "", nil
	case len(same) > 1:
		return "", fmt.Sprintf("%d people have this name and address", len(same)), nil
	case len(ids) == 1 && (len(nameless) == 1 || !named(person)):
		return ids[0], "", nil
	case !named(person):
		return "", fmt.Sprintf("%d people share its address, and it has no name", len(ids)), nil
	}
	p.duplicates = append(p.duplicates, fmt.Sprintf("row %d has the address of %s and another name (%s): kept apart, mail of both is asked about", r.number, first(other, person.Emails[0]), person.Name))
	return "", "", nil
}

// named says whether a person has a name that is not just the address.
func named(p crm.Person) bool {
	return p.Name != "" && !slices.ContainsFunc(p.Emails, func(e string) bool { return crm.CanonicalAddress(p.Name) == e })
}

// namesake finds the person with the same name and company or, where neither an address nor a company is known,
// with the same name, kana and telephone number. It is the same person if one of the two has no address; else,
// as with an equal telephone number alone, it is reported and stays apart.
func (p *plan) namesake(r record, person crm.Person) (string, error) {
	suspects := map[string]string{}
	alike, as := p.index.byName[p.index.nameKey(person)], "name and company"
	if len(person.Emails) == 0 && len(alike) == 0 {
		as = "name and telephone number"
		for _, key := range numberKeys(person) {
			if id, _ := only(p.index.byNumber[key]); id != "" {
				alike = append(alike, id)
			}
		}
	}
	for _, id := range alike {
		known, err := p.look(id)
		if err != nil {
			return "", err
		}
		if known.Kind == person.Kind && (len(known.Emails) == 0 || len(person.Emails) == 0) {
			return id, nil
		}
		suspects[id] = as
	}
	for _, phone := range person.Phones {
		if ids := p.index.byPhone[phone.E164]; phone.E164 != "" && len(ids) <= 3 { // more share a switchboard
			for _, id := range ids {
				if suspects[id] == "" {
					suspects[id] = "telephone number " + phone.Number
				}
			}
		}
	}
	for id, why := range suspects {
		known, err := p.look(id)
		if err != nil {
			return "", err
		}
		p.duplicates = append(p.duplicates, fmt.Sprintf("row %d may be %s (same %s): kept apart, look at both", r.number, known.Name, why))
	}
	slices.Sort(p.duplicates[len(p.duplicates)-len(suspects):])
	return "", nil
}

// askForgotten learns which addresses of these rows were erased.
func (p *plan) askForgotten(rows []record) error {
	var q crm.Question
	for _, r := range rows {
		addresses, _ := r.addresses() // what is wrong with them is said when the row is added
		for _, a := range addresses {
			if normal, ok := crm.NormalizeAddress(a); ok {
				q.Addresses = append(q.Addresses, normal)
			}
		}
	}
	answer, err := p.store.Lookup(p.ctx, q)
	if err != nil {
		return fmt.Errorf("look for erased addresses: %w", err)
	}
	p.forgotten = map[string]bool{}
	for address, known := range answer.Addresses {
		p.forgotten[address] = known.Erased
	}
	return nil
}
