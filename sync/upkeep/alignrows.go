package upkeep

import (
	"context"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// rows reads again what a rule kept out of which today's mapping knows nothing, internal mail if somebody left
// the organisation, and what is unmatched or waits if the rules about it changed.
func (a *alignment) rows(ctx context.Context) error {
	verdicts := []crm.Verdict{crm.Excluded}
	if a.Reread {
		verdicts = append(verdicts, crm.Unmatched, crm.Waiting)
	}
	for i, verdict := range verdicts {
		if a.Verdict != "" && a.Verdict != verdict {
			continue // done before the interruption
		}
		if err := a.rowsOf(ctx, verdict); err != nil {
			return err
		}
		if i+1 < len(verdicts) {
			a.Verdict, a.Cursor = verdicts[i+1], ""
		}
	}
	return nil
}

func (a *alignment) rowsOf(ctx context.Context, verdict crm.Verdict) error {
	a.Verdict = verdict
	for {
		page, next, err := a.cfg.Store.ListEntries(ctx, crm.LedgerFilter{Verdict: verdict, After: a.Cursor, Limit: listRows})
		if err != nil {
			return fmt.Errorf("list %s rows: %w", verdict, err)
		}
		var free []crm.Entry
		for _, entry := range page {
			if !entry.Retired && a.rules.undecided(entry, a.Left, a.Reread) {
				free = append(free, entry)
			}
		}
		if err := a.inForce(); err != nil {
			return err
		}
		read, err := a.reread(ctx, free, a.report)
		a.report.Readmitted += read
		a.Readmitted += int64(read)
		if err != nil {
			return err
		}
		if a.Cursor = next; next == "" {
			return nil
		}
		if err := a.keep(ctx); err != nil {
			return err
		}
	}
}
