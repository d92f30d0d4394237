package expr

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Value compiles an expression whose result becomes a text. Its errors are *Error.
func (e *Env) Value(text string) (*Program, error) {
	return e.compile(text, false)
}

// Condition compiles an expression that is true or false. Its errors are *Error.
func (e *Env) Condition(text string) (*Program, error) {
	return e.compile(text, true)
}

func (e *Env) compile(text string, condition bool) (*Program, error) {
	switch {
	case len(text) > maxExpression:
		return nil, &Error{Line: 1, Column: 1, What: fmt.Sprintf("the expression has %d bytes; %d are allowed", len(text), maxExpression), Hint: limitHint, Limit: true}
	case !utf8.ValidString(text):
		return nil, &Error{Line: 1, Column: 1, What: "the expression is not UTF-8"}
	case strings.TrimSpace(text) == "":
		return nil, &Error{Line: 1, Column: 1, What: "the expression is empty", Hint: `an empty text is written ""`}
	}
	parsed, issues := e.cel.Parse(text)
	if issues.Err() != nil {
		return nil, e.compileError(text, issues)
	}
	loops := loops(parsed.NativeRep().Expr())
	if loops > maxLoops { // the types of values that loops nest grow with each, and so does checking them
		return nil, &Error{Line: 1, Column: 1, What: fmt.Sprintf("the expression has %d loops (all, exists, filter, map …); %d are allowed", loops, maxLoops),
			Hint: limitHint, Limit: true}
	}
	checked, issues := e.cel.Check(parsed)
	if issues.Err() != nil {
		return nil, e.compileError(text, issues)
	}
	if err := e.inspect(text, checked); err != nil {
		return nil, err
	}
	kind := checked.OutputType()
	if condition && kind.Kind() != types.BoolKind && kind.Kind() != types.DynKind {
		return nil, &Error{Line: 1, Column: 1, What: "a condition must be true or false, not " + words(kind.String()),
			Hint: `compare the value, as in form.kind == "demo" or form.company != ""`}
	}
	options := []cel.ProgramOption{cel.CostTracking(e.prices), cel.CostLimit(maxCost)}
	if loops > 0 {
		options = append(options, cel.MemoryLimit(maxMemory))
	}
	program, err := e.cel.Program(checked, options...)
	if err != nil {
		return nil, &Error{Line: 1, Column: 1, What: err.Error()}
	}
	return &Program{env: e, text: text, ast: checked, cel: program, short: e.shortcut(checked), shortIf: e.shortCondition(checked),
		mentions: mentions(checked.NativeRep().Expr())}, nil
}

// inspect finds what CEL's checker does not know: fields that a group does not have, lookup tables that are not
// there, and regular expressions that are wrong.
func (e *Env) inspect(text string, checked *cel.Ast) error {
	var found *Error
	report := func(at ast.Expr, what, hint string, limit bool) {
		if found == nil {
			found = &Error{What: what, Hint: hint, Limit: limit}
			found.Line, found.Column = place(text, checked.NativeRep().SourceInfo().GetStartLocation(at.ID()))
		}
	}
	ast.PreOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(node ast.Expr) {
		if group, field, at := fieldOf(node); group != "" {
			e.inspectField(group, field, at, report)
		}
		if node.Kind() != ast.CallKind {
			return
		}
		call := node.AsCall()
		args := call.Args()
		if call.IsMemberFunction() {
			args = append([]ast.Expr{call.Target()}, args...)
		}
		switch call.FunctionName() {
		case "lookup":
			e.inspectLookup(args[0], report)
		case "matches", "extract", "regex_replace":
			e.inspectPattern(args[1], report)
		}
	}))
	if found != nil {
		return found
	}
	return nil
}

type reporter func(at ast.Expr, what, hint string, limit bool)

func (e *Env) inspectField(name, field string, at ast.Expr, report reporter) {
	for _, g := range e.groups {
		if g.name == name && !g.has(field) {
			report(at, fmt.Sprintf("%s has no field %q", name, field),
				e.didYouMean(field, g.fields, "it has "+strings.Join(g.fields, ", ")), false)
		}
	}
}

func (e *Env) inspectLookup(at ast.Expr, report reporter) {
	name, ok := constant(at)
	if !ok {
		report(at, "the first argument of lookup must be the name of a table in quotes", "", false)
		return
	}
	if _, ok := e.tables.exact[name]; ok {
		return
	}
	var names []string
	for known := range e.tables.exact {
		names = append(names, known)
	}
	slices.Sort(names)
	report(at, fmt.Sprintf("there is no lookup table %q", name),
		e.didYouMean(name, names, "tables stand under lookups in the mapping"), false)
}

func (e *Env) inspectPattern(at ast.Expr, report reporter) {
	source, ok := constant(at)
	if !ok {
		report(at, "a regular expression must stand in the expression itself, in quotes", "", false)
		return
	}
	if _, err := e.patterns.compile(source); err != nil {
		report(at, err.Error(), `backslashes are doubled in quotes: "\\d+", or written r"\d+"`, errors.Is(err, errRegexp))
	}
}

// constant gives a text that stands in the expression as it is.
func constant(node ast.Expr) (string, bool) {
	if node.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := node.AsLiteral().(types.String)
	return string(s), ok
}

// fieldOf recognises group.field, group.?field, group["field"] and group[?"field"].
func fieldOf(node ast.Expr) (group, field string, at ast.Expr) {
	var operand ast.Expr
	switch node.Kind() {
	case ast.SelectKind:
		operand, field = node.AsSelect().Operand(), node.AsSelect().FieldName()
	case ast.CallKind:
		call := node.AsCall()
		switch call.FunctionName() {
		case operators.Index, operators.OptIndex, operators.OptSelect:
			name, ok := constant(call.Args()[1])
			if !ok {
				return "", "", nil
			}
			operand, field = call.Args()[0], name
		default:
			return "", "", nil
		}
	default:
		return "", "", nil
	}
	if operand.Kind() != ast.IdentKind {
		return "", "", nil
	}
	return operand.AsIdent(), field, node
}

// loops counts the comprehensions.
func loops(node ast.Expr) int {
	n := 0
	ast.PreOrderVisit(node, ast.NewExprVisitor(func(part ast.Expr) {
		if part.Kind() == ast.ComprehensionKind {
			n++
		}
	}))
	return n
}
