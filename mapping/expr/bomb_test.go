package expr_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// bombs are expressions that would take minutes or gigabytes without limits.
func bombs() map[string]string {
	ten := "[" + strings.Repeat("1,", 9) + "1]"
	hundred := "[" + strings.Repeat("1,", 99) + "1]"
	loops := func(variables string, list, body string) string {
		for _, v := range variables {
			body = list + ".all(" + string(v) + ", " + body + ")"
		}
		return body
	}
	return map[string]string{
		"nested loops":                       loops("abcdefg", ten, "a > 0"),
		"nested loops over a hundred":        loops("abcd", hundred, "a > 0"),
		"loops that make lists":              hundred + ".map(a, " + hundred + ".map(b, " + hundred + ".map(c, a + b + c)))",
		"filters":                            loops("abcdef", ten, "form.list.filter(x, x == \"no\").size() == 0"),
		"a text grown":                       `["xxxxxxxx"]` + strings.Repeat(".map(a, "+strings.Repeat("a + ", 19)+"a)", 7),
		"a text grown from a large one":      `[form.big]` + strings.Repeat(".map(a, a + a + a + a)", 7) + `.map(a, a.size())`,
		"a list grown":                       `[[1]]` + strings.Repeat(".map(a, "+strings.Repeat("a + ", 9)+"a)", 7) + `.map(a, 5 in a)`,
		"a list doubled forty times":         `[[1]]` + strings.Repeat(".map(a, a + a)", 40) + `.map(a, 5 in a)`,
		"lists within lists":                 `[[1]]` + strings.Repeat(".map(a, ["+strings.Repeat("a, ", 19)+"a])", 7) + `.map(a, a == a)`,
		"lists within lists compared":        `[form.list]` + strings.Repeat(".map(a, ["+strings.Repeat("a, ", 9)+"a])", 7) + `.exists(a, [a, a] == [a, a])`,
		"lists within lists forty times":     `[[1]]` + strings.Repeat(".map(a, [a, a])", 40) + `.map(a, a == a)`,
		"maps within maps":                   `[{"a": 1}]` + strings.Repeat(`.map(m, {"a": m, "b": m, "c": m, "d": m, "e": m, "f": m, "g": m, "h": m})`, 7) + `.exists(m, m == m)`,
		"lists of a field":                   `[form.list]` + strings.Repeat(".map(a, true ? [a, a, a, a, a, a] : form.list)", 7) + `.map(a, a == a)`,
		"replacements that grow":             strings.Repeat("replace(", 25) + `"aaaaaaaaaa"` + strings.Repeat(`, "a", "aaaaaaaaaa")`, 25),
		"a regular expression on a text":     `matches(form.huge, "(a*)*(a*)*(a*)*(a|aa|aaa)*b")`,
		"as large as is allowed":             `form.list.all(x, !matches(form.big, "(a?){5}(a|aa)*b"))`,
		"a large regular expression":         `matches(form.big, "((a{0,30}){0,30}){0,1}b")`,
		"regular expressions in a loop":      `form.list.all(x, !matches(form.big, "(a|aa)+(b|bb)+$"))`,
		"an expression that extracts again":  `form.list.map(x, regex_replace(form.big, "a", "aa"))`,
		"folding again and again":            loops("abc", "form.list", `fold(form.wide) != ""`),
		"companies in a loop":                `form.list.all(a, form.list.all(b, company(form.wide + a + b) != ""))`,
		"numbers in a loop":                  `form.list.all(a, form.list.all(b, e164("03-1234-56" + a + b) != "x"))`,
		"dates in a loop":                    `form.list.all(a, form.list.all(b, date("2026年11月21日" + a + b) != "x"))`,
		"formats in a loop":                  `form.list.all(a, form.list.all(b, format(item.received, form.pattern) != ""))`,
		"sizes of a huge text":               `form.list.all(a, form.list.all(b, form.huge.size() > 1))`,
		"conversions of a huge text":         `form.list.all(a, form.list.all(b, bytes(form.huge) != b"x"))`,
		"errors that are passed over":        `form.list.exists(a, form.list.exists(b, int(form.huge) > 1))`,
		"errors of functions passed over":    `form.list.exists(a, form.list.exists(b, days_between(form.big, a) > 1))`,
		"searches in a huge text":            `form.list.all(a, form.list.all(b, !form.huge.contains("aaaaaaaaaaaaaaaaaaaaaaab")))`,
		"splits":                             `form.list.all(a, form.list.all(b, size(split(form.big, "a")) >= 0))`,
		"joins":                              `form.list.all(a, form.list.all(b, join(form.list, form.big) != ""))`,
		"a result beyond the limit":          `form.huge`,
		"a result beyond the limit, by list": `form.list.map(x, form.big)`,
		"functions within functions":         strings.Repeat("wide(", 30) + "form.wide" + strings.Repeat(")", 30),
		"lookups in a loop":                  `form.list.all(a, form.list.all(b, lookup("areas", form.wide) == ""))`,
		"letters in a loop":                  `form.list.all(a, form.list.all(b, lines(form.big).size() == 1))`,
		"timestamps in a loop":               `form.list.all(a, form.list.all(b, form.list.all(c, timestamp("2026-01-01T00:00:00Z") > timestamp("2025-01-01T00:00:00Z"))))`,
		"optional values bound again":        `form.?list` + strings.Repeat(".optMap(a, [a, a, a, a, a, a, a, a])", 6) + `.optMap(a, a == a)`,
	}
}

func bombInput() *expr.Input {
	in := sample()
	list := make([]string, 900)
	for i := range list {
		list[i] = string(rune('0'+i%10)) + string(rune('0'+i/10%10))
	}
	in.Form["list"] = list
	in.Form["big"] = strings.Repeat("a", 60<<10)
	in.Form["huge"] = strings.Repeat("a", 1<<20)
	in.Form["wide"] = strings.Repeat("ｶﾞ髙㈱", 2<<10)
	in.Form["pattern"] = strings.Repeat("YYYY年G", 5000)
	return in
}

func TestBombsEndAtALimit(t *testing.T) {
	env, in := newEnv(t), bombInput()
	for name, text := range bombs() {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			program, err := env.Value(text)
			compiled := time.Since(start)
			if err == nil {
				start = time.Now()
				_, err = program.Text(in)
				t.Logf("%s: compiled in %v, ended in %v: %v", name, compiled, time.Since(start), describe(err))
			} else {
				t.Logf("%s: refused in %v: %v", name, compiled, describe(err))
			}
			if spent := time.Since(start); spent > 2*time.Second {
				t.Errorf("it took %v", spent)
			}
			var e *expr.Error
			if !errors.As(err, &e) || !e.Limit || e.Hint == "" {
				t.Errorf("the error is %v, want a limit's", describe(err))
			}
		})
	}
}

func TestLimitsOfCompiling(t *testing.T) {
	env := newEnv(t)
	for name, text := range map[string]string{
		"too long":        `"` + strings.Repeat("a", 4<<10) + `"`,
		"too deep":        strings.Repeat("(", 100) + "1" + strings.Repeat(")", 100),
		"functions":       strings.Repeat("trim(", 100) + `"a"` + strings.Repeat(")", 100),
		"lists":           strings.Repeat("[", 200) + strings.Repeat("]", 200),
		"signs":           strings.Repeat("-", 1000) + "1",
		"negations":       strings.Repeat("!", 1001) + "true",
		"conditions":      strings.Repeat("true ? 1 : ", 300) + "1",
		"many parts":      "[" + strings.Repeat("1,", 1200) + "1].map(x, [" + "1])" + strings.Repeat(".map(x, x)", 5),
		"regex too large": `matches(form.email, "(a{500}){2}b{500}")`,
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := env.Value(text)
			t.Logf("%v", time.Since(start))
			var e *expr.Error
			if err != nil && (!errors.As(err, &e) || !e.Limit) {
				t.Errorf("the error is %v, want a limit's", describe(err))
			}
			if err == nil && name != "many parts" && name != "signs" && name != "negations" {
				t.Error("it was accepted")
			}
		})
	}
}
