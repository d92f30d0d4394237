package engine

import (
	"context"
	"errors"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const lastWrite = 4 * time.Second // for a write under way when the daemon stops

// read is a pass with its verdict carried out.
func (e *Engine) read(ctx context.Context, r *runner, claim crm.Claim, t turn) (ending, verdict) {
	r.forgetWait()
	end := e.pass(ctx, r, claim, t)
	c := e.circumstances(r, claim, ctx.Err() != nil)
	if e.lifetime() == nil {
		c.waits = false
	}
	v := judge(end, c)
	if v.quiet && t.leave != nil {
		t.leave()
		e.quiet.cross(ctx)
	}
	e.carryOut(ctx, r, end, v)
	return end, v
}

// carryOut settles the claim and does what else the verdict says.
func (e *Engine) carryOut(ctx context.Context, r *runner, end ending, v verdict) {
	if v.silent {
		e.log.Debug("a source was claimed by somebody else", "source", r.id)
		return
	}
	r.count(end, v)
	if end.err != nil && ctx.Err() == nil {
		e.log.Log(ctx, v.level, "reading a source failed", "source", r.id, "error", end.err,
			"state", string(v.settle.State), "hint", v.settle.Hint, "next", v.settle.Due)
	}
	ctx, cancel := outlast(ctx, lastWrite)
	defer cancel()
	if v.reset {
		r.note("The place up to which it was read is no longer known; it is read again from the start.")
		if err := e.cfg.Store.ResetCursor(ctx, r.id); err != nil {
			e.log.Error("forgetting a cursor failed", "source", r.id, "error", err)
		}
	}
	if err := e.cfg.Store.Settle(ctx, v.settle); err != nil && !errors.Is(err, crm.ErrFenced) {
		e.log.Error("writing a source's state failed", "source", r.id, "error", err)
		e.queue.alarm(r.id, time.Now().Add(e.cfg.Lease))
		return
	}
	e.hub.publish(Event{Source: r.id, At: v.settle.At})
	switch v.next {
	case nextAtOnce:
		e.queue.push(r.id)
	case nextHistory:
		e.queue.postpone(r.id)
	case nextNews:
		r.expectNews(end.cursor)
	}
}

// count keeps what the next verdict needs to know of this one.
func (r *runner) count(end ending, v verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if end.items > 0 {
		r.emptyWakes = 0
	}
	switch {
	case v.reset:
		r.resets++
	case end.moved || end.err == nil:
		r.resets = 0
	}
}
