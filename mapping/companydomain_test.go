package mapping_test

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/mapping"
)

func TestCompanyDomain(t *testing.T) {
	m := newMapper(t, mapping.Document{Match: mapping.MatchRules{FreeMail: []string{"isp.example"}}})
	for name, test := range map[string]struct {
		addresses []string
		want      string
	}{
		"nobody":               {nil, ""},
		"of a company":         {[]string{"Aoi@Aozora.Example"}, "aozora.example"},
		"free mail":            {[]string{"aoi@gmail.com"}, ""},
		"provider of the file": {[]string{"aoi@mail.isp.example"}, ""},
		"ours":                 {[]string{us}, ""},
		"the first that tells": {[]string{"aoi@gmail.com", "no address", "aoi@aozora.example", "aoi@other.example"}, "aozora.example"},
	} {
		if got := m.CompanyDomain(test.addresses); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
