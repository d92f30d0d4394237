package expr_test

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// Whatever is written, compiling and evaluating end soon with a result within the limit or an *expr.Error that
// has a place.
func FuzzExpression(f *testing.F) {
	for _, text := range bombs() {
		f.Add(text, "a")
	}
	for _, text := range []string{
		`company(form.?company.orValue(""))`, `form["お名前"]`, `format(item.received, form.x)`, `date(form.x)`, `form.x.split(",").map(a, trim(a)).join("/")`,
		`extract(form.x, r"(\d+)")`, `lookup("areas", form.x, "no")`, `truncate(form.x, -1)`, `form.?x.optMap(v, v + v)`, `{"a": [1, 2.5, null, b"x"]}`,
		"1 +\n\t(", "\"\u3000", "form.お", "a.b.c.d(e, f[1:2])", "duration('1h') > duration('1m')", "[1][5]", "1/0", "9223372036854775807 + 1",
	} {
		f.Add(text, "2026年11月21日 田中 太郎")
	}
	env := newEnv(f)
	f.Fuzz(func(t *testing.T, text, value string) {
		in := sample()
		in.Form["x"] = value
		start := time.Now()
		if program, err := env.Value(text); err != nil {
			checkError(t, err)
		} else if s, err := program.Text(in); err != nil {
			checkError(t, err)
		} else if len(s) > 64<<10 {
			t.Errorf("the result has %d bytes", len(s))
		}
		if program, err := env.Condition(text); err != nil {
			checkError(t, err)
		} else if _, err := program.True(in); err != nil {
			checkError(t, err)
		}
		if spent := time.Since(start); spent > 2*time.Second {
			t.Errorf("it took %v", spent)
		}
	})
}

func checkError(t *testing.T, err error) {
	t.Helper()
	var e *expr.Error
	if !errors.As(err, &e) || e.What == "" || e.Line < 1 || e.Column < 1 || !utf8.ValidString(e.What) {
		t.Errorf("the error is %#v", err)
	}
}
