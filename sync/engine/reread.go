package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Reread reads ledger rows, or items that have no row yet, again from their sources and puts them through
// today's mapping. It does not move cursors and takes no claim, so it goes on beside a pass and waits only
// for the call of the source that is under way. A row whose item is gone becomes unmatched with the reason
// gone, unless it was logged or retired: then it stays.
//
// It says how many refs are dealt with, the gone ones included. If that is not all, the error says why:
// among others ErrUnavailable and ErrUnsupported. Sources after a failing one are still read.
func (e *Engine) Reread(ctx context.Context, refs []crm.ItemRef) (read int, err error) {
	var order []string
	bySource := make(map[string][]string)
	for _, ref := range refs {
		if bySource[ref.Source] == nil {
			order = append(order, ref.Source)
		}
		bySource[ref.Source] = append(bySource[ref.Source], ref.ExternalID)
	}
	var failures []error
	for _, source := range order {
		n, err := e.rereadSource(ctx, source, bySource[source])
		read += n
		if err != nil {
			failures = append(failures, fmt.Errorf("reread %s: %w", source, err))
		}
	}
	return read, errors.Join(failures...)
}

func (e *Engine) rereadSource(ctx context.Context, source string, ids []string) (read int, err error) {
	for chunk := range slices.Chunk(ids, getAtATime) {
		r, err := e.usable(ctx, source)
		if err != nil {
			return read, err
		}
		items, err := e.get(ctx, r, chunk)
		if err != nil {
			return read, err
		}
		if err := e.storeAgain(ctx, r, chunk, items); err != nil {
			return read, err
		}
		read += len(chunk)
	}
	return read, nil
}

// storeAgain maps and commits items that were read again. The epoch is whoever's turn it is now; when the
// source is claimed anew in between, it is asked once more.
func (e *Engine) storeAgain(ctx context.Context, r *runner, asked []string, items []connectors.Item) error {
	const attempts = 5
	before, err := e.rows(ctx, r.id, asked)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		s, err := e.cfg.Store.GetSource(ctx, r.id)
		if err != nil {
			return fmt.Errorf("get source: %w", err)
		}
		at := time.Now().UTC()
		writes, generation, err := e.mapItems(ctx, r, items, at)
		if err != nil {
			return err
		}
		c := crm.Commit{Source: r.id, Epoch: s.Epoch, Owner: r.config().Owner, Generation: generation, At: at,
			Writes: append(again(writes, before, at), gone(asked, items, before)...)}
		if len(c.Writes) == 0 {
			return nil
		}
		if err = e.commit(ctx, c); !errors.Is(err, crm.ErrFenced) || attempt == attempts {
			return err
		}
	}
}

// rows gives the ledger rows that exist of these items.
func (e *Engine) rows(ctx context.Context, source string, ids []string) (map[string]crm.Entry, error) {
	rows := make(map[string]crm.Entry, len(ids))
	for _, id := range ids {
		entry, err := e.cfg.Store.GetEntry(ctx, source, id)
		switch {
		case errors.Is(err, crm.ErrNotFound):
		case err != nil:
			return nil, fmt.Errorf("get ledger row: %w", err)
		default:
			rows[id] = entry
		}
	}
	return rows, nil
}

// again counts the attempts of what failed once more. A row that was logged stays so if the item merely
// cannot be read just now.
func again(writes []crm.Write, before map[string]crm.Entry, at time.Time) []crm.Write {
	kept := writes[:0]
	for _, w := range writes {
		old, known := before[w.Entry.ExternalID]
		if w.Entry.Verdict == crm.Failed && known {
			if old.Verdict == crm.Logged {
				continue
			}
			w.Entry.Attempts = old.Attempts + 1
			w.Entry.NextTry = at.Add(itemBackOff(w.Entry.Attempts))
		}
		kept = append(kept, w)
	}
	return kept
}

// gone makes rows for the items that were asked for and are not at the source any more.
func gone(asked []string, items []connectors.Item, before map[string]crm.Entry) []crm.Write {
	got := make(map[string]bool, len(items))
	for _, item := range items {
		got[item.ExternalID] = true
	}
	var writes []crm.Write
	for _, id := range asked {
		entry, known := before[id]
		if got[id] || !known || entry.Retired || entry.Verdict == crm.Logged {
			continue
		}
		entry.Verdict, entry.Reason, entry.Activity = crm.Unmatched, crm.ReasonGone, ""
		entry.Attempts, entry.NextTry = 0, time.Time{}
		writes = append(writes, crm.Write{Entry: entry})
	}
	return writes
}

// retryItems reads the failed items of a claimed source again whose time has come. An item that brings the
// connection down is found by asking for it alone; the rest has its turn after the next pass. Only a failure
// that concerns the whole source and that somebody must mend is handed on.
func (e *Engine) retryItems(ctx context.Context, r *runner, claim crm.Claim) error {
	if !r.has(capGetter) {
		return nil
	}
	entries, err := e.cfg.Store.RetryDue(ctx, r.id, time.Now().UTC(), getAtATime)
	if err != nil {
		return &connectors.Fault{Kind: connectors.Retryable, Op: "find items to read again", Err: err}
	}
	var ids []string
	for _, entry := range entries {
		ids = append(ids, entry.ExternalID)
	}
	for len(ids) > 0 && ctx.Err() == nil {
		items, err := e.get(ctx, r, ids)
		switch {
		case err == nil:
		case ctx.Err() != nil || connectors.Classify(err).Kind != connectors.Retryable:
			return err
		case len(ids) > 1:
			ids = ids[:1]
			continue
		default:
			items = []connectors.Item{{ExternalID: ids[0], Key: entries[0].Key, Err: err}}
		}
		return e.storeAgain(ctx, r, ids, items)
	}
	return nil
}
