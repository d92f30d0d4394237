package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	longestSleep  = 15 * time.Second // another process may have woken a source
	shortestSleep = 250 * time.Millisecond
)

// Run declares the sources and reads them until ctx ends. Then it finishes what is being stored, ends the
// claims, closes the sources and returns nil, at the latest after Config.StopLimit; a source that does not
// come back by then is left behind. It fails only if the store cannot be used at the start. It is called once.
func (e *Engine) Run(ctx context.Context) error {
	if err := e.declare(ctx); err != nil {
		return err
	}
	e.mu.Lock()
	e.life = ctx
	e.mu.Unlock()
	if err := e.rouse(ctx); err != nil {
		return err
	}
	e.dispatch(ctx)
	e.stop()
	return nil
}

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

// dispatch gives places to sources until ctx ends.
func (e *Engine) dispatch(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		pause, err := e.fill(ctx)
		switch {
		case err == nil:
			failures = 0
		case ctx.Err() != nil:
			return
		default:
			if failures == 0 {
				e.log.Error("asking the store what is due failed", "error", err)
			}
			pause = min(time.Second<<min(failures, 5), 30*time.Second)
			failures++
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-e.queue.poke:
		}
		timer.Stop()
	}
}

// fill gives every free place to a source and says how long there is nothing to do.
func (e *Engine) fill(ctx context.Context) (time.Duration, error) {
	for e.places.take(laneLive) {
		id, ok := e.queue.takeReady(time.Now())
		if !ok {
			e.places.put(laneLive)
			break
		}
		e.launch(ctx, laneLive, id, nil)
	}
	for e.places.take(laneDue) {
		id, claim, err := e.nextSource(ctx)
		if err != nil || id == "" {
			e.places.put(laneDue)
			return e.idleFor(ctx, err)
		}
		e.launch(ctx, laneDue, id, claim)
	}
	return longestSleep, nil // whoever leaves a place says so
}

// nextSource gives what is due, else a source that wants to go on with history, yet to be claimed.
func (e *Engine) nextSource(ctx context.Context) (string, *crm.Claim, error) {
	now := time.Now().UTC()
	due, err := e.cfg.Store.NextDue(ctx)
	if err != nil {
		return "", nil, err
	}
	if !due.IsZero() && !due.After(now) {
		claim, ok, err := e.cfg.Store.Claim(ctx, now, e.cfg.Lease)
		if err != nil {
			return "", nil, err
		}
		if ok {
			return claim.Source.ID, &claim, nil
		}
	}
	id, _ := e.queue.takeHistory()
	return id, nil, nil
}

// idleFor is how long there is nothing due.
func (e *Engine) idleFor(ctx context.Context, err error) (time.Duration, error) {
	if err != nil {
		return 0, err
	}
	due, err := e.cfg.Store.NextDue(ctx)
	if err != nil {
		return 0, err
	}
	pause := longestSleep
	if !due.IsZero() {
		pause = min(pause, max(time.Until(due), shortestSleep))
	}
	if at := e.queue.nextAlarm(); !at.IsZero() {
		pause = min(pause, max(time.Until(at), 0))
	}
	return pause, nil
}

// launch reads a source on a place that was taken for it, claiming it first unless that is done.
func (e *Engine) launch(ctx context.Context, l lane, id string, claim *crm.Claim) {
	e.queue.begin(id)
	leave := func() {
		e.places.put(l)
		e.queue.end(id)
	}
	started := e.spawn(func() {
		defer leave()
		if claim == nil {
			claimed, ok, err := e.cfg.Store.ClaimSource(ctx, id, time.Now().UTC(), e.cfg.Lease)
			if err != nil && ctx.Err() == nil {
				e.log.Error("claiming a source failed", "source", id, "error", err)
				e.queue.alarm(id, time.Now().Add(shortestPause))
			}
			if err != nil || !ok {
				return
			}
			claim = &claimed
		}
		e.readClaimed(ctx, *claim, l)
	})
	if !started {
		leave()
	}
}

func (e *Engine) readClaimed(ctx context.Context, claim crm.Claim, l lane) {
	r := e.runner(claim.Source.ID)
	if r == nil { // taken out of the configuration a moment ago
		err := e.cfg.Store.Settle(ctx, crm.Settlement{Source: claim.Source.ID, Epoch: claim.Source.Epoch,
			State: crm.SourceDisabled, At: time.Now().UTC()})
		if err != nil && !errors.Is(err, crm.ErrFenced) {
			e.log.Error("writing a source's state failed", "source", claim.Source.ID, "error", err)
		}
		return
	}
	e.read(ctx, r, claim, turn{lane: l, began: time.Now()})
}

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
