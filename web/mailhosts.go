package web

import (
	"slices"
	"strings"
)

// mailHost says where the mail of a domain is read.
type mailHost struct {
	Servers  []string // of IMAP, the likeliest first; tried in this order
	Provider string   // "google" or "microsoft": signs in otherwise than with a password; "" for a password
}

// knownMailHosts are the mail services of which addresses and servers bear different names, by the domain of the addresses.
func knownMailHosts() map[string]string {
	return map[string]string{
		"yahoo.co.jp": "imap.mail.yahoo.co.jp", "ymail.ne.jp": "imap.mail.yahoo.co.jp", "ybb.ne.jp": "ybbimap.mail.yahoo.co.jp",
		"icloud.com": "imap.mail.me.com", "me.com": "imap.mail.me.com", "mac.com": "imap.mail.me.com",
		"nifty.com": "imap.nifty.com", "nifty.ne.jp": "imap.nifty.com", "docomo.ne.jp": "imap.spmode.ne.jp", "au.com": "imap.au.com", "ezweb.ne.jp": "imap.au.com",
		"softbank.ne.jp": "imap.softbank.jp", "i.softbank.jp": "imap.softbank.jp", "ocn.ne.jp": "imap.ocn.ne.jp", "biglobe.ne.jp": "imap.biglobe.ne.jp",
		"yahoo.com": "imap.mail.yahoo.com", "aol.com": "imap.aol.com", "fastmail.com": "imap.fastmail.com", "zoho.com": "imap.zoho.com", "zoho.jp": "imap.zoho.jp",
	}
}

// mailHostSuffix says what the name of a server that takes a domain's mail tells of the one where it is read.
type mailHostSuffix struct{ suffix, server, provider string }

// mailHostSuffixes are mail services that companies have their own domains at, by the end of the name in the MX record. An
// empty server is the one of the MX record itself, as shared servers in Japan have it.
func mailHostSuffixes() []mailHostSuffix {
	return []mailHostSuffix{
		{".google.com", "imap.gmail.com", "google"}, {".googlemail.com", "imap.gmail.com", "google"},
		{".outlook.com", "outlook.office365.com", "microsoft"},
		{".xserver.jp", "", ""}, {".xbiz.jp", "", ""}, {".sakura.ne.jp", "", ""}, {".sixcore.ne.jp", "", ""}, {".wpx.ne.jp", "", ""},
		{".lolipop.jp", "imap.lolipop.jp", ""}, {".heteml.jp", "imap.heteml.jp", ""}, {".muumuu-mail.com", "imap4.muumuu-mail.com", ""},
		{".onamae.ne.jp", "", ""}, {".conoha.ne.jp", "", ""}, {".conoha.io", "", ""}, {".kagoya.net", "", ""}, {".coreserver.jp", "", ""}, {".valueserver.jp", "", ""},
		{".zoho.com", "imappro.zoho.com", ""}, {".zoho.jp", "imappro.zoho.jp", ""}, {".messagingengine.com", "imap.fastmail.com", ""},
		{".icloud.com", "imap.mail.me.com", ""}, {".yahoo.co.jp", "imap.mail.yahoo.co.jp", ""},
	}
}

// mailHostOf guesses where the mail of a domain is read, from its name and the servers of its MX records.
func mailHostOf(domain string, mx []string) mailHost {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	switch domain {
	case "gmail.com", "googlemail.com":
		return mailHost{[]string{"imap.gmail.com"}, "google"}
	case "outlook.com", "outlook.jp", "hotmail.com", "hotmail.co.jp", "live.jp", "live.com", "msn.com":
		return mailHost{[]string{"outlook.office365.com"}, "microsoft"}
	}
	var out mailHost
	add := func(server string) {
		if server != "" && !slices.Contains(out.Servers, server) && len(out.Servers) < 4 {
			out.Servers = append(out.Servers, server)
		}
	}
	add(knownMailHosts()[domain])
	for _, host := range mx {
		host = strings.ToLower(strings.TrimSuffix(host, "."))
		for _, s := range mailHostSuffixes() {
			if !strings.HasSuffix("."+host, s.suffix) {
				continue
			}
			if out.Provider == "" {
				out.Provider = s.provider
			}
			if s.server == "" {
				add(host)
			}
			add(s.server)
		}
	}
	if len(out.Servers) > 0 {
		return out
	}
	add("imap." + domain)
	add("mail." + domain)
	if len(mx) > 0 {
		add(strings.ToLower(strings.TrimSuffix(mx[0], ".")))
	}
	return out
}
