package engine

import (
	"context"
	"sync"
	"time"
)

// spawn starts a goroutine that Run waits for; false if Run is not running or is about to return.
func (e *Engine) spawn(fn func()) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.life == nil {
		return false
	}
	e.group.Go(fn)
	return true
}

// lifetime is the context of Run; nil when it is not running.
func (e *Engine) lifetime() context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.life
}

// stop waits for what is under way, and closes the sources.
func (e *Engine) stop() {
	e.mu.Lock()
	e.life = nil
	e.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), e.cfg.StopLimit)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		e.group.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		e.log.Warn("stopped without waiting for every source")
	}
	e.closeAll(ctx)
}

// closeAll closes every source, many at a time, because each may say goodbye over a network.
func (e *Engine) closeAll(ctx context.Context) {
	const atATime = 64
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var group sync.WaitGroup
	turns := make(chan struct{}, atATime)
	for _, r := range e.all() {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			r.close(ctx)
		})
	}
	group.Wait()
}

// Close closes the sources that Drain, Reread and Census have opened. Run does it by itself.
func (e *Engine) Close() { e.closeAll(context.Background()) }
