package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// fieldRule is a FieldRule ready for use.
type fieldRule struct {
	value    *expr.Program // nil for none: the default alone
	when     *expr.Program // nil for always
	tables   []map[string]string
	fallback string
}

// namedRule is the rule of a field.
type namedRule struct {
	field string // as in FieldRule's map: "company", "custom.plan"
	rule  *fieldRule
}

// eval gives the text that the rule says; "" if it says nothing, so that the field stays as it is. What is in no
// table is nothing, unless the table has "*".
func (r *fieldRule) eval(in *expr.Input) (string, error) {
	if r.when != nil {
		if yes, err := r.when.True(in); err != nil || !yes {
			return "", err
		}
	}
	text := ""
	if r.value != nil {
		var err error
		if text, err = r.value.Text(in); err != nil {
			return "", err
		}
	}
	text = strings.TrimSpace(text)
	for _, table := range r.tables {
		said, ok := table[text]
		if !ok && text != "" {
			said = table["*"]
		}
		text = said
	}
	if text == "" {
		return r.fallback, nil
	}
	return text, nil
}

// rules compiles the rules of several fields, in the order of their names.
func (c *compiler) rules(path string, rules map[string]FieldRule, known []string, targets ...crm.FieldTarget) []namedRule {
	var list []namedRule
	for _, field := range slices.Sorted(maps.Keys(rules)) {
		at := path + "." + field
		if name, ok := strings.CutPrefix(field, "custom."); ok {
			c.declaredName(at, name, targets)
		} else if !slices.Contains(known, field) {
			c.bad(at, fmt.Sprintf("no rule can set the field %q here", field), Suggest(field, append(c.customNames(targets), known...)))
		}
		if rule := c.single(at, rules[field]); rule != nil {
			list = append(list, namedRule{field: field, rule: rule})
		} else {
			c.bad(at, "the rule says nothing", "write an expression, or value, lookup, map or default")
		}
	}
	return list
}

func (c *compiler) declaredName(path, name string, targets []crm.FieldTarget) {
	for _, target := range targets {
		for _, def := range c.doc.Custom[target] {
			if def.Name == name {
				return
			}
		}
	}
	hint := fmt.Sprintf("declare it under custom.%s", targets[0])
	if near := nearest(name, trimAll(c.customNames(targets), "custom.")); near != "" {
		hint = "did you mean custom." + near + "?"
	}
	c.bad(path, fmt.Sprintf("no field %q is declared", name), hint)
}

func trimAll(list []string, prefix string) []string {
	for i := range list {
		list[i] = strings.TrimPrefix(list[i], prefix)
	}
	return list
}

// customNames are the declared fields as rules name them.
func (c *compiler) customNames(targets []crm.FieldTarget) []string {
	var names []string
	for _, target := range targets {
		for _, def := range c.doc.Custom[target] {
			names = append(names, "custom."+def.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// single compiles a rule; nil if it says nothing.
func (c *compiler) single(path string, r FieldRule) *fieldRule {
	if r.Value == "" && r.Default == "" && r.When == "" && r.Lookup == "" && len(r.Map) == 0 {
		return nil
	}
	rule := &fieldRule{fallback: r.Default}
	rule.value = c.expression(path+".value", r.Value, c.env.Value)
	rule.when = c.expression(path+".when", r.When, c.env.Condition)
	if r.Lookup != "" {
		table, ok := c.doc.Lookups[r.Lookup]
		if !ok {
			c.bad(path+".lookup", fmt.Sprintf("there is no table %q", r.Lookup), Suggest(r.Lookup, slices.Collect(maps.Keys(c.doc.Lookups))))
		}
		rule.tables = append(rule.tables, table)
	}
	if len(r.Map) > 0 {
		rule.tables = append(rule.tables, r.Map)
	}
	if r.Value == "" && r.Default == "" {
		c.bad(path, "the rule has no value", "write value: and an expression, or default: and a text")
	}
	return rule
}

// run evaluates a rule on an item. A mistake that shows only here is counted and leaves the field as it is.
func (m *Mapper) run(r *fieldRule, in *expr.Input) string {
	if r == nil {
		return ""
	}
	text, err := r.eval(in)
	if err != nil {
		m.missed.Add(1)
		return ""
	}
	return text
}

// canonical is a value of a declared field as it is stored; "" if it is none, which is counted.
func (m *Mapper) canonical(target crm.FieldTarget, name, text string) string {
	def, ok := m.custom[target][name]
	if !ok || text == "" {
		return ""
	}
	value, err := def.CanonicalIn(text, m.location)
	if err != nil {
		m.missed.Add(1)
		return ""
	}
	return value
}

// RuleErrors is how often, since the Mapper was made, a rule failed on an item or gave what its field cannot
// hold. The field stayed as it was.
func (m *Mapper) RuleErrors() int64 { return m.missed.Load() }
