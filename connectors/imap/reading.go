package imap

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
)

// chunkSize is how many messages share one command.
const chunkSize = 125

// parsers is how many goroutines turn messages into items while the server is being read.
const parsers = 2

// reading is the reading of some messages of one folder.
type reading struct {
	src      *source
	folder   string
	validity uint32
	drafts   bool   // the folder holds drafts
	budget   int64  // bytes of text that may still be taken
	full     bool   // the budget is used up
	first    uint32 // the front of what was asked for: it is read whatever it costs, so that every reading gets on

	mu      sync.Mutex
	waiting map[uint32]*message // asked for, being filled
	items   map[uint32]connectors.Item
	gone    map[uint32]bool // no longer on the server
	left    map[uint32]bool // left for another time, for want of budget
	tries   map[uint32]int  // of single messages that gave trouble
	reads   int             // messages read
	given   int             // messages given up
	parked  []uint32        // messages on which the connection was lost twice

	ready   chan []*message // complete, to be parsed
	working sync.WaitGroup
}

// read reads messages of the folder that is open, in the order given, and says for which prefix of them it
// accounts: each of these has an item or is gone. The prefix ends where the budget did, or the
// connection for good; err tells of the latter.
func (s *source) read(ctx context.Context, folder string, uids []uint32, budget int64) (items []connectors.Item, done int, spent int64, err error) {
	if len(uids) == 0 {
		return nil, 0, 0, nil
	}
	r := &reading{src: s, folder: folder, validity: s.sess.validity, drafts: s.drafts(folder), budget: budget,
		waiting: make(map[uint32]*message), items: make(map[uint32]connectors.Item, len(uids)),
		gone: make(map[uint32]bool), left: make(map[uint32]bool), first: uids[0], tries: make(map[uint32]int), ready: make(chan []*message, 1)}
	for range min(parsers, 1+len(uids)/chunkSize) {
		r.working.Go(r.parse)
	}
	err = r.run(ctx, uids)
	close(r.ready)
	r.working.Wait()
	for _, uid := range uids {
		item, ok := r.items[uid]
		if !ok && !r.gone[uid] {
			break
		}
		if ok {
			items = append(items, item)
		}
		done++
	}
	return items, done, max(1, budget-r.budget), err
}

// receive takes a FETCH answer in. It runs on the reading goroutine of the connection.
func (r *reading) receive(f fetched) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.waiting[f.uid]
	if m == nil && f.uid == 0 && len(r.waiting) == 1 && !f.onlyFlags {
		for _, only := range r.waiting { // a server that forgets to repeat the UID
			m = only
		}
	}
	if m != nil {
		m.merge(f)
	}
}

// expect makes room for answers about uids.
func (r *reading) expect(uids []uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, uid := range uids {
		r.waiting[uid] = &message{uid: uid}
	}
}

// take ends the waiting for uids and gives what has come of them, in order.
func (r *reading) take(uids []uint32) []*message {
	r.mu.Lock()
	defer r.mu.Unlock()
	messages := make([]*message, 0, len(uids))
	for _, uid := range uids {
		if m := r.waiting[uid]; m != nil {
			messages = append(messages, m)
			delete(r.waiting, uid)
		}
	}
	return messages
}

// open gives those of uids that are neither accounted for nor left for another time.
func (r *reading) open(uids []uint32) []uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var left []uint32
	for _, uid := range uids {
		if _, ok := r.items[uid]; !ok && !r.gone[uid] && !r.left[uid] {
			left = append(left, uid)
		}
	}
	return left
}

// parse turns complete messages into items.
func (r *reading) parse() {
	for messages := range r.ready {
		for _, m := range messages {
			item := r.item(m)
			r.mu.Lock()
			r.items[m.uid] = item
			r.mu.Unlock()
		}
	}
}

// hand gives complete messages to the parsers. Their UIDs count as read from now on.
func (r *reading) hand(messages []*message) {
	r.mu.Lock()
	for _, m := range messages {
		r.items[m.uid] = connectors.Item{}
	}
	r.reads += len(messages)
	r.mu.Unlock()
	r.ready <- messages
}

// item makes the item of a message. A mistake of ours costs only that message.
func (r *reading) item(m *message) (item connectors.Item) {
	env := mimeitem.Envelope{ExternalID: externalID(r.folder, r.validity, m.uid), Folder: r.folder,
		Received: m.date.UTC(), Size: m.size, Draft: m.draft || r.drafts}
	defer func() {
		if p := recover(); p != nil {
			item = r.failed(m.uid, fmt.Errorf("read message: %v", p))
		}
	}()
	if m.date.IsZero() {
		env.Received = m.date
	}
	limit := r.src.env.Limits.TextBytes
	if m.raw != nil {
		return mimeitem.FromRaw(env, m.raw.data, limit)
	}
	bodies := make([]mimeitem.Body, 0, len(m.bodies))
	for _, b := range m.bodies {
		bodies = append(bodies, mimeitem.Body{Path: b.path, Data: b.data, Cut: b.cut})
	}
	return mimeitem.FromParts(env, m.header.data, m.structure, bodies, limit)
}

// failed is the item of a message that cannot be read.
func (r *reading) failed(uid uint32, err error) connectors.Item {
	return connectors.Item{ExternalID: externalID(r.folder, r.validity, uid), Kind: emailKind, Folder: r.folder, Err: err}
}

// errUnreadable is why a message could not be had at all.
var errUnreadable = errors.New("the server gives neither the parts nor the raw bytes of this message")
