package upkeep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	shownSamples = 100
	replayRows   = 32 // read again at a time
	listRows     = 500
)

// Replay puts the rows of a source (of all, if source is "") whose items are from since or later through
// today's mapping: logged ones as they are stored, the others read again. With dryRun nothing is written.
func (u *Upkeep) Replay(ctx context.Context, source string, since time.Time, dryRun bool) (Replayed, error) {
	u.work.Lock()
	defer u.work.Unlock()
	r := &replay{Upkeep: u, dry: dryRun, activities: make(map[string]bool)}
	after := ""
	for {
		page, next, err := u.cfg.Store.ListEntries(ctx, crm.LedgerFilter{Source: source, After: after, Limit: listRows})
		if err != nil {
			return r.Replayed, fmt.Errorf("replay: list rows: %w", err)
		}
		page = slices.DeleteFunc(page, func(e crm.Entry) bool {
			return e.Retired || !e.ItemTime.IsZero() && e.ItemTime.Before(since)
		})
		if err := r.page(ctx, page); err != nil {
			return r.Replayed, fmt.Errorf("replay: %w", err)
		}
		if after = next; after == "" {
			return r.Replayed, nil
		}
	}
}

type replay struct {
	*Upkeep
	Replayed
	dry        bool
	keep       func(op string, ref crm.ItemRef, before, after string) // takes a sample; nil for a list of its own
	activities map[string]bool                                        // looked at already
}

func (r *replay) page(ctx context.Context, entries []crm.Entry) error {
	var unread []crm.Entry
	for _, entry := range entries {
		if heldByPeople(entry) {
			r.Same++
			continue
		}
		if entry.Verdict != crm.Logged {
			unread = append(unread, entry)
			continue
		}
		if r.activities[entry.Activity] {
			continue
		}
		r.activities[entry.Activity] = true
		if err := r.stored(ctx, entry); err != nil {
			return err
		}
	}
	for _, g := range bySource(unread) {
		for ids := range slices.Chunk(g.ids, replayRows) {
			if err := r.readAgain(ctx, g.source, ids, unread); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// stored replays an activity with all its rows.
func (r *replay) stored(ctx context.Context, entry crm.Entry) error {
	a, err := r.cfg.Store.GetActivity(ctx, entry.Activity)
	if errors.Is(err, crm.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("get activity: %w", err)
	}
	mapper := r.cfg.Mapper()
	if rows, reason, excluded := mapper.Screens(a); excluded {
		for _, row := range rows {
			r.Remove++
			r.sample("remove", row, describe(a), "excluded: "+string(reason))
		}
		if r.dry {
			return nil
		}
		if err := r.cfg.Store.ExcludeRows(ctx, actor, rows, reason, time.Now().UTC()); err != nil {
			return fmt.Errorf("exclude rows: %w", err)
		}
		return nil
	}
	changed, err := r.changes(ctx, mapper, []crm.Activity{a})
	if err != nil {
		return err
	}
	if len(changed) == 0 {
		r.Same++
		return nil
	}
	r.Change++
	before, after := difference(&changed[0].Was, &changed[0].Now)
	r.sample("change", crm.ItemRef{Source: entry.Source, ExternalID: entry.ExternalID}, before, after)
	if r.dry {
		return nil
	}
	_, err = r.put(ctx, mapper, changed)
	return err
}

// readAgain replays rows that are not logged. Those whose source cannot be called now are skipped.
func (r *replay) readAgain(ctx context.Context, source string, ids []string, entries []crm.Entry) error {
	items, err := r.cfg.Reader.Items(ctx, source, ids)
	if err != nil {
		r.Skipped += len(ids)
		return ctx.Err()
	}
	src, _ := r.cfg.Reader.Mapping(source)
	writes, _, err := r.cfg.Mapper().Map(ctx, r.cfg.Directory, src, slices.Clone(items), time.Now().UTC())
	if err != nil {
		return fmt.Errorf("map items: %w", err)
	}
	r.Skipped += len(ids) - len(items)
	for _, w := range writes {
		i := slices.IndexFunc(entries, func(e crm.Entry) bool {
			return e.Source == source && e.ExternalID == w.Entry.ExternalID
		})
		if i >= 0 {
			r.compare(entries[i], w)
		}
	}
	if r.dry {
		return nil
	}
	if err := r.cfg.Reader.StoreAgain(ctx, source, idsOf(items), items); err != nil {
		return fmt.Errorf("store items: %w", err)
	}
	return nil
}

func (r *replay) compare(old crm.Entry, w crm.Write) {
	ref := crm.ItemRef{Source: old.Source, ExternalID: old.ExternalID}
	before := string(old.Verdict) + ": " + string(old.Reason)
	switch {
	case w.Entry.Verdict == crm.Logged:
		r.Add++
		r.sample("add", ref, before, describe(*w.Activity))
	case old.Verdict == w.Entry.Verdict && old.Reason == w.Entry.Reason:
		r.Same++
	default:
		r.Change++
		r.sample("change", ref, before, string(w.Entry.Verdict)+": "+string(w.Entry.Reason))
	}
}

func (r *replay) sample(op string, ref crm.ItemRef, before, after string) {
	if r.keep != nil {
		r.keep(op, ref, before, after)
		return
	}
	if len(r.Samples) < shownSamples {
		r.Samples = append(r.Samples, Sample{Ref: ref, Op: op, Before: before, After: after})
	}
}

func describe(a crm.Activity) string {
	if a.Match.Rule == "" {
		return "logged"
	}
	return fmt.Sprintf("logged: %s %s", a.Match.Rule, a.Match.Evidence)
}

func idsOf(items []connectors.Item) []string {
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.ExternalID
	}
	return ids
}
