package mapping

import (
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// screenMeeting fills in the ledger entry of an entry of a calendar and gives what to decide about, or nil if the
// verdict stands.
func (b *batch) screenMeeting(item *connectors.Item, w *crm.Write) *gathering {
	g := b.newGathering(item, item.Meeting, item.Key)
	reason := b.excludesMeeting(g)
	if reason == "" {
		reason = b.excludesFolder(item.Folder, b.src.ID, b.src.ExcludeFolders)
	}
	if reason != "" {
		w.Entry.Verdict, w.Entry.Reason = crm.Excluded, reason
		return nil
	}
	b.ask(&g.exchange, nil)
	return g
}

// excludesMeeting is the reason why nobody may store this, but for the calendar it is in; "" if there is none. What
// is no meeting at all and what is private comes first, so that the ledger does not tell more of it.
func (b *batch) excludesMeeting(g *gathering) crm.Reason {
	m := g.meeting
	switch {
	case m.Type != "":
		return crm.ReasonEventType + ": " + crm.Reason(oneSentence(m.Type))
	case (m.Private || m.Busy) && b.private == PrivateSkip:
		return crm.ReasonPrivate
	case internalMeeting(g.parties, m.Partial):
		return crm.ReasonInternal
	}
	if reason := excludedAddress(g.parties, nil); reason != "" {
		return reason
	}
	return b.excludesSubject(m.Summary)
}

// internalMeeting reports that everybody belongs to the organisation, with somebody invited among them. Rooms and
// resources count for nobody. Where somebody cannot be read, a list of people outside is invited or not all attendees
// are shown, nobody can tell.
func internalMeeting(parties []party, partial bool) bool {
	invited := false
	for i := range parties {
		p := &parties[i]
		switch {
		case p.kind == crm.TypeRoom || p.kind == crm.TypeResource:
			continue
		case p.role == crm.RoleOrganizer && p.kind == crm.TypeGroup:
			continue // a shared calendar
		case p.address == nil || !p.address.own:
			return false
		}
		invited = invited || p.role != crm.RoleOrganizer
	}
	return invited && !partial
}

// excludesStoredMeeting applies today's rules to a stored meeting. Of what was stored with its words nobody can tell any
// more whether one of the calendars marks it private.
func (b *batch) excludesStoredMeeting(a *crm.Activity, parties []party) crm.Reason {
	timesOnly, partial := false, false
	if a.Meeting != nil {
		timesOnly, partial = a.Meeting.TimesOnly, a.Meeting.Partial
	}
	switch {
	case timesOnly && b.private == PrivateSkip:
		return crm.ReasonPrivate
	case internalMeeting(parties, partial):
		return crm.ReasonInternal
	}
	if reason := excludedAddress(parties, nil); reason != "" {
		return reason
	}
	return b.excludesSubject(a.Subject)
}
