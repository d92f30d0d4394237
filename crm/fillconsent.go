package crm

import (
	"strings"
	"time"
)

// ConsentFill is a consent as the value of a Fill of the field "consent": the state, a colon and the evidence. Other than the
// rest, it replaces what is there if it is newer and says otherwise: people change their minds, and the last word
// counts.
func ConsentFill(c Consent) string { return string(c.State) + ":" + c.Evidence }

// fillConsent takes the word of somebody about mailings, as they gave it at a time.
func (p *Person) fillConsent(value string, at time.Time) bool {
	state, evidence, _ := strings.Cut(value, ":")
	said := Consent{State: ConsentState(state), At: at, Evidence: evidence}
	known := said.State == ConsentGiven || said.State == ConsentRefused
	if !known || said.State == p.Consent.State || !at.After(p.Consent.At) {
		return false
	}
	p.Consent = said
	return true
}
