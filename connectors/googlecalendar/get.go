package googlecalendar

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// Get reads single events and occurrences again. What was cancelled is gone.
func (s *source) Get(ctx context.Context, ids []string) ([]connectors.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list, _, err := s.calendars(ctx)
	if err != nil {
		return nil, err
	}
	items := make([]connectors.Item, 0, len(ids))
	for _, external := range ids {
		id, event, occurrence, ok := split(external)
		at, found := slices.BinarySearchFunc(list, id, func(c listed, id string) int { return strings.Compare(c.id, id) })
		if !ok || !found {
			continue
		}
		e, err := s.find(ctx, id, event, occurrence)
		if gone(err) || missing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		if item, ok := s.item(view{listed: list[at]}, e); ok && item.ExternalID == external {
			items = append(items, item)
		}
	}
	return items, nil
}

// find reads one event or occurrence; nil if it is not there any more.
func (s *source) find(ctx context.Context, id, event, occurrence string) (*calendar.Event, error) {
	if occurrence == "" {
		e, err := s.event(ctx, id, event)
		if err != nil || e.Status == cancelled || len(e.Recurrence) > 0 {
			return nil, err
		}
		return e, nil
	}
	// The id of an occurrence is that of its series with the original start behind it. In a series that was cut off of
	// another one it may be that other's: abc_R20261201T010000 has abc_20261208T010000Z.
	names := []string{event + "_" + occurrence}
	if at := strings.LastIndex(event, "_R"); at > 0 {
		names = append(names, event[:at]+"_"+occurrence)
	}
	for _, name := range names {
		e, err := s.event(ctx, id, name)
		if err != nil && !missing(err) {
			return nil, err
		}
		if err == nil && externalOf(id, e) == external(id, event, occurrence) {
			if e.Status == cancelled {
				return nil, nil
			}
			return e, nil
		}
	}
	return s.byOriginalStart(ctx, id, event, occurrence)
}

func (s *source) event(ctx context.Context, id, event string) (*calendar.Event, error) {
	const op = "get event"
	var e calendar.Event
	if err := s.get(ctx, op, true, eventPath(id, event), url.Values{"fields": {eventFields}}.Encode(), &e); err != nil {
		return nil, err
	}
	return &e, googleapi.Kind(op, e.Kind, "calendar#event")
}

// byOriginalStart asks a series for the occurrence that was to begin then.
func (s *source) byOriginalStart(ctx context.Context, id, event, occurrence string) (*calendar.Event, error) {
	master, err := s.event(ctx, id, event)
	if err != nil || len(master.Recurrence) == 0 || master.Start == nil {
		return nil, err
	}
	zone, _ := s.zone(master.Start.TimeZone)
	start, ok := originalStart(occurrence, zone)
	if !ok {
		return nil, nil
	}
	page, err := s.instances(ctx, true, eventPath(id, event)+"/instances", url.Values{"fields": {pageFields}, "originalStart": {start}})
	if err != nil {
		return nil, err
	}
	for _, e := range page.Items {
		if e != nil && e.Status != cancelled && externalOf(id, e) == external(id, event, occurrence) {
			return e, nil
		}
	}
	return nil, nil
}

// originalStart is an occurrence as events.instances takes it: written like the times of the series.
func originalStart(occurrence string, zone *time.Location) (string, bool) {
	if t, err := time.Parse("20060102T150405Z", occurrence); err == nil {
		return t.In(zone).Format(time.RFC3339), true
	}
	t, err := time.Parse("20060102", occurrence)
	return t.Format(time.DateOnly), err == nil
}
