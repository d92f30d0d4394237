package life

import (
	"cmp"
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

func (s *subject) addEvents(d *deed) {
	a := d.a
	switch {
	case a.Kind == crm.KindMeeting:
		if a.Meeting != nil && d.guest {
			s.meetingEvents(d)
		}
	case a.Kind == crm.KindCall && a.Call != nil:
		s.event(crm.Event{Kind: crm.EventCall, At: a.Time, Activity: a, Result: a.Call.Result})
	case a.Kind == crm.KindForm && d.in:
		s.event(crm.Event{Kind: crm.EventFormReceived, At: a.Time, Activity: a})
	case a.Kind == crm.KindEmail && d.in:
		s.event(crm.Event{Kind: crm.EventMailReceived, At: a.Time, Activity: a})
	case a.Kind == crm.KindEmail && d.out:
		s.event(crm.Event{Kind: crm.EventMailSent, At: a.Time, Activity: a})
	}
	s.signalEvents(d)
}

func (s *subject) event(e crm.Event) {
	if e.At.After(s.now) {
		s.lookAt(e.At)
		return
	}
	s.events = append(s.events, e)
}

// signalEvents makes one event of each kind of signal, however often the words say it.
func (s *subject) signalEvents(d *deed) {
	var done [4]bool
	for i := range d.a.Signals {
		sig := &d.a.Signals[i]
		kind, n := crm.EventKind(""), 0
		switch sig.Kind {
		case crm.SignalBounceHard:
			kind, n = crm.EventBounceHard, 0
		case crm.SignalRefusal:
			kind, n = crm.EventRefusal, 1
		case crm.SignalLeft:
			kind, n = crm.EventLeft, 2
		case crm.SignalDatesProposed:
			kind, n = crm.EventDatesProposed, 3
		default:
			continue
		}
		if !done[n] && s.concerns(d, sig) {
			done[n] = true
			s.event(crm.Event{Kind: kind, At: d.a.Time, Activity: d.a, Evidence: sig.Evidence})
		}
	}
}

// concerns reports whether a signal is about the person, not about somebody else on the same exchange.
func (s *subject) concerns(d *deed, sig *crm.Signal) bool {
	switch sig.Kind {
	case crm.SignalDatesProposed, crm.SignalPromised:
		return d.from || d.to && d.a.Direction == crm.DirectionOut
	}
	if sig.Address != "" {
		return slices.Contains(s.mine, sig.Address)
	}
	if sig.Kind == crm.SignalBounceHard || sig.Kind == crm.SignalBounceSoft {
		return d.bounced
	}
	return d.from && d.a.Direction != crm.DirectionOut
}

// meetingEvents are those of a meeting. One that was cancelled had been planned, and perhaps accepted, only if it is known
// that this was earlier.
func (s *subject) meetingEvents(d *deed) {
	a := d.a
	invited := invitedAt(a)
	accepted := s.acceptedAt(d, invited)
	over := time.Time{}
	if a.Status == crm.MeetingCancelled {
		over = latest(a.Meeting.Updated, invited)
		s.event(crm.Event{Kind: crm.EventMeetingCancelled, At: over, Activity: a})
	}
	if d.response != crm.ResponseDeclined {
		if over.IsZero() || invited.Before(over) {
			s.event(crm.Event{Kind: crm.EventMeetingPlanned, At: invited, Activity: a})
		}
		if !accepted.IsZero() && (over.IsZero() || accepted.Before(over)) {
			s.event(crm.Event{Kind: crm.EventMeetingAccepted, At: accepted, Activity: a})
		}
		if over.IsZero() && a.Outcome == nil {
			s.ahead = append(s.ahead, stretch{known: invited, ends: d.at})
		}
	}
	if a.Outcome == nil {
		return
	}
	switch a.Outcome.Result {
	case crm.OutcomeHeld:
		s.event(crm.Event{Kind: crm.EventMeetingHeld, At: d.at, Activity: a})
	case crm.OutcomeNoShow:
		s.event(crm.Event{Kind: crm.EventMeetingNoShow, At: d.at, Activity: a})
	}
}

// invitedAt is when a meeting was made, as far as its letters and its last change tell, and never after it began.
func invitedAt(a *crm.Activity) time.Time {
	at := a.Time
	if !a.Meeting.Updated.IsZero() && a.Meeting.Updated.Before(at) {
		at = a.Meeting.Updated
	}
	for i := range a.Letters {
		if t := a.Letters[i].At; !t.IsZero() && t.Before(at) {
			at = t
		}
	}
	return at
}

// acceptedAt is when the person agreed to come; zero if they did not.
func (s *subject) acceptedAt(d *deed, invited time.Time) time.Time {
	if d.from {
		return invited // they called it
	}
	if d.response != crm.ResponseAccepted {
		return time.Time{}
	}
	var at time.Time
	for _, reply := range d.a.Meeting.Replies {
		if normal, ok := crm.NormalizeAddress(reply.Address); ok && reply.Response == crm.ResponseAccepted && slices.Contains(s.mine, normal) {
			at = soonest(at, reply.At)
		}
	}
	if at.IsZero() || at.Before(invited) {
		return invited
	}
	return at
}

func compareDeeds(x, y deed) int {
	if c := x.at.Compare(y.at); c != 0 {
		return c
	}
	return strings.Compare(x.a.ID, y.a.ID)
}

// compareEvents orders by time; of one moment, what comes first in the course of things comes first.
func compareEvents(x, y crm.Event) int {
	if c := x.At.Compare(y.At); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(place(x.Kind), place(y.Kind)), strings.Compare(x.Activity.ID, y.Activity.ID))
}

func place(kind crm.EventKind) int {
	return slices.Index([]crm.EventKind{crm.EventFormReceived, crm.EventMailSent, crm.EventMailReceived, crm.EventCall, crm.EventDatesProposed,
		crm.EventMeetingPlanned, crm.EventMeetingAccepted, crm.EventMeetingHeld, crm.EventMeetingNoShow, crm.EventMeetingCancelled,
		crm.EventBounceHard, crm.EventLeft, crm.EventRefusal}, kind)
}
