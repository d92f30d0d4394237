// Package signals reads what the words of a mail tell beside what it is: that somebody left or moved on and who
// follows, that they are away, that they do not want to be approached, that dates are proposed or something was promised,
// and what their signature says. It knows Japanese and English wordings. It is pure, bounded in what it reads, and would
// rather miss a signal than tell a wrong one: a signal becomes a question to a person, and a wrong question costs trust.
package signals

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Mail is what the reading needs of a message.
type Mail struct {
	Class    crm.Class
	Outgoing bool   // we wrote it
	Subject  string //
	Text     string // without quoted replies and signature
	FullText string // everything; equal to Text if nothing was cut
	From     crm.Mailbox
	Sent     time.Time                 // in the organisation's time zone: days without a year are near it
	Bounces  []crm.Bounce              // what a delivery failure says
	Own      func(address string) bool // belongs to the organisation; nil for nobody
}
