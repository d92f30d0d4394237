package web

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// declared are the fields declared on a kind of record.
func (s *Server) declared(target crm.FieldTarget) []crm.FieldDef {
	if s.cfg.Custom == nil {
		return nil
	}
	return s.cfg.Custom()[target]
}

// fact is a label and what stands under it.
type fact struct{ Label, Value string }

// facts are a record's values of declared fields, in the order declared. Values of fields that are no longer
// declared stay stored and are not shown.
func (sp *speaker) facts(defs []crm.FieldDef, values map[string]string) []fact {
	var out []fact
	for _, d := range defs {
		value := values[d.Name]
		if value == "" {
			continue
		}
		if t, err := time.Parse(time.RFC3339, value); err == nil && d.Type == crm.FieldTime {
			value = sp.when(t)
		} else {
			value = d.Display(value, sp.lang)
		}
		out = append(out, fact{d.Heading(sp.lang), value})
	}
	return out
}

// checkCustom makes what was entered under the names of declared fields what a record stores. What was not
// entered stays as it is stored, also of fields that are no longer declared; an empty entry takes a value away.
func (s *Server) checkCustom(target crm.FieldTarget, entered, stored map[string]string, sp *speaker) (map[string]string, *problem) {
	defs := s.declared(target)
	out := maps.Clone(stored)
	if out == nil {
		out = map[string]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(entered)) { // so that the first mistake is always the same
		if entered[name] == stored[name] {
			continue
		}
		d, ok := crm.FieldNamed(defs, name)
		if !ok {
			return nil, &problem{"form.custom_unknown", excerpt(strings.ToValidUTF8(name, "\ufffd"), 60)}
		}
		value, err := d.CanonicalIn(entered[name], sp.zone)
		var bad *crm.FieldValueError
		if errors.As(err, &bad) {
			return nil, &problem{"form.custom_" + bad.Code, d.Heading(sp.lang)}
		}
		if strings.ContainsFunc(value, func(c rune) bool { return hidden(c) && c != '\n' && c != '\t' }) {
			return nil, &problem{"form.custom_encoding", d.Heading(sp.lang)}
		}
		out[name] = value
		if value == "" {
			delete(out, name)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// customInput is the input of one declared field.
type customInput struct {
	Name, Label, Value string
	Sort               string // of input: "text", "lines", "number", "date", "datetime-local", "url", "tel", "email", "one", "several"
	Options            []option
}

// customGroup is the inputs of one kind of record.
type customGroup struct {
	Kind   crm.PersonKind // whose they are; with Title
	Title  string         // says for which kind the inputs count; "" where there is only one
	Inputs []customInput
}

// customInputs are the inputs of a kind of record with what was entered or is stored.
func (sp *speaker) customInputs(target crm.FieldTarget, defs []crm.FieldDef, values map[string]string) []customInput {
	sorts := map[crm.FieldType]string{crm.FieldText: "lines", crm.FieldNumber: "number", crm.FieldDate: "date", crm.FieldTime: "datetime-local",
		crm.FieldURL: "url", crm.FieldPhone: "tel", crm.FieldEmail: "email", crm.FieldBool: "one", crm.FieldOption: "one", crm.FieldOptions: "several"}
	out := make([]customInput, len(defs))
	for i, d := range defs {
		in := customInput{Name: inputName(target, d), Label: d.Heading(sp.lang), Value: values[d.Name], Sort: sorts[d.Type]}
		switch d.Type {
		case crm.FieldTime:
			in.Value = sp.localTime(in.Value)
		case crm.FieldBool:
			in.Options = []option{{"true", d.Display("true", sp.lang), in.Value == "true"}, {"false", d.Display("false", sp.lang), in.Value == "false"}}
		case crm.FieldOption, crm.FieldOptions:
			in.Options = sp.choices(d, in.Value)
		}
		out[i] = in
	}
	return out
}

// choices are a field's options. A stored value that is no longer declared stays one, so that saving the form
// does not lose it.
func (sp *speaker) choices(d crm.FieldDef, value string) []option {
	chosen := []string{value}
	if d.Type == crm.FieldOptions {
		chosen = strings.Split(value, ";")
	}
	var out []option
	for _, c := range d.Options {
		out = append(out, option{c.Value, c.Heading(sp.lang), slices.Contains(chosen, c.Value)})
	}
	if d.Type == crm.FieldOption && value != "" && !slices.ContainsFunc(out, func(o option) bool { return o.Selected }) {
		out = append(out, option{value, value, true})
	}
	return out
}

// localTime is a stored time as browsers want it in an input.
func (sp *speaker) localTime(value string) string {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return value // what was entered and could not be read
	}
	return t.In(sp.zone).Format("2006-01-02T15:04")
}

func inputName(target crm.FieldTarget, d crm.FieldDef) string {
	return "custom." + string(target) + "." + d.Name
}

// enteredCustom reads the inputs of a kind of record. One that the page did not have is left out, and so is
// a time whose input shows what is stored, since it shows no seconds.
func (sp *speaker) enteredCustom(form url.Values, target crm.FieldTarget, defs []crm.FieldDef, stored map[string]string) map[string]string {
	out := map[string]string{}
	for _, d := range defs {
		values, ok := form[inputName(target, d)]
		if !ok || d.Type == crm.FieldTime && stored[d.Name] != "" && values[0] == sp.localTime(stored[d.Name]) {
			continue
		}
		out[d.Name] = strings.Trim(strings.Join(values, ";"), ";")
	}
	return out
}

// withEntered is what an input shows again after a mistake.
func withEntered(stored, entered map[string]string) map[string]string {
	out := maps.Clone(stored)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, entered)
	return out
}
