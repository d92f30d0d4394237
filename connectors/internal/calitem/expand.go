package calitem

import (
	"slices"
	"time"
)

// budget is how many days may still be looked at.
type budget int

const expansionBudget budget = 1_000_000

// spend takes n days off and says whether that was possible.
func (b *budget) spend(n int) bool {
	*b -= budget(n)
	return *b >= 0
}

// expand calls yield with the times at which a rule fires, in order, from start on, which always counts as the first
// (RFC 5545 section 3.8.5.3), until one is after to or yield gives false. Times before from may be left out.
func (r *rule) expand(start, from, to time.Time, b *budget, yield func(time.Time) bool) error {
	fired := 0
	fire := func(t time.Time) bool {
		if !r.until.IsZero() && t.After(r.until) || t.After(to) {
			return false
		}
		fired++
		return yield(t) && (r.count == 0 || fired < r.count)
	}
	if !fire(start) {
		return nil
	}
	k := 0
	if r.count == 0 && from.After(start) {
		k = r.skip(start, from)
	}
	for ; ; k++ {
		first, days := r.period(start, k)
		if first.After(to) || first.Year() > 9999 || !r.until.IsZero() && first.After(r.until) {
			return nil
		}
		if !b.spend(1 + days) {
			return ErrTooMuch
		}
		for _, t := range r.firings(first, days) {
			if t.After(start) && !fire(t) {
				return nil
			}
		}
	}
}

// skip is the number of a period that certainly begins before from: what lies before needs no look.
func (r *rule) skip(start, from time.Time) int {
	length := 24 * time.Hour
	switch r.freq {
	case weekly:
		length *= 7
	case monthly:
		length *= 31
	case yearly:
		length *= 366
	case daily:
	}
	// A Duration holds 292 years; days do not overflow.
	days := (from.Unix() - start.Unix()) / 86400
	return max(0, int(days/int64(length/(24*time.Hour)))/r.interval-1)
}

// period is the k-th period: its first day and how many days it has.
func (r *rule) period(start time.Time, k int) (first time.Time, days int) {
	k *= r.interval
	y, m, _ := start.Date()
	switch r.freq {
	case yearly:
		first = time.Date(y+k, 1, 1, 0, 0, 0, 0, time.UTC)
		return first, daysOfYear(y + k)
	case monthly:
		first = time.Date(y, m+time.Month(k), 1, 0, 0, 0, 0, time.UTC)
		return first, first.AddDate(0, 1, -1).Day()
	case weekly:
		day := midnight(start)
		back := (int(day.Weekday()) - int(r.weekStart) + 7) % 7
		return day.AddDate(0, 0, 7*k-back), 7
	default:
		return midnight(start).AddDate(0, 0, k), 1
	}
}

func daysOfMonth(day time.Time) int {
	return time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func daysOfYear(y int) int { return time.Date(y, 12, 31, 0, 0, 0, 0, time.UTC).YearDay() }

// firings are the times of a period, in order.
func (r *rule) firings(first time.Time, days int) []time.Time {
	var out []time.Time
	for i := 0; i < days; i++ {
		day := first.AddDate(0, 0, i)
		if len(r.months) > 0 && !slices.Contains(r.months, int(day.Month())) {
			i += daysOfMonth(day) - day.Day() // no day of this month
			continue
		}
		if !r.onDay(day) {
			continue
		}
		for _, t := range r.times {
			out = append(out, day.Add(t))
		}
	}
	if len(r.positions) == 0 {
		return out
	}
	var picked []time.Time
	for _, p := range r.positions {
		if p < 0 {
			p += len(out) + 1
		}
		if p >= 1 && p <= len(out) {
			picked = append(picked, out[p-1])
		}
	}
	slices.SortFunc(picked, time.Time.Compare)
	return slices.CompactFunc(picked, time.Time.Equal)
}

// onDay says whether the rule fires on a day of one of its periods and months.
func (r *rule) onDay(day time.Time) bool {
	if len(r.monthDays) > 0 {
		length := daysOfMonth(day)
		if !slices.Contains(r.monthDays, day.Day()) && !slices.Contains(r.monthDays, day.Day()-length-1) {
			return false
		}
	}
	if len(r.yearDays) > 0 {
		n := day.YearDay()
		if !slices.Contains(r.yearDays, n) && !slices.Contains(r.yearDays, n-daysOfYear(day.Year())-1) {
			return false
		}
	}
	if len(r.weeks) > 0 && !r.inWeek(day) {
		return false
	}
	return len(r.days) == 0 || slices.ContainsFunc(r.days, func(w weekday) bool { return r.isWeekday(day, w) })
}

// isWeekday says whether a day is what a part of BYDAY names. The number counts within the month, or within the
// year for a yearly rule without BYMONTH; it means nothing in the others and together with BYWEEKNO.
func (r *rule) isWeekday(day time.Time, w weekday) bool {
	if day.Weekday() != w.day {
		return false
	}
	if w.nth == 0 || r.freq < monthly || len(r.weeks) > 0 {
		return true
	}
	at, length := day.Day(), daysOfMonth(day)
	if r.freq == yearly && len(r.months) == 0 {
		at, length = day.YearDay(), daysOfYear(day.Year())
	}
	if w.nth > 0 {
		return (at-1)/7+1 == w.nth
	}
	return (length-at)/7+1 == -w.nth
}

// inWeek says whether a day is in one of the weeks of BYWEEKNO. Week 1 is the first that has four days in the year;
// days of it may lie in the year before, and those of the last week in the year after.
func (r *rule) inWeek(day time.Time) bool {
	back := (int(day.Weekday()) - int(r.weekStart) + 7) % 7
	middle := day.AddDate(0, 0, 3-back) // its year is the week's
	week := (middle.YearDay()-1)/7 + 1
	last := time.Date(middle.Year(), 12, 31, 0, 0, 0, 0, time.UTC)
	lastBack := (int(last.Weekday()) - int(r.weekStart) + 7) % 7
	lastMiddle := last.AddDate(0, 0, 3-lastBack)
	if lastMiddle.Year() > middle.Year() {
		lastMiddle = lastMiddle.AddDate(0, 0, -7)
	}
	weeks := (lastMiddle.YearDay()-1)/7 + 1
	return slices.Contains(r.weeks, week) || slices.Contains(r.weeks, week-weeks-1)
}
