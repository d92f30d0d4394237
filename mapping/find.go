package mapping

import (
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// finding is what the directory tells about one address, by itself: without the item and its thread.
type finding struct {
	person     *crm.PersonRef // whose address it is; nil if nobody's, or several people's
	candidates []crm.PersonRef
	rule       crm.Rule // of the person, or of the candidates
	evidence   string

	account         string // id; "" if none, or several could be meant
	accountRule     crm.Rule
	accountEvidence string

	runnersUp []crm.Candidate
	decided   bool // nobody is asked about the address: somebody decided in a review, or it was that of somebody erased
	dismissed bool // that nobody wants it
	erased    bool
	shared    bool // several accounts have the domain
}

// find looks an outside address up in the answer.
func (b *batch) find(a *address) *finding {
	if a.found == nil {
		a.found = b.newFinding(a, b.answer.Addresses[a.normal])
	}
	return a.found
}

func (b *batch) newFinding(a *address, known crm.AddressAnswer) *finding {
	f := &finding{erased: known.Erased, decided: known.Decision != nil || known.Unasked, evidence: a.canonical}
	people := distinct(known.People, a.canonical)
	f.findPerson(a, people, known.Decision)
	if f.dismissed {
		return b.orOffice(f, a, people)
	}
	f.findAccount(b.accountsOf(a))
	return f
}

// orOffice is the finding of an address that a review found to be nobody's of several: where it stands for an office of an
// account, its mail belongs to the account all the same, as the rule says that such a review proposes.
func (b *batch) orOffice(dismissed *finding, a *address, people []crm.PersonRef) *finding {
	if !a.role || len(people) < 2 {
		return dismissed
	}
	office := &finding{erased: dismissed.erased, decided: true, evidence: dismissed.evidence}
	office.findPerson(a, people, nil)
	office.findAccount(b.accountsOf(a))
	if office.account == "" {
		return dismissed
	}
	return office
}

// findPerson applies, in this order: a person's decision, the exact address, the normalised one. A dismissal
// counts until exactly one person has the address: a record made since says more.
func (f *finding) findPerson(a *address, people []crm.PersonRef, decision *crm.Decision) {
	if decision != nil && decision.Person != "" {
		for i := range people {
			if people[i].ID == decision.Person {
				f.pick(people, i, crm.RuleDecision)
				return
			}
		}
	}
	exact, at := 0, -1
	for i := range people {
		if isSpelt(&people[i], a.canonical) {
			exact, at = exact+1, i
		}
	}
	switch {
	case exact == 1:
		f.pick(people, at, crm.RuleAddress)
	case len(people) == 1:
		f.pick(people, 0, crm.RuleNormalized)
	case decision != nil && decision.Person == "":
		f.dismissed = true
	case exact > 1:
		f.rule, f.candidates = crm.RuleAddress, onlyExact(people, a.canonical)
	case len(people) > 1:
		f.rule, f.candidates = crm.RuleNormalized, people
	}
}

// pick makes one of the people the finding and the others runners-up.
func (f *finding) pick(people []crm.PersonRef, at int, rule crm.Rule) {
	f.person, f.rule = &people[at], rule
	for i := range people {
		if i != at {
			f.runnersUp = append(f.runnersUp, personCandidate(&people[i], rule, f.evidence))
		}
	}
}

// findAccount credits the account of the person, or the one that all candidates have in common, or the one
// that has the domain. It does not choose between several.
func (f *finding) findAccount(accounts []crm.AccountRef) {
	byPeople, agree := commonAccount(f.person, f.candidates)
	switch {
	case byPeople != "" && agree:
		f.account, f.accountRule, f.accountEvidence = byPeople, f.rule, f.evidence
	case len(accounts) == 1 && (byPeople == "" || f.allWithin(accounts[0].ID)):
		f.account, f.accountRule, f.accountEvidence = accounts[0].ID, crm.RuleDomain, accounts[0].Domain
	}
	f.shared = len(accounts) > 1
	for i := range accounts {
		if ref := &accounts[i]; ref.ID != f.account {
			f.runnersUp = append(f.runnersUp, crm.Candidate{
				Kind: "account", ID: ref.ID, Name: ref.Name, Rule: crm.RuleDomain, Evidence: ref.Domain,
			})
		}
	}
}

// commonAccount is the account of the person or of some candidate, and whether all of them have it.
func commonAccount(person *crm.PersonRef, candidates []crm.PersonRef) (account string, agree bool) {
	if person != nil {
		return person.AccountID, true
	}
	for i := range candidates {
		if id := candidates[i].AccountID; id != "" {
			account = id
		}
	}
	for i := range candidates {
		if candidates[i].AccountID != account {
			return account, false
		}
	}
	return account, true
}

// allWithin reports whether no candidate belongs to another account.
func (f *finding) allWithin(account string) bool {
	for i := range f.candidates {
		if id := f.candidates[i].AccountID; id != "" && id != account {
			return false
		}
	}
	return true
}

// accountsOf are the accounts that have the address's domain, or the nearest one above it that any has. A
// domain in which strangers have addresses tells nothing, whatever an account's record says.
func (b *batch) accountsOf(a *address) []crm.AccountRef {
	if !b.byDomain || a.freeMail {
		return nil
	}
	var nearest []crm.AccountRef
	longest := 0
	for _, ref := range b.answer.Domains[a.domain] {
		below := ref.Domain == a.domain || strings.HasSuffix(a.domain, "."+ref.Domain)
		switch {
		case ref.Domain == "" || !below || len(ref.Domain) < longest || isPublicSuffix(ref.Domain):
		case len(ref.Domain) > longest:
			longest, nearest = len(ref.Domain), append(nearest[:0], ref)
		default:
			nearest = append(nearest, ref)
		}
	}
	return nearest
}

// distinct leaves each person once: several addresses of a person can have the same normal form, and of those
// the one spelt like the item's stays.
func distinct(people []crm.PersonRef, canonical string) []crm.PersonRef {
	repeated := false
	for i := 1; i < len(people); i++ {
		repeated = repeated || people[i].ID == people[i-1].ID
	}
	if !repeated {
		return people
	}
	var once []crm.PersonRef
	for _, p := range people {
		last := len(once) - 1
		switch {
		case last < 0 || once[last].ID != p.ID:
			once = append(once, p)
		case isSpelt(&p, canonical):
			once[last] = p
		}
	}
	return once
}

// isSpelt reports whether the person's address is the very one, not just one that normalises alike.
func isSpelt(p *crm.PersonRef, canonical string) bool {
	return p.Address == canonical || crm.CanonicalAddress(p.Address) == canonical
}

func onlyExact(people []crm.PersonRef, canonical string) []crm.PersonRef {
	var exact []crm.PersonRef
	for i := range people {
		if isSpelt(&people[i], canonical) {
			exact = append(exact, people[i])
		}
	}
	return exact
}

func personCandidate(p *crm.PersonRef, rule crm.Rule, evidence string) crm.Candidate {
	return crm.Candidate{Kind: string(p.Kind), ID: p.ID, Name: p.Name, Rule: rule, Evidence: evidence}
}
