package googlecalendar

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/api/calendar/v3"
)

// instant reads a time of an event. A day without a clock is the midnight at which it begins in zone.
func instant(t *calendar.EventDateTime, zone *time.Location) (at time.Time, allDay bool, err error) {
	switch {
	case t == nil:
		return at, false, errors.New("read time: there is none")
	case t.Date != "":
		at, err = time.ParseInLocation(time.DateOnly, t.Date, zone)
		allDay = true
	default:
		at, err = time.Parse(time.RFC3339, t.DateTime)
	}
	if err != nil {
		return at, allDay, fmt.Errorf("read time: %w", err)
	}
	if !allDay {
		at = at.UTC()
	}
	return at, allDay, nil
}

// stampOf reads when something was made or changed; zero if it does not say.
func stampOf(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || !plausible(t) {
		return time.Time{}
	}
	return t.UTC()
}

// plausible says whether a time can be that of something people do.
func plausible(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1970 && year <= 2200
}

// changed is when an event was changed last; zero if it does not say, or says that it is yet to be: such a state could
// never be followed by a newer one.
func (s *source) changed(e *calendar.Event) time.Time {
	t := stampOf(e.Updated)
	if t.After(s.now().Add(day)) {
		return time.Time{}
	}
	return t
}

// zone finds a zone by its name; UTC, with the name "", if nobody knows it. The first name that says something counts.
func (s *source) zone(names ...string) (zone *time.Location, name string) {
	for _, name := range names {
		if name == "" {
			continue
		}
		zone, known := s.zones[name]
		if !known {
			zone = s.load(name)
		}
		if zone == time.UTC {
			return zone, ""
		}
		if zone != nil {
			return zone, name
		}
	}
	return time.UTC, ""
}

// maxZones bounds how many names are remembered; there are about 600.
const maxZones = 2000

func (s *source) load(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	switch {
	case err != nil || name == "Local":
		zone = nil
	case name == "UTC" || name == "Etc/UTC" || name == "GMT" || name == "Etc/GMT":
		zone = time.UTC
	}
	if len(s.zones) < maxZones {
		s.zones[name] = zone
	}
	return zone
}
