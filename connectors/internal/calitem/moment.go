package calitem

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// moment is a time as a calendar states it: what a wall clock shows, and where the clock hangs.
type moment struct {
	wall   time.Time // the clock's digits, as if they were UTC
	zone   *time.Location
	allDay bool
}

var errTime = errors.New("time cannot be read")

// Occurrence is the identity of an occurrence within its series, of its original start: see crm.MeetingKey.
// The day of an all-day one is that in t's own location.
func Occurrence(t time.Time, allDay bool) string {
	if allDay {
		return t.Format("20060102")
	}
	return t.UTC().Format("20060102T150405Z")
}

// instant is the moment on the time line. A wall clock that is put forward skips some times: such a one counts
// with the offset before the gap. One that is put back shows some times twice: the first counts (RFC 5545 section 3.3.5).
func (m moment) instant() time.Time {
	if m.zone == nil || m.zone == time.UTC {
		return m.wall
	}
	before := m.wall.Add(-offset(m.wall.AddDate(0, 0, -1), m.zone))
	after := m.wall.Add(-offset(m.wall.AddDate(0, 0, 1), m.zone))
	for _, t := range []time.Time{before, after} {
		if t.Add(offset(t, m.zone)).Equal(m.wall) {
			return t
		}
	}
	return before
}

// offset is that of zone at an instant.
func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// occurrence is the identity of an occurrence that starts at m.
func (m moment) occurrence() string {
	if m.allDay {
		return Occurrence(m.wall, true)
	}
	return Occurrence(m.instant(), false)
}

// at is a moment at the clock of m's place that shows wall.
func (m moment) at(wall time.Time) moment {
	m.wall = wall
	return m
}

// wallOf is what the clock of a zone shows at an instant.
func wallOf(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		return t.UTC()
	}
	return t.UTC().Add(offset(t, zone))
}

// midnight cuts a wall-clock time to its day.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// parseClock reads DATE and DATE-TIME, also with separators as RFC 3339 has them. utc says that it ends in Z.
func parseClock(text string) (wall time.Time, allDay, utc bool, err error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	text, utc = strings.CutSuffix(text, "Z")
	text = strings.NewReplacer("-", "", ":", "", "/", "").Replace(text)
	text = strings.Replace(text, " ", "T", 1)
	switch len(text) {
	case 8:
		wall, err = time.Parse("20060102", text)
		allDay = true
	case 13:
		wall, err = time.Parse("20060102T1504", text)
	case 15:
		if strings.HasSuffix(text, "60") {
			text = text[:13] + "59" // a leap second
		}
		if strings.HasSuffix(text, "T240000") {
			wall, err = time.Parse("20060102", text[:8])
			wall = wall.AddDate(0, 0, 1)
			break
		}
		wall, err = time.Parse("20060102T150405", text)
	default:
		err = errTime
	}
	if err != nil || wall.Year() < 1 {
		return time.Time{}, false, false, errTime
	}
	return wall, allDay, utc, nil
}

// span is a length of time: nominal days, then exact time (RFC 5545 section 3.3.6).
type span struct {
	days  int
	exact time.Duration
}

// maxSpan bounds a length; an event is hardly longer than ten years.
const maxSpan = 10 * 366 * 24 * time.Hour

// parseDuration reads DURATION: "PT1H30M", "P1DT2H", "-PT15M", "P2W".
func parseDuration(text string) (span, error) {
	text = strings.ToUpper(strings.TrimSpace(text))
	sign := 1
	if after, ok := strings.CutPrefix(text, "-"); ok {
		text, sign = after, -1
	}
	text, ok := strings.CutPrefix(strings.TrimPrefix(text, "+"), "P")
	if !ok || text == "" {
		return span{}, errTime
	}
	var out span
	for text != "" {
		if text[0] == 'T' {
			text = text[1:]
			continue
		}
		end := strings.IndexFunc(text, func(c rune) bool { return c < '0' || c > '9' })
		if end <= 0 {
			return span{}, errTime
		}
		n, err := strconv.Atoi(text[:end])
		if err != nil || n > 400_000_000 {
			return span{}, errTime
		}
		switch text[end] {
		case 'W':
			out.days += 7 * n * sign
		case 'D':
			out.days += n * sign
		case 'H':
			out.exact += time.Duration(n*sign) * time.Hour
		case 'M':
			out.exact += time.Duration(n*sign) * time.Minute
		case 'S':
			out.exact += time.Duration(n*sign) * time.Second
		default:
			return span{}, errTime
		}
		text = text[end+1:]
	}
	if out.length().Abs() > maxSpan || out.days > 3660 || out.days < -3660 {
		return span{}, errTime
	}
	return out, nil
}

// length is about how long it is: days count as 24 hours.
func (s span) length() time.Duration { return time.Duration(s.days)*24*time.Hour + s.exact }

// after is the moment a span after m.
func (m moment) after(s span) time.Time {
	return m.at(m.wall.AddDate(0, 0, s.days)).instant().Add(s.exact)
}
