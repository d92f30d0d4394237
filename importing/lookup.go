package importing

import (
	"errors"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxAlike is how many people of one name are looked at for a row that has nothing else.
const maxAlike = 100

// lookUp learns of whom the store knows what these rows may be about, and which of their addresses were erased.
func (p *Plan) lookUp(people []crm.Person, errs []error) error {
	q, names := p.question(people, errs)
	answer, err := p.store.Lookup(p.ctx, q)
	if err != nil {
		return fmt.Errorf("look people up: %w", err)
	}
	p.forgotten = map[string]bool{}
	for address, known := range answer.Addresses {
		p.forgotten[address] = known.Erased
		for _, ref := range known.People {
			note(p.index.byAddress, address, ref.ID)
		}
	}
	for number, refs := range answer.Phones {
		for _, ref := range refs {
			note(p.index.byPhone, number, ref.ID)
		}
	}
	for i := range people {
		if errs[i] != nil {
			continue
		}
		for _, ref := range answer.Names[names[i]] {
			note(p.index.byName, p.index.nameKey(people[i]), ref.ID)
		}
		if err := p.lookFurther(&people[i], names[i], answer); err != nil {
			return err
		}
	}
	return nil
}

// question gathers what is asked about the rows, and gives their crm.NameKeys.
func (p *Plan) question(people []crm.Person, errs []error) (q crm.Question, names []string) {
	names = make([]string, len(people))
	var keys crm.NameKeys
	for i := range people {
		if errs[i] != nil {
			continue
		}
		for _, e := range people[i].Emails {
			if normal, ok := crm.NormalizeAddress(e); ok {
				q.Addresses = append(q.Addresses, normal)
			}
		}
		for _, phone := range people[i].Phones {
			if phone.E164 != "" {
				q.Phones = append(q.Phones, phone.E164)
			}
		}
		company := people[i].Company
		if id, _ := p.index.account(company); id != "" && people[i].Kind == crm.Contact {
			company = p.index.names[id]
		}
		if names[i] = keys.Of(people[i].Name, company); names[i] != "" {
			q.Names = append(q.Names, names[i])
		}
	}
	return q, names
}

// lookFurther looks for a row by its key, and for one without an address by its telephone numbers or, where nothing else is
// there to go by, its name.
func (p *Plan) lookFurther(person *crm.Person, name string, answer crm.Answer) error {
	if key := person.ExternalKey; key != "" && p.index.byKey[key] == "" {
		known, err := p.store.FindPersonByKey(p.ctx, key)
		switch {
		case err == nil:
			p.index.byKey[key] = known.ID
		case !errors.Is(err, crm.ErrNotFound):
			return fmt.Errorf("find person by key: %w", err)
		}
	}
	if len(person.Emails) > 0 || person.Name == "" {
		return nil
	}
	asked := name != ""
	for _, phone := range person.Phones {
		for _, ref := range answer.Phones[phone.E164] {
			known, err := p.look(ref.ID)
			if err != nil {
				return err
			}
			p.index.addPerson(known)
		}
		asked = asked || phone.E164 != ""
	}
	if asked {
		return nil
	}
	alike, _, err := p.store.ListPeople(p.ctx, crm.PeopleFilter{Query: person.Name, Kind: person.Kind, Limit: maxAlike})
	if err != nil {
		return fmt.Errorf("list people: %w", err)
	}
	for _, known := range alike {
		if crm.NormalizeName(known.Name) == crm.NormalizeName(person.Name) {
			p.index.addPerson(known)
		}
	}
	return nil
}
