package crm

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Days, months and years of reports are those of the organisation's time zone: they are strings, and whoever makes them
// from a time knows the zone.

// ReportRanges are the names of ranges that ResolveRange knows without numbers in them.
func ReportRanges() []string {
	return []string{"today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_quarter", "last_quarter",
		"fiscal_year", "last_fiscal_year"}
}

// ResolveRange gives the days of a range, both inclusive, seen from today. Ranges are those of ReportRanges; last_N and a
// unit: last_90d (days up to today), last_8w (whole weeks, this one among them), last_12m (whole months); a month 2026-11; a day; and two days
// with .. between. Weeks begin on Monday; quarters and years are fiscal ones and begin with the month fiscalStart (1 to 12; 0 means
// April). Errors are ErrRefused with words.
func ResolveRange(name, today string, fiscalStart int) (from, to string, err error) {
	t, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return "", "", fmt.Errorf("%w: %q is not a day such as 2026-11-21", ErrRefused, excerptOf(today))
	}
	if start, end, ok := namedRange(name, t, fiscalStart); ok {
		return start.Format(time.DateOnly), end.Format(time.DateOnly), nil
	}
	if first, last, ok := strings.Cut(name, ".."); ok {
		if err := checkRange(first, last); err != nil {
			return "", "", err
		}
		return first, last, nil
	}
	if day, err := time.Parse("2006-01", name); err == nil {
		return day.Format(time.DateOnly), day.AddDate(0, 1, -1).Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, name); err == nil {
		return name, name, nil
	}
	return "", "", fmt.Errorf("%w: there is no range %q (write %s, last_90d, last_12m, 2026-11 or 2026-04-01..2026-06-30)", ErrRefused,
		excerptOf(name), strings.Join(ReportRanges(), ", "))
}

func checkRange(from, to string) error {
	for _, day := range []string{from, to} {
		if t, err := time.Parse(time.DateOnly, day); err != nil || t.Year() < firstYear || t.Year() > lastYear {
			return fmt.Errorf("%w: %q is not a day such as 2026-11-21", ErrRefused, excerptOf(day))
		}
	}
	if to < from {
		return fmt.Errorf("%w: the last day, %s, is before the first, %s", ErrRefused, to, from)
	}
	return nil
}

// namedRange knows the ranges with a name.
func namedRange(name string, today time.Time, fiscalStart int) (from, to time.Time, ok bool) {
	month := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	year := fiscalYear(today, fiscalStart)
	quarter := year
	for !quarter.AddDate(0, 3, 0).After(today) {
		quarter = quarter.AddDate(0, 3, 0)
	}
	week := monday(today)
	switch name {
	case "today":
		return today, today, true
	case "yesterday":
		return today.AddDate(0, 0, -1), today.AddDate(0, 0, -1), true
	case "this_week":
		return week, week.AddDate(0, 0, 6), true
	case "last_week":
		return week.AddDate(0, 0, -7), week.AddDate(0, 0, -1), true
	case "this_month":
		return month, month.AddDate(0, 1, -1), true
	case "last_month":
		return month.AddDate(0, -1, 0), month.AddDate(0, 0, -1), true
	case "this_quarter":
		return quarter, quarter.AddDate(0, 3, -1), true
	case "last_quarter":
		return quarter.AddDate(0, -3, 0), quarter.AddDate(0, 0, -1), true
	case "fiscal_year":
		return year, year.AddDate(1, 0, -1), true
	case "last_fiscal_year":
		return year.AddDate(-1, 0, 0), year.AddDate(0, 0, -1), true
	}
	return lastRange(name, today, week, month)
}

// lastRange knows last_90d, last_8w and last_12m.
func lastRange(name string, today, week, month time.Time) (from, to time.Time, ok bool) {
	digits, isLast := strings.CutPrefix(name, "last_")
	if !isLast || len(digits) < 2 {
		return from, to, false
	}
	n, err := strconv.Atoi(digits[:len(digits)-1])
	if err != nil || n < 1 || n > 10_000 {
		return from, to, false
	}
	switch digits[len(digits)-1] {
	case 'd':
		return today.AddDate(0, 0, 1-n), today, true
	case 'w':
		return week.AddDate(0, 0, 7*(1-n)), week.AddDate(0, 0, 6), true
	case 'm':
		return month.AddDate(0, 1-n, 0), month.AddDate(0, 1, -1), true
	}
	return from, to, false
}

// monday is the Monday of a day's week.
func monday(t time.Time) time.Time {
	return t.AddDate(0, 0, -(int(t.Weekday())+6)%7)
}

// fiscalYear is the first day of the fiscal year in which a day lies.
func fiscalYear(t time.Time, start int) time.Time {
	if start < 1 || start > 12 {
		start = 4
	}
	first := time.Date(t.Year(), time.Month(start), 1, 0, 0, 0, 0, time.UTC)
	if first.After(t) {
		first = first.AddDate(-1, 0, 0)
	}
	return first
}

// FiscalYear is the fiscal year of a day: the calendar year in which it begins (年度). start is the month in which fiscal years
// begin, 0 means April. 0 for what is no day.
func FiscalYear(day string, start int) int {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return fiscalYear(t, start).Year()
}

// FiscalMonths are the twelve months of the fiscal year that begins in a calendar year: 2026-04 to 2027-03.
func FiscalMonths(year, start int) []string {
	if start < 1 || start > 12 {
		start = 4
	}
	out := make([]string, 12)
	for i := range out {
		out[i] = time.Date(year, time.Month(start+i), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
	}
	return out
}
