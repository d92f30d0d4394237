// Package expr evaluates the expressions of an admin's mapping. They are CEL (https://cel.dev) with functions of
// our own for text, Japanese, names, telephone numbers, dates and tables. An expression can neither loop nor
// reach anything but its input, and its cost is limited.
package expr

// Input is what an expression sees. Absent groups are empty; a name that is not in a group is an error of the
// expression, unless it asks with has() or form.?name.orValue("").
type Input struct {
	Item   map[string]any // kind, folder, received (timestamp), direction
	Mail   map[string]any // subject, text, from, from_name, to (list), cc (list), class
	Form   map[string]any // fields of a submission, by name and by label: the value, a list if there are several
	Touch  map[string]any // campaign, channel, source, medium, term, content, referrer, landing
	Person map[string]any // what the mapping found so far: email, name, family_name, given_name, company, phone …
	Source map[string]any // id, owner
}

// Error says where an expression is wrong.
type Error struct {
	Line, Column int    // within the expression, from 1
	What, Hint   string //
}

func (e *Error) Error() string { return e.What }
