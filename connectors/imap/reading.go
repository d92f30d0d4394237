package imap

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
)

// chunkSize is how many messages share one command at most.
const chunkSize = 125

// chunk is how many messages share one command: so few that what is on its way at the end of a batch always fits
// into the next one.
func (s *source) chunk() int {
	return max(1, min(chunkSize, s.env.Limits.BatchItems/(textsAhead+structuresAhead+2)))
}

// parsers is how many goroutines turn messages into items while the server is being read.
const parsers = 2

// reading is the reading of some messages of one folder.
type reading struct {
	src      *source
	folder   string
	validity uint32
	drafts   bool       // the folder holds drafts
	budget   int64      // bytes of text that may still be taken
	ahead    int64      // bytes of text that may be asked for on behalf of the next reading
	todo     [][]uint32 // ranges not asked for yet
	after    [][]uint32 // and those of the next reading
	first    uint32     // the front of what was asked for: it is read whatever it costs, so that every reading gets on

	mu     sync.Mutex
	place  map[uint32]int    // where an item stands in items
	items  []connectors.Item // in the order asked for
	have   []bool            // by place: read, or given up
	gone   map[uint32]bool   // no longer on the server
	left   map[uint32]bool   // left for another time, for want of budget
	tries  map[uint32]int    // of single messages that gave trouble
	reads  int               // messages read
	given  int               // messages given up
	parked []uint32          // messages on which the connection was lost twice

	ready   chan []*message // complete, to be parsed
	working sync.WaitGroup
}

// read reads messages of the folder that is open, in the order given, and says for which prefix of them it
// accounts: each of these has an item or is gone. The prefix ends where the budget did, or the connection for
// good; err tells of the latter. Of beyond, the messages that are likely to be read next, some are got on their way.
func (s *source) read(ctx context.Context, folder string, uids, beyond []uint32, budget int64) (items []connectors.Item, done int, spent int64, err error) {
	if len(uids) == 0 {
		return nil, 0, 0, nil
	}
	r := s.newReading(folder, uids, budget)
	for range min(parsers, 1+len(uids)/s.chunk()) {
		r.working.Go(r.parse)
	}
	err = r.run(ctx, uids, beyond)
	close(r.ready)
	r.working.Wait()
	items = r.items[:0]
	for i, uid := range uids {
		if !r.have[i] && !r.gone[uid] {
			break
		}
		if r.have[i] {
			items = append(items, r.items[i])
		}
		done++
	}
	return items, done, max(1, budget-r.budget), err
}

func (s *source) newReading(folder string, uids []uint32, budget int64) *reading {
	r := &reading{src: s, folder: folder, validity: s.sess.validity, drafts: s.drafts(folder), budget: budget, ahead: budget / 2,
		place: make(map[uint32]int, len(uids)), items: make([]connectors.Item, len(uids)), have: make([]bool, len(uids)),
		gone: make(map[uint32]bool), left: make(map[uint32]bool), first: uids[0], tries: make(map[uint32]int), ready: make(chan []*message, 1)}
	for i, uid := range uids {
		r.place[uid] = i
	}
	return r
}

// set stores the item of a message.
func (r *reading) set(uid uint32, item connectors.Item) {
	if i, ok := r.place[uid]; ok {
		r.items[i], r.have[i] = item, true
	}
}

// open gives those of uids that are neither accounted for nor left for another time.
func (r *reading) open(uids []uint32) []uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var left []uint32
	for _, uid := range uids {
		if !r.have[r.place[uid]] && !r.gone[uid] && !r.left[uid] {
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
			r.set(m.uid, item)
			r.mu.Unlock()
		}
	}
}

// hand gives complete messages to the parsers. Their UIDs count as read from now on.
func (r *reading) hand(messages []*message) {
	r.mu.Lock()
	for _, m := range messages {
		r.set(m.uid, connectors.Item{})
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
