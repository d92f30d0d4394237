package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// mailbox is a server with one mailbox. It behaves: it pages, newest first; and misbehaves on cue.
type mailbox struct {
	page   int
	silent bool // is no Waiter

	mu      sync.Mutex
	mails   []connectors.Item
	gone    map[int]bool
	poison  map[int]bool // cannot be read
	deadly  map[int]bool // Get of it loses the connection
	fetches int
	opens   int
	closes  int
	using   int // calls under way
	overlap bool
	news    chan struct{}
	onFetch func(ctx context.Context, n int, cur connectors.Cursor) error // before the n-th fetch, from 1
	onWait  func(ctx context.Context) error
}

func newMailbox(mails, page int) *mailbox {
	m := &mailbox{page: page, gone: map[int]bool{}, poison: map[int]bool{}, deadly: map[int]bool{}, news: make(chan struct{})}
	for range mails {
		m.add("known@client.example")
	}
	return m
}

func mailID(n int) string { return fmt.Sprintf("INBOX;UID=%d", n) }

// deliver adds a mail and tells those who wait.
func (m *mailbox) deliver(from string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(from)
	close(m.news)
	m.news = make(chan struct{})
}

func (m *mailbox) add(from string) {
	n := len(m.mails)
	id := fmt.Sprintf("%d.%p@client.example", n, m)
	at := time.Date(2026, 11, 1, 0, 0, n, 0, time.UTC)
	m.mails = append(m.mails, connectors.Item{
		ExternalID: mailID(n), Key: crm.MessageKey(id, crm.MessageIdentity{}), Kind: crm.KindEmail, Folder: "INBOX", Received: at, Size: 100,
		Message: &connectors.Message{MessageID: id, Date: at, From: []crm.Mailbox{{Address: from}},
			To: []crm.Mailbox{{Address: "sato@ours.example"}}, Subject: fmt.Sprint("Mail ", n), Text: "Hello", Class: crm.ClassPersonal},
	})
}

// cursor says that mails [Low, High) were read.
type cursor struct{ Low, High int }

func (m *mailbox) open(context.Context) (connectors.Source, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opens++
	c := &connection{mailbox: m}
	if m.silent {
		return &silentConnection{c}, nil
	}
	return c, nil
}

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

func (c *connection) Census(ctx context.Context, yield func([]string) error) error {
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

// count reads a counter of the box.
func (m *mailbox) count(n *int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return *n
}
