package lifecycle

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
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
		n, err := f.sweep(ctx)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

// ahead is what was read while the piece of work before was stored.
type ahead struct {
	list []crm.Following
	err  error
}

// sweep follows those who are marked, piece by piece, until none are left besides those it dealt with last. While one piece
// is stored the next one is read: what the first changes about somebody in the second marks them, and the store does not
// take what follows from older knowledge.
func (f *Follower) sweep(ctx context.Context) (total int, err error) {
	markedBefore := time.Now().Add(time.Minute)
	if err := f.begin(ctx); err != nil {
		return 0, err
	}
	defer f.end()
	list, err := f.next(ctx, markedBefore, wholesale, nil)
	for err == nil && len(list) > 0 {
		but := make(map[string]bool, len(list))
		for i := range list {
			but[list[i].ID] = true
		}
		coming := make(chan ahead, 1)
		go func() {
			list, err := f.read(ctx, markedBefore, wholesale, but)
			coming <- ahead{list, err}
		}()
		err = f.settle(ctx, list)
		then := <-coming // nothing reads behind the back of whoever closes the store
		if err == nil {
			total += len(list)
			list, err = then.list, then.err
		}
	}
	return total, err
}
