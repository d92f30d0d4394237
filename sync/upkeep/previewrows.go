package upkeep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// previewRows reads again what is not logged and what the candidate may decide otherwise about.
func (u *Upkeep) previewRows(ctx context.Context, c Candidate, p *Preview) error {
	version, err := u.version(ctx)
	if err != nil {
		return err
	}
	today, err := newRules(version, u.cfg.Reader.Mapping)
	if err != nil {
		return err
	}
	rules, err := newRules(crm.MappingVersion{Document: c.Document}, u.cfg.Reader.Mapping)
	if err != nil {
		return err
	}
	verdicts, changed := []crm.Verdict{crm.Excluded}, rules.decides != today.decides
	if changed {
		verdicts = append(verdicts, crm.Unmatched, crm.Waiting)
	}
	left := c.Rows
	for _, verdict := range verdicts {
		if err := u.previewVerdict(ctx, c, rules, changed, verdict, &left, p); err != nil {
			return err
		}
	}
	return nil
}

func (u *Upkeep) previewVerdict(ctx context.Context, c Candidate, rules rules, changed bool, verdict crm.Verdict, left *int, p *Preview) error {
	for after := ""; ; {
		page, next, err := u.cfg.Store.ListEntries(ctx, crm.LedgerFilter{Verdict: verdict, After: after, Limit: listRows})
		if err != nil {
			return fmt.Errorf("list %s rows: %w", verdict, err)
		}
		ended := next == "" || len(page) > 0 && page[len(page)-1].SeenAt.Before(c.Since.Add(-seenAhead))
		var open []crm.Entry
		for _, e := range page {
			switch {
			case e.Retired || before(e, c.Since):
			case !rules.undecided(e, false, changed):
				p.Same++
			default:
				open = append(open, e)
			}
		}
		p.Unread += len(open) - min(len(open), *left)
		open = open[:min(len(open), *left)]
		*left -= len(open)
		for _, g := range bySource(open) {
			for ids := range slices.Chunk(g.ids, replayRows) {
				if err := u.previewItems(ctx, c, g.source, ids, open, p); err != nil {
					return err
				}
			}
		}
		if after = next; ended {
			return nil
		}
	}
}

// seenAhead is how long before it takes place a meeting may be seen; nothing else is seen before it is sent.
const seenAhead = 100 * 24 * time.Hour

// before says whether an item is from before since, or, if it does not tell, was seen before.
func before(e crm.Entry, since time.Time) bool {
	if e.ItemTime.IsZero() {
		return e.SeenAt.Before(since)
	}
	return e.ItemTime.Before(since)
}

// previewItems reads items again. Those whose source cannot be called now are skipped.
func (u *Upkeep) previewItems(ctx context.Context, c Candidate, source string, ids []string, entries []crm.Entry, p *Preview) error {
	items, err := u.cfg.Reader.Items(ctx, source, ids)
	if err != nil {
		p.Skipped += len(ids)
		return ctx.Err()
	}
	p.Skipped += len(ids) - len(items)
	src, _ := u.cfg.Reader.Mapping(source)
	writes, _, err := c.Mapper.Map(ctx, u.cfg.Directory, src, items, time.Now().UTC())
	if err != nil {
		return fmt.Errorf("map items: %w", err)
	}
	r := replay{Replayed: Replayed{}, keep: p.sample}
	for _, w := range writes {
		i := slices.IndexFunc(entries, func(e crm.Entry) bool { return e.Source == source && e.ExternalID == w.Entry.ExternalID })
		if i < 0 {
			return errors.New("an item was read that nobody asked for")
		}
		r.compare(entries[i], w)
	}
	p.Add, p.Change, p.Same = p.Add+r.Add, p.Change+r.Change, p.Same+r.Same
	return nil
}
