package gmail

import (
	"fmt"
	"slices"
	"strings"
)

// domainsAtOnce is how many known domains stand in one query; Gmail does not take queries of any length.
const domainsAtOnce = 20

// queries writes the searches that together find the mail of a time: from a second on and before another one, 0 for no
// bound. A second more at either end makes up for what after and before leave open.
func (s *Settings) queries(from, to int64) []string {
	var parts []string
	if from > 0 {
		parts = append(parts, fmt.Sprintf("after:%d", from-1))
	}
	if to > 0 {
		parts = append(parts, fmt.Sprintf("before:%d", to+1))
	}
	if q := strings.TrimSpace(s.Query); q != "" {
		parts = append(parts, "("+q+")")
	}
	if len(s.KnownDomains) == 0 {
		return []string{strings.Join(parts, " ")}
	}
	var out []string
	for domains := range slices.Chunk(s.KnownDomains, domainsAtOnce) {
		var words []string
		for _, domain := range domains {
			words = append(words, "from:"+domain, "to:"+domain, "cc:"+domain, "bcc:"+domain)
		}
		out = append(out, strings.Join(append(slices.Clone(parts), "{"+strings.Join(words, " ")+"}"), " "))
	}
	return out
}
