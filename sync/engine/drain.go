package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Drain reads the named sources, or all if ids is nil, until nothing more is pending, whether they are due
// or paused. With full it forgets the cursors first. After each pass and each stored batch it reports the
// source as it stands; report may be nil and is never called twice at a time. Drain returns nil also when
// sources failed: their states say so. It fails if the store does, or an ID is unknown.
func (e *Engine) Drain(ctx context.Context, ids []string, full bool, report func(crm.Source)) error {
	if err := e.declare(ctx); err != nil {
		return err
	}
	runners, err := e.named(ids)
	if err != nil {
		return err
	}
	stopReports := e.reporting(ctx, runners, report)
	defer stopReports()

	var group sync.WaitGroup
	places := make(chan struct{}, e.cfg.Workers)
	failures := make([]error, len(runners))
	for i, r := range runners {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			if failures[i] = e.drainOne(ctx, r, full); failures[i] != nil {
				failures[i] = fmt.Errorf("source %s: %w", r.id, failures[i])
			}
		})
	}
	group.Wait()
	return errors.Join(failures...)
}

// named finds the runners of these IDs, ordered by ID; all if ids is nil.
func (e *Engine) named(ids []string) ([]*runner, error) {
	runners := e.all()
	if ids != nil {
		runners = nil
		for _, id := range ids {
			r := e.runner(id)
			if r == nil {
				return nil, fmt.Errorf("source %s: %w", id, crm.ErrNotFound)
			}
			runners = append(runners, r)
		}
	}
	slices.SortFunc(runners, func(a, b *runner) int {
		if a.id < b.id {
			return -1
		}
		return 1
	})
	return runners, nil
}

// drainOne reads one source to the end. A failure ends it unless something was read before it, as when a
// connection is cut now and then; so does a source that says it has more and yields nothing.
func (e *Engine) drainOne(ctx context.Context, r *runner, full bool) error {
	if full {
		if err := e.cfg.Store.ResetCursor(ctx, r.id); err != nil {
			return fmt.Errorf("forget cursor: %w", err)
		}
	}
	for ctx.Err() == nil {
		claim, err := e.claimPatiently(ctx, r.id)
		if err != nil {
			return err
		}
		end, v := e.read(ctx, r, claim, turn{endless: true, began: time.Now()})
		switch {
		case v.next == nextAtOnce:
		case end.err != nil && !retryAtOnce(end):
			return nil
		case end.err == nil && !(end.moved && (end.pending || end.backfill)):
			return nil
		}
	}
	return ctx.Err()
}

func retryAtOnce(end ending) bool {
	fault := connectors.Classify(end.err)
	return end.moved && fault.Kind == connectors.Retryable && fault.After == 0 && !errors.Is(end.err, crm.ErrFull)
}

// claimPatiently claims a source, waiting for the lease of somebody else to end.
func (e *Engine) claimPatiently(ctx context.Context, id string) (crm.Claim, error) {
	pause := 20 * time.Millisecond
	for {
		claim, ok, err := e.cfg.Store.ClaimSource(ctx, id, time.Now().UTC(), e.cfg.Lease)
		if err != nil {
			return crm.Claim{}, fmt.Errorf("claim: %w", err)
		}
		if ok {
			return claim, nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return crm.Claim{}, ctx.Err()
		}
		pause = min(2*pause, time.Second)
	}
}

// reporting reports every source that something happened to, until the returned function is called.
func (e *Engine) reporting(ctx context.Context, runners []*runner, report func(crm.Source)) func() {
	if report == nil {
		return func() {}
	}
	events, stop := e.Subscribe()
	var group sync.WaitGroup
	group.Go(func() {
		for ev := range events {
			if s, err := e.cfg.Store.GetSource(ctx, ev.Source); err == nil {
				report(s)
			}
		}
		for _, r := range runners { // a slow reporter lost events; the last word is said for each
			if s, err := e.cfg.Store.GetSource(ctx, r.id); err == nil {
				report(s)
			}
		}
	})
	return func() {
		stop()
		group.Wait()
	}
}
