package engine

import (
	"context"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

const retryRounds = 50 // of getAtATime items after one pass

// retryItems reads the failed items of a claimed source again whose time has come. Only a failure that
// concerns the whole source and that somebody must mend is handed on: what an item does to the connection is
// no reason to call the source failing.
func (e *Engine) retryItems(ctx context.Context, r *runner) error {
	for range retryRounds {
		if !r.has(capGetter) {
			return nil
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the batches are stored; these items have their turn after the next pass
		}
		entries, err := e.cfg.Store.RetryDue(ctx, r.id, time.Now().UTC(), getAtATime)
		if err != nil {
			return &connectors.Fault{Kind: connectors.Retryable, Op: "find items to read again", Err: err}
		}
		if len(entries) == 0 {
			return nil
		}
		goOn, err := e.retrySome(ctx, r, entries)
		if err != nil || !goOn {
			return err
		}
	}
	return nil
}

// retrySome reads some items again. If that fails, one of them may be what brings the connection down: the
// first is tried alone, put off if it fails alone too, and the rest has its turn after the next pass.
func (e *Engine) retrySome(ctx context.Context, r *runner, entries []crm.Entry) (goOn bool, err error) {
	ids := make([]string, 0, len(entries))
	for _, entry := range entries {
		ids = append(ids, entry.ExternalID)
	}
	items, err := e.get(ctx, r, ids)
	if err != nil && concernsItems(ctx, err) && len(ids) > 1 {
		ids = ids[:1]
		items, err = e.get(ctx, r, ids)
	}
	switch {
	case err == nil:
	case !concernsItems(ctx, err):
		return false, err
	default:
		items = []connectors.Item{{ExternalID: ids[0], Key: entries[0].Key, Received: entries[0].ItemTime, Err: err}}
	}
	return len(ids) == len(entries), e.storeAgain(ctx, r, ids, items)
}

func concernsItems(ctx context.Context, err error) bool {
	return ctx.Err() == nil && connectors.Classify(err).Kind == connectors.Retryable
}
