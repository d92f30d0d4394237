package expr

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// maxShortText is the longest text, in bytes, that a shortcut works on. So small ones cannot come near the
// limit of cost, and the shortcut need not count.
const maxShortText = 1 << 10

// shortcut evaluates without CEL. ok is false where it does not know; CEL decides then.
type shortcut func(in *Input) (s string, ok bool)

// shortcut gives the direct way to evaluate an expression made of texts in quotes, fields (form.x, form["x"]),
// fields that may be missing (form.?x.orValue("")) and functions of one text, nil for all others.
func (e *Env) shortcut(checked *cel.Ast) shortcut {
	return e.short(checked.NativeRep(), checked.NativeRep().Expr())
}

func (e *Env) short(tree *ast.AST, node ast.Expr) shortcut {
	if s, ok := constant(node); ok {
		return func(*Input) (string, bool) { return s, true }
	}
	if group, field, _ := fieldOf(node); group != "" && !isOptional(node) && !isTest(node) {
		return fieldShortcut(group, field)
	}
	if node.Kind() != ast.CallKind {
		return nil
	}
	call := node.AsCall()
	if call.FunctionName() == operators.Conditional {
		return e.choiceShortcut(tree, call.Args())
	}
	if call.FunctionName() == "orValue" && call.IsMemberFunction() && len(call.Args()) == 1 {
		return e.orValueShortcut(call)
	}
	return e.callShortcut(tree, node, call)
}

func isOptional(node ast.Expr) bool {
	if node.Kind() != ast.CallKind {
		return false
	}
	name := node.AsCall().FunctionName()
	return name == operators.OptSelect || name == operators.OptIndex
}

// isTest reports has(group.field).
func isTest(node ast.Expr) bool {
	return node.Kind() == ast.SelectKind && node.AsSelect().IsTestOnly()
}

func fieldShortcut(group, field string) shortcut {
	if _, ok := (&Input{}).group(group); !ok {
		return nil
	}
	return func(in *Input) (string, bool) {
		values, _ := in.group(group)
		s, ok := values[field].(string)
		return s, ok
	}
}

// orValueShortcut is form.?x.orValue("…") with a text in quotes.
func (e *Env) orValueShortcut(call ast.CallExpr) shortcut {
	otherwise, ok := constant(call.Args()[0])
	group, field, _ := fieldOf(call.Target())
	if !ok || group == "" || !isOptional(call.Target()) {
		return nil
	}
	if _, ok := (&Input{}).group(group); !ok {
		return nil
	}
	return func(in *Input) (string, bool) {
		values, _ := in.group(group)
		value, found := values[field]
		if !found {
			return otherwise, true
		}
		s, ok := value.(string)
		return s, ok
	}
}

// choiceShortcut is condition ? a : b.
func (e *Env) choiceShortcut(tree *ast.AST, args []ast.Expr) shortcut {
	condition, yes, no := e.shortIf(tree, args[0]), e.short(tree, args[1]), e.short(tree, args[2])
	if condition == nil || yes == nil || no == nil {
		return nil
	}
	return func(in *Input) (string, bool) {
		holds, ok := condition(in)
		switch {
		case !ok:
			return "", false
		case holds:
			return yes(in)
		}
		return no(in)
	}
}

// callShortcut is f(x) for a function that makes one text of another.
func (e *Env) callShortcut(tree *ast.AST, node ast.Expr, call ast.CallExpr) shortcut {
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	ids := tree.ReferenceMap()[node.ID()]
	if len(args) != 1 || ids == nil {
		return nil
	}
	f := e.textFunction(ids.OverloadIDs)
	inner := e.short(tree, args[0])
	if f == nil || inner == nil {
		return nil
	}
	return func(in *Input) (string, bool) {
		s, ok := inner(in)
		if !ok || len(s) > maxShortText {
			return "", false
		}
		return f(s), true
	}
}

// textFunction is the text function among overloads; those for other kinds do not see texts.
func (e *Env) textFunction(ids []string) func(string) string {
	for _, id := range ids {
		f := e.prices.functions[id]
		if f == nil || len(f.params) != 1 {
			return nil
		}
		if f.params[0].Kind() == types.StringKind {
			return f.text
		}
	}
	return nil
}
