package mapping

import (
	"cmp"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// outcome is who is on an item: what its addresses say, with ties decided by its thread.
type outcome struct {
	people    []matched // one for each party
	accounts  []string  // sorted, each once
	match     crm.Match
	decisive  int               // the party on which match rests
	open      []int             // parties who could be several people, and nobody knows which
	unknown   []int             // outside parties who are nobody known
	dismissed bool              // a party is somebody whom a review found unwanted
	shared    bool              // several accounts have the domain of a party
	erased    bool              // a party asked to be forgotten
	thread    []crm.Participant // people whom only the thread tells
	ask       []crm.Candidate   // of an enquiry: who could have sent it, where several could
}

// matched is the person that a party is; a nil person is nobody known.
type matched struct {
	person   *crm.PersonRef
	rule     crm.Rule
	evidence string
}

func (o *outcome) found() bool {
	return o.match.Rule != ""
}

// maxRunnersUp is how many runners-up are kept.
const maxRunnersUp = 20

// match finds who the parties are by their addresses. Refs are the messages the item answers, nearest first.
// Earlier is what the parties were stored as; nil if they never were.
func (b *batch) match(parties []party, refs []crm.Key, earlier *storedParties) *outcome {
	o := &outcome{people: make([]matched, len(parties))}
	failure := namesBounced(parties)
	for i := range parties {
		if p := &parties[i]; p.outside() && !(onlyReports(p, failure) && b.find(p.address).person == nil) {
			b.matchParty(o, i, p, refs, earlier)
		}
	}
	return o
}

// conclude lets the thread speak where the addresses were silent, unless somebody is on the item whom a
// review found unwanted.
func (b *batch) conclude(o *outcome, refs []crm.Key) {
	if !o.found() && !o.dismissed {
		b.matchThread(o, refs)
	}
	o.tidy()
}

func (b *batch) matchParty(o *outcome, i int, p *party, refs []crm.Key, earlier *storedParties) {
	f := b.find(p.address)
	o.erased = o.erased || f.erased
	o.dismissed = o.dismissed || f.dismissed
	o.shared = o.shared || f.shared
	who := matched{person: f.person, rule: f.rule, evidence: f.evidence}
	if len(f.candidates) > 0 {
		who = b.breakTie(f, refs)
		if who.person == nil && earlier != nil {
			who = earlier.stay(f, i)
		}
	}
	if p.role == crm.RoleBounced && who.person != nil && who.rule != crm.RuleThread {
		who.rule = crm.RuleBounce
	}
	switch {
	case who.person != nil:
		o.people[i] = who
		o.credit(i, who.rule, who.evidence)
	case len(f.candidates) > 0:
		o.open = append(o.open, i)
	default:
		o.unknown = append(o.unknown, i)
	}
	for j := range f.candidates {
		if c := &f.candidates[j]; who.person == nil || c.ID != who.person.ID {
			o.match.RunnersUp = append(o.match.RunnersUp, personCandidate(c, f.rule, f.evidence))
		}
	}
	o.match.RunnersUp = append(o.match.RunnersUp, f.runnersUp...)
	o.creditAccount(i, f, who.person)
}

// creditAccount credits the account of whoever the party turned out to be.
func (o *outcome) creditAccount(party int, f *finding, person *crm.PersonRef) {
	account, rule, evidence := f.account, f.accountRule, f.accountEvidence
	if person != nil && person.AccountID != "" {
		account = person.AccountID
	} else if account != "" {
		o.credit(party, rule, evidence)
	}
	if account != "" {
		o.accounts = append(o.accounts, account)
	}
}

// credit makes rule and evidence those of the match if they are stronger than what it rests on so far. Among
// equals those of the party that stands first count.
func (o *outcome) credit(party int, rule crm.Rule, evidence string) {
	held := strength(o.match.Rule)
	if o.match.Rule == "" || strength(rule) < held || strength(rule) == held && party < o.decisive {
		o.match.Rule, o.match.Evidence, o.decisive = rule, evidence, party
	}
}

// strength orders the rules, the strongest first.
func strength(rule crm.Rule) int {
	switch rule {
	case crm.RuleBounce: // whoever else is on a failure, it is about them
		return 0
	case crm.RuleDecision:
		return 1
	case crm.RuleAddress:
		return 2
	case crm.RuleNormalized:
		return 3
	case crm.RuleThread:
		return 4
	default:
		return 5
	}
}

// breakTie picks the only candidate who is on a message that the item answers.
func (b *batch) breakTie(f *finding, refs []crm.Key) matched {
	var picked matched
	for _, ref := range refs {
		answer, ok := b.answer.Messages[ref]
		if !ok {
			continue
		}
		for i := range f.candidates {
			c := &f.candidates[i]
			if !slices.ContainsFunc(answer.People, func(p crm.Participant) bool { return p.ID == c.ID }) {
				continue
			}
			if picked.person != nil && picked.person.ID != c.ID {
				return matched{}
			}
			if picked.person == nil {
				picked = matched{person: c, rule: crm.RuleThread, evidence: string(ref)}
			}
		}
	}
	return picked
}

// matchThread takes people and accounts from the nearest message that the item answers and that was logged.
// They are not on the item itself, so it is the last resort.
func (b *batch) matchThread(o *outcome, refs []crm.Key) {
	for _, ref := range refs {
		answer, ok := b.answer.Messages[ref]
		if !ok || len(answer.People)+len(answer.Accounts) == 0 {
			continue
		}
		for _, p := range answer.People {
			if p.ID == "" || slices.ContainsFunc(o.thread, func(q crm.Participant) bool { return q.ID == p.ID }) {
				continue
			}
			o.thread = append(o.thread, crm.Participant{Kind: p.Kind, ID: p.ID, Name: p.Name, Address: p.Address, Role: crm.RoleThread})
		}
		slices.SortFunc(o.thread, func(p, q crm.Participant) int {
			return cmp.Or(cmp.Compare(p.Address, q.Address), cmp.Compare(p.ID, q.ID))
		})
		o.accounts = append(o.accounts, answer.Accounts...)
		o.credit(len(o.people), crm.RuleThread, string(ref))
		return
	}
}

// tidy brings accounts and runners-up into an order that depends on nothing but the item. What was credited
// after all is not a runner-up.
func (o *outcome) tidy() {
	slices.Sort(o.accounts)
	o.accounts = slices.Compact(o.accounts)
	if o.accounts == nil {
		o.accounts = []string{}
	}
	if len(o.match.RunnersUp) == 0 {
		o.match.RunnersUp = []crm.Candidate{}
		return
	}
	slices.SortFunc(o.match.RunnersUp, func(x, y crm.Candidate) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.ID, y.ID), cmp.Compare(strength(x.Rule), strength(y.Rule)),
			cmp.Compare(x.Evidence, y.Evidence))
	})
	o.match.RunnersUp = slices.CompactFunc(o.match.RunnersUp, func(x, y crm.Candidate) bool { return x.Kind == y.Kind && x.ID == y.ID })
	o.match.RunnersUp = slices.DeleteFunc(o.match.RunnersUp, func(c crm.Candidate) bool {
		return slices.Contains(o.accounts, c.ID) ||
			slices.ContainsFunc(o.people, func(m matched) bool { return m.person != nil && m.person.ID == c.ID }) ||
			slices.ContainsFunc(o.thread, func(p crm.Participant) bool { return p.ID == c.ID })
	})
	if len(o.match.RunnersUp) > maxRunnersUp {
		o.match.RunnersUp = o.match.RunnersUp[:maxRunnersUp]
	}
}
