package webform

import (
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// itemOverhead is what an item takes of a batch beside its values, bytes.
const itemOverhead = 1024

// take takes one row, and says whether it is news.
func (f *fetch) take(v value) (news bool, err error) {
	p, s := f.place, f.s
	r := s.rows.row(v, s.limits.TextBytes)
	if !s.start.IsZero() && !r.at.IsZero() && r.at.Before(s.start) {
		return false, nil
	}
	before, known := p.known[r.id]
	after, news := judge(before, known, &r, p.Reshaped)
	if news && len(f.batch.Items) > 0 && (len(f.batch.Items) >= f.limits.BatchItems || f.bytes >= f.limits.BatchBytes) {
		return false, errFull
	}
	if !known && len(p.known) >= s.cfg.MaxItems {
		return false, permanent("read list", fmt.Errorf("it has more than %d rows", s.cfg.MaxItems), "Set cursor.by to time or id, cursor.start to a later day, or raise max_items.")
	}
	if news {
		f.yield(&r, &after, !known && r.late && p.Forgot)
	}
	p.known[r.id] = after
	if !r.at.IsZero() {
		p.Walk.Max = max(p.Walk.Max, r.at.Unix())
	}
	if r.item.Err == nil && idAfter(r.order, p.Walk.MaxID) {
		p.Walk.MaxID = r.order
	}
	return news, nil
}

// yield adds the item of a row. forgotten means that an earlier version of it was probably yielded long ago.
func (f *fetch) yield(r *row, e *entry, forgotten bool) {
	p := f.place
	if forgotten {
		e.version = 2
	}
	if r.at.IsZero() {
		at := f.s.now().Truncate(time.Second)
		e.at, e.flags = uint32(at.Unix()), e.flags|flagUntimed
	}
	date(&r.item, *e)
	f.batch.Items = append(f.batch.Items, r.item)
	f.bytes += r.bytes + itemOverhead
	p.Walk.News = true
	if !p.Done {
		p.Read++
	}
}

// date gives an item its version and, if its row has none, its time.
func date(item *connectors.Item, e entry) {
	if item.Submission == nil {
		return
	}
	item.Submission.Version = int(e.version)
	if item.Received.IsZero() {
		item.Received = time.Unix(int64(e.at), 0).UTC()
		item.Submission.At = item.Received
	}
}
