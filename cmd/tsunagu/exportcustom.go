package main

import (
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
)

// lang is the language of headings and labels.
func (x *exporter) lang() string {
	if x.ja {
		return "ja"
	}
	return "en"
}

// customHeadings are the headings of declared fields: their labels, or custom.NAME where an import would take
// the label for something else.
func (x *exporter) customHeadings(defs []crm.FieldDef) [][2]string {
	out := make([][2]string, len(defs))
	for i, d := range defs {
		label := d.Heading(x.lang())
		if found, ok := crm.FieldHeaded(defs, label); !ok || found.Name != d.Name || importing.IsTaken(label) {
			label = importing.CustomPrefix + d.Name
		}
		out[i] = [2]string{label, label}
	}
	return out
}

// customCells are the values of declared fields as an import reads them again: options by label, times in the
// organisation's zone.
func (x *exporter) customCells(defs []crm.FieldDef, values map[string]string) []string {
	out := make([]string, len(defs))
	for i, d := range defs {
		value := values[d.Name]
		switch d.Type {
		case crm.FieldTime:
			if t, err := time.Parse(time.RFC3339, value); err == nil {
				value = x.time(t)
			}
		case crm.FieldOptions:
			parts := strings.Split(value, ";")
			for j := range parts {
				parts[j] = crm.FieldDef{Type: crm.FieldOption, Options: d.Options}.Display(parts[j], x.lang())
			}
			value = strings.Join(parts, "; ")
		default:
			value = d.Display(value, x.lang())
		}
		out[i] = value
	}
	return out
}

// sentFields are the fields of a form as one cell, a line each.
func sentFields(fields []crm.FormField) string {
	lines := make([]string, len(fields))
	for i, f := range fields {
		lines[i] = first(f.Label, f.Name) + ": " + strings.Join(f.Values, "; ")
	}
	return strings.Join(lines, "\n")
}
