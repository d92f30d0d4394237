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
	}
	return nil, false
}

// groups are the names of all groups, in the order of Input. A group whose fields are listed has no others; in
// the others the mapping's forms decide.
func groups() []group {
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

type group struct {
	name   string
	fields []string // nil if any name may be there
}
