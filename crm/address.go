package crm

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxAddress is the longest address that is read as one, in bytes: RFC 5321 section 4.5.3.1 allows 64 for
// the local part and 255 for the domain; local parts beyond that are in use.
const maxAddress = 320

// NormalizeAddress is the form in which addresses of the same person are equal: the canonical form (see
// CanonicalAddress) without a "+tag", for Gmail also without dots and with googlemail.com as gmail.com. It is
// what Question.Addresses, Review.Address and Write.Pending hold. ok is false if s is not an address.
//
// Local parts that RFC 5321 forbids but Japanese carriers gave out ("a..b.@docomo.ne.jp") are addresses.
// An address that is normal already is returned as it is, without allocating.
func NormalizeAddress(s string) (normalized string, ok bool) {
	s, at := canonicalAddress(s)
	if at < 0 {
		return "", false
	}
	local, domain := s[:at], s[at+1:]
	quoted := local[0] == '"'
	if plus := strings.IndexByte(local, '+'); plus > 0 && !quoted {
		local = local[:plus]
	}
	if domain == "gmail.com" || domain == "googlemail.com" {
		domain = "gmail.com"
		if !quoted && strings.IndexByte(local, '.') >= 0 {
			local = strings.TrimLeft(strings.ReplaceAll(local, ".", ""), "'")
		}
		if local == "" {
			return "", false
		}
	}
	if len(local) == at && len(domain) == len(s)-at-1 {
		return s, true
	}
	return local + "@" + domain, true
}

// CanonicalAddress is the form in which two spellings of the very same address are equal: without what
// surrounds it ("mailto:", angle brackets, quotes, trailing dots), Unicode's compatibility forms folded
// (NFKC: full-width letters), lower-cased, the domain in ASCII (IDNA, UTS 46). "" if s is not an address.
//
// RFC 5321 lets a server tell local parts apart by case; none in use does.
func CanonicalAddress(s string) string {
	s, at := canonicalAddress(s)
	if at < 0 {
		return ""
	}
	return s
}

// AddressDomain is the domain of an address in lower-case ASCII, "" if s is not an address.
func AddressDomain(s string) string {
	s, at := canonicalAddress(s)
	if at < 0 {
		return ""
	}
	return s[at+1:]
}

// AddressLocal is the local part of an address in canonical form, "" if s is not an address.
func AddressLocal(s string) string {
	s, at := canonicalAddress(s)
	if at < 0 {
		return ""
	}
	return s[:at]
}

// canonicalAddress gives the canonical form and the place of its last "@", -1 if s is not an address.
func canonicalAddress(s string) (string, int) {
	if at := plainAddress(s); at > 0 {
		return s, at
	}
	if len(s) > 4*maxAddress || !utf8.ValidString(s) {
		return "", -1
	}
	s = foldAddress(s)
	if at := plainAddress(s); at > 0 {
		return s, at
	}
	s = trimJunk(s)
	at := strings.LastIndexByte(s, '@')
	if at <= 0 {
		return "", -1
	}
	local, ok := cleanLocal(s[:at])
	if !ok {
		return "", -1
	}
	domain, ok := asciiDomain(s[at+1:])
	if !ok || len(local)+1+len(domain) > maxAddress {
		return "", -1
	}
	return local + "@" + domain, len(local)
}

// plainAddress is the place of the "@" in an address that is canonical as it stands, the usual case; else 0.
func plainAddress(s string) int {
	at := strings.IndexByte(s, '@')
	if at <= 0 || len(s) > maxAddress || s[0] == '\'' || strings.HasPrefix(s, "mailto") {
		return 0
	}
	for i := range at {
		if !plainLocalByte(s[i]) {
			return 0
		}
	}
	if !plainDomain(s[at+1:]) {
		return 0
	}
	return at
}

// plainLocalByte reports lower-case atext of RFC 5322, section 3.2.3, and the dot.
func plainLocalByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("._-+!#$%&'*/=?^`{|}~", c) >= 0
}

// foldAddress folds width, compatibility forms and case.
func foldAddress(s string) string {
	return norm.NFKC.String(strings.ToLower(norm.NFKC.String(s)))
}

// trimJunk takes off what people and programs put around an address.
func trimJunk(s string) string {
	if open := strings.LastIndexByte(s, '<'); open >= 0 {
		s = s[open+1:]
		if end := strings.IndexByte(s, '>'); end >= 0 {
			s = s[:end]
		}
	}
	for {
		before := len(s)
		s = strings.TrimFunc(s, func(r rune) bool {
			return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune("<>'“”‘’,;", r)
		})
		s = strings.TrimRight(s, ".。")
		if len(s) >= 7 && strings.EqualFold(s[:7], "mailto:") {
			s, _, _ = strings.Cut(s[7:], "?")
		}
		if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
			s = s[1 : len(s)-1]
		} else {
			s = strings.TrimSuffix(s, `"`)
		}
		if len(s) == before {
			return s
		}
	}
}

// cleanLocal takes the quotes off a local part that does not need them (RFC 5321, section 4.1.2: the quoted
// and the plain form are the same mailbox), and refuses what cannot be one.
func cleanLocal(local string) (string, bool) {
	if len(local) >= 2 && local[0] == '"' && local[len(local)-1] == '"' {
		plain := unescape(local[1 : len(local)-1])
		if plain == "" {
			return "", false
		}
		if strings.ContainsFunc(plain, needsQuotes) {
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(plain) + `"`, !strings.ContainsFunc(plain, unicode.IsControl)
		}
		return plain, true
	}
	return local, !strings.ContainsFunc(local, needsQuotes)
}

func needsQuotes(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`<>()[],;:\"@`, r)
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
