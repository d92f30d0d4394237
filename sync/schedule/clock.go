package schedule

import "time"

// nextCron is the next firing after a moment, with the days on which clocks change made regular.
func (s Spec) nextCron(after time.Time) time.Time {
	next := s.firing(after)
	if s.gap >= 2*time.Hour && !next.IsZero() && comesAgain(next.In(s.cron.Location)) {
		next = s.firing(next)
	}
	if leapt := s.leapt(after); !leapt.IsZero() && (next.IsZero() || leapt.Before(next)) {
		return leapt
	}
	return next
}

// firing asks the cron schedule, which gives up after five years: 29 February is eight years away around 2100.
func (s Spec) firing(after time.Time) time.Time {
	after = after.In(s.cron.Location)
	for range 3 {
		if next := s.cron.Next(after); !next.IsZero() {
			return next
		}
		after = after.AddDate(4, 0, 0)
	}
	return time.Time{}
}

// leapt is the moment clocks jumped forward, if the next firing by the clock on the wall is one of the
// times that were jumped over; zero otherwise.
func (s Spec) leapt(after time.Time) time.Time {
	plain := *s.cron
	plain.Location = time.UTC
	wall := onWall(after.In(s.cron.Location), time.UTC)
	next := plain.Next(wall)
	if next.IsZero() {
		return time.Time{}
	}
	there := onWall(next, s.cron.Location)
	if onWall(there, time.UTC).Equal(next) {
		return time.Time{} // the time exists
	}
	start, _ := there.ZoneBounds()
	if start.IsZero() || there.Sub(start) > 24*time.Hour {
		_, start = there.ZoneBounds()
	}
	if !start.After(after) {
		return time.Time{}
	}
	return start
}

// onWall is the moment at which clocks in loc show what t shows.
func onWall(t time.Time, loc *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, loc)
}

// comesAgain says whether clocks showed the time of t once before, an hour or less ago.
func comesAgain(t time.Time) bool {
	for _, back := range []time.Duration{time.Hour, 30 * time.Minute} {
		if onWall(t.Add(-back), time.UTC).Equal(onWall(t, time.UTC)) {
			return true
		}
	}
	return false
}
