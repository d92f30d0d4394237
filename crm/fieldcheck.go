package crm

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of declarations.
const (
	MaxFieldDefs    = 100 // declared fields on one kind of record
	MaxFieldOptions = 200 // options of one field
	maxFieldLabel   = 100 // characters of a label
	maxFieldOption  = 100 // bytes of an option's value
)

var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// FieldTypes are all types that may be declared.
func FieldTypes() []FieldType {
	return []FieldType{FieldText, FieldNumber, FieldDate, FieldTime, FieldBool, FieldOption, FieldOptions, FieldURL, FieldPhone, FieldEmail}
}

// FieldTargets are all kinds of records that can have declared fields.
func FieldTargets() []FieldTarget {
	return []FieldTarget{OnLead, OnContact, OnAccount, OnOpportunity, OnActivity}
}

// FieldDefError is a mistake in a declaration.
type FieldDefError struct {
	Def    int    // place of the declaration in the list that was checked, from 0
	Key    string // of the declaration: "name", "type", "label", "options", or "" for the whole
	Option int    // place of the option that is meant, from 0; -1 if none is
	Text   string // what is wrong
	Hint   string // what to do, "" if Text says it
}

// Error says what is wrong and what to do.
func (e *FieldDefError) Error() string {
	if e.Hint == "" {
		return e.Text
	}
	return e.Text + " (" + e.Hint + ")"
}

// Check says what is wrong with a declaration: nil, or an error that joins a *FieldDefError for each mistake.
func (d FieldDef) Check() error {
	var c fieldChecker
	c.check(d)
	errs := make([]error, len(c.found))
	for i, e := range c.found {
		errs[i] = e
	}
	return errors.Join(errs...)
}

// CheckFieldDefs says what is wrong with the declarations on one kind of record, every mistake at once: what
// Check says of each, and names or labels that occur twice.
func CheckFieldDefs(target FieldTarget, defs []FieldDef) []*FieldDefError {
	c := fieldChecker{}
	if !slices.Contains(FieldTargets(), target) {
		c.add("", -1, fmt.Sprintf("nothing is called %q", target), "write lead, contact, account, opportunity or activity")
	}
	names, labels := map[string]int{}, map[string]int{}
	for i, d := range defs {
		c.def = i
		if i == MaxFieldDefs {
			c.add("", -1, fmt.Sprintf("more than %d fields are declared on %s", MaxFieldDefs, target), "leave some out")
			break
		}
		c.check(d)
		if first, ok := names[d.Name]; ok && d.Name != "" {
			c.add("name", -1, fmt.Sprintf("the name %q is taken by field %d", d.Name, first+1), "choose another")
		} else {
			names[d.Name] = i
		}
		for _, label := range []string{Fold(d.Label.JA), Fold(d.Label.EN)} {
			if first, ok := labels[label]; ok && label != "" && first != i {
				c.add("label", -1, fmt.Sprintf("the label %q is taken by field %d", label, first+1), "choose another: nobody could tell the two apart")
			} else {
				labels[label] = i
			}
		}
	}
	return c.found
}

// fieldChecker gathers the mistakes of one declaration after the other.
type fieldChecker struct {
	def   int
	found []*FieldDefError
}

func (c *fieldChecker) add(key string, option int, text, hint string) {
	c.found = append(c.found, &FieldDefError{Def: c.def, Key: key, Option: option, Text: text, Hint: hint})
}

func (c *fieldChecker) check(d FieldDef) {
	if !fieldName.MatchString(d.Name) {
		c.add("name", -1, fmt.Sprintf("%q cannot be a name", excerptOf(d.Name)), "lower-case letters, digits and underscores, starting with a letter, at most 40")
	}
	if !slices.Contains(FieldTypes(), d.Type) {
		c.add("type", -1, fmt.Sprintf("there is no type %q", excerptOf(string(d.Type))), "text, number, date, time, bool, option, options, url, phone or email")
	}
	if d.Label.JA == "" && d.Label.EN == "" {
		c.add("label", -1, "it has no label", "write ja, en or both")
	}
	c.label(d.Label, "label", -1)
	choices := d.Type == FieldOption || d.Type == FieldOptions
	switch {
	case choices && len(d.Options) == 0:
		c.add("options", -1, "it has no options", "name at least one")
	case !choices && len(d.Options) > 0:
		c.add("options", -1, fmt.Sprintf("a field of type %s has no options", d.Type), "make it option or options, or take them out")
	case len(d.Options) > MaxFieldOptions:
		c.add("options", -1, fmt.Sprintf("it has more than %d options", MaxFieldOptions), "leave some out")
	default:
		c.options(d.Options)
	}
}

func (c *fieldChecker) options(options []FieldChoice) {
	taken := map[string]int{}
	for i, o := range options {
		switch {
		case o.Value == "":
			c.add("options", i, fmt.Sprintf("option %d has no value", i+1), "")
		case len(o.Value) > maxFieldOption:
			c.add("options", i, fmt.Sprintf("the value of option %d is longer than %d bytes", i+1, maxFieldOption), "put the words into its label")
		case strings.Contains(o.Value, ";") || o.Value != strings.TrimSpace(o.Value) || !plainLine(o.Value):
			c.add("options", i, fmt.Sprintf("%q cannot be a value", excerptOf(o.Value)), "no semicolon, no control characters, no space at its ends")
		}
		c.label(o.Label, "options", i)
		for _, word := range []string{Fold(o.Value), Fold(o.Label.JA), Fold(o.Label.EN)} {
			if first, ok := taken[word]; ok && word != "" && first != i {
				c.add("options", i, fmt.Sprintf("options %d and %d are both called %q", first+1, i+1, word), "choose another word for one")
			} else {
				taken[word] = i
			}
		}
	}
}

func (c *fieldChecker) label(l Label, key string, option int) {
	for _, text := range []string{l.JA, l.EN} {
		switch {
		case utf8.RuneCountInString(text) > maxFieldLabel:
			c.add(key, option, fmt.Sprintf("the label %q is longer than %d characters", excerptOf(text), maxFieldLabel), "")
		case !plainLine(text):
			c.add(key, option, fmt.Sprintf("the label %q holds a line break or another control character", excerptOf(text)), "")
		}
	}
}

// plainLine reports valid UTF-8 on one line without control characters.
func plainLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' })
}

// excerptOf is the beginning of a text, for messages.
func excerptOf(s string) string {
	const limit = 40
	n := 0
	for i := range s {
		if n == limit {
			return s[:i] + "…"
		}
		n++
	}
	return strings.ToValidUTF8(s, "\ufffd")
}
