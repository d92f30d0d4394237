package fakegoogle

import (
	"slices"
	"sync"
	"time"
)

// Call is one call the server answered.
type Call struct {
	At time.Time
	// Method is the discovery id, "gmail.users.messages.get"; pages of the sign-in are "oauth2.token" and
	// the like; "" is a path no API has.
	Method string
	// User is the address the access token belongs to, "" without a valid one.
	User string
	// HTTP is the verb.
	HTTP string
	// Status is what was answered; 0 is a connection that was cut.
	Status int
	// Units are the Gmail units that were admitted; 0 for other services and for refused calls.
	Units int
	// Writes says that the method would have changed something at Google.
	Writes bool
}

// callLog keeps the newest calls in a ring.
type callLog struct {
	mu     sync.Mutex
	ring   []Call
	next   int
	max    int
	total  int
	writes int
}

func (l *callLog) add(c Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	if c.Writes {
		l.writes++
	}
	if len(l.ring) < l.max {
		l.ring = append(l.ring, c)
		return
	}
	l.ring[l.next] = c
	l.next = (l.next + 1) % l.max
}

// Calls returns the log, oldest first, at most Options.MaxCalls of them.
func (s *Server) Calls() []Call {
	l := &s.calls
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Concat(l.ring[l.next:], l.ring[:l.next])
}

// Total is the number of calls since the start or the last ResetCalls, also of those the log dropped.
func (s *Server) Total() int {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	return s.calls.total
}

// Writes is how many of them called a method that writes. All were refused.
func (s *Server) Writes() int {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	return s.calls.writes
}

// ResetCalls empties the log and the peaks of PeakUnits.
func (s *Server) ResetCalls() {
	s.calls.mu.Lock()
	s.calls.ring, s.calls.next, s.calls.total, s.calls.writes = nil, 0, 0, 0
	s.calls.mu.Unlock()
	s.usage.resetPeaks()
}
