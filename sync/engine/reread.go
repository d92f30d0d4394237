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

// StoreAgain puts items that Items has read through today's mapping and stores what becomes of them, as Reread
// does. IDs of asked without an item are gone from the source.
func (e *Engine) StoreAgain(ctx context.Context, source string, asked []string, items []connectors.Item) error {
	r := e.runner(source)
	if r == nil {
		return fmt.Errorf("source %s is not in the configuration: %w", source, ErrUnsupported)
	}
	return e.storeAgain(ctx, r, asked, items)
}

// storeAgain maps and commits items that were read again.
func (e *Engine) storeAgain(ctx context.Context, r *runner, asked []string, items []connectors.Item) error {
	before, err := e.rows(ctx, r.id, asked)
	if err != nil {
		return err
	}
	return e.commitBeside(ctx, r.id, r.config().Owner, func(at time.Time) ([]crm.Write, uint64, error) {
		writes, generation, err := e.mapItems(ctx, r, items, at)
		return append(again(writes, before, at), gone(asked, items, before)...), generation, err
	})
}

// commitBeside commits without a claim and without moving the cursor. It borrows the epoch of whoever has the
// source now, and makes the writes again when the source is claimed anew in between.
func (e *Engine) commitBeside(ctx context.Context, source, owner string, writes func(at time.Time) ([]crm.Write, uint64, error)) error {
	const attempts = 5
	for attempt := 1; ; attempt++ {
		s, err := e.cfg.Store.GetSource(ctx, source)
		if err != nil {
			return fmt.Errorf("get source: %w", err)
		}
		c := crm.Commit{Source: source, Epoch: s.Epoch, Owner: owner, At: time.Now().UTC()}
		if c.Writes, c.Generation, err = writes(c.At); err != nil || len(c.Writes) == 0 {
			return err
		}
		if err = e.commit(ctx, c); !errors.Is(err, crm.ErrFenced) || attempt == attempts {
			return err
		}
	}
}

// Postpone makes rows failed ones whose next try has come, so that they are read again as soon as their source
// works again, whatever happens to this process until then. Logged and retired rows stay as they are.
func (e *Engine) Postpone(ctx context.Context, source string, ids []string, why string) error {
	r := e.runner(source)
	if r == nil {
		return fmt.Errorf("source %s is not in the configuration: %w", source, ErrUnsupported)
	}
	before, err := e.rows(ctx, source, ids)
	if err != nil {
		return err
	}
	return e.commitBeside(ctx, source, r.config().Owner, func(at time.Time) (writes []crm.Write, _ uint64, _ error) {
		for _, id := range ids {
			entry, known := before[id]
			if !known || entry.Retired || entry.Verdict == crm.Logged || entry.Verdict == crm.Failed {
				continue
			}
			entry.Verdict, entry.Reason = crm.Failed, crm.Reason(crm.ReasonUnreadable+": "+why)
			entry.Attempts, entry.NextTry = 0, at
			writes = append(writes, crm.Write{Entry: entry})
		}
		return writes, 0, nil
	})
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
