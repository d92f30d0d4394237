package importing

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// CustomPrefix begins the field of a column that fills a declared field; its name follows.
const CustomPrefix = "custom."

// TargetOf is the kind of record that an import or export is about: "leads" is of crm.OnLead.
func TargetOf(kind string) crm.FieldTarget {
	return map[string]crm.FieldTarget{"leads": crm.OnLead, "contacts": crm.OnContact, "accounts": crm.OnAccount, "activities": crm.OnActivity}[kind]
}

// declare finds the declared fields among the columns: those headed custom.NAME, and those that nothing else is
// known of and that are headed like one of the fields' labels. The first column of a field counts.
func (s *Sheet) declare(columns []Field, kind string) {
	defs := s.custom[TargetOf(kind)]
	for i, heading := range s.heading {
		named := strings.HasPrefix(crm.Fold(heading), CustomPrefix)
		if columns[i] != "" && !named && !yields(columns[i]) {
			continue
		}
		d, ok := crm.FieldHeaded(defs, heading)
		if f := Field(CustomPrefix + d.Name); ok && !slices.Contains(columns, f) {
			columns[i] = f
		}
	}
}

// declared reads the row's values of declared fields. One that cannot be read is left out and noted.
func (r record) declared(defs []crm.FieldDef, zone *time.Location, notes *noteList) map[string]string {
	var out map[string]string
	for _, d := range defs {
		cells := r.values[Field(CustomPrefix+d.Name)]
		if len(cells) == 0 {
			continue
		}
		value, err := d.CanonicalIn(crm.UnguardCell(cells[0]), zone)
		if err != nil {
			notes.add(sentence("custom_unread", err, r.heading(Field(CustomPrefix+d.Name)), cells[0]), r.number)
			continue
		}
		if value == "" {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[d.Name] = value
	}
	return out
}

// declaredOn leaves the values that are declared on a kind of record.
func declaredOn(defs []crm.FieldDef, values map[string]string) map[string]string {
	var out map[string]string
	for name, value := range values {
		if _, ok := crm.FieldNamed(defs, name); !ok {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = value
	}
	return out
}

// joinCustom takes over what a row says of declared fields.
func joinCustom(have, row map[string]string) map[string]string {
	if len(row) == 0 {
		return have
	}
	out := maps.Clone(have)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, row)
	return out
}

// yields reports the fields whose headings people give declared fields too: a declared field of that label goes before.
func yields(f Field) bool {
	switch f {
	case fieldReason, fieldRequest, fieldChannel, fieldCampaign, fieldConsent, fieldConsentAt, fieldDoNotContact, fieldKey, fieldParent:
		return true
	}
	return false
}

// IsTaken reports a heading that is never read as the label of a declared field.
func IsTaken(heading string) bool {
	f := Guess([]string{heading})[0]
	return f != "" && !yields(f)
}
