package expr_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

func newEnv(t testing.TB) *expr.Env {
	t.Helper()
	env, err := expr.New(map[string]map[string]string{
		"channels": {"Web": "ウェブ", "展示会": "イベント"},
		"areas":    {"東京都": "関東", "大阪府": "関西"},
	}, expr.WithFreeMail(func(domain string) bool { return domain == "gmail.com" }))
	if err != nil {
		t.Fatalf("make environment: %v", err)
	}
	return env
}

// sample is the input of docs/expressions.md.
func sample() *expr.Input {
	return &expr.Input{
		Item: map[string]any{"kind": "form", "folder": "INBOX", "direction": "in", "received": time.Date(2026, 11, 21, 15, 4, 0, 0, time.UTC)},
		Mail: map[string]any{
			"subject": "Re: お見積り No.123", "text": "会社名: サンプル商事\nご担当: 田中\n", "from": "taro@sample.co.jp",
			"from_name": "田中 太郎", "to": []string{"sales@example.jp", "info@example.jp"}, "cc": []string{}, "class": "personal",
		},
		Form: map[string]any{
			"email": "taro@sample.co.jp", "company": "㈱サンプル　大阪支店", "お名前": "田中 太郎", "phone": "０３（１２３４）５６７８",
			"kind": "demo", "interests": []string{"CRM", "SFA"}, "note": "", "agree": true, "seats": int64(30),
		},
		Touch: map[string]any{"source": "google"}, Person: map[string]any{"name": "田中 太郎"}, Source: map[string]any{"id": "web"},
	}
}

func mustValue(t testing.TB, env *expr.Env, text string) *expr.Program {
	t.Helper()
	program, err := env.Value(text)
	if err != nil {
		t.Fatalf("Value(%s): %v", text, describe(err))
	}
	return program
}

func describe(err error) any {
	var e *expr.Error
	if errors.As(err, &e) {
		return *e
	}
	return err
}

func TestText(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"field":                      {`form.email`, "taro@sample.co.jp"},
		"field with a Japanese name": {`form["お名前"]`, "田中 太郎"},
		"list":                       {`mail.to`, "sales@example.jp; info@example.jp"},
		"empty list":                 {`mail.cc`, ""},
		"null":                       {`null`, ""},
		"number":                     {`form.seats`, "30"},
		"fraction":                   {`1.5`, "1.5"},
		"boolean":                    {`form.agree`, "true"},
		"time":                       {`item.received`, "2026-11-21T15:04:00Z"},
		"missing with a default":     {`form.?zip.orValue("none")`, "none"},
		"missing Japanese name":      {`form[?"郵便番号"].orValue("none")`, "none"},
		"missing optional":           {`form.?zip`, ""},
		"present optional":           {`form.?email`, "taro@sample.co.jp"},
		"default of missing":         {`default(form.?zip, "none")`, "none"},
		"default of empty":           {`default(form.note, "none")`, "none"},
		"default of present":         {`form.?email.default("none")`, "taro@sample.co.jp"},
		"condition":                  {`has(form.zip) ? form.zip : "none"`, "none"},
		"loop":                       {`mail.to.filter(a, domain_of(a) == "example.jp").map(a, upper(a))`, "SALES@EXAMPLE.JP; INFO@EXAMPLE.JP"},
		"lists joined":               {`mail.to + ["x"]`, "sales@example.jp; info@example.jp; x"},
		"behind its argument":        {`form.company.company().lower()`, "サンプル"},
		"several lines":              {"form.kind == \"demo\"\n  ? \"Demo\"\n  : \"Other\"", "Demo"},
		"absent group":               {`person.?kana.orValue("none")`, "none"},
	}
	env := newEnv(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := mustValue(t, env, tt.text).Text(sample())
			if err != nil {
				t.Fatalf("%s: %v", tt.text, describe(err))
			}
			if got != tt.want {
				t.Errorf("%s = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestTrue(t *testing.T) {
	env := newEnv(t)
	for text, want := range map[string]bool{
		`form.kind == "demo"`: true, `form.kind != "demo"`: false, `form.agree`: true, `"CRM" in form.interests`: true,
		`mail.to.exists(a, a.startsWith("info@"))`: true, `size(mail.to) > 2`: false, `matches(mail.subject, "(?i)^re:")`: true,
		`form.?zip.hasValue()`: false, `form.seats >= 10 && !is_free_mail(form.email)`: true,
	} {
		program, err := env.Condition(text)
		if err != nil {
			t.Errorf("Condition(%s): %v", text, describe(err))
			continue
		}
		got, err := program.True(sample())
		if err != nil || got != want {
			t.Errorf("%s = %v, %v; want %v", text, got, describe(err), want)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	tests := map[string]struct {
		text string
		want expr.Error
	}{
		"function": {`trmi(form.company)`, expr.Error{Line: 1, Column: 1, What: `there is no function "trmi"`, Hint: `did you mean "trim"?`}},
		"member":   {`form.company.trm()`, expr.Error{Line: 1, Column: 14, What: `there is no function "trm"`, Hint: `did you mean "trim"?`}},
		"group":    {`"a" +` + "\n  frm.company", expr.Error{Line: 2, Column: 3, What: `there is no "frm"`, Hint: `did you mean "form"?`}},
		"no quotes": {`demo`, expr.Error{Line: 1, Column: 1, What: `there is no "demo"`,
			Hint: `values stand in item, mail, meeting, form, touch, person, source; a text needs quotes: "demo"`}},
		"field":          {`trim(mail.subjet)`, expr.Error{Line: 1, Column: 11, What: `mail has no field "subjet"`, Hint: `did you mean "subject"?`}},
		"optional field": {`mail.?subjet.orValue("")`, expr.Error{Line: 1, Column: 7, What: `mail has no field "subjet"`, Hint: `did you mean "subject"?`}},
		"table":          {`lookup("area", form.kind)`, expr.Error{Line: 1, Column: 8, What: `there is no lookup table "area"`, Hint: `did you mean "areas"?`}},
		"kind":           {`trim(1)`, expr.Error{Line: 1, Column: 1, What: `trim cannot take (int)`, Hint: `it is called as trim(text)`}},
		"Japanese name": {`form.お名前`, expr.Error{Line: 1, Column: 6, What: `the expression cannot be read: this is no sign of an expression: 'お'`,
			Hint: `a field with a Japanese name is written form["お名前"], or form[?"お名前"].orValue("") if it may be missing`}},
		"brackets":     {`lower（"A"）`, expr.Error{Line: 1, Column: 6, What: `the expression cannot be read: this is no sign of an expression: '（'`, Hint: `brackets, commas and signs must be half-width: ( ) , . + ==`}},
		"end":          {`form.company + `, expr.Error{Line: 1, Column: 16, What: `the expression cannot be read: it ends too early`}},
		"open bracket": {`trim(form.company`, expr.Error{Line: 1, Column: 18, What: `the expression cannot be read: it ends too early`, Hint: "the brackets do not match"}},
		"empty":        {"  \n", expr.Error{Line: 1, Column: 1, What: "the expression is empty", Hint: `an empty text is written ""`}},
		"pattern": {`matches(form.kind, "(")`, expr.Error{Line: 1, Column: 20, What: "read the regular expression: error parsing regexp: missing closing ): `(`",
			Hint: `backslashes are doubled in quotes: "\\d+", or written r"\d+"`}},
		"pattern from a field": {`matches(form.kind, form.kind)`, expr.Error{Line: 1, Column: 25, What: "a regular expression must stand in the expression itself, in quotes"}},
		"the clock":            {`now()`, expr.Error{Line: 1, Column: 1, What: `there is no function "now"`, Hint: "docs/expressions.md lists the functions"}},
	}
	env := newEnv(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := env.Value(tt.text)
			if diff := cmp.Diff(any(tt.want), describe(err)); diff != "" {
				t.Errorf("Value(%s) (-want +got):\n%s", tt.text, diff)
			}
		})
	}
	if _, err := env.Condition(`"a"`); err == nil {
		t.Error("a text is accepted as a condition")
	}
}

func TestRunErrors(t *testing.T) {
	env := newEnv(t)
	for text, want := range map[string]expr.Error{
		`form.zip`:                     {Line: 1, Column: 6, What: `there is no field "zip" here`, Hint: `if it may be missing, write form.?zip.orValue("")`},
		`form["郵便番号"]`:                 {Line: 1, Column: 5, What: `there is no field "郵便番号" here`, Hint: `if it may be missing, write form[?"郵便番号"].orValue("")`},
		`days_between("x", "y")`:       {Line: 1, Column: 1, What: "days_between needs two dates, like 2026-11-21 or 2026年11月21日"},
		`{"a": 1}`:                     {Line: 1, Column: 1, What: "the result is a group of fields, which cannot become a text"},
		`extract("a", "(a)", 2)`:       {Line: 1, Column: 1, What: "extract asks for group 2, but the regular expression has 1"},
		`join([form.email, 1], " ")`:   {Line: 1, Column: 1, What: "the list has an element that is no text"},
		`default(form.?interests, "")`: {Line: 1, Column: 1, What: "default needs a text, and this is a list"},
	} {
		program, err := env.Value(text)
		if err != nil {
			t.Errorf("Value(%s): %v", text, describe(err))
			continue
		}
		_, err = program.Text(sample())
		if diff := cmp.Diff(any(want), describe(err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	program := mustValue(t, env, `trim(form.interests)`)
	if _, err := program.Text(sample()); err == nil || !strings.Contains(err.Error(), "a list instead of a text") {
		t.Errorf("trim of a list: %v", err)
	}
}

func TestNilInput(t *testing.T) {
	program := mustValue(t, newEnv(t), `form.?email.orValue("none")`)
	if got, err := program.Text(nil); err != nil || got != "none" {
		t.Errorf("Text(nil) = %q, %v", got, err)
	}
}

func TestProgramsAreSharedByGoroutines(t *testing.T) {
	env := newEnv(t)
	programs := []*expr.Program{
		mustValue(t, env, `company(form.company)`), mustValue(t, env, `form.interests.map(x, lower(x)).join("/")`),
		mustValue(t, env, `trim(form.interests)`), mustValue(t, env, `extract(mail.subject, "No\\.(\\d+)")`),
	}
	in := sample()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				got := make([]string, 0, len(programs))
				for _, p := range programs {
					s, _ := p.Text(in)
					got = append(got, s)
				}
				if diff := cmp.Diff([]string{"サンプル", "crm/sfa", "", "123"}, got); diff != "" {
					t.Errorf("results (-want +got):\n%s", diff)
				}
				mustCompile(env)
			}
		})
	}
	group.Wait()
}

func mustCompile(env *expr.Env) {
	if _, err := env.Value(`company(form.?company.orValue(""))`); err != nil {
		panic(err)
	}
}
