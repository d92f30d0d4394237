package phrase_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/mapping/signals/internal/phrase"
)

// sources are expressions of many shapes: with words and without, cut by parsing behind a common letter, with classes, counts,
// places and broken bytes.
func sources() []string {
	return []string{
		`連絡(?:は|を)(?:お断り|おやめ)|不要|(?:ご)?遠慮(?:ください|願)`, `\bno longer (?:be )?(?:an employee|at (?:our|[a-z]+))|\bleft\b`, `a|ab|abc`, `abc|ab|a`, `b|ab`,
		`(?:in|im)portant|[xyz]{2,4}q|^start|end$`, `[^。]{0,4}だ|。+`, `(?:あ|い)(?:う|え){1,2}お?|[ぁ-ん]ー`, `.*?left [a-z0-9\-]{2,9}?(?:\binc\b|\bltd\b)|x*`, "\uFFFD|\x00y", `(?i:stop)|go`,
		`a(?:b|c)?(?:d|)e|[|]|\|`, `[\]|)(]x|[^|]y`, `(?:a|b|c|d|e)(?:f|g|h|i|j)(?:k|l|m|n)`, `é|×2|😀`, `(?:と|とも)(?:に||は)休`, `[[:digit:]|]z`,
	}
}

// texts are put together of pieces of the expressions.
func texts() (list []string) {
	pieces := strings.FieldsFunc(strings.Join(sources(), "|"), func(c rune) bool { return strings.ContainsRune(`|()?:[]{}\^$*+.`, c) })
	pieces = append(pieces, "", " ", "\xff", "ご連絡は", "お断りします", "we are no longer at home", "left acme inc", "xyzq", "abce", "end", "\uFFFD", "STOP", "|", "ともに休", "😀é", "3z", "だ。。")
	for i, a := range pieces {
		for j, b := range pieces {
			list = append(list, a+b, a+" "+b+pieces[(i+j)%len(pieces)])
		}
	}
	return list
}

// TestSameAsRegexp holds each answer against that of package regexp.
func TestSameAsRegexp(t *testing.T) {
	var v phrase.Vocabulary
	for _, source := range sources() {
		v.Expression(source)
	}
	matched := 0
	list := texts()
	ends := make([]int, len(list))
	for i, text := range list {
		ends[i] = len(text)
		if i > 0 {
			ends[i] += ends[i-1]
		}
	}
	v.ReadAll(strings.Join(list, ""), ends, func(i int, told phrase.Text) {
		for _, e := range v.All() {
			matched += compare(t, e, told)
		}
		if told.String != list[i] {
			t.Error("another text")
		}
	})
	if matched < len(list) {
		t.Errorf("only %d of %d matched", matched, len(list))
	}
}

var compiled = map[string]*regexp.Regexp{}

// compare gives 1 if the expression matches.
func compare(t *testing.T, e *phrase.Expression, told phrase.Text) int {
	t.Helper()
	plain := compiled[e.Source()]
	if plain == nil {
		plain = regexp.MustCompile(e.Source())
		compiled[e.Source()] = plain
	}
	want := plain.FindStringIndex(told.String)
	if diff := cmp.Diff(want, e.Find(told)); diff != "" {
		t.Errorf("%q in %q (-regexp +ours):\n%s", e.Source(), told.String, diff)
	}
	if e.Match(told) != (want != nil) || want != nil && !e.May(told) {
		t.Errorf("%q in %q: match %v, may %v", e.Source(), told.String, e.Match(told), e.May(told))
	}
	if got, want := e.Replace(told, "-$1").String, plain.ReplaceAllLiteralString(told.String, "-$1"); got != want {
		t.Errorf("%q in %q replaced: %q, not %q", e.Source(), told.String, got, want)
	}
	half := told.String[len(told.String)/2:]
	if diff := cmp.Diff(plain.FindStringIndex(half), e.FindIn(told, half)); diff != "" {
		t.Errorf("%q in the half %q (-regexp +ours):\n%s", e.Source(), half, diff)
	}
	if want != nil {
		return 1
	}
	return 0
}

func TestWords(t *testing.T) {
	var v phrase.Vocabulary
	e, other := v.Words("退", "a.m", "office "), v.Words("x")
	for text, want := range map[string]bool{"退職": true, "at 3 a.m": true, "aXm": false, "office": false, "post office x": true, "": false} {
		if told := v.Read(text); e.May(told) != want || e.Match(told) != want || other.May(told) != strings.Contains(text, "x") {
			t.Errorf("%q", text)
		}
	}
	if told := v.Read("退x"); e.Match(v.Read("")) || e.Match(phrase.Text{}) || !e.Match(told) {
		t.Error("empty texts")
	}
}

func TestAlternatives(t *testing.T) {
	for source, want := range map[string][]string{
		"a|b": {"a", "b"}, "a": {"a"}, "": {""}, "a||b": {"a", "", "b"}, `(a|b)|c`: {"(a|b)", "c"}, `[|]|\|`: {"[|]", `\|`}, `[]|]|[^]|]`: {"[]|]", "[^]|]"}, `[\]|]|x`: {`[\]|]`, "x"}, `[[:alpha:]|]|y`: {"[[:alpha:]|]", "y"},
	} {
		if diff := cmp.Diff(want, phrase.Alternatives(source)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
}

func TestBrokenExpression(t *testing.T) {
	var v phrase.Vocabulary
	v.Expression("a|(b")
	defer func() {
		if recover() == nil {
			t.Error("it was taken")
		}
	}()
	v.Read("a")
}

func FuzzSameAsRegexp(f *testing.F) {
	for i, source := range sources() {
		f.Add(source, texts()[i*7])
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		plain, err := regexp.Compile(source)
		if err != nil || len(source) > 200 || len(text) > 1000 || strings.Contains(source, "(?") && !strings.Contains(source, "(?:") || strings.Contains(source, `\Q`) {
			return
		}
		for _, part := range phrase.Alternatives(source) {
			if _, err := regexp.Compile(part); err != nil {
				return // repeats that are too large together, flags
			}
		}
		var v phrase.Vocabulary
		e := v.Expression(source)
		told := v.Read(text)
		if diff := cmp.Diff(plain.FindStringIndex(text), e.Find(told)); diff != "" {
			t.Errorf("%q in %q (-regexp +ours):\n%s", source, text, diff)
		}
	})
}
