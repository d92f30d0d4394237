package mapping

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxNewPeople is how many unknown people a mail or a meeting may have for any of them to be proposed or created.
// One to more is a circular, and would flood the review queue.
const maxNewPeople = 20

// admit does what must be done about people whom matching left open: it asks who is meant where several
// could be, and proposes or creates those who are new. Only what a person wrote to others counts: newsletters,
// automatic answers and failure reports introduce nobody.
func (b *batch) admit(x *exchange, o *outcome, w *crm.Write) {
	switch x.class {
	case crm.ClassBulk, crm.ClassAutoReply, crm.ClassBounce:
		return
	}
	b.askWho(x, o, w)
	if x.class == crm.ClassFormNotification {
		return
	}
	strangers := b.strangers(x, o)
	if len(strangers) == 0 || len(strangers) > maxNewPeople {
		return
	}
	switch {
	case b.policy == PolicyAlways:
		b.create(x, o, strangers, w)
	case b.policy == PolicyWhenWeWroteFirst && x.direction == crm.DirectionOut:
		for _, i := range strangers {
			w.Reviews = append(w.Reviews, b.review(x, i, crm.ReviewNewContact))
		}
	}
}

// askWho raises a review for each address of several people. That colleagues share the address of their
// office is no question as long as their account is known.
func (b *batch) askWho(x *exchange, o *outcome, w *crm.Write) {
	for n, i := range o.open {
		p := &x.parties[i]
		f := b.find(p.address)
		if p.address.role && f.account != "" || repeats(x.parties, o.open[:n], i) {
			continue
		}
		r := b.review(x, i, crm.ReviewAmbiguous)
		for j := range f.candidates {
			r.Candidates = append(r.Candidates, personCandidate(&f.candidates[j], f.rule, f.evidence))
		}
		w.Reviews = append(w.Reviews, r)
	}
}

// strangers are the parties who may become new people: somebody's own address outside, about which nobody
// decided yet. More than maxNewPeople are not listed to the end. When we wrote these are the recipients.
func (b *batch) strangers(x *exchange, o *outcome) []int {
	var list []int
	for _, i := range o.unknown {
		a := x.parties[i].address
		if !a.role && !a.noReply && !b.find(a).decided && !repeats(x.parties, list, i) {
			list = append(list, i)
		}
		if len(list) > maxNewPeople {
			break
		}
	}
	return list
}

// repeats reports whether one of the chosen parties has the address of party i.
func repeats(parties []party, chosen []int, i int) bool {
	return slices.ContainsFunc(chosen, func(j int) bool { return parties[j].address.normal == parties[i].address.normal })
}

func (b *batch) review(x *exchange, i int, kind crm.ReviewKind) crm.Review {
	p := &x.parties[i]
	return crm.Review{
		ID: crm.ReviewID(kind, p.address.normal), Kind: kind, Address: p.address.normal, Name: p.name,
		Subject: x.subject, AccountID: b.find(p.address).account,
		Source: b.src.ID, Owner: b.owner, Raised: x.at.UTC(), State: crm.ReviewOpen,
	}
}

// create makes the strangers people, and the item theirs. The same address always makes the same person.
func (b *batch) create(x *exchange, o *outcome, strangers []int, w *crm.Write) {
	for _, i := range strangers {
		person := b.person(&x.parties[i])
		w.People = append(w.People, person)
		ref := &crm.PersonRef{ID: person.ID, Kind: person.Kind, Name: person.Name, AccountID: person.AccountID, Address: person.Emails[0]}
		for j := range x.parties {
			if a := x.parties[j].address; a != nil && a.normal == x.parties[i].address.normal {
				o.people[j] = matched{person: ref, rule: crm.RuleAddress, evidence: person.Emails[0]}
			}
		}
		o.credit(i, crm.RuleAddress, person.Emails[0])
	}
}

func (b *batch) person(p *party) crm.Person {
	person := crm.Person{
		ID: crm.DerivedID("person", p.address.normal), Kind: crm.Lead, Name: p.name, Status: crm.StatusNew,
		Emails: []string{p.address.canonical}, Owner: b.owner, Origin: "policy", Created: b.now, Updated: b.now,
	}
	if person.Name == "" {
		person.Name = crm.AddressLocal(p.address.canonical)
	}
	person.FamilyName, person.GivenName = crm.SplitName(p.name)
	if account := b.find(p.address).account; account != "" {
		person.Kind, person.Status, person.AccountID = crm.Contact, "", account
	}
	return person
}
