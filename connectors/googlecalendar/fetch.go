package googlecalendar

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// fetch is one Fetch under way.
type fetch struct {
	s       *source
	state   *state
	batch   connectors.Batch
	bytes   int64
	until   time.Time      // of the calendar whose changes are read
	changed bool           // the state differs from the cursor's
	left    bool           // calendars were not come to
	behind  bool           // at the start there was something to read at once
	places  map[string]int // of items in the batch, by external id
	err     error          // of a calendar, which did not end the fetch
}

// Fetch asks every calendar for its news, and then reads a page of one whose window is not read to its end.
func (s *source) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	st, err := parse(cur)
	if err != nil {
		return connectors.Batch{}, err
	}
	list, fresh, err := s.calendars(ctx)
	if err != nil {
		return connectors.Batch{}, err
	}
	f := &fetch{s: s, state: st}
	f.reconcile(list, fresh)
	if err := f.run(ctx, list); err != nil {
		return connectors.Batch{}, err
	}
	return f.finish(cur)
}

// reconcile takes in calendars that are new in the list, and lets go those that are not in it any more.
func (f *fetch) reconcile(list []listed, fresh bool) {
	known := make(map[string]bool, len(list))
	first := len(f.state.Calendars) == 0
	for _, p := range f.state.Calendars {
		f.behind = f.behind || p.owes()
	}
	for _, c := range list {
		known[c.id] = true
		p := f.state.Calendars[c.id]
		if p == nil {
			p = &progress{}
			f.state.Calendars[c.id], f.changed = p, true
			if !first {
				f.notef("The calendar %s is read from now on.", c.name)
			}
		}
		if p.Lost && fresh {
			p.Lost = false // tried once more; the cursor changes only if that succeeds
		}
	}
	for _, id := range slices.Sorted(maps.Keys(f.state.Calendars)) {
		if known[id] {
			continue
		}
		told := f.state.Calendars[id].Lost
		delete(f.state.Calendars, id)
		f.changed = true
		if !told {
			f.notef("The calendar %s is not read any more: it is not shared with %s, or the settings leave it out. What was read of it stays.", id, f.s.settings.Account)
		}
	}
}

func (f *fetch) notef(format string, args ...any) {
	f.batch.Notes = append(f.batch.Notes, fmt.Sprintf(format, args...))
}

// run reads news of all calendars and a page of history of one. A calendar that cannot be read does not keep the others
// from being read: its failure is what the Fetch ends with once nothing else is left to yield.
func (f *fetch) run(ctx context.Context, list []listed) error {
	for i := range list {
		if f.full() {
			f.left = true
			break
		}
		if p := f.state.Calendars[list[i].id]; !p.Lost {
			if err := f.failed(ctx, &list[i], f.news(ctx, &list[i], p)); err != nil {
				return err
			}
		}
	}
	for i := range list {
		p := f.state.Calendars[list[i].id]
		if p.Lost || f.full() || p.Token != "" && p.Reading == nil {
			continue
		}
		err := f.history(ctx, &list[i], p)
		if err := f.failed(ctx, &list[i], err); err != nil {
			return err
		}
		if err == nil {
			break
		}
	}
	if f.err != nil && !f.changed {
		return f.err
	}
	return nil
}

// failed sorts what went wrong with a calendar; nil means go on with the next one.
func (f *fetch) failed(ctx context.Context, c *listed, err error) error {
	switch p := f.state.Calendars[c.id]; {
	case err == nil:
	case ctx.Err() != nil:
		return err
	case gone(err):
		f.lose(c, p)
	case googleapi.Status(err) >= http.StatusInternalServerError, googleapi.Odd(err):
		if f.err == nil {
			f.err = err
		}
	case f.changed:
		f.err = err // what was read is yielded first; the next Fetch meets the failure again
	default:
		return err
	}
	return nil
}

// lose leaves a calendar alone until it is listed again. It is read anew then: nobody knows what was missed.
func (f *fetch) lose(c *listed, p *progress) {
	already := p.Token == "" && p.Reading == nil && p.Restarts == lostMark
	*p = progress{Lost: true, Restarts: lostMark}
	if !already {
		f.changed = true
		f.notef("The calendar %s cannot be read: it is not shared with %s any more. What was read of it stays.", c.name, f.s.settings.Account)
	}
}

// lostMark stands in Restarts of a calendar that could not be read when it was tried last.
const lostMark = -1

// finish makes the batch.
func (f *fetch) finish(cur connectors.Cursor) (connectors.Batch, error) {
	for _, p := range f.state.Calendars {
		f.batch.More = f.batch.More || p.owes()
		f.batch.Backfill = f.batch.Backfill || p.backfills()
	}
	f.batch.More = f.batch.More || f.err != nil || f.left
	f.batch.Next = cur
	if f.changed {
		next, err := f.state.cursor()
		if err != nil {
			return connectors.Batch{}, err
		}
		f.batch.Next = next
	}
	f.batch.Progress = crm.Progress{Done: f.state.Done}
	if !f.batch.Backfill {
		f.batch.Progress.Total = f.state.Done
	}
	return f.batch, nil
}

func (f *fetch) full() bool {
	return len(f.batch.Items) >= f.s.env.Limits.BatchItems || f.bytes >= f.s.env.Limits.BatchBytes
}

// itemOverhead is what an item takes of a batch beside its words, bytes.
const itemOverhead = 1024

// yield adds the item of an event, and gives its external id.
func (f *fetch) yield(v view, e *calendar.Event) string {
	item, ok := f.s.item(v, e)
	if !ok {
		return ""
	}
	f.changed = true
	if at, ok := f.places[item.ExternalID]; ok && at < len(f.batch.Items) && f.batch.Items[at].ExternalID == item.ExternalID {
		f.batch.Items[at] = item // a series was read after one of its exceptions
		return item.ExternalID
	}
	if f.places == nil {
		f.places = make(map[string]int)
	}
	f.places[item.ExternalID] = len(f.batch.Items)
	f.batch.Items = append(f.batch.Items, item)
	f.bytes += item.Size + itemOverhead
	return item.ExternalID
}

// yieldAll adds the items of what was not cancelled and starts at or after from, and gives their external ids.
func (f *fetch) yieldAll(v view, events []*calendar.Event, from time.Time) []string {
	ids := make([]string, 0, len(events))
	for _, e := range events {
		if e == nil || e.Status == cancelled {
			continue
		}
		if start, _, err := instant(e.Start, time.UTC); err == nil && start.Before(from) {
			continue
		}
		if id := f.yield(v, e); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// withdraw says what is left under a prefix.
func (f *fetch) withdraw(prefix string, present []string, from, to, at time.Time) {
	slices.Sort(present)
	f.changed = true
	f.batch.Withdrawn = append(f.batch.Withdrawn, crm.Scope{Prefix: prefix, Present: slices.Compact(present), From: from, To: to, At: at})
	f.bytes += itemOverhead
}
