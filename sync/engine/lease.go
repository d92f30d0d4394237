package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// hold renews the lease of a claim until the returned function is called. The context ends with
// crm.ErrFenced as its cause when somebody else has claimed the source.
func (e *Engine) hold(ctx context.Context, claim crm.Claim) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		tick := time.NewTicker(e.cfg.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				err := e.cfg.Store.Renew(ctx, claim.Source.ID, claim.Source.Epoch, now.Add(e.cfg.Lease).UTC())
				if errors.Is(err, crm.ErrFenced) {
					cancel(crm.ErrFenced)
				}
			}
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-renewed
	}
}

// limited is call with a limit of time.
func limited[T any](ctx context.Context, limit time.Duration, r *runner, op string, fn func(context.Context, connectors.Source) (T, error)) (T, error) {
	slow := &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: fmt.Errorf("it took longer than %v", limit)}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, slow)
	defer cancel()
	return call(ctx, r, op, fn)
}

// outlast gives a context that goes on for d after ctx has ended, for the last write.
func outlast(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		last := time.AfterFunc(d, cancel)
		context.AfterFunc(longer, func() { last.Stop() })
	})
	return longer, func() {
		stop()
		cancel()
	}
}
