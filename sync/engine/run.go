package engine

import (
	"context"
	"errors"
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
	claims, err := e.claimDue(ctx, e.places.free(laneDue))
	if err != nil {
		return e.idleFor(ctx, err)
	}
	for e.places.take(laneDue) {
		if len(claims) > 0 {
			e.launch(ctx, laneDue, claims[0].Source.ID, &claims[0])
			claims = claims[1:]
			continue
		}
		id, ok := e.queue.takeHistory()
		if !ok {
			e.places.put(laneDue)
			return e.idleFor(ctx, nil)
		}
		e.launch(ctx, laneDue, id, nil)
	}
	return longestSleep, nil // whoever leaves a place says so
}

// claimDue claims what is due for so many places, in one write. Only the dispatcher takes places of this lane.
func (e *Engine) claimDue(ctx context.Context, places int) ([]crm.Claim, error) {
	if places == 0 {
		return nil, nil
	}
	now := time.Now().UTC()
	due, err := e.cfg.Store.NextDue(ctx)
	if err != nil || due.IsZero() || due.After(now) {
		return nil, err
	}
	return e.cfg.Store.ClaimDue(ctx, now, e.cfg.Lease, places)
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
	leavePlace := sync.OnceFunc(func() {
		e.places.put(l)
		e.queue.nudge()
	})
	leave := func() {
		leavePlace()
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
		e.readClaimed(ctx, *claim, turn{lane: l, began: time.Now(), leave: leavePlace})
	})
	if !started {
		leave()
	}
}

func (e *Engine) readClaimed(ctx context.Context, claim crm.Claim, t turn) {
	r := e.runner(claim.Source.ID)
	if r == nil { // taken out of the configuration a moment ago
		ctx, cancel := outlast(ctx, lastWrite)
		defer cancel()
		err := e.cfg.Store.Settle(ctx, crm.Settlement{Source: claim.Source.ID, Epoch: claim.Source.Epoch,
			State: crm.SourceDisabled, At: time.Now().UTC()})
		if err != nil && !errors.Is(err, crm.ErrFenced) {
			e.log.Error("writing a source's state failed", "source", claim.Source.ID, "error", err)
		}
		return
	}
	e.read(ctx, r, claim, t)
}
