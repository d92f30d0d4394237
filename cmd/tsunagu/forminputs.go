package main

import (
	"maps"
	"regexp"
	"slices"

	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/web"
)

// mostMapped bounds the inputs that a mapping adds to a form, and the options of one.
const (
	mostMapped  = 50
	mostOptions = 50
)

// formField finds the fields of a form in an expression: form.kind, form.?kind, form["ご希望日"], form[?"ご希望日"].
var formField = regexp.MustCompile(`\bform(?:\.\??([A-Za-z_][A-Za-z0-9_]*)|\[\??"([^"\\]+)"\])`)

// mappedInputs are the usual inputs and those that the rules of a form read besides; none if the rules read nothing else, so
// that the usual ones hold. A field that goes through a table becomes a choice of what the table knows.
func mappedInputs(meaning *mapping.Form, document *mapping.Document) []web.FormInput {
	list := web.UsualInputs()
	usual := len(list)
	rules := []mapping.FieldRule{meaning.Product, meaning.Campaign, meaning.Channel, meaning.Owner}
	for _, set := range []map[string]mapping.FieldRule{meaning.Person, meaning.Activity} {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			rules = append(rules, set[name])
		}
	}
	for _, rule := range rules {
		found := formField.FindAllStringSubmatch(rule.Value+" "+rule.When, -1)
		for _, m := range found {
			name := m[1] + m[2]
			if slices.ContainsFunc(list, func(in web.FormInput) bool { return in.Name == name }) || len(list)-usual >= mostMapped {
				continue
			}
			in := web.FormInput{Name: name}
			if len(found) == 1 {
				in.Options = tableOptions(rule, document)
			}
			if len(in.Options) > 0 {
				in.Type = "select"
			}
			list = append(list, in)
		}
	}
	if len(list) == usual {
		return nil
	}
	return list
}

// tableOptions are the values that the table of a rule knows; none if it has no table, or a long one.
func tableOptions(rule mapping.FieldRule, document *mapping.Document) []string {
	table := rule.Map
	if table == nil {
		table = document.Lookups[rule.Lookup]
	}
	var out []string
	for _, value := range slices.Sorted(maps.Keys(table)) {
		if value != "*" && value != "" {
			out = append(out, value)
		}
	}
	if len(out) > mostOptions {
		return nil
	}
	return out
}
