package googlecalendar

import (
	"strings"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/calitem"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxAttendees is how many are kept; Google itself allows 500 with groups of thousands.
const maxAttendees = 5000

// people fills in who takes part. An event of a calendar that several share has the calendar as its organiser: then
// it is the one who made it.
func people(v view, e *calendar.Event, m *connectors.Meeting) {
	organiser := e.Organizer
	if organiser == nil {
		organiser = &calendar.EventOrganizer{}
	}
	m.Organizer = attendee(organiser.DisplayName, organiser.Email)
	if m.Organizer.Type != crm.TypePerson && e.Creator != nil && e.Creator.Email != "" {
		m.Organizer = attendee(e.Creator.DisplayName, e.Creator.Email)
	}
	for _, a := range e.Attendees {
		if a == nil || a.Email == "" && a.DisplayName == "" {
			continue
		}
		if len(m.Attendees) == maxAttendees {
			m.Partial = true
			break
		}
		one := attendee(a.DisplayName, a.Email)
		one.Optional, one.Response = a.Optional, response(a.ResponseStatus)
		if a.Resource {
			one.Type = crm.TypeRoom
		}
		m.Attendees = append(m.Attendees, one)
	}
	hidden := e.GuestsCanSeeOtherGuests != nil && !*e.GuestsCanSeeOtherGuests && !organiser.Self
	m.Partial = m.Partial || e.AttendeesOmitted || hidden || v.busyOnly()
}

func attendee(name, address string) connectors.Attendee {
	a := connectors.Attendee{Name: cleanLine(name), Address: cleanLine(address)}
	a.Type = calitem.TypeOf("", a.Address)
	if strings.HasSuffix(strings.ToLower(a.Address), "@googlegroups.com") {
		a.Type = crm.TypeGroup
	}
	if strings.EqualFold(a.Name, a.Address) {
		a.Name = ""
	}
	return a
}

func response(text string) string {
	switch text {
	case "accepted":
		return crm.ResponseAccepted
	case "declined":
		return crm.ResponseDeclined
	case "tentative":
		return crm.ResponseTentative
	case "needsAction":
		return crm.ResponseNone
	}
	return ""
}
