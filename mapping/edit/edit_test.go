package edit_test

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/edit"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

type p = edit.Path

func TestPut(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		path p
		want any
		out  string
	}{
		"an empty document":       {"", p{"screen", "addresses"}, []string{"a@b.example"}, "screen:\n  addresses: [a@b.example]\n"},
		"only a comment":          {"# ours", p{"people", "new"}, "always", "# ours\npeople:\n  new: always\n"},
		"braces":                  {"{}\n", p{"people", "new"}, "always", "people:\n  new: always\n"},
		"another section":         {"screen: {domains: [x.example]} # kept\n", p{"people", "new"}, "never", "screen: {domains: [x.example]} # kept\npeople:\n  new: never\n"},
		"a section without words": {"screen: # out\npeople: {new: never}\n", p{"screen", "addresses"}, []string{"a@b.example"}, "screen: # out\n  addresses: [a@b.example]\npeople: {new: never}\n"},
		"a value":                 {"people:\n  new: never # strict\n", p{"people", "new"}, "always", "people:\n  new: always # strict\n"},
		"a quoted value":          {"people: {new: 'nev''er'} # x\n", p{"people", "new"}, "always", "people: {new: always} # x\n"},
		"a value over lines":      {"fields:\n  email:\n    activity:\n      product: mail.subject +\n        mail.text # long\n", p{"fields", "email", "activity", "product"}, "mail.subject", "fields:\n  email:\n    activity:\n      product: mail.subject # long\n"},
		"a block text":            {"a:\n  x: |\n    one\n    two\n\n  # next\n  y: 2\n", p{"a", "x"}, "three", "a:\n  x: three\n\n  # next\n  y: 2\n"},
		"an expression":           {"fields: {email: {activity: {product: x}}}\n", p{"fields", "email", "activity", "product"}, `mail.subject.contains("見積") ? "it's" : ""`, "fields: {email: {activity: {product: 'mail.subject.contains(\"見積\") ? \"it''s\" : \"\"'}}}\n"},
		"a rule for an expression": {"fields:\n  email:\n    activity:\n      product: mail.subject # why\n", p{"fields", "email", "activity", "product"}, map[string]string{"default": "x"},
			"fields:\n  email:\n    activity:\n      product: {default: x} # why\n"},
		"one entry more":     {"screen:\n  domains: # theirs\n    - a.example # first\n    - b.example\n  # end\nmatch: {}\n", p{"screen", "domains"}, []string{"a.example", "b.example", "c.example"}, "screen:\n  domains: # theirs\n    - a.example # first\n    - b.example\n    - c.example\n  # end\nmatch: {}\n"},
		"one entry less":     {"screen:\n  domains:\n    - a.example # first\n    - b.example # second\n", p{"screen", "domains"}, []string{"b.example"}, "screen:\n  domains:\n    - b.example # second\n"},
		"no entry":           {"screen:\n  domains:\n    # only\n    - a.example\n", p{"screen", "domains"}, []string{}, "screen:\n  domains: []\n    # only\n"},
		"brackets":           {"screen: {domains: [a.example, b.example]}\n", p{"screen", "domains"}, []string{"b.example"}, "screen: {domains: [b.example]}\n"},
		"a key of an entry":  {"lifecycle:\n  rules:\n    - name: x # name\n      on: call\n", p{"lifecycle", "rules", 0, "to"}, "working", "lifecycle:\n  rules:\n    - name: x # name\n      on: call\n      to: working\n"},
		"Windows":            {"people:\r\n  new: never\r\n", p{"screen", "domains"}, []string{"x.example"}, "people:\r\n  new: never\r\nscreen:\r\n  domains: [x.example]\r\n"},
		"without a last end": {"people: {new: never}", p{"match", "domain"}, false, "people: {new: never}\nmatch:\n  domain: false"},
		"a text like a day":  {"a: x\n", p{"a"}, "2026-11-21", "a: '2026-11-21'\n"},
		"a text of lines":    {"a: x\n", p{"a"}, "one\n\"two\"", "a: \"one\\n\\\"two\\\"\"\n"},
		"nothing changes":    {"a:   'x'   # y\n", p{"a"}, "x", "a:   'x'   # y\n"},
		"taken out":          {"people:\n  new: never # gone\n# stays\nmatch: {}\n", p{"people", "new"}, nil, "people:\n# stays\nmatch: {}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := edit.Put(c.text, c.path, c.want)
			if err != nil || got != c.out {
				t.Errorf("%v\n%s\nwant\n%s", err, got, c.out)
			}
		})
	}
}

func TestMoveAndRemove(t *testing.T) {
	const text = "rules:\n  # the first\n  - name: a\n    on: call # on a\n  # the second\n  - {name: b}\n  - name: c\nend: 1\n"
	moved, err := edit.Move(text, p{"rules"}, 2, 0)
	if want := "rules:\n  - name: c\n  # the first\n  - name: a\n    on: call # on a\n  # the second\n  - {name: b}\nend: 1\n"; err != nil || sorted(moved) != sorted(want) || !strings.Contains(moved, "# the second\n  - {name: b}") {
		t.Errorf("%v\n%s", err, moved)
	}
	back, err := edit.Move(moved, p{"rules"}, 0, 2)
	if err != nil || sorted(back) != sorted(text) {
		t.Errorf("%v\n%s", err, back)
	}
	if got, err := edit.Move("a: [x, 'y', {z: 1}] # w\n", p{"a"}, 0, 2); err != nil || got != "a: ['y', {z: 1}, x] # w\n" {
		t.Errorf("%v %q", err, got)
	}
	gone, err := edit.Remove(text, p{"rules", 0})
	if want := "rules:\n  # the first\n  # the second\n  - {name: b}\n  - name: c\nend: 1\n"; err != nil || gone != want {
		t.Errorf("%v\n%s", err, gone)
	}
	if _, err := edit.Put("a: &x {b: 1}\nc: *x\n", p{"c", "b"}, "2"); !errors.Is(err, edit.ErrShape) {
		t.Errorf("an anchor is changed: %v", err)
	}
	if _, err := edit.Put("a: [\n", p{"c"}, "2"); err == nil {
		t.Error("what is no YAML is changed")
	}
}

func sorted(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// documents are those that people start from: the examples of docs/mapping.md, and the defaults as a document.
func documents(t testing.TB) []string {
	t.Helper()
	raw, err := os.ReadFile("../../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(raw), -1) {
		list = append(list, m[1])
	}
	text, err := mapping.Render(mapping.Document{Lifecycle: life.Default()})
	if err != nil {
		t.Fatal(err)
	}
	return append(list, string(text), commented(string(text)))
}

// commented writes a comment behind and above each line.
func commented(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		pad := line[:len(line)-len(strings.TrimLeft(line, " -"))]
		b.WriteString(strings.ReplaceAll(pad, "-", " ") + "# above " + string(rune('a'+i%26)) + "\n" + line + " # behind " + string(rune('a'+i%26)) + "\n")
	}
	return b.String()
}

type place struct {
	path edit.Path
	node *yaml.Node
}

func places(n *yaml.Node, path edit.Path) []place {
	list := []place{{path, n}}
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		list = append(list, places(n.Content[i+1], append(slices.Clone(path), n.Content[i].Value))...)
	}
	for i := 0; n.Kind == yaml.SequenceNode && i < len(n.Content); i++ {
		list = append(list, places(n.Content[i], append(slices.Clone(path), i))...)
	}
	return list
}

func comments(text string) []string { return regexp.MustCompile(`# .*`).FindAllString(text, -1) }

// TestEditsKeepTheRest changes anything anywhere in each of the documents: what stands before and behind the change keeps
// its bytes, and every comment is still there but for those behind what was taken out.
func TestEditsKeepTheRest(t *testing.T) {
	docs := documents(t)
	if len(docs) < 8 {
		t.Fatalf("only %d documents", len(docs))
	}
	refused, changed := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.SampledFrom(docs).Draw(rt, "document")
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(text), &n); err != nil {
			rt.Fatal(err)
		}
		all := places(n.Content[0], nil)[1:]
		at := rapid.SampledFrom(all).Draw(rt, "place")
		word := rapid.SampledFrom([]string{"x", "日本語 の値", `a "b" 'c'`, "x: y # z", "- a", "1", "true", "", "{", "one\ntwo", "*a", "　"}).Draw(rt, "word")
		var out string
		var err error
		taken, moved := false, false
		switch op := rapid.IntRange(0, 3).Draw(rt, "op"); {
		case op == 0 && at.node.Kind == yaml.SequenceNode:
			out, err = edit.Append(text, at.path, map[string]string{"name": word})
		case op == 1 && at.node.Kind == yaml.SequenceNode && len(at.node.Content) > 1:
			out, err = edit.Move(text, at.path, 0, len(at.node.Content)-1)
			moved = true
		case op == 2:
			out, err = edit.Remove(text, at.path)
			taken = true
		default:
			taken = at.node.Kind != yaml.ScalarNode
			out, err = edit.Put(text, at.path, word)
		}
		if errors.Is(err, edit.ErrShape) {
			refused++
			return
		}
		if err != nil {
			rt.Fatalf("%s: %v", at.path, err)
		}
		changed++
		if !taken && len(comments(out)) < len(comments(text)) {
			rt.Fatalf("%s: comments are gone:\n%s", at.path, out)
		}
		prefix, suffix := common(text, out)
		if rest := text[prefix : len(text)-suffix]; !taken && !moved && strings.Contains(rest, "\n# ") {
			rt.Fatalf("%s: too much changed: %q", at.path, rest)
		}
	})
	if changed < 10*refused {
		t.Errorf("%d of %d changes were refused", refused, changed+refused)
	}
}

func common(a, b string) (prefix, suffix int) {
	for prefix < min(len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	for suffix < min(len(a), len(b))-prefix && a[len(a)-1-suffix] == b[len(b)-1-suffix] {
		suffix++
	}
	return prefix, suffix
}
