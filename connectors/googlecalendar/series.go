package googlecalendar

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// owed reads the occurrences of changed series until the batch is full.
func (f *fetch) owed(ctx context.Context, c *listed, p *progress) error {
	for len(p.Series) > 0 && !f.full() && !f.late() {
		if err := f.oneSeries(ctx, c, p, p.Series[0]); err != nil {
			return err
		}
		p.Series = p.Series[1:]
		f.changed = true
	}
	return nil
}

// oneSeries yields all occurrences of a series that lie in the window, as Google expands them, and withdraws those that
// it does not have any more: cut off by "this and following", taken out, or moved to other days with the whole series.
// It is not cut into batches: only all of it together says what is gone.
func (f *fetch) oneSeries(ctx context.Context, c *listed, p *progress, one series) error {
	from, _, err := f.s.window()
	if err != nil {
		return err
	}
	to := unstamp(p.end())
	q := bounded(url.Values{"fields": {pageFields}, "maxResults": {strconv.Itoa(mostOfEvents)}}, from, to)
	path := eventPath(c.id, one.ID) + "/instances"
	items, bytes, changed := len(f.batch.Items), f.bytes, f.changed
	var present []string
	for pages := (googleapi.Pages{}); ; {
		page, err := f.s.instances(ctx, false, path, q)
		if missing(err) {
			if err = f.s.try(ctx, c.id); err == nil {
				break // deleted since; there is nothing left
			}
		}
		if err == nil && page.NextPageToken != "" {
			err = pages.Next("list occurrences", page.NextPageToken)
		}
		if err != nil {
			f.batch.Items, f.bytes, f.changed = f.batch.Items[:items], bytes, changed // read again as a whole
			return err
		}
		v := view{listed: *c, page: page.AccessRole, at: page.TimeZone}
		present = append(present, f.yieldAll(v, page.Items, time.Time{})...)
		if page.NextPageToken == "" {
			break
		}
		q.Set("pageToken", page.NextPageToken)
	}
	f.withdraw(eventPrefix(c.id, one.ID), present, from, to, unstamp(one.At))
	return nil
}

// missing says that an event is not there; the calendar may be, see try.
func missing(err error) bool {
	status := googleapi.Status(err)
	return status == http.StatusNotFound || status == http.StatusGone
}
