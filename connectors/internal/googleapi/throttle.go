package googleapi

import (
	"sync"
	"time"
)

// Pauses after throttled calls, if Google does not say how long: the first, doubled each time, and the longest.
const (
	firstPause   = time.Second
	longestPause = 64 * time.Second
)

// throttle remembers how often in a row calls were throttled. Calls that were under way together count once.
type throttle struct {
	mu    sync.Mutex
	row   int
	until time.Time // end of the last pause
}

// pause says how long to wait: as long as Google says, or longer each time.
func (t *throttle) pause(said time.Duration) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if left := t.until.Sub(now); left > 0 && left >= said {
		return left
	}
	if said <= 0 {
		said = min(firstPause<<min(t.row, 10), longestPause)
		t.row++
	}
	t.until = now.Add(said)
	return said
}

// passed ends the row.
func (t *throttle) passed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.row = 0
}
