package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/edit"
)

// guideView is the form by which a field gets its value without an expression.
type guideView struct {
	Kinds   []option // of items, and of each form
	Fields  []optionGroup
	Offers  []offerGroup
	Tables  []option // lookups of the document
	Compare []option
	Set     []setRule // what the document sets already
	Chosen  string    // kind of item
	Problem string
}

type optionGroup struct {
	Label   string
	Options []option
}

// offerGroup is what items offer, with sample values.
type offerGroup struct {
	Label  string
	Offers []offerRow
}

type offerRow struct {
	mapping.Offer
	Label string
}

// setRule is a rule of the document as a sentence.
type setRule struct {
	Kind, Field, From, When, Default string
}

// The groups of the field that a rule sets, as the form sends them.
const (
	ofActivity = "activity"
	ofPerson   = "person"
)

// guide lays the form out for a kind of item, by default the sample's.
func (s *Server) guide(r *request, doc *mapping.Document, sample *sampleItem) guideView {
	form := r.PostForm
	g := guideView{Chosen: form.Get("kind")}
	if g.Chosen == "" {
		g.Chosen = string(crm.KindEmail)
		if sample != nil {
			g.Chosen = string(sample.Kind)
			if _, named := doc.Forms[sample.Form]; sample.Kind == crm.KindForm && named {
				g.Chosen = formPrefix + sample.Form
			}
		}
	}
	for _, kind := range []crm.ActivityKind{crm.KindEmail, crm.KindMeeting, crm.KindForm} {
		g.Kinds = append(g.Kinds, option{string(kind), r.say.label("mapping_kind", string(kind)), g.Chosen == string(kind)})
	}
	for _, f := range s.formOptions(doc, "") {
		g.Kinds = append(g.Kinds, option{formPrefix + f.Value, r.say.text("mapping.one_form", "name", f.Label), g.Chosen == formPrefix+f.Value})
	}
	kind := kindOf(g.Chosen)
	activity, person := mapping.Settable(kind)
	chosen := form.Get("field")
	g.Fields = []optionGroup{
		{r.say.text("mapping.on_activity"), s.settable(r, ofActivity, activity, doc.Custom[crm.OnActivity], crm.OnActivity, chosen)},
		{r.say.text("mapping.on_person"), s.settable(r, ofPerson, person, append(slices.Clone(doc.Custom[crm.OnLead]), doc.Custom[crm.OnContact]...), crm.OnLead, chosen)},
	}
	var a *crm.Activity
	if sample != nil && sample.Kind == kind {
		a = &sample.Activity
	}
	for _, offer := range mapping.Offers(kind, a) {
		label := r.say.label("mapping_group", offer.Group)
		if n := len(g.Offers); n == 0 || g.Offers[n-1].Label != label {
			g.Offers = append(g.Offers, offerGroup{Label: label})
		}
		last := &g.Offers[len(g.Offers)-1]
		word := offer.Name
		if offer.Group != "form" {
			word = r.say.label("mapping_offer", offer.Group+"_"+offer.Name)
		}
		last.Offers = append(last.Offers, offerRow{offer, word})
	}
	for name := range doc.Lookups {
		g.Tables = append(g.Tables, option{name, name, form.Get("lookup") == name})
	}
	slices.SortFunc(g.Tables, func(a, b option) int { return strings.Compare(a.Value, b.Value) })
	for _, c := range mapping.Comparisons() {
		g.Compare = append(g.Compare, option{c, r.say.label("mapping_compare", c), form.Get("compare") == c})
	}
	g.Set = s.setRules(r, doc)
	return g
}

// formPrefix marks the kinds of item that are submissions of one form.
const formPrefix = "form:"

func kindOf(chosen string) crm.ActivityKind {
	if strings.HasPrefix(chosen, formPrefix) {
		return crm.KindForm
	}
	return crm.ActivityKind(chosen)
}

func (s *Server) settable(r *request, of string, fields []string, declared []crm.FieldDef, target crm.FieldTarget, chosen string) []option {
	for _, def := range declared {
		if name := "custom." + def.Name; !slices.Contains(fields, name) {
			fields = append(fields, name)
		}
	}
	list := make([]option, len(fields))
	for i, field := range fields {
		list[i] = option{of + "." + field, s.fieldWord(r, field, target), chosen == of+"."+field}
	}
	return list
}

// setRules says which fields the document sets, from what.
func (s *Server) setRules(r *request, doc *mapping.Document) []setRule {
	var list []setRule
	add := func(kind string, rules map[string]mapping.FieldRule, target crm.FieldTarget) {
		for field, rule := range rules {
			list = append(list, setRule{Kind: kind, Field: s.fieldWord(r, field, target), From: rule.Value, When: rule.When, Default: rule.Default})
		}
	}
	for kind, fields := range doc.Fields {
		word := r.say.label("mapping_kind", string(kind))
		add(word, fields.Activity, crm.OnActivity)
		add(word, fields.Person, crm.OnLead)
	}
	for id, form := range doc.Forms {
		name := form.Name
		if name == "" {
			name = id
		}
		word := r.say.text("mapping.one_form", "name", name)
		add(word, form.Activity, crm.OnActivity)
		add(word, form.Person, crm.OnLead)
	}
	slices.SortFunc(list, func(a, b setRule) int { return strings.Compare(a.Kind+a.Field, b.Kind+b.Field) })
	return list
}

// guidedRule makes a rule, and the place where it belongs, of what the form sent.
func guidedRule(r *request) (edit.Path, mapping.FieldRule, string) {
	form := r.PostForm
	of, field, ok := strings.Cut(form.Get("field"), ".")
	chosen := form.Get("kind")
	if !ok || of != ofActivity && of != ofPerson || field == "" {
		return nil, mapping.FieldRule{}, "mapping.choose_field"
	}
	path := edit.Path{"fields", string(kindOf(chosen)), of, field}
	if id, one := strings.CutPrefix(chosen, formPrefix); one {
		path = edit.Path{"forms", id, of, field}
	}
	rule := mapping.FieldRule{Value: strings.TrimSpace(form.Get("expression")), Lookup: form.Get("lookup"), Default: strings.TrimSpace(form.Get("default")), When: strings.TrimSpace(form.Get("when"))}
	if rule.Value == "" {
		rule.Value = form.Get("from")
	}
	if left := form.Get("when_field"); rule.When == "" && left != "" {
		rule.When = mapping.Condition(left, form.Get("compare"), form.Get("word"))
	}
	if rule.Value == "" && rule.Default == "" && form.Get("do") != "remove" {
		return path, rule, "mapping.choose_value"
	}
	return path, rule, ""
}

// setMappingField puts a guided rule into the draft: as JSON for the script, else on the page.
func (s *Server) setMappingField(w http.ResponseWriter, r *request) error {
	d, err := s.readDraft(r)
	if err != nil {
		return err
	}
	path, rule, problem := guidedRule(r)
	v := mappingView{mappingDraft: d}
	if problem == "" {
		var want any = rule
		if r.PostForm.Get("do") == "remove" {
			want = nil
		}
		document, err := edit.Put(d.Document, path, want)
		switch {
		case errors.Is(err, edit.ErrShape):
			problem = "mapping.by_hand"
		case err != nil:
			problem = "mapping.not_yaml"
		default:
			v.Document, v.Line = document, edit.Line(document, path)
			v.Expressed = rule.Value
		}
	}
	if r.wantsJSON() {
		if problem != "" {
			return writeJSON(w, http.StatusUnprocessableEntity, map[string]any{"problem": r.say.text(problem)})
		}
		return writeJSON(w, http.StatusOK, map[string]any{"document": v.Document, "line": v.Line, "expression": v.Expressed})
	}
	status := http.StatusOK
	if problem != "" {
		status = http.StatusUnprocessableEntity
		v.Guide.Problem = r.say.text(problem)
	} else if checked, err := s.checkMapping(r.Context(), v.Document); err == nil {
		v.Checked = &checked
	}
	return s.renderMapping(w, r, status, v)
}
