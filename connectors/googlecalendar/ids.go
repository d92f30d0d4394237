package googlecalendar

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/calitem"
)

// external is the external id of an event of a calendar: <calendar>/<event>;<occurrence>, where event is the id of the
// series or of the single event, and occurrence the original start ("" for a single event).
func external(id, event, occurrence string) string {
	return eventPrefix(id, event) + occurrence
}

func calendarPrefix(id string) string { return url.PathEscape(id) + "/" }

// eventPrefix begins the external ids of an event or series. One that would be too long has a hash in its place.
func eventPrefix(id, event string) string {
	if long(id, event) {
		sum := sha256.Sum256([]byte(event))
		event = "long-" + hex.EncodeToString(sum[:])
	}
	return calendarPrefix(id) + url.PathEscape(event) + ";"
}

// maxID is how long an external id may be, bytes. Google's own event ids have at most 1,024, but only imported ones
// have more than 100.
const maxID = 1000

// long says that the external ids of an event would be too long.
func long(id, event string) bool {
	const occurrence = len(";20060102T150405Z")
	return len(event) > maxID || len(calendarPrefix(id))+len(url.PathEscape(event))+occurrence > maxID
}

// split reads an external id.
func split(text string) (id, event, occurrence string, ok bool) {
	head, occurrence, ok := strings.Cut(text, ";")
	first, second, both := strings.Cut(head, "/")
	if !ok || !both {
		return "", "", "", false
	}
	id, err := url.PathUnescape(first)
	if err != nil {
		return "", "", "", false
	}
	event, err = url.PathUnescape(second)
	return id, event, occurrence, err == nil && id != "" && event != "" && external(id, event, occurrence) == text
}

// identity is what of its external id is the event's own: the series or the event itself, and the occurrence. ok is
// false if it is an occurrence whose original start cannot be read.
func identity(e *calendar.Event) (event, occurrence string, ok bool) {
	if e.RecurringEventId == "" {
		return e.Id, "", e.Id != ""
	}
	start, allDay, err := instant(e.OriginalStartTime, time.UTC)
	if err != nil {
		return "", "", false
	}
	return e.RecurringEventId, calitem.Occurrence(start, allDay), true
}

// externalOf is the external id of an event as it was answered; "" if it cannot be told.
func externalOf(id string, e *calendar.Event) string {
	event, occurrence, ok := identity(e)
	if !ok {
		return ""
	}
	return external(id, event, occurrence)
}
