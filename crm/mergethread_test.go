package crm_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestMergeMeetingsNamesNobodyTwice has one view know from the thread alone whom another shows on the meeting.
func TestMergeMeetingsNamesNobodyTwice(t *testing.T) {
	view := func(people ...crm.Participant) crm.Activity {
		return crm.Activity{
			ID: "m", Key: "m", Kind: crm.KindMeeting, Version: 1, People: people,
			Meeting: &crm.Meeting{UID: "u", Updated: time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC), Stated: crm.MeetingConfirmed},
		}
	}
	thread := func(id string) crm.Participant {
		return crm.Participant{Kind: crm.Lead, ID: id, Address: id + "@client.example", Role: crm.RoleThread}
	}
	attendee := crm.Participant{Kind: crm.Lead, ID: "a", Address: "a@client.example", Role: crm.RoleAttendee}
	x, y := view(attendee), view(thread("a"), thread("b"))
	want := []crm.Participant{attendee, thread("b")}
	for name, got := range map[string]crm.Activity{"in order": crm.Merge(x, y), "the other way round": crm.Merge(y, x), "again": crm.Merge(crm.Merge(x, y), y)} {
		if diff := cmp.Diff(want, got.People); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
