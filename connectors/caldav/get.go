package caldav

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// wanted are the ids that are asked of one resource.
type wanted struct {
	ids      map[string]bool
	from, to time.Time // a window with all of them
}

// add widens the window by an occurrence. What does not recur may be anywhere.
func (w *wanted) add(id, occurrence string) {
	w.ids[id] = true
	occurrence, _, _ = strings.Cut(occurrence, "~")
	from, to := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, form := range []string{"20060102T150405Z", "20060102"} {
		if t, err := time.Parse(form, occurrence); err == nil {
			from, to = t.AddDate(0, 0, -1), t.AddDate(0, 0, 2)
		}
	}
	if w.from.IsZero() || from.Before(w.from) {
		w.from = from
	}
	if to.After(w.to) {
		w.to = to
	}
}

// Get reads occurrences again, wherever they lie in time.
func (s *source) Get(ctx context.Context, ids []string) ([]connectors.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	calendars, _, err := s.list(ctx)
	if err != nil {
		return nil, err
	}
	var out []connectors.Item
	for _, c := range calendars {
		asked := make(map[string]*wanted)
		for _, id := range ids {
			calendarKey, event, occurrence, ok := parseID(id)
			if !ok || calendarKey != c.key {
				continue
			}
			if !strings.HasPrefix(event, "/") {
				event = c.key + event
			}
			if asked[event] == nil {
				asked[event] = &wanted{ids: make(map[string]bool)}
			}
			asked[event].add(id, occurrence)
		}
		for part := range slices.Chunk(slices.Sorted(maps.Keys(asked)), chunk) {
			objects, err := s.objects(ctx, c, part)
			if err != nil {
				return nil, classify("read calendar "+c.name, err)
			}
			for _, key := range part {
				out = append(out, s.pick(c, key, objects[key], asked[key])...)
			}
		}
	}
	return out, nil
}

// pick gives the items of a resource that are asked for. If it cannot be read, each of them has the error.
func (s *source) pick(c calendar, key string, o object, w *wanted) []connectors.Item {
	var out []connectors.Item
	for _, item := range s.resource(c, key, o, w.from, w.to, false).items {
		if w.ids[item.ExternalID] {
			out = append(out, item)
			delete(w.ids, item.ExternalID)
		} else if item.Err != nil && item.Meeting == nil {
			for _, id := range slices.Sorted(maps.Keys(w.ids)) {
				item.ExternalID = id
				out = append(out, item)
			}
			return out
		}
	}
	return out
}

// Census lists the ids of what is in the window now.
func (s *source) Census(ctx context.Context, yield func(ids []string) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	calendars, _, err := s.list(ctx)
	if err != nil {
		return err
	}
	for _, c := range calendars {
		members, err := s.members(ctx, c, s.from(), s.horizon())
		if err != nil {
			return classify("list calendar "+c.name, err)
		}
		err = s.walk(ctx, c, slices.Sorted(maps.Keys(members)), s.from(), s.horizon(), func(_ string, r *resource) error {
			if len(r.items) == 0 {
				return nil
			}
			return yield(r.ids())
		})
		if err != nil {
			return classify("list calendar "+c.name, err)
		}
	}
	return nil
}

// Probe signs in and says which calendars there are and how they are read.
func (s *source) Probe(ctx context.Context) (connectors.Report, error) {
	calendars, others, err := s.list(ctx)
	if err != nil {
		return connectors.Report{}, err
	}
	out := connectors.Report{Lines: []string{fmt.Sprintf("signed in to %s as %s", s.dav.base.Host, s.dav.user)}}
	for _, c := range calendars {
		members, err := s.members(ctx, c, s.from(), s.horizon())
		if err != nil {
			out.Lines = append(out.Lines, fmt.Sprintf("calendar %s (%s) cannot be read: %v", c.name, c.key, err))
			continue
		}
		how := "changes by sync token"
		if !c.tokens {
			how = "the server has no sync tokens: changes are found by comparing"
		}
		out.Items += int64(len(members))
		out.Lines = append(out.Lines, fmt.Sprintf("calendar %s (%s): %d events from %s to %s; %s", c.name, c.key, len(members),
			s.from().Format(dayForm), s.horizon().Format(dayForm), how))
	}
	if others > 0 {
		out.Lines = append(out.Lines, fmt.Sprintf("%d more calendars are not chosen", others))
	}
	if len(calendars) == 0 {
		return out, permanent("list calendars", fmt.Errorf("none of the %d calendars is chosen", others), "Check calendars and exclude_calendars.")
	}
	return out, nil
}
