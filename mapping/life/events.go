package life

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

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
		var kind crm.EventKind
		var n int
		switch {
		case sig.AddressGone():
			kind, n = crm.EventBounceHard, 0
		case sig.Kind == crm.SignalRefusal:
			kind, n = crm.EventRefusal, 1
		case sig.Kind == crm.SignalLeft:
			kind, n = crm.EventLeft, 2
		case sig.Kind == crm.SignalDatesProposed:
			kind, n = crm.EventDatesProposed, 3
		default:
			continue
		}
		if !done[n] && s.concerns(d, sig) && (kind != crm.EventBounceHard || s.believable(d, sig)) {
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

// invitedAt is when a meeting was made, as far as its letters and its states tell, and never after it began.
func invitedAt(a *crm.Activity) time.Time {
	at := a.Time
	if !a.Meeting.Updated.IsZero() && a.Meeting.Updated.Before(at) {
		at = a.Meeting.Updated
	}
	if memory := a.Meeting.Memory; memory != nil { // what was agreed on before it was moved or cancelled stays agreed then
		for i := range memory.States {
			if st := &memory.States[i]; st.Status != crm.MeetingCancelled && !st.At.IsZero() && st.At.Before(at) {
				at = st.At
			}
		}
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
