package life

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// small is a section with something retired in each list.
func small(t *testing.T) *Rules {
	t.Helper()
	name := func(code string, retired bool) Name { return Name{Name: code, Retired: retired} }
	rules, problems := New(Document{
		Statuses: []Status{{Name: Name{Name: "new", Label: Label{Ja: "新規"}}}, {Name: Name{Name: "later", Label: Label{En: "Later"}}, Reason: true},
			{Name: name("gone", true), Closed: true}, {Name: name("won", false), Won: true}},
		Reasons: []Name{name("timing", false), name("old", true)},
		Results: []Result{{Name: name("again", false), Next: true}, {Name: name("ok", false)}, {Name: name("fax", true)}},
		Requests: []Request{{Name: Name{Name: "demo", Label: Label{Ja: "デモ"}}, Stages: []Name{{Name: "asked", Label: Label{Ja: "受付"}}, name("past", true)},
			Final: []Name{{Name: "shown", Label: Label{Ja: "実施"}}}}},
	}, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return rules
}

func paths(problems []connectors.Problem) string {
	out := ""
	for _, p := range problems {
		out += p.Path + " "
	}
	return out
}

func TestCheckStatus(t *testing.T) {
	rules := small(t)
	for in, want := range map[[2]string]string{
		{"new", ""}: "", {"won", ""}: "", {"later", "timing"}: "", {"", ""}: "status ", {"nurturing", ""}: "status ", {"gone", ""}: "status ",
		{"later", ""}: "reason ", {"later", "old"}: "reason ", {"later", "cost"}: "reason ", {"new", "timing"}: "reason ",
	} {
		if got := paths(rules.CheckStatus(in[0], in[1])); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if p := rules.CheckStatus("later", ""); p[0].Hint != "one of timing" {
		t.Errorf("%+v", p)
	}
	if !rules.Closed("gone") || rules.Closed("new") || rules.Closed("nobody") || !rules.Won("won") || rules.Won("new") || rules.StatusInUse("gone") || !rules.StatusInUse("new") {
		t.Error("what statuses mean is lost")
	}
}

func TestCheckCall(t *testing.T) {
	rules, next := small(t), crm.NextAction{When: "2026-11-24", What: "電話"}
	for name, test := range map[string]struct {
		call crm.Call
		want string
	}{
		"no next action wanted": {crm.Call{Result: "ok"}, ""}, "given": {crm.Call{Result: "again", Next: next}, ""},
		"missing": {crm.Call{Result: "again"}, "next.when next.what "}, "not when": {crm.Call{Result: "again", Next: crm.NextAction{What: "電話"}}, "next.when "},
		"unknown": {crm.Call{Result: "lost"}, "result "}, "retired": {crm.Call{Result: "fax"}, "result "}, "none": {crm.Call{}, "result "},
	} {
		if got := paths(rules.CheckCall(test.call)); got != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestCheckRequestAndStage(t *testing.T) {
	rules := small(t)
	for in, want := range map[[3]string]string{
		{}: "", {"demo", "", ""}: "", {"demo", "asked", "shown"}: "", {"demo", "past", ""}: "stage ", {"demo", "shown", "asked"}: "stage final ",
		{"quote", "asked", ""}: "request ", {"", "asked", ""}: "request ",
	} {
		if got := paths(rules.CheckRequest(in[0], in[1], in[2])); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if len(rules.CheckStage(crm.StageWon)) > 0 || len(rules.CheckStage("x")) != 1 {
		t.Error("stages of opportunities")
	}
}

func TestLabels(t *testing.T) {
	rules := small(t)
	for _, test := range []struct {
		list                 List
		code, locale, wanted string
	}{
		{ListStatuses, "new", "ja", "新規"}, {ListStatuses, "new", "en", "新規"}, {ListStatuses, "later", "ja", "Later"}, {ListStatuses, "won", "ja", "won"},
		{ListStatuses, "scheduling", "ja", "日程調整中"}, {ListStatuses, "scheduling", "en", "Scheduling"}, {ListStatuses, "nothing", "ja", "nothing"},
		{ListReasons, "cost", "ja", "コストネック"}, {ListResults, crm.CallLost, "en", "Lost"}, {ListStages, "won", "ja", "受注"},
		{ListRequests, "demo", "ja", "デモ"}, {ListRequest, "asked", "ja", "受付"}, {ListRequest, "shown", "ja", "実施"}, {ListSegments, "x", "ja", "x"},
	} {
		if got := rules.Label(test.list, test.code, test.locale); got != test.wanted {
			t.Errorf("%s %s in %s is %q", test.list, test.code, test.locale, got)
		}
	}
	if rules.label(crm.ChangeStatus, "new", "ja") != "新規" || rules.label(crm.ChangeStage, "asked", "ja") != "受付" || rules.label(crm.ChangeOwner, "a@b.example", "ja") != "a@b.example" {
		t.Error("labels of changes")
	}
}

// The default rules hold as far as the section's own lists have what they name.
func TestDefaultRulesFitTheListsOfTheSection(t *testing.T) {
	rules := small(t)
	if len(rules.rules) != 0 {
		t.Errorf("%d rules lead somewhere that is not there", len(rules.rules))
	}
	rules, problems := New(Document{Statuses: []Status{{Name: Name{Name: "new"}}, {Name: Name{Name: "working"}}, {Name: Name{Name: "meeting_won"}, Won: true}}}, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var got []string
	for _, r := range rules.rules {
		got = append(got, r.name)
	}
	want := []string{"call_meeting_won", "meeting_accepted", "meeting_planned", "meeting_held", "first_mail", "first_call"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{"new": true}, rules.rules[4].from); diff != "" {
		t.Errorf("first_mail comes from (-want +got):\n%s", diff)
	}
}

// What history calls things changes with the hash of moves; what does not move anybody leaves it.
func TestMovesHaveAHashOfTheirOwn(t *testing.T) {
	plain, _ := New(Document{}, nil)
	renamed := Default()
	renamed.Statuses[0].Label.Ja = "未対応"
	for name, test := range map[string]struct {
		doc   Document
		moves bool
	}{
		"renamed": {renamed, true}, "no rules": {Document{Rules: []Rule{}}, true},
		"segments": {Document{Segments: []Segment{{Name: Name{Name: "x"}, If: "true"}}}, false}, "follow-up": {Document{FollowUp: FollowUp{After: "60d"}}, false},
	} {
		rules, problems := New(test.doc, nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if rules.hash == plain.hash || (rules.moves != plain.moves) != test.moves {
			t.Errorf("%s: whole %v, moves %v", name, rules.hash != plain.hash, rules.moves != plain.moves)
		}
	}
}
