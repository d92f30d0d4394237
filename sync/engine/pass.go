package engine

import (
	"context"
	"errors"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// pass is the main job: it reads a claimed source, batch after batch, until nothing more is pending or the
// turn is over. Each batch is mapped and stored together with the cursor behind it, while the next one is
// already fetched. It ends with what became of it; the caller settles.
func (e *Engine) pass(ctx context.Context, r *runner, claim crm.Claim, t turn) (end ending) {
	ctx, letGo := e.hold(ctx, claim)
	defer letGo()

	cur := connectors.Cursor(claim.Source.Cursor)
	end.cursor = cur
	next := e.fetch(ctx, r, cur)
	for {
		batch, err := next.await()
		next = nil
		if err != nil {
			return end.failed(ctx, err)
		}
		more := batch.More && (batch.Next != cur || len(batch.Items) > 0)
		yield := more && (r.paused() || e.over(ctx, t, batch))
		if more && !yield {
			next = e.fetch(ctx, r, batch.Next)
		}
		if err := e.store(ctx, r, claim, cur, batch); err != nil {
			letGo()
			next.drop()
			return end.failed(ctx, err)
		}
		cur = batch.Next
		end.stored(batch)
		if !more || yield {
			end.yielded = yield
			break
		}
	}
	if !end.yielded {
		return end.failed(ctx, e.retryItems(ctx, r))
	}
	return end
}

// store maps a batch and commits what became of it.
func (e *Engine) store(ctx context.Context, r *runner, claim crm.Claim, cur connectors.Cursor, batch connectors.Batch) error {
	for _, note := range batch.Notes {
		r.note(note)
	}
	at := time.Now().UTC()
	if len(batch.Items)+len(batch.Retired)+len(batch.Withdrawn) == 0 && batch.Next == cur && batch.Progress == claim.Source.Progress {
		return nil // an idle poll costs no write
	}
	writes, generation, err := e.mapItems(ctx, r, batch.Items, at)
	if err != nil {
		return err
	}
	return e.commit(ctx, crm.Commit{
		Source: claim.Source.ID, Epoch: claim.Source.Epoch, Owner: r.config().Owner,
		Cursor: string(batch.Next), MoveCursor: true,
		Retired: batch.Retired, Withdrawn: batch.Withdrawn, Writes: writes, Progress: batch.Progress,
		Generation: generation, At: at,
	})
}

// ending is how a pass ended.
type ending struct {
	err      error             // nil if it read all it should
	cursor   connectors.Cursor // behind the last batch stored
	moved    bool              // something was stored, or the cursor moved
	items    int               // stored
	yielded  bool              // others wait; there is more to read at once
	pending  bool              // the source said there was more
	backfill bool              // history is not read to its end
}

func (end *ending) stored(batch connectors.Batch) {
	end.moved = end.moved || batch.Next != end.cursor || len(batch.Items)+len(batch.Withdrawn) > 0
	end.items += len(batch.Items)
	end.cursor, end.pending, end.backfill = batch.Next, batch.More, batch.Backfill
}

// failed keeps the error of a pass. When the pass was told to end, why it was told so is what counts.
func (end ending) failed(ctx context.Context, err error) ending {
	if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	end.err = err
	return end
}

// ahead is a fetch under way; nil for none. Its answer is awaited or dropped once.
type ahead chan fetched

type fetched struct {
	batch connectors.Batch
	err   error
}

// fetch starts to fetch what follows cur.
func (e *Engine) fetch(ctx context.Context, r *runner, cur connectors.Cursor) ahead {
	a := make(ahead, 1)
	go func() {
		batch, err := limited(ctx, e.cfg.FetchLimit, r, "read source", func(ctx context.Context, src connectors.Source) (connectors.Batch, error) {
			return src.Fetch(ctx, cur)
		})
		a <- fetched{batch, err}
	}()
	return a
}

func (a ahead) await() (connectors.Batch, error) {
	f := <-a
	return f.batch, f.err
}

// drop waits for a fetch that nobody needs any more, so that the source is free again.
func (a ahead) drop() {
	if a != nil {
		<-a
	}
}
