// Package signals reads what the words of a mail tell beside what it is: that somebody left or moved on and who
// follows, that they are away, that they do not want to be approached, that dates are proposed or something was promised,
// and what their signature says. It knows Japanese and English wordings. It is pure, bounded in what it reads, and would
// rather miss a signal than tell a wrong one: a signal becomes a question to a person, and a wrong question costs trust.
//
// A mail passes a gate first (gate.go): one look at its characters tells which readings can find anything, and for most
// mails that is none. Then its words are cut into sentences (sentence.go), each with a folded form in which width, case
// and the breaking of lines make no difference, and each reading looks for its wordings in a sentence after those that
// only look alike were taken out of it: conditions, questions, what is quoted, what is said of others.
package signals

import (
	"strings"
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

// maxText is how much of a text is read, bytes.
const maxText = 16 << 10

// Read gives what a mail tells, nil if that is nothing. Of each kind there is at most one signal but for failures, of
// which there is one for each recipient.
func Read(m Mail) []crm.Signal {
	switch m.Class {
	case crm.ClassBounce:
		return bounceSignals(m.Bounces)
	case crm.ClassPersonal, crm.ClassAutoReply, "":
	default:
		return nil
	}
	m.Text, m.FullText = cut(m.Text, maxText), cut(m.FullText, 64<<10)
	var list []crm.Signal
	open := gateOf(m.Text) | gateOf(cut(m.Subject, 500))
	if open&(gateAsk|gateMeet) != gateAsk|gateMeet || !namesDay(m.Text) {
		open &^= gateAsk | gateMeet
	}
	if open&gatePromise != 0 && !namesDay(m.Text) {
		open &^= gatePromise
	}
	if open != 0 {
		list = readWords(&m, open)
	}
	if !m.Outgoing && m.Class != crm.ClassAutoReply {
		if s, ok := signature(&m); ok {
			list = append(list, s)
		}
	}
	return list
}

// namesDay says whether a text may name a day at all.
func namesDay(text string) bool {
	return strings.ContainsAny(text, "0123456789") || has(text, "曜", "day", "週", "日中", "末", "明日", "０", "１", "２", "３", "week", "tomorrow", "month")
}

// readWords lets the readings look whose gate is open.
func readWords(m *Mail, open gate) []crm.Signal {
	t := newTelling(m)
	var list []crm.Signal
	take := func(s crm.Signal, ok bool) {
		if ok {
			list = append(list, s)
		}
	}
	if !m.Outgoing {
		if open&gateLeft != 0 {
			take(t.left())
		}
		if open&gateAway != 0 {
			take(t.away())
		}
	}
	if m.Class == crm.ClassAutoReply {
		return list
	}
	if open&gateRefusal != 0 && !m.Outgoing {
		take(t.refusal())
	}
	if open&gateAsk != 0 {
		take(t.datesProposed())
	}
	if open&gatePromise != 0 {
		take(t.promised())
	}
	return list
}

// own says whether an address belongs to the organisation.
func (m *Mail) own(address string) bool { return m.Own != nil && m.Own(address) }
