package mapping

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// maxFailures is how many rules that failed a Trial names.
const maxFailures = 20

// Trial is what a mapping makes of one item. Nothing of it is stored.
type Trial struct {
	Verdict  crm.Verdict `json:"verdict"`
	Reason   crm.Reason  `json:"reason"`
	Activity []Tried     `json:"activity" nullable:"false" doc:"fields of the activity; none unless it would be logged"`
	Person   []Tried     `json:"person" nullable:"false" doc:"fields of the person that the item fills or makes"`
	New      bool        `json:"new,omitempty" doc:"the person would be a new record"`
	Failures []string    `json:"failures,omitempty" doc:"rules that failed on this item, so that their fields stayed as they were"`

	Match    crm.Match         `json:"match"`
	People   []crm.Participant `json:"people" nullable:"false"`
	Accounts []string          `json:"accounts" nullable:"false" doc:"ids of the accounts that would be credited"`
}

// Tried is one field: Was is what is stored today, of an item that is stored.
type Tried struct {
	Field string `json:"field"`
	Was   string `json:"was,omitempty"`
	Now   string `json:"now"`
}

// TryActivity says what the mapping would make of a stored activity if it came into force, and of the person whom the
// activity is with. It asks dir once. The activity may have been robbed of its text by whoever may not show it: then
// rules see none.
func (m *Mapper) TryActivity(ctx context.Context, dir Directory, a crm.Activity) (Trial, error) {
	t := Trial{Verdict: crm.Logged, Reason: crm.ReasonMatched}
	if rows, reason, excluded := m.Screens(a); excluded && len(rows) == len(a.Observed) {
		t.Verdict, t.Reason = crm.Excluded, reason
		return t.whole(), nil
	}
	again, _, err := m.Remap(ctx, dir, []crm.Activity{a})
	if err != nil {
		return t, fmt.Errorf("try activity: %w", err)
	}
	now := again[0].Activity
	t.take(&now)
	was := activityOutcome(&a)
	for i := range t.Activity {
		t.Activity[i].Was = was[t.Activity[i].Field]
	}
	for field, value := range was { // what a rule does not say any more
		if value != "" && !slices.ContainsFunc(t.Activity, func(f Tried) bool { return f.Field == field }) {
			t.Activity = append(t.Activity, Tried{Field: field, Was: value})
		}
	}
	b := m.newBatch(Source{}, 1)
	t.Failures = b.failures(&a)
	if a.Kind == crm.KindForm {
		e := b.storedEnquiry(&a)
		t.Person = triedPerson(&e.person)
	} else {
		for _, u := range b.applyKind(&now) {
			for _, fill := range u.Fill {
				t.Person = append(t.Person, Tried{Field: fill.Field, Now: fill.Value})
			}
		}
	}
	return t.whole(), nil
}

// TryItem says what the mapping would make of an item that is not stored, as if src had yielded it. It asks dir once.
func (m *Mapper) TryItem(ctx context.Context, dir Directory, src Source, item connectors.Item, now time.Time) (Trial, error) {
	var t Trial
	writes, _, err := m.Map(ctx, dir, src, []connectors.Item{item}, now)
	if err != nil {
		return t, fmt.Errorf("try item: %w", err)
	}
	w := &writes[0]
	t.Verdict, t.Reason = w.Entry.Verdict, w.Entry.Reason
	if w.Activity != nil {
		t.take(w.Activity)
		t.Failures = m.newBatch(src, 1).failures(w.Activity)
	}
	if len(w.People) > 0 {
		t.New, t.Person = true, triedPerson(&w.People[0])
	}
	for _, u := range w.Updates {
		for _, fill := range u.Fill {
			t.Person = append(t.Person, Tried{Field: fill.Field, Now: fill.Value})
		}
	}
	return t.whole(), nil
}

func (t *Trial) take(a *crm.Activity) {
	t.Match, t.People, t.Accounts = a.Match, a.People, a.Accounts
	out := activityOutcome(a)
	for _, field := range slices.Sorted(maps.Keys(out)) {
		if out[field] != "" {
			t.Activity = append(t.Activity, Tried{Field: field, Now: out[field]})
		}
	}
}

func triedPerson(p *crm.Person) []Tried {
	var list []Tried
	out := personOutcome(p)
	for _, field := range slices.Sorted(maps.Keys(out)) {
		if out[field] != "" {
			list = append(list, Tried{Field: field, Now: out[field]})
		}
	}
	return list
}

// whole has no nil lists and its fields in order.
func (t *Trial) whole() Trial {
	for _, list := range []*[]Tried{&t.Activity, &t.Person} {
		if *list == nil {
			*list = []Tried{}
		}
		slices.SortFunc(*list, func(a, b Tried) int { return strings.Compare(a.Field, b.Field) })
	}
	if t.People == nil {
		t.People = []crm.Participant{}
	}
	if t.Accounts == nil {
		t.Accounts = []string{}
	}
	return *t
}

// failures evaluates every rule for an activity once more and says which fail on it, and why.
func (b *batch) failures(a *crm.Activity) []string {
	var list []string
	check := func(in *expr.Input, rules []namedRule) {
		for _, r := range rules {
			if r.rule == nil {
				continue
			}
			if _, err := r.rule.eval(in); err != nil && len(list) < maxFailures {
				list = append(list, r.field+": "+err.Error())
			}
		}
	}
	kind := b.fields[a.Kind]
	if a.Kind != crm.KindForm {
		in := activityInput(a, counterpart(a))
		check(in, kind.persons())
		check(in, kind.activities())
		return list
	}
	in, form := b.enquiryInput(b.storedEnquiry(a)), b.form(a.Form)
	for _, rules := range [][]namedRule{kind.persons(), form.person, kind.activities(), form.activity,
		{{"campaign", form.campaign}, {"channel", form.channel}, {"product", form.product}, {"owner", form.owner}}} {
		check(in, rules)
	}
	return list
}
