package googlecalendar

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// What is asked for of each thing. An answer holds nothing else.
const (
	eventFields = "kind,id,status,iCalUID,recurringEventId,originalStartTime,start,end,endTimeUnspecified,summary,description,location," +
		"attendees(email,displayName,resource,optional,responseStatus),attendeesOmitted,organizer(email,displayName,self),creator(email,displayName)," +
		"visibility,eventType,hangoutLink,conferenceData/entryPoints(entryPointType,uri),sequence,created,updated,recurrence,guestsCanSeeOtherGuests"
	pageFields   = "kind,nextPageToken,nextSyncToken,accessRole,timeZone,items(" + eventFields + ")"
	idFields     = "kind,nextPageToken,items(id,status,recurringEventId,originalStartTime)"
	tokenFields  = "kind,nextPageToken,nextSyncToken"
	listFields   = "kind,nextPageToken,items(id,summary,summaryOverride,accessRole,selected,primary,deleted,timeZone)"
	mostOfIDs    = 2500 // events of a page that has ids only: Google's maximum
	mostOfEvents = 250  // of a page with everything
	mostPages    = 4000 // of a window, and pages of changes in a row that have none
)

// get asks for one thing. The address's query is made by the caller.
func (s *source) get(ctx context.Context, op string, history bool, path, query string, into any) error {
	return s.access.Get(ctx, op, 1, history, s.base+path+"?alt=json&prettyPrint=false&"+query, into)
}

// events asks for a page of a calendar's events.
func (s *source) events(ctx context.Context, op string, history bool, id string, q url.Values) (*calendar.Events, error) {
	return s.page(ctx, op, history, eventsPath(id), q.Encode())
}

// page asks for a page of events. One that is not of their kind is refused: it would say that there are none.
func (s *source) page(ctx context.Context, op string, history bool, path, query string) (*calendar.Events, error) {
	var page calendar.Events
	if err := s.get(ctx, op, history, path, query, &page); err != nil {
		return nil, err
	}
	return &page, googleapi.Kind(op, page.Kind, "calendar#events")
}

// instances asks for occurrences of a series.
func (s *source) instances(ctx context.Context, history bool, path string, q url.Values) (*calendar.Events, error) {
	return s.page(ctx, "list occurrences", history, path, q.Encode())
}

// changes asks what changed since a token was given. It is what an idle source does all day, hence made by hand.
func (s *source) changes(ctx context.Context, id, token, next string) (*calendar.Events, error) {
	if s.masked == "" {
		s.masked = url.Values{"fields": {pageFields}, "maxResults": {strconv.Itoa(s.pageSize())}}.Encode() + "&syncToken="
	}
	query := s.masked + url.QueryEscape(token)
	if next != "" {
		query += "&pageToken=" + url.QueryEscape(next)
	}
	return s.page(ctx, "list changes", false, eventsPath(id), query)
}

func eventsPath(id string) string { return "calendars/" + url.PathEscape(id) + "/events" }

func eventPath(id, event string) string { return eventsPath(id) + "/" + url.PathEscape(event) }

func (s *source) pageSize() int { return min(mostOfEvents, s.env.Limits.BatchItems) }

// occurrences is the question for what takes place in a window, each occurrence by itself. Google leaves out what
// ends just when the window begins, and so an entry without length that starts there: hence the second.
func occurrences(from, to time.Time, fields string, most int) url.Values {
	q := url.Values{"singleEvents": {"true"}, "fields": {fields}, "maxResults": {strconv.Itoa(most)}}
	return bounded(q, from, to)
}

func bounded(q url.Values, from, to time.Time) url.Values {
	if !from.IsZero() {
		q.Set("timeMin", from.Add(-time.Second).Format(time.RFC3339))
	}
	if !to.IsZero() {
		q.Set("timeMax", to.Format(time.RFC3339))
	}
	return q
}

// gone says that a calendar, or an event, is not there or not ours to read; other refusals concern the whole account.
func gone(err error) bool {
	var r *googleapi.Refusal
	if !errors.As(err, &r) {
		return false
	}
	return r.Status == http.StatusNotFound || r.Status == http.StatusForbidden &&
		slices.ContainsFunc(r.Reasons, func(reason string) bool {
			return reason == "forbidden" || reason == "requiredAccessLevel" || reason == "notFound"
		})
}

// stale says that a token is dead: 410, or 400 for a question with a token. Everything else in that question is asked
// without it too when the calendar is read again; if that was wrong, it shows there.
func stale(err error, token bool) bool {
	status := googleapi.Status(err)
	return status == http.StatusGone || token && status == http.StatusBadRequest
}
