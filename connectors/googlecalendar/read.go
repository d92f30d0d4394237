package googlecalendar

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// history reads one page of a calendar's window, after it has taken a token if there is none.
func (f *fetch) history(ctx context.Context, c *listed, p *progress) error {
	if p.Token == "" {
		token, err := f.s.takeToken(ctx, c.id)
		if err != nil {
			return err
		}
		from, to, err := f.s.window()
		if err != nil {
			return err
		}
		restarts := max(p.Restarts, 0)
		*p = progress{Token: token, From: stamp(from), To: stamp(to), Restarts: restarts, Reading: &reading{From: stamp(from), To: stamp(to), Whole: true}}
		f.changed = true
	}
	return f.page(ctx, c, p)
}

// takeToken goes through a calendar without contents: the last page has the token from which changes count. Nothing
// restricts the pass, since the token keeps what did.
func (s *source) takeToken(ctx context.Context, id string) (string, error) {
	q := url.Values{"fields": {tokenFields}, "maxResults": {strconv.Itoa(mostOfIDs)}}
	const op = "take sync token"
	for pages := (googleapi.Pages{}); ; {
		page, err := s.events(ctx, op, true, id, q)
		if err != nil {
			return "", err
		}
		if page.NextSyncToken != "" {
			return page.NextSyncToken, nil
		}
		if page.NextPageToken == "" {
			break
		}
		if err := pages.Next(op, page.NextPageToken); err != nil {
			return "", err
		}
		q.Set("pageToken", page.NextPageToken)
	}
	return "", &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: fmt.Errorf("google gives none for the calendar %s", id)}
}

// page reads the next page of the window. With the last one, what the window does not hold any more is withdrawn.
func (f *fetch) page(ctx context.Context, c *listed, p *progress) error {
	r := p.Reading
	from, to := unstamp(r.From), unstamp(r.To)
	q := occurrences(from, to, pageFields, f.s.pageSize())
	if r.Page != "" {
		q.Set("pageToken", r.Page)
	}
	answer, err := f.s.events(ctx, "list events", true, c.id, q)
	if stale(err, r.Page != "") {
		return f.brokenOff(c, p)
	}
	if err != nil {
		return err
	}
	last := answer.NextPageToken == ""
	if err := r.turn(answer.NextPageToken); err != nil {
		return err
	}
	var whole []string // what the window has, if this is the last of several pages
	if last && r.Page != "" {
		// Before anything is yielded: what is yielded without moving the cursor would hide the failure.
		if whole, err = f.s.allIDs(ctx, c.id, from, to); err != nil {
			return err
		}
	}
	v := view{listed: *c, page: answer.AccessRole, at: answer.TimeZone}
	begun := from
	if r.Whole {
		begun = time.Time{} // what is under way when the window begins belongs to it
	}
	present := f.yieldAll(v, answer.Items, begun)
	f.state.Done += int64(len(present))
	f.changed = true
	if !last {
		r.Page = answer.NextPageToken
		r.Pages++
		return nil
	}
	if r.Page != "" {
		present = whole
	}
	f.withdraw(calendarPrefix(c.id), present, from, to, time.Time{})
	p.To, p.Reading, p.Restarts = max(p.To, r.To), nil, 0
	return nil
}

// turn says whether the next page may be asked for. It is found out before anything is yielded, as above.
func (r *reading) turn(next string) error {
	switch {
	case next == "":
	case next == r.Page:
		return googleapi.Endless("list events", "the same page comes again")
	case r.Pages >= mostPages:
		return googleapi.Endless("list events", "it has too many pages; shorten since or ahead")
	}
	return nil
}

// brokenOff starts a reading again whose place Google has forgotten.
func (f *fetch) brokenOff(c *listed, p *progress) error {
	f.changed = true
	f.notef("Google broke off the reading of the calendar %s; it is read again from its start.", c.name)
	if p.Reading.Whole {
		p.again()
		return nil
	}
	p.Reading.Page, p.Reading.Pages = "", 0
	p.Restarts++
	return nil
}

// allIDs gives the external ids of what takes place in a window.
func (s *source) allIDs(ctx context.Context, id string, from, to time.Time) (all []string, err error) {
	err = s.ids(ctx, id, from, to, func(ids []string) error {
		all = append(all, ids...)
		return nil
	})
	return all, err
}

// ids lists the external ids of what takes place in a window.
func (s *source) ids(ctx context.Context, id string, from, to time.Time, yield func([]string) error) error {
	q := occurrences(from, to, idFields, mostOfIDs)
	const op = "list event ids"
	for pages := (googleapi.Pages{}); ; {
		page, err := s.events(ctx, op, true, id, q)
		if err != nil {
			return err
		}
		if err := yield(externals(id, page.Items)); err != nil {
			return err
		}
		if page.NextPageToken == "" {
			return nil
		}
		if err := pages.Next(op, page.NextPageToken); err != nil {
			return err
		}
		q.Set("pageToken", page.NextPageToken)
	}
}

func externals(id string, events []*calendar.Event) []string {
	out := make([]string, 0, len(events))
	for _, e := range events {
		if e == nil || e.Status == cancelled {
			continue
		}
		if external := externalOf(id, e); external != "" {
			out = append(out, external)
		}
	}
	return out
}
