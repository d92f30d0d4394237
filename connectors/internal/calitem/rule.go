package calitem

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrSubDaily means that a series fires so often that it is no series of meetings: each hour, minute or second, or more
// than eleven times a day.
var ErrSubDaily = errors.New("it recurs too often for a series of meetings: hourly, or more than 2,000 times in half a year")

// ErrTooMuch means that to find the occurrences of a series would take too long.
var ErrTooMuch = errors.New("its recurrence runs too far")

// ErrTooMany means that a calendar holds more, in a window or at all, than is read; the first of it is.
var ErrTooMany = errors.New("it holds more occurrences than are read")

// frequency is FREQ.
type frequency int

const (
	daily frequency = iota
	weekly
	monthly
	yearly
)

// rule is a recurrence rule (RFC 5545 section 3.3.10).
type rule struct {
	freq      frequency
	interval  int
	count     int       // 0 for no end by number
	until     time.Time // on the wall clock of the series, the last that may fire; zero for none
	weekStart time.Weekday

	months, monthDays, yearDays, weeks []int
	days                               []weekday
	times                              []time.Duration // of the day, sorted; at least one
	positions                          []int
}

// weekday is a part of BYDAY: each Monday (nth 0), the second (2), the last (-1).
type weekday struct {
	day time.Weekday
	nth int
}

// The most that a rule may say: more times a day are a sub-daily rule in disguise.
const (
	maxTimesOfDay = 24
	maxListed     = 400
	maxInterval   = 10_000
	maxCount      = 1_000_000_000
)

// parseNumber reads a number from 1 to most.
func parseNumber(value string, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("it is not a number from 1 to %d", most)
	}
	return n, nil
}

// parseRule reads an RRULE for a series that starts at start. Parts that nobody knows are left out of account.
func parseRule(text string, start moment) (rule, error) {
	r := rule{freq: -1, interval: 1, weekStart: time.Monday}
	var hours, minutes, seconds []int
	for part := range strings.SplitSeq(strings.ToUpper(text), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		value = strings.TrimSpace(value)
		if value == "" {
			continue
		}
		var err error
		switch name {
		case "FREQ":
			r.freq, err = parseFrequency(value)
		case "INTERVAL":
			r.interval, err = parseNumber(value, maxInterval)
		case "COUNT":
			r.count, err = parseNumber(value, maxCount)
		case "UNTIL":
			r.until, err = parseUntil(value, start)
		case "WKST":
			r.weekStart, err = parseWeekday(value)
		case "BYMONTH":
			r.months, err = parseInts(value, 1, 12)
		case "BYMONTHDAY":
			r.monthDays, err = parseInts(value, -31, 31)
		case "BYYEARDAY":
			r.yearDays, err = parseInts(value, -366, 366)
		case "BYWEEKNO":
			r.weeks, err = parseInts(value, -53, 53)
		case "BYDAY":
			r.days, err = parseWeekdays(value)
		case "BYSETPOS":
			r.positions, err = parseInts(value, -366, 366)
		case "BYHOUR":
			hours, err = parseInts(value, 0, 23)
		case "BYMINUTE":
			minutes, err = parseInts(value, 0, 59)
		case "BYSECOND":
			seconds, err = parseInts(value, 0, 60)
		}
		if err != nil {
			return rule{}, fmt.Errorf("read %s of its recurrence: %w", name, err)
		}
	}
	if r.freq < 0 {
		return rule{}, errors.New("its recurrence names no frequency")
	}
	return r.completed(start, hours, minutes, seconds)
}

// completed fills in what a rule leaves to DTSTART.
func (r rule) completed(start moment, hours, minutes, seconds []int) (rule, error) {
	if start.allDay {
		hours, minutes, seconds = nil, nil, nil
	}
	h, m, s := start.wall.Clock()
	hours, minutes, seconds = orOnly(hours, h), orOnly(minutes, m), orOnly(seconds, s)
	if len(hours)*len(minutes)*len(seconds) > maxTimesOfDay {
		return rule{}, ErrSubDaily
	}
	for _, h := range hours {
		for _, m := range minutes {
			for _, s := range seconds {
				r.times = append(r.times, time.Duration(h)*time.Hour+time.Duration(m)*time.Minute+time.Duration(s)*time.Second)
			}
		}
	}
	slices.Sort(r.times)
	r.times = slices.Compact(r.times)
	if r.freq != yearly {
		r.weeks, r.yearDays = nil, nil
	}
	if len(r.weeks)+len(r.yearDays)+len(r.monthDays)+len(r.days) > 0 {
		return r, nil
	}
	switch r.freq {
	case yearly:
		if len(r.months) == 0 {
			r.months = []int{int(start.wall.Month())}
		}
		r.monthDays = []int{start.wall.Day()}
	case monthly:
		r.monthDays = []int{start.wall.Day()}
	case weekly:
		r.days = []weekday{{day: start.wall.Weekday()}}
	case daily:
	}
	return r, nil
}

func orOnly(list []int, only int) []int {
	if len(list) == 0 {
		return []int{only}
	}
	return list
}

func parseFrequency(value string) (frequency, error) {
	switch value {
	case "DAILY":
		return daily, nil
	case "WEEKLY":
		return weekly, nil
	case "MONTHLY":
		return monthly, nil
	case "YEARLY":
		return yearly, nil
	case "HOURLY", "MINUTELY", "SECONDLY":
		return 0, ErrSubDaily
	}
	return 0, errors.New("it is not known")
}

// parseUntil puts UNTIL on the wall clock of the series, whatever form it has. A day means its end.
func parseUntil(value string, start moment) (time.Time, error) {
	wall, day, utc, err := parseClock(value)
	if err != nil {
		return time.Time{}, err
	}
	if utc && !day {
		wall = wallOf(wall, start.zone)
	}
	if day || start.allDay {
		wall = midnight(wall).AddDate(0, 0, 1).Add(-time.Second)
	}
	return wall, nil
}

func parseInts(value string, low, high int) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(value, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < low || n > high || n == 0 && low < 0 || len(out) >= maxListed {
			return nil, errors.New("it cannot be read")
		}
		out = append(out, n)
	}
	return out, nil
}

func parseWeekday(value string) (time.Weekday, error) {
	if at := strings.Index("SUMOTUWETHFRSA", value); len(value) == 2 && at >= 0 && at%2 == 0 {
		return time.Weekday(at / 2), nil
	}
	return 0, errors.New("it cannot be read")
}

func parseWeekdays(value string) ([]weekday, error) {
	var out []weekday
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		if len(part) < 2 || len(out) >= maxListed {
			return nil, errors.New("it cannot be read")
		}
		day, err := parseWeekday(part[len(part)-2:])
		if err != nil {
			return nil, err
		}
		w := weekday{day: day}
		if nth := part[:len(part)-2]; nth != "" {
			if w.nth, err = strconv.Atoi(nth); err != nil || w.nth < -53 || w.nth > 53 {
				return nil, errors.New("it cannot be read")
			}
		}
		out = append(out, w)
	}
	return out, nil
}
