package life

import (
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// askew is by how much the clock of another server may be behind ours.
const askew = time.Hour

// believable reports whether a failure may be believed: anybody can send us something that looks like one. It is, if we had
// written to that address before, or if it answers a mail of ours to the person, as one does that quotes the mail. Where more is
// known of the person than is in sight, we may have.
func (s *subject) believable(d *deed, sig *crm.Signal) bool {
	if s.f.More {
		return true
	}
	address := s.bounced(d, sig)
	return slices.ContainsFunc(s.f.Activities, func(a crm.Activity) bool {
		return s.ours(&a) && !a.Time.After(d.a.Time.Add(askew)) && (continues(d.a, &a) || address != "" && goesTo(&a, address)) ||
			a.Kind == crm.KindMeeting && a.Meeting != nil && calledByUs(&a) && address != "" && goesTo(&a, address) && !invitedAt(&a).After(d.a.Time.Add(askew))
	})
}

// ours reports a mail that we wrote to the person, to whichever address, be it a letter or a mailing.
func (s *subject) ours(a *crm.Activity) bool {
	return a.Kind == crm.KindEmail && a.Direction == crm.DirectionOut && slices.ContainsFunc(a.People, func(p crm.Participant) bool {
		return p.ID == s.f.ID && (p.Role == crm.RoleTo || p.Role == crm.RoleCc || p.Role == crm.RoleBcc)
	})
}

// continues reports whether a failure belongs to the conversation of a mail.
func continues(failure, mail *crm.Activity) bool {
	return failure.Thread != "" && (failure.Thread == mail.Thread || failure.Thread == string(mail.Key))
}

func calledByUs(a *crm.Activity) bool {
	return slices.ContainsFunc(a.People, func(p crm.Participant) bool { return p.Role == crm.RoleOrganizer && p.Internal })
}

// goesTo reports whether an address is among those that an activity went to.
func goesTo(a *crm.Activity, address string) bool {
	return slices.ContainsFunc(a.People, func(p crm.Participant) bool {
		switch p.Role {
		case crm.RoleTo, crm.RoleCc, crm.RoleBcc, crm.RoleAttendee:
			normal, _ := crm.NormalizeAddress(p.Address)
			return normal == address
		}
		return false
	})
}
