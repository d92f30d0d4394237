package sourcetest

import (
	"errors"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestWrong(t *testing.T) {
	start := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	meeting := func(change func(*connectors.Meeting)) connectors.Item {
		m := &connectors.Meeting{UID: "u", Occurrence: "20261124T010000Z", Recurring: true, Start: start, End: start, Status: crm.MeetingConfirmed, Zone: "Asia/Tokyo"}
		change(m)
		return connectors.Item{Kind: crm.KindMeeting, Key: crm.MeetingKey(m.UID, m.Occurrence), Meeting: m}
	}
	good := func(*connectors.Meeting) {}
	otherKey := meeting(good)
	otherKey.Key = "x"
	otherKind := meeting(good)
	otherKind.Kind = crm.KindEmail
	both := meeting(good)
	both.Message = &connectors.Message{}
	for name, test := range map[string]struct {
		item     connectors.Item
		problems bool
	}{
		"good":            {meeting(good), false},
		"all-day":         {meeting(func(m *connectors.Meeting) { m.Occurrence = "20261124" }), false},
		"single":          {meeting(func(m *connectors.Meeting) { m.Occurrence, m.Recurring = "", false }), false},
		"unreadable":      {connectors.Item{Kind: crm.KindMeeting, Err: errors.New("x")}, false},
		"mail":            {connectors.Item{Kind: crm.KindEmail, Message: &connectors.Message{}}, false},
		"another key":     {otherKey, true},
		"another kind":    {otherKind, true},
		"two contents":    {both, true},
		"nothing":         {connectors.Item{Kind: crm.KindMeeting}, true},
		"no UID":          {meeting(func(m *connectors.Meeting) { m.UID = "" }), true},
		"occurrence":      {meeting(func(m *connectors.Meeting) { m.Occurrence = "2026-11-24" }), true},
		"not recurring":   {meeting(func(m *connectors.Meeting) { m.Recurring = false }), true},
		"no start":        {meeting(func(m *connectors.Meeting) { m.Start, m.End = time.Time{}, time.Time{} }), true},
		"ends too soon":   {meeting(func(m *connectors.Meeting) { m.End = start.Add(-1) }), true},
		"local time":      {meeting(func(m *connectors.Meeting) { m.Start, m.End = start.In(time.FixedZone("x", 60)), start }), true},
		"Windows zone":    {meeting(func(m *connectors.Meeting) { m.Zone = "Tokyo Standard Time" }), true},
		"status":          {meeting(func(m *connectors.Meeting) { m.Status = "" }), true},
		"type":            {meeting(func(m *connectors.Meeting) { m.Type = "default" }), true},
		"method":          {meeting(func(m *connectors.Meeting) { m.Method = "REQUEST" }), true},
		"response":        {meeting(func(m *connectors.Meeting) { m.Attendees = []connectors.Attendee{{Response: "needsAction"}} }), true},
		"attendee's type": {meeting(func(m *connectors.Meeting) { m.Organizer.Type = "person" }), true},
		"bad invitation": {
			connectors.Item{Kind: crm.KindEmail, Message: &connectors.Message{Invitation: &connectors.Meeting{Start: start, End: start.Add(-1)}}}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := wrong(test.item); (len(got) > 0) != test.problems {
				t.Errorf("wrong says %q", got)
			}
		})
	}
}
