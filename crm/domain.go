package crm

import (
	"iter"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// NormalizeDomain is a domain in lower-case ASCII (IDNA, UTS 46) without a leading "@" or a trailing dot. ok
// is false if s is not a domain.
func NormalizeDomain(s string) (domain string, ok bool) {
	s = strings.TrimLeft(trimJunk(s), "@.")
	if plainDomain(s) {
		return s, true
	}
	return asciiDomain(norm.NFKC.String(s))
}

// DomainAndParents yields a domain and the domains above it, the longest first: "a.b.co.jp", "b.co.jp",
// "co.jp". The last label alone is not yielded unless it is all there is.
func DomainAndParents(domain string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for d := domain; d != ""; {
			if !yield(d) {
				return
			}
			_, parent, _ := strings.Cut(d, ".")
			if !strings.Contains(parent, ".") {
				return
			}
			d = parent
		}
	}
}

// plainDomain reports whether s is a domain of lower-case ASCII labels.
func plainDomain(s string) bool {
	if s == "" || len(s) > 255 {
		return false
	}
	last := byte('.')
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		case c == '.' && last != '.':
		default:
			return false
		}
		last = c
	}
	return last != '.'
}

// tolerantIDNA maps for look-up without refusing labels that are registered but not registrable today.
var tolerantIDNA = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false),
	idna.CheckHyphens(false), idna.ValidateLabels(false))

func asciiDomain(s string) (string, bool) {
	if plainDomain(s) {
		return s, true
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") { // an address literal, RFC 5321 section 4.1.3
		return s, len(s) > 2 && strings.Trim(s[1:len(s)-1], "0123456789abcdefghijklmnopqrstuvwxyz.:-") == ""
	}
	ascii, err := tolerantIDNA.ToASCII(strings.TrimRight(s, ".。"))
	if err != nil || !plainDomain(ascii) {
		return "", false
	}
	return ascii, true
}
