package quota

import (
	"math"
	"time"
)

// Shares that make up a limit's pace.
const (
	burstShare   = 0.014 // of Units
	leastBurst   = 1.0   // units; a limit of a few units needs room for one
	transitShare = 60    // the Per-th part of Per that requests may differ in their time on the way
	newsShare    = 0.25  // of a burst, left to news
)

// terms are what the callers say of a limit.
type terms = struct {
	Name  string
	Units int
	Per   time.Duration
}

// limit is how one limit stands. Times are durations since the keeper's start.
type limit struct {
	name   string
	units  int
	per    time.Duration
	rate   float64 // units in a nanosecond
	burst  float64 // units
	full   time.Duration
	paused time.Duration // nobody before
	lanes  [2]lane       // news, history
	timer  *time.Timer   // runs while somebody is parked
	alarm  time.Duration // when the timer goes off
	spent  spent
}

// agree takes over the units and the stretch that were named last.
func (l *limit) agree(t terms) {
	if l.units == t.Units && l.per == t.Per {
		return
	}
	l.units, l.per = t.Units, t.Per
	l.burst = max(burstShare*float64(t.Units), min(leastBurst, float64(t.Units)/2))
	l.rate = (float64(t.Units) - l.burst) / float64(t.Per+t.Per/transitShare)
}

// takes is how long it takes to earn some units; rounded up.
func (l *limit) takes(units float64) time.Duration {
	return time.Duration(min(math.Ceil(units/l.rate), float64(math.MaxInt64/4)))
}

// opens says from when on the limit lets somebody go.
func (l *limit) opens(w *waiter) time.Duration {
	room := l.burst
	if w.lane == history {
		room = max((1-newsShare)*l.burst, min(l.burst, float64(w.cost)))
	}
	at := l.full
	if c := float64(w.cost); c > room {
		at += l.takes(c - room)
	} else {
		at -= time.Duration((room - c) / l.rate) // rounded down
	}
	return max(at, l.paused)
}

// spend takes units off.
func (l *limit) spend(cost int, now time.Duration) {
	l.full = max(l.full, now) + l.takes(float64(cost))
	l.spent.add(cost, now, l.per)
}

// first is who goes next; nil if nobody is parked.
func (l *limit) first() *waiter {
	if w := l.lanes[news].first(); w != nil {
		return w
	}
	return l.lanes[history].first()
}

// forgettable says whether nothing would be lost with l.
func (l *limit) forgettable(now time.Duration) bool {
	return l.first() == nil && l.full+l.per < now && l.paused < now
}
