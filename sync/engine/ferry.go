package engine

import (
	"context"
	"sync"
	"time"
)

// ferryPause is how long the first one waits for others.
const ferryPause = 200 * time.Millisecond

// ferry lets those wait for each other who have nothing to tell but that a poll found nothing, so that the store writes
// them down together. A write that is made durable costs many times what a poll costs. The claims hold meanwhile,
// and nobody keeps a place while he waits. Its zero value is ready.
type ferry struct {
	mu      sync.Mutex
	leaving chan struct{} // closed when those who wait go on; nil when nobody waits
}

// cross returns when the others go on, or when ctx ends.
func (f *ferry) cross(ctx context.Context) {
	f.mu.Lock()
	leaving := f.leaving
	if leaving == nil {
		leaving = make(chan struct{})
		f.leaving = leaving
		time.AfterFunc(ferryPause, f.depart)
	}
	f.mu.Unlock()
	select {
	case <-leaving:
	case <-ctx.Done():
	}
}

func (f *ferry) depart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.leaving)
	f.leaving = nil
}
