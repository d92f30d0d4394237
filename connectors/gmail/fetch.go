package gmail

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// How much of history a Fetch reads, so that news never waits long.
const (
	chunkSize  = 100
	chunkTime  = 20 * time.Second
	countPages = 20 // of a list, for the progress; a mailbox that has more is not counted
)

// widened is how much earlier since must have become to be noticed: a number of days moves it by itself.
const widened = 2 * dayLength

// pass is one Fetch under way.
type pass struct {
	*source

	pos   position
	batch connectors.Batch
	room  int   // items that still fit
	bytes int64 // bytes that still fit
	moved bool  // pos is not what the cursor says
	rest  bool  // there is news that did not fit
}

// Fetch reads what is new, then a chunk of history. What was read before a failure is returned; the failure shows in the next
// Fetch.
func (s *source) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	p := &pass{source: s, room: s.env.Limits.BatchItems, bytes: s.env.Limits.BatchBytes}
	err := p.start(ctx, cur)
	if err != nil {
		return connectors.Batch{}, err
	}
	err = p.run(ctx)
	if err != nil && (len(p.batch.Items) == 0 || ctx.Err() != nil) {
		return connectors.Batch{}, err
	}
	return p.finish(cur, err != nil)
}

// start reads the cursor or begins a mailbox: the history id is taken before anything is listed.
func (p *pass) start(ctx context.Context, cur connectors.Cursor) error {
	since, err := p.since()
	if err != nil {
		return err
	}
	if cur != "" {
		if p.pos, err = decode(cur); err != nil {
			return err
		}
		p.widen(since)
		return nil
	}
	now := p.now().Unix()
	profile, err := p.profile(ctx)
	if err != nil {
		return err
	}
	p.moved = true
	p.pos = position{Version: cursorVersion, History: profile.HistoryId, Good: now, Since: seconds(since)}
	p.pos.Spans = []span{{From: p.pos.Since}}
	p.pos.Total, err = p.count(ctx)
	return err
}

// seconds are Unix seconds, 0 for the zero time.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(t.Unix(), 1)
}

// widen reads more of history if since was set to an earlier time.
func (p *pass) widen(since time.Time) {
	from := seconds(since)
	if p.pos.Since == 0 || from != 0 && from > p.pos.Since-widened {
		return
	}
	p.pos.Spans = append(p.pos.Spans, span{From: from, To: p.pos.Since})
	p.pos.Since, p.pos.Total, p.moved = from, 0, true
	p.batch.Notes = append(p.batch.Notes, "earlier mail is read too: since was changed")
}

// count says how many messages history has; 0 if they are too many to be counted.
func (p *pass) count(ctx context.Context) (int64, error) {
	n, left := 0, countPages
	for _, query := range p.settings.queries(p.pos.Since, 0) {
		err := p.pages(ctx, query, nil, true, func(ids []string) (bool, error) {
			n += len(ids)
			left--
			return left > 0, nil
		})
		if err != nil {
			return 0, err
		}
	}
	if left <= 0 || len(p.settings.KnownDomains) > domainsAtOnce || len(p.settings.Labels.Include) > 0 {
		return 0, nil
	}
	return int64(n), nil
}

func (p *pass) run(ctx context.Context) error {
	if err := p.open(ctx); err != nil {
		return err
	}
	if err := p.news(ctx); err != nil {
		return err
	}
	if p.rest || len(p.pos.Spans) == 0 {
		return nil
	}
	return p.history(ctx)
}

// take puts what was read into the batch, if it belongs to the source.
func (p *pass) take(read []got, belongs func(*got) bool) {
	for i := range read {
		g := &read[i]
		p.bytes -= g.size()
		if g.gone || g.poison == nil && !belongs(g) {
			continue
		}
		p.room--
		p.batch.Items = append(p.batch.Items, g.item)
	}
}

// finish completes the batch.
func (p *pass) finish(cur connectors.Cursor, failed bool) (connectors.Batch, error) {
	b := &p.batch
	b.Backfill = len(p.pos.Spans) > 0
	b.More = failed || p.rest || b.Backfill
	b.Progress = crm.Progress{Done: p.pos.Done, Total: p.pos.Total}
	if b.Progress.Total != 0 || !b.Backfill {
		b.Progress.Total = max(b.Progress.Total, b.Progress.Done)
	}
	b.Next = cur
	if !p.moved {
		return *b, nil
	}
	next, err := p.pos.encode()
	if err != nil {
		return connectors.Batch{}, err
	}
	b.Next = next
	return *b, nil
}
