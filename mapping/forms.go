package mapping

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
	"github.com/tsunagu-crm/tsunagu/mapping/formmail"
)

// formRules are the rules of one form, ready for use. The zero value is a form that only has the usual names.
type formRules struct {
	name      string // as people call it
	person    []namedRule
	activity  []namedRule
	campaign  *fieldRule // nil for none
	channel   *fieldRule
	product   *fieldRule
	owner     *fieldRule
	newPeople Policy
	mail      *formmail.Parser
}

// kindRules are those of KindFields.
type kindRules struct {
	person   []namedRule
	activity []namedRule
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

// HasForm reports whether the document names a form.
func (m *Mapper) HasForm(id string) bool {
	_, ok := m.forms[id]
	return ok
}

// words are what names of forms and tables consist of: they stand in addresses of pages and in paths.
var words = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// setRules compiles the sections that hold expressions, declared fields and parsers.
func (m *Mapper) setRules(org Organization, doc Document, problems *[]connectors.Problem) {
	c := &compiler{doc: &doc, problems: problems}
	c.names("mapping.lookups", slices.Sorted(maps.Keys(doc.Lookups)))
	c.names("mapping.forms", slices.Sorted(maps.Keys(doc.Forms)))
	m.custom = c.declared()
	if len(doc.Fields)+len(doc.Forms)+len(doc.Lookups) > 0 {
		options := []expr.Option{expr.WithFreeMail(m.isFreeMail)}
		if org.Location != nil {
			options = append(options, expr.WithZone(org.Location))
		}
		env, err := expr.New(doc.Lookups, options...)
		if err != nil {
			c.bad("mapping.lookups", err.Error(), "")
			return
		}
		c.env = env
	}
	m.setFields(c)
	m.forms = make(map[string]*formRules, len(doc.Forms))
	for _, id := range slices.Sorted(maps.Keys(doc.Forms)) {
		form := doc.Forms[id]
		m.forms[id] = c.form("mapping.forms."+id, &form)
		if form.Mail != nil {
			m.mailForms = append(m.mailForms, id)
		}
	}
	c.checkTests()
}

func (m *Mapper) isFreeMail(domain string) bool { return IsFreeMail(domain) || m.freeMail.has(domain) }

func (m *Mapper) setFields(c *compiler) {
	m.fields = map[crm.ActivityKind]*kindRules{}
	for _, kind := range slices.Sorted(maps.Keys(c.doc.Fields)) {
		path := "mapping.fields." + string(kind)
		if kind != crm.KindEmail && kind != crm.KindForm && kind != crm.KindMeeting {
			c.bad(path, fmt.Sprintf("%q is no kind of activity that is read from a source", kind),
				Suggest(string(kind), []string{string(crm.KindEmail), string(crm.KindForm), string(crm.KindMeeting)}))
			continue
		}
		rules := c.doc.Fields[kind]
		m.fields[kind] = &kindRules{
			person:   c.rules(path+".person", rules.Person, personFields(), crm.OnLead, crm.OnContact),
			activity: c.rules(path+".activity", rules.Activity, activityFields(kind), crm.OnActivity),
		}
	}
}

// personFields are the fields of a person that rules can fill, beside declared ones.
func personFields() []string {
	return []string{"name", "family_name", "given_name", "kana", "company", "department", "title", "emails", "phones", "owner", "status", "consent"}
}

// activityFields are the fields of an activity that rules can set, beside declared ones. What was said in a mail
// or a meeting stays as it is; a form has no subject of its own.
func activityFields(kind crm.ActivityKind) []string {
	switch kind {
	case crm.KindForm:
		return []string{"subject", "text", "product", "status"}
	case crm.KindMeeting: // a calendar says the status
		return []string{"product"}
	}
	return []string{"product", "status"}
}

// compiler makes rules of a document and gathers its mistakes.
type compiler struct {
	doc      *Document
	env      *expr.Env // nil if nothing needs it
	problems *[]connectors.Problem
}

func (c *compiler) bad(path, what, hint string) {
	*c.problems = append(*c.problems, connectors.Problem{Path: path, What: what, Hint: hint})
}

func (c *compiler) names(path string, names []string) {
	for _, name := range names {
		if !words.MatchString(name) {
			c.bad(path+"."+name, fmt.Sprintf("%q cannot be a name here", name), "use letters, digits, - and _, at most 64")
		}
	}
}

func (c *compiler) form(path string, f *Form) *formRules {
	if f.NewPeople != "" && f.NewPeople != PolicyNever && f.NewPeople != PolicyAlways {
		c.bad(path+".new_people", fmt.Sprintf("%q is not a policy for the senders of a form", f.NewPeople),
			Suggest(string(f.NewPeople), []string{string(PolicyNever), string(PolicyAlways)}))
	}
	if f.Mail != nil {
		for _, p := range f.Mail.Check() {
			c.bad(path+".mail."+p.Path, strings.TrimSuffix(p.What, "."), strings.TrimSuffix(p.Hint, "."))
		}
	}
	return &formRules{
		name: f.Name, newPeople: f.NewPeople, mail: f.Mail,
		person:   c.rules(path+".person", f.Person, personFields(), crm.OnLead, crm.OnContact),
		activity: c.rules(path+".activity", f.Activity, activityFields(crm.KindForm), crm.OnActivity),
		campaign: c.single(path+".campaign", f.Campaign), channel: c.single(path+".channel", f.Channel),
		product: c.single(path+".product", f.Product), owner: c.single(path+".owner", f.Owner),
	}
}

// declared checks the declared fields and gives them by record and name.
func (c *compiler) declared() map[crm.FieldTarget]map[string]crm.FieldDef {
	all := map[crm.FieldTarget]map[string]crm.FieldDef{}
	for _, target := range slices.Sorted(maps.Keys(c.doc.Custom)) {
		path := "mapping.custom." + string(target)
		all[target] = map[string]crm.FieldDef{}
		if !slices.Contains(crm.FieldTargets(), target) {
			c.bad(path, fmt.Sprintf("nothing that is called %q can have fields", target), suggestTarget(string(target)))
			continue
		}
		for _, e := range crm.CheckFieldDefs(target, c.doc.Custom[target]) {
			at := fmt.Sprintf("%s[%d]", path, e.Def)
			if e.Key != "" {
				at += "." + e.Key
			}
			if e.Option >= 0 {
				at += fmt.Sprintf("[%d]", e.Option)
			}
			c.bad(at, e.Text, e.Hint)
		}
		for _, def := range c.doc.Custom[target] {
			all[target][def.Name] = def
		}
	}
	return all
}

func suggestTarget(target string) string {
	var names []string
	for _, t := range crm.FieldTargets() {
		names = append(names, string(t))
	}
	return Suggest(target, names)
}

// expression compiles one and reports where it is wrong; nil if it is, or if there is none.
func (c *compiler) expression(path, text string, compile func(string) (*expr.Program, error)) *expr.Program {
	if text == "" {
		return nil
	}
	program, err := compile(text)
	if err == nil {
		return program
	}
	p := connectors.Problem{Path: path, What: err.Error()}
	var e *expr.Error
	if errors.As(err, &e) {
		p.Line, p.Column, p.Hint = e.Line, e.Column, e.Hint
	}
	*c.problems = append(*c.problems, p)
	return nil
}
