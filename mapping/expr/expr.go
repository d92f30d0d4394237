// Package expr evaluates the expressions of an admin's mapping. They are CEL (https://cel.dev) with functions of
// our own for text, Japanese, names, telephone numbers, addresses, dates and tables; docs/expressions.md lists
// them with examples. An expression can neither loop without end nor reach anything but its input: it knows no
// clock, no network and no environment, so the same input gives the same result always.
//
// An expression is compiled once, which finds its mistakes with their places, and evaluated often, by any number
// of goroutines. What it may cost is bounded three times. Compiling refuses what is too long or too deep.
// Evaluating counts: every step costs something, a function as much as the length of its texts demands, and at
// maxCost it ends; texts, lists and results have a size that they may not pass. Of the regular expressions,
// which must stand in the expression as they are, the size times the length of the text is bounded before they
// run.
//
// Most expressions of a mapping only name a field or put one through a function or two. Those are evaluated
// directly (shortcut.go). A shortcut only ever answers what CEL would answer: at anything unusual, such as a
// field that is missing, it gives up, and CEL evaluates the expression from the start.
package expr

import (
	"slices"
	"strings"
)

// Input is what an expression sees. Absent groups are empty; a name that is not in a group is an error of the
// expression, unless it asks with has() or form.?name.orValue(""). Values are string, []string, bool, int,
// float64 and time.Time. The maps are read and never copied or written.
type Input struct {
	Item    map[string]any // kind, folder, received (timestamp), direction
	Mail    map[string]any // subject, text, from, from_name, to (list), cc (list), class; of a meeting subject and text
	Meeting map[string]any // location, conference, all_day, recurring, organizer, attendees (list), minutes, status
	Form    map[string]any // fields of a submission, by name and by label: the value, a list if there are several
	Touch   map[string]any // campaign, channel, source, medium, term, content, referrer, landing
	Person  map[string]any // what the mapping found so far: email, name, family_name, given_name, company, phone …
	Source  map[string]any // id, owner

	// Of an environment WithRecords, beside Person.
	Account  map[string]any // of the person
	Standing map[string]any // what follows from all that is known of the person
	Activity map[string]any // what happened; every field is empty where nothing did
}

// group gives one of the groups by the name it has in expressions.
func (in *Input) group(name string) (map[string]any, bool) {
	switch name {
	case "item":
		return in.Item, true
	case "mail":
		return in.Mail, true
	case "meeting":
		return in.Meeting, true
	case "form":
		return in.Form, true
	case "touch":
		return in.Touch, true
	case "person":
		return in.Person, true
	case "source":
		return in.Source, true
	case "account":
		return in.Account, true
	case "standing":
		return in.Standing, true
	case "activity":
		return in.Activity, true
	}
	return nil, false
}

// itemGroups are the groups of an item, in the order of Input. A group whose fields are listed has no others; in the
// others the mapping's forms decide.
func itemGroups() []group {
	return []group{
		{"item", []string{"kind", "folder", "received", "direction"}},
		{"mail", []string{"subject", "text", "from", "from_name", "to", "cc", "class"}},
		{"meeting", []string{"location", "conference", "all_day", "recurring", "organizer", "attendees", "minutes", "status"}},
		{"form", nil},
		{"touch", []string{"campaign", "channel", "source", "medium", "term", "content", "referrer", "landing"}},
		{"person", nil},
		{"source", []string{"id", "owner"}},
	}
}

// recordGroups are those of an environment WithRecords.
func recordGroups() []group {
	return []group{
		{"person", []string{"id", "kind", "name", "family_name", "given_name", "kana", "company", "department", "title", "email", "emails", "domain", "phone", "phones",
			"owner", "status", "reason", "status_at", "request", "stage", "final", "origin", "created", "consent", "do_not_contact", "left", "converted",
			"days_since_created", "days_in_status"}},
		{"account", []string{"id", "name", "kana", "domain", "domains", "owner", "origin", "parent", "created"}},
		{"standing", []string{"channel", "campaign", "source", "medium", "last_channel", "last_campaign", "products", "freshness", "last_heard", "last_reached",
			"days_since_heard", "days_since_reached", "unreplied", "away", "reached", "segments", "territory"}},
		{"activity", []string{"event", "kind", "direction", "class", "subject", "status", "form", "product", "channel", "campaign", "source", "medium", "time",
			"reply", "signals", "result", "next_action", "by_hand"}},
	}
}

type group struct {
	name   string
	fields []string // nil if any name may be there
}

// has reports whether the group may have the field. Declared fields, "custom.plan", every record may have.
func (g *group) has(field string) bool {
	return g.fields == nil || slices.Contains(g.fields, field) || g.record() && strings.HasPrefix(field, "custom.")
}

func (g *group) record() bool {
	return g.name == "person" || g.name == "account" || g.name == "activity"
}
