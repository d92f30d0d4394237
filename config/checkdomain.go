package config

import (
	"net"
	"net/mail"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

const domainHint = "a domain looks like example.co.jp"

// domain gives the lower-case ASCII form of a domain, or a hint if it is none.
func domain(s string) (ascii, hint string) {
	meant, why := s, ""
	switch {
	case strings.Contains(s, "://"):
		u, err := url.Parse(s)
		if err != nil {
			return "", domainHint
		}
		meant, why = strings.TrimPrefix(u.Hostname(), "www."), ", without https:// and path"
	case strings.Contains(s, "@"):
		meant, why = s[strings.LastIndex(s, "@")+1:], ", without the @ and what stands before it"
	case strings.HasPrefix(s, "*."):
		meant, why = s[2:], "; its subdomains belong to it"
	case strings.HasSuffix(s, "."):
		meant, why = strings.TrimRight(s, "."), ", without the dot at the end"
	}
	if why != "" {
		if _, hint := domain(meant); hint != "" {
			return "", domainHint // nothing is left of it, or nothing better
		}
		return "", "write " + meant + why
	}
	ascii, err := idna.Lookup.ToASCII(strings.ToLower(strings.TrimSpace(s)))
	if err != nil || !strings.Contains(ascii, ".") || strings.ContainsAny(ascii, " /:_") || net.ParseIP(ascii) != nil {
		return "", domainHint
	}
	return ascii, ""
}

// address gives the lower-case form of a mail address.
func (k *checker) address(path, s string) string {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != strings.TrimSpace(s) || !strings.Contains(a.Address, ".") {
		hint := "an address looks like sato@example.co.jp"
		if err == nil && a.Name != "" {
			hint = "write the address alone: " + a.Address
		}
		k.bad(path, k.shown(path, s)+" is not a mail address", hint)
		return s
	}
	return strings.ToLower(a.Address)
}
