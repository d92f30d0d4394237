package crm

import (
	"slices"
	"strings"
)

// SameMeeting says whether two activities with the same Key are views of one real meeting. UIDs are meant to be unique,
// but scripts give "1" to every event, and anybody can copy one; a meeting must not vanish behind another because of
// that. Views of one meeting have the same organiser, as far as both name one who is a person. Two calendars that share
// somebody who takes part besides show one meeting that changed its owner. Of what is no meeting it says true.
func SameMeeting(a, b *Activity) bool {
	if a.Meeting == nil || b.Meeting == nil {
		return true
	}
	theirs := organizersOf(b)
	if len(theirs) == 0 {
		return true
	}
	ours := organizersOf(a)
	if len(ours) == 0 || slices.ContainsFunc(ours, func(o string) bool { return slices.Contains(theirs, o) }) {
		return true
	}
	return !a.Meeting.Mail && !b.Meeting.Mail && shareGuest(a, b, append(ours, theirs...))
}

// NamesOrganizer says whether a person is known to organise a meeting.
func NamesOrganizer(a *Activity) bool { return len(organizersOf(a)) > 0 }

// organizersOf are the addresses of the people who organise a meeting, normalised. Rooms, groups and the calendars of
// groups, which organise in the name of somebody, are none.
func organizersOf(a *Activity) (out []string) {
	for i := range a.People {
		p := &a.People[i]
		if p.Role != RoleOrganizer || p.Type != TypePerson {
			continue
		}
		if address, ok := NormalizeAddress(p.Address); ok && !strings.HasSuffix(address, ".calendar.google.com") {
			out = append(out, address)
		}
	}
	return out
}

// shareGuest says whether a person takes part in both who is none of the organisers.
func shareGuest(a, b *Activity, organizers []string) bool {
	guests := map[string]bool{}
	for i := range a.People {
		if address, ok := NormalizeAddress(a.People[i].Address); ok && a.People[i].Type == TypePerson && !slices.Contains(organizers, address) {
			guests[address] = true
		}
	}
	return slices.ContainsFunc(b.People, func(p Participant) bool {
		address, ok := NormalizeAddress(p.Address)
		return ok && p.Type == TypePerson && guests[address]
	})
}
