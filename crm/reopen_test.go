package crm

import (
	"testing"
	"time"
)

// TestPrivacyThatEnds has a rule for private events become laxer: the event is as it was, and its words come.
func TestPrivacyThatEnds(t *testing.T) {
	start := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	view := func(source string, private bool) Activity {
		a := Activity{ID: "m", Key: "m", Kind: KindMeeting, Time: start, End: start.Add(time.Hour), Status: MeetingConfirmed, Version: 1,
			Observed: []Observation{{Source: source, ExternalID: "e"}},
			Meeting:  &Meeting{UID: "u", Updated: start.AddDate(0, 0, -1), Stated: MeetingConfirmed, Private: private}}
		if !private {
			a.Subject, a.Text, a.Meeting.Location = "人事の相談", "内密に", "応接室"
		}
		return a
	}
	hidden := Merge(view("a", true), view("a", true))
	if got := Sight(hidden, view("a", false), "a", "e"); got.Subject != "人事の相談" || got.Text != "内密に" || got.Meeting.Location != "応接室" || got.Meeting.Private {
		t.Errorf("the words did not come back: %q %q %+v", got.Subject, got.Text, got.Meeting)
	}
	both := Merge(hidden, view("b", true))
	if got := Sight(both, view("a", false), "a", "e"); got.Subject != "" || got.Text != "" {
		t.Errorf("another calendar has it private still, but it says %q %q", got.Subject, got.Text)
	}
}
