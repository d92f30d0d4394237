package gmail

import (
	"context"
	"fmt"
	"slices"
)

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
