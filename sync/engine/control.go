package engine

import (
	"context"
	"fmt"
	"time"
)

// Wake reads a source now, also one that is paused. It returns before the source is read.
// crm.ErrNotFound if there is none with this ID.
func (e *Engine) Wake(ctx context.Context, id string) error {
	if err := e.cfg.Store.Wake(ctx, id, time.Now().UTC()); err != nil {
		return fmt.Errorf("wake source %s: %w", id, err)
	}
	e.queue.push(id)
	return nil
}

// Replace takes on the sources of a new configuration. Passes under way end as they began; every source is
// opened anew at its next use. Sources that are missing are closed, and their rows stay.
func (e *Engine) Replace(sources []Source) {
	gone := e.swap(sources)
	ctx := e.lifetime()
	if ctx == nil {
		ctx = context.Background()
	}
	for _, r := range gone {
		limited, cancel := context.WithTimeout(ctx, callGrace)
		r.close(limited)
		cancel()
	}
	if err := e.declare(ctx); err != nil {
		e.log.Error("taking on the sources of a new configuration failed", "error", err)
		return
	}
	if err := e.rouse(ctx); err != nil {
		e.log.Error("taking on the sources of a new configuration failed", "error", err)
	}
	e.queue.nudge()
}

// swap exchanges the runners and gives those that are no longer needed.
func (e *Engine) swap(sources []Source) (gone []*runner) {
	e.mu.Lock()
	runners := make(map[string]*runner, len(sources))
	var kept []*runner
	var configs []Source
	for _, s := range sources {
		if r := e.runners[s.ID]; r != nil {
			kept, configs = append(kept, r), append(configs, s)
			runners[s.ID] = r
			delete(e.runners, s.ID)
		} else {
			runners[s.ID] = newRunner(e, s)
		}
	}
	for _, r := range e.runners {
		r.retire()
		gone = append(gone, r)
	}
	e.runners = runners
	e.mu.Unlock()
	for i, r := range kept {
		r.replace(configs[i])
		r.forgetWait()
	}
	return gone
}

// Sources gives the sources of the configuration, in no particular order.
func (e *Engine) Sources() []Source {
	var sources []Source
	for _, r := range e.all() {
		sources = append(sources, r.config())
	}
	return sources
}
