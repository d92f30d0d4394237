package gmail

import (
	"context"
	"sync"
	"time"
)

// inFlight is how many messages are asked for at the same time.
const inFlight = 8

// order is what a reading is to do.
type order struct {
	ids     []string
	history bool
	peek    bool      // labels are not known: look at them first
	room    int64     // bytes of items
	until   time.Time // nothing more is begun after that; zero: no such time
}

// lonely is how many messages, none of which can be read, may be to blame themselves: more are the server's fault.
const lonely = 3

// readMany reads messages in the order of their ids, several at a time. It gives what follows one another from the first
// on without a failure; the error, if any, is of the next one. What stumbles alone among others that are read is yielded with its error.
// If nothing can be read it is the server's fault, but for a few messages at a server that answers other questions:
// they would hold up everything behind them.
func (s *source) readMany(ctx context.Context, o order) ([]got, error) {
	r := reading{order: o, out: make([]got, len(o.ids)), failed: len(o.ids)}
	var workers sync.WaitGroup
	for range min(inFlight, len(o.ids)) {
		workers.Go(func() {
			for i, ok := r.next(s.now()); ok; i, ok = r.next(s.now()) {
				g, err := s.get(ctx, o.ids[i], o.history, o.peek)
				r.done(i, g, err)
			}
		})
	}
	workers.Wait()
	out := r.out[:min(r.begun, r.failed)]
	read := 0
	var poison error
	for i := range out {
		if out[i].poison != nil {
			poison = out[i].poison
		} else if !out[i].gone {
			read++
		}
	}
	if poison != nil && read == 0 {
		if len(out) > lonely {
			return nil, poison
		}
		if _, err := s.profile(ctx); err != nil {
			return nil, poison
		}
	}
	return out, r.err
}

// reading is shared by the workers of one readMany.
type reading struct {
	order

	mu     sync.Mutex
	out    []got
	begun  int
	spent  int64
	failed int // index of the first failure
	err    error
}

func (r *reading) next(now time.Time) (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	late := !r.until.IsZero() && r.begun > 0 && now.After(r.until)
	if r.begun >= len(r.ids) || r.begun > r.failed || r.err != nil || r.spent >= r.room || late {
		return 0, false
	}
	r.begun++
	return r.begun - 1, true
}

func (r *reading) done(i int, g got, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		if i < r.failed {
			r.failed, r.err = i, err
		}
		return
	}
	r.out[i] = g
	r.spent += g.size()
}
