package formmail

import (
	"fmt"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

const (
	maxFields = 200
	maxLabel  = 240 // bytes
	maxAnchor = 2000
)

// Check finds every mistake of a parser that a person wrote or changed. Paths are those of the parser's keys.
func (p *Parser) Check() []connectors.Problem {
	var out []connectors.Problem
	add := func(path, what, hint string) {
		out = append(out, connectors.Problem{Path: path, What: what, Hint: hint})
	}
	switch p.Layout {
	case LayoutInline, LayoutBelow, LayoutColumns:
	default:
		add("layout", fmt.Sprintf("There is no layout %q.", p.Layout), "Write inline, below or columns.")
	}
	if len(p.From) == 0 && strings.TrimSpace(p.Subject) == "" {
		add("subject", "Every mail would be read: neither from nor subject is given.", "Write the sender's address, or words of the subject.")
	}
	for i, from := range p.From {
		if local, domain, ok := strings.Cut(from, "@"); !ok || domain == "" || strings.ContainsAny(local+domain, " @<>,") {
			add(fmt.Sprintf("from[%d]", i), fmt.Sprintf("%q is no sender.", from), `Write an address, or "@" and a domain.`)
		}
	}
	if len(p.Start) > maxAnchor {
		add("start", "The text is too long.", "Write one line, or a few.")
	}
	if len(p.End) > maxAnchor {
		add("end", "The text is too long.", "Write one line, or a few.")
	}
	switch {
	case len(p.Fields) == 0:
		add("fields", "There are no fields.", "Name the fields in the order of the mail.")
	case len(p.Fields) > maxFields:
		add("fields", fmt.Sprintf("There are more than %d fields.", maxFields), "")
		return out
	}
	return append(out, p.checkFields()...)
}

func (p *Parser) checkFields() []connectors.Problem {
	var out []connectors.Problem
	names, labels := map[string]bool{}, map[string]bool{}
	required := false
	many := false
	for i := range p.Fields {
		f := &p.Fields[i]
		add := func(key, what, hint string) {
			out = append(out, connectors.Problem{Path: fmt.Sprintf("fields[%d].%s", i, key), What: what, Hint: hint})
		}
		key := labelKey(f.Label)
		switch {
		case key == "" || len(f.Label) > maxLabel || strings.Contains(f.Label, "\n"):
			add("label", fmt.Sprintf("%q is no label.", f.Label), "Write the words before the value, on one line.")
		case labels[key]:
			add("label", fmt.Sprintf("The label %q is there twice.", f.Label), "Two fields of a mail cannot have one label.")
		}
		if f.Name != "" && names[f.Name] {
			add("name", fmt.Sprintf("The name %q is there twice.", f.Name), "Give each field a name of its own.")
		}
		if f.Optional && many && p.Before == "" {
			add("optional", "A field that may be missing cannot be told from the text of several lines before it.", "Leave optional out, or set before to the bullet of the labels.")
		}
		names[f.Name], labels[key] = true, true
		required = required || !f.Optional && f.Name != ""
		many = many || f.Many
	}
	if len(p.Fields) > 0 && !required {
		out = append(out, connectors.Problem{Path: "fields", What: "Any mail may do: no field with a name has to be there.", Hint: "Leave optional out where the form asks for an answer."})
	}
	return out
}
