package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

type connection struct {
	*mailbox
	closed bool
}

// silentConnection hides Wait.
type silentConnection struct{ c *connection }

func (s *silentConnection) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	return s.c.Fetch(ctx, cur)
}
func (s *silentConnection) Close() error { return s.c.Close() }
func (s *silentConnection) Get(ctx context.Context, ids []string) ([]connectors.Item, error) {
	return s.c.Get(ctx, ids)
}

func (c *connection) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.using++; c.using > 1 || c.closed {
		c.overlap = true
	}
}

func (c *connection) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.using--
}

func (c *connection) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	c.begin()
	defer c.end()
	c.mu.Lock()
	c.fetches++
	n, on := c.fetches, c.onFetch
	c.mu.Unlock()
	if on != nil {
		if err := on(ctx, n, cur); err != nil {
			return connectors.Batch{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return connectors.Batch{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := cursor{len(c.mails), len(c.mails)}
	if cur != "" {
		if err := json.Unmarshal([]byte(cur), &at); err != nil {
			return connectors.Batch{}, &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read cursor", Err: err}
		}
	}
	var batch connectors.Batch
	for ; at.High < len(c.mails) && len(batch.Items) < c.page; at.High++ {
		batch.Items = append(batch.Items, c.item(at.High)...)
	}
	for n := 0; at.Low > 0 && n < c.page; n++ {
		at.Low--
		batch.Items = append(batch.Items, c.item(at.Low)...)
	}
	next, _ := json.Marshal(at)
	batch.Next = connectors.Cursor(next)
	batch.Backfill = at.Low > 0
	batch.More = batch.Backfill || at.High < len(c.mails)
	batch.Progress = crm.Progress{Done: int64(at.High - at.Low), Total: int64(len(c.mails))}
	return batch, nil
}

func (c *connection) item(n int) []connectors.Item {
	switch {
	case c.gone[n]:
		return nil
	case c.poison[n]:
		return []connectors.Item{{ExternalID: mailID(n), Received: c.mails[n].Received, Err: errors.New("broken bytes")}}
	default:
		return []connectors.Item{c.mails[n]}
	}
}

func (c *connection) Get(ctx context.Context, ids []string) (items []connectors.Item, err error) {
	c.begin()
	defer c.end()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		var n int
		if _, err := fmt.Sscanf(id, "INBOX;UID=%d", &n); err != nil || n >= len(c.mails) {
			continue
		}
		if c.deadly[n] {
			return nil, errors.New("connection reset")
		}
		items = append(items, c.item(n)...)
	}
	return items, ctx.Err()
}

func (c *connection) Wait(ctx context.Context, cur connectors.Cursor) error {
	c.begin()
	defer c.end()
	c.mu.Lock()
	news, on := c.news, c.onWait
	var at cursor
	json.Unmarshal([]byte(cur), &at)
	pending := at.High < len(c.mails)
	c.mu.Unlock()
	if on != nil {
		return on(ctx)
	}
	if pending {
		return nil
	}
	select {
	case <-news:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *connection) Census(_ context.Context, yield func([]string) error) error {
	c.begin()
	defer c.end()
	c.mu.Lock()
	var ids []string
	for n := range c.mails {
		if !c.gone[n] {
			ids = append(ids, mailID(n))
		}
	}
	c.mu.Unlock()
	return yield(ids)
}

func (c *connection) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closes++
	c.closed = true
	return nil
}
