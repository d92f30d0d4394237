package fakegoogle

import (
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"
)

// listed is one item of a list of events. Items are ordered by entry and occurrence.
type listed struct {
	index      uint64
	occurrence string
	event      *calendar.Event
	gone       bool // a cancelled one: id and status only
}

// eventQuery is what a list of events asks for.
type eventQuery struct {
	single, deleted bool
	from, to        time.Time
	updated         time.Time
	uid, text       string
	types           []string
	limit, guests   int
}

type eventsAnswer struct {
	Kind      string                    `json:"kind"`
	ETag      string                    `json:"etag"`
	Summary   string                    `json:"summary"`
	Updated   string                    `json:"updated"`
	Zone      string                    `json:"timeZone"`
	Role      string                    `json:"accessRole"`
	Reminders []*calendar.EventReminder `json:"defaultReminders"`
	NextPage  string                    `json:"nextPageToken,omitempty"`
	NextSync  string                    `json:"nextSyncToken,omitempty"`
	Items     []*calendar.Event         `json:"items"`
}

func restrictions() []string {
	return []string{
		"iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
	}
}

// listEvents is events.list.
func (s *Server) listEvents(c *call) {
	q, ok := c.eventQuery()
	if !ok {
		return
	}
	s.calendar.mu.RLock()
	defer s.calendar.mu.RUnlock()
	cal, role := c.visible()
	if cal == nil {
		return
	}
	page, ok := c.openSync(cal.generation, cal.seq, append(restrictions(), "showDeleted", "eventTypes")...)
	if !ok {
		return
	}
	var items []listed
	if page.Delta {
		q.from, q.to = unix(page.From), unix(page.To)
		items = cal.changed(page.Since, q)
	} else {
		page.From, page.To = seconds(q.from), seconds(q.to)
		items = cal.all(q)
	}
	answer := cal.eventsAnswer(role)
	limit := shortened(q.limit, page.Number)
	items = items[sort.Search(len(items), func(i int) bool {
		return items[i].index > page.Index || items[i].index == page.Index && items[i].occurrence > page.After
	}):]
	switch {
	case len(items) > limit:
		last := items[limit-1]
		answer.NextPage = page.pageToken(last.index, last.occurrence)
		items = items[:limit]
	case page.Delta || !c.restricted():
		answer.NextSync = page.syncToken()
	}
	if c.params.Get("orderBy") != "" {
		cal.sortItems(items, c.params.Get("orderBy"))
	}
	v := viewer{email: c.user, role: role, guests: q.guests}
	for _, item := range items {
		answer.Items = append(answer.Items, cal.render(item, v))
	}
	c.answer(&answer)
}

// shortened makes every second page hold less than was asked for: a short page is not the last one.
func shortened(limit, number int) int {
	if number%2 == 1 && limit > 1 {
		return limit - limit/3 - 1
	}
	return limit
}

func unix(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0)
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// restricted reports whether the call's restrictions leave no sync token: all but the bounds in time.
func (c *call) restricted() bool {
	return slices.ContainsFunc(restrictions(), func(p string) bool {
		return p != "timeMin" && p != "timeMax" && c.params.Get(p) != ""
	})
}

func (cal *Calendar) eventsAnswer(role string) eventsAnswer {
	updated := cal.root.now()
	if n := len(cal.order); n > 0 {
		updated, _ = time.Parse(time.RFC3339, cal.order[n-1].event.Updated)
	}
	return eventsAnswer{
		Kind: "calendar#events", ETag: etag(cal.id, strconv.FormatUint(cal.seq, 10)), Summary: cal.summary,
		Updated: updated.UTC().Format("2006-01-02T15:04:05.000Z"), Zone: cal.zone.String(), Role: role,
		Reminders: []*calendar.EventReminder{}, Items: []*calendar.Event{},
	}
}

// eventQuery reads and checks the parameters.
func (c *call) eventQuery() (eventQuery, bool) {
	q := eventQuery{
		single: c.flag("singleEvents"), deleted: c.flag("showDeleted"), uid: c.params.Get("iCalUID"),
		text: strings.ToLower(c.params.Get("q")), types: c.params["eventTypes"],
	}
	var ok bool
	if q.limit, ok = c.number("maxResults", 250, 2500); !ok {
		return q, false
	}
	if q.guests, ok = c.number("maxAttendees", 0, 1<<20); !ok {
		return q, false
	}
	if c.params.Get("syncToken") != "" {
		if slices.ContainsFunc(restrictions(), func(p string) bool { return c.params.Get(p) != "" }) {
			c.fail(badRequest("Sync token cannot be used with query restrictions."))
			return q, false
		}
		if c.params.Get("showDeleted") == "false" {
			c.fail(badRequest("Deleted events cannot be left out of an incremental synchronization."))
			return q, false
		}
	}
	for name, to := range map[string]*time.Time{"timeMin": &q.from, "timeMax": &q.to, "updatedMin": &q.updated} {
		v := c.params.Get(name)
		if v == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			c.fail(badRequest("Bad Request"))
			return q, false
		}
		*to = at
	}
	switch {
	case !q.from.IsZero() && !q.to.IsZero() && !q.to.After(q.from):
		c.fail(apiError{status: http.StatusBadRequest, reason: "timeRangeEmpty", domain: "calendar", message: "The specified time range is empty."})
	case c.params.Get("orderBy") == "startTime" && !q.single:
		c.fail(badRequest("The requested ordering is not available for the particular query."))
	case !q.updated.IsZero() && q.updated.Before(c.at.AddDate(0, 0, -30)):
		c.fail(apiError{
			status: http.StatusGone, domain: "calendar", reason: "updatedMinTooLongAgo",
			message: "The requested minimum modification time lies too far in the past.",
		})
	default:
		return q, true
	}
	return q, false
}

func (cal *Calendar) sortItems(items []listed, by string) {
	slices.SortStableFunc(items, func(a, b listed) int {
		if by == "updated" {
			return strings.Compare(a.event.Updated, b.event.Updated)
		}
		return cal.spanOf(a.event).start.Compare(cal.spanOf(b.event).start)
	})
}

// wanted applies the restrictions on single items.
func (q *eventQuery) wanted(e *calendar.Event) bool {
	if q.uid != "" && e.ICalUID != q.uid || len(q.types) > 0 && !slices.Contains(q.types, e.EventType) {
		return false
	}
	if !q.updated.IsZero() {
		if at, err := time.Parse(time.RFC3339, e.Updated); err == nil && at.Before(q.updated) {
			return false
		}
	}
	return q.text == "" || strings.Contains(strings.ToLower(e.Summary+" "+e.Description+" "+e.Location), q.text)
}
