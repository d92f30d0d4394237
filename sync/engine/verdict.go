package engine

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// verdict is what the engine does after a pass.
type verdict struct {
	settle crm.Settlement
	silent bool       // the claim is somebody else's: do not settle
	reset  bool       // forget the cursor
	level  slog.Level // of the line in the log, if there is an error
	next   following
	quiet  bool // nothing happened: it is written when others write too
}

// following says what happens next to the source, beside its due time.
type following int

const (
	nextByDue following = iota
	nextAtOnce
	nextHistory // behind everybody who waits
	nextNews    // it waits for news
)

// circumstances are what a verdict rests on beside the ending itself.
type circumstances struct {
	now      time.Time
	source   crm.Source                      // as it was claimed
	stopping bool                            // the daemon was told to stop
	resets   int                             // cursors in a row that were refused before this one
	waits    bool                            // the source can wait for news
	poll     func(after time.Time) time.Time // the schedule
	waitPoll time.Duration                   // how long a source that waits is not polled
	random   func() float64                  // in [0, 1)
}

// judge is the whole retry policy: what an ending means for the source.
func judge(end ending, c circumstances) verdict {
	v := verdict{settle: crm.Settlement{Source: c.source.ID, Epoch: c.source.Epoch, At: c.now}, level: slog.LevelWarn}
	s := &v.settle
	switch {
	case errors.Is(end.err, crm.ErrFenced):
		v.silent = true
		return v
	case c.stopping:
		s.State, s.Error, s.Hint, s.Due = c.source.State, c.source.Error, c.source.Hint, c.now
		if end.moved && c.source.State == crm.SourceNeverRun {
			s.State = crm.SourceBackfilling
		}
		return v
	case end.err == nil:
		return succeeded(v, end, c)
	}

	fault := connectors.Classify(end.err)
	s.State, s.Error, s.Hint = crm.SourceRetrying, end.err.Error(), fault.Hint
	failures := c.source.Attempts
	if end.moved {
		failures = 0 // it is getting on
	}
	switch fault.Kind {
	case connectors.AuthExpired:
		s.State = crm.SourceAuthExpired // nothing is called until somebody signed in again
	case connectors.Permanent:
		s.State, v.level = crm.SourceNeedsIT, slog.LevelError // nor until a setting changed
	case connectors.CursorInvalid:
		v.reset = true
		if c.resets > 0 { // twice in a row: the source is at fault, and would be read from the start in a loop
			s.Due = c.now.Add(backOff(failures, fault.After, c.random()))
			return v
		}
		s.State, s.Error, s.Hint = crm.SourceBackfilling, "", ""
		s.Due, v.next = c.now, nextAtOnce
	default:
		s.Due = c.now.Add(backOff(failures, fault.After, c.random()))
	}
	return v
}

func succeeded(v verdict, end ending, c circumstances) verdict {
	s := &v.settle
	s.State = crm.SourceOK
	if end.backfill {
		s.State = crm.SourceBackfilling
	}
	s.Success = end.backfill || !end.pending // what is new is read before any history
	switch {
	case end.yielded:
		s.Due, v.next = c.now.Add(historyPause), nextHistory
	case c.waits && !end.backfill && !end.pending:
		s.Due, v.next = c.poll(c.now.Add(c.waitPoll)), nextNews
	default:
		s.Due = c.poll(c.now)
		v.quiet = !end.moved && s.State == c.source.State
	}
	return v
}

const (
	shortestPause = 15 * time.Second
	longestPause  = 30 * time.Minute
	historyPause  = 3 * time.Second // sources that become due meanwhile are read before history goes on
)

// backOff is how long to wait after so many failures before this one: full jitter between 15 seconds and a
// limit that doubles up to 30 minutes, and never shorter than the other side asked for.
func backOff(failures int, after time.Duration, random float64) time.Duration {
	limit := min(shortestPause<<min(max(failures, 0)+1, 10), longestPause)
	pause := shortestPause + time.Duration(random*float64(limit-shortestPause))
	return max(pause, after)
}

// itemBackOff is how long to leave an item alone that failed so many times, counting from 1.
func itemBackOff(attempts int) time.Duration {
	switch attempts {
	case 0, 1:
		return time.Minute
	case 2:
		return 5 * time.Minute
	case 3:
		return 30 * time.Minute
	case 4:
		return 2 * time.Hour
	case 5:
		return 12 * time.Hour
	default:
		return 24 * time.Hour
	}
}

func (e *Engine) circumstances(r *runner, claim crm.Claim, stopping bool) circumstances {
	r.mu.Lock()
	defer r.mu.Unlock()
	schedule := r.cfg.Schedule
	return circumstances{
		now: time.Now().UTC(), source: claim.Source, stopping: stopping, resets: r.resets,
		waits:    r.can&capWaiter != 0 && !r.cfg.NoWait && !r.reopen,
		poll:     func(after time.Time) time.Time { return schedule.Next(after, claim.Source.ID) },
		waitPoll: e.cfg.WaitPoll, random: rand.Float64,
	}
}
