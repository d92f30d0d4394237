package signals

import (
	"strings"
	"time"
)

// midnight is the day of t, as signals keep days.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func exactDay(year, month, day int) (time.Time, bool) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t, year >= 1990 && year < 2100 && month >= 1 && month <= 12 && t.Day() == day && t.Month() == time.Month(month)
}

// near gives the year in which the day lies nearest to today; up to four months behind it, else ahead.
func near(today time.Time, month, day int) (time.Time, bool) {
	for year := today.Year() - 1; year <= today.Year()+1; year++ {
		if t, ok := exactDay(year, month, day); ok && !t.Before(today.AddDate(0, -4, 0)) {
			return t, true
		}
	}
	return exactDay(today.Year()+1, month, day)
}

func partOfMonth(today time.Time, which, part string) (time.Time, bool) {
	first := today.AddDate(0, 0, 1-today.Day())
	switch which {
	case "", "今", "当", "同":
	case "来", "翌":
		first = first.AddDate(0, 1, 0)
	case "再来":
		first = first.AddDate(0, 2, 0)
	default:
		t, ok := near(today, number(which), 1)
		if !ok {
			return t, false
		}
		first = t
	}
	switch part {
	case "上旬", "初旬":
		return first.AddDate(0, 0, 9), true
	case "中旬":
		return first.AddDate(0, 0, 19), true
	}
	return first.AddDate(0, 1, -1), true
}

func monday(today time.Time) time.Time {
	return today.AddDate(0, 0, -((int(today.Weekday()) + 6) % 7))
}

func weeksAhead(word string) int {
	switch word {
	case "来週", "翌週":
		return 1
	case "再来週":
		return 2
	}
	return 0
}

// weekday is the day of the week that begins on Monday.
func weekday(week time.Time, name string) time.Time {
	return week.AddDate(0, 0, strings.Index("月火水木金土日", name)/3)
}

func relativeDay(today time.Time, word string) time.Time {
	switch word {
	case "明日", "翌日":
		return today.AddDate(0, 0, 1)
	case "明後日", "あさって":
		return today.AddDate(0, 0, 2)
	case "週明け":
		return monday(today).AddDate(0, 0, 7)
	case "年内", "年末":
		return time.Date(today.Year(), 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return today
}

// nextWeekday is the next such day after today; with skip one within this week does not count.
func nextWeekday(today time.Time, day int, skip bool) time.Time {
	ahead := (day - int(today.Weekday()) + 7) % 7
	if ahead == 0 {
		ahead = 7
	}
	t := today.AddDate(0, 0, ahead)
	if skip && t.Before(monday(today).AddDate(0, 0, 7)) {
		t = t.AddDate(0, 0, 7)
	}
	return t
}

func english(today time.Time, month, day, year string) (time.Time, bool) {
	m := strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", month)/3 + 1
	if year != "" {
		return exactDay(number(year), m, number(day))
	}
	return near(today, m, number(day))
}

func englishRelative(today time.Time, word string) time.Time {
	switch {
	case word == "tomorrow":
		return today.AddDate(0, 0, 1)
	case strings.HasSuffix(word, "next week"):
		return monday(today).AddDate(0, 0, 11)
	case strings.HasSuffix(word, "week"):
		return monday(today).AddDate(0, 0, 4)
	case strings.HasSuffix(word, "next month"):
		return today.AddDate(0, 0, 1-today.Day()).AddDate(0, 2, -1)
	case strings.HasSuffix(word, "month"):
		return today.AddDate(0, 0, 1-today.Day()).AddDate(0, 1, -1)
	}
	return today
}

// dayAlone takes a day without a month: that of the date before it, else the next such day.
func dayAlone(today time.Time, day int, last *dated) (time.Time, bool) {
	base := today
	if last != nil {
		base = last.day
	}
	t, ok := exactDay(base.Year(), int(base.Month()), day)
	if ok && !t.Before(base) {
		return t, true
	}
	next := base.AddDate(0, 0, 1-base.Day()).AddDate(0, 1, 0)
	return exactDay(next.Year(), int(next.Month()), day)
}
