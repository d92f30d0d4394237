package importing

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// suspect is a person whom a row may be about.
type suspect struct {
	person crm.Person
	why    string // code of what is the same: "name", "namephone" or "phone"
	number string // the telephone number that is the same
	crm.Likeness
}

// namesake finds the person with the same name and company or, where neither an address nor a company is known,
// with the same name, kana and telephone number. It is the same person if one of the two has no address. Else, as with an
// equal telephone number alone, it is a suspect. left says that the row is left out, since the policy says so.
func (p *Plan) namesake(r record, person crm.Person) (id string, left bool, err error) {
	alike, as := p.index.byName[p.index.nameKey(person)], "name"
	if len(person.Emails) == 0 && len(alike) == 0 {
		as = "namephone"
		for _, key := range numberKeys(person) {
			if id, _ := only(p.index.byNumber[key]); id != "" {
				alike = append(alike, id)
			}
		}
	}
	suspects, numbers := map[string]string{}, map[string]string{}
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
					suspects[id], numbers[id] = "phone", phone.Number
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
	for i := range list {
		list[i].number = numbers[list[i].person.ID]
	}
	switch decided := p.opts.Decided[r.number]; {
	case decided.New:
		return "", false, nil
	case slices.ContainsFunc(list, func(s suspect) bool { return s.person.ID == decided.Same }):
		return decided.Same, false, nil
	}
	id, left = p.judge(r, list)
	if left && p.opts.Duplicates == Ask && len(p.held) < maxHeld {
		p.held = append(p.held, Held{r.number, person})
	}
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
		out = append(out, suspect{person: known, why: why, Likeness: l})
	}
	slices.SortFunc(out, func(a, b suspect) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.person.Name, b.person.Name), strings.Compare(a.person.ID, b.person.ID))
	})
	return out, nil
}

// judge does with a row what the policy says of its suspects.
func (p *Plan) judge(r record, list []suspect) (id string, left bool) {
	best := list[0]
	said, held := "apart", false
	switch {
	case p.opts.Duplicates == Update && best.Score >= UpdateAt:
		return best.person.ID, false
	case p.opts.Duplicates == Update || best.Score < crm.DuplicateAt:
	case p.opts.Duplicates == Skip:
		left, said = true, "left"
	default:
		left, said, held = true, "held", true
	}
	for i, s := range list {
		d := Duplicate{Row: r.number, Name: s.person.Name, ID: s.person.ID, Score: s.Score, Evidence: s.Evidence, Held: held,
			Said: sentence("dup_"+s.why+"_"+said, r.number, s.person.Name, s.Score, strings.Join(s.Evidence, "; "), s.number)}
		if left && i == 0 {
			p.skip(r, d)
		} else {
			p.say(d)
		}
	}
	return "", left
}
