package quota

import (
	"slices"
	"strings"
	"time"
)

// Left is how much of a limit nobody has spent within its last stretch, about: the units of the stretch before count in
// proportion.
type Left struct {
	Name   string
	Units  int
	Per    time.Duration
	Left   int
	Paused bool // the provider said that it is used up
}

// spent counts the units of the present stretch and of the one before.
type spent struct {
	stretch     time.Duration // number of the present one
	now, before float64
}

func (s *spent) add(units int, now, per time.Duration) {
	s.move(now, per)
	s.now += float64(units)
}

func (s *spent) move(now, per time.Duration) {
	switch n := now / per; n - s.stretch {
	case 0:
	case 1:
		s.stretch, s.before, s.now = n, s.now, 0
	default:
		s.stretch, s.before, s.now = n, 0, 0
	}
}

// Left gives the limits that were used lately, by name.
func (k *Keeper[B]) Left() []Left {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Since(k.start)
	list := make([]Left, 0, len(k.limits))
	for _, l := range k.limits {
		l.spent.move(now, l.per)
		passed := float64(now%l.per) / float64(l.per)
		used := int(l.spent.now + l.spent.before*(1-passed))
		list = append(list, Left{l.name, l.units, l.per, max(0, l.units-used), l.paused > now})
	}
	slices.SortFunc(list, func(a, b Left) int { return strings.Compare(a.Name, b.Name) })
	return list
}
