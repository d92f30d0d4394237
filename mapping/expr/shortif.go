package expr

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// shortCondition is a shortcut that is true or false.
type shortCondition func(in *Input) (holds, ok bool)

// shortCondition gives the direct way to evaluate has(form.x), comparisons of what a shortcut gives, a.contains(b),
// a.startsWith(b) and a.endsWith(b), and these joined by &&, || and !, nil for all others.
func (e *Env) shortCondition(checked *cel.Ast) shortCondition {
	return e.shortIf(checked.NativeRep(), checked.NativeRep().Expr())
}

func (e *Env) shortIf(tree *ast.AST, node ast.Expr) shortCondition {
	if isTest(node) {
		return testShortcut(node)
	}
	if node.Kind() != ast.CallKind {
		return nil
	}
	call := node.AsCall()
	switch call.FunctionName() {
	case operators.LogicalAnd, operators.LogicalOr:
		return e.joinShortcut(tree, call.Args(), call.FunctionName() == operators.LogicalOr)
	case operators.LogicalNot:
		inner := e.shortIf(tree, call.Args()[0])
		if inner == nil {
			return nil
		}
		return func(in *Input) (bool, bool) {
			holds, ok := inner(in)
			return !holds, ok
		}
	}
	return e.compareShortcut(tree, call)
}

func testShortcut(node ast.Expr) shortCondition {
	group, field, _ := fieldOf(node)
	if _, ok := (&Input{}).group(group); !ok {
		return nil
	}
	return func(in *Input) (bool, bool) {
		values, _ := in.group(group)
		_, found := values[field]
		return found, true
	}
}

// joinShortcut is a && b or, where either is enough, a || b.
func (e *Env) joinShortcut(tree *ast.AST, args []ast.Expr, either bool) shortCondition {
	if len(args) != 2 {
		return nil
	}
	left, right := e.shortIf(tree, args[0]), e.shortIf(tree, args[1])
	if left == nil || right == nil {
		return nil
	}
	return func(in *Input) (bool, bool) {
		if holds, ok := left(in); !ok || holds == either {
			return holds, ok
		}
		return right(in)
	}
}

// compareShortcut compares two texts.
func (e *Env) compareShortcut(tree *ast.AST, call ast.CallExpr) shortCondition {
	compare := comparison(call.FunctionName())
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	if compare == nil || len(args) != 2 {
		return nil
	}
	left, right := e.short(tree, args[0]), e.short(tree, args[1])
	if left == nil || right == nil {
		return nil
	}
	return func(in *Input) (bool, bool) {
		a, ok := left(in)
		b, ok2 := right(in)
		if !ok || !ok2 || len(a) > maxShortText || len(b) > maxShortText {
			return false, false
		}
		return compare(a, b), true
	}
}

func comparison(name string) func(a, b string) bool {
	switch name {
	case operators.Equals:
		return func(a, b string) bool { return a == b }
	case operators.NotEquals:
		return func(a, b string) bool { return a != b }
	case "contains":
		return strings.Contains
	case "startsWith":
		return strings.HasPrefix
	case "endsWith":
		return strings.HasSuffix
	}
	return nil
}
