package crm

import (
	"strings"
	"unicode"
)

// sharedDomain is a domain of addresses of both; "" if there is none but one at which anybody can have an address.
func sharedDomain(a, b Person) string {
	for _, x := range a.Emails {
		domain := AddressDomain(x)
		if domain == "" || PublicMail(domain) {
			continue
		}
		for _, y := range b.Emails {
			if AddressDomain(y) == domain {
				return domain
			}
		}
	}
	return ""
}

// PublicMail reports the domains, in lower case, of the mail providers and mobile carriers that most private addresses have.
func PublicMail(domain string) bool {
	switch domain {
	case "gmail.com", "googlemail.com", "yahoo.co.jp", "yahoo.com", "ymail.ne.jp", "ybb.ne.jp", "hotmail.com", "hotmail.co.jp", "outlook.com", "outlook.jp", "live.jp",
		"live.com", "msn.com", "icloud.com", "me.com", "mac.com", "docomo.ne.jp", "ezweb.ne.jp", "au.com", "softbank.ne.jp", "i.softbank.jp", "nifty.com", "biglobe.ne.jp",
		"so-net.ne.jp", "ocn.ne.jp", "plala.or.jp", "excite.co.jp", "aol.com", "gmx.de", "proton.me", "protonmail.com":
		return true
	}
	return false
}

// isRoleAddress reports addresses of a function, which several people read.
func isRoleAddress(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	for _, word := range strings.FieldsFunc(local, func(r rune) bool { return r == '-' || r == '.' || r == '_' || r == '+' }) {
		switch strings.TrimRightFunc(word, unicode.IsDigit) {
		case "info", "information", "contact", "inquiry", "inquiries", "support", "help", "sales", "office", "admin", "administrator", "webmaster", "postmaster",
			"hello", "reception", "recruit", "saiyo", "soumu", "somu", "eigyo", "eigyou", "jinji", "keiri", "kouho", "koho", "kikaku", "gyomu", "koubai", "kobai", "shien",
			"toiawase", "otoiawase", "madoguchi", "uketsuke", "mail", "team", "staff", "order", "orders", "shop", "press", "pr", "hr", "billing", "accounting", "marketing",
			"noreply", "no", "root", "customer", "service":
			return true
		}
	}
	return false
}
