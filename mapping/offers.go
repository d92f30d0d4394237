package mapping

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// Offer is something that an item says, as a rule names it.
type Offer struct {
	Expression string `json:"expression"`
	Group      string `json:"group"` // form, mail, meeting, touch, item, person, source
	Name       string `json:"name"`  // of the field: as people wrote it for a form, else as expressions call it
	Sample     string `json:"sample,omitempty"`
}

// Offers are what items of a kind can be asked for, with what this activity says; nil for none. Of a form, every answer is
// offered by its label or name, and may be missing in another submission.
func Offers(kind crm.ActivityKind, a *crm.Activity) []Offer {
	var list []Offer
	if a == nil {
		a = &crm.Activity{Kind: kind}
	}
	if kind == crm.KindForm {
		list = formOffers(a)
	}
	in := activityInput(a, counterpart(a))
	if kind == crm.KindForm {
		t := &a.Touch
		in.Touch = map[string]any{"campaign": t.Campaign, "channel": t.Channel, "source": t.Source, "medium": t.Medium, "term": t.Term,
			"content": t.Content, "referrer": t.Referrer, "landing": t.Landing}
	}
	groups := []struct {
		name   string
		fields []string
		values map[string]any
	}{
		{"mail", []string{"subject", "text", "from", "from_name", "to", "cc", "class"}, in.Mail},
		{"meeting", []string{"location", "conference", "organizer", "attendees", "minutes", "status"}, in.Meeting},
		{"touch", []string{"campaign", "channel", "source", "medium", "term", "content", "referrer", "landing"}, in.Touch},
		{"person", []string{"name", "family_name", "given_name", "email"}, in.Person},
		{"item", []string{"folder", "direction"}, in.Item},
		{"source", []string{"id", "owner"}, in.Source},
	}
	for _, g := range groups {
		if !slices.Contains(offered(kind), g.name) {
			continue
		}
		for _, field := range g.fields {
			if g.name == "mail" && kind == crm.KindMeeting && field != "subject" && field != "text" {
				continue
			}
			list = append(list, Offer{Expression: g.name + "." + field, Group: g.name, Name: field, Sample: shown(g.values[field])})
		}
	}
	return list
}

func offered(kind crm.ActivityKind) []string {
	switch kind {
	case crm.KindForm:
		return []string{"touch", "person", "source"}
	case crm.KindMeeting:
		return []string{"mail", "meeting", "person", "item", "source"}
	}
	return []string{"mail", "person", "item", "source"}
}

func formOffers(a *crm.Activity) []Offer {
	var list []Offer
	for i := range a.Fields {
		f := &a.Fields[i]
		name := f.Label
		if name == "" {
			name = f.Name
		}
		if name == "" || strings.HasPrefix(f.Name, "sent.") {
			continue
		}
		list = append(list, Offer{Expression: "form[?" + strconv.Quote(name) + `].orValue("")`, Group: "form", Name: name, Sample: shown(strings.Join(f.Values, "; "))})
	}
	return list
}

// shown is a value as a list of offers shows it.
func shown(v any) string {
	text := ""
	switch v := v.(type) {
	case string:
		text = v
	case []string:
		text = strings.Join(v, "; ")
	case int:
		text = strconv.Itoa(v)
	}
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 60 {
		text = string(r[:59]) + "…"
	}
	return text
}

// Condition writes a condition without an expression: a field (as an Offer names it), one of Comparisons, and a word. It is ""
// for a comparison that does not exist.
func Condition(field, comparison, word string) string {
	w := strconv.Quote(word)
	switch comparison {
	case "contains":
		return "fold(" + field + ").contains(fold(" + w + "))"
	case "not_contains":
		return "!fold(" + field + ").contains(fold(" + w + "))"
	case "is":
		return field + " == " + w
	case "is_not":
		return field + " != " + w
	case "starts":
		return field + ".startsWith(" + w + ")"
	case "given":
		return field + ` != ""`
	case "missing":
		return field + ` == ""`
	}
	return ""
}

// Comparisons are those of Condition. The last two need no word.
func Comparisons() []string {
	return []string{"contains", "not_contains", "is", "is_not", "starts", "given", "missing"}
}

// Settable are the fields that rules can set of items of a kind: of the activity and of the person, beside declared ones.
func Settable(kind crm.ActivityKind) (activity, person []string) {
	return activityFields(kind), personFields()
}

// Functions are the names of the functions that expressions know, sorted; docs/expressions.md tells what they do.
func Functions() []string {
	env, err := expr.New(nil)
	if err != nil { // without tables nothing can be wrong
		return nil
	}
	return env.Functions()
}
