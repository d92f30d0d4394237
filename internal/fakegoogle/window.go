package fakegoogle

import "time"

const (
	windowLength = time.Minute
	windowGrain  = 10 * time.Millisecond
)

// window is a sliding sum over the last 60 seconds. Moments closer than windowGrain share a bucket that
// carries the time of its last charge, so that the sum is never too small.
type window struct {
	buckets []bucket
	head    int // buckets before it have left the window
	sum     int
	peak    int
}

type bucket struct {
	first, last time.Time
	units       int
}

// take charges when the units fit under the limit; 0 is no limit.
func (w *window) take(at time.Time, units, limit int) bool {
	if !w.fits(at, units, limit) {
		return false
	}
	w.charge(at, units)
	return true
}

func (w *window) fits(at time.Time, units, limit int) bool {
	w.slide(at)
	return limit <= 0 || w.sum+units <= limit
}

func (w *window) charge(at time.Time, units int) {
	w.slide(at)
	if n := len(w.buckets); n > w.head && at.Sub(w.buckets[n-1].first) < windowGrain {
		w.buckets[n-1].units += units
		w.buckets[n-1].last = at
	} else {
		w.buckets = append(w.buckets, bucket{first: at, last: at, units: units})
	}
	w.sum += units
	w.peak = max(w.peak, w.sum)
}

func (w *window) slide(at time.Time) {
	for w.head < len(w.buckets) && at.Sub(w.buckets[w.head].last) >= windowLength {
		w.sum -= w.buckets[w.head].units
		w.head++
	}
	switch {
	case w.head == len(w.buckets):
		w.buckets, w.head = w.buckets[:0], 0
	case w.head > 1024 && w.head > len(w.buckets)/2:
		n := copy(w.buckets, w.buckets[w.head:])
		w.buckets, w.head = w.buckets[:n], 0
	}
}
