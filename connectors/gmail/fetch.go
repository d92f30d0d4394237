package gmail

import (
	"context"
	"fmt"
	"slices"
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

// history reads some of the first span.
func (p *pass) history(ctx context.Context) error {
	if err := p.knowLabels(ctx, true); err != nil {
		return err
	}
	until, left := p.now().Add(chunkTime), chunkSize
	for left > 0 && p.room > 0 && p.bytes > 0 && len(p.pos.Spans) > 0 && !p.now().After(until) {
		sp := &p.pos.Spans[0]
		ids, err := p.windowIDs(ctx, sp)
		if err != nil {
			return err
		}
		p.moved = true
		todo := unread(ids, sp.Read)
		if len(todo) == 0 {
			p.window = nil
			if sp.close(len(ids)) {
				p.pos.Spans = slices.Delete(p.pos.Spans, 0, 1)
				p.ended()
			}
			continue
		}
		todo = todo[:min(len(todo), left, p.room)]
		read, err := p.readMany(ctx, order{ids: todo, history: true, room: p.bytes, until: until})
		p.take(read, func(g *got) bool { return sp.holds(g.at) && p.labels.chosen(g.labels) })
		sp.Read = append(sp.Read, todo[:len(read)]...)
		p.pos.Done += int64(len(read))
		left -= len(read)
		if err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		if len(read) < len(todo) {
			return nil
		}
	}
	return nil
}

// ended tidies up when all of history was read.
func (p *pass) ended() {
	if len(p.pos.Spans) == 0 {
		p.pos.Spans, p.pos.Total = nil, p.pos.Done
	}
}

// unread gives the ids that are not among those read, in their order.
func unread(ids, read []string) []string {
	if len(read) == 0 {
		return ids
	}
	done := make(map[string]bool, len(read))
	for _, id := range read {
		done[id] = true
	}
	var out []string
	for _, id := range ids {
		if !done[id] {
			out = append(out, id)
		}
	}
	return out
}

// listing is what a window has.
type listing struct {
	begin, to int64
	ids       []string
}

// windowIDs lists the window under way, and makes it shorter while it has too many messages.
func (p *pass) windowIDs(ctx context.Context, sp *span) ([]string, error) {
	now := p.now().Unix()
	for {
		sp.open(now)
		if w := p.window; w != nil && w.begin == sp.Begin && w.to == sp.To {
			return w.ids, nil
		}
		most := windowMost
		if len(sp.Read) > 0 || sp.Length <= leastLength {
			most = 0
		}
		ids, all, err := p.find(ctx, sp.Begin, sp.To, most, true)
		if err != nil {
			return nil, err
		}
		if !all && sp.shorten(now) {
			continue
		}
		if !all {
			sp.Length = leastLength
			continue
		}
		p.window = &listing{begin: sp.Begin, to: sp.To, ids: ids}
		return ids, nil
	}
}
