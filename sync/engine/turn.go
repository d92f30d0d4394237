package engine

import (
	"context"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// lane is one of the two queues for places.
type lane int

const (
	laneDue  lane = iota // what is due, and history
	laneLive             // sources that told of news
)

// turn is the place that a pass has.
type turn struct {
	lane    lane
	began   time.Time
	endless bool   // nobody else waits: the command line
	leave   func() // gives the place up before the end of the pass; nil if there is none to give up
}

// over says whether a pass that has more to read gives its place up.
func (e *Engine) over(ctx context.Context, t turn, batch connectors.Batch) bool {
	switch {
	case t.endless:
		return false
	case t.lane == laneLive && batch.Backfill:
		return true // what is left is history, which goes on in the other lane
	case time.Since(t.began) < e.cfg.Turn || !e.places.full(t.lane):
		return false
	case e.queue.pending():
		return true
	}
	due, err := e.cfg.Store.NextDue(ctx)
	return err == nil && !due.IsZero() && !due.After(time.Now())
}

// places counts the passes under way in each lane.
type places struct {
	mu    sync.Mutex
	limit int
	taken [2]int
}

func (p *places) init(limit int) { p.limit = limit }

func (p *places) take(l lane) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[l] >= p.limit {
		return false
	}
	p.taken[l]++
	return true
}

// free is how many places a lane has left.
func (p *places) free(l lane) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit - p.taken[l]
}

func (p *places) put(l lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken[l]--
}

func (p *places) full(l lane) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken[l] >= p.limit
}
