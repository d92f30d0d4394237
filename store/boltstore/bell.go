package boltstore

import "sync"

// bell tells those who wait that something happened. Its zero value is ready; nobody waiting, ringing costs nothing.
type bell struct {
	mu   sync.Mutex
	rung chan struct{} // nil unless somebody waits
}

// heard is closed when the bell rings next.
func (b *bell) heard() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}
