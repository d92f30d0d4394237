package importing

import (
	"errors"
	"fmt"
	"sync"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxAlike is how many people of one name are looked at for a row that has nothing else.
const maxAlike = 100

// lookUp learns of whom the store knows what these rows may be about, and which of their addresses were erased.
func (p *Plan) lookUp(people []crm.Person, errs []error) error {
	names, answers, err := p.ask(people, errs)
	if err != nil {
		return fmt.Errorf("look people up: %w", err)
	}
	if err := p.fetch(answers); err != nil {
		return err
	}
	p.forgotten = map[string]bool{}
	for part, answer := range answers {
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
		for i := part * partOf(people); i < min((part+1)*partOf(people), len(people)); i++ {
			if errs[i] != nil {
				continue
			}
			for _, ref := range answer.Names[names[i]] {
				note(p.index.byName, p.index.nameKey(people[i]), ref.ID)
			}
		}
	}
	for i := range people {
		if errs[i] != nil {
			continue
		}
		if err := p.lookFurther(&people[i], names[i], answers[i/partOf(people)]); err != nil {
			return err
		}
	}
	return nil
}

// askers is how many look up at a time: in a big store nearly each record has to be waited for.
const askers = 4

// partOf is how many rows one of them looks up.
func partOf(people []crm.Person) int { return max(1, (len(people)+askers-1)/askers) }

// ask asks the store about rows, some by each asker, and gives their crm.NameKeys too.
func (p *Plan) ask(people []crm.Person, errs []error) (names []string, answers []crm.Answer, err error) {
	names = make([]string, len(people))
	n := partOf(people)
	answers = make([]crm.Answer, (len(people)+n-1)/n)
	failed := make([]error, len(answers))
	var group sync.WaitGroup
	for part := range answers {
		from, to := part*n, min((part+1)*n, len(people))
		group.Go(func() {
			q := p.question(people[from:to], errs[from:to], names[from:to])
			answers[part], failed[part] = p.store.Lookup(p.ctx, q)
		})
	}
	group.Wait()
	return names, answers, errors.Join(failed...)
}

// fetch reads the people who have addresses of the rows at hand: most rows of a list that is imported again are about
// somebody who is there.
func (p *Plan) fetch(answers []crm.Answer) error {
	var ids []string
	asked := map[string]bool{}
	for _, answer := range answers {
		for _, known := range answer.Addresses {
			for _, ref := range known.People {
				if p.people[ref.ID] == nil && !asked[ref.ID] {
					asked[ref.ID] = true
					ids = append(ids, ref.ID)
				}
			}
		}
	}
	people, failed := make([]crm.Person, len(ids)), make([]error, len(ids))
	var group sync.WaitGroup
	for asker := range askers {
		group.Go(func() {
			for i := asker; i < len(ids); i += askers {
				people[i], failed[i] = p.store.GetPerson(p.ctx, ids[i])
			}
		})
	}
	group.Wait()
	p.near = make(map[string]crm.Person, len(ids))
	for i, id := range ids {
		if failed[i] == nil {
			p.near[id] = people[i]
		} else if !errors.Is(failed[i], crm.ErrNotFound) { // gone meanwhile: who asks for them is told
			return fmt.Errorf("read person: %w", failed[i])
		}
	}
	return nil
}

// question gathers what is asked about rows, and notes their crm.NameKeys.
func (p *Plan) question(people []crm.Person, errs []error, names []string) (q crm.Question) {
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
	return q
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
