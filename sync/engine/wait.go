package engine

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// expectNews lets the source wait for what follows cur, now or as soon as nobody else uses it.
func (r *runner) expectNews(cur connectors.Cursor) {
	r.mu.Lock()
	r.news = &cur
	r.mu.Unlock()
	r.tryWait()
}

// forgetWait ends the Wait under way, if there is one, and lets none start.
func (r *runner) forgetWait() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.news, r.waiting = nil, false
	if r.cancelWait != nil {
		r.cancelWait()
	}
}

// isWaiting says whether the source will tell by itself when it has news.
func (r *runner) isWaiting() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.waiting
}

// tryWait starts a Wait unless somebody uses or wants the source. Whoever that is comes here afterwards.
func (r *runner) tryWait() {
	life := r.eng.lifetime()
	r.mu.Lock()
	defer r.mu.Unlock()
	if life == nil || life.Err() != nil || r.news == nil || r.wanted > 0 || r.reopen || r.cfg.NoWait {
		return
	}
	select {
	case r.use <- struct{}{}:
	default:
		return
	}
	waiter, ok := r.src.(connectors.Waiter)
	if !ok {
		r.news, r.waiting = nil, false
		<-r.use
		return
	}
	ctx, cancel := context.WithCancel(life)
	cur := *r.news
	r.cancelWait, r.waiting = cancel, true
	if !r.eng.spawn(func() { r.wait(ctx, waiter, cur) }) {
		cancel()
		r.cancelWait, r.waiting = nil, false
		<-r.use
	}
}

// wait blocks until there is news, the connection is lost, or somebody else wants the source.
func (r *runner) wait(ctx context.Context, waiter connectors.Waiter, cur connectors.Cursor) {
	err := r.eng.contain(r.id, "wait for news", func() error { return solid(waiter.Wait(ctx, cur)) })
	interrupted := ctx.Err() != nil

	r.mu.Lock()
	r.cancelWait()
	r.cancelWait = nil
	if err == nil || !interrupted {
		r.news, r.waiting = nil, false
	}
	if err == nil {
		r.emptyWakes++
	}
	pause := calm(r.emptyWakes)
	cfg := r.cfg
	r.mu.Unlock()

	if err != nil && !interrupted {
		r.eng.log.Info("a source stopped telling of news and is polled instead", "source", r.id, "error", err)
		r.shut()
	}
	<-r.use
	now := time.Now()
	switch {
	case err == nil && pause == 0:
		r.eng.queue.push(r.id)
	case err == nil:
		r.eng.queue.alarm(r.id, now.Add(pause))
	case !interrupted:
		r.eng.queue.alarm(r.id, cfg.Schedule.Next(now, r.id))
	default:
		r.tryWait()
	}
}

// calm is how long to leave a source alone that told of news n times in a row without having any.
func calm(n int) time.Duration {
	const trusted = 4
	if n <= trusted {
		return 0
	}
	return min(time.Second<<min(n-trusted-1, 10), time.Minute)
}
