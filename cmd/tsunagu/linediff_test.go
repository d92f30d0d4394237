package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestLineDiff(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"same":    {"a\n", "a\n", ""},
		"from no": {"", "a\nb\n", "--- 1\n+++ 2\n@@ -0,0 +1,2 @@\n+a\n+b\n"},
		"to no":   {"a\n", "", "--- 1\n+++ 2\n@@ -1,1 +0,0 @@\n-a\n"},
		"change":  {"a\nb\nc\n", "a\nx\nc\n", "--- 1\n+++ 2\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := lineDiff("1", "2", c.from, c.to); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// TestLineDiffIsAPatch has patch(1) make the second text of the first.
func TestLineDiffIsAPatch(t *testing.T) {
	long := strings.Repeat("line\n", 30)
	from := "start\n" + long + "middle\nb\n" + long + "end\n"
	for _, to := range []string{
		"begin\n" + long + "middle\nb\n" + long + "end\nmore\n", long, "start\n" + long + "b\nmiddle\nx\n" + long + "end\n", "x\n" + from, strings.Replace(from, "line\n", "row\n", 17),
	} {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte(from), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "patch", "--fuzz=0", file)
		cmd.Stdin = strings.NewReader(lineDiff("a", "b", from, to))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if got, _ := os.ReadFile(file); string(got) != to {
			t.Errorf("patched to\n%s\nwant\n%s", got, to)
		}
	}
}
