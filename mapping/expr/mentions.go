package expr

import (
	"slices"

	"cel.dev/cel-go/common/ast"
)

// Mentions reports whether the expression reads a group ("standing"), or a field of one ("standing.freshness").
func (p *Program) Mentions(name string) bool { return p.mentions[name] }

// Fields are the fields that expressions can name in a group, beside declared ones; nil if any can be there.
func (e *Env) Fields(name string) []string {
	for _, g := range e.groups {
		if g.name == name {
			return slices.Clone(g.fields)
		}
	}
	return nil
}

// mentions are the groups and fields that an expression reads.
func mentions(root ast.Expr) map[string]bool {
	found := map[string]bool{}
	ast.PreOrderVisit(root, ast.NewExprVisitor(func(node ast.Expr) {
		if group, field, _ := fieldOf(node); group != "" {
			found[group+"."+field] = true
		}
		if node.Kind() == ast.IdentKind {
			found[node.AsIdent()] = true
		}
	}))
	return found
}
