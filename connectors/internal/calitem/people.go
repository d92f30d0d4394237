package calitem

import (
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxAttendees is how many are kept; the meeting is Partial if there are more.
const maxAttendees = 2000

// people fills in who takes part.
func (r *reader) people(m *connectors.Meeting, s *series, e *component) {
	from := e
	if inherits(s, e) && len(e.all("ATTENDEE")) == 0 {
		from = s.master
	}
	if p, ok := from.get("ORGANIZER"); ok {
		m.Organizer = attendee(p)
		m.Organizer.Response = ""
		m.Organizer.SentBy = sentBy(p)
	}
	seen := make(map[string]bool)
	for _, p := range from.all("ATTENDEE") {
		a := attendee(p)
		key := strings.ToLower(a.Address)
		if a.Address == "" && a.Name == "" || key != "" && seen[key] {
			continue
		}
		if len(m.Attendees) == maxAttendees {
			m.Partial = true
			break
		}
		seen[key] = true
		m.Attendees = append(m.Attendees, a)
	}
}

// attendee reads ATTENDEE or ORGANIZER (RFC 5545 section 3.8.4).
func attendee(p property) connectors.Attendee {
	a := connectors.Attendee{Name: cut(shownLine(p.params["CN"]), maxName), Address: address(p)}
	a.Response = Response(p.params["PARTSTAT"])
	role := strings.ToUpper(p.params["ROLE"])
	a.Optional = role == "OPT-PARTICIPANT" || role == "NON-PARTICIPANT"
	a.Type = TypeOf(p.params["CUTYPE"], a.Address)
	if strings.EqualFold(a.Name, a.Address) {
		a.Name = ""
	}
	return a
}

// address is that of a calendar user: of a mailto URI, or of the EMAIL parameter (RFC 7986 section 6.2) where the
// URI is none. An account of the server without an address has none.
func address(p property) string {
	value := cleanLine(p.value)
	if len(value) >= 7 && strings.EqualFold(value[:7], "mailto:") {
		value = strings.TrimSpace(value[7:])
		value, _, _ = strings.Cut(value, "?")
	}
	value = strings.TrimPrefix(strings.TrimSuffix(value, ">"), "<")
	if email := strings.TrimSpace(p.params["EMAIL"]); !plainAddress(value) && email != "" {
		value = strings.TrimPrefix(strings.TrimPrefix(email, "mailto:"), "MAILTO:")
	}
	if !plainAddress(value) {
		return ""
	}
	return value
}

// sentBy is the SENT-BY parameter (RFC 5545 section 3.2.18): who acts for the organiser.
func sentBy(p property) string {
	written, ok := p.params["SENT-BY"]
	if !ok {
		return ""
	}
	return address(property{value: written})
}

func plainAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && len(s) <= maxAddress && !strings.ContainsAny(s, " \t\"<>/:") &&
		!strings.EqualFold(s[at:], "@invalid") && !strings.HasSuffix(strings.ToLower(s), ".invalid")
}

// Response is what PARTSTAT means: one of crm's responses, "" if it says nothing that counts.
func Response(partstat string) string {
	switch strings.ToUpper(strings.TrimSpace(partstat)) {
	case "ACCEPTED":
		return crm.ResponseAccepted
	case "DECLINED", "DELEGATED":
		return crm.ResponseDeclined
	case "TENTATIVE":
		return crm.ResponseTentative
	case "NEEDS-ACTION":
		return crm.ResponseNone
	}
	return ""
}

// TypeOf says what an attendee is: by CUTYPE ("" if unknown), or by an address that only rooms and groups of the
// known services have.
func TypeOf(cutype, address string) crm.ParticipantType {
	switch strings.ToUpper(strings.TrimSpace(cutype)) {
	case "ROOM":
		return crm.TypeRoom
	case "RESOURCE":
		return crm.TypeResource
	case "GROUP":
		return crm.TypeGroup
	}
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	switch domain {
	case "resource.calendar.google.com":
		return crm.TypeRoom
	case "group.calendar.google.com":
		return crm.TypeGroup
	}
	return crm.TypePerson
}
