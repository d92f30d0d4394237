package expr

import (
	"strings"
	"testing"
	"time"
)

// What a shortcut answers must be what CEL answers, for every kind of value a field can have.
func TestShortcutsAnswerAsCELDoes(t *testing.T) {
	env, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{
		"text": "㈱サンプル　大阪支店", "spaces": "  ａ  ", "empty": "", "list": []string{"a", "b"}, "no list": []string{}, "one": []string{"a"},
		"number": int64(3), "fraction": 1.5, "yes": true, "time": time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), "null": nil,
		"long": strings.Repeat("あ", maxShortText), "too long": strings.Repeat("a", maxResult+1),
		"invalid": "a\xffb", "demo": "demo",
	}
	atoms := []string{
		`form.x`, `form["x"]`, `form.?x.orValue("")`, `form.?x.orValue("demo")`, `form[?"x"].orValue("a")`, `"text"`, `""`,
		`mail.subject`, `mail.?subject.orValue("none")`, `form.?x`, `form[?"x"]`,
	}
	conditions := []string{`has(form.x)`, `!has(form.x)`, `form.x`, `form.x.contains("o")`, `form.x.startsWith("d")`, `form.x.endsWith("o")`}
	for _, a := range atoms[:8] {
		for _, b := range atoms[:6] {
			conditions = append(conditions, a+" == "+b, a+" != "+b)
		}
	}
	for _, join := range []string{"&&", "||"} {
		for _, a := range conditions[:5] {
			for _, b := range conditions[:5] {
				conditions = append(conditions, a+" "+join+" "+b)
			}
		}
	}
	texts := append([]string{}, atoms...)
	for _, f := range env.functions {
		if f.text != nil {
			texts = append(texts, f.name+"(form.x)", `form.?x.orValue(" Ｂ ").`+f.name+"()", f.name+"("+f.name+`(form.?x.orValue("")))`)
		}
	}
	for _, c := range conditions {
		texts = append(texts, c+` ? form.x : "other"`)
	}
	shortcuts := 0
	for _, text := range append(texts, conditions...) {
		program, err := env.Value(text)
		if err != nil {
			t.Fatalf("Value(%s): %v", text, err)
		}
		condition, conditionErr := env.Condition(text)
		for name, value := range values {
			in := &Input{Form: map[string]any{"x": value}, Mail: map[string]any{"subject": "Re: demo"}}
			shortcuts += same(t, text+" of "+name, program, in)
			if conditionErr == nil {
				shortcuts += same(t, text+" if "+name, condition, in)
			}
		}
		same(t, text+" of nothing", program, &Input{})
	}
	if shortcuts < 2000 {
		t.Errorf("only %d evaluations took a shortcut", shortcuts)
	}
}

// same compares a program with itself without its shortcuts; it gives how many shortcuts answered.
func same(t *testing.T, name string, p *Program, in *Input) int {
	t.Helper()
	slow := *p
	slow.short, slow.shortIf = nil, nil
	got, gotErr := p.Text(in)
	want, wantErr := slow.Text(in)
	if got != want || message(gotErr) != message(wantErr) {
		t.Errorf("%s: %.80q, %v; CEL says %.80q, %v", name, got, gotErr, want, wantErr)
	}
	yes, yesErr := p.True(in)
	cel, celErr := slow.True(in)
	if yes != cel || message(yesErr) != message(celErr) {
		t.Errorf("%s: %v, %v; CEL says %v, %v", name, yes, yesErr, cel, celErr)
	}
	answered := 0
	if p.short != nil {
		if _, ok := p.short(in); ok {
			answered++
		}
	}
	if p.shortIf != nil {
		if _, ok := p.shortIf(in); ok {
			answered++
		}
	}
	return answered
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestMemoGivesWhatTheFunctionGives(t *testing.T) {
	calls := 0
	double := remember(func(s string) string {
		calls++
		return s + s
	})
	for range 2 {
		for _, s := range []string{"", "a", "b", strings.Repeat("c", memoText), strings.Repeat("d", memoText+1)} {
			if got := double(s); got != s+s {
				t.Errorf("double(%q) = %q", s, got)
			}
		}
	}
	if calls < 6 || calls > 10 {
		t.Errorf("the function was called %d times", calls)
	}
	for i := range 10 * memoSlots {
		s := strings.Repeat("x", i%memoText)
		if got := double(s); got != s+s {
			t.Errorf("double(%q) = %q", s, got)
		}
	}
}
