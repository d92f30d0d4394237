package mapping

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/signals"
)

// signals reads what the words of a mail tell, in the order in which crm.Merge keeps it.
func (b *batch) signals(a *crm.Activity, from crm.Mailbox, bounces []crm.Bounce) []crm.Signal {
	location := b.location
	if location == nil {
		location = time.UTC
	}
	full := a.FullText
	if full == "" {
		full = a.Text
	}
	return crm.UniteSignals(signals.Read(signals.Mail{
		Class: a.Class, Outgoing: a.Direction == crm.DirectionOut, Subject: a.Subject, Text: a.Text, FullText: full,
		From: from, Sent: a.Time.In(location), Bounces: bounces, Own: b.IsOwn,
	}), nil)
}

// resignal reads a stored mail that has no signals: it may have been stored before they were read. One that has some
// keeps them, since what a failure says of its recipients is not stored otherwise.
func (b *batch) resignal(a *crm.Activity) {
	if a.Kind != crm.KindEmail || len(a.Signals) > 0 || a.Class == crm.ClassBounce {
		return
	}
	var from crm.Mailbox
	for _, p := range a.People {
		if p.Role == crm.RoleFrom {
			from = crm.Mailbox{Name: p.Name, Address: p.Address}
			break
		}
	}
	a.Signals = b.signals(a, from, nil)
}

func firstMailbox(msg *connectors.Message) crm.Mailbox {
	if len(msg.From) > 0 {
		return msg.From[0]
	}
	return msg.Sender
}
