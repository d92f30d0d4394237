package expr_test

import (
	"errors"
	"testing"

	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

func TestRecordsInsteadOfAnItem(t *testing.T) {
	env, err := expr.New(nil, expr.WithRecords())
	if err != nil {
		t.Fatal(err)
	}
	in := &expr.Input{Person: map[string]any{"company": "サンプル製作所", "custom.rank": "A"}, Standing: map[string]any{"freshness": 40, "products": []string{"会計"}}, Activity: map[string]any{"reply": true}}
	for text, want := range map[string]bool{
		`person.company.contains("製作所") && standing.freshness < 50`: true, `"会計" in standing.products`: true, `activity.reply`: true,
		`person[?"custom.rank"].orValue("") == "B"`: false, `has(standing.last_heard)`: false,
	} {
		program, err := env.Condition(text)
		if err != nil {
			t.Errorf("%s: %v", text, describe(err))
			continue
		}
		if got, err := program.True(in); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, describe(err))
		}
	}
	for text, hint := range map[string]string{
		`mail.subject == ""`:        `values stand in person, account, standing, activity; a text needs quotes: "mail"`,
		`standing.freshnes < 1`:     `did you mean "freshness"?`,
		`standing["custom.x"] == 1`: "",
	} {
		_, err := env.Condition(text)
		var e *expr.Error
		if !errors.As(err, &e) {
			t.Errorf("%s is taken", text)
		} else if hint != "" && e.Hint != hint {
			t.Errorf("%s: %q", text, e.Hint)
		}
	}
	if _, err := newEnv(t).Condition(`standing.freshness < 1`); err == nil {
		t.Error("an item has a standing")
	}
}

func TestMentions(t *testing.T) {
	env, err := expr.New(nil, expr.WithRecords())
	if err != nil {
		t.Fatal(err)
	}
	program, err := env.Condition(`has(standing.last_heard) && person[?"custom.x"].orValue("") == "activity.time" && standing.products.exists(p, p == account.name)`)
	if err != nil {
		t.Fatal(describe(err))
	}
	for name, want := range map[string]bool{
		"standing": true, "standing.last_heard": true, "person": true, "person.custom.x": true, "standing.products": true, "account.name": true,
		"activity": false, "activity.time": false, "standing.last_reached": false,
	} {
		if program.Mentions(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
