package engine

import (
	"slices"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Event says that something changed, for pages that are open. An event without IDs says that the state of
// the source changed.
type Event struct {
	Source     string    // id
	Activities []string  // ids written, at most 100
	People     []string  // ids of people on them, at most 100
	Accounts   []string  // ids, at most 100
	Many       bool      // there were more than the lists hold, or events before this one were lost
	Ledger     bool      // ledger rows were written
	At         time.Time // UTC
}

const (
	eventIDs    = 100
	eventBuffer = 64
)

func eventOf(c crm.Commit) Event {
	ev := Event{Source: c.Source, Ledger: len(c.Writes)+len(c.Retired)+len(c.Withdrawn) > 0, At: c.At}
	for _, w := range c.Writes {
		if w.Activity == nil {
			continue
		}
		ev.Many = !keep(&ev.Activities, w.Activity.ID) || ev.Many
		for _, p := range w.Activity.People {
			ev.Many = !keep(&ev.People, p.ID) || ev.Many
		}
		for _, id := range w.Activity.Accounts {
			ev.Many = !keep(&ev.Accounts, id) || ev.Many
		}
	}
	return ev
}

// keep adds an ID that is not in the list yet; false if there is no room.
func keep(ids *[]string, id string) bool {
	switch {
	case id == "" || slices.Contains(*ids, id):
		return true
	case len(*ids) == eventIDs:
		return false
	}
	*ids = append(*ids, id)
	return true
}

// Subscribe gives the events from now on, until stop is called, which closes the channel. A subscriber who
// is slower than the engine loses events and never holds it up; the next event it gets says Many.
func (e *Engine) Subscribe() (events <-chan Event, stop func()) {
	return e.hub.subscribe()
}

// Publish tells the subscribers of a change that was not made by reading a source.
func (e *Engine) Publish(ev Event) { e.hub.publish(ev) }

type hub struct {
	mu   sync.Mutex
	subs map[chan Event]*subscriber
}

// subscriber is where the events of one Subscribe go.
type subscriber struct{ lost bool } // events since the last one that was delivered

func (h *hub) subscribe() (<-chan Event, func()) {
	ch := make(chan Event, eventBuffer)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs == nil {
		h.subs = make(map[chan Event]*subscriber)
	}
	h.subs[ch] = &subscriber{}
	return ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.subs[ch] != nil {
			delete(h.subs, ch)
			close(ch)
		}
	}
}

func (h *hub) publish(ev Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch, sub := range h.subs {
		told := ev
		told.Many = told.Many || sub.lost
		select {
		case ch <- told:
			sub.lost = false
		default:
			sub.lost = true
		}
	}
}
