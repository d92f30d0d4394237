package mimeitem

import (
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/calitem"
)

const (
	maxCalendar  = 1 << 20 // bytes of a calendar part, as transferred; a longer one is not read
	maxCalendars = 2       // parts that are tried: the calendar itself, and the file that repeats it
)

// invitations are the parts that may hold the calendar of an invitation, those first that say what they are for. A
// mail without a method is none, whatever calendar it carries.
func (c *choice) invitations() []*Part {
	if c.method == "" {
		return nil
	}
	parts := slices.Clone(c.calendars)
	slices.SortStableFunc(parts, func(a, b *Part) int { return rank(a) - rank(b) })
	parts = slices.DeleteFunc(parts, func(p *Part) bool { return p.Size <= 0 || p.Size > maxCalendar })
	return parts[:min(len(parts), maxCalendars)]
}

func rank(p *Part) int {
	switch {
	case param(p.Params, "method") != "":
		return 0
	case p.mediaType() == "text/calendar":
		return 1
	}
	return 2
}

// calendarWants are the calendars to fetch beside what is wanted already: of a mail that is nothing else the calendar
// is the text too, and is read once.
func (c *choice) calendarWants(wants []Want) []Want {
	var more []Want
	for _, p := range c.invitations() {
		at := slices.IndexFunc(wants, func(w Want) bool { return w.Path == p.Path })
		if at < 0 {
			more = append(more, Want{p.Path, p.Size})
			continue
		}
		wants[at].Size = max(wants[at].Size, p.Size)
	}
	return more
}

// invitation reads the calendar of an invitation; nil if there is none that says which meeting it is about. One that was
// cut off is not read: what is missing might be the organiser, or the time.
func (r *reader) invitation() *connectors.Meeting {
	for _, p := range r.choice.invitations() {
		body := r.body(p.Path)
		if body == nil || body.Cut {
			continue
		}
		text := decodeTransfer(body.Data, p.Encoding).charset(charsetLabel(param(p.Params, "charset")), r.hint).text()
		m, err := calitem.Invitation([]byte(text), strings.ToUpper(param(p.Params, "method")))
		if err == nil && m != nil && m.UID != "" {
			return m
		}
	}
	return nil
}
