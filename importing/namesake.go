package importing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// suspect is a person whom a row may be about.
type suspect struct {
	person crm.Person
	why    string
	crm.Likeness
}

// namesake finds the person with the same name and company or, where neither an address nor a company is known,
// with the same name, kana and telephone number. It is the same person if one of the two has no address. Else, as with an
// equal telephone number alone, it is a suspect. left says that the row is left out, since the policy says so.
func (p *Plan) namesake(r record, person crm.Person) (id string, left bool, err error) {
	alike, as := p.index.byName[p.index.nameKey(person)], "name and company"
	if len(person.Emails) == 0 && len(alike) == 0 {
		as = "name and telephone number"
		for _, key := range numberKeys(person) {
			if id, _ := only(p.index.byNumber[key]); id != "" {
				alike = append(alike, id)
			}
		}
	}
	suspects := map[string]string{}
	for _, id := range alike {
		known, err := p.look(id)
		if err != nil {
			return "", false, err
		}
		if otherKey(known, person) {
			continue
		}
		if known.Kind == person.Kind && (len(known.Emails) == 0 || len(person.Emails) == 0) {
			return id, false, nil
		}
		suspects[id] = as
	}
	for _, phone := range person.Phones {
		if ids := p.index.byPhone[phone.E164]; phone.E164 != "" && len(ids) <= 3 { // more share a switchboard
			for _, id := range ids {
				if suspects[id] == "" {
					suspects[id] = "telephone number " + phone.Number
				}
			}
		}
	}
	if p.opts.Duplicates == Create || len(suspects) == 0 {
		return "", false, nil
	}
	list, err := p.weigh(person, suspects)
	if err != nil {
		return "", false, err
	}
	id, left = p.judge(r, list)
	return id, left, nil
}

// otherKey reports two records that a system keeps apart.
func otherKey(a, b crm.Person) bool {
	return a.ExternalKey != "" && b.ExternalKey != "" && a.ExternalKey != b.ExternalKey
}

// weigh compares the row with the suspects, the most alike first.
func (p *Plan) weigh(person crm.Person, suspects map[string]string) ([]suspect, error) {
	var out []suspect
	for id, why := range suspects {
		known, err := p.look(id)
		if err != nil {
			return nil, err
		}
		compared := known
		if compared.AccountID != "" {
			compared.Company = p.index.names[compared.AccountID]
		}
		l := crm.ComparePeople(compared, person)
		if otherKey(known, person) {
			l.Score = min(l.Score, crm.DuplicateAt-1)
		}
		out = append(out, suspect{known, why, l})
	}
	slices.SortFunc(out, func(a, b suspect) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.person.Name, b.person.Name), strings.Compare(a.person.ID, b.person.ID))
	})
	return out, nil
}

// judge does with a row what the policy says of its suspects.
func (p *Plan) judge(r record, list []suspect) (id string, left bool) {
	best := list[0]
	said := "kept apart, look at both"
	switch {
	case p.opts.Duplicates == Update && best.Score >= UpdateAt:
		return best.person.ID, false
	case p.opts.Duplicates == Update || best.Score < crm.DuplicateAt:
	case p.opts.Duplicates == Skip:
		left, said = true, "left out"
	default:
		left, said = true, "not written before it is decided (--duplicates update or create)"
	}
	for i, s := range list {
		d := Duplicate{Row: r.number, Name: s.person.Name, ID: s.person.ID, Score: s.Score, Evidence: s.Evidence,
			Text: fmt.Sprintf("row %d may be %s (same %s): %s; score %d, %s", r.number, s.person.Name, s.why, said, s.Score, strings.Join(s.Evidence, "; "))}
		if left && i == 0 {
			p.skip(r, d)
		} else {
			p.say(d)
		}
	}
	return "", left
}
