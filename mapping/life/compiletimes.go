package life

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const timeHint = "write 30d for days or 2w for weeks"

// days reads a time of whole days: 30d or 2w.
func (c *compiler) days(path, text string) time.Duration {
	n, unit, ok := amount(text)
	switch {
	case !ok || unit != 'd' && unit != 'w':
		c.bad(path, fmt.Sprintf("%q is not a number of days", text), timeHint)
		return 0
	case unit == 'w':
		n *= 7
	}
	if n > maxDays {
		c.bad(path, fmt.Sprintf("%q is more than ten years", text), timeHint)
		return 0
	}
	return time.Duration(n) * day
}

// timeGood reports a text that days reads without complaint.
func (c *compiler) timeGood(text string) bool {
	_, unit, ok := amount(text)
	return ok && (unit == 'd' || unit == 'w')
}

// hoursOf reads a number of business hours: 8h.
func (c *compiler) hoursOf(path, text string) time.Duration {
	n, unit, ok := amount(text)
	if !ok || unit != 'h' || n < 1 || n > 1000 {
		c.bad(path, fmt.Sprintf("%q is not a number of business hours", text), "write 8h")
		return 0
	}
	return time.Duration(n) * time.Hour
}

// amount reads a number with its unit.
func amount(text string) (n int, unit byte, ok bool) {
	if len(text) < 2 || len(text) > 8 {
		return 0, 0, false
	}
	digits := text[:len(text)-1]
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || digits[0] == '+' || digits[0] == '-' {
		return 0, 0, false
	}
	return n, text[len(text)-1], true
}

// hours reads the business hours.
func (c *compiler) hours() *crm.Hours {
	d := &c.doc.Hours
	h := &crm.Hours{Japanese: d.Holidays == HolidaysJapan, Closed: set(d.Closed)}
	c.oneOf("hours.holidays", d.Holidays, "a calendar of holidays", []string{HolidaysJapan, HolidaysNone})
	from, okFrom := wallClock(d.From)
	to, okTo := wallClock(d.To)
	switch {
	case !okFrom:
		c.bad("hours.from", fmt.Sprintf("%q is not a time of day", d.From), `write "09:00"`)
	case !okTo:
		c.bad("hours.to", fmt.Sprintf("%q is not a time of day", d.To), `write "18:00"`)
	case from >= to:
		c.bad("hours", fmt.Sprintf("the business hours end at %s, before they begin at %s", d.To, d.From), "")
	}
	h.From, h.To = from, to
	if len(d.Days) == 0 {
		c.bad("hours.days", "there is no business day", "write [mon, tue, wed, thu, fri], or leave days out")
	}
	for i, name := range d.Days {
		if c.oneOf(fmt.Sprintf("hours.days[%d]", i), name, "a day of the week", Weekdays()) {
			h.Days[slices.Index(Weekdays(), name)] = true
		}
	}
	for i, closed := range d.Closed {
		if _, err := time.Parse(time.DateOnly, closed); err != nil {
			c.bad(fmt.Sprintf("hours.closed[%d]", i), fmt.Sprintf("%q is not a day", closed), "write 2026-12-29")
		}
	}
	return h
}
