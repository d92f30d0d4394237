package engine

import (
	"context"
	"errors"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// mapItems decides about items with today's mapping. When the mapping panics, the items are tried one by
// one, and the one at fault becomes a failed row.
func (e *Engine) mapItems(ctx context.Context, r *runner, items []connectors.Item, at time.Time) ([]crm.Write, uint64, error) {
	for i := range items {
		items[i].Err = solid(items[i].Err)
	}
	writes, generation, err := e.mapSome(ctx, r, items, at)
	if errors.As(err, new(panicked)) {
		writes, generation, err = e.mapEach(ctx, r, items, at)
	}
	if err != nil {
		return nil, 0, &connectors.Fault{Kind: connectors.Retryable, Op: "map items", Err: err}
	}
	for i := range writes {
		if entry := &writes[i].Entry; entry.Verdict == crm.Failed {
			entry.Attempts = max(entry.Attempts, 1)
			entry.NextTry = at.Add(itemBackOff(entry.Attempts))
		}
	}
	return writes, generation, nil
}

func (e *Engine) mapSome(ctx context.Context, r *runner, items []connectors.Item, at time.Time) (writes []crm.Write, generation uint64, err error) {
	err = e.contain(r.id, "map items", func() (err error) {
		writes, generation, err = e.cfg.Mapper().Map(ctx, e.cfg.Directory, r.config().Mapping, items, at)
		return err
	})
	return writes, generation, err
}

// mapEach gives the generation of the first look-up: what became known since then is looked up again by the store.
func (e *Engine) mapEach(ctx context.Context, r *runner, items []connectors.Item, at time.Time) ([]crm.Write, uint64, error) {
	var all []crm.Write
	var oldest uint64
	for i := range items {
		writes, generation, err := e.mapSome(ctx, r, items[i:i+1], at)
		switch {
		case errors.As(err, new(panicked)):
			all = append(all, crm.Write{Entry: crm.Entry{
				Source: r.id, ExternalID: items[i].ExternalID, Key: items[i].Key, SeenAt: at, ItemTime: items[i].Received,
				Verdict: crm.Failed, Reason: crm.ReasonInternalError,
			}})
			continue
		case err != nil:
			return nil, 0, err
		}
		if all = append(all, writes...); oldest == 0 || generation < oldest {
			oldest = generation
		}
	}
	return all, oldest, nil
}

// commit stores a batch and tells the subscribers. It goes on for a moment after ctx has ended, because a
// batch that is nearly stored is worth waiting for.
func (e *Engine) commit(ctx context.Context, c crm.Commit) error {
	ctx, cancel := outlast(ctx, lastWrite)
	defer cancel()
	err := solid(e.cfg.Store.Commit(ctx, c))
	switch {
	case err == nil:
		e.hub.publish(eventOf(c))
		return nil
	case errors.Is(err, crm.ErrFenced):
		return err
	case errors.Is(err, crm.ErrFull):
		return &connectors.Fault{Kind: connectors.Retryable, Op: "store items", Err: err,
			Hint: "Free some space on the disk that holds data_dir. Nothing is lost: reading goes on by itself from where it was."}
	default:
		return &connectors.Fault{Kind: connectors.Retryable, Op: "store items", Err: err}
	}
}
