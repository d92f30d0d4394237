package main

import (
	"context"

	"github.com/tsunagu-crm/tsunagu/sync/engine"
	"github.com/tsunagu-crm/tsunagu/web"
)

// webEngine is the engine as the web app wants it.
type webEngine struct{ engine *engine.Engine }

// Wake makes a source due now.
func (w webEngine) Wake(ctx context.Context, source string) error { return w.engine.Wake(ctx, source) }

// Notes gives a source's notes, newest first.
func (w webEngine) Notes(source string) []web.Note {
	kept := w.engine.Notes(source)
	notes := make([]web.Note, len(kept))
	for i, n := range kept {
		notes[i] = web.Note(n)
	}
	return notes
}

// Subscribe passes the engine's events on. The channel is closed after cancel.
func (w webEngine) Subscribe() (<-chan web.Event, func()) {
	from, stop := w.engine.Subscribe()
	to := make(chan web.Event)
	done := make(chan struct{})
	go func() {
		defer close(to)
		for ev := range from {
			select {
			case to <- web.Event(ev):
			case <-done:
			}
		}
	}()
	cancelled := false
	return to, func() {
		if cancelled {
			return
		}
		cancelled = true
		close(done)
		stop()
	}
}
