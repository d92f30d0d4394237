package expr

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"golang.org/x/text/width"
)

// dateFunctions read and write days. A day is a text, "2026-11-21"; a time is the day it falls on in the
// organisation's time zone.
func dateFunctions(s settings) []function {
	when := func(args []ref.Val, i int) (time.Time, bool) { return pointOf(args[i], s.zone) }
	var list []function
	for _, first := range []*cel.Type{cel.StringType, cel.TimestampType} {
		list = append(list, function{
			name: "date", params: []*cel.Type{first}, result: cel.StringType, weight: heavy,
			call: func(args []ref.Val) ref.Val {
				t, ok := when(args, 0)
				if !ok {
					return types.String("")
				}
				return types.String(t.Format(time.DateOnly))
			},
		}, function{
			name: "format", params: []*cel.Type{first, cel.StringType}, result: cel.StringType, weight: heavy,
			call: func(args []ref.Val) ref.Val {
				t, ok := when(args, 0)
				if !ok {
					return types.String("")
				}
				if length(args[1]) > maxPattern {
					return types.WrapErr(errSize)
				}
				return types.String(formatTime(t, text(args[1])))
			},
		})
		for _, second := range []*cel.Type{cel.StringType, cel.TimestampType} {
			list = append(list, function{
				name: "days_between", params: []*cel.Type{first, second}, result: cel.IntType, weight: heavy,
				call: func(args []ref.Val) ref.Val {
					from, ok := when(args, 0)
					to, ok2 := when(args, 1)
					if !ok || !ok2 {
						return types.NewErr("days_between needs two dates, like 2026-11-21 or 2026年11月21日")
					}
					return types.Int(dayNumber(to) - dayNumber(from))
				},
			})
		}
	}
	return list
}

// pointOf reads a time, or a text with a date and perhaps a time of day.
func pointOf(v ref.Val, zone *time.Location) (time.Time, bool) {
	switch v := v.(type) {
	case types.Timestamp:
		return v.In(zone), true
	case types.String:
		return parseDate(string(v), zone)
	}
	return time.Time{}, false
}

func dayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// datePatterns are the ways dates are written, era or year first. A weekday in brackets may follow the day.
var datePatterns = []*regexp.Regexp{
	regexp.MustCompile(`^(\d{4})(?:[-/.]|年 ?)(\d{1,2})(?:[-/.]|月 ?)(\d{1,2})日?`),
	regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:$|[T ])`),
	regexp.MustCompile(`^(?:(令和|平成|昭和|大正|明治|[RHSTMrhstm])\.? ?)(元|\d{1,2})(?:[-/.]|年 ?)(\d{1,2})(?:[-/.]|月 ?)(\d{1,2})日?`),
}

var timeOfDay = regexp.MustCompile(`^(?: ?\([月火水木金土日](?:曜日?)?\)|[月火水木金土日]曜日?)?[T ,]*(?:(午前|午後|AM|PM|am|pm) ?)?(?:(\d{1,2})(?::|時)(?:(\d{1,2})(?:(?::|分)(\d{1,2})?(?:\.\d+)?秒?)?分?)?)?$`)

// parseDate reads ISO and Japanese dates with a time of day or without; without a zone of its own it is one of
// the zone given.
func parseDate(s string, zone *time.Location) (time.Time, bool) {
	if len(s) > 100 {
		return time.Time{}, false
	}
	s = strings.TrimSpace(strings.ReplaceAll(width.Fold.String(s), "　", " "))
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.RFC1123Z, "2006-01-02 15:04:05 -0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.In(zone), true
		}
	}
	for _, pattern := range datePatterns {
		m := pattern.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		year, ok := yearOf(m[1 : len(m)-2])
		month, day := number(m[len(m)-2]), number(m[len(m)-1])
		rest := strings.TrimSpace(s[len(strings.TrimRight(m[0], "T ")):])
		hour, minute, second, timeOK := clock(rest)
		t := time.Date(year, time.Month(month), day, hour, minute, second, 0, zone)
		if !ok || !timeOK || int(t.Month()) != month || t.Day() != day || !inEra(m[1], t) {
			return time.Time{}, false
		}
		return t, true
	}
	return time.Time{}, false
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// era is one of the Japanese eras since 1868.
type era struct {
	name, letter string
	first        time.Time // its first day
}

func eras() []era {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	return []era{
		{"令和", "R", day(2019, 5, 1)}, {"平成", "H", day(1989, 1, 8)}, {"昭和", "S", day(1926, 12, 25)},
		{"大正", "T", day(1912, 7, 30)}, {"明治", "M", day(1868, 1, 25)},
	}
}

// yearOf reads a year, or an era and a year of it.
func yearOf(words []string) (int, bool) {
	if len(words) == 1 {
		return number(words[0]), number(words[0]) >= 1
	}
	n := 1
	if words[1] != "元" {
		n = number(words[1])
	}
	for _, e := range eras() {
		if words[0] == e.name || strings.EqualFold(words[0], e.letter) {
			return e.first.Year() + n - 1, n >= 1
		}
	}
	return 0, false
}

// inEra refuses days before the first of their era: 令和元年3月1日 is a slip for 平成31年. Years beyond an
// era's end are written for dates that were set before it ended, and are read.
func inEra(name string, t time.Time) bool {
	for _, e := range eras() {
		if name == e.name || strings.EqualFold(name, e.letter) {
			return dayNumber(t) >= dayNumber(e.first)
		}
	}
	return true
}

// clock reads a time of day; "" is midnight.
func clock(s string) (hour, minute, second int, ok bool) {
	m := timeOfDay.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, 0, false
	}
	hour, minute, second = number(m[2]), number(m[3]), number(m[4])
	switch {
	case (m[1] == "午後" || strings.EqualFold(m[1], "PM")) && hour < 12:
		hour += 12
	case (m[1] == "午前" || strings.EqualFold(m[1], "AM")) && hour == 12:
		hour = 0
	}
	return hour, minute, second, hour < 24 && minute < 60 && second < 60
}
