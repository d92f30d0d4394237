package crm

import "slices"

// NoMailing says why somebody must not be sent a mailing.
type NoMailing string

// The reasons, in the order in which they are looked for.
const (
	NoMailingDoNotContact NoMailing = "do_not_contact" // they do not want to be approached
	NoMailingRefused      NoMailing = "refused"        // they took their consent back, or never gave it when asked
	NoMailingConsent      NoMailing = "no_consent"     // nobody knows whether they agree, which is no consent
	NoMailingLeft         NoMailing = "left"           // they are no longer with the company
	NoMailingNoAddress    NoMailing = "no_address"     //
	NoMailingBadAddress   NoMailing = "bad_address"    // none of theirs takes mail
	NoMailingTwice        NoMailing = "twice"          // somebody else of the same list has the address; MailingAddress cannot know
)

// NoMailings are all reasons.
func NoMailings() []NoMailing {
	return []NoMailing{NoMailingDoNotContact, NoMailingRefused, NoMailingConsent, NoMailingLeft, NoMailingNoAddress, NoMailingBadAddress, NoMailingTwice}
}

// MailingAddress is the address to which a mailing to a person may go: the first that takes mail, as entered. If none may,
// why says the reason, and address is "".
func MailingAddress(p *Person) (address string, why NoMailing) {
	switch {
	case p.DoNotContact != "":
		return "", NoMailingDoNotContact
	case p.Consent.State == ConsentRefused:
		return "", NoMailingRefused
	case p.Consent.State != ConsentGiven:
		return "", NoMailingConsent
	case !p.Left.IsZero():
		return "", NoMailingLeft
	case len(p.Emails) == 0:
		return "", NoMailingNoAddress
	}
	for _, email := range p.Emails {
		if normal, ok := NormalizeAddress(email); ok && !slices.Contains(p.BadEmails, normal) {
			return email, ""
		}
	}
	return "", NoMailingBadAddress
}
