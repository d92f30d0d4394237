package importing

import (
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
	if why != nil {
		p.refuseFor(r, why)
		return nil
	}
	if p.opts.Decided[r.number].Leave {
		p.skip(r, Duplicate{Row: r.number, Name: person.Name, Said: sentence("decided_skip", r.number)})
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
			p.notes.add(sentence("kind_stays", known.record.Kind), r.number)
		}
		person.Kind = known.record.Kind
		person.Custom = declaredOn(p.opts.Custom[crm.FieldTarget(person.Kind)], person.Custom)
	}
	if err := p.giveReason(r, &person, known); err != nil {
		p.refuseFor(r, err)
		return nil
	}
	if person.Kind == crm.Contact {
		p.employ(r, &person)
	}
	if known == nil {
		p.addNew(r, person)
		return nil
	}
	if known.row > 0 {
		p.say(Duplicate{Row: r.number, Name: known.record.Name, Said: sentence("dup_row_person", r.number, known.row, known.record.Name)})
	} else {
		p.say(Duplicate{Row: r.number, Name: known.record.Name, ID: id, Said: sentence("dup_stored", r.number, known.record.Name)})
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
	p.skip(r, Duplicate{Row: r.number, Name: known.Name, ID: id, Said: sentence("dup_stored_left", r.number, known.Name)})
	return nil
}

// whoIs finds the person by key, else by address.
func (p *Plan) whoIs(r record, person crm.Person) (id string, why, err error) {
	byAddress, why, err := p.whoHas(r, person)
	if err != nil || why != nil || person.ExternalKey == "" {
		return byAddress, why, err
	}
	id = p.index.byKey[person.ExternalKey]
	if id == "" {
		return byAddress, nil, nil
	}
	known, err := p.look(id)
	switch {
	case err != nil:
		return "", nil, err
	case byAddress != "" && byAddress != id:
		return "", wrongRow("key_address", person.ExternalKey, known.Name), nil
	case byAddress == "" && !p.explicit && named(person) && named(known) && crm.NormalizeName(known.Name) != crm.NormalizeName(person.Name):
		return "", wrongRow("key_person", person.ExternalKey, known.Name), nil
	}
	return id, nil, nil
}

// addNew plans a new person, unless nothing would tell them from the next one of that name: the file read a
// second time would add them a second time.
func (p *Plan) addNew(r record, person crm.Person) {
	if len(person.Emails) == 0 && len(person.Phones) == 0 && person.AccountID == "" && person.Company == "" && person.ExternalKey == "" {
		p.refuse(r, "nothing_to_tell", person.Name)
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
func (p *Plan) whoHas(r record, person crm.Person) (id string, why, err error) {
	var anybody, everywhere []string // have one of the addresses; have all those that anybody has
	for _, e := range person.Emails {
		normal, _ := crm.NormalizeAddress(e)
		if p.opts.Own(crm.AddressDomain(e)) {
			return "", wrongRow("own_address", e), nil
		}
		if p.forgotten[normal] {
			return "", wrongRow("erased", e), nil
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
		return "", nil, nil
	case len(everywhere) == 0:
		return "", wrongRow("addresses_of_many", len(anybody)), nil
	}
	return p.byTheirName(r, person, everywhere)
}

// byTheirName chooses among people with the row's address.
func (p *Plan) byTheirName(r record, person crm.Person, ids []string) (id string, why, err error) {
	var same, nameless []string
	other := ""
	for _, id := range ids {
		known, err := p.look(id)
		if err != nil {
			return "", nil, err
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
		return same[0], nil, nil
	case len(same) > 1:
		return "", wrongRow("people_same", len(same)), nil
	case len(ids) == 1 && (len(nameless) == 1 || !named(person)):
		return ids[0], nil, nil
	case !named(person):
		return "", wrongRow("people_share", len(ids)), nil
	}
	p.apart = &Duplicate{Row: r.number, Name: other, Said: sentence("dup_other_name", r.number, first(other, person.Emails[0]), person.Name)}
	return "", nil, nil
}

// named says whether a person has a name that is not just the address.
func named(p crm.Person) bool {
	return p.Name != "" && !slices.ContainsFunc(p.Emails, func(e string) bool { return crm.CanonicalAddress(p.Name) == e })
}

// giveReason sees that a status which goes with a reason has one: the row's, or that of the record if its status stays.
func (p *Plan) giveReason(r record, person *crm.Person, known *planned[crm.Person]) error {
	if person.Kind != crm.Lead || person.Status == "" || person.Reason != "" {
		return nil
	}
	for _, w := range p.opts.Words.Statuses {
		if !w.Reasoned || w.Code != string(person.Status) {
			continue
		}
		if known != nil && known.record.Status == person.Status && known.record.Reason != "" {
			person.Reason = known.record.Reason
			return nil
		}
		return r.wrong(fieldReason, "reason_needed", r.one(fieldStatus))
	}
	return nil
}
