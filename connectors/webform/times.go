package webform

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"
)

// maxSeconds is where numbers of seconds end and numbers of milliseconds begin: the year 5138 of the former is
// 1973 of the latter.
const maxSeconds = 1e11

// parseTime reads a time as the settings describe it. Times without a zone are of zone.
func parseTime(text, format string, zone *time.Location) (time.Time, error) {
	t, err := parseTimeIn(strings.TrimSpace(width.Narrow.String(text)), format, zone)
	if err == nil && (t.Year() < 1990 || t.Year() > 2100) {
		err = fmt.Errorf("the year %d cannot be", t.Year())
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read time %.60q: %w", text, err)
	}
	return t.UTC(), nil
}

func parseTimeIn(text, format string, zone *time.Location) (time.Time, error) {
	switch format {
	case "auto":
		return guessTime(text, zone)
	case "unix", "unix_ms":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(n) || math.Abs(n) > 1e15 {
			return time.Time{}, errors.New("it is not a number of seconds or milliseconds")
		}
		if format == "unix_ms" {
			return time.UnixMilli(int64(n)), nil
		}
		return time.UnixMilli(int64(math.Round(n * 1000))), nil
	}
	return time.ParseInLocation(format, text, zone)
}

// layouts are the ways in which services write a time. Fractions of seconds are read by all of them.
var layouts = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02",
	"2006/1/2 15:04:05", "2006/1/2 15:04", "2006/1/2", "2006.1.2 15:04:05", "2006.1.2 15:04",
	"2006年1月2日 15:04:05", "2006年1月2日 15:04", "2006年1月2日15時4分5秒", "2006年1月2日 15時4分5秒", "2006年1月2日 15時4分", "2006年1月2日",
	"2006/1/2 3:04:05 PM", "1/2/2006 15:04:05", time.RFC1123Z, time.RFC1123,
}

// guessTime reads a time written in one of the usual ways. 午前 and 午後 stand before the hour; GMT+9 behind the
// time moves it.
func guessTime(text string, zone *time.Location) (time.Time, error) {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > 1e8 {
		if n < maxSeconds {
			return parseTimeIn(text, "unix", zone)
		}
		return parseTimeIn(text, "unix_ms", zone)
	}
	if before, offset, ok := strings.Cut(text, " GMT"); ok {
		if hours, err := strconv.Atoi(offset); err == nil && hours >= -12 && hours <= 14 {
			text, zone = before, time.FixedZone(offset, hours*3600)
		}
	}
	for mark, half := range map[string]string{"午前": " AM", "午後": " PM"} {
		if strings.Contains(text, mark) {
			text = strings.Join(strings.Fields(strings.Replace(text, mark, " ", 1)), " ") + half
		}
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("it is written in no usual way; say how with time_format")
}

// formatTime writes the time of {{since}}.
func formatTime(t time.Time, format string, zone *time.Location) string {
	switch format {
	case "rfc3339":
		return t.UTC().Format(time.RFC3339)
	case "unix":
		return strconv.FormatInt(t.Unix(), 10)
	case "unix_ms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	case "date":
		return t.In(zone).AddDate(0, 0, -1).Format(time.DateOnly) // the day before, whatever zone the service counts days in
	case "datetime":
		return t.In(zone).Format(time.DateTime)
	}
	if strings.HasSuffix(format, "Z") {
		return t.UTC().Format(format)
	}
	return t.In(zone).Format(format)
}

// startTime reads the setting start. The zero time is the beginning of everything.
func startTime(text string, now time.Time) (time.Time, error) {
	if text == "" || text == "all" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil && n > 0 {
			return now.AddDate(0, 0, -int(n)).UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a number of days nor a date nor all", text)
}
