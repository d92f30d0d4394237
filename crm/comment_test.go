package crm_test

import (
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestMentionsIn(t *testing.T) {
	users := []crm.User{{Email: "sato@example.co.jp", Name: "佐藤 花子"}, {Email: "sato.k@example.co.jp", Name: "佐藤 健"}, {Email: "suzuki@example.co.jp", Name: "鈴木　一郎"}, {Email: "gone@example.co.jp", Name: "Gone", Disabled: true}}
	for name, test := range map[string]struct{ text, want string }{
		"beginning of an address":    {"@suzuki please", "suzuki@example.co.jp"},
		"whole address":              {"見て @sato@example.co.jp。", "sato@example.co.jp"},
		"the longer one":             {"@sato.k?", "sato.k@example.co.jp"},
		"at the end of a sentence":   {"Ask @sato.", "sato@example.co.jp"},
		"family name, then more":     {"@鈴木さん お願いします", "suzuki@example.co.jp"},
		"full width":                 {"＠鈴木", "suzuki@example.co.jp"},
		"whole name":                 {"@佐藤 花子 さん", "sato@example.co.jp"},
		"two of the name":            {"@佐藤 さん", ""},
		"several":                    {"@suzuki @sato", "sato@example.co.jp suzuki@example.co.jp"},
		"once":                       {"@suzuki @suzuki", "suzuki@example.co.jp"},
		"within an address":          {"tanaka@suzuki.example", ""},
		"a longer word":              {"@suzukisan", ""},
		"nobody":                     {"@nobody", ""},
		"somebody who left":          {"@gone", ""},
		"nothing":                    {"", ""},
		"only the sign":              {"@", ""},
		"a name with another domain": {"@sato@elsewhere.example", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(crm.MentionsIn(test.text, users), " "); got != test.want {
				t.Errorf("got %q instead of %q", got, test.want)
			}
		})
	}
}
