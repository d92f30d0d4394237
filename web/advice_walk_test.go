package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// carriedHints are the expressions that stand for advice which is given elsewhere.
func carriedHints() map[string]string {
	const settings = "what is wrong with settings is said in English, as on the command line"
	return map[string]string{
		"webform: p.Hint": settings, "googlecalendar: p.Hint": settings, "imap: p.Hint": settings, "gmail: problems[0].Hint": settings,
		"googleforms: p.Hint": settings, "caldav: p.Hint": settings,
		"engine: c.source.Hint": "the source has it already", "engine: fault.Hint": "the fault's own",
	}
}

// TestHintsAreInTheCatalogue holds that what faults advise can be said in other languages.
func TestHintsAreInTheCatalogue(t *testing.T) {
	catalogue, carried, said := testSpeakers(t)["en"].hints, carriedHints(), 0
	used := map[string]bool{}
	for _, dir := range []string{"../connectors", "../sync/engine", "../cmd/tsunagu"} {
		for _, pkg := range parsedPackages(t, dir) {
			for _, h := range pkg.hints() {
				if h.unknown != "" {
					if key := pkg.name + ": " + h.unknown; carried[key] != "" {
						used[key] = true
					} else {
						t.Errorf("%s: nobody can tell what %s says", h.at, h.unknown)
					}
					continue
				}
				found := h.text == ""
				for key, m := range catalogue {
					if _, _, ok := m.match(h.text); ok && strings.HasPrefix(key, hintKeys) {
						found = true
					}
				}
				if said++; !found {
					t.Errorf("%s: no source_hint is %q", h.at, h.text)
				}
			}
		}
	}
	for key := range carried {
		if !used[key] {
			t.Errorf("no fault has the hint of the exception %q", key)
		}
	}
	if said < 60 {
		t.Errorf("only %d hints were found", said)
	}
}

// parsedPackage is a folder of Go files without its tests.
type parsedPackage struct {
	name  string
	files *token.FileSet
	funcs []*ast.FuncDecl
	busy  map[*ast.FuncDecl]bool // those being read, which may call themselves
}

// saidHint is a hint with x for each value, or an expression whose text is not known.
type saidHint struct {
	at            token.Position
	text, unknown string
}

func parsedPackages(t *testing.T, dir string) map[string]*parsedPackage {
	t.Helper()
	out := map[string]*parsedPackage{}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		folder := filepath.Dir(path)
		if out[folder] == nil {
			out[folder] = &parsedPackage{name: filepath.Base(folder), files: token.NewFileSet(), busy: map[*ast.FuncDecl]bool{}}
		}
		pkg := out[folder]
		file, err := parser.ParseFile(pkg.files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Body != nil {
				pkg.funcs = append(pkg.funcs, f)
			}
		}
		return nil
	}))
	return out
}

// hints are what the faults of a package advise: in Fault{Hint: …}, and where a field Hint is set.
func (p *parsedPackage) hints() (out []saidHint) {
	for _, f := range p.funcs {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if n.Type == nil || !strings.HasSuffix(types.ExprString(n.Type), "Fault") {
					return true
				}
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok && types.ExprString(kv.Key) == "Hint" {
						out = append(out, p.say(f, kv.Value)...)
					}
				}
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					if field, ok := to.(*ast.SelectorExpr); ok && field.Sel.Name == "Hint" && len(n.Lhs) == len(n.Rhs) {
						out = append(out, p.say(f, n.Rhs[i])...)
					}
				}
			}
			return true
		})
	}
	return out
}

// say is all that an expression within a function may say.
func (p *parsedPackage) say(in *ast.FuncDecl, e ast.Expr) []saidHint {
	at := p.files.Position(e.Pos())
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return []saidHint{{at: at, text: text}}
		}
	case *ast.BinaryExpr:
		left, right := p.say(in, e.X), p.say(in, e.Y)
		var out []saidHint
		for _, a := range left {
			for _, b := range right {
				out = append(out, saidHint{at: at, text: a.orValue() + b.orValue()})
			}
		}
		return out
	case *ast.CallExpr:
		if types.ExprString(e.Fun) == "fmt.Sprintf" {
			return p.formatted(in, e.Args[0])
		}
		if out := p.returned(e); len(out) > 0 {
			return out
		}
	case *ast.Ident:
		if out := append(p.assigned(in, e.Name), p.passed(in, e.Name)...); len(out) > 0 {
			return out
		}
	}
	return []saidHint{{at: at, unknown: types.ExprString(e)}}
}

// formatted is what a format may say.
func (p *parsedPackage) formatted(in *ast.FuncDecl, format ast.Expr) []saidHint {
	out := p.say(in, format)
	for i := range out {
		out[i].text = strings.NewReplacer("%s", "x", "%d", "x", "%q", "x", "%v", "x").Replace(out[i].text)
	}
	return out
}

func (h *saidHint) orValue() string {
	if h.unknown != "" {
		return "x"
	}
	return h.text
}

// returned is what a function of the package gives back.
func (p *parsedPackage) returned(call *ast.CallExpr) (out []saidHint) {
	name := types.ExprString(call.Fun)
	dot := strings.LastIndexByte(name, '.')
	for _, f := range p.funcs {
		if f.Name.Name != name[dot+1:] || (f.Recv != nil) != (dot >= 0) || p.busy[f] {
			continue
		}
		p.busy[f] = true
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if back, ok := n.(*ast.ReturnStmt); ok && len(back.Results) == 1 {
				out = append(out, p.say(f, back.Results[0])...)
			}
			return true
		})
		delete(p.busy, f)
	}
	return out
}

// assigned is what a variable of a function is set to.
func (p *parsedPackage) assigned(in *ast.FuncDecl, name string) (out []saidHint) {
	ast.Inspect(in.Body, func(n ast.Node) bool {
		if set, ok := n.(*ast.AssignStmt); ok && len(set.Lhs) == len(set.Rhs) {
			for i, to := range set.Lhs {
				if v, ok := to.(*ast.Ident); ok && v.Name == name {
					out = append(out, p.say(in, set.Rhs[i])...)
				}
			}
		}
		return true
	})
	return out
}

// passed is what the package's calls of a function give for a parameter.
func (p *parsedPackage) passed(to *ast.FuncDecl, name string) (out []saidHint) {
	at, place := -1, 0
	for _, field := range to.Type.Params.List {
		for _, param := range field.Names {
			if param.Name == name {
				at = place
			}
			place++
		}
	}
	if at < 0 {
		return nil
	}
	if p.busy[to] {
		return nil
	}
	p.busy[to] = true
	defer delete(p.busy, to)
	called := func(call *ast.CallExpr) bool {
		name := types.ExprString(call.Fun)
		dot := strings.LastIndexByte(name, '.')
		return name[dot+1:] == to.Name.Name && (dot >= 0) == (to.Recv != nil) && at < len(call.Args)
	}
	for _, f := range p.funcs {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && called(call) {
				out = append(out, p.say(f, call.Args[at])...)
			}
			return true
		})
	}
	return out
}
