package upkeep

import (
	"context"
	"errors"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const pieceRows = 100

// late works through the queue of people, domains, decisions and messages that became known. A piece is taken off the
// queue when all its rows are dealt with. A row whose source cannot be called now is handed to the engine's
// retries, so that a source that waits for somebody to sign in does not hold up the queue.
func (u *Upkeep) late(ctx context.Context, report *Report) error {
	from := ""
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		work, ok, err := u.cfg.Store.NextLate(ctx, from, pieceRows)
		if err != nil {
			return fmt.Errorf("take late work: %w", err)
		}
		if !ok {
			return nil
		}
		if err := u.piece(ctx, work, report); err != nil {
			return fmt.Errorf("late matching: %w", err)
		}
		if from = work.Next; from != "" {
			continue
		}
		if err := u.cfg.Store.LateDone(ctx, work.ID); err != nil {
			return fmt.Errorf("finish late work: %w", err)
		}
	}
}

func (u *Upkeep) piece(ctx context.Context, work crm.LateWork, report *Report) error {
	var activities []string
	var unread []crm.Entry
	for _, entry := range work.Entries {
		switch {
		case entry.Verdict == crm.Logged:
			activities = append(activities, entry.Activity)
		case entry.Verdict != crm.Excluded && !entry.Retired:
			unread = append(unread, entry)
		}
	}
	if work.Person != "" {
		return u.unfile(ctx, work, activities)
	}
	if err := u.unsay(ctx, work.Address, activities); err != nil {
		return err
	}
	if err := u.rematch(ctx, activities, report); err != nil {
		return err
	}
	left, err := u.ownerless(ctx, activities)
	if err != nil {
		return err
	}
	read, err := u.reread(ctx, append(unread, left...), report)
	report.Reread += read
	return err
}

// rematch puts stored activities through today's mapping.
func (u *Upkeep) rematch(ctx context.Context, ids []string, report *Report) error {
	activities, err := u.get(ctx, ids)
	if err != nil {
		return err
	}
	mapper := u.cfg.Mapper()
	changed, err := u.changes(ctx, mapper, activities)
	if err != nil {
		return err
	}
	n, err := u.put(ctx, mapper, changed)
	report.Rematched += n
	return err
}

// reread reads rows again, source by source, and says how many.
func (u *Upkeep) reread(ctx context.Context, entries []crm.Entry, report *Report) (int, error) {
	total := 0
	for _, group := range bySource(entries) {
		refs := make([]crm.ItemRef, len(group.ids))
		for i, id := range group.ids {
			refs[i] = crm.ItemRef{Source: group.source, ExternalID: id}
		}
		read, err := u.cfg.Reader.Reread(ctx, refs)
		total += read
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return total, ctx.Err()
		case errors.Is(err, errors.ErrUnsupported):
			report.Stuck += len(refs) - read
		default:
			if err := u.cfg.Reader.Postpone(ctx, group.source, group.ids[read:], "its source could not be called"); err != nil {
				return total, fmt.Errorf("postpone rows: %w", err)
			}
			report.Postponed += len(refs) - read
		}
	}
	return total, nil
}

// group is some items of one source.
type group struct {
	source string
	ids    []string
}

// bySource groups rows by their source, keeping the order.
func bySource(entries []crm.Entry) []*group {
	var groups []*group
	known := make(map[string]*group)
	for _, entry := range entries {
		g := known[entry.Source]
		if g == nil {
			g = &group{source: entry.Source}
			known[entry.Source] = g
			groups = append(groups, g)
		}
		g.ids = append(g.ids, entry.ExternalID)
	}
	return groups
}
