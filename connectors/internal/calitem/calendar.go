package calitem

import (
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Calendar is a calendar text that was read.
type Calendar struct {
	Method string // of an iTIP message (RFC 5546), upper-case; "" for a stored calendar

	zones  map[string]*time.Location // those that it defines, by TZID as written
	local  *time.Location            // of floating times, as X-WR-TIMEZONE says; nil if it does not
	events []*component              // VEVENT, in order
	others bool                      // it holds tasks, journals or times that are free or taken
	cut    bool                      // the text's end was not read
}

// Window says which occurrences are wanted.
type Window struct {
	From, To  time.Time      // those that take place in between, at least partly; From inclusive, To exclusive
	Zone      *time.Location // of floating times and of all-day events where the calendar does not say; nil for UTC
	Later     bool           // events that do not recur also if they lie after To: they may have been moved there
	Limit     int            // at most so many occurrences; 0 for DefaultLimit
	TextBytes int64          // of a description; 0 for DefaultTextBytes. An occurrence of a series has at most MaxSeriesText
	Now       time.Time      // what states that lie in the future are told by; zero for the clock's
}

// The limits where a Window sets none.
const (
	DefaultLimit           = 5000
	DefaultTextBytes int64 = 1 << 20
)

// MaxSeriesText is how much text an occurrence of a series has at most: each occurrence is kept with a copy of its own.
const MaxSeriesText = 16 << 10

// Parse reads a calendar text. Whatever is damaged in it is left out; only a text without any component of a
// calendar is ErrNoCalendar.
func Parse(data []byte) (*Calendar, error) {
	top, cut := parseComponents(data)
	c := &Calendar{zones: make(map[string]*time.Location), cut: cut}
	found := false
	var zones []*component
	for _, t := range top {
		children := []*component{t}
		if t.name == "VCALENDAR" {
			found = true
			children = t.children
			c.readHead(t)
		}
		for _, child := range children {
			switch child.name {
			case "VEVENT":
				found = true
				c.events = append(c.events, child)
			case "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY":
				found, c.others = true, true
			case "VTIMEZONE":
				zones = append(zones, child)
			}
		}
	}
	if !found {
		return nil, fmt.Errorf("read calendar: %w", ErrNoCalendar)
	}
	c.readZones(zones)
	return c, nil
}

func (c *Calendar) readHead(head *component) {
	if m := head.word("METHOD"); m != "" && c.Method == "" {
		c.Method = m
	}
	if p, ok := head.get("X-WR-TIMEZONE"); ok && c.local == nil {
		c.local = knownZone(p.value)
	}
}

// Events is the number of VEVENT components.
func (c *Calendar) Events() int { return len(c.events) }

// Recurs says whether it holds a series, of which a later window has more.
func (c *Calendar) Recurs() bool {
	for _, e := range c.events {
		for _, name := range []string{"RRULE", "RDATE"} {
			if _, ok := e.get(name); ok {
				return true
			}
		}
	}
	return false
}

// Meetings gives the occurrences in the window, ordered by UID and original start: those that take place in it, and
// those that were moved out of it. What a person may want to know about is in notes. Events that cannot be read,
// and series that are refused, are an error (each with its UID, joined); the meetings of the others are there all the same.
// A calendar with more occurrences than Limit is ErrTooMany, one that was not read to its end ErrTooLarge; what was
// read of them is there. One that holds nothing is ErrNoEvent, but one of tasks only is no error.
// The occurrences of a series share the memory of their attendees: whoever changes one copies them first.
func (c *Calendar) Meetings(w Window) (meetings []connectors.Meeting, notes []string, err error) {
	return c.reader(w).meetings()
}

// Invitation reads what an iTIP mail says: of a series the first occurrence, or the exception that the mail is
// about. method is that of the Content-Type field and is used where the calendar names none; an empty one stays
// empty. A mail without an event that has a UID and a start is an error.
func Invitation(data []byte, method string) (*connectors.Meeting, error) {
	c, err := Parse(data)
	if err != nil {
		return nil, err
	}
	return c.invitation(method)
}

// ZoneOf is the zone that a calendar text defines, the first of them: what the property calendar-timezone of
// RFC 4791 section 5.2.2 holds. nil if there is none.
func ZoneOf(data []byte) *time.Location {
	top, _ := parseComponents(data)
	for _, t := range top {
		for _, child := range append([]*component{t}, t.children...) {
			if p, ok := child.get("TZID"); ok && child.name == "VTIMEZONE" {
				return zoneOf(child, p.value)
			}
		}
	}
	return nil
}
