package gmail

import "time"

// The lengths of windows, seconds. A window is a day at first; what has few messages makes the next one longer, and
// what has too many is made shorter.
const (
	dayLength   = int64(24 * time.Hour / time.Second)
	firstLength = dayLength
	leastLength = int64(time.Minute / time.Second)
	longestAgo  = 60 * 366 * dayLength // a window that would begin before that begins at the beginning
)

// windowMost is how many messages a window should have: what one page of a list holds.
const windowMost = 500

// open begins a window, if none is under way.
func (s *span) open(now int64) {
	if s.Length != 0 {
		return
	}
	s.Length = s.Next
	if s.Length == 0 {
		s.Length = firstLength
	}
	end := s.To
	if end == 0 {
		end = now
	}
	s.Begin = max(s.From, end-s.Length, 0)
	if s.From == 0 && s.Begin < now-longestAgo {
		s.Begin = 0
	}
}

// shorten makes the window under way a quarter as long; false if it is as short as windows get.
func (s *span) shorten(now int64) bool {
	if len(s.Read) > 0 || s.Length <= leastLength {
		return false
	}
	end := s.To
	if end == 0 {
		end = now
	}
	s.Next = max(min(s.Length, end-s.Begin)/4, leastLength)
	s.Length = 0
	s.open(now)
	return true
}

// close ends the window under way, which had so many messages, and says whether it was the last one.
func (s *span) close(messages int) (done bool) {
	if s.Begin <= s.From {
		return true
	}
	s.To, s.Next = s.Begin, s.Length
	switch {
	case messages < windowMost/5:
		s.Next *= 4
	case messages < windowMost/2:
		s.Next *= 2
	}
	s.Begin, s.Length, s.Read = 0, 0, nil
	return false
}

// holds says whether a message of this time belongs to the window under way.
func (s *span) holds(at time.Time) bool {
	t := at.Unix()
	return t >= s.Begin && (s.To == 0 || t < s.To)
}
