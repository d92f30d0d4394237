// Package calitem turns iCalendar text (RFC 5545) and iTIP messages (RFC 5546) into meetings. The connectors that
// read calendars and the one that reads mail share it, so that an event means the same wherever it is found.
//
// Text becomes a tree of components first (line.go, component.go). Real calendars break every rule of the grammar
// somewhere, so the reader is a lenient one: it takes what it can and never gives up on a whole calendar because
// of one line. go-ical and rrule-go, which are stricter, serve the tests as a second opinion; the latter's rules
// cannot be interrupted, and one that never fires would run to the year 9999.
//
// Times are kept as what the wall clock shows, together with the zone whose clock it is (moment.go). A zone is
// found by its IANA name, by its Windows name through CLDR's table, by the city in an invented name, by the
// offset it names, or made from the VTIMEZONE that the calendar carries (zone.go, vtimezone.go).
//
// A series is expanded on the wall clock (expand.go), which is what a person means by "each Tuesday at ten", and
// each occurrence is put on the time line only afterwards. What EXDATE takes out is gone; what a component with
// RECURRENCE-ID changes is replaced; with RANGE=THISANDFUTURE it changes what follows too (series.go). The work
// is bounded: an expansion that would look at more than a million days ends with ErrTooMuch, and rules that fire
// more than once an hour are refused with ErrSubDaily.
package calitem
