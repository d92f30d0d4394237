package fakegoogle

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"google.golang.org/api/calendar/v3"
)

const (
	cancelled = "cancelled"
	needsAct  = "needsAction"
)

// Put inserts an event or replaces the one with its id, and returns it as stored. Id, iCalUID, etag, created,
// updated, organizer, creator, status and sequence are filled in where they are empty; the sequence of a
// replaced event grows when its time or its rules change. An event with RecurringEventId and
// OriginalStartTime is an exception of that series: its id follows from them, and what it leaves empty is
// the series'.
func (cal *Calendar) Put(e *calendar.Event) *calendar.Event {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	ev := clone(e)
	if ev.RecurringEventId != "" && ev.OriginalStartTime != nil {
		cal.fillException(ev)
	}
	cal.fill(ev)
	return clone(cal.store(ev, false).event)
}

// fillException completes an exception from its series. The lock is held.
func (cal *Calendar) fillException(ev *calendar.Event) {
	at, allDay := cal.moment(ev.OriginalStartTime)
	occurrence := occurrenceOf(at, allDay)
	if ev.Id == "" {
		ev.Id = ev.RecurringEventId + "_" + occurrence
	}
	master := cal.events[ev.RecurringEventId]
	if master == nil {
		return
	}
	base := cal.instance(master.event, at.In(cal.spanOf(master.event).start.Location()))
	if old := cal.events[ev.Id]; old != nil && old.event.Status != cancelled {
		base = old.event
	}
	inherit(ev, base)
}

// inherit fills what is empty.
func inherit(ev, base *calendar.Event) {
	ev.ICalUID = base.ICalUID
	if ev.Start == nil {
		ev.Start, ev.End = base.Start, base.End
	}
	for _, f := range []struct{ to, from *string }{
		{&ev.Summary, &base.Summary}, {&ev.Description, &base.Description}, {&ev.Location, &base.Location},
		{&ev.Visibility, &base.Visibility}, {&ev.EventType, &base.EventType}, {&ev.HangoutLink, &base.HangoutLink},
		{&ev.Transparency, &base.Transparency}, {&ev.Created, &base.Created},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	if ev.Attendees == nil {
		ev.Attendees = base.Attendees
	}
	if ev.Organizer == nil {
		ev.Organizer, ev.Creator = base.Organizer, base.Creator
	}
	if ev.ConferenceData == nil {
		ev.ConferenceData = base.ConferenceData
	}
	if ev.GuestsCanSeeOtherGuests == nil {
		ev.GuestsCanSeeOtherGuests = base.GuestsCanSeeOtherGuests
	}
	ev.Sequence = max(ev.Sequence, base.Sequence)
}

// fill completes an event. The lock is held.
func (cal *Calendar) fill(ev *calendar.Event) {
	now := cal.root.now()
	if ev.Id == "" {
		ev.Id = cal.newEventID()
	}
	old := cal.events[ev.Id]
	if ev.ICalUID == "" {
		ev.ICalUID = ev.Id + "@google.com"
	}
	if ev.Start == nil {
		ev.Start = dateTime(now.In(cal.zone).Truncate(time.Hour), false, cal.zone.String())
	}
	if ev.End == nil {
		at, allDay := cal.moment(ev.Start)
		length := time.Hour
		if allDay {
			length = 24 * time.Hour
		}
		ev.End = dateTime(at.Add(length), allDay, ev.Start.TimeZone)
	}
	for _, t := range []*calendar.EventDateTime{ev.Start, ev.End, ev.OriginalStartTime} {
		cal.fillZone(t)
	}
	if ev.Status == "" {
		ev.Status = "confirmed"
	}
	if ev.EventType == "" {
		ev.EventType = "default"
	}
	if ev.Creator == nil {
		ev.Creator = &calendar.EventCreator{Email: cal.owner}
	}
	if ev.Organizer == nil {
		ev.Organizer = &calendar.EventOrganizer{Email: cal.id}
		if !cal.primary {
			ev.Organizer.DisplayName = cal.summary
		}
	}
	for _, a := range ev.Attendees {
		if a.ResponseStatus == "" {
			a.ResponseStatus = needsAct
		}
	}
	if ev.Created == "" {
		ev.Created = now.UTC().Format("2006-01-02T15:04:05.000Z")
		if old != nil {
			ev.Created = old.event.Created
		}
	}
	ev.HtmlLink = "https://www.google.com/calendar/event?eid=" + ev.Id
	if old != nil && ev.Sequence <= old.event.Sequence {
		ev.Sequence = old.event.Sequence
		if !sameTime(old.event, ev) {
			ev.Sequence++
		}
	}
}

// fillZone writes a time as the vendor does: with its offset, and with the zone's name.
func (cal *Calendar) fillZone(t *calendar.EventDateTime) {
	if t == nil || t.Date != "" {
		return
	}
	if t.TimeZone == "" {
		t.TimeZone = cal.zone.String()
	}
	at, _ := cal.moment(t)
	t.DateTime = at.Format(time.RFC3339)
}

func sameTime(a, b *calendar.Event) bool {
	same := func(x, y *calendar.EventDateTime) bool {
		return x == nil && y == nil || x != nil && y != nil && x.Date == y.Date && x.DateTime == y.DateTime && x.TimeZone == y.TimeZone
	}
	return same(a.Start, b.Start) && same(a.End, b.End) && slices.Equal(a.Recurrence, b.Recurrence)
}

// store puts a complete event in its place, numbers the change and brings the copies into step. A copy is
// not carried further. The lock is held.
func (cal *Calendar) store(ev *calendar.Event, isCopy bool) *entry {
	cal.seq++
	ev.Updated = cal.root.now().UTC().Format("2006-01-02T15:04:05.000Z")
	ev.Etag = strconv.Quote(strconv.FormatUint(hash64(cal.id, ev.Id, fmt.Sprint(cal.seq)), 10))
	ev.Kind = "calendar#event"
	e := cal.events[ev.Id]
	var before *calendar.Event
	if e == nil {
		cal.root.serial++
		e = &entry{index: cal.root.serial, created: cal.seq}
		if cal.events == nil {
			cal.events, cal.exceptions = map[string]*entry{}, map[string]map[string]*entry{}
		}
		cal.events[ev.Id] = e
		cal.order = append(cal.order, e)
		if master := cal.events[ev.RecurringEventId]; master != nil {
			e.spread = master.spread
			before = master.event // its attendees were those of the occurrence
		}
	} else {
		before = e.event
		if len(before.Recurrence) > 0 {
			e.former = append(e.former, formerEvent{cal.seq, before})
		}
	}
	e.event, e.seq = ev, cal.seq
	if ev.RecurringEventId != "" && ev.OriginalStartTime != nil {
		at, allDay := cal.moment(ev.OriginalStartTime)
		of := cal.exceptions[ev.RecurringEventId]
		if of == nil {
			of = map[string]*entry{}
			cal.exceptions[ev.RecurringEventId] = of
		}
		of[occurrenceOf(at, allDay)] = e
	}
	if isCopy {
		return e
	}
	if e.spread {
		cal.spread(before, ev)
	}
	if before != nil && len(before.Recurrence) > 0 && ev.RecurringEventId == "" && !sameTime(before, ev) {
		cal.dropOrphans(ev)
	}
	return e
}
