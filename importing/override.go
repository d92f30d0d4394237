package importing

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Fields are the names of all fields that a column can be mapped to, sorted.
func Fields() []Field {
	out := []Field{fieldName, fieldFamily, fieldGiven, fieldKana, fieldFamilyKana, fieldGivenKana}
	for f := range headings() {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	out = append(out, fieldConsentAt)
	slices.Sort(out)
	return slices.Compact(out)
}

// override applies what the caller says of columns to what was guessed.
func (s *Sheet) override(columns []Field, o Options, kind string) error {
	for heading, name := range o.Map {
		at, err := s.column(heading)
		if err != nil {
			return err
		}
		f, ok := fieldNamed(name, o.Custom[TargetOf(kind)])
		if !ok {
			return problem(sentence("todo_fields", fieldList()), "bad_field", heading, strconv.Quote(name))
		}
		if f != "" && !several(f) {
			for i := range columns {
				if columns[i] == f {
					columns[i] = ""
				}
			}
		}
		columns[at] = f
	}
	if o.Key == "" {
		return nil
	}
	at, err := s.column(o.Key)
	if err != nil {
		return err
	}
	for i := range columns {
		if columns[i] == fieldKey {
			columns[i] = ""
		}
	}
	columns[at] = fieldKey
	return nil
}

// column finds a column by its heading, as it stands there or squeezed.
func (s *Sheet) column(heading string) (int, error) {
	if at := slices.Index(s.heading, heading); at >= 0 {
		return at, nil
	}
	at := slices.IndexFunc(s.heading, func(h string) bool { return squeezeHeading(h) == squeezeHeading(heading) })
	if at < 0 || squeezeHeading(heading) == "" {
		return 0, problem(sentence("todo_columns", strings.Join(s.heading, ", ")), "no_column", heading)
	}
	return at, nil
}

func fieldNamed(name string, defs []crm.FieldDef) (Field, bool) {
	name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "_", " ")
	switch name {
	case "", "-", "ignore":
		return "", true
	case "email", "mail":
		return fieldAddress, true
	case "key":
		return fieldKey, true
	case "parent":
		return fieldParent, true
	}
	if slices.Contains(Fields(), Field(name)) {
		return Field(name), true
	}
	for _, d := range defs {
		if f := CustomPrefix + d.Name; strings.EqualFold(f, strings.ReplaceAll(name, " ", "_")) {
			return Field(f), true
		}
	}
	return "", false
}

func fieldList() string {
	var out []string
	for _, f := range Fields() {
		out = append(out, string(f))
	}
	return strings.Join(out, ", ") + ", custom.NAME, and nothing for a column that is not to be read"
}

// several reports fields of which a file may have several columns.
func several(f Field) bool { return f == fieldAddress || f == fieldPhone || f == fieldDomain }

// Several reports a field of which a file may have several columns.
func (f Field) Several() bool { return several(f) }

// twice finds a heading that stands over two columns, of which the field counts once: which one is meant nobody can tell.
func (s *Sheet) twice(columns []Field) error {
	seen := map[string]int{}
	for i, h := range s.heading {
		squeezed := squeezeHeading(h)
		before, known := seen[squeezed]
		seen[squeezed] = i
		if !known || squeezed == "" || columns[before] == "" || several(columns[before]) {
			continue
		}
		return problem("todo_rename", "heading_twice", h, before+1, i+1)
	}
	return nil
}
