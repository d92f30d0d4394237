package mapping

import (
	"regexp"
	"strings"
	"testing"
)

func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{{"*@x.jp", "a@x.jp"}, {"a*b*c", "abbc"}, {"*", ""}, {"a", "a"}, {"**", "x"}, {"a*a", "a"}, {"*aab", "aaab"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if strings.Count(pattern, "*") > 20 || len(pattern)+len(s) > 500 {
			return
		}
		parts := strings.Split(pattern, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		re, err := regexp.Compile(`(?s)\A` + strings.Join(parts, ".*") + `\z`)
		if err != nil {
			return // not UTF-8
		}
		if got, want := glob(pattern, s), re.MatchString(s); got != want {
			t.Errorf("glob(%q, %q) = %v, want %v", pattern, s, got, want)
		}
	})
}
