package archtest

import (
	"go/ast"
	"go/token"
	"slices"
	"testing"
)

// maxLines is where a file certainly holds more than one thing; most should stay below 220.
const maxLines = 400

func checkFilesAreSmall(t *testing.T, m source) {
	for _, f := range m.files {
		if !f.test && f.lines > maxLines {
			t.Errorf("%s has %d lines; split it by what it holds (at most %d)", f.path, f.lines, maxLines)
		}
	}
}

func checkNoInit(t *testing.T, m source) {
	for _, f := range m.files {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: init functions run behind the reader's back; build it where it is used", m.fset.Position(fn.Pos()))
			}
		}
	}
}

func checkPackageNames(t *testing.T, m source) {
	for _, f := range m.files {
		if slices.Contains([]string{"util", "utils", "common", "models", "types", "helpers", "misc"}, f.syntax.Name.Name) {
			t.Errorf("%s: package %s is named after nothing", f.path, f.syntax.Name.Name)
		}
	}
}

func checkPackageComments(t *testing.T, m source) {
	commented := map[string]bool{}
	for _, f := range m.files {
		if !f.test {
			commented[f.dir] = commented[f.dir] || f.syntax.Doc != nil
		}
	}
	for dir, ok := range commented {
		if !ok {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}

func checkExportedNamesAreDocumented(t *testing.T, m source) {
	for _, f := range m.files {
		if f.test || f.syntax.Name.Name == "main" {
			continue
		}
		for _, pos := range undocumented(f.syntax) {
			t.Errorf("%s: exported without a doc comment", m.fset.Position(pos))
		}
	}
}

// undocumented finds exported functions, methods of exported types, types, constants and variables without a
// doc comment. The comment of a group, or beside a line, serves constants and variables.
func undocumented(syntax *ast.File) []token.Pos {
	var found []token.Pos
	for _, d := range syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && ast.IsExported(receiver(d)) {
				found = append(found, d.Pos())
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if !specDocumented(d, spec) {
					found = append(found, spec.Pos())
				}
			}
		}
	}
	return found
}

func specDocumented(d *ast.GenDecl, spec ast.Spec) bool {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		return !s.Name.IsExported() || s.Doc != nil || d.Doc != nil
	case *ast.ValueSpec:
		exported := slices.ContainsFunc(s.Names, func(n *ast.Ident) bool { return n.IsExported() })
		return !exported || s.Doc != nil || s.Comment != nil || d.Doc != nil
	default:
		return true
	}
}

// receiver gives the name of the type that a method belongs to; an exported one for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return "Function"
	}
	t := d.Recv.List[0].Type
	for {
		switch inner := t.(type) {
		case *ast.StarExpr:
			t = inner.X
		case *ast.IndexExpr:
			t = inner.X
		case *ast.IndexListExpr:
			t = inner.X
		case *ast.Ident:
			return inner.Name
		default:
			return ""
		}
	}
}
