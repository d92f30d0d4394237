package life

import (
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// deed is an activity as it concerns the person who is followed.
type deed struct {
	a        *crm.Activity
	at       time.Time // when it took place: of a meeting its end
	from     bool      // they sent it, or made the call
	to       bool      // it went to them
	bounced  bool      // it says that mail to them could not be delivered
	guest    bool      // they are on the meeting or the call
	response string    // theirs, to an invitation

	in     bool // they wrote, called or met us
	writes bool // what they wrote wants an answer
	out    bool // we wrote to them, spoke to them or met them
	tried  bool // we did something, whether it reached them or not
}

// newDeed says what an activity is to the person; ok is false if it is nothing to them.
func (s *subject) newDeed(a *crm.Activity) (d deed, ok bool) {
	d = deed{a: a, at: a.Time}
	for i := range a.People {
		p := &a.People[i]
		if p.ID != s.f.ID || p.Internal || p.Role == crm.RoleThread {
			continue
		}
		ok = true
		d.take(p)
	}
	for i := range a.Signals {
		ok = ok || a.Signals[i].Address != "" && slices.Contains(s.mine, a.Signals[i].Address)
	}
	if ok {
		d.judge(s.r)
		d.writes = d.writes && !s.refuses(&d)
	}
	return d, ok
}

// refuses reports whether a mail says no more than that they want to be left alone: that wants no answer.
func (s *subject) refuses(d *deed) bool {
	return hasSignal(d.a, crm.SignalRefusal) && !s.refused(crm.ProposeDoNotContact, "", d.a)
}

func (d *deed) take(p *crm.Participant) {
	switch p.Role {
	case crm.RoleFrom, crm.RoleSubmitter:
		d.from = true
	case crm.RoleBounced:
		d.bounced = true
	case crm.RoleOrganizer:
		d.from, d.guest = true, true
	case crm.RoleAttendee:
		d.guest = true
	default:
		d.to = true
	}
	if crm.ResponseRank(p.Response) > crm.ResponseRank(d.response) {
		d.response = p.Response
	}
}

// judge says who reached whom.
func (d *deed) judge(r *Rules) {
	a := d.a
	switch a.Kind {
	case crm.KindEmail:
		personal := a.Class == crm.ClassPersonal || a.Class == ""
		d.in = personal && a.Direction == crm.DirectionIn && d.from
		d.out = personal && a.Direction == crm.DirectionOut && d.to
		d.writes, d.tried = d.in, d.out
	case crm.KindForm:
		d.in = d.from
		d.writes = d.in
	case crm.KindCall:
		connected := a.Call != nil && r.results[a.Call.Result].Connected
		d.in = connected || a.Direction == crm.DirectionIn
		d.out, d.tried = connected, true
	case crm.KindMeeting:
		if !a.End.IsZero() {
			d.at = a.End
		}
		d.in = d.met()
		d.out = d.in
	}
}

// met reports whether they were at a meeting: its outcome says so, or, if nobody said anything, it stands and they had
// agreed to come.
func (d *deed) met() bool {
	a := d.a
	if !d.guest || d.response == crm.ResponseDeclined {
		return false
	}
	if a.Outcome != nil {
		return a.Outcome.Result == crm.OutcomeHeld
	}
	return a.Status != crm.MeetingCancelled && (d.response == crm.ResponseAccepted || d.from)
}

// contact reports whether anything passed between them and us.
func (d *deed) contact() bool { return d.in || d.out || d.tried }

// read turns activities into deeds and events, both in the order of time. What lies ahead of now is left out, and waited for.
func (s *subject) read() {
	s.deeds = make([]deed, 0, len(s.f.Activities))
	s.events = make([]crm.Event, 0, len(s.f.Activities)+8)
	for i := len(s.f.Activities) - 1; i >= 0; i-- {
		d, ok := s.newDeed(&s.f.Activities[i])
		if !ok {
			continue
		}
		s.addEvents(&d)
		if d.at.After(s.now) {
			s.lookAt(d.at)
			continue
		}
		s.deeds = append(s.deeds, d)
	}
	slices.SortFunc(s.deeds, compareDeeds)
	slices.SortFunc(s.events, compareEvents)
}

func compareDeeds(x, y deed) int {
	if c := x.at.Compare(y.at); c != 0 {
		return c
	}
	return strings.Compare(x.a.ID, y.a.ID)
}
