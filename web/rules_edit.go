package web

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/edit"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// codeForm is what the names that records keep look like.
var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// maxEntry bounds one setting of a guided form, in bytes.
const maxEntry = 8 << 10

// ruleChangeView shows what a guided form made of the document, before anything is saved.
type ruleChangeView struct {
	mappingDraft
	Section, Title string
	Rows           []diffRow
	Checked        *mappingChecked
}

// changeRules makes a draft of what a guided form says and shows it. Nothing is saved: the page that comes offers to try the
// draft on history and to save it.
func (s *Server) changeRules(w http.ResponseWriter, r *request) error {
	sec, ok := ruleSectionNamed(r.PathValue("section"))
	if !ok || s.cfg.Mapping == nil {
		return crm.ErrNotFound
	}
	if err := r.readForm(); err != nil {
		return err
	}
	base, err := strconv.Atoi(r.PostForm.Get("base"))
	if err != nil {
		return badRequest("error.form")
	}
	newest, err := s.newestMapping(r.Context())
	if err != nil {
		return err
	}
	if newest.Number != base {
		return s.renderSection(w, r, http.StatusConflict, sec, sectionProblem{stale: s.staleOf(r, &MappingStale{Newest: newest})})
	}
	document, problem := s.guided(r, sec, newest.Document)
	if problem != "" {
		return s.renderSection(w, r, http.StatusUnprocessableEntity, sec, sectionProblem{text: r.say.text(problem)})
	}
	if document == newest.Document {
		return s.renderSection(w, r, http.StatusOK, sec, sectionProblem{text: r.say.text("rules.nothing_changed")})
	}
	checked, err := s.checkMapping(r.Context(), document)
	if err != nil {
		return err
	}
	title := r.say.text("rules_section." + sec.name)
	v := ruleChangeView{mappingDraft: mappingDraft{Document: document, Base: base, Comment: title}, Section: sec.name, Title: title,
		Rows: diffRows(newest.Document, document)}
	status := http.StatusOK
	if len(checked.Problems)+len(checked.Tests) > 0 {
		v.Checked, status = &checked, http.StatusUnprocessableEntity
	}
	return s.renderStatus(w, r, status, "rulechange", page{Title: title, Nav: "rules", Data: v})
}

// guided applies a form to a document. The problem is the key of a sentence; "" if there is none.
func (s *Server) guided(r *request, sec ruleSection, document string) (out, problem string) {
	var err error
	if sec.list == nil {
		out, problem, err = guidedSettings(r.PostForm, sec, document)
	} else {
		out, problem, err = s.guidedEntry(r.PostForm, sec, document)
	}
	switch {
	case problem != "":
		return document, problem
	case errors.Is(err, edit.ErrShape):
		return document, "mapping.by_hand"
	case err != nil:
		return document, "mapping.not_yaml"
	}
	return out, ""
}

// guidedSettings sets each setting of a section that is no list.
func guidedSettings(form url.Values, sec ruleSection, document string) (string, string, error) {
	for _, in := range sec.inputs {
		var want any
		path := edit.Path{}
		for step := range strings.SplitSeq(in.key, ".") {
			path = append(path, step)
		}
		switch in.kind {
		case inputBool:
			if on := form.Get(in.key) != ""; on != (in.usually == "true") {
				want = on
			}
		case inputLines, inputChoices:
			list := listIn(form, in)
			if len(list) > 0 {
				want = list
			}
		default:
			if text := strings.TrimSpace(form.Get(in.key)); text != "" {
				want = text
			}
		}
		if tooLong(form, in) {
			return document, "rules.too_long", nil
		}
		var err error
		if document, err = edit.Put(document, path, want); err != nil {
			return document, "", err
		}
	}
	return document, "", nil
}

func tooLong(form url.Values, in ruleInput) bool {
	return slices.ContainsFunc(form[in.key], func(v string) bool { return len(v) > maxEntry })
}

// listIn is a list as a form sends it: lines, or boxes.
func listIn(form url.Values, in ruleInput) []string {
	var list []string
	for _, value := range form[in.key] {
		for line := range strings.Lines(value) {
			if line = strings.TrimSpace(line); line != "" && !slices.Contains(list, line) {
				list = append(list, line)
			}
		}
	}
	return list
}

// guidedEntry adds, changes, moves or takes out one entry of a list. A list that the document does not have yet is
// written out first as it holds today.
func (s *Server) guidedEntry(form url.Values, sec ruleSection, document string) (string, string, error) {
	whole, _ := s.lifeOf(document)
	usual := sec.usual(whole)
	count, has := entriesIn(document, sec.list)
	var entries yaml.Node
	if err := entries.Encode(usual); err != nil {
		return document, "", err
	}
	if !has && len(entries.Content) > 0 {
		var err error
		if document, err = edit.Put(document, sec.list, &entries); err != nil {
			return document, "", err
		}
		count = len(entries.Content)
	}
	at, do := -1, form.Get("do")
	if n, err := strconv.Atoi(form.Get("index")); err == nil {
		at = n
	}
	if do != "add" && (at < 0 || at >= count) {
		return document, "error.form", nil
	}
	var out string
	var err error
	switch do {
	case "add", "save":
		entry, problem := guidedNode(form, sec)
		if problem != "" {
			return document, problem, nil
		}
		if do == "add" {
			out, err = edit.Append(document, sec.list, entry)
		} else {
			out, err = edit.Put(document, append(slices.Clone(sec.list), at), entry)
		}
	case "remove":
		out, err = edit.Remove(document, append(slices.Clone(sec.list), at))
	case "up":
		out, err = edit.Move(document, sec.list, at, max(at-1, 0))
	case "down":
		out, err = edit.Move(document, sec.list, at, min(at+1, count-1))
	default:
		return document, "error.form", nil
	}
	return out, "", err
}

// entriesIn counts the entries of a list in a document; has is false if the document does not have the list.
func entriesIn(document string, path edit.Path) (n int, has bool) {
	var root yaml.Node
	if yaml.Unmarshal([]byte(document), &root) != nil || len(root.Content) == 0 {
		return 0, false
	}
	node := root.Content[0]
	for _, step := range path {
		key, _ := step.(string)
		if node = valueOf(node, key); node == nil {
			return 0, false
		}
	}
	return len(node.Content), node.Kind == yaml.SequenceNode
}

// guidedNode is an entry as the form says it, in the order of the section's settings.
func guidedNode(form url.Values, sec ruleSection) (*yaml.Node, string) {
	entry := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, in := range sec.inputs {
		if tooLong(form, in) {
			return nil, "rules.too_long"
		}
		value, problem := inputNode(form, in)
		if problem != "" {
			return nil, problem
		}
		if value == nil && in.needed {
			return nil, "rules.needed"
		}
		if value == nil {
			continue
		}
		group, key, nested := strings.Cut(in.key, ".")
		into := entry
		if nested {
			if into = valueOf(entry, group); into == nil {
				into = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
				entry.Content = append(entry.Content, text(group), into)
			}
		} else {
			key = group
		}
		into.Content = append(into.Content, text(key), value)
	}
	return entry, ""
}

// inputNode is one setting; nil if nothing was entered.
func inputNode(form url.Values, in ruleInput) (*yaml.Node, string) {
	said := strings.TrimSpace(form.Get(in.key))
	var value any = said
	switch in.kind {
	case inputCode:
		if !codeForm.MatchString(said) {
			return nil, "rules.bad_code"
		}
	case inputBool:
		if said == "" {
			return nil, ""
		}
		value = true
	case inputLines, inputChoices:
		list := listIn(form, in)
		if len(list) == 0 {
			return nil, ""
		}
		value = list
	case inputNumber:
		if said == "" || said == "0" {
			return nil, ""
		}
		n, err := strconv.Atoi(said)
		if err != nil || n < 0 {
			return nil, "rules.bad_number"
		}
		value = n
	case inputSteps:
		steps, ok := readSteps(said)
		if !ok {
			return nil, "rules.bad_steps"
		}
		value = steps
	default:
		if said == "" {
			return nil, ""
		}
	}
	var n yaml.Node
	if err := n.Encode(value); err != nil {
		return nil, "error.form"
	}
	return &n, ""
}

// readSteps reads the steps of a work plan, one "3d | call | what" a line.
func readSteps(said string) ([]life.Step, bool) {
	var steps []life.Step
	for line := range strings.Lines(strings.ReplaceAll(said, "｜", "|")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		parts := strings.SplitN(line, "|", 3)
		if len(parts) != 3 {
			return nil, false
		}
		step := life.Step{After: strings.TrimSpace(parts[0]), What: strings.TrimSpace(parts[2])}
		for _, kind := range life.TaskKinds() {
			if string(kind) == strings.TrimSpace(parts[1]) {
				step.Kind = kind
			}
		}
		if step.Kind == "" || step.What == "" {
			return nil, false
		}
		steps = append(steps, step)
	}
	return steps, len(steps) > 0
}

// lifeOf is the lifecycle section of a document, with what it leaves to the product's words.
func (s *Server) lifeOf(document string) (*life.Document, *mapping.Document) {
	doc, problems := mapping.Parse([]byte(document))
	if len(problems) > 0 {
		return s.lifecycle(), &doc
	}
	var env *expr.Env // nil is made once
	if len(doc.Lookups) > 0 {
		var err error
		if env, err = expr.New(doc.Lookups, expr.WithRecords()); err != nil {
			return s.lifecycle(), &doc
		}
	}
	rules, bad := life.New(doc.Lifecycle, env)
	if len(bad) > 0 {
		return s.lifecycle(), &doc
	}
	whole := rules.Document()
	return &whole, &doc
}
