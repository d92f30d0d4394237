package expr

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
)

// Error says where an expression is wrong, either as it is written or for the input it got.
type Error struct {
	Line, Column int    // within the expression, from 1, in characters; 0 if the place is not known
	What, Hint   string // what is wrong; what to do about it, "" if there is nothing to say
	Limit        bool   // it is not wrong but too long, too deep, too costly, or its values are too large
}

// Error is what is wrong, without its place and the hint.
func (e *Error) Error() string { return e.What }

// errSize is what functions give for texts and lists beyond the limits.
var errSize = errors.New("a text or list is too large")

// errRegexp is what the regex functions give for a pattern too large for the length of the text.
var errRegexp = errors.New("the regular expression is too costly for a text of this length")

const limitHint = "an expression is meant for one field of one item; work on a shorter text, or in fewer steps"

// compileError makes the first of CEL's complaints ours.
func (e *Env) compileError(text string, issues *cel.Issues) *Error {
	list := issues.Errors()
	if len(list) == 0 {
		return &Error{Line: 1, Column: 1, What: issues.Err().Error()}
	}
	first := list[0]
	for _, other := range list[1:] {
		a, b := first.Location, other.Location
		if b.Line() < a.Line() || b.Line() == a.Line() && b.Column() < a.Column() {
			first = other
		}
	}
	result := &Error{}
	result.Line, result.Column = place(text, first.Location)
	result.What, result.Hint = e.explain(text, first.Message)
	if isLimit(first.Message) {
		result.What, result.Hint, result.Limit = "the expression is too deep or has too many parts", limitHint, true
	}
	return result
}

func isLimit(message string) bool {
	for _, sign := range []string{"recursion limit", "recursion depth", "node limit", "node count", "expression size", "code point size", "nesting"} {
		if strings.Contains(message, sign) {
			return true
		}
	}
	return false
}

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '([^']*)'`)
)

// explain says a complaint of CEL's in words for an admin.
func (e *Env) explain(text, message string) (what, hint string) {
	if m := undeclared.FindStringSubmatch(message); m != nil {
		name := m[1]
		if strings.Contains(text, name+"(") {
			return fmt.Sprintf("there is no function %q", name), e.didYouMean(name, e.functionNames, "docs/expressions.md lists the functions")
		}
		return fmt.Sprintf("there is no %q", name), e.didYouMean(name, e.groupNames(), "values stand in "+strings.Join(e.groupNames(), ", ")+`; a text needs quotes: "`+name+`"`)
	}
	if m := noOverload.FindStringSubmatch(message); m != nil {
		name := strings.Trim(m[1], "_")
		return fmt.Sprintf("%s cannot take %s", name, words(m[2])), e.usage(name)
	}
	if rest, ok := strings.CutPrefix(message, "Syntax error: "); ok {
		return "the expression cannot be read: " + syntaxWords(rest), syntaxHint(text)
	}
	if len(message) > 300 {
		message = "the kinds of values do not fit together"
	}
	return message, ""
}

// syntaxWords shortens what the parser says.
func syntaxWords(message string) string {
	if strings.Contains(message, "'<EOF>'") {
		return "it ends too early"
	}
	message, _, _ = strings.Cut(message, " expecting ")
	return strings.NewReplacer("mismatched input", "here cannot stand", "extraneous input", "here cannot stand",
		"token recognition error at:", "this is no sign of an expression:").Replace(message)
}

// place is the line and column of what a person would point at. CEL's place of a call is its bracket, and that
// of a field its dot.
func place(text string, at common.Location) (line, column int) {
	line, column = max(at.Line(), 1), max(at.Column(), 0)
	lines := strings.Split(text, "\n")
	if line > len(lines) {
		return line, column + 1
	}
	runes := []rune(lines[line-1])
	if column >= len(runes) {
		return line, column + 1
	}
	switch runes[column] {
	case '.':
		column++
		if column < len(runes) && runes[column] == '?' {
			column++
		}
	case '(':
		for column > 0 && isWord("_"+string(runes[column-1])) {
			column--
		}
	}
	return line, column + 1
}

// words turns CEL's notation of argument types into ours.
func words(signature string) string {
	if len(signature) > 200 {
		return "such values"
	}
	return strings.NewReplacer("string", "text", "timestamp", "time", "dyn", "any").Replace(signature)
}

// usage shows how a function is called.
func (e *Env) usage(name string) string {
	var forms []string
	for _, f := range e.functions {
		if f.name == name {
			forms = append(forms, f.signature())
		}
	}
	if forms == nil {
		return ""
	}
	return "it is called as " + strings.Join(forms, " or ")
}

// syntaxHint knows the usual slips of people who write Japanese.
func syntaxHint(text string) string {
	outside := outsideQuotes(text)
	switch {
	case strings.ContainsAny(outside, "“”‘’「」"):
		return `texts stand between straight quotes: "…"`
	case strings.ContainsAny(outside, "（），．＋＝"):
		return "brackets, commas and signs must be half-width: ( ) , . + =="
	case strings.ContainsFunc(outside, func(r rune) bool { return r >= 0x80 }):
		return `a field with a Japanese name is written form["お名前"], or form[?"お名前"].orValue("") if it may be missing`
	case strings.Count(text, `"`)%2 == 1:
		return "a quote is not closed"
	case strings.Count(outside, "(") != strings.Count(outside, ")"):
		return "the brackets do not match"
	}
	return ""
}

// outsideQuotes leaves out what stands between quotes.
func outsideQuotes(text string) string {
	var b strings.Builder
	var quote rune
	escaped := false
	for _, r := range text {
		switch {
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		case quote == 0:
			b.WriteRune(r)
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == quote:
			quote = 0
		}
	}
	return b.String()
}

// isWord reports a name that can stand behind a dot.
func isWord(name string) bool {
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
