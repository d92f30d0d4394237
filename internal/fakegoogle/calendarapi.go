package fakegoogle

import (
	"fmt"
	"net/http"
	"slices"

	"google.golang.org/api/calendar/v3"
)

// notFound is the calendar's 404.
func notFound() apiError {
	return apiError{status: http.StatusNotFound, reason: "notFound", message: "Not Found"}
}

// fullSync is what a dead token gets.
func fullSync() apiError {
	return apiError{
		status: http.StatusGone, domain: "calendar", reason: "fullSyncRequired",
		message: "Sync token is no longer valid, a full sync is required.",
	}
}

// visible finds the calendar of the path and the caller's role; it answers the call when there is none. The
// lock is held.
func (c *call) visible() (*Calendar, string) {
	id := c.vars[0]
	if id == "primary" {
		id = c.user
	}
	cal := c.server.calendar.byID[id]
	if cal == nil || cal.role(c.user) == "" {
		c.fail(notFound())
		return nil, ""
	}
	return cal, cal.role(c.user)
}

func (s *Server) getCalendar(c *call) {
	s.calendar.mu.RLock()
	defer s.calendar.mu.RUnlock()
	cal, _ := c.visible()
	if cal == nil {
		return
	}
	c.answer(&calendar.Calendar{
		Kind: "calendar#calendar", Etag: etag(cal.id, cal.summary), Id: cal.id, Summary: cal.summary, TimeZone: cal.zone.String(),
		ConferenceProperties: &calendar.ConferenceProperties{AllowedConferenceSolutionTypes: []string{"hangoutsMeet"}},
	})
}

// listEntry renders one line of a user's list. The lock is held.
func (cs *calendars) listEntry(email string, item listItem) *calendar.CalendarListEntry {
	cal := cs.byID[item.id]
	out := &calendar.CalendarListEntry{
		Kind: "calendar#calendarListEntry", Etag: etag(email, item.id, fmt.Sprint(item.seq)), Id: item.id,
	}
	if item.deleted {
		out.Deleted, out.AccessRole = true, "none"
		return out
	}
	out.Summary, out.TimeZone, out.AccessRole = cal.summary, cal.zone.String(), cal.role(email)
	out.Primary = cal.primary && cal.owner == email
	out.Selected, out.ColorId, out.BackgroundColor, out.ForegroundColor = true, "14", "#9fe1e7", "#000000"
	out.DefaultReminders = []*calendar.EventReminder{}
	out.ConferenceProperties = &calendar.ConferenceProperties{AllowedConferenceSolutionTypes: []string{"hangoutsMeet"}}
	for _, change := range item.change {
		change(out)
	}
	return out
}

func (s *Server) getListEntry(c *call) {
	s.calendar.mu.RLock()
	defer s.calendar.mu.RUnlock()
	cal, _ := c.visible()
	if cal == nil {
		return
	}
	l := s.calendar.lists[c.user]
	if l == nil || l.find(cal.id) < 0 {
		c.fail(notFound())
		return
	}
	c.answer(s.calendar.listEntry(c.user, l.items[l.find(cal.id)]))
}

func roleRank(role string) int {
	return slices.Index([]string{"freeBusyReader", "reader", "writer", "owner"}, role)
}

type calendarListAnswer struct {
	Kind     string                        `json:"kind"`
	ETag     string                        `json:"etag"`
	NextPage string                        `json:"nextPageToken,omitempty"`
	NextSync string                        `json:"nextSyncToken,omitempty"`
	Items    []*calendar.CalendarListEntry `json:"items"`
}

// listCalendars is calendarList.list. Lines come in the order of their last change in an incremental sync
// and in the order of the list otherwise.
func (s *Server) listCalendars(c *call) {
	limit, ok := c.number("maxResults", 100, 250)
	if !ok {
		return
	}
	s.calendar.mu.RLock()
	defer s.calendar.mu.RUnlock()
	l := s.calendar.lists[c.user]
	if l == nil {
		l = &calendarList{generation: 1}
	}
	page, ok := c.openSync(l.generation, l.seq, "minAccessRole", "showDeleted", "showHidden")
	if !ok {
		return
	}
	if page.Delta && c.params.Get("minAccessRole") != "" {
		c.fail(badRequest("The minAccessRole query parameter cannot be specified together with the sync token."))
		return
	}
	answer := calendarListAnswer{Kind: "calendar#calendarList", ETag: etag(c.user, fmt.Sprint(l.seq)), Items: []*calendar.CalendarListEntry{}}
	for i := int(page.Index); i < len(l.items); i++ {
		item := l.items[i]
		entry := s.calendar.listEntry(c.user, item)
		if page.Delta {
			if item.seq <= page.Since {
				continue
			}
		} else if item.deleted && !c.flag("showDeleted") || entry.Hidden && !c.flag("showHidden") ||
			roleRank(entry.AccessRole) < roleRank(c.params.Get("minAccessRole")) {
			continue
		}
		if len(answer.Items) == limit {
			answer.NextPage = page.pageToken(uint64(i), "")
			break
		}
		answer.Items = append(answer.Items, entry)
	}
	if answer.NextPage == "" {
		answer.NextSync = page.syncToken()
	}
	c.answer(&answer)
}
