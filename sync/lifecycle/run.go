package lifecycle

import (
	"context"
	"time"
)

// Run follows until ctx ends, and returns nil then.
func (f *Follower) Run(ctx context.Context) error {
	for {
		began := time.Now()
		n, err := f.once(ctx, began.Add(-settling), batch)
		wait := look
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was asked to stop: what did not succeed is done after the next start
		}
		switch {
		case err != nil:
			f.log.Error("following people failed and is tried again", "error", err)
			wait = afterBad
		case n > 0:
			wait = time.Since(began) // half of the time is for others
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-f.kick:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// CatchUp follows everybody who is marked now, and says how many that were. Marks that following itself leaves, as that of
// the account of a person, are among them.
func (f *Follower) CatchUp(ctx context.Context) (total int, err error) {
	for {
		n, err := f.once(ctx, time.Now().Add(time.Minute), wholesale)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}
