package fakegoogle

import (
	"strings"

	"google.golang.org/api/calendar/v3"
)

// viewer is who looks at an event.
type viewer struct {
	email, role string
	guests      int // maxAttendees; 0 is all
}

// render shows an item to a viewer. A cancelled one is its id and status, with its place in the series if it
// has one; who may see only times, or looks at a private event without the right to write, gets times.
func (cal *Calendar) render(item listed, v viewer) *calendar.Event {
	ev := item.event
	if item.gone {
		return &calendar.Event{
			Kind: ev.Kind, Etag: ev.Etag, Id: ev.Id, Status: cancelled,
			RecurringEventId: ev.RecurringEventId, OriginalStartTime: ev.OriginalStartTime,
		}
	}
	private := ev.Visibility == "private" || ev.Visibility == "confidential"
	if v.role == "freeBusyReader" || private && v.role == "reader" {
		return &calendar.Event{
			Kind: ev.Kind, Etag: ev.Etag, Id: ev.Id, Status: ev.Status, Created: ev.Created, Updated: ev.Updated,
			Start: ev.Start, End: ev.End, Recurrence: ev.Recurrence, RecurringEventId: ev.RecurringEventId,
			OriginalStartTime: ev.OriginalStartTime, ICalUID: ev.ICalUID, Sequence: ev.Sequence, Visibility: "private",
			EventType: "default", ForceSendFields: []string{"Sequence"},
		}
	}
	out := *ev
	out.ForceSendFields = []string{"Sequence"}
	if ev.Organizer != nil {
		o := *ev.Organizer
		o.Self = strings.EqualFold(o.Email, cal.id)
		out.Organizer = &o
	}
	if ev.Creator != nil {
		cr := *ev.Creator
		cr.Self = strings.EqualFold(cr.Email, cal.id)
		out.Creator = &cr
	}
	out.Attendees = cal.attendees(&out, v)
	return &out
}

// attendees marks who is this calendar's person, and cuts the list where the organiser hides the guests or
// the caller wants fewer: then only that person is left.
func (cal *Calendar) attendees(ev *calendar.Event, v viewer) []*calendar.EventAttendee {
	hidden := ev.GuestsCanSeeOtherGuests != nil && !*ev.GuestsCanSeeOtherGuests && !ev.Organizer.Self
	omit := hidden || v.guests > 0 && len(ev.Attendees) > v.guests
	var out []*calendar.EventAttendee
	for _, a := range ev.Attendees {
		shown := *a
		shown.Self = strings.EqualFold(a.Email, cal.id)
		shown.Organizer = ev.Organizer != nil && strings.EqualFold(a.Email, ev.Organizer.Email)
		if !omit || shown.Self {
			out = append(out, &shown)
		}
	}
	if omit && len(out) < len(ev.Attendees) {
		ev.AttendeesOmitted = true
	}
	return out
}

func (s *Server) getEvent(c *call) {
	guests, ok := c.number("maxAttendees", 0, 1<<20)
	if !ok {
		return
	}
	s.calendar.mu.RLock()
	defer s.calendar.mu.RUnlock()
	cal, role := c.visible()
	if cal == nil {
		return
	}
	ev := cal.find(c.vars[1], "")
	if ev == nil {
		c.fail(notFound())
		return
	}
	c.answer(cal.render(listed{event: ev, gone: ev.Status == cancelled}, viewer{c.user, role, guests}))
}

// listInstances is events.instances: the occurrences of a series in order, exceptions in their places.
func (s *Server) listInstances(c *call) {
	q, ok := c.eventQuery()
	if !ok {
		return
	}
	s.calendar.mu.RLock()
	defer s.calendar.mu.RUnlock()
	cal, role := c.visible()
	if cal == nil {
		return
	}
	master := cal.events[c.vars[1]]
	if master == nil || len(master.event.Recurrence) == 0 {
		c.fail(notFound())
		return
	}
	page, ok := c.openSync(cal.generation, cal.seq, "timeMin", "timeMax", "showDeleted", "originalStart")
	if !ok {
		return
	}
	answer := cal.eventsAnswer(role)
	last := ""
	for _, item := range cal.seriesItems(master, q) {
		if item.occurrence <= page.After || c.elsewhere(item.event) {
			continue
		}
		if len(answer.Items) == shortened(q.limit, page.Number) {
			answer.NextPage = page.pageToken(master.index, last)
			break
		}
		answer.Items = append(answer.Items, cal.render(item, viewer{c.user, role, q.guests}))
		last = item.occurrence
	}
	if answer.NextPage == "" {
		answer.NextSync = page.syncToken()
	}
	c.answer(&answer)
}

// elsewhere applies the originalStart parameter.
func (c *call) elsewhere(ev *calendar.Event) bool {
	want := c.params.Get("originalStart")
	return want != "" && (ev.OriginalStartTime == nil || ev.OriginalStartTime.DateTime != want && ev.OriginalStartTime.Date != want)
}

func (cal *Calendar) seriesItems(master *entry, q eventQuery) []listed {
	var out []listed
	if master.event.Status != cancelled {
		out = cal.instances(master, master.event, q.from, q.to)
	}
	for occurrence, e := range cal.exceptions[master.event.Id] {
		gone := e.event.Status == cancelled
		if gone && !q.deleted || !gone && !cal.overlaps(cal.spanOf(e.event), q.from, q.to) {
			continue
		}
		out = append(out, listed{e.index, occurrence, e.event, gone})
	}
	sortOccurrences(out)
	return out
}
