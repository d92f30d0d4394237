package upkeep

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// TestWhatDecides compares documents by the rules that decide about items which are not logged.
func TestWhatDecides(t *testing.T) {
	const base = "lookups: {plan: {1: 新規, true: 継続}}\nforms: {contact: {person: {name: form.who}}}\n"
	cases := map[string]struct {
		document string
		same     bool
	}{
		"the same":                        {base, true},
		"another order and a comment":     {"# reordered\nforms: {contact: {person: {name: form.who}}}\nlookups: {plan: {true: 継続, 1: 新規}}\n", true},
		"an exclusion":                    {base + "screen: {domains: [bad.example]}\n", true},
		"a table's value":                 {"lookups: {plan: {1: 変更, true: 継続}}\nforms: {contact: {person: {name: form.who}}}\n", false},
		"a form's rule":                   {"lookups: {plan: {1: 新規, true: 継続}}\nforms: {contact: {person: {name: form.name}}}\n", false},
		"a rule for all forms":            {base + "fields: {form: {person: {email: form.address}}}\n", false},
		"a rule for mails":                {base + "fields: {email: {activity: {product: mail.subject}}}\n", true},
		"who becomes a record":            {base + "people: {new: always}\n", false},
		"what stands for a shared office": {base + "match: {role_names: [kenkyu]}\n", false},
	}
	source := func(string) (mapping.Source, bool) { return mapping.Source{}, false }
	first, err := newRules(crm.MappingVersion{Document: base}, source)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range cases {
		second, err := newRules(crm.MappingVersion{Document: c.document}, source)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := first.decides == second.decides; got != c.same {
			t.Errorf("%s: decides the same: %v, want %v", name, got, c.same)
		}
	}
}
