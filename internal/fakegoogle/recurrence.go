package fakegoogle

import (
	"strings"
	"time"

	"github.com/teambition/rrule-go"
	"google.golang.org/api/calendar/v3"
)

const (
	stampUTC  = "20060102T150405Z"
	stampWall = "20060102T150405"
	stampDate = "20060102"
	dateOnly  = "2006-01-02"
	// maxOccurrences bounds an expansion, whatever its window.
	maxOccurrences = 5000
)

// span is when something takes place. An all-day span is at midnight UTC of its dates.
type span struct {
	start, end time.Time
	allDay     bool
}

// moment reads a time; in the calendar's zone when it names none. An all-day one is midnight UTC.
func (cal *Calendar) moment(t *calendar.EventDateTime) (at time.Time, allDay bool) {
	zone := cal.zone
	if t == nil {
		return time.Time{}, false
	}
	if t.Date != "" {
		at, _ = time.Parse(dateOnly, t.Date)
		return at, true
	}
	if t.TimeZone != "" {
		zone = cal.root.zones.load(t.TimeZone)
	}
	if at, err := time.Parse(time.RFC3339, t.DateTime); err == nil {
		return at.In(zone), false
	}
	at, _ = time.ParseInLocation("2006-01-02T15:04:05", t.DateTime, zone)
	return at, false
}

func (cal *Calendar) spanOf(e *calendar.Event) span {
	start, allDay := cal.moment(e.Start)
	end, _ := cal.moment(e.End)
	if e.End == nil || end.Before(start) {
		end = start
	}
	return span{start, end, allDay}
}

// overlaps tests a span against bounds; zero bounds are open. All-day spans lie in the calendar's zone.
func (cal *Calendar) overlaps(s span, from, to time.Time) bool {
	start, end := s.start, s.end
	if s.allDay {
		start, end = cal.midnight(start), cal.midnight(end)
	}
	return (from.IsZero() || end.After(from) || start.Equal(end) && !start.Before(from)) && (to.IsZero() || start.Before(to))
}

func (cal *Calendar) midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, cal.zone)
}

// occurrenceOf names an instance by its original start: UTC, or the date of an all-day one.
func occurrenceOf(start time.Time, allDay bool) string {
	if allDay {
		return start.Format(stampDate)
	}
	return start.UTC().Format(stampUTC)
}

func dateTime(t time.Time, allDay bool, zone string) *calendar.EventDateTime {
	if allDay {
		return &calendar.EventDateTime{Date: t.Format(dateOnly)}
	}
	return &calendar.EventDateTime{DateTime: t.Format(time.RFC3339), TimeZone: zone}
}

// expand lists the original starts of a series whose spans overlap the bounds. Times keep their wall clock
// in the event's zone over changes of daylight saving.
func (cal *Calendar) expand(e *calendar.Event, from, to time.Time) []time.Time {
	s := cal.spanOf(e)
	set, ok := cal.ruleSet(e.Recurrence, s)
	if !ok {
		return nil
	}
	if to.IsZero() {
		to = cal.root.now().AddDate(3, 0, 0)
	}
	length := s.end.Sub(s.start)
	var out []time.Time
	next := set.Iterator()
	for range maxOccurrences {
		at, more := next()
		one := span{at, at.Add(length), s.allDay}
		if !more || !cal.overlaps(span{at, at, s.allDay}, time.Time{}, to) {
			break
		}
		if cal.overlaps(one, from, to) {
			out = append(out, at)
		}
	}
	return out
}

func (cal *Calendar) ruleSet(lines []string, s span) (*rrule.Set, bool) {
	set := &rrule.Set{}
	set.DTStart(s.start)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		name, params, _ := strings.Cut(name, ";")
		switch strings.ToUpper(name) {
		case "RRULE":
			option, err := rrule.StrToROptionInLocation(value, s.start.Location())
			if err != nil || option.Freq > rrule.DAILY {
				return nil, false
			}
			option.Dtstart = s.start
			rule, err := rrule.NewRRule(*option)
			if err != nil {
				return nil, false
			}
			set.RRule(rule)
		case "EXDATE":
			for _, at := range cal.dates(value, params, s) {
				set.ExDate(at)
			}
		case "RDATE":
			for _, at := range cal.dates(value, params, s) {
				set.RDate(at)
			}
		}
	}
	return set, true
}

// dates reads the values of EXDATE and RDATE.
func (cal *Calendar) dates(value, params string, s span) []time.Time {
	zone := s.start.Location()
	for p := range strings.SplitSeq(params, ";") {
		if tz, ok := strings.CutPrefix(p, "TZID="); ok {
			zone = cal.root.zones.load(strings.Trim(tz, `"`))
		}
	}
	var out []time.Time
	for v := range strings.SplitSeq(value, ",") {
		if at, ok := parseStamp(v, zone); ok {
			out = append(out, at)
		}
	}
	return out
}

func parseStamp(v string, zone *time.Location) (time.Time, bool) {
	if at, err := time.Parse(stampUTC, v); err == nil {
		return at, true
	}
	if at, err := time.ParseInLocation(stampWall, v, zone); err == nil {
		return at, true
	}
	at, err := time.Parse(stampDate, v)
	return at, err == nil
}

// has reports whether a series, exceptions aside, has an occurrence, and when it starts.
func (cal *Calendar) has(e *calendar.Event, occurrence string) (time.Time, bool) {
	at, ok := parseStamp(occurrence, time.UTC)
	if !ok || len(e.Recurrence) == 0 {
		return time.Time{}, false
	}
	for _, start := range cal.expand(e, at.Add(-48*time.Hour), at.Add(48*time.Hour)) {
		if occurrenceOf(start, e.Start.Date != "") == occurrence {
			return start, true
		}
	}
	return time.Time{}, false
}

// instance makes the occurrence of a series that starts at a moment.
func (cal *Calendar) instance(master *calendar.Event, start time.Time) *calendar.Event {
	s := cal.spanOf(master)
	zone := master.Start.TimeZone
	out := *master
	out.Id = master.Id + "_" + occurrenceOf(start, s.allDay)
	out.Recurrence = nil
	out.RecurringEventId = master.Id
	out.OriginalStartTime = dateTime(start, s.allDay, zone)
	out.Start = dateTime(start, s.allDay, zone)
	end := zone
	if master.End != nil && master.End.TimeZone != "" {
		end = master.End.TimeZone
	}
	out.End = dateTime(start.Add(s.end.Sub(s.start)), s.allDay, end)
	return &out
}
