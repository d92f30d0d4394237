package quota

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// sweepEvery is how often a call looks for limits that can be forgotten.
const sweepEvery = 10 * time.Minute

// Keeper keeps limits. B is the caller's own type for a limit: in no stretch of time of length Per more than
// Units; whoever names the same Name means the same units. A limit with no Units or no Per holds nobody back. With
// B = connectors.Budget a Keeper is a connectors.Budgets. It is safe for concurrent use.
type Keeper[B ~struct {
	Name  string
	Units int
	Per   time.Duration
}] struct {
	start time.Time

	mu     sync.Mutex
	limits map[string]*limit
	number uint64        // of the last waiter
	swept  time.Duration // when limits were last forgotten
}

// New makes a Keeper. Its limits are empty at this moment, whatever was spent before, and fill up from now on.
func New[B ~struct {
	Name  string
	Units int
	Per   time.Duration
}]() *Keeper[B] {
	return &Keeper[B]{start: time.Now(), limits: make(map[string]*limit)}
}

// Spend waits until cost units may be spent of every limit, and spends them. The first limit named should be the
// one that the fewest share: those who name the same one form a group, and groups take turns. Those who ask for history wait
// for all who ask for news. It fails only with ctx.
func (k *Keeper[B]) Spend(ctx context.Context, cost int, isHistory bool, limits ...B) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("wait for quota: %w", err)
	}
	w := k.ask(cost, isHistory, limits)
	if w == nil {
		return nil
	}
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if w.at == nil {
		return nil // it was spent at the same moment
	}
	k.leave(w)
	return fmt.Errorf("wait for quota: %w", ctx.Err())
}

// Pause lets nobody spend of a limit for so long. A pause under way is never shortened.
func (k *Keeper[B]) Pause(which B, d time.Duration) {
	t := terms(which)
	if d <= 0 || t.Units <= 0 || t.Per <= 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Since(k.start)
	l := k.limit(t)
	l.paused = max(l.paused, now+d)
}

// ask spends at once and gives nil, or parks somebody.
func (k *Keeper[B]) ask(cost int, isHistory bool, named []B) *waiter {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Since(k.start)
	k.sweep(now)
	w := &waiter{cost: cost}
	for _, n := range named {
		if t := terms(n); t.Units > 0 && t.Per > 0 && cost > 0 {
			w.limits = append(w.limits, k.limit(t))
		}
	}
	if len(w.limits) == 0 {
		return nil
	}
	if isHistory {
		w.lane = history
	}
	w.group = w.limits[0].name
	k.number++
	w.number = k.number
	at := behind(w)
	if at == nil {
		at = holding(w, now)
	}
	if at == nil {
		spend(w, now)
		return nil
	}
	w.ready = make(chan struct{})
	k.park(w, at, now)
	return w
}

// behind gives a limit where others are parked who go before a newcomer; nil if there is none.
func behind(w *waiter) *limit {
	for _, l := range w.limits {
		if l.lanes[news].first() != nil || w.lane == history && l.lanes[history].first() != nil {
			return l
		}
	}
	return nil
}

// holding gives the limit that holds somebody back longest; nil if he may go.
func holding(w *waiter, now time.Duration) *limit {
	var longest *limit
	until := now
	for _, l := range w.limits {
		if at := l.opens(w); at > until {
			longest, until = l, at
		}
	}
	if longest != nil || w.lane == news {
		return longest
	}
	for _, l := range w.limits {
		if l.lanes[news].first() != nil {
			return l
		}
	}
	return nil
}

func spend(w *waiter, now time.Duration) {
	for _, l := range w.limits {
		l.spend(w.cost, now)
	}
}

func (k *Keeper[B]) park(w *waiter, at *limit, now time.Duration) {
	w.at = at
	at.lanes[w.lane].add(w)
	k.arm(at, now)
}

// leave takes a parked waiter away.
func (k *Keeper[B]) leave(w *waiter) {
	l := w.at
	l.lanes[w.lane].remove(w)
	w.at = nil
	k.arm(l, time.Since(k.start))
}

// arm sets the limit's timer for who goes next.
func (k *Keeper[B]) arm(l *limit, now time.Duration) {
	w := l.first()
	if w == nil {
		if l.timer != nil {
			l.timer.Stop()
			l.timer = nil
		}
		return
	}
	at := max(l.opens(w), now)
	switch {
	case l.timer == nil:
		l.timer = time.AfterFunc(at-now, func() { k.ring(l) })
	case at != l.alarm:
		l.timer.Reset(at - now)
	}
	l.alarm = at
}

// ring tries those who are parked at a limit, as long as it has enough.
func (k *Keeper[B]) ring(l *limit) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Since(k.start)
	for w := l.first(); w != nil && l.opens(w) <= now; w = l.first() {
		l.lanes[w.lane].serve(w)
		w.at = nil
		if at := holding(w, now); at != nil {
			k.park(w, at, now)
			continue
		}
		spend(w, now)
		close(w.ready)
	}
	l.alarm = -1 // the timer went off
	k.arm(l, now)
}

// limit finds or begins a limit.
func (k *Keeper[B]) limit(t terms) *limit {
	l := k.limits[t.Name]
	if l == nil {
		l = &limit{name: t.Name}
		l.agree(t)
		l.full = l.takes(l.burst)
		k.limits[t.Name] = l
		return l
	}
	l.agree(t)
	return l
}

// sweep forgets now and then what was not used for long.
func (k *Keeper[B]) sweep(now time.Duration) {
	if now-k.swept < sweepEvery {
		return
	}
	k.swept = now
	for name, l := range k.limits {
		if l.forgettable(now) {
			delete(k.limits, name)
		}
	}
}
