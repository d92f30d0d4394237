package crm

import "time"

// Hours are the business hours of an organisation, in its time zone.
type Hours struct {
	From, To time.Duration   // since midnight by the clock on the wall: 9 h and 18 h
	Days     [7]bool         // by time.Weekday
	Japanese bool            // closed on Japanese holidays
	Closed   map[string]bool // further days on which it is closed: 2026-12-29
}
