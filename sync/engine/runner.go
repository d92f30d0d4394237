package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	callGrace = 2 * time.Second  // for a call to come back after its context ended
	busyLimit = 30 * time.Second // for the call before to end
)

// runner is a source in this process: its configuration, the open connection, and who uses it. Whoever
// holds the token in use has the source for himself. A call that does not come back keeps the token, so
// a source that hangs costs one goroutine and not one for each attempt.
type runner struct {
	eng *Engine
	id  string
	use chan struct{} // holds the token of whoever uses src

	src connectors.Source // nil when closed; only the holder of the token touches it

	mu         sync.Mutex
	cfg        Source
	reopen     bool               // the configuration changed since src was opened
	gone       bool               // no longer configured
	wanted     int                // calls that want or have the token: Wait makes room for them
	news       *connectors.Cursor // wait for news after this; nil when a pass is due or under way
	cancelWait context.CancelFunc // ends the Wait under way; nil if there is none
	waiting    bool               // a Wait is under way or starts again after a short call
	emptyWakes int                // news in a row that turned out to be none
	resets     int                // cursors in a row that were refused
	can        capability         // of src, as far as it was opened
	notes      []Note             // oldest first
}

func newRunner(e *Engine, cfg Source) *runner {
	return &runner{eng: e, id: cfg.ID, cfg: cfg, use: make(chan struct{}, 1)}
}

func (r *runner) config() Source {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cfg
}

// paused says that the configuration leaves the source alone for a while.
func (r *runner) paused() bool { return r.config().State == crm.SourceDisabled }

// replace takes on a new configuration; the source is opened anew at its next use.
func (r *runner) replace(cfg Source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cfg, r.reopen = cfg, true
}

// retire ends a source that is no longer configured: a pass under way stops after its batch, and nothing opens it again.
func (r *runner) retire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cfg.State, r.gone = crm.SourceDisabled, true
}

// call runs fn with the open source and nobody beside it, and gives its answer. Panics become errors. After
// any error the connection is in doubt and is closed. When ctx ends, fn has a moment to come back.
func call[T any](ctx context.Context, r *runner, op string, fn func(context.Context, connectors.Source) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	if err := r.acquire(ctx, op); err != nil {
		return none, err
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		a.err = r.eng.contain(r.id, op, func() (err error) {
			src, err := r.open(ctx)
			if err == nil {
				a.value, err = fn(ctx, src)
			}
			return solid(err)
		})
		if a.err != nil {
			r.shut()
		}
		r.release()
		done <- a
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
	}
	grace := time.NewTimer(callGrace)
	defer grace.Stop()
	select {
	case a := <-done:
		return a.value, a.err
	case <-grace.C:
		return none, fmt.Errorf("%s: %w", op, context.Cause(ctx))
	}
}

// acquire takes the token, ending a Wait that has it.
func (r *runner) acquire(ctx context.Context, op string) error {
	r.mu.Lock()
	r.wanted++
	if r.cancelWait != nil {
		r.cancelWait()
	}
	r.mu.Unlock()

	limit := time.NewTimer(busyLimit)
	defer limit.Stop()
	var err error
	select {
	case r.use <- struct{}{}:
		return nil
	case <-ctx.Done():
		err = fmt.Errorf("%s: %w", op, context.Cause(ctx))
	case <-limit.C:
		err = &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: errors.New("the call before has not ended yet")}
	}
	r.mu.Lock()
	r.wanted--
	r.mu.Unlock()
	return err
}

// release gives the token back and lets the source wait for news again.
func (r *runner) release() {
	r.mu.Lock()
	r.wanted--
	r.mu.Unlock()
	<-r.use
	r.tryWait()
}

// open gives the open source. The caller holds the token.
func (r *runner) open(ctx context.Context) (connectors.Source, error) {
	r.mu.Lock()
	cfg, reopen, gone := r.cfg, r.reopen, r.gone
	r.reopen = false
	r.mu.Unlock()
	if gone && r.src == nil {
		return nil, &connectors.Fault{Kind: connectors.Retryable, Op: "open source", Err: errors.New("the source is no longer configured")}
	}
	if reopen {
		r.shut()
	}
	if r.src != nil {
		return r.src, nil
	}
	src, err := cfg.Open(ctx)
	if err := solid(err); err != nil {
		return nil, fmt.Errorf("open source: %w", err)
	}
	if src == nil || isNil(src) {
		return nil, &connectors.Fault{Kind: connectors.Retryable, Op: "open source", Err: errors.New("got no source")}
	}
	r.src = src
	r.mu.Lock()
	r.can = capabilities(src)
	r.mu.Unlock()
	return src, nil
}

// shut closes the source. The caller holds the token. An error of Close changes nothing and is not told.
func (r *runner) shut() {
	if r.src == nil {
		return
	}
	src := r.src
	r.src = nil
	if err := r.eng.contain(r.id, "close source", src.Close); err != nil {
		r.eng.log.Debug("closing a source failed", "source", r.id, "error", err)
	}
}

// close ends a Wait and closes the source for good, or gives up when ctx ends.
func (r *runner) close(ctx context.Context) {
	r.forgetWait()
	if r.acquire(ctx, "close source") != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.shut()
		r.release()
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// capability is what a source can do beside Fetch.
type capability int

const (
	capWaiter capability = 1 << iota
	capGetter
	capCensus
)

func capabilities(src connectors.Source) (can capability) {
	if _, ok := src.(connectors.Waiter); ok {
		can |= capWaiter
	}
	if _, ok := src.(connectors.Getter); ok {
		can |= capGetter
	}
	if _, ok := src.(connectors.Census); ok {
		can |= capCensus
	}
	return can
}

// has says whether the source can do this. It is known once the source was opened.
func (r *runner) has(c capability) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.can&c != 0
}
