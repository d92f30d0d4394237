package fakegoogle

import (
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"
)

// Move gives an event, or one occurrence of a series, another time. The zone stays.
func (cal *Calendar) Move(id, occurrence string, start, end time.Time) {
	cal.change(id, occurrence, func(ev *calendar.Event) {
		allDay := ev.Start.Date != ""
		zone, endZone := ev.Start.TimeZone, ev.End.TimeZone
		if !allDay {
			start, end = start.In(cal.root.zones.load(zone)), end.In(cal.root.zones.load(endZone))
		}
		ev.Start, ev.End = dateTime(start, allDay, zone), dateTime(end, allDay, endZone)
	})
}

// Change edits an event, or one occurrence of a series, which becomes an exception.
func (cal *Calendar) Change(id, occurrence string, change func(*calendar.Event)) {
	cal.change(id, occurrence, change)
}

// CancelOccurrence cancels one occurrence of a series.
func (cal *Calendar) CancelOccurrence(id, occurrence string) {
	cal.change(id, occurrence, func(ev *calendar.Event) { ev.Status = cancelled })
}

func (cal *Calendar) change(id, occurrence string, change func(*calendar.Event)) {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	cal.changeLocked(id, occurrence, change)
}

func (cal *Calendar) changeLocked(id, occurrence string, change func(*calendar.Event)) {
	ev := cal.find(id, occurrence)
	if ev == nil {
		return
	}
	before := ev
	ev = clone(ev)
	change(ev)
	if cal.events[ev.Id] == nil && ev.Sequence == before.Sequence && !sameTime(before, ev) {
		ev.Sequence++ // an occurrence that becomes an exception by moving
	}
	cal.fill(ev)
	cal.store(ev, false)
}

// find returns a stored event or makes the instance of a series; nil if there is none. The lock is held.
func (cal *Calendar) find(id, occurrence string) *calendar.Event {
	e := cal.events[id]
	if occurrence == "" {
		if e != nil {
			return e.event
		}
		master, occ, ok := cutLast(id, "_")
		if !ok || cal.events[master] == nil {
			return nil
		}
		id, occurrence, e = master, occ, cal.events[master]
	}
	if exception := cal.exceptions[id][occurrence]; exception != nil {
		return exception.event
	}
	if e == nil || e.event.Status == cancelled {
		return nil
	}
	start, ok := cal.has(e.event, occurrence)
	if !ok {
		return nil
	}
	return cal.instance(e.event, start)
}

// Delete cancels an event; a series with all its exceptions.
func (cal *Calendar) Delete(id string) {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	e := cal.events[id]
	if e == nil {
		return
	}
	for _, occurrence := range slices.Sorted(maps.Keys(cal.exceptions[id])) {
		cal.cancel(cal.exceptions[id][occurrence])
	}
	cal.cancel(e)
}

func (cal *Calendar) cancel(e *entry) {
	if e.event.Status != cancelled {
		ev := clone(e.event)
		ev.Status = cancelled
		cal.store(ev, false)
	}
}

// SplitSeries is a change of "this and following events": the series ends before the occurrence, its later
// exceptions are dropped, and a new series with an id and an iCalUID of its own begins there, changed as
// asked. It returns the id of the new series, "" if there is no such occurrence.
func (cal *Calendar) SplitSeries(id, occurrence string, change func(*calendar.Event)) (newID string) {
	cal.root.mu.Lock()
	defer cal.root.mu.Unlock()
	e := cal.events[id]
	if e == nil {
		return ""
	}
	start, ok := cal.has(e.event, occurrence)
	if !ok {
		return ""
	}
	allDay := e.event.Start.Date != ""
	head, tail := cal.cutRules(e.event, start, allDay)
	next := cal.instance(e.event, start)
	next = clone(next)
	base, _, _ := strings.Cut(id, "_R")
	next.Id = base + "_R" + strings.TrimSuffix(occurrence, "Z")
	next.ICalUID, next.RecurringEventId, next.OriginalStartTime, next.Created = next.Id+"@google.com", "", nil, ""
	next.Recurrence = tail
	if change != nil {
		change(next)
	}
	old := clone(e.event)
	old.Recurrence = head
	cal.fill(old)
	cal.store(old, false)
	cal.fill(next)
	stored := cal.store(next, false)
	if e.spread {
		stored.spread = true
		cal.spread(nil, stored.event)
	}
	return next.Id
}

// Get returns a copy of an event as stored, or of an instance by its id; nil if there is none.
func (cal *Calendar) Get(id string) *calendar.Event {
	cal.root.mu.RLock()
	defer cal.root.mu.RUnlock()
	ev := cal.find(id, "")
	if ev == nil {
		return nil
	}
	return clone(ev)
}

// dropOrphans cancels the exceptions of occurrences that a changed series no longer has. The lock is held.
func (cal *Calendar) dropOrphans(master *calendar.Event) {
	of := cal.exceptions[master.Id]
	for _, occurrence := range slices.Sorted(maps.Keys(of)) {
		if _, ok := cal.has(master, occurrence); !ok {
			cal.cancel(of[occurrence])
		}
	}
}
