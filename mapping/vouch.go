package mapping

import (
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// googleNotifier sends the invitations of calendars at Google that are no person's.
const googleNotifier = "calendar-notification@google.com"

// fromOrganiser reports that the organiser himself says what a mail says of his meeting: he stands in From, Sender or
// Reply-To (services that send for him put him into the last one), or a colleague does who by SENT-BY acts for him.
// SENT-BY is as easily written as the rest of the mail, so that it counts only within a domain that is one company's.
//
// A calendar at Google that is nobody's own writes no mail; there the one who sends must be Google, or be invited
// himself.
func (b *batch) fromOrganiser(msg *connectors.Message) bool {
	m := msg.Invitation
	organiser := b.read(m.Organizer.Address)
	if organiser == nil {
		return false
	}
	if strings.HasSuffix(organiser.domain, ".calendar.google.com") {
		return slices.ContainsFunc(b.writers(msg), func(a *address) bool { return a.normal == googleNotifier || b.invited(m, a) })
	}
	deputy := b.read(m.Organizer.SentBy)
	if deputy != nil && (deputy.domain != organiser.domain || b.isFreeMail(deputy.domain)) {
		deputy = nil
	}
	means := func(a *address) bool {
		return a.normal == organiser.normal || deputy != nil && a.normal == deputy.normal
	}
	return slices.ContainsFunc(b.writers(msg), means) || slices.ContainsFunc(b.readAll(msg.ReplyTo), means)
}

// fromAttendee reports that an answer is of the only one for whom it answers.
func (b *batch) fromAttendee(msg *connectors.Message) bool {
	var who []*address
	for _, attendee := range msg.Invitation.Attendees {
		if attendee != (connectors.Attendee{}) {
			who = append(who, b.read(attendee.Address))
		}
	}
	return len(who) == 1 && who[0] != nil && contains(b.writers(msg), who[0])
}

// writers are those in From and Sender.
func (b *batch) writers(msg *connectors.Message) []*address {
	list := b.readAll(msg.From)
	if a := b.read(msg.Sender.Address); a != nil {
		list = append(list, a)
	}
	return list
}

func (b *batch) readAll(boxes []crm.Mailbox) []*address {
	var list []*address
	for _, box := range boxes {
		if a := b.read(box.Address); a != nil {
			list = append(list, a)
		}
	}
	return list
}

func (b *batch) invited(m *connectors.Meeting, a *address) bool {
	return slices.ContainsFunc(m.Attendees, func(who connectors.Attendee) bool {
		known := b.read(who.Address)
		return known != nil && known.normal == a.normal
	})
}

func contains(list []*address, a *address) bool {
	return slices.ContainsFunc(list, func(other *address) bool { return other.normal == a.normal })
}
