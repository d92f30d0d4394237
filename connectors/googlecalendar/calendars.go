package googlecalendar

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// listed is a calendar of the account.
type listed struct {
	id, name, role, zone string
	left                 string // why it is not read; "" if it is
}

// listEvery is how old the list of calendars may be.
const listEvery = 10 * time.Minute

// calendars gives the calendars to read. fresh says that they were asked for just now.
func (s *source) calendars(ctx context.Context) (list []listed, fresh bool, err error) {
	if s.list != nil && s.now().Sub(s.asked) < listEvery {
		return s.list, false, nil
	}
	all, err := s.allCalendars(ctx)
	if err != nil {
		return nil, false, err
	}
	s.list = slices.DeleteFunc(all, func(c listed) bool { return c.left != "" })
	s.asked = s.now()
	return s.list, true, nil
}

// allCalendars asks for the account's list, also what is not read of it; by id.
func (s *source) allCalendars(ctx context.Context) ([]listed, error) {
	q := url.Values{"fields": {listFields}, "maxResults": {"250"}}
	all := []listed{}
	const op = "list calendars"
	for pages := (googleapi.Pages{}); ; {
		var page calendar.CalendarList
		if err := s.get(ctx, op, false, "users/me/calendarList", q.Encode(), &page); err != nil {
			return nil, err
		}
		if err := googleapi.Kind(op, page.Kind, "calendar#calendarList"); err != nil {
			return nil, err
		}
		for _, e := range page.Items {
			if e != nil && e.Id != "" && !e.Deleted {
				all = append(all, listed{id: e.Id, name: cmp.Or(cleanLine(e.SummaryOverride), cleanLine(e.Summary), e.Id),
					role: e.AccessRole, zone: e.TimeZone, left: s.leftOut(e)})
			}
		}
		if page.NextPageToken == "" {
			break
		}
		if err := pages.Next(op, page.NextPageToken); err != nil {
			return nil, err
		}
		q.Set("pageToken", page.NextPageToken)
	}
	slices.SortFunc(all, func(a, b listed) int { return strings.Compare(a.id, b.id) })
	return slices.CompactFunc(all, func(a, b listed) bool { return a.id == b.id }), nil
}

// leftOut says why a calendar is not read; "" if it is.
func (s *source) leftOut(e *calendar.CalendarListEntry) string {
	named := func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			name = strings.TrimSpace(name)
			return strings.EqualFold(name, e.Id) || strings.EqualFold(name, e.Summary) || strings.EqualFold(name, e.SummaryOverride) ||
				strings.EqualFold(name, "primary") && (e.Primary || strings.EqualFold(e.Id, s.settings.Account))
		})
	}
	choice := s.settings.Calendars
	switch {
	case len(calendarPrefix(e.Id)) > maxID/2:
		return "its id is too long"
	case named(choice.Exclude):
		return "excluded by the settings"
	case len(choice.Include) > 0 && !named(choice.Include):
		return "not among those included by the settings"
	case len(choice.Include) > 0:
		return ""
	case strings.HasSuffix(e.Id, "@group.v.calendar.google.com"), strings.HasSuffix(e.Id, "#contacts@group.calendar.google.com"):
		return "holidays, birthdays and the like"
	case e.AccessRole == "freeBusyReader" && !e.Selected:
		return "only its free times are shared, and it is not shown"
	}
	return ""
}
