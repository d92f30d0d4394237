package web

import (
	"context"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// What lies ahead is read in pages, at most so many: a store lists the farthest first, and the soonest are wanted.
const (
	aheadRows  = 100
	aheadPages = 10
)

// shownAhead is how many meetings that lie ahead stand open above a timeline.
const shownAhead = 3

// ahead gives what a filter chooses from now until end: meetings, the soonest first, and separately what else has
// a time to come (a mail from a clock that is fast), the newest first.
func (s *Server) ahead(ctx context.Context, f crm.ActivityFilter, now, end time.Time) (meetings, others []crm.Activity, err error) {
	f.Since, f.Until, f.After, f.Limit = now, end, "", aheadRows
	for range aheadPages {
		list, next, err := s.store.ListActivities(ctx, f)
		if err != nil {
			return nil, nil, err
		}
		for _, a := range list {
			switch {
			case a.Time.Before(now): // a store that does not heed Since
			case a.Kind == crm.KindMeeting:
				meetings = append(meetings, a)
			default:
				others = append(others, a)
			}
		}
		if f.After = next; next == "" || len(list) < aheadRows {
			break
		}
	}
	slices.Reverse(meetings)
	return meetings, others, nil
}

// farAhead is how far calendars are read into the future, and some more.
func farAhead(now time.Time) time.Time { return now.AddDate(0, 0, 400) }
