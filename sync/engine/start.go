package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// declare tells the store which sources there are.
func (e *Engine) declare(ctx context.Context) error {
	var sources []crm.Source
	for _, r := range e.all() {
		sources = append(sources, r.config().Source)
	}
	if err := e.cfg.Store.DeclareSources(ctx, sources, time.Now().UTC()); err != nil {
		return fmt.Errorf("declare sources: %w", err)
	}
	e.mu.Lock()
	first := !e.freed
	e.freed = true
	e.mu.Unlock()
	if first && !e.cfg.Shared {
		return e.freeClaims(ctx)
	}
	return nil
}

// freeClaims ends the claims that a process before this one left behind when it was killed.
func (e *Engine) freeClaims(ctx context.Context) error {
	stored, err := e.cfg.Store.ListSources(ctx)
	if err != nil {
		return fmt.Errorf("list sources: %w", err)
	}
	for _, s := range stored {
		if s.LeaseUntil.IsZero() {
			continue
		}
		now := time.Now().UTC()
		due := now
		if s.State == crm.SourceDisabled {
			due = time.Time{}
		}
		err := e.cfg.Store.Settle(ctx, crm.Settlement{Source: s.ID, Epoch: s.Epoch, State: s.State, Due: due, Error: s.Error, Hint: s.Hint, At: now})
		if err != nil && !errors.Is(err, crm.ErrFenced) {
			return fmt.Errorf("end the claim of %s: %w", s.ID, err)
		}
	}
	return nil
}

// rouse sees to it that sources that were not polled because they waited for news, in a process before this
// one, are read as their schedule says, and wait again.
func (e *Engine) rouse(ctx context.Context) error {
	stored, err := e.cfg.Store.ListSources(ctx)
	if err != nil {
		return fmt.Errorf("list sources: %w", err)
	}
	now := time.Now()
	for _, s := range stored {
		r := e.runner(s.ID)
		if r == nil || (s.State != crm.SourceOK && s.State != crm.SourceBackfilling) {
			continue
		}
		if at := r.config().Schedule.Next(now, s.ID); !at.IsZero() && (s.Due.IsZero() || s.Due.After(at)) {
			e.queue.alarm(s.ID, at)
		}
	}
	return nil
}
