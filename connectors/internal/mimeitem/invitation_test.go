package mimeitem

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// calendarText is an iTIP object of one event on 2026-11-24 at ten in Tokyo.
func calendarText(method, more string) string {
	return "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n" + method + "BEGIN:VEVENT\nUID:abc@client.co.jp\nDTSTAMP:20261120T000000Z\n" +
		"DTSTART;TZID=Asia/Tokyo:20261124T100000\nDTEND;TZID=Asia/Tokyo:20261124T110000\nSEQUENCE:2\nORGANIZER;CN=\"田中\":mailto:taro@client.co.jp\n" + more +
		"END:VEVENT\nEND:VCALENDAR\n"
}

// invitationFixtures are mails that invite, in the forms in which they are sent.
func invitationFixtures(t testing.TB) map[string]string {
	head := "From: taro@client.co.jp\nTo: sato@example.co.jp\nMessage-ID: <i@client.co.jp>\nDate: Sat, 21 Nov 2026 10:00:00 +0900\nSubject: x\n"
	attendee := "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:sato@example.co.jp\nSUMMARY:御打合せ\nLOCATION:東京\n"
	alternative := head + "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nMeeting\n--b\nContent-Type: text/html\n\n<p>Meeting\n--b\n"
	file := func(content string) string {
		return "--m\nContent-Type: application/ics; name=invite.ics\nContent-Disposition: attachment; filename=invite.ics\nContent-Transfer-Encoding: base64\n\n" + content + "\n--m--\n"
	}
	jis := string(encode(t, japanese.ISO2022JP, calendarText("METHOD:REQUEST\n", attendee)))
	good := b64([]byte(calendarText("METHOD:REQUEST\n", attendee)))
	return map[string]string{
		"invitation-base64": alternative + "Content-Type: text/calendar; charset=UTF-8; method=REQUEST\nContent-Transfer-Encoding: base64\n\n" + good + "\n--b--\n" + file(good),
		"invitation-quoted": alternative + "Content-Type: text/calendar; charset=UTF-8; method=\"request\"\nContent-Transfer-Encoding: quoted-printable\n\n" +
			strings.ReplaceAll(calendarText("METHOD:REQUEST\n", attendee), "=", "=3D") + "\n--b--\n--m--\n",
		"invitation-jis":  alternative + "Content-Type: text/calendar; charset=iso-2022-jp; method=REQUEST\n\n" + jis + "\n--b--\n--m--\n",
		"invitation-file": alternative + "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--b--\n" + file(good),
		"invitation-only": head + "Content-Type: text/calendar; charset=utf-8; method=CANCEL\n\n" + calendarText("METHOD:CANCEL\n", attendee+"STATUS:CANCELLED\n"),
		"invitation-reply": head + "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nAccepted\n--b\nContent-Type: text/calendar; method=REPLY\n\n" +
			calendarText("METHOD:REPLY\n", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:sato@example.co.jp\n") + "\n--b--\n",
		"invitation-method-of-part": head + "Content-Type: text/calendar; method=REQUEST\n\n" + calendarText("", attendee),
		"calendar-attached":         head + "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nThe file you asked for.\n" + file(good),
		"calendar-without-method":   head + "Content-Type: multipart/mixed; boundary=m\n\n--m\n\nHello\n--m\nContent-Type: text/calendar\n\n" + calendarText("METHOD:REQUEST\n", attendee) + "\n--m--\n",
	}
}

func TestInvitation(t *testing.T) {
	for name, want := range map[string]struct{ method, response, summary string }{
		"invitation-base64": {"REQUEST", crm.ResponseNone, "御打合せ"}, "invitation-quoted": {"REQUEST", crm.ResponseNone, "御打合せ"},
		"invitation-jis": {"REQUEST", crm.ResponseNone, "御打合せ"}, "invitation-file": {"REQUEST", crm.ResponseNone, "御打合せ"},
		"invitation-only": {"CANCEL", crm.ResponseNone, "御打合せ"}, "invitation-reply": {"REPLY", crm.ResponseAccepted, ""},
		"invitation-method-of-part": {"REQUEST", crm.ResponseNone, "御打合せ"}, "calendar-attached": {}, "calendar-without-method": {},
	} {
		t.Run(name, func(t *testing.T) {
			m := FromRaw(Envelope{ExternalID: "1"}, []byte(fixtures(t)[name]), 0).Message
			if want.method == "" {
				if m.Invitation != nil || m.Class == crm.ClassInvitation {
					t.Fatalf("a mail of class %s has the invitation %+v", m.Class, m.Invitation)
				}
				return
			}
			if m.Class != crm.ClassInvitation || m.Invitation == nil {
				t.Fatalf("class %s, invitation %+v", m.Class, m.Invitation)
			}
			i := m.Invitation
			if i.UID != "abc@client.co.jp" || i.Method != want.method || i.Summary != want.summary || i.Sequence != 2 ||
				!i.Start.Equal(time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)) || i.Organizer.Address != "taro@client.co.jp" {
				t.Errorf("invitation %+v", i)
			}
			if len(i.Attendees) != 1 || i.Attendees[0].Address != "sato@example.co.jp" || i.Attendees[0].Response != want.response {
				t.Errorf("attendees %+v", i.Attendees)
			}
		})
	}
}

// TestPlanOfAnInvitation holds that the calendar is fetched with the text, once, and that a huge one is not.
func TestPlanOfAnInvitation(t *testing.T) {
	calendar := func(size int64) *Part {
		return &Part{Type: "text/calendar", Params: map[string]string{"method": "REQUEST"}, Size: size}
	}
	for name, test := range map[string]struct {
		root *Part
		want string
	}{
		"beside the text": {&Part{Type: "multipart/alternative", Children: []*Part{{Type: "text/plain", Size: 50}, calendar(9000)}}, "[{1 50} {2 9000}]"},
		"alone":           {calendar(9000), "[{1 9000}]"},
		"huge":            {&Part{Type: "multipart/alternative", Children: []*Part{{Type: "text/plain", Size: 50}, calendar(maxCalendar + 1)}}, "[{1 50}]"},
		"many": {&Part{Type: "multipart/mixed", Children: []*Part{{Type: "text/plain", Size: 50}, {Type: "application/ics", Size: 7}, calendar(1), calendar(2), calendar(3)}},
			"[{1 50} {3 1} {4 2}]"},
	} {
		t.Run(name, func(t *testing.T) {
			Number(test.root)
			if got := fmt.Sprint(Plan(test.root, 100)); got != test.want {
				t.Errorf("Plan = %s, want %s", got, test.want)
			}
		})
	}
}
