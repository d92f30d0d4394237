package crm

import "time"

// SignalKind is what the words of an exchange tell beside what it is.
type SignalKind string

// The signals. Those of bounces rest on RFC 3464 and RFC 3463 or on the free form of a server; the others on wordings
// in Japanese and English.
const (
	SignalBounceHard    SignalKind = "bounce_hard"    // Address takes no mail any more
	SignalBounceSoft    SignalKind = "bounce_soft"    // not now: mailbox full, server away
	SignalLeft          SignalKind = "left"           // 退職: the sender (or Address) is no longer with the company
	SignalTransferred   SignalKind = "transferred"    // 異動: they do something else there
	SignalOutOfOffice   SignalKind = "out_of_office"  // Until is the last day away, if it is said
	SignalRefusal       SignalKind = "refusal"        // they do not want to be approached: 連絡不要, unsubscribe
	SignalDatesProposed SignalKind = "dates_proposed" // dates for a meeting are proposed; Until is the first
	SignalPromised      SignalKind = "promised"       // somebody promised something for Until
	SignalSignature     SignalKind = "signature"      // what the signature says of the sender: Fields
)

// Signal is one thing that an exchange tells. Zero fields are not known.
type Signal struct {
	Kind      SignalKind        `json:"kind"`
	Address   string            `json:"email,omitempty"`     // normalised: whom it is about; "" for the sender
	Evidence  string            `json:"evidence"`            // the words it rests on, at most 300 characters
	Code      string            `json:"code,omitempty"`      // of a bounce: enhanced status code such as 5.1.1, else the reply code
	Reason    string            `json:"reason,omitempty"`    // of a bounce: "no_mailbox", "no_domain", "full", "refused", "policy", "too_big", "expired", "other"
	Until     time.Time         `json:"until,omitzero"`      // midnight UTC of a day as the words say it
	Successor string            `json:"successor,omitempty"` // who follows the one who left, by name
	NewEmail  string            `json:"new_email,omitempty"` // the successor's address, or the sender's new one if Successor is ""
	Fields    map[string]string `json:"fields,omitempty"`    // of a signature: company, department, title, phone, name, kana
}

// Bounce is what a delivery failure says of one recipient.
type Bounce struct {
	Recipient string // address as written, without "rfc822;"
	Hard      bool   // it will never work: RFC 3463 class 5
	Code      string // enhanced status code, else the SMTP reply code, "" if none is given
	Reason    string // like Signal.Reason
	Text      string // the server's words, one line
}

// UniteSignals gives the signals of both lists, each once, in the order in which Merge keeps them. Nil of none.
func UniteSignals(a, b []Signal) []Signal { return mergeSignals(a, b) }

// AddressGone reports that the signal means an address to which nothing can be sent any more. A mail that was refused
// for what it is, too big or against a policy, says nothing of that.
func (s Signal) AddressGone() bool {
	return s.Kind == SignalBounceHard && s.Reason != "policy" && s.Reason != "too_big" && s.Reason != "refused"
}
