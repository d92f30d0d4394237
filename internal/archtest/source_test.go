package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tsunagu-crm/tsunagu"

// file is one Go file of the module.
type file struct {
	path   string // from the module's root, with slashes
	dir    string // "." for the root
	test   bool
	syntax *ast.File
	lines  int
}

// imports gives the import paths.
func (f file) imports() []string {
	var paths []string
	for _, spec := range f.syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// ours gives the module's packages that the file imports, from the module's root.
func (f file) ours() []string {
	var dirs []string
	for _, p := range f.imports() {
		if dir, ok := strings.CutPrefix(p, module+"/"); ok {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// source is the module's source, parsed.
type source struct {
	files []file
	fset  *token.FileSet
}

func TestHouseRules(t *testing.T) {
	m := readModule(t) // once: parsing takes most of the time
	for name, check := range map[string]func(*testing.T, source){
		"imports":                         checkImports,
		"product is free of test harness": checkProductIsFreeOfTestHarness,
		"nothing outside the repository":  checkNothingOutsideTheRepository,
		"files are small":                 checkFilesAreSmall,
		"no init":                         checkNoInit,
		"package names":                   checkPackageNames,
		"package comments":                checkPackageComments,
		"exported names are documented":   checkExportedNamesAreDocumented,
	} {
		t.Run(name, func(t *testing.T) { check(t, m) })
	}
}

// readModule parses every Go file of the module; generated files and test data are left out.
func readModule(t *testing.T) source {
	t.Helper()
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatalf("find the module's root: %v", err)
	}
	var files []file
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != root && skipped(entry.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		syntax, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		if ast.IsGenerated(syntax) {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		files = append(files, file{
			path: rel, dir: path.Dir(rel), test: strings.HasSuffix(rel, "_test.go"), syntax: syntax,
			lines: fset.File(syntax.Pos()).LineCount(),
		})
		return nil
	})
	if err != nil {
		t.Fatalf("read the module: %v", err)
	}
	if len(files) < 20 {
		t.Fatalf("found only %d files", len(files))
	}
	return source{files, fset}
}

// skipped names folders that hold no code of this module.
func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || name == "testdata" || name == "tools" || name == "node_modules" ||
		name == "dist" || name == "bin" || name == "data"
}
