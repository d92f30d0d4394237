package mapping

import (
	"cmp"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// gathering is a meeting on its way through the rooms: an entry of a calendar, or the invitation that a mail
// carries. Either is one view of the same activity, whose Key is that of the occurrence.
type gathering struct {
	exchange
	item     *connectors.Item
	meeting  *connectors.Meeting
	key      crm.Key    // of the occurrence; of an invitation the item has the mail's
	unlisted []*address // of the mail
	thread   string     // of the mail
	wordless bool       // only who and when may be stored
}

// newGathering reads an entry of a calendar. It belongs to whatever is known under its own Key already: an
// invitation that was logged, or what another calendar shows of it.
func (b *batch) newGathering(item *connectors.Item, m *connectors.Meeting, key crm.Key) *gathering {
	g := &gathering{item: item, meeting: m, key: key, wordless: (m.Private || m.Busy) && b.private == PrivateTimeOnly}
	g.parties = b.meetingParties(m)
	g.direction = meetingDirection(g.parties)
	g.refs = []crm.Key{key}
	g.subject, g.at = m.Summary, m.Updated
	if g.at.IsZero() {
		g.at = item.Received
	}
	if g.wordless {
		g.subject = ""
	}
	g.countOutside()
	return g
}

// meetingParties are the organiser, then everybody and everything invited, ordered by address. An organiser who is
// on the list of attendees too stands once, with the answer he gave there.
func (b *batch) meetingParties(m *connectors.Meeting) []party {
	list := make([]party, 0, 1+len(m.Attendees))
	if m.Organizer != (connectors.Attendee{}) {
		list = append(list, b.attendee(crm.RoleOrganizer, m.Organizer))
	}
	organizers := len(list)
	for _, who := range m.Attendees {
		if who == (connectors.Attendee{}) {
			continue
		}
		p := b.attendee(crm.RoleAttendee, who)
		if organizers > 0 && p.address != nil && list[0].address != nil && p.address.canonical == list[0].address.canonical {
			list[0].name = cmp.Or(list[0].name, p.name)
			list[0].response = cmp.Or(p.response, list[0].response)
			list[0].optional, list[0].kind = p.optional, cmp.Or(list[0].kind, p.kind)
			continue
		}
		list = append(list, p)
	}
	return list[:organizers+len(sortParties(list[organizers:]))]
}

func (b *batch) attendee(role crm.Role, who connectors.Attendee) party {
	p := party{role: role, name: who.Name, response: who.Response, optional: who.Optional, kind: who.Type, address: b.read(who.Address)}
	if p.address == nil && p.name == "" {
		p.name = strings.TrimSpace(who.Address)
	}
	if p.address != nil && p.kind == crm.TypePerson {
		p.kind = calendarType(p.address.domain)
	}
	return p
}

// calendarType tells the addresses that Google gives to rooms and to calendars nobody's own from people's, also
// in invitations, where nothing else does.
func calendarType(domain string) crm.ParticipantType {
	switch domain {
	case "resource.calendar.google.com":
		return crm.TypeRoom
	case "group.calendar.google.com", "group.v.calendar.google.com", "import.calendar.google.com":
		return crm.TypeGroup
	}
	return crm.TypePerson
}

// meetingDirection is out if one of us organises it; an entry without an organiser is the calendar owner's own.
// Of what a shared calendar organises nobody can tell.
func meetingDirection(parties []party) crm.Direction {
	for i := range parties {
		p := &parties[i]
		switch {
		case p.role != crm.RoleOrganizer:
		case p.address != nil && p.address.own:
			return crm.DirectionOut
		case p.kind != crm.TypePerson:
			return crm.DirectionNone
		default:
			return crm.DirectionIn
		}
	}
	return crm.DirectionOut
}

// decideMeeting matches the gathering and fills in the rest of the write.
func (b *batch) decideMeeting(g *gathering, w *crm.Write) {
	o := b.match(g.parties, g.refs, nil)
	if o.erased || b.anyErased(g.unlisted) {
		w.Entry.Verdict, w.Entry.Reason = crm.Excluded, crm.ReasonErased
		return
	}
	b.admit(&g.exchange, o, w)
	b.concludeMeeting(g, o)
	b.finish(&g.exchange, o, w, func() *crm.Activity { return b.meetingActivity(g, o) })
}

// concludeMeeting lets the thread speak where the addresses were silent. It comes after the domains, as for mail: a
// meeting that is logged for its domain waits for nobody, so what arrives later could not change it. A mail that
// does not show everybody leaves it to those that do to say who is there; what a calendar shows stands against mails, so
// that whom they told stays known by it.
func (b *batch) concludeMeeting(g *gathering, o *outcome) {
	b.conclude(o, g.refs)
	if g.item.Message != nil && g.meeting.Partial && o.match.Evidence == string(g.key) {
		o.thread = nil
	}
}

func (b *batch) meetingActivity(g *gathering, o *outcome) *crm.Activity {
	item, m := g.item, g.meeting
	a := &crm.Activity{
		ID: string(g.key), Key: g.key, Kind: crm.KindMeeting, Direction: g.direction, Time: m.Start.UTC(), End: m.End.UTC(),
		Status: statusOf(m), People: participants(g.parties, o), Accounts: o.accounts, Owners: []string{},
		Observed: []crm.Observation{{Source: b.src.ID, ExternalID: item.ExternalID, Owner: b.owner, Folder: item.Folder}},
		Thread:   g.thread, Match: o.match, Version: 1,
	}
	a.Meeting = &crm.Meeting{
		UID: m.UID, Occurrence: m.Occurrence, Sequence: m.Sequence, Updated: utc(m.Updated), AllDay: m.AllDay, Zone: m.Zone,
		Stated: a.Status, TimesOnly: g.wordless, Partial: m.Partial,
	}
	if !g.wordless {
		a.Subject, a.Text, a.Truncated = m.Summary, m.Description, m.Truncated
		a.Meeting.Location, a.Meeting.Conference = m.Location, m.Conference
	}
	if b.owner != "" {
		a.Owners = []string{b.owner}
	}
	if item.Message != nil {
		g.addMail(b, a)
	} else {
		a.Meeting.Private = g.wordless && m.Private
	}
	return a
}

func statusOf(m *connectors.Meeting) string {
	if m.Method == methodCancel {
		return crm.MeetingCancelled
	}
	return cmp.Or(m.Status, crm.MeetingConfirmed)
}

// utc leaves the zero time as it is.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}
