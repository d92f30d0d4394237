package web

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// rulesView tells in sentences what happens to mail, meetings and forms, and why.
type rulesView struct {
	Groups   []ruleGroup
	MayEdit  bool
	Proposed int
}

// ruleGroup is one part of the rules.
type ruleGroup struct {
	Name, Title, Intro string
	Lines              []ruleLine
	Edit               bool // there is a page to change it
}

// ruleLine is one rule as a sentence, with its condition as it is written.
type ruleLine struct {
	Sentence  template.HTML
	Condition string
	Count     int64
	Counted   bool
}

// sectionView is the page on which a part of the rules is changed.
type sectionView struct {
	Name, Title, Intro string
	Base               int
	List               bool
	Entries            []ruleEntryView
	New                []inputView
	AddOpen            bool
	Settings           []inputView
	Problem            string
	Stale              *staleView
	Sections           []option
	Proposed           []proposedRule
}

type ruleEntryView struct {
	ruleLine
	Index       int
	First, Last bool
	Retired     bool
	Inputs      []inputView // of the one that is open to be changed
}

// inputView is one setting in a form.
type inputView struct {
	Key, ID, Label, Hint, Kind, Value string
	Options                           []option
	On, Needed, Fixed                 bool
}

// sectionProblem is why a change was not made.
type sectionProblem struct {
	text  string
	stale *staleView
}

func (s *Server) showRules(w http.ResponseWriter, r *request) error {
	document := ""
	if s.cfg.Mapping != nil {
		newest, err := s.newestMapping(r.Context())
		if err != nil {
			return err
		}
		document = newest.Document
	}
	whole, doc := s.lifeOf(document)
	v := rulesView{MayEdit: s.cfg.Mapping != nil && admin.allows(r.user.Role)}
	v.Groups = append(v.Groups, s.alwaysGroup(r), s.exclusionGroup(r, doc), s.matchGroup(r, doc))
	for _, sec := range ruleSections() {
		if sec.list == nil && sec.name != "proposals" {
			continue
		}
		g := ruleGroup{Name: sec.name, Title: r.say.text("rules_section." + sec.name), Intro: r.say.text("rules_intro." + sec.name), Edit: true}
		lines, err := s.sectionLines(r, sec, whole)
		if err != nil {
			return err
		}
		g.Lines = lines
		v.Groups = append(v.Groups, g)
	}
	return s.render(w, r, "rules", page{Title: r.say.text("rules.title"), Nav: "rules", Data: v})
}

func (r *request) line(key string, args ...any) ruleLine {
	return ruleLine{Sentence: r.say.html(key, args...)}
}

// alwaysGroup is what no document changes.
func (s *Server) alwaysGroup(r *request) ruleGroup {
	g := ruleGroup{Name: "always", Title: r.say.text("rules_section.always"), Intro: r.say.text("rules_intro.always")}
	for _, key := range []string{"rules.always_known", "rules.always_internal", "rules.always_drafts", "rules.always_private", "rules.always_why"} {
		g.Lines = append(g.Lines, r.line(key))
	}
	return g
}

func (s *Server) exclusionGroup(r *request, doc *mapping.Document) ruleGroup {
	g := ruleGroup{Name: "exclusions", Title: r.say.text("rules_section.exclusions"), Intro: r.say.text("rules_intro.exclusions"), Edit: true}
	for _, list := range []struct {
		key    string
		values []string
	}{{"rules.no_address", doc.Screen.Addresses}, {"rules.no_domain", doc.Screen.Domains}, {"rules.no_subject", doc.Screen.Subjects}, {"rules.no_folder", doc.Screen.Folders}} {
		for _, value := range list.values {
			g.Lines = append(g.Lines, r.line(list.key, "value", value))
		}
	}
	if doc.Screen.Classes == nil {
		g.Lines = append(g.Lines, r.line("rules.no_bulk"))
	}
	for _, class := range doc.Screen.Classes {
		g.Lines = append(g.Lines, r.line("rules.no_class", "value", r.say.label("class", string(class))))
	}
	return g
}

func (s *Server) matchGroup(r *request, doc *mapping.Document) ruleGroup {
	g := ruleGroup{Name: "match", Title: r.say.text("rules_section.match"), Intro: r.say.text("rules_intro.match"), Edit: true}
	g.Lines = append(g.Lines, r.line("rules.match_address"))
	if doc.Match.Domain == nil || *doc.Match.Domain {
		g.Lines = append(g.Lines, r.line("rules.match_domain"))
	}
	g.Lines = append(g.Lines, r.line("rules.match_ask"))
	policy := doc.People.New
	if policy == "" {
		policy = mapping.PolicyWhenWeWroteFirst
	}
	private := doc.Meetings.Private
	if private == "" {
		private = mapping.PrivateSkip
	}
	g.Lines = append(g.Lines, r.line("rules_policy_says."+string(policy)), r.line("rules_private_says."+private))
	return g
}

// sectionLines are the rules of a section as sentences.
func (s *Server) sectionLines(r *request, sec ruleSection, doc *life.Document) ([]ruleLine, error) {
	var lines []ruleLine
	named := func(names []life.Name) {
		for _, n := range names {
			if n.Retired {
				lines = append(lines, r.line("rules.retired", "name", n.Heading(r.say.lang)))
			} else {
				lines = append(lines, ruleLine{Sentence: r.say.html("rules.named", "name", n.Heading(r.say.lang))})
			}
		}
	}
	switch sec.name {
	case "statuses":
		named(statusNames(doc))
	case "reasons":
		named(doc.Reasons)
	case "results":
		named(resultNames(doc))
	case "lifecycle":
		for i := range doc.Rules {
			lines = append(lines, s.moveSentence(r, doc, &doc.Rules[i]))
		}
	case "assignment":
		for i := range doc.Assignment {
			lines = append(lines, s.assignSentence(r, doc, &doc.Assignment[i]))
		}
	case "territories":
		for _, t := range doc.Territories {
			lines = append(lines, ruleLine{Sentence: r.say.html("rules.named", "name", t.Heading(r.say.lang)), Condition: t.If})
		}
	case "segments":
		for _, g := range doc.Segments {
			n, err := s.store.CountSegment(r.Context(), g.Name.Name)
			if err != nil {
				return nil, err
			}
			lines = append(lines, ruleLine{Sentence: r.say.html("rules.named", "name", g.Heading(r.say.lang)), Condition: g.If, Count: n, Counted: true})
		}
	case "plans":
		for _, p := range doc.Plans {
			var steps []string
			for _, step := range p.Steps {
				steps = append(steps, r.say.text("rules.step", "time", step.After, "kind", taskWord(r, step.Kind), "value", step.What))
			}
			lines = append(lines, r.line("rules.plan", "name", p.Name, "value", wordIn(r, namesIn(doc.Segments, func(g life.Segment) life.Name { return g.Name }), p.Segment),
				"detail", strings.Join(steps, r.say.text("rules.then"))))
		}
	case "proposals":
		for _, kind := range doc.Accept {
			lines = append(lines, r.line("rules.accepted", "value", r.say.label("rules_accept", string(kind))))
		}
		if len(doc.Accept) == 0 {
			lines = append(lines, r.line("rules.accepted_none"))
		}
	}
	return lines, nil
}

func wordIn(r *request, names []life.Name, code string) string {
	return r.say.wordOf(names, "lead_status", code)
}

// moveSentence says when a lead goes from where to where.
func (s *Server) moveSentence(r *request, doc *life.Document, rule *life.Rule) ruleLine {
	statuses := statusNames(doc)
	var from []string
	for _, code := range rule.From {
		from = append(from, r.say.text("rules.quoted", "name", wordIn(r, statuses, code)))
	}
	var results []string
	for _, code := range rule.Result {
		results = append(results, r.say.text("rules.quoted", "name", r.say.wordOf(resultNames(doc), "call_result", code)))
	}
	when := r.say.label("rules_event", string(rule.On))
	switch {
	case len(results) > 0:
		when = r.say.text("rules.when_result", "value", strings.Join(results, r.say.text("rules.or")))
	case rule.On == crm.EventSilence:
		when = r.say.text("rules.when_silence", "time", daysWord(r, rule.After))
	}
	key, args := "rules.move", []any{"evidence", when, "name", wordIn(r, statuses, rule.To)}
	if len(from) > 0 {
		key, args = "rules.move_from", append(args, "value", strings.Join(from, r.say.text("rules.or")))
	}
	if rule.Reason != "" {
		key, args = key+"_reason", append(args, "detail", r.say.wordOf(doc.Reasons, "nurturing", rule.Reason))
	}
	return ruleLine{Sentence: r.say.html(key, args...), Condition: rule.If}
}

// daysWord writes 30d and 2w as people do.
func daysWord(r *request, after string) string {
	if n, ok := strings.CutSuffix(after, "d"); ok {
		return r.say.text("rules.days", "n", n)
	}
	if n, ok := strings.CutSuffix(after, "w"); ok {
		return r.say.text("rules.weeks", "n", n)
	}
	return after
}

// assignSentence says who gets which leads.
func (s *Server) assignSentence(r *request, doc *life.Document, a *life.Assignment) ruleLine {
	var of []string
	if a.Territory != "" {
		of = append(of, wordIn(r, namesIn(doc.Territories, func(t life.Territory) life.Name { return t.Name }), a.Territory))
	}
	of = append(of, a.Product...)
	if a.Language != "" {
		of = append(of, r.say.label("rules_language", a.Language))
	}
	of = append(of, a.Company...)
	key, args := "rules.assign_all", []any{"name", a.Name, "owners", s.saidOwners(r.Context(), r.say, a.Owners)}
	if len(of) > 0 {
		key, args = "rules.assign", append(args, "value", strings.Join(of, r.say.text("rules.and")))
	}
	if a.Cap > 0 {
		key, args = key+"_cap", append(args, "total", a.Cap)
	}
	return ruleLine{Sentence: r.say.html(key, args...), Condition: a.If}
}
