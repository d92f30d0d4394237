package mapping_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

func mistakes(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/mistakes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestThirtyMistakesAreThirtyProblems(t *testing.T) {
	_, problems := mapping.Parse(mistakes(t))
	type found struct {
		Line int
		Path string
		Hint string // the beginning
	}
	want := []found{
		{2, "screan", "did you mean screen?"},
		{5, "screen.addresses[0]", "write an address"}, {6, "screen.addresses[1]", "write an address"},
		{7, "screen.domains", "write [one, two]"}, {9, "screen.subjects[0]", "write words"},
		{10, "screen.folder", "did you mean folders?"}, {11, "screen.classes[1]", "write one of"},
		{13, "match.domain", "write true or false"}, {14, "match.free_mail[0]", "write a domain"}, {15, "match.free_mail", "the first is in line 14"},
		{17, "people.new", "write one of"},
		{20, "lookups.bad name", "use letters"}, {21, "lookups.towns", "write `name: value`"},
		{25, "custom.lead[1].name", "lower-case"}, {26, "custom.lead[2].type", "text, number"}, {27, "custom.lead[3].label", "write ja"},
		{28, "custom.lead[4].options", "name at least one"}, {29, "custom.company", "known: account, activity"},
		{32, "fields.emial", "did you mean email?"}, {35, "fields.email.activity.subject", "known: product, status"},
		{36, "fields.email.activity.custom.plan", "declare it under custom.activity"},
		{41, "forms.contact.person.company.value", `did you mean "orValue"`}, {42, "forms.contact.person.titel", "did you mean title?"},
		{43, "forms.contact.person.custom.plans", "did you mean custom.plan?"}, {44, "forms.contact.person.department.lookup", "did you mean regions?"},
		{45, "forms.contact.person.kana.vlaue", "did you mean value?"},
		{46, "forms.contact.owner.value", "did you mean"}, {46, "forms.contact.owner.when", ""},
		{48, "forms.contact.new_people", "known: always, never"}, {51, "forms.contact.mail.layout", "Write inline"},
	}
	var got []found
	for i, p := range problems {
		if p.What == "" || p.Column < 1 {
			t.Errorf("%+v", p)
		}
		f := found{p.Line, p.Path, p.Hint}
		if i < len(want) && strings.HasPrefix(p.Hint, want[i].Hint) {
			f.Hint = want[i].Hint
		}
		got = append(got, f)
	}
	if len(problems) != 30 {
		t.Errorf("%d problems", len(problems))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseSaysWhere(t *testing.T) {
	for name, test := range map[string]struct {
		text         string
		line, column int
		what         string
	}{
		"in a plain expression":   {"forms:\n  a:\n    product: mail.subjct\n", 3, 0, `subjct`},
		"in quotes":               {"forms: {a: {product: 'lowr(\"x\")'}}\n", 1, 23, `no function "lowr"`},
		"in a block":              {"forms:\n  a:\n    product: |\n      \"a\" +\n      nothing\n", 5, 0, `"nothing"`},
		"syntax":                  {"screen: [\n", 2, 0, "not YAML"},
		"tab":                     {"screen:\n\tdomains: []\n", 2, 1, "tab"},
		"second document":         {"screen: {}\n---\nscreen: {}\n", 2, 0, "second document"},
		"a list at the top":       {"- a\n", 1, 1, "group of settings"},
		"not UTF-8":               {"screen: \x82\xa0\n", 1, 1, "UTF-8"},
		"a bomb of anchors":       {bomb(), 1, 0, "too large"},
		"an anchor around itself": {"lookups: &a {x: *a}\n", 1, 0, ""},
		"a list as a key":         {"lookups:\n  ? [a]\n  : b\n", 2, 0, "name is wanted"},
		"a rule of nothing":       {"forms: {a: {person: {title: {}}}}\n", 1, 22, "says nothing"},
		"an expression missing":   {"forms: {a: {owner: {when: 'true'}}}\n", 1, 0, "no value"},
		"a test of nothing":       {"tests:\n  - name: x\n", 2, 0, "no item"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := mapping.Parse([]byte(test.text))
			if len(problems) == 0 {
				t.Fatal("no problem")
			}
			p := problems[0]
			if p.Line != test.line || test.column > 0 && p.Column != test.column || !strings.Contains(p.What, test.what) {
				t.Errorf("%+v", p)
			}
		})
	}
}

// bomb is a document that anchors blow up to millions of values.
func bomb() string {
	text := "lookups:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 8 {
		from, to := string(rune('0'+i)), string(rune('1'+i))
		text += "  a" + to + ": &a" + to + " [" + strings.TrimSuffix(strings.Repeat("*a"+from+", ", 10), ", ") + "]\n"
	}
	return strings.Replace(text, "lookups:\n", "lookups:\n", 1)
}

func TestEmptyIsTheDefault(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "{}", "null\n", "screen:\n"} {
		doc, problems := mapping.Parse([]byte(text))
		if len(problems) > 0 || !cmp.Equal(doc, mapping.Document{}) {
			t.Errorf("%q: %+v, %v", text, doc, problems)
		}
	}
}

func TestRenderIsReadBack(t *testing.T) {
	off := false
	for name, doc := range map[string]mapping.Document{
		"default": {}, "no classes": {Screen: mapping.Screen{Classes: []crm.Class{}}}, "domain off": {Match: mapping.MatchRules{Domain: &off}},
		"full": full(t),
	} {
		text, err := mapping.Render(doc)
		if err != nil {
			t.Fatal(err)
		}
		again, problems := mapping.Parse(text)
		if len(problems) > 0 {
			t.Fatalf("%s: %v in\n%s", name, problems, text)
		}
		if diff := cmp.Diff(doc, again); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if second, err := mapping.Render(again); err != nil || !bytes.Equal(text, second) {
			t.Errorf("%s: rendered otherwise the second time:\n%s\n%s", name, text, second)
		}
	}
}

// examples are the YAML blocks of docs/mapping.md.
func examples(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for part := range strings.SplitSeq(string(text), "```yaml\n") {
		block, _, ok := strings.Cut(part, "```")
		if ok && !strings.HasPrefix(part, "# The mapping") {
			blocks = append(blocks, block)
		}
	}
	if len(blocks) < 6 {
		t.Fatalf("%d examples in docs/mapping.md", len(blocks))
	}
	return blocks
}

// full is all examples together, as far as they do not say the same section twice.
func full(t *testing.T) mapping.Document {
	t.Helper()
	var doc mapping.Document
	for _, block := range examples(t) {
		one, problems := mapping.Parse([]byte(block))
		if len(problems) > 0 {
			t.Fatalf("%v in\n%s", problems, block)
		}
		switch {
		case doc.Screen.Addresses == nil && one.Screen.Addresses != nil:
			doc.Screen = one.Screen
		case doc.Forms == nil && one.Forms != nil && one.Custom != nil:
			doc.Forms, doc.Lookups, doc.Custom, doc.Fields = one.Forms, one.Lookups, one.Custom, one.Fields
		}
	}
	if doc.Forms == nil || doc.Screen.Addresses == nil {
		t.Fatal("the examples show too little")
	}
	return doc
}

func TestExamplesAreRightAndPass(t *testing.T) {
	for i, block := range examples(t) {
		doc, problems := mapping.Parse([]byte(block))
		if len(problems) > 0 {
			t.Errorf("example %d: %v", i+1, problems)
			continue
		}
		for _, result := range newMapper(t, doc).RunTests() {
			if !result.Passed() {
				t.Errorf("example %d, test %q: %q", i+1, result.Name, result.Failures)
			}
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(mapping.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("mapping.json", parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("mapping.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// asJSON is a YAML text as a JSON value.
func asJSON(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := yaml.Load(text, &v, yaml.WithUniqueKeys(false)); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSchema(t *testing.T) {
	s := compileSchema(t)
	rendered, err := mapping.Render(full(t))
	if err != nil {
		t.Fatal(err)
	}
	good := [][]byte{[]byte("{}"), rendered}
	for _, block := range examples(t) {
		good = append(good, []byte(block))
	}
	for _, text := range good {
		if err := s.Validate(asJSON(t, text)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
	if s.Validate(asJSON(t, mistakes(t))) == nil {
		t.Error("the schema takes the mistakes")
	}
	for _, text := range []string{
		"screan: {}", "screen: {domains: x}", "screen: {classes: [spam]}", "match: {domain: 1}", "people: {new: sometimes}", "fields: {note: {}}",
		"fields: {email: {activity: {subject: x}}}", "forms: {a b: {}}", "forms: {a: {person: {titel: x}}}", "forms: {a: {person: {title: {}}}}",
		"forms: {a: {owner: {vlaue: x}}}", "forms: {a: {mail: {layout: sideways, fields: []}}}", "custom: {lead: [{name: X, type: text, label: {ja: x}}]}",
		"lifecycle: {statuses: [{name: New}]}", "lifecycle: {rules: [{name: a, on: silense, to: new}]}", "lifecycle: {rules: {}}", "lifecycle: {fiscal_start: 13}",
		"lifecycle: {follow_up: {after: 30x}}", "lifecycle: {accept: [merge]}", "lifecycle: {plans: [{name: a}]}", "lifecycle: {hours: {from: noon}}", "lifecycle: {segment: []}",
		"custom: {company: []}", "tests: [{name: x, item: {form: a}}]", "tests: [{name: x, item: {form: a}, expect: {verdict: maybe}}]",
	} {
		if s.Validate(asJSON(t, []byte(text))) == nil {
			t.Errorf("the schema takes %s", text)
		}
		if _, problems := mapping.Parse([]byte(text)); len(problems) == 0 {
			t.Errorf("Parse takes %s", text)
		}
	}
}

func TestRunTestsSaysWhatDiffers(t *testing.T) {
	doc, problems := mapping.Parse([]byte(`
tests:
  - name: wrong
    item: {form: contact, fields: {email: a@b.example, name: 田中 太郎}}
    expect: {verdict: excluded, activity: {subject: /cont/, product: x}, person: {name: 田中 太郎, new: true, kana: タナカ}}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := []mapping.TestResult{{Name: "wrong", Failures: []string{
		`activity.product should be "x" but is ""`, `person.kana should be "タナカ" but is ""`, `verdict should be "excluded" but is "logged"`,
	}}}
	if diff := cmp.Diff(want, newMapper(t, doc).RunTests()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseNode(t *testing.T) {
	var n yaml.Node
	if err := yaml.Load([]byte("base: &b {subjects: [x]}\nmapping:\n  screen: {<<: *b, adresses: []}\n"), &n); err != nil {
		t.Fatal(err)
	}
	doc, problems := mapping.ParseNode(n.Content[0].Content[3])
	if !slices.Equal(doc.Screen.Subjects, []string{"x"}) || len(problems) != 1 || problems[0].Line != 3 {
		t.Errorf("%+v, %+v", doc, problems)
	}
	if !slices.IsSortedFunc(problems, func(a, b connectors.Problem) int { return a.Line - b.Line }) {
		t.Error("not in order")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("screen: {addresses: [x@y.example]}\nforms: {a: {person: {company: form.x}}}\n"))
	f.Add([]byte("lifecycle:\n  rules: [{name: a, on: silence, after: 30d, from: [working], to: nurturing, reason: timing}]\n  hours: {closed: [2026-12-29]}\n" +
		"  segments: [{name: x, if: 'standing.freshness < 40', follow_up: never}]\n  plans: [{name: p, segment: x, steps: [{after: 1w, kind: call, what: y}]}]\n"))
	f.Add([]byte("lifecycle: {statuses: [{name: new}], reasons: [], rules: [], fiscal_start: 1, accounts: false}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, problems := mapping.Parse(text)
		if len(problems) > 0 {
			for _, p := range problems {
				if p.What == "" || p.Line < 1 || p.Column < 1 {
					t.Fatalf("%+v", p)
				}
			}
			return
		}
		rendered, err := mapping.Render(doc)
		if err != nil {
			t.Fatal(err)
		}
		if again, problems := mapping.Parse(rendered); len(problems) > 0 {
			t.Fatalf("%v in %s (of %+v)", problems, rendered, again)
		}
	})
}
