package crm

import "time"

// Hours are the business hours of an organisation, in its time zone. They may be used by several goroutines as long as
// nobody changes them.
type Hours struct {
	From, To time.Duration   // since midnight by the clock on the wall: 9 h and 18 h
	Days     [7]bool         // by time.Weekday
	Japanese bool            // closed on Japanese holidays
	Closed   map[string]bool // further days on which it is closed: 2026-12-29
}

// maxHoursDays bounds what is walked over, in days.
const maxHoursDays = 20 * 366

// Open reports whether there are business hours on the day of a time in its location.
func (h *Hours) Open(day time.Time) bool {
	if !h.Days[day.Weekday()] || h.To <= h.From {
		return false
	}
	if len(h.Closed) > 0 && h.Closed[day.Format(time.DateOnly)] {
		return false
	}
	year, month, date := day.Date()
	return !h.Japanese || JapaneseHoliday(year, month, date) == ""
}

// Between is how much of the business hours lies between two times; 0 if to is not after from. A span of more than
// twenty years is cut off there.
func (h *Hours) Between(from, to time.Time, zone *time.Location) time.Duration {
	var sum time.Duration
	day := from.In(zone)
	for range maxHoursDays {
		opens, closes := h.of(day)
		if !opens.Before(to) {
			break
		}
		if h.Open(day) {
			sum += max(0, earlier(closes, to).Sub(later(opens, from)))
		}
		day = nextDay(day)
	}
	return sum
}

// After is when d of business hours have passed since from. It is the zero time if that never comes: the organisation is
// closed every day.
func (h *Hours) After(from time.Time, d time.Duration, zone *time.Location) time.Time {
	day := from.In(zone)
	for range maxHoursDays {
		if h.Open(day) {
			opens, closes := h.of(day)
			opens = later(opens, from)
			if left := closes.Sub(opens); left >= d {
				return opens.Add(d).UTC()
			} else if left > 0 {
				d -= left
			}
		}
		day = nextDay(day)
	}
	return time.Time{}
}

// NextOpen is the first day that has business hours, the given one or later, at its midnight in zone. If there is none, it
// is the given one.
func (h *Hours) NextOpen(from time.Time, zone *time.Location) time.Time {
	year, month, date := from.In(zone).Date()
	first := time.Date(year, month, date, 0, 0, 0, 0, zone)
	day := first
	for range 366 {
		if h.Open(day) {
			return day
		}
		day = day.AddDate(0, 0, 1)
	}
	return first
}

// of gives the hours of a day, by the clock on the wall also when it is put forward or back that day.
func (h *Hours) of(day time.Time) (opens, closes time.Time) {
	year, month, date := day.Date()
	at := func(d time.Duration) time.Time {
		return time.Date(year, month, date, 0, 0, int(d/time.Second), 0, day.Location())
	}
	return at(h.From), at(h.To)
}

// nextDay is noon of the next day, which exists in every zone.
func nextDay(day time.Time) time.Time {
	year, month, date := day.Date()
	return time.Date(year, month, date+1, 12, 0, 0, 0, day.Location())
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
