package expr

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"
)

var (
	noSuchKey  = regexp.MustCompile(`no such key: (.*)`)
	noSuchForm = regexp.MustCompile(`^no such overload(?:: ([a-zA-Z0-9_]*))?`)
)

// runError makes an error of an evaluation ours.
func (p *Program) runError(err error) *Error {
	var cancelled interpreter.EvalCancelledError
	if errors.As(err, &cancelled) {
		what := "the expression costs too much"
		if cancelled.Cause == interpreter.MemoryLimitExceeded {
			what = "the expression makes values that are too large"
		}
		return &Error{Line: 1, Column: 1, What: what, Hint: limitHint, Limit: true}
	}
	result := &Error{Line: 1, Column: 1, What: err.Error()}
	var at *types.Err
	if errors.As(err, &at) && at.NodeID() != 0 {
		result.Line, result.Column = place(p.text, p.ast.NativeRep().SourceInfo().GetStartLocation(at.NodeID()))
	}
	switch {
	case errors.Is(err, errSize), errors.Is(err, errRegexp):
		result.Hint, result.Limit = limitHint, true
	case noSuchKey.MatchString(result.What):
		name := noSuchKey.FindStringSubmatch(result.What)[1]
		result.What = fmt.Sprintf("there is no field %q here", name)
		result.Hint = fmt.Sprintf(`if it may be missing, write form[?%q].orValue("")`, name)
		if isWord(name) {
			result.Hint = fmt.Sprintf(`if it may be missing, write form.?%s.orValue("")`, name)
		}
	case noSuchForm.MatchString(result.What):
		name := strings.Trim(noSuchForm.FindStringSubmatch(result.What)[1], "_")
		result.What = strings.TrimSpace(name + " got a kind of value that it cannot take, such as a list instead of a text")
		result.Hint = also(p.env.usage(name), `a field with several values is a list; join(form.field, "; ") makes it a text`)
	}
	return result
}

// also joins two hints, of which the first may be "".
func also(first, second string) string {
	if first == "" {
		return second
	}
	return first + "; " + second
}
