package mapping

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxNewPeople is how many unknown people a mail may have for any of them to be proposed or created. A mail
// to more is a circular, and would flood the review queue.
const maxNewPeople = 20

// admit does what must be done about people whom matching left open: it asks who is meant where several
// could be, and proposes or creates those who are new. Only what a person wrote to others counts: newsletters,
// automatic answers and failure reports introduce nobody.
func (b *batch) admit(l *letter, o *outcome, w *crm.Write) {
	switch l.class {
	case crm.ClassBulk, crm.ClassAutoReply, crm.ClassBounce:
		return
	}
	b.askWho(l, o, w)
	if l.class == crm.ClassFormNotification {
		return
	}
	strangers := b.strangers(l, o)
	if len(strangers) == 0 || len(strangers) > maxNewPeople {
		return
	}
	switch {
	case b.policy == PolicyAlways:
		b.create(l, o, strangers, w)
	case b.policy == PolicyWhenWeWroteFirst && l.direction == crm.DirectionOut:
		for _, i := range strangers {
			w.Reviews = append(w.Reviews, b.review(l, i, crm.ReviewNewContact))
		}
	}
}

// askWho raises a review for each address of several people. That colleagues share the address of their
// office is no question as long as their account is known.
func (b *batch) askWho(l *letter, o *outcome, w *crm.Write) {
	for n, i := range o.open {
		p := &l.parties[i]
		f := b.find(p.address)
		if p.address.role && f.account != "" || repeats(l.parties, o.open[:n], i) {
			continue
		}
		r := b.review(l, i, crm.ReviewAmbiguous)
		for j := range f.candidates {
			r.Candidates = append(r.Candidates, personCandidate(&f.candidates[j], f.rule, f.evidence))
		}
		w.Reviews = append(w.Reviews, r)
	}
}

// strangers are the parties who may become new people: somebody's own address outside, about which nobody
// decided yet. More than maxNewPeople are not listed to the end. When we wrote these are the recipients.
func (b *batch) strangers(l *letter, o *outcome) []int {
	var list []int
	for _, i := range o.unknown {
		a := l.parties[i].address
		if !a.role && !a.noReply && !b.find(a).decided && !repeats(l.parties, list, i) {
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

func (b *batch) review(l *letter, i int, kind crm.ReviewKind) crm.Review {
	p := &l.parties[i]
	return crm.Review{
		ID: crm.ReviewID(kind, p.address.normal), Kind: kind, Address: p.address.normal, Name: p.name,
		Subject: l.item.Message.Subject, AccountID: b.find(p.address).account,
		Source: b.src.ID, Owner: b.owner, Raised: l.item.Message.Date.UTC(), State: crm.ReviewOpen,
	}
}

// create makes the strangers people, and the item theirs. The same address always makes the same person.
func (b *batch) create(l *letter, o *outcome, strangers []int, w *crm.Write) {
	for _, i := range strangers {
		person := b.person(&l.parties[i])
		w.People = append(w.People, person)
		ref := &crm.PersonRef{ID: person.ID, Kind: person.Kind, Name: person.Name, AccountID: person.AccountID, Address: person.Emails[0]}
		for j := range l.parties {
			if a := l.parties[j].address; a != nil && a.normal == l.parties[i].address.normal {
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
