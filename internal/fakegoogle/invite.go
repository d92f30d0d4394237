package fakegoogle

import (
	"slices"
	"strings"

	"google.golang.org/api/calendar/v3"
)

// Invite adds attendees to an event and puts copies of it into the primary calendars of those who are users
// here. From then on every change of the event, of its exceptions and of the attendees reaches the copies.
// Without addresses the attendees the event has are invited.
func (cal *Calendar) Invite(id string, emails ...string) {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	e := cal.events[id]
	if e == nil {
		return
	}
	ev := clone(e.event)
	for _, email := range emails {
		if attendee(ev, email) == nil {
			ev.Attendees = append(ev.Attendees, &calendar.EventAttendee{Email: strings.ToLower(email), ResponseStatus: needsAct})
		}
	}
	e.spread = true
	for _, exception := range cal.exceptions[id] {
		exception.spread = true
	}
	cal.fill(ev)
	cal.store(ev, false)
}

func attendee(ev *calendar.Event, email string) *calendar.EventAttendee {
	i := slices.IndexFunc(ev.Attendees, func(a *calendar.EventAttendee) bool { return strings.EqualFold(a.Email, email) })
	if i < 0 {
		return nil
	}
	return ev.Attendees[i]
}

// Respond answers an invitation in an attendee's calendar: "accepted", "declined", "tentative" or
// "needsAction", for the event or for one occurrence. The organiser and the other attendees see it.
func (cal *Calendar) Respond(id, occurrence, status string) {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	ev := cal.find(id, occurrence)
	if ev == nil {
		return
	}
	from := cal
	if ev.Organizer != nil {
		if organiser := cal.root.byID[ev.Organizer.Email]; organiser != nil && organiser.find(id, occurrence) != nil {
			from = organiser
		}
	}
	from.changeLocked(id, occurrence, func(ev *calendar.Event) {
		if a := attendee(ev, cal.id); a != nil {
			a.ResponseStatus = status
		}
	})
}

// spread brings the copies in the attendees' primary calendars into step. The lock is held.
func (cal *Calendar) spread(before, now *calendar.Event) {
	if before != nil {
		for _, a := range before.Attendees {
			if other := cal.guest(a); other != nil && attendee(now, a.Email) == nil && other.find(now.Id, "") != nil {
				gone := clone(other.find(now.Id, ""))
				gone.Status = cancelled
				other.store(gone, true)
			}
		}
	}
	for _, a := range now.Attendees {
		if other := cal.guest(a); other != nil {
			other.store(clone(now), true)
		}
	}
}

// guest is the primary calendar of an attendee who is a user here, and not this one.
func (cal *Calendar) guest(a *calendar.EventAttendee) *Calendar {
	other := cal.root.byID[strings.ToLower(a.Email)]
	if a.Resource || other == nil || other == cal || !other.primary {
		return nil
	}
	return other
}
