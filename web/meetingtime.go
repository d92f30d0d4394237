package web

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// span is when a meeting takes place, in words.
type span struct {
	Day, Clock, Until string // "21 Nov 2026", "10:00", "11:00"; an all-day one has words as its Clock, and a last day as Until or none
	Zone              string // "JST"; "" of an all-day one
	Length            string // "1 hour"
	AllDay            bool
	start             time.Time // in the zone in which it is shown
}

// span shows a meeting in the organisation's zone, but an all-day one in its own: its day is the same everywhere.
func (sp *speaker) span(a *crm.Activity) span {
	return sp.spanOf(a.Time, a.End, a.Meeting)
}

func (sp *speaker) spanOf(start, end time.Time, m *crm.Meeting) span {
	if m != nil && m.AllDay {
		zone := zoneOf(m)
		first, last := start.In(zone), end.In(zone).Add(-time.Second)
		v := span{AllDay: true, Day: sp.dayOf(first), Clock: sp.text("meeting.all_day"), start: first}
		if end.After(start) && sp.dayOf(last) != v.Day {
			v.Until = sp.dayOf(last)
		}
		return v
	}
	local := start.In(sp.zone)
	v := span{Day: sp.date(start), Clock: local.Format("15:04"), Zone: local.Format("MST"), start: local}
	if end.After(start) {
		v.Length = sp.length(end.Sub(start))
		v.Until = end.In(sp.zone).Format("15:04")
		if sp.date(end) != v.Day {
			v.Until = sp.when(end)
		}
	}
	return v
}

// full is all of it on one line.
func (v span) full() string {
	switch {
	case v.AllDay && v.Until != "":
		return v.Day + "–" + v.Until + " " + v.Clock
	case v.AllDay:
		return v.Day + " " + v.Clock
	case v.Until != "":
		return v.Day + " " + v.Clock + "–" + v.Until + " " + v.Zone
	default:
		return v.Day + " " + v.Clock + " " + v.Zone
	}
}

// dayOf is the day of a time in the zone it is given in.
func (sp *speaker) dayOf(t time.Time) string {
	return sp.date(time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, sp.zone))
}

// elsewhere is the time in the zone a meeting was made in, "" if clocks show the same here.
func (sp *speaker) elsewhere(a *crm.Activity) string {
	if a.Meeting.AllDay || a.Meeting.Zone == "" {
		return ""
	}
	zone := zoneOf(a.Meeting)
	there, here := a.Time.In(zone), a.Time.In(sp.zone)
	if _, offset := there.Zone(); zone == time.UTC || offset == zoneOffset(here) {
		return ""
	}
	text := there.Format("15:04")
	if sp.dayOf(there) != sp.dayOf(here) {
		text = sp.dayOf(there) + " " + text
	}
	return text + " " + a.Meeting.Zone
}

func zoneOffset(t time.Time) int {
	_, offset := t.Zone()
	return offset
}

// zoneOf is the zone of a meeting; UTC if its name is none that is known.
func zoneOf(m *crm.Meeting) *time.Location {
	if zone, err := time.LoadLocation(m.Zone); err == nil && m.Zone != "Local" {
		return zone
	}
	return time.UTC
}

// length is how long a meeting takes.
func (sp *speaker) length(d time.Duration) string {
	d = d.Round(time.Minute)
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case d >= 48*time.Hour && minutes == 0 && hours%24 == 0:
		return sp.text("ago.days", "n", hours/24)
	case hours == 0:
		return sp.text("ago.minutes", "n", minutes)
	case minutes == 0:
		return sp.text("ago.hours", "n", hours)
	default:
		return sp.text("meeting.length", "value", sp.text("ago.hours", "n", hours), "d", sp.text("ago.minutes", "n", minutes))
	}
}
