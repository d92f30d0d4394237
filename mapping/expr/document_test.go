package expr_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The tables of docs/expressions.md are the examples, and name every function there is.
func TestExamplesOfTheDocument(t *testing.T) {
	data, err := os.ReadFile("../../docs/expressions.md")
	if err != nil {
		t.Fatalf("read document: %v", err)
	}
	env := newEnv(t)
	examples := 0
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 7 || !strings.Contains(cells[4], "`") {
			continue
		}
		examples++
		example, want := strings.Trim(cells[4], " `"), strings.Trim(cells[5], " `")
		program, err := env.Value(example)
		if err != nil {
			t.Errorf("Value(%s): %v", example, describe(err))
			continue
		}
		if got, err := program.Text(sample()); err != nil || got != want {
			t.Errorf("%s = %q, %v; the document says %q", example, got, describe(err), want)
		}
	}
	if examples < 45 {
		t.Errorf("the document has %d examples", examples)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)\\(").FindAllStringSubmatch(string(data), -1) {
		documented[m[1]] = true
	}
	for _, name := range env.OwnFunctions() {
		if !documented[name] {
			t.Errorf("the document does not explain %s", name)
		}
	}
}
