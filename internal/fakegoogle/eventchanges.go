package fakegoogle

import (
	"slices"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"
)

// all lists what a full read answers.
func (cal *Calendar) all(q eventQuery) []listed {
	var out []listed
	for _, e := range cal.order {
		ev := e.event
		gone := ev.Status == cancelled
		if !q.wanted(ev) {
			continue
		}
		switch {
		case ev.RecurringEventId != "":
			at := cal.spanOf(ev)
			if gone {
				at.start, at.allDay = cal.moment(ev.OriginalStartTime)
				at.end = at.start
			}
			master := cal.events[ev.RecurringEventId]
			orphan := master != nil && master.event.Status == cancelled
			show := !gone || q.deleted || !q.single && !orphan || !q.updated.IsZero()
			if show && cal.overlaps(at, q.from, q.to) {
				out = append(out, listed{e.index, "", ev, gone})
			}
		case gone:
			if (q.deleted || !q.updated.IsZero()) && cal.overlaps(cal.spanOf(ev), q.from, q.to) {
				out = append(out, listed{e.index, "", ev, true})
			}
		case len(ev.Recurrence) > 0 && q.single:
			out = append(out, cal.instances(e, ev, q.from, q.to)...)
		case len(ev.Recurrence) > 0:
			if q.from.IsZero() && q.to.IsZero() || len(cal.expand(ev, q.from, q.to)) > 0 {
				out = append(out, listed{e.index, "", ev, false})
			}
		case cal.overlaps(cal.spanOf(ev), q.from, q.to):
			out = append(out, listed{e.index, "", ev, false})
		}
	}
	return out
}

// instances lists the occurrences of a version of a series that have no exception of their own.
func (cal *Calendar) instances(e *entry, ev *calendar.Event, from, to time.Time) []listed {
	var out []listed
	allDay := ev.Start.Date != ""
	for _, at := range cal.expand(ev, from, to) {
		occurrence := occurrenceOf(at, allDay)
		if cal.exceptions[ev.Id][occurrence] == nil {
			out = append(out, listed{e.index, occurrence, cal.instance(ev, at), false})
		}
	}
	return out
}

// changed lists what changed after a number. With single events a changed series means all its instances,
// and those it no longer has as cancelled ones.
func (cal *Calendar) changed(since uint64, q eventQuery) []listed {
	if cal.seq == since {
		return nil
	}
	var out []listed
	for _, e := range cal.order {
		if e.seq <= since || len(q.types) > 0 && !slices.Contains(q.types, e.event.EventType) {
			continue
		}
		gone := e.event.Status == cancelled
		if !q.single || len(e.event.Recurrence) == 0 {
			out = append(out, listed{e.index, "", e.event, gone})
			continue
		}
		now := map[string]bool{}
		var items []listed
		if !gone {
			items = cal.instances(e, e.event, q.from, q.to)
		}
		for _, i := range items {
			now[i.occurrence] = true
		}
		if before := e.at(since); before != nil && before.Status != cancelled && len(before.Recurrence) > 0 {
			for _, i := range cal.instances(e, before, q.from, q.to) {
				if !now[i.occurrence] {
					i.gone = true
					items = append(items, i)
				}
			}
		}
		sortOccurrences(items)
		out = append(out, items...)
	}
	return out
}

// at is the version of an event that was valid at a change, nil when it did not exist.
func (e *entry) at(seq uint64) *calendar.Event {
	if e.created > seq {
		return nil
	}
	for _, f := range e.former {
		if f.until > seq {
			return f.event
		}
	}
	return e.event
}

func sortOccurrences(items []listed) {
	slices.SortFunc(items, func(a, b listed) int { return strings.Compare(a.occurrence, b.occurrence) })
}
