package archtest

import (
	"slices"
	"strings"
	"testing"
)

// rule says what a package may import of ours. Patterns end in /... for a folder with all below it.
type rule struct {
	from string
	may  []string
}

// importTable is the table of docs/architecture.md. The first rule that fits counts.
func importTable() []rule {
	return []rule{
		{"crm", nil},
		{"connectors", []string{"crm"}},
		{"connectors/all", []string{"connectors/..."}},
		{"connectors/sourcetest", []string{"crm", "connectors", "internal/..."}},
		{"connectors/targettest", []string{"crm", "connectors", "internal/..."}},
		{"connectors/internal/...", []string{"crm", "connectors", "connectors/internal/...", "internal/..."}},
		{"connectors/...", []string{"crm", "connectors", "connectors/internal/...", "internal/..."}},
		{"mapping/...", []string{"crm", "connectors", "mapping/..."}},
		{"sync/schedule", nil},
		{"sync/...", []string{"crm", "connectors", "mapping/...", "sync/schedule"}},
		{"store/...", []string{"crm"}},
		{"importing", []string{"crm", "mapping/..."}},
		{"web/...", []string{"crm", "mapping/...", "connectors", "importing", "web/..."}},
		{"config/...", []string{"crm", "connectors", "mapping"}},
		{"internal/backups", []string{"crm", "store/boltstore"}}, // copies of the embedded store
		{"internal/...", []string{"internal/..."}},
		{"cmd/...", []string{"..."}},
	}
}

func checkImports(t *testing.T, m source) {
	for _, f := range m.files {
		if f.test {
			continue
		}
		r, ok := ruleFor(f.dir)
		if !ok {
			t.Errorf("%s: no rule says what %s may import; docs/architecture.md and importTable must", f.path, f.dir)
			continue
		}
		for _, imported := range f.ours() {
			if !slices.ContainsFunc(r.may, func(p string) bool { return fits(p, imported) }) {
				t.Errorf("%s: %s may not import %s", f.path, f.dir, imported)
			}
		}
	}
}

// Rooms that only tests enter must not be part of the product.
func checkProductIsFreeOfTestHarness(t *testing.T, m source) {
	harness := []string{
		"internal/testdovecot", "internal/archtest", "connectors/sourcetest", "connectors/targettest", "store/storetest",
	}
	for _, f := range m.files {
		if f.test || f.dir == "cmd/bench" || slices.Contains(harness, f.dir) {
			continue
		}
		for _, imported := range f.ours() {
			if slices.Contains(harness, imported) {
				t.Errorf("%s: only tests and the benchmark may import %s", f.path, imported)
			}
		}
	}
}

func checkNothingOutsideTheRepository(t *testing.T, m source) {
	for _, f := range m.files {
		for _, imported := range f.imports() {
			if strings.HasPrefix(imported, ".") || strings.Contains(imported, "/shared/") {
				t.Errorf("%s: imports %s", f.path, imported)
			}
		}
	}
}

func ruleFor(dir string) (rule, bool) {
	for _, r := range importTable() {
		if fits(r.from, dir) {
			return r, true
		}
	}
	return rule{}, false
}

// fits reports whether a pattern covers a package.
func fits(pattern, dir string) bool {
	folder, all := strings.CutSuffix(pattern, "...")
	if !all {
		return pattern == dir
	}
	return strings.HasPrefix(dir+"/", folder)
}

func TestFits(t *testing.T) {
	tests := []struct {
		pattern, dir string
		want         bool
	}{
		{"crm", "crm", true},
		{"crm", "crm/sub", false},
		{"store/...", "store/boltstore", true},
		{"store/...", "store", true},
		{"store/...", "storefront", false},
		{"...", "anything/at/all", true},
	}
	for _, tt := range tests {
		if got := fits(tt.pattern, tt.dir); got != tt.want {
			t.Errorf("fits(%q, %q) = %v", tt.pattern, tt.dir, got)
		}
	}
}
