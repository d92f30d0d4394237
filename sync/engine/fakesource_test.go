package engine

import (
	"context"
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

// count reads a counter of the box.
func (m *mailbox) count(n *int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return *n
}
