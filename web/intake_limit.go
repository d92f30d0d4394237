package web

import (
	"net/netip"
	"sync"
	"time"
)

// The rates of a form that gives none.
const (
	defaultPerMinute = 600
	addressShare     = 5 // one address may have a fifth of the form's rate
	maxRates         = 20_000
)

// rateBook counts submissions by the generic cell rate algorithm (ITU-T I.371): of each counter it keeps only
// the time at which all that was let through would have been due. A counter lets half a minute's worth through at once.
// One address means one IPv4 address or one IPv6 /64.
//
// Counters that were not touched for a while are forgotten: there are two generations, and the older one is
// dropped when the younger one has maxRates counters or is ten minutes old, so the book has a bound whoever
// writes in it.
type rateBook struct {
	mu         sync.Mutex
	young, old map[rateKey]int64 // nanoseconds since 1970
	since      int64
}

type rateKey struct {
	form string
	from netip.Addr // zero for all addresses together
}

func newRateBook() *rateBook { return &rateBook{young: map[rateKey]int64{}} }

// exceeded counts a submission of a form from an address. It is 0 if it may pass, else how long to wait.
// What one address has too much of is not counted for the form, which others want to use.
func (b *rateBook) exceeded(f *Form, from netip.Addr, at time.Time) time.Duration {
	perForm := f.PerMinute
	if perForm <= 0 {
		perForm = defaultPerMinute
	}
	perAddress := f.PerAddress
	switch {
	case perAddress > 0:
	case f.HMACSecret != "": // a program passes on what many people sent
		perAddress = perForm
	default:
		perAddress = max(1, perForm/addressShare)
	}
	now := at.UnixNano()
	one, all := rateKey{f.ID, networkOf(from)}, rateKey{f.ID, netip.Addr{}}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	if wait := b.wait(one, perAddress, now); wait > 0 {
		return wait
	}
	if wait := b.wait(all, perForm, now); wait > 0 {
		return wait
	}
	b.count(one, perAddress, now)
	b.count(all, perForm, now)
	return 0
}

func networkOf(a netip.Addr) netip.Addr {
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.Addr()
		}
	}
	if !a.IsValid() {
		return netip.IPv4Unspecified() // whoever cannot be told apart shares one counter
	}
	return a
}

func (b *rateBook) turn(now int64) {
	if len(b.young) < maxRates && now-b.since < int64(10*time.Minute) {
		return
	}
	b.old, b.young, b.since = b.young, make(map[rateKey]int64, len(b.young)/2), now
}

func (b *rateBook) due(k rateKey, now int64) int64 {
	due, ok := b.young[k]
	if !ok {
		due = b.old[k]
	}
	return max(due, now)
}

func (b *rateBook) wait(k rateKey, perMinute int, now int64) time.Duration {
	step := int64(time.Minute) / int64(perMinute)
	burst := step * int64(perMinute/2)
	return time.Duration(max(0, b.due(k, now)-burst-now))
}

func (b *rateBook) count(k rateKey, perMinute int, now int64) {
	b.young[k] = b.due(k, now) + int64(time.Minute)/int64(perMinute)
}
