package importing

import (
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// addPerson finds the record that the row is about, or makes one. Only a key, an address together with a name that does
// not contradict it, or what namesake takes for enough where there is no address, is evidence to change a record.
func (p *Plan) addPerson(r record, person crm.Person) error {
	p.apart = nil
	id, why, err := p.whoIs(r, person)
	if err != nil {
		return err
	}
	if why != "" {
		p.refuse(r, why)
		return nil
	}
	if id == "" {
		var left bool
		if id, left, err = p.namesake(r, person); err != nil || left {
			return err
		}
	}
	var known *planned[crm.Person]
	if id != "" {
		if p.opts.Duplicates == Skip && p.people[id] == nil {
			return p.leave(r, id)
		}
		if known, err = p.person(id); err != nil {
			return err
		}
		if known.record.Kind != person.Kind {
			p.notes.add("who is stored as a "+string(known.record.Kind)+" stays one", r.number)
		}
		person.Kind = known.record.Kind
		person.Custom = declaredOn(p.opts.Custom[crm.FieldTarget(person.Kind)], person.Custom)
	}
	if person.Kind == crm.Contact {
		p.employ(r, &person)
	}
	if known == nil {
		p.addNew(r, person)
		return nil
	}
	if known.row > 0 {
		p.say(Duplicate{Row: r.number, Name: known.record.Name, Text: fmt.Sprintf("row %d is the same person as row %d (%s): joined", r.number, known.row, known.record.Name)})
	} else {
		p.say(Duplicate{Row: r.number, Name: known.record.Name, ID: id, Text: fmt.Sprintf("row %d is %s, who is stored already", r.number, known.record.Name)})
		known.row = r.number
	}
	if p.opts.ClearEmpty {
		clearPerson(&known.record, r)
	}
	joinPerson(&known.record, person)
	p.index.addPerson(known.record)
	return nil
}

// leave leaves a row out because the person is stored.
func (p *Plan) leave(r record, id string) error {
	known, err := p.look(id)
	if err != nil {
		return err
	}
	p.skip(r, Duplicate{Row: r.number, Name: known.Name, ID: id, Text: fmt.Sprintf("row %d is %s, who is stored already: left out", r.number, known.Name)})
	return nil
}

// whoIs finds the person by key, else by address.
func (p *Plan) whoIs(r record, person crm.Person) (id, why string, err error) {
	byAddress, why, err := p.whoHas(r, person)
	if err != nil || why != "" || person.ExternalKey == "" {
		return byAddress, why, err
	}
	id = p.index.byKey[person.ExternalKey]
	if id == "" {
		return byAddress, "", nil
	}
	known, err := p.look(id)
	switch {
	case err != nil:
		return "", "", err
	case byAddress != "" && byAddress != id:
		return "", fmt.Sprintf("the key %s is that of %s, and its address is somebody else's", person.ExternalKey, known.Name), nil
	case byAddress == "" && !p.explicit && named(person) && named(known) && crm.NormalizeName(known.Name) != crm.NormalizeName(person.Name):
		return "", fmt.Sprintf("the key %s is that of %s; if that is this person, name the column with --key", person.ExternalKey, known.Name), nil
	}
	return id, "", nil
}

// addNew plans a new person, unless nothing would tell them from the next one of that name: the file read a
// second time would add them a second time.
func (p *Plan) addNew(r record, person crm.Person) {
	if len(person.Emails) == 0 && len(person.Phones) == 0 && person.AccountID == "" && person.Company == "" && person.ExternalKey == "" {
		p.refuse(r, "it has neither an address nor a company nor a telephone number to tell "+person.Name+" from others of that name")
		return
	}
	if p.apart != nil {
		p.say(*p.apart)
	}
	person.ID, person.Created, person.Updated = crm.NewID(), p.now, p.now
	if person.Kind == crm.Lead && person.Status == "" {
		person.Status = crm.StatusNew
	}
	p.people[person.ID] = &planned[crm.Person]{record: person, row: r.number}
	p.order = append(p.order, person.ID)
	p.index.addPerson(person)
}

// whoHas finds the one person who has the row's addresses, "" if nobody has. Why says that the row cannot be
// taken. People may share an address: then the name tells them apart, and a name that none of them has is
// somebody else's.
func (p *Plan) whoHas(r record, person crm.Person) (id, why string, err error) {
	var anybody, everywhere []string // have one of the addresses; have all those that anybody has
	for _, e := range person.Emails {
		normal, _ := crm.NormalizeAddress(e)
		if p.opts.Own(crm.AddressDomain(e)) {
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
func (p *Plan) byTheirName(r record, person crm.Person, ids []string) (id, why string, err error) {
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
	p.apart = &Duplicate{Row: r.number, Name: other, Text: fmt.Sprintf("row %d has the address of %s and another name (%s): kept apart, mail of both is asked about", r.number, first(other, person.Emails[0]), person.Name)}
	return "", "", nil
}

// named says whether a person has a name that is not just the address.
func named(p crm.Person) bool {
	return p.Name != "" && !slices.ContainsFunc(p.Emails, func(e string) bool { return crm.CanonicalAddress(p.Name) == e })
}
