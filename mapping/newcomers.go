package mapping

import (
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// newcomers are what a batch adds to the directory: people it makes, and addresses and numbers it adds to
// people. Later submissions of the batch see them as if they were stored, so that somebody who sends two forms in
// a minute does not become two leads.
type newcomers struct {
	addresses map[string][]crm.PersonRef // by what crm.Answer has them by
	phones    map[string][]crm.PersonRef
	names     map[string][]crm.PersonRef
	messages  map[crm.Key]crm.MessageAnswer // what submissions became
	people    map[string]*crm.Person        // those made, by ID; never written to
	companies map[string]bool               // IDs of people in the store to whom the batch gave a company
}

// newNewcomers has room for those of so many submissions.
func newNewcomers(submissions int) newcomers {
	return newcomers{
		make(map[string][]crm.PersonRef, submissions), make(map[string][]crm.PersonRef, submissions), make(map[string][]crm.PersonRef, submissions),
		make(map[crm.Key]crm.MessageAnswer, submissions), make(map[string]*crm.Person, submissions), make(map[string]bool),
	}
}

// meet notes the people that a write makes, of the enquiry, or nil.
func (n *newcomers) meet(people []crm.Person, e *enquiry) {
	for i := range people {
		p := &people[i]
		if _, ok := n.people[p.ID]; !ok {
			n.people[p.ID] = p
		}
		ref := crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name, AccountID: p.AccountID}
		for j, email := range p.Emails {
			if j == 0 {
				ref.Address = email
			}
			n.addAddress(email, ref)
		}
		for _, phone := range p.Phones {
			add(n.phones, phone.E164, ref)
		}
		if p.Kind == crm.Lead {
			add(n.names, nameKeyOf(p, e), ref)
		}
	}
}

// nameKeyOf is crm.NameKey of a person, which an enquiry that says the same of its sender has already.
func nameKeyOf(p *crm.Person, e *enquiry) string {
	if e != nil && e.person.Name == p.Name && e.person.Company == p.Company {
		return e.nameKey
	}
	return crm.NameKey(p.Name, p.Company)
}

// fill notes what a write adds to a person. A company is filled in only where there is none, which the directory does
// not tell of people in the store; but that they gave it is evidence enough for the rest of the batch.
func (n *newcomers) fill(u crm.PersonUpdate, ref crm.PersonRef) {
	if p, made := n.people[u.ID]; made {
		now := []crm.Person{*p}
		crm.ApplyUpdate(&now[0], u)
		n.people[u.ID] = &now[0]
		n.meet(now, nil)
		return
	}
	for _, f := range u.Fill {
		switch f.Field {
		case "emails":
			n.addAddress(f.Value, ref)
		case "phones":
			add(n.phones, crm.NormalizePhone(f.Value, ""), ref)
		case "company":
			if n.companies[u.ID] {
				continue // it has the one before, and keeps it
			}
			n.companies[u.ID] = true
			add(n.names, crm.NameKey(ref.Name, f.Value), ref)
		}
	}
}

func (n *newcomers) addAddress(email string, ref crm.PersonRef) {
	if normal, ok := crm.NormalizeAddress(email); ok {
		ref.Address = email
		add(n.addresses, normal, ref)
	}
}

func add(index map[string][]crm.PersonRef, key string, ref crm.PersonRef) {
	if key == "" {
		return
	}
	if known := index[key]; !slices.ContainsFunc(known, func(known crm.PersonRef) bool { return known.ID == ref.ID }) {
		index[key] = append(known, ref)
	}
}

// together are the people of the store and the new ones, each once, ordered by ID.
func together(stored, fresh []crm.PersonRef) []crm.PersonRef {
	if len(fresh) == 0 {
		return stored
	}
	all := slices.Clone(stored)
	for _, ref := range fresh {
		if !slices.ContainsFunc(stored, func(known crm.PersonRef) bool { return known.ID == ref.ID }) {
			all = append(all, ref)
		}
	}
	slices.SortStableFunc(all, func(x, y crm.PersonRef) int { return strings.Compare(x.ID, y.ID) })
	return all
}

// findNow is find with the newcomers of the batch.
func (b *batch) findNow(a *address) *finding {
	fresh := b.fresh.addresses[a.normal]
	if len(fresh) == 0 {
		return b.find(a)
	}
	known := b.answer.Addresses[a.normal]
	known.People = together(known.People, fresh)
	return b.newFinding(a, known)
}
