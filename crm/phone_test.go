package crm

import (
	"strings"
	"testing"
)

func TestNormalizePhone(t *testing.T) {
	tests := map[string]struct{ number, region, want string }{
		"Tokyo":                    {"03-1234-5678", "", "+81312345678"},
		"mobile":                   {"090 1234 5678", "JP", "+819012345678"},
		"area code in brackets":    {"(03)1234-5678", "JP", "+81312345678"},
		"area code after brackets": {"03(1234)5678", "JP", "+81312345678"},
		"full width":               {"０３－１２３４－５６７８", "JP", "+81312345678"},
		"long vowel marks":         {"03ー1234ー5678", "JP", "+81312345678"},
		"international":            {"+81-3-1234-5678", "US", "+81312345678"},
		"trunk zero kept":          {"+81(0)3-1234-5678", "JP", "+81312345678"},
		"free call":                {"0120-123-456", "JP", "+81120123456"},
		"naisen":                   {"03-1234-5678 内線123", "JP", "+81312345678"},
		"naisen in brackets":       {"03-1234-5678（内線 123）", "JP", "+81312345678"},
		"ext":                      {"03-1234-5678 ext. 12", "JP", "+81312345678"},
		"x":                        {"03-1234-5678x12", "JP", "+81312345678"},
		"main line":                {"TEL：03-1234-5678（代表）", "JP", "+81312345678"},
		"two numbers":              {"03-1234-5678 / 090-1111-2222", "JP", "+81312345678"},
		"with fax":                 {"03-1234-5678 FAX 03-1234-5679", "JP", "+81312345678"},
		"United States":            {"(650) 253-0000", "us", "+16502530000"},
		"words":                    {"未定", "JP", ""},
		"too short":                {"110", "JP", ""},
		"empty":                    {"", "JP", ""},
		"unknown region":           {"03-1234-5678", "XX", ""},
		"endless":                  {strings.Repeat("1", 10000), "JP", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := NormalizePhone(test.number, test.region); got != test.want {
				t.Errorf("NormalizePhone(%q, %q) = %q, want %q", test.number, test.region, got, test.want)
			}
		})
	}
}

func FuzzNormalizePhone(f *testing.F) {
	f.Add("03-1234-5678 内線1", "JP")
	f.Fuzz(func(t *testing.T, number, region string) {
		got := NormalizePhone(number, region)
		if got != "" && !strings.HasPrefix(got, "+") {
			t.Errorf("NormalizePhone(%q) = %q", number, got)
		}
		if again := NormalizePhone(got, region); got != "" && again != got {
			t.Errorf("NormalizePhone(%q) = %q, again %q", number, got, again)
		}
	})
}
