package mapping_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

var marked = regexp.MustCompile(`# (\d+(?:, \d+)*) `)

// Every mistake of a lifecycle section is said at once, at its own line, with what to write instead.
func TestEachMistakeOfALifecycleIsOneProblem(t *testing.T) {
	text, err := os.ReadFile("testdata/lifecycle.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]int{}
	total := 0
	for i, line := range strings.Split(string(text), "\n") {
		if m := marked.FindStringSubmatch(line); m != nil && i > 0 {
			for range strings.SplitSeq(m[1], ",") {
				want[i+1]++
				total++
			}
		}
	}
	_, problems := mapping.Parse(text)
	got := map[int]int{}
	for _, p := range problems {
		got[p.Line]++
		if !strings.HasPrefix(p.Path, "lifecycle.") || p.What == "" || p.Column < 1 {
			t.Errorf("%+v", p)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems by line (-want +got):\n%s", diff)
		for _, p := range problems {
			t.Logf("%d:%d %s: %s (%s)", p.Line, p.Column, p.Path, p.What, p.Hint)
		}
	}
	if total != 58 || len(problems) != total {
		t.Errorf("%d mistakes, %d problems", total, len(problems))
	}
}

func TestHintsOfALifecycle(t *testing.T) {
	for text, want := range map[string]string{
		"rules: [{name: a, on: mail_snet, to: working}]":                          "lifecycle.rules[0].on|did you mean mail_sent?",
		"rules: [{name: a, on: call, to: werking}]":                               "lifecycle.rules[0].to|did you mean working?",
		"rules: [{name: a, on: call, to: nurturing, reason: timming}]":            "lifecycle.rules[0].reason|did you mean timing?",
		"rules: [{name: a, on: call, to: nurturing}]":                             "lifecycle.rules[0]|write reason: and one of timing, cost, competitor, research",
		"plans: [{name: a, segment: x, steps: [{kind: call, what: x}]}]":          "lifecycle.plans[0].segment|",
		"rules: [{name: a, on: call, if: 'standing.frehsness > 1', to: working}]": `lifecycle.rules[0].if|did you mean "freshness"?`,
		"rules: [{name: a, on: call, if: 'mail.subject == \"\"', to: working}]":   `lifecycle.rules[0].if|values stand in person, account, standing, activity; a text needs quotes: "mail"`,
		"statuses: [{name: working}]":                                             "lifecycle.statuses|keep it; its label can say anything",
		"statuses: [{name: new, retired: true}]":                                  "lifecycle.statuses|keep it; its label can say anything",
		"statuses: [{name: new}, {name: later, reason: true}]\n  reasons: []":     "lifecycle.statuses[1].reason|name reasons, or leave reasons out for the usual ones",
		"results: []":                             "lifecycle.results|name at least one, or leave results out for the usual ones",
		"stages: [{name: won, ends: won}]":        "lifecycle.stages|keep it; its label can say anything",
		"hours: {from: \"18:00\", to: \"09:00\"}": "lifecycle.hours|",
		"hours: {days: []}":                       "lifecycle.hours.days|write [mon, tue, wed, thu, fri], or leave days out",
		"rules: [{name: \"" + strings.Repeat("x", 61) + "\", on: call, to: working}]":                           "lifecycle.rules[0].name|",
		"reasons: [{name: timing, label: {ja: \"a\\nb\"}}, {name: cost}, {name: competitor}, {name: research}]": "lifecycle.reasons[0].label.ja|",
	} {
		_, problems := mapping.Parse([]byte("lifecycle:\n  " + text + "\n"))
		if len(problems) != 1 || problems[0].Path+"|"+problems[0].Hint != want {
			t.Errorf("%s: %+v", text, problems)
		}
	}
}

func TestLifecycleHasAHashOfItsOwn(t *testing.T) {
	none := newMapper(t, mapping.Document{})
	for name, doc := range map[string]life.Document{
		"statuses": {Statuses: append(life.Default().Statuses, life.Status{Name: life.Name{Name: "x"}})},
		"no rules": {Rules: []life.Rule{}}, "segments": {Segments: []life.Segment{{Name: life.Name{Name: "x"}, If: "true"}}},
		"hours": {Hours: life.Hours{From: "10:00"}},
	} {
		m := newMapper(t, mapping.Document{Lifecycle: doc})
		if m.Hash() != none.Hash() {
			t.Errorf("%s: what is logged would be looked at again", name)
		}
		if m.Life().Hash() == none.Life().Hash() {
			t.Errorf("%s: nobody would be followed again", name)
		}
	}
	if written := newMapper(t, mapping.Document{Lifecycle: life.Default()}); written.Life().Hash() != none.Life().Hash() {
		t.Error("the defaults written out are other rules")
	}
	with := func(table string) string {
		return newMapper(t, mapping.Document{
			Lookups:   map[string]map[string]string{"areas": {"東京都": table}},
			Lifecycle: life.Document{Segments: []life.Segment{{Name: life.Name{Name: "x"}, If: `lookup("areas", person.department, "") == "関東"`}}},
		}).Life().Hash()
	}
	if with("関東") == with("関西") {
		t.Error("a table on which a condition rests does not count")
	}
}

// A version of the mapping is stored as it is rendered, and read back in two ways.
func TestLifecycleIsReadBack(t *testing.T) {
	for name, doc := range map[string]life.Document{
		"defaults": life.Default(), "no rules, no reasons": {Rules: []life.Rule{}, Reasons: []life.Name{}, Statuses: []life.Status{{Name: life.Name{Name: "new"}}}},
		"no rules": {Rules: []life.Rule{}}, "hours": {Hours: life.Hours{Closed: []string{"2026-12-29"}, From: "9:30"}}, "month": {FiscalStart: 1},
	} {
		text, err := mapping.Render(mapping.Document{Lifecycle: doc})
		if err != nil {
			t.Fatal(err)
		}
		parsed, problems := mapping.Parse(text)
		if len(problems) > 0 {
			t.Errorf("%s: %v in\n%s", name, problems, text)
		}
		if diff := cmp.Diff(doc, parsed.Lifecycle); diff != "" {
			t.Errorf("%s, strictly (-want +got):\n%s", name, diff)
		}
		var loose mapping.Document
		if err := yaml.Unmarshal(text, &loose); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(doc, loose.Lifecycle); diff != "" {
			t.Errorf("%s, loosely (-want +got):\n%s", name, diff)
		}
	}
	if text, err := mapping.Render(mapping.Document{}); err != nil || strings.Contains(string(text), "lifecycle") {
		t.Errorf("%s, %v", text, err)
	}
}

// The page says what holds out of the box; the table of rules is compared word for word with the rules.
func TestThePageNamesEachDefault(t *testing.T) {
	text, err := os.ReadFile("../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, event := range life.Events() {
		if !strings.Contains(page, "`"+string(event)+"`") {
			t.Errorf("the page does not explain %s", event)
		}
	}
	for _, kind := range life.Acceptable() {
		if !strings.Contains(page, "`"+string(kind)+"`") {
			t.Errorf("the page does not name the proposal %s", kind)
		}
	}
	d := life.Default()
	for _, value := range []string{d.FollowUp.After, d.FollowUp.Oldest, d.FollowUp.Reply, d.Hours.From, d.Hours.To, strconv.Itoa(d.FiscalStart)} {
		if !strings.Contains(page, value) {
			t.Errorf("the page does not say %s", value)
		}
	}
}

// Seed 004_88eb0b36da6bc938.txt: リードステータス, ナーチャリング理由, 残すべき項目.
func TestSeed004ListsAreTheDefaults(t *testing.T) {
	rules := newMapper(t, mapping.Document{}).Life()
	var statuses, reasons, results []string
	for _, s := range rules.Statuses() {
		statuses = append(statuses, s.Heading("ja")+fmt.Sprint(map[bool]string{true: " 理由"}[s.Reason]))
	}
	for _, n := range rules.Reasons() {
		reasons = append(reasons, n.Heading("ja"))
	}
	for _, r := range rules.Results() {
		results = append(results, r.Heading("ja"))
	}
	for name, lists := range map[string][2][]string{
		"リードステータス":  {statuses, {"新規", "アプローチ中", "日程調整中", "商談獲得", "未接触", "ナーチャリング(次アクションなし) 理由", "ナーチャリング(次アクションあり) 理由", "対象外"}},
		"ナーチャリング理由": {reasons, {"時期ずれ", "コストネック", "競合導入", "情報収集"}},
		"アクション結果":   {results, {"未接続", "再架電必要", "アポ獲得", "失注", "対象外"}},
	} {
		if diff := cmp.Diff(lists[1], lists[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if p := rules.CheckCall(crm.Call{Result: crm.CallAgain}); len(p) != 2 {
		t.Errorf("再架電必要 without a next action: %v", p)
	}
}
