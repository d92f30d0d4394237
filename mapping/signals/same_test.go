package signals

import (
	"go/scanner"
	"go/token"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
)

// sameness holds the expressions of the vocabulary against package regexp.
type sameness struct {
	plain  []*regexp.Regexp // by number of the expression
	quoted *regexp.Regexp
	seen   map[string]bool // texts, but for digits
}

func newSameness() *sameness {
	s := &sameness{quoted: regexp.MustCompile(`「[^」]{2,200}」|『[^』]{2,200}』|“[^”]{2,200}”`), seen: map[string]bool{}}
	for _, e := range vocabulary.All() {
		s.plain = append(s.plain, regexp.MustCompile(e.Source()))
	}
	return s
}

// compare asks all expressions for one folded text, unless it was asked for but for digits, and gives how many find that
// somebody left.
func (s *sameness) compare(t *testing.T, f string) (left int) {
	t.Helper()
	form := strings.Map(digitless, f)
	if s.seen[form] {
		return 0
	}
	s.seen[form] = true
	if bare, want := withoutQuotes(f), s.quoted.ReplaceAllString(f, ""); bare != want {
		t.Errorf("%q without quotes is %q, not %q", f, bare, want)
	}
	told := vocabulary.Read(f)
	for n, e := range vocabulary.All() {
		at := s.plain[n].FindStringIndex(f)
		if diff := cmp.Diff(at, e.Find(told)); diff != "" || e.Match(told) != (at != nil) || at != nil && !e.May(told) {
			t.Errorf("%q of %.40s (-regexp +ours):\n%s", f, e.Source(), diff)
		}
		if at != nil && (e == leftEnglish || e == movedEnglish) {
			left++
		}
	}
	return left
}

func digitless(c rune) rune {
	if c >= '0' && c <= '9' {
		return '0'
	}
	return c
}

// TestSameAsRegexp compares on generated mails, and on the wordings of the package's tests, whole, cut, put together and broken.
func TestSameAsRegexp(t *testing.T) {
	s := newSameness()
	for _, seed := range []uint64{1, 11, 4711} {
		for m := range mailgen.Generate(seed, 100) {
			for line := range strings.Lines(m.Truth.Text) {
				s.compare(t, fold(line))
			}
		}
	}
	list := wordings(t)
	if len(list) < 500 {
		t.Fatalf("only %d wordings", len(list))
	}
	for _, text := range list {
		s.compare(t, fold(text))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 600 {
		s.compare(t, fold(spliced(r, list)))
	}
}

// spliced is made of two wordings, with something between that stands in mails.
func spliced(r *rand.Rand, list []string) string {
	between := []string{"", " ", "\n", "。", "12月3日", "「", "」", "\xff", "　", "を", " 3 may", "“", "?", ". ", "１２", "まで", "friday", "します", " the ", " to "}
	a, b := []rune(list[r.IntN(len(list))]), []rune(list[r.IntN(len(list))])
	return string(a[:r.IntN(len(a)+1)]) + between[r.IntN(len(between))] + string(b[r.IntN(len(b)+1):])
}

// wordings are the texts in the tests of this package.
func wordings(t *testing.T) (list []string) {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var read scanner.Scanner
		read.Init(token.NewFileSet().AddFile(file, -1, len(source)), source, nil, 0)
		for {
			_, kind, literal := read.Scan()
			if kind == token.EOF {
				break
			}
			if text, err := strconv.Unquote(literal); kind == token.STRING && err == nil && len(text) > 3 {
				list = append(list, text)
			}
		}
	}
	return list
}

func FuzzSameAsRegexp(f *testing.F) {
	f.Add("後任の山田と申します。今後のご連絡は不要です。")
	f.Add("i have left the company, please remove me from your list by friday.")
	s := newSameness()
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		folded := fold(text)
		clear(s.seen)
		s.compare(t, folded)
		if diff := cmp.Diff(regexp.MustCompile(days).FindAllStringSubmatchIndex(folded, maxDays), findDays(folded)); diff != "" {
			t.Errorf("%q (-search from each character +ours):\n%s", folded, diff)
		}
	})
}
