package crm_test

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestSameMeeting(t *testing.T) {
	view := func(mail bool, organizer string, guests ...string) crm.Activity {
		a := crm.Activity{Key: "k", Kind: crm.KindMeeting, Meeting: &crm.Meeting{UID: "1", Mail: mail}}
		if organizer != "" {
			a.People = append(a.People, crm.Participant{Address: organizer, Role: crm.RoleOrganizer})
		}
		for _, guest := range guests {
			a.People = append(a.People, crm.Participant{Address: guest, Role: crm.RoleAttendee})
		}
		return a
	}
	room := view(false, "room@x.jp", "p@c.jp")
	room.People[0].Type = crm.TypeRoom
	const calendar, mail = false, true
	cases := []struct {
		name string
		a, b crm.Activity
		same bool
	}{
		{"one organiser", view(mail, "Sato+m@X.jp", "p@c.jp"), view(calendar, "sato@x.jp"), true},
		{"nobody named", view(mail, "", "p@c.jp"), view(mail, "sato@x.jp"), true},
		{"two mails", view(mail, "a@one.jp", "p@c.jp"), view(mail, "b@two.jp", "p@c.jp"), false},
		{"a mail and a calendar", view(mail, "a@one.jp", "p@c.jp"), view(calendar, "b@two.jp", "p@c.jp"), false},
		{"two calendars with nobody in common", view(calendar, "a@one.jp", "p@c.jp"), view(calendar, "b@two.jp", "q@c.jp"), false},
		{"only the organisers in common", view(calendar, "a@one.jp", "b@two.jp"), view(calendar, "b@two.jp", "a@one.jp"), false},
		{"another owner", view(calendar, "a@one.jp", "p@c.jp"), view(calendar, "b@one.jp", "a@one.jp", "P@c.jp"), true},
		{"a room organises", room, view(mail, "b@two.jp"), true},
		{"a group's calendar organises", view(mail, "c_1@group.calendar.google.com"), view(mail, "b@two.jp"), true},
		{"no meeting", crm.Activity{Key: "k", Kind: crm.KindEmail}, view(mail, "b@two.jp"), true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if crm.SameMeeting(&c.a, &c.b) != c.same || crm.SameMeeting(&c.b, &c.a) != c.same {
				t.Errorf("want %v both ways", c.same)
			}
		})
	}
	if one, two := crm.ApartKey(view(mail, "a@one.jp")), crm.ApartKey(view(mail, "b@two.jp")); one == two || one != crm.ApartKey(view(calendar, "A@one.jp", "p@c.jp")) {
		t.Error("keys apart do not follow the organiser")
	}
}

func TestLettersAreLimited(t *testing.T) {
	a := event("s", "sato@x.jp")
	for n := range crm.MaxLetters + 5 {
		v := event("m", "sato@x.jp")
		v.Meeting.Mail = true
		v.Letters = []crm.Letter{{Message: crm.MessageKey(string(rune('a'+n)), crm.MessageIdentity{}), At: hour(1).AddDate(0, 0, (n*7)%55), Text: "x"}}
		a = crm.Merge(a, v)
	}
	if n := len(a.Letters); n != crm.MaxLetters || !a.Letters[0].At.Equal(hour(1).AddDate(0, 0, 5)) {
		t.Errorf("%d letters, the oldest of %v", n, a.Letters[0].At)
	}
}
