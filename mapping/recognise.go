package mapping

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// recognise finds who sent an enquiry: by address, exact or normalised, else by telephone number, else by name and
// company, else because an earlier state of the same submission was theirs. The first that tells anything decides;
// where it names several people, nobody is picked.
func (b *batch) recognise(e *enquiry) *outcome {
	o := &outcome{people: make([]matched, 1)}
	earlier := submitterOf(b.earlierState(e)).ID
	var account *finding
	for i, a := range e.addresses {
		f := b.findNow(a)
		o.erased = o.erased || f.erased
		if i == 0 {
			o.dismissed, account = f.dismissed, f
		}
		if o.people[0].person == nil && len(o.ask) == 0 {
			o.take(f.person, f.candidates, f.rule, f.evidence, earlier)
			o.match.RunnersUp = append(o.match.RunnersUp, f.runnersUp...)
		}
	}
	b.recogniseKnown(e, o, earlier)
	if p := o.people[0].person; p != nil {
		o.match.Rule, o.match.Evidence = o.people[0].rule, o.people[0].evidence
		if p.AccountID != "" {
			o.accounts = append(o.accounts, p.AccountID)
			return o
		}
	}
	if account != nil && account.account != "" && account.accountRule == crm.RuleDomain {
		o.accounts = append(o.accounts, account.account)
	}
	return o
}

// recogniseKnown goes on where the addresses told nothing.
func (b *batch) recogniseKnown(e *enquiry, o *outcome, earlier string) {
	decided := b.answer.Addresses[e.identity()].Decision
	for _, number := range e.phones {
		people := together(b.answer.Phones[number], b.fresh.phones[number])
		o.takeDecided(people, decided, number)
		o.takeNamesakes(people, e.person.Name, number, earlier)
	}
	if e.nameKey != "" {
		people := together(b.answer.Names[e.nameKey], b.fresh.names[e.nameKey])
		evidence := e.person.Name + ", " + e.person.Company
		o.takeDecided(people, decided, evidence)
		if len(people) == 1 {
			o.take(&people[0], nil, crm.RuleName, evidence, earlier)
		} else {
			o.take(nil, people, crm.RuleName, evidence, earlier)
		}
	}
	if o.people[0].person == nil && decided != nil && decided.Person == "" {
		o.dismissed = true
	}
	if o.people[0].person == nil && len(o.ask) == 0 && earlier != "" {
		b.takeEarlier(e, o)
	}
}

// take makes the person the sender, or the one of several who sent it before, or notes whom to ask about. What
// was told before stays.
func (o *outcome) take(person *crm.PersonRef, several []crm.PersonRef, rule crm.Rule, evidence, earlier string) {
	if o.people[0].person != nil || len(o.ask) > 0 {
		return
	}
	for i := range several {
		if several[i].ID == earlier {
			person = &several[i]
		}
	}
	if person != nil {
		o.people[0] = matched{person: person, rule: rule, evidence: evidence}
	}
	for i := range several {
		c := personCandidate(&several[i], rule, evidence)
		switch {
		case person == nil:
			o.ask = append(o.ask, c)
		case c.ID != person.ID:
			o.match.RunnersUp = append(o.match.RunnersUp, c)
		}
	}
}

// takeDecided makes the one of the people the sender whom a review decided for.
func (o *outcome) takeDecided(people []crm.PersonRef, decided *crm.Decision, evidence string) {
	if decided == nil {
		return
	}
	for i := range people {
		if people[i].ID == decided.Person {
			o.take(&people[i], nil, crm.RuleDecision, evidence, "")
		}
	}
}

// takeNamesakes judges the people who have a telephone number by the name given: colleagues share the number of
// their company. Somebody of clearly another name is only a runner-up; where the names cannot be compared, a
// person must say.
func (o *outcome) takeNamesakes(people []crm.PersonRef, name, number, earlier string) {
	best := namesDiffer
	var alike []crm.PersonRef
	for i := range people {
		likeness := compareNames(name, people[i].Name)
		if likeness > best {
			best, alike = likeness, nil
		}
		if likeness == best && best != namesDiffer {
			alike = append(alike, people[i])
		}
	}
	if len(alike) == 1 && best != namesUnsure {
		o.take(&alike[0], nil, crm.RulePhone, number, earlier)
	} else {
		o.take(nil, alike, crm.RulePhone, number, earlier)
	}
	for i := range people {
		if !slices.ContainsFunc(alike, func(p crm.PersonRef) bool { return p.ID == people[i].ID }) {
			o.match.RunnersUp = append(o.match.RunnersUp, personCandidate(&people[i], crm.RulePhone, number))
		}
	}
}

// likeness is how alike two names are.
type likeness int

const (
	namesDiffer likeness = iota // other people's
	namesUnsure                 // written in different scripts
	namesFit                    // one is missing or part of the other: 田中, 田中 太郎
	namesEqual
)

func compareNames(x, y string) likeness {
	x, y = crm.NormalizeName(x), crm.NormalizeName(y)
	switch {
	case x == "" || y == "":
		return namesFit
	case scriptOf(x) != scriptOf(y):
		return namesUnsure
	case sameWords(x, y):
		return namesEqual
	case strings.HasPrefix(x, y) || strings.HasPrefix(y, x) || containsWord(x, y) || containsWord(y, x):
		return namesFit
	}
	return namesDiffer
}

// sameWords compares without regard to the order of names.
func sameWords(x, y string) bool {
	a, b := strings.Fields(x), strings.Fields(y)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func containsWord(name, word string) bool { return slices.Contains(strings.Fields(name), word) }

// scriptOf tells names that can be compared from those that cannot: 田中, タナカ, Tanaka.
func scriptOf(name string) string {
	script := "kana"
	for _, r := range name {
		switch {
		case unicode.Is(unicode.Han, r):
			return "han"
		case unicode.IsLetter(r) && !unicode.In(r, unicode.Hiragana, unicode.Katakana) && r != 'ー':
			script = "other"
		}
	}
	return script
}

// earlierState is what an earlier state of the submission became.
func (b *batch) earlierState(e *enquiry) crm.MessageAnswer {
	if answer, ok := b.fresh.messages[e.item.Key]; ok {
		return answer
	}
	return b.answer.Messages[e.item.Key]
}

// submitterOf is who sent it; the zero value if that is nobody known.
func submitterOf(answer crm.MessageAnswer) crm.Participant {
	for _, p := range answer.People {
		if p.ID != "" && p.Role == crm.RoleSubmitter {
			return p
		}
	}
	return crm.Participant{}
}

// takeEarlier makes the sender of the earlier state that of this one too.
func (b *batch) takeEarlier(e *enquiry, o *outcome) {
	answer := b.earlierState(e)
	p := submitterOf(answer)
	o.accounts = append(o.accounts, answer.Accounts...)
	o.take(&crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name, Address: p.Address}, nil, crm.RuleForm, e.evidence(), "")
}
