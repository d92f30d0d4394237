package mapping

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// testMeeting makes a meeting of what a test says: of an hour, starting when the item does, unless it says otherwise.
func testMeeting(from map[string]any, at time.Time) *connectors.Meeting {
	m := &connectors.Meeting{
		UID: "test", Updated: at, Start: testTimeAt(from, "start", at), AllDay: textAt(from, "all_day") == "true",
		Location: textAt(from, "location"), Conference: textAt(from, "conference"), Status: textAt(from, "status"),
		Private: textAt(from, "private") == "true", Type: textAt(from, "type"),
	}
	m.End = testTimeAt(from, "end", m.Start.Add(time.Hour))
	if textAt(from, "recurring") == "true" {
		m.Recurring, m.Occurrence = true, m.Start.Format("20060102T150405Z")
	}
	for _, box := range mailboxes(from["organizer"]) {
		m.Organizer = connectors.Attendee{Name: box.Name, Address: box.Address}
	}
	for _, box := range mailboxes(from["attendees"]) {
		m.Attendees = append(m.Attendees, connectors.Attendee{Name: box.Name, Address: box.Address})
	}
	for _, name := range textsOf(from["rooms"]) {
		m.Attendees = append(m.Attendees, connectors.Attendee{Name: name, Type: crm.TypeRoom})
	}
	return m
}

func testTimeAt(group map[string]any, key string, otherwise time.Time) time.Time {
	if t, err := time.Parse(time.RFC3339, textAt(group, key)); err == nil {
		return t.UTC()
	}
	return otherwise
}
