package formmail

import (
	"fmt"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Parse reads the fields of a mail of the form, in its order; those without a name and those that may be left
// out and were are not in the answer, an empty one has the value "". It looks at the text alone: whether the mail
// is the form's by sender and subject is for Matches. The error is an *Unread.
func (p *Parser) Parse(m *connectors.Message) ([]crm.FormField, error) {
	switch {
	case m.Wrapper != "":
		return nil, &Unread{Why: "the text is inside a wrapper: " + m.Wrapper}
	case m.Truncated || len(m.FullText) > maxText:
		return nil, &Unread{Why: "the text is not complete"}
	case len(p.Fields) == 0:
		return nil, &Unread{Why: "the parser has no fields"}
	}
	f := p.form()
	lines := splitLines(m.FullText)
	first, unread := f.begin(lines)
	if unread != nil {
		return nil, unread
	}
	if unread := f.forwarded(lines[:first]); unread != nil {
		return nil, unread
	}
	r := reading{form: f, lines: lines, at: -1, values: make([][]string, len(p.Fields)), seen: make([]bool, len(p.Fields))}
	end, unread := r.walk(first)
	if unread == nil {
		unread = f.twice(lines[:first], lines[end:])
	}
	if unread != nil {
		return nil, unread
	}
	return r.fields(), nil
}

// reading is the way down through the fields of one mail.
type reading struct {
	*form

	lines  []string
	at     int // the field whose lines are read; -1 before the first
	beside int // how many lines of its value stand on the line of the label: 0 or 1
	after  int // how many of its lines After came
	values [][]string
	seen   []bool

	lastEnd int // line of the End anchor with which the mail ends; 0 while not sought, -1 if there is none
}

// walk reads from the first label on and says at which line the fields end.
func (r *reading) walk(first int) (int, *Unread) {
	for i := first; i < len(r.lines); i++ {
		line := r.lines[i]
		if line == "" {
			if r.Fields[r.at].Many {
				r.values[r.at] = append(r.values[r.at], "")
			}
			continue
		}
		if field, rest, ok := r.label(line); ok {
			if unread := r.enter(field, rest); unread != nil {
				return 0, unread
			}
			continue
		}
		if len(r.end) > 0 && r.end.at(r.lines, i) > 0 && !r.endsLater(i) {
			return i, r.finish(i)
		}
		if unread := r.content(line); unread != nil {
			return 0, unread
		}
	}
	if len(r.end) > 0 {
		return 0, &Unread{Missing: r.missing(r.at, len(r.Fields)), Why: "the line after the fields is missing: " + r.end.String()}
	}
	return len(r.lines), r.finish(len(r.lines))
}

// endsLater says that the End anchor at line i is a piece of the last value: the mail ends with another.
func (r *reading) endsLater(i int) bool {
	if !r.Fields[r.at].Many {
		return false
	}
	if r.lastEnd == 0 {
		r.lastEnd = -1
		for j := i + 1; j < len(r.lines); j++ {
			if n := r.end.at(r.lines, j); n > 0 && nextFull(r.lines, j+n) == len(r.lines) {
				r.lastEnd = j
				break
			}
		}
	}
	return r.lastEnd > i
}

// enter begins a field.
func (r *reading) enter(field int, rest string) *Unread {
	if r.seen[field] {
		return &Unread{Why: fmt.Sprintf("the label %q stands there twice", r.Fields[field].Label)}
	}
	if field < r.at {
		return &Unread{Why: fmt.Sprintf("the label %q stands at another place", r.Fields[field].Label)}
	}
	if !r.due(r.at, field) {
		return &Unread{Missing: r.missing(r.at, field), Why: fmt.Sprintf("fields are missing before %q", r.Fields[field].Label)}
	}
	if unread := r.leave(); unread != nil {
		return unread
	}
	r.at, r.after, r.beside, r.seen[field] = field, 0, 0, true
	if rest != "" {
		r.beside = 1
		r.values[field] = append(r.values[field], rest)
	}
	return nil
}

// content places a line that is no label.
func (r *reading) content(line string) *Unread {
	field := &r.Fields[r.at]
	switch {
	case field.Many:
	case r.after < len(field.After) && sameLine(field.After[r.after], line):
		r.after++
		return nil
	case !r.isBelow(r.at) || len(r.values[r.at]) > 0 || r.after > 0:
		return &Unread{Why: fmt.Sprintf("a line after %q belongs to no field: %s", field.Label, short(line))}
	}
	r.values[r.at] = append(r.values[r.at], line)
	return nil
}

// finish ends the last field before line i.
func (r *reading) finish(i int) *Unread {
	if missing := r.missing(r.at, len(r.Fields)); len(missing) > 0 {
		return &Unread{Missing: missing, Why: "fields are missing"}
	}
	if len(r.end) > 0 && r.Fields[r.at].Many {
		for j := i + 1; j < len(r.lines); j++ {
			if r.end.at(r.lines, j) > 0 {
				return &Unread{Why: "the line after the fields stands there twice: " + r.end.String()}
			}
		}
	}
	return r.leave()
}

// leave ends the field that was read: what stands behind its value is taken away.
func (r *reading) leave() *Unread {
	if r.at < 0 {
		return nil
	}
	field := &r.Fields[r.at]
	if !field.Many {
		if r.after < len(field.After) {
			return &Unread{Why: fmt.Sprintf("a line after %q is missing: %s", field.Label, field.After[r.after])}
		}
		return r.cutSuffix()
	}
	value := trimEmpty(r.values[r.at])
	for k := len(field.After) - 1; k >= 0; k-- {
		last := len(value) - 1
		if last < 0 || !sameLine(field.After[k], value[last]) {
			return &Unread{Why: fmt.Sprintf("a line after %q is missing: %s", field.Label, field.After[k])}
		}
		value = trimEmpty(value[:last])
	}
	if unread := r.doubt(value); unread != nil {
		return unread
	}
	if r.kind == kindBar {
		for i, line := range value {
			if bar(line) {
				value[i] = unboxed(line)
			}
		}
	}
	r.values[r.at] = dedent(value)
	return r.cutSuffix()
}

func (r *reading) cutSuffix() *Unread {
	suffix, value := r.Fields[r.at].Suffix, r.values[r.at]
	if suffix == "" || len(value) == 0 {
		return nil
	}
	last := len(value) - 1
	line, ok := strings.CutSuffix(value[last], suffix)
	if !ok {
		return &Unread{Why: fmt.Sprintf("the value of %q does not end in %s", r.Fields[r.at].Label, suffix)}
	}
	value[last] = strings.TrimRight(line, spaces)
	return nil
}

func (r *reading) fields() []crm.FormField {
	out := make([]crm.FormField, 0, len(r.Fields))
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Name != "" && r.seen[i] {
			value := strings.Trim(strings.Join(r.values[i], "\n"), spaces)
			out = append(out, crm.FormField{Name: f.Name, Label: f.Label, Values: []string{value}})
		}
	}
	return out
}
