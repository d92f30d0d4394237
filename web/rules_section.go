package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

func (s *Server) showRuleSection(w http.ResponseWriter, r *request) error {
	if s.cfg.Mapping == nil {
		return crm.ErrNotFound
	}
	if r.PathValue("section") == "proposed" {
		return s.showProposedRules(w, r)
	}
	sec, ok := ruleSectionNamed(r.PathValue("section"))
	if !ok {
		return crm.ErrNotFound
	}
	return s.renderSection(w, r, http.StatusOK, sec, sectionProblem{})
}

// sectionOptions are the pages of rules, for the row of tabs.
func sectionOptions(r *request, chosen string) []option {
	var list []option
	for _, sec := range ruleSections() {
		list = append(list, option{sec.name, r.say.text("rules_section." + sec.name), sec.name == chosen})
	}
	return append(list, option{"proposed", r.say.text("rules_section.proposed"), chosen == "proposed"})
}

func (s *Server) renderSection(w http.ResponseWriter, r *request, status int, sec ruleSection, bad sectionProblem) error {
	newest, err := s.newestMapping(r.Context())
	if err != nil {
		return err
	}
	whole, doc := s.lifeOf(newest.Document)
	v := sectionView{Name: sec.name, Title: r.say.text("rules_section." + sec.name), Intro: r.say.text("rules_intro." + sec.name), Base: newest.Number,
		List: sec.list != nil, Problem: bad.text, Stale: bad.stale, Sections: sectionOptions(r, sec.name)}
	if !v.List {
		var root yaml.Node
		if err := root.Encode(doc); err != nil {
			return err
		}
		v.Settings = s.inputs(r, sec, &root, whole, "s")
		return s.renderStatus(w, r, status, "rulesection", page{Title: v.Title, Nav: "rules", Data: v})
	}
	var entries yaml.Node
	if err := entries.Encode(sec.usual(whole)); err != nil {
		return err
	}
	lines, err := s.sectionLines(r, sec, whole)
	if err != nil {
		return err
	}
	open := openEntry(r, bad)
	for i, entry := range entries.Content {
		e := ruleEntryView{Index: i, First: i == 0, Last: i == len(entries.Content)-1}
		if strconv.Itoa(i) == open {
			e.Inputs = s.inputs(r, sec, entry, whole, "e")
			if bad.text != "" {
				refill(e.Inputs, r)
			}
		}
		for j := range e.Inputs {
			e.Inputs[j].Fixed = e.Inputs[j].Key == "name" // by it an entry is known again
		}
		if i < len(lines) {
			e.ruleLine = lines[i]
		}
		if n := valueOf(entry, "retired"); n != nil {
			e.Retired = n.Value == "true"
		}
		v.Entries = append(v.Entries, e)
	}
	v.New = s.inputs(r, sec, &yaml.Node{Kind: yaml.MappingNode}, whole, "n")
	if v.AddOpen = bad.text != "" && r.PostForm.Get("do") == "add"; v.AddOpen {
		refill(v.New, r)
	}
	return s.renderStatus(w, r, status, "rulesection", page{Title: v.Title, Nav: "rules", Data: v})
}

// openEntry is the place of the entry that is open to be changed: the one that somebody asks for, or whose change could not be
// taken. Of the others no form is sent: together they are most of a long page. "" for none.
func openEntry(r *request, bad sectionProblem) string {
	switch {
	case bad.text != "" && r.PostForm.Get("do") == "save":
		return r.PostForm.Get("index")
	case bad == sectionProblem{}:
		return r.URL.Query().Get("edit")
	}
	return ""
}

// refill gives back what was entered and could not be taken.
func refill(inputs []inputView, r *request) {
	for i := range inputs {
		in := &inputs[i]
		in.Value, in.On = r.PostForm.Get(in.Key), r.PostForm.Get(in.Key) != ""
		for j := range in.Options {
			in.Options[j].Selected = slices.Contains(r.PostForm[in.Key], in.Options[j].Value)
		}
	}
}

// inputs lays the settings of a section, or of one entry, out as a form.
func (s *Server) inputs(r *request, sec ruleSection, n *yaml.Node, doc *life.Document, prefix string) []inputView {
	var list []inputView
	for _, in := range sec.inputs {
		word := strings.ReplaceAll(in.key, ".", "_")
		said := cmp.Or(in.words, word)
		v := inputView{Key: in.key, ID: prefix + "-" + word, Label: r.say.text("rules_input." + said), Kind: string(in.kind), Needed: in.needed}
		if key := "rules_hint." + said; r.say.has(key) {
			v.Hint = r.say.text(key)
		}
		values := valuesAt(n, in.key)
		v.Value = strings.Join(values, "\n")
		if v.On = v.Value == "true"; v.Value == "" && in.usually == "true" {
			v.On = true
		}
		if in.kind == inputSteps {
			v.Value = writeSteps(n)
		}
		if in.choices != nil {
			v.Options = in.choices(s, r, doc)
			for _, value := range values {
				if !slices.ContainsFunc(v.Options, func(o option) bool { return o.Value == value }) {
					v.Options = append(v.Options, option{Value: value, Label: value})
				}
			}
			for i := range v.Options {
				v.Options[i].Selected = slices.Contains(values, v.Options[i].Value)
			}
		}
		list = append(list, v)
	}
	return list
}

// valuesAt are the texts that stand at a key below a node.
func valuesAt(n *yaml.Node, key string) []string {
	for step := range strings.SplitSeq(key, ".") {
		if n == nil {
			return nil
		}
		n = valueOf(n, step)
	}
	switch {
	case n == nil || n.Tag == "!!null":
		return nil
	case n.Kind == yaml.ScalarNode:
		return []string{n.Value}
	}
	var list []string
	for _, c := range n.Content {
		list = append(list, c.Value)
	}
	return list
}

func writeSteps(entry *yaml.Node) string {
	steps := valueOf(entry, "steps")
	if steps == nil {
		return ""
	}
	var lines []string
	for _, step := range steps.Content {
		part := func(key string) string { return strings.Join(valuesAt(step, key), "") }
		lines = append(lines, part("after")+" | "+part("kind")+" | "+part("what"))
	}
	return strings.Join(lines, "\n")
}
