package web

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/edit"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// inputKind is how a setting is entered.
type inputKind string

const (
	inputText    inputKind = "text"
	inputCode    inputKind = "code"    // the name that records keep: it cannot be changed later
	inputLines   inputKind = "lines"   // a list, one a line
	inputChoice  inputKind = "choice"  // one of several, or none
	inputChoices inputKind = "choices" // some of several
	inputBool    inputKind = "bool"
	inputNumber  inputKind = "number"
	inputWhen    inputKind = "when"  // a condition, written as an expression
	inputSteps   inputKind = "steps" // of a work plan: "3d | call | what"
)

// ruleInput is one setting of a section, or of each entry of its list.
type ruleInput struct {
	key     string // below the section's path or the entry: "label.ja"
	kind    inputKind
	needed  bool
	choices func(s *Server, r *request, doc *life.Document) []option
	usually string // what "" means for a choice or bool that is on by default: "true"
	words   string // its label and hint, where those of the key mean something else
}

// ruleSection is a page of rules: a list of entries, or a few settings.
type ruleSection struct {
	name   string
	list   edit.Path                    // nil if the section is settings
	inputs []ruleInput                  //
	usual  func(doc *life.Document) any // what holds where the document has no such list
}

// ruleSections are the pages of rules in the order shown.
func ruleSections() []ruleSection {
	return []ruleSection{
		{name: "match", inputs: []ruleInput{
			{key: "match.domain", kind: inputBool, usually: "true"}, {key: "people.new", kind: inputChoice, choices: policies},
			{key: "meetings.private", kind: inputChoice, choices: privacies},
			{key: "match.free_mail", kind: inputLines}, {key: "match.role_names", kind: inputLines}}},
		{name: "exclusions", inputs: []ruleInput{
			{key: "screen.addresses", kind: inputLines}, {key: "screen.domains", kind: inputLines}, {key: "screen.subjects", kind: inputLines},
			{key: "screen.folders", kind: inputLines}}},
		{name: "statuses", list: edit.Path{"lifecycle", "statuses"}, usual: func(d *life.Document) any { return d.Statuses },
			inputs: append(labelled(), ruleInput{key: "reason", kind: inputBool, words: "asks_reason"}, ruleInput{key: "next", kind: inputBool},
				ruleInput{key: "won", kind: inputBool}, ruleInput{key: "closed", kind: inputBool}, ruleInput{key: "retired", kind: inputBool})},
		{name: "reasons", list: edit.Path{"lifecycle", "reasons"}, usual: func(d *life.Document) any { return d.Reasons },
			inputs: append(labelled(), ruleInput{key: "retired", kind: inputBool})},
		{name: "results", list: edit.Path{"lifecycle", "results"}, usual: func(d *life.Document) any { return d.Results },
			inputs: append(labelled(), ruleInput{key: "next", kind: inputBool}, ruleInput{key: "connected", kind: inputBool}, ruleInput{key: "retired", kind: inputBool})},
		{name: "lifecycle", list: edit.Path{"lifecycle", "rules"}, usual: func(d *life.Document) any { return d.Rules },
			inputs: []ruleInput{{key: "name", kind: inputText, needed: true}, {key: "on", kind: inputChoice, needed: true, choices: eventOptions},
				{key: "result", kind: inputChoices, choices: resultChoices}, {key: "after", kind: inputText},
				{key: "from", kind: inputChoices, choices: statusChoices}, {key: "to", kind: inputChoice, needed: true, choices: statusChoices},
				{key: "reason", kind: inputChoice, choices: reasonChoices}, {key: "if", kind: inputWhen}}},
		{name: "assignment", list: edit.Path{"lifecycle", "assignment"}, usual: func(d *life.Document) any { return d.Assignment },
			inputs: []ruleInput{{key: "name", kind: inputText, needed: true}, {key: "owners", kind: inputLines, needed: true}, {key: "cap", kind: inputNumber},
				{key: "territory", kind: inputChoice, choices: territoryChoices}, {key: "language", kind: inputChoice, choices: languageChoices},
				{key: "product", kind: inputLines}, {key: "company", kind: inputLines}, {key: "if", kind: inputWhen}}},
		{name: "segments", list: edit.Path{"lifecycle", "segments"}, usual: func(d *life.Document) any { return d.Segments },
			inputs: append(labelled(), ruleInput{key: "if", kind: inputWhen, needed: true}, ruleInput{key: "follow_up", kind: inputText})},
		{name: "territories", list: edit.Path{"lifecycle", "territories"}, usual: func(d *life.Document) any { return d.Territories },
			inputs: append(labelled(), ruleInput{key: "if", kind: inputWhen, needed: true})},
		{name: "plans", list: edit.Path{"lifecycle", "plans"}, usual: func(d *life.Document) any { return d.Plans },
			inputs: []ruleInput{{key: "name", kind: inputText, needed: true}, {key: "segment", kind: inputChoice, needed: true, choices: segmentChoices},
				{key: "steps", kind: inputSteps, needed: true}}},
		{name: "proposals", inputs: []ruleInput{{key: "lifecycle.accept", kind: inputChoices, choices: acceptChoices}}},
	}
}

func ruleSectionNamed(name string) (ruleSection, bool) {
	list := ruleSections()
	i := slices.IndexFunc(list, func(sec ruleSection) bool { return sec.name == name })
	if i < 0 {
		return ruleSection{}, false
	}
	return list[i], true
}

// labelled are the settings of entries that records keep by a name and people read by labels.
func labelled() []ruleInput {
	return []ruleInput{{key: "name", kind: inputCode, needed: true, words: "code"}, {key: "label.ja", kind: inputText, needed: true}, {key: "label.en", kind: inputText}}
}

func wordsOf[S ~string](r *request, set string, codes []S) []option {
	list := make([]option, len(codes))
	for i, code := range codes {
		list[i] = option{Value: string(code), Label: r.say.label(set, string(code))}
	}
	return list
}

func policies(_ *Server, r *request, _ *life.Document) []option {
	return wordsOf(r, "rules_policy", mapping.Policies())
}

func privacies(_ *Server, r *request, _ *life.Document) []option {
	return wordsOf(r, "rules_private", []string{mapping.PrivateSkip, mapping.PrivateTimeOnly, mapping.PrivateFull})
}

func eventOptions(_ *Server, r *request, _ *life.Document) []option {
	return wordsOf(r, "rules_event", life.Events())
}

func acceptChoices(_ *Server, r *request, _ *life.Document) []option {
	return wordsOf(r, "rules_accept", life.Acceptable())
}

func languageChoices(_ *Server, r *request, _ *life.Document) []option {
	return wordsOf(r, "rules_language", []string{"ja", "en"})
}

func statusChoices(_ *Server, r *request, doc *life.Document) []option {
	return headings(r, statusNames(doc))
}

func resultChoices(_ *Server, r *request, doc *life.Document) []option {
	return headings(r, resultNames(doc))
}

func reasonChoices(_ *Server, r *request, doc *life.Document) []option {
	return headings(r, doc.Reasons)
}

func territoryChoices(_ *Server, r *request, doc *life.Document) []option {
	return headings(r, namesIn(doc.Territories, func(t life.Territory) life.Name { return t.Name }))
}

func segmentChoices(_ *Server, r *request, doc *life.Document) []option {
	return headings(r, namesIn(doc.Segments, func(g life.Segment) life.Name { return g.Name }))
}

func namesIn[T any](list []T, name func(T) life.Name) []life.Name {
	out := make([]life.Name, len(list))
	for i := range list {
		out[i] = name(list[i])
	}
	return out
}

func headings(r *request, names []life.Name) []option {
	list := make([]option, len(names))
	for i, n := range names {
		list[i] = option{Value: n.Name, Label: n.Heading(r.say.lang)}
	}
	return list
}

// taskWord is what a kind of task is called.
func taskWord(r *request, kind crm.TaskKind) string { return r.say.label("rules_task", string(kind)) }
