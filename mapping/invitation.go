package mapping

import (
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// The methods of iTIP (RFC 5546 section 1.4) by which a mail says how a meeting stands. With any other a mail
// stays a mail.
const (
	methodRequest = "REQUEST"
	methodCancel  = "CANCEL"
	methodReply   = "REPLY"
)

// invites reports whether a mail is a sighting of the meeting it carries: whoever sends it must be he who may say so.
func (b *batch) invites(msg *connectors.Message) bool {
	if msg == nil || msg.Invitation == nil || msg.Invitation.UID == "" {
		return false
	}
	switch msg.Invitation.Method {
	case methodRequest, methodCancel:
		return b.fromOrganiser(msg)
	case methodReply:
		return b.fromAttendee(msg)
	}
	return false
}

// screenInvitation applies the rules for mail to the mail and those for meetings to what it carries, and gives what
// to decide about, or nil if the verdict stands.
func (b *batch) screenInvitation(item *connectors.Item, w *crm.Write) *gathering {
	m := item.Message.Invitation
	l := b.newLetter(item)
	g := b.newGathering(item, m, crm.MeetingKey(m.UID, m.Occurrence))
	g.carry(b, l)
	reason := b.excludes(l.parties, l.unlisted, l.class, l.subject, b.thread(item) != string(item.Key))
	if reason == "" {
		reason = b.excludesMeeting(g)
	}
	if reason == "" {
		reason = b.excludesFolder(item.Folder, b.src.ID, b.src.ExcludeFolders)
	}
	if reason != "" {
		w.Entry.Verdict, w.Entry.Reason = crm.Excluded, reason
		return nil
	}
	b.ask(&g.exchange, g.unlisted)
	return g
}

// carry makes the letter that carries the meeting part of it: whoever is on the letter and not on the meeting (an
// assistant who writes, a list that was invited) is on it too, and what the letter answers comes before the meeting's
// own key.
func (g *gathering) carry(b *batch, l *letter) {
	g.unlisted, g.class, g.at = l.unlisted, l.class, l.at
	g.thread = b.thread(l.item)
	g.refs = append(b.references(l.item), g.key)
	known := make(map[string]bool, len(g.parties))
	for i := range g.parties {
		if a := g.parties[i].address; a != nil {
			known[a.normal] = true
		}
	}
	mail := slices.DeleteFunc(slices.Clone(l.parties), func(p party) bool { return p.address == nil || known[p.address.normal] })
	g.parties = inOrderOfRoles(append(mail, g.parties...))
	g.countOutside()
}

// inOrderOfRoles puts parties in the order in which crm.Merge has them. Within a role they stay as they are.
func inOrderOfRoles(parties []party) []party {
	roles := []crm.Role{crm.RoleFrom, crm.RoleOrganizer, crm.RoleTo, crm.RoleAttendee, crm.RoleCc, crm.RoleBcc}
	slices.SortStableFunc(parties, func(x, y party) int { return slices.Index(roles, x.role) - slices.Index(roles, y.role) })
	return parties
}

// addMail notes the mail on its meeting: its key by which answers find the thread, its own words, its files but for the
// calendar itself, and what an attendee answered in it.
func (g *gathering) addMail(b *batch, a *crm.Activity) {
	msg := g.item.Message
	a.Messages, a.Observed[0].Mail, a.Meeting.Mail = []crm.Key{g.item.Key}, true, true
	if a.Time.IsZero() || g.meeting.Start.IsZero() { // an answer need not repeat when the meeting is
		a.Time, a.End, a.Meeting.Partial = msg.Date.UTC(), utc(g.meeting.End), true
	}
	if !g.wordless {
		for _, file := range msg.Attachments {
			if !isCalendar(file) {
				a.Attachments = append(a.Attachments, file)
			}
		}
		if letter, ok := b.letterOf(g.item); ok {
			a.Letters = []crm.Letter{letter}
		}
	}
	if g.meeting.Method == methodReply {
		a.Meeting.Partial, a.Meeting.ReplyOnly, a.Meeting.Replies = true, true, g.replies()
	}
}

func isCalendar(file crm.Attachment) bool {
	return file.Type == "text/calendar" || file.Type == "application/ics" || strings.HasSuffix(strings.ToLower(file.Name), ".ics")
}

// replies are the answers in a REPLY, ordered by address: mostly one.
func (g *gathering) replies() []crm.Reply {
	var list []crm.Reply
	for i := range g.parties {
		p := &g.parties[i]
		if p.address == nil || p.response == "" || p.response == crm.ResponseNone {
			continue
		}
		list = append(list, crm.Reply{Address: p.address.canonical, Response: p.response, At: g.item.Message.Date.UTC()})
	}
	slices.SortFunc(list, func(x, y crm.Reply) int { return strings.Compare(x.Address, y.Address) })
	return list
}
