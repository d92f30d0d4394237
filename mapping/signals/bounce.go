package signals

import (
	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxEvidence is the longest evidence, in characters.
const maxEvidence = 300

// bounceSignals puts what a delivery failure says of each recipient in the words of signals.
func bounceSignals(bounces []crm.Bounce) []crm.Signal {
	var list []crm.Signal
	for _, b := range bounces {
		address, ok := crm.NormalizeAddress(b.Recipient)
		if !ok {
			continue
		}
		kind := crm.SignalBounceSoft
		if b.Hard {
			kind = crm.SignalBounceHard
		}
		list = append(list, crm.Signal{Kind: kind, Address: address, Evidence: evidence(b.Text), Code: b.Code, Reason: b.Reason})
	}
	return list
}
