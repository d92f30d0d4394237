package crm

import (
	"slices"
	"strings"
	"testing"
)

func TestNormalizeAddress(t *testing.T) {
	tests := map[string]struct{ in, normalized, canonical string }{
		"plain":                       {"tanaka@client.co.jp", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		"case":                        {"Tanaka@Client.CO.JP", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		"angle brackets":              {" <tanaka@client.co.jp> ", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		"name before":                 {"田中 <tanaka@client.co.jp>", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		"mailto":                      {"MAILTO:tanaka@client.co.jp?subject=hi", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		"mailto in brackets":          {"<mailto:tanaka@client.co.jp>", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		"single quotes of Outlook":    {"'tanaka@client.co.jp'", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		"apostrophe inside":           {"o'brien@client.ie", "o'brien@client.ie", "o'brien@client.ie"},
		"trailing dot":                {"tanaka@client.co.jp.", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		"tag":                         {"tanaka+news@client.co.jp", "tanaka@client.co.jp", "tanaka+news@client.co.jp"},
		"leading plus is no tag":      {"+81312345678@client.co.jp", "+81312345678@client.co.jp", "+81312345678@client.co.jp"},
		"Gmail dots and tag":          {"Ta.na.ka+x@gmail.com", "tanaka@gmail.com", "ta.na.ka+x@gmail.com"},
		"Googlemail":                  {"ta.naka@googlemail.com", "tanaka@gmail.com", "ta.naka@googlemail.com"},
		"dots count elsewhere":        {"ta.naka@client.co.jp", "ta.naka@client.co.jp", "ta.naka@client.co.jp"},
		"minus is no tag":             {"tanaka-x@yahoo.co.jp", "tanaka-x@yahoo.co.jp", "tanaka-x@yahoo.co.jp"},
		"full width":                  {"ｔａｎａｋａ＠ｃｌｉｅｎｔ．ｃｏ．ｊｐ", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		"Japanese domain":             {"info@例え.jp", "info@xn--r8jz45g.jp", "info@xn--r8jz45g.jp"},
		"ideographic full stop":       {"info@例え。jp", "info@xn--r8jz45g.jp", "info@xn--r8jz45g.jp"},
		"Unicode local part":          {"田中@例え.jp", "田中@xn--r8jz45g.jp", "田中@xn--r8jz45g.jp"},
		"half-width kana local part":  {"ﾀﾅｶ@client.co.jp", "タナカ@client.co.jp", "タナカ@client.co.jp"},
		"carrier's dots":              {"a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp"},
		"carrier's dots, quoted":      {`"a..b."@docomo.ne.jp`, "a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp"},
		"leading dot":                 {".ab@ezweb.ne.jp", ".ab@ezweb.ne.jp", ".ab@ezweb.ne.jp"},
		"quotes that are needed":      {`"a b"@client.co.jp`, `"a b"@client.co.jp`, `"a b"@client.co.jp`},
		"at sign in quotes":           {`"a@b"@client.co.jp`, `"a@b"@client.co.jp`, `"a@b"@client.co.jp`},
		"address literal":             {"root@[192.0.2.1]", "root@[192.0.2.1]", "root@[192.0.2.1]"},
		"IPv6 literal":                {"root@[IPv6:2001:DB8::1]", "root@[ipv6:2001:db8::1]", "root@[ipv6:2001:db8::1]"},
		"underscore in domain":        {"a@my_host.example.com", "a@my_host.example.com", "a@my_host.example.com"},
		"zero-width space":            {"\u200btanaka@client.co.jp\u200b", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		"empty":                       {},
		"no at sign":                  {in: "undisclosed-recipients:;"},
		"no local part":               {in: "@client.co.jp"},
		"no domain":                   {in: "tanaka@"},
		"two dots in the domain":      {in: "tanaka@client..jp"},
		"space":                       {in: "tanaka taro@client.co.jp"},
		"only dots at Gmail":          {in: "...@gmail.com", canonical: "...@gmail.com"},
		"not UTF-8":                   {in: "\xff\xfe@client.co.jp"},
		"endless":                     {in: strings.Repeat("a", 5000) + "@client.co.jp"},
		"longer than any address":     {in: strings.Repeat("a", 400) + "@client.co.jp"},
		"two addresses in one":        {in: "a@b.jp,c@d.jp"},
		"Exchange's internal address": {in: "/O=EXAMPLE/OU=FIRST/CN=RECIPIENTS/CN=TANAKA"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := NormalizeAddress(test.in)
			if got != test.normalized || ok != (test.normalized != "") {
				t.Errorf("NormalizeAddress(%q) = %q, %v, want %q", test.in, got, ok, test.normalized)
			}
			if got := CanonicalAddress(test.in); got != test.canonical {
				t.Errorf("CanonicalAddress(%q) = %q, want %q", test.in, got, test.canonical)
			}
		})
	}
}

func TestAddressParts(t *testing.T) {
	if got := AddressDomain("Tanaka <TANAKA@Mail.Client.co.jp>"); got != "mail.client.co.jp" {
		t.Errorf("AddressDomain = %q", got)
	}
	if got := AddressLocal("Tanaka <TANAKA@Mail.Client.co.jp>"); got != "tanaka" {
		t.Errorf("AddressLocal = %q", got)
	}
	if got := AddressDomain("nobody"); got != "" {
		t.Errorf("AddressDomain of no address = %q", got)
	}
}

func TestNormalizeDomain(t *testing.T) {
	for in, want := range map[string]string{
		"Client.co.jp": "client.co.jp", "@client.co.jp": "client.co.jp", "client.co.jp.": "client.co.jp",
		"例え.jp": "xn--r8jz45g.jp", "": "", "a b.jp": "", "a@b.jp": "", "ｃｌｉｅｎｔ．ｊｐ": "client.jp",
	} {
		if got, ok := NormalizeDomain(in); got != want || ok != (want != "") {
			t.Errorf("NormalizeDomain(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
}

func TestDomainAndParents(t *testing.T) {
	for in, want := range map[string][]string{
		"a.b.co.jp": {"a.b.co.jp", "b.co.jp", "co.jp"}, "example.com": {"example.com"}, "localhost": {"localhost"}, "": nil,
	} {
		if got := slices.Collect(DomainAndParents(in)); !slices.Equal(got, want) {
			t.Errorf("DomainAndParents(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNormalAddressIsNotCopied(t *testing.T) {
	for _, address := range []string{"tanaka.taro@client.co.jp", "tanaka@gmail.com"} {
		if n := testing.AllocsPerRun(100, func() { NormalizeAddress(address) }); n != 0 {
			t.Errorf("NormalizeAddress(%q) allocates %v times", address, n)
		}
	}
}

func FuzzNormalizeAddress(f *testing.F) {
	for _, seed := range []string{"Ta.Naka+x@gmail.com", `"a b"@例え.jp`, "<mailto:x@y.z>", "a..b.@docomo.ne.jp", "℡@x.jp", "'a'@b.c", `"\"a"@b.c`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		normalized, ok := NormalizeAddress(s)
		if again, okAgain := NormalizeAddress(normalized); again != normalized || okAgain != ok {
			t.Errorf("%q: normalised %q, again %q", s, normalized, again)
		}
		canonical := CanonicalAddress(s)
		if again := CanonicalAddress(canonical); again != canonical {
			t.Errorf("%q: canonical %q, again %q", s, canonical, again)
		}
		if viaCanonical, _ := NormalizeAddress(canonical); viaCanonical != normalized {
			t.Errorf("%q: normalised %q, through the canonical form %q", s, normalized, viaCanonical)
		}
	})
}

func BenchmarkNormalizeAddress(b *testing.B) {
	for name, address := range map[string]string{
		"normal": "tanaka.taro@client.co.jp", "case": "Tanaka.Taro@Client.co.jp", "gmail": "ta.naka+x@gmail.com",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				NormalizeAddress(address)
			}
		})
	}
}
