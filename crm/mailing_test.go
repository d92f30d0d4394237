package crm

import (
	"testing"
	"time"
)

func TestMailingsGoOnlyWhereTheyMay(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Person)
		want   NoMailing
	}{
		"agreed":            {func(*Person) {}, ""},
		"do not contact":    {func(p *Person) { p.DoNotContact = "連絡不要" }, NoMailingDoNotContact},
		"refused":           {func(p *Person) { p.Consent.State = ConsentRefused }, NoMailingRefused},
		"never asked":       {func(p *Person) { p.Consent = Consent{} }, NoMailingConsent},
		"left":              {func(p *Person) { p.Left = time.Unix(1, 0) }, NoMailingLeft},
		"no address":        {func(p *Person) { p.Emails = nil }, NoMailingNoAddress},
		"bad address":       {func(p *Person) { p.BadEmails = []string{"aida@sandbox.example"}; p.Emails = p.Emails[:1] }, NoMailingBadAddress},
		"one is still good": {func(p *Person) { p.BadEmails = []string{"aida@sandbox.example"} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := Person{Emails: []string{"Aida@Sandbox.example", "aida@home.example"}, Consent: Consent{State: ConsentGiven}}
			test.change(&p)
			address, why := MailingAddress(&p)
			if why != test.want || (why == "") != (address != "") {
				t.Errorf("%q, %q; want the reason %q", address, why, test.want)
			}
			if name == "one is still good" && address != "aida@home.example" {
				t.Errorf("the mailing goes to %s", address)
			}
		})
	}
}
