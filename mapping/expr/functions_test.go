package expr_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

func TestDates(t *testing.T) {
	env := newEnv(t)
	program := mustValue(t, env, `format(form.x, "YYYY-MM-DD hh:mm:ss")`)
	for written, want := range map[string]string{
		"2026-11-21": "2026-11-21 00:00:00", "2026/1/2": "2026-01-02 00:00:00", "2026.11.21": "2026-11-21 00:00:00",
		"20261121": "2026-11-21 00:00:00", "2026年11月21日": "2026-11-21 00:00:00", "２０２６年１１月２１日（土）": "2026-11-21 00:00:00",
		"2026年 1月 2日 午後3時4分": "2026-01-02 15:04:00", "2026-11-21 15:04": "2026-11-21 15:04:00", "2026-11-21T15:04:05": "2026-11-21 15:04:05",
		"2026-11-21T15:04:05Z": "2026-11-22 00:04:05", "2026-11-21T15:04:05+09:00": "2026-11-21 15:04:05", "2026/11/21 12:05 AM": "",
		"2026/11/21 AM 12:05": "2026-11-21 00:05:00", "2026年11月21日(土曜日) 9:30": "2026-11-21 09:30:00",
		"令和8年11月21日": "2026-11-21 00:00:00", "令和元年5月1日": "2019-05-01 00:00:00", "R8.11.21": "2026-11-21 00:00:00", "r8/11/21": "2026-11-21 00:00:00",
		"平成31年4月30日": "2019-04-30 00:00:00", "昭和64年1月7日": "1989-01-07 00:00:00", "S50.1.1": "1975-01-01 00:00:00", "㍻2年1月1日": "",
		"令和元年4月30日": "", "2026-02-29": "", "2024-02-29": "2024-02-29 00:00:00", "2026-13-01": "", "2026-00-10": "", "令和0年1月1日": "",
		"2026-11-21 25:00": "", "2026-11-21 10:61": "", "2026年11月": "", "11/21": "", "tomorrow": "", "": "", "2026-11-21 or so": "", "20261399": "",
	} {
		in := &expr.Input{Form: map[string]any{"x": written}}
		if got, err := program.Text(in); err != nil || got != want {
			t.Errorf("%q = %q, %v; want %q", written, got, err, want)
		}
	}
}

func TestZone(t *testing.T) {
	newYork := time.FixedZone("EST", -5*60*60)
	env, err := expr.New(nil, expr.WithZone(newYork), expr.WithRegion("US"))
	if err != nil {
		t.Fatal(err)
	}
	in := &expr.Input{Item: map[string]any{"received": time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)}}
	for text, want := range map[string]string{
		`date(item.received)`: "2026-11-20", `e164("(212) 555-2368")`: "+12125552368", `phone("212-555-2368")`: "(212) 555-2368",
		`phone("+81 3 1234 5678")`: "+81 3-1234-5678", `is_free_mail("gmail.com")`: "false",
	} {
		if got, err := mustValue(t, env, text).Text(in); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", text, got, err, want)
		}
	}
}

// Each of these is false if a function does not keep its promise at an edge.
func TestEdges(t *testing.T) {
	env := newEnv(t)
	for _, text := range []string{
		`truncate("日本", 2) == "日本"`, `truncate("日本語", 2) == "日…"`, `truncate("日本語", 0) == ""`, `truncate("日本語", -1) == ""`, `truncate("a  b", 3) == "a…"`,
		`before("a@b", "#") == "a@b"`, `after("a@b", "#") == ""`, `after("a@b@c", "@") == "b@c"`, `before("abc", "") == ""`,
		`replace("abc", "", "x") == "abc"`, `split("", ",") == []`, `split("a\nb", "") == ["a", "b"]`, `lines("a\r\n\r\nb") == ["a", "b"]`,
		`join([], ",") == ""`, `default("　", "x") == "x"`, `default("a", "x") == "a"`, `default(form.?email, "x") == form.email`,
		`katakana("が") == "ガ"`, `katakana("ｶﾞｰﾄﾞ") == "ガード"`, `hiragana("ヴ") == "ゔ"`, `katakana("株式会社ａ") == "株式会社ａ"`,
		`narrow("㈱") == "㈱"`, `narrow("ﾊﾟ") == "パ"`, `wide("ｱ") == "ア"`,
		`full_name("田中", "太郎") == "田中 太郎"`, `full_name("", "太郎") == "太郎"`, `full_name("Tanaka", "") == "Tanaka"`,
		`family_name("田中太郎") == "田中太郎"`, `given_name("田中太郎") == ""`, `family_name("TANAKA Taro") == "TANAKA"`,
		`e164("no number") == ""`, `phone("") == ""`, `email("not an address") == ""`, `domain_of("x") == ""`, `!is_free_mail("") && is_free_mail("Taro@GMAIL.com")`,
		`extract("abc", "x") == ""`, `extract("abc", "b") == "b"`, `extract("abc", "(b)(c)", 0) == "bc"`, `regex_replace("aaa", "b*", "-") == "-a-a-a-"`,
		`lookup("channels", "Ｗｅｂ") == "ウェブ"`, `lookup("channels", "none") == ""`, `days_between("2026-03-01", "2026-02-01") == -28`,
		`format("none", "YYYY") == ""`, `format("2019-05-01", "G年") == "令和元年"`, `format("1989-01-07", "G年") == "昭和64年"`, `format("1850-01-01", "G") == "1850"`,
		`format("2026-01-02 03:04:05", "YY/M/D h:mm:ss YYYY") == "26/1/2 3:04:05 2026"`,
	} {
		program, err := env.Condition(text)
		if err != nil {
			t.Errorf("Condition(%s): %v", text, describe(err))
			continue
		}
		if ok, err := program.True(sample()); err != nil || !ok {
			t.Errorf("%s does not hold: %v", text, describe(err))
		}
	}
}

// Keys that differ in width alone are found as they are written, and by nothing else.
func TestLookupOfKeysThatFoldAlike(t *testing.T) {
	env, err := expr.New(map[string]map[string]string{"t": {"A": "narrow", "Ａ": "wide", "b": "one"}})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"A": "narrow", "Ａ": "wide", "a": "", "B": "one"} {
		if got, err := mustValue(t, env, `lookup("t", `+strconv.Quote(key)+`)`).Text(nil); err != nil || got != want {
			t.Errorf("lookup of %q = %q, %v; want %q", key, got, err, want)
		}
	}
}

func TestResultOf64KBIsAllowed(t *testing.T) {
	env := newEnv(t)
	program := mustValue(t, env, `form.x`)
	for size, fits := range map[int]bool{64 << 10: true, 64<<10 + 1: false} {
		_, err := program.Text(&expr.Input{Form: map[string]any{"x": strings.Repeat("a", size)}})
		if (err == nil) != fits {
			t.Errorf("a result of %d bytes: %v", size, err)
		}
	}
}
