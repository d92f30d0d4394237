package upkeep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

const (
	actor     = "tsunagu" // in the audit
	alignStep = 500       // activities between two notes of how far it has come
	writeStep = 100       // activities of one write: live mail waits for no more
)

// errSuperseded ends an alignment whose mapping is not in force any more; never shown.
var errSuperseded = errors.New("the mapping changed meanwhile")

// align brings history in line with today's mapping: what its exclusions cover goes, what is logged is matched
// again and gets the fields of today's rules, and what was kept out by a rule that is gone is read again; so is what is
// unmatched or waiting, if another rule decides about it now. It starts over when the mapping, the
// organisation or a source's folders have changed, and else goes on from where it was.
func (u *Upkeep) align(ctx context.Context, report *Report) error {
	for {
		err := u.alignOnce(ctx, report)
		if !errors.Is(err, errSuperseded) {
			return err
		}
	}
}

func (u *Upkeep) alignOnce(ctx context.Context, report *Report) error {
	version, err := u.version(ctx)
	if err != nil {
		return err
	}
	a := &alignment{Upkeep: u, mapper: u.cfg.Mapper(), version: version, report: report}
	if a.rules, err = newRules(version, u.cfg.Reader.Mapping); err != nil {
		return err
	}
	if a.alignState, err = u.alignState(ctx); err != nil {
		return err
	}
	if a.Hash != a.mapper.Hash() {
		if a.alignState, err = a.next(ctx); err != nil {
			return err
		}
	}
	a.Trouble = ""
	err = a.steps(ctx)
	if err != nil && !errors.Is(err, errSuperseded) && ctx.Err() == nil {
		a.Trouble = err.Error()
		err = errors.Join(err, a.keep(ctx))
	}
	return err
}

// version is the version of the mapping that is in force; the zero version is the default mapping.
func (u *Upkeep) version(ctx context.Context) (crm.MappingVersion, error) {
	if u.cfg.Version != nil {
		return u.cfg.Version(), nil
	}
	version, err := u.cfg.Store.LatestMapping(ctx)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return version, fmt.Errorf("get mapping: %w", err)
	}
	return version, nil
}

// alignment is one run of bringing history in line.
type alignment struct {
	*Upkeep
	alignState
	mapper  *mapping.Mapper
	version crm.MappingVersion
	rules   rules
	report  *Report
}

// inForce is errSuperseded once another mapping is.
func (a *alignment) inForce() error {
	if a.cfg.Mapper().Hash() != a.Hash {
		return errSuperseded
	}
	return nil
}

func (a *alignment) steps(ctx context.Context) error {
	if a.Step == stepActivities {
		if err := a.activities(ctx); err != nil {
			return fmt.Errorf("bring history in line: %w", err)
		}
	}
	if a.Step == stepRows {
		if err := a.rows(ctx); err != nil {
			return fmt.Errorf("read rows that another rule decides about: %w", err)
		}
		a.Step, a.Left, a.Reread, a.Cursor, a.Verdict = stepDone, false, false, "", ""
		a.Ended, a.Trouble, a.Total = time.Now().UTC(), "", a.Done
		if err := a.keep(ctx); err != nil {
			return err
		}
	}
	if a.version.Number > 0 && !a.version.Applied && a.inForce() == nil && a.Marked != a.version.Number {
		if err := a.cfg.Store.MappingApplied(ctx, a.version.Number); err != nil {
			return fmt.Errorf("mark mapping as applied: %w", err)
		}
		a.Marked, a.Version = a.version.Number, a.version.Number
		return a.keep(ctx)
	}
	return nil
}

// activities goes through what is stored, some at a time.
func (a *alignment) activities(ctx context.Context) error {
	for {
		var some []crm.Activity
		next, err := a.cfg.Store.EachActivity(ctx, a.Cursor, func(activity crm.Activity) error {
			if some = append(some, activity); len(some) == alignStep {
				return crm.ErrStop
			}
			return ctx.Err()
		})
		if err != nil && !errors.Is(err, crm.ErrStop) {
			return err
		}
		if err := a.some(ctx, some); err != nil {
			return err
		}
		a.Done += int64(len(some))
		if a.Cursor = next; next == "" {
			a.Step = stepRows
		}
		if err := a.keep(ctx); err != nil || next == "" {
			return err
		}
	}
}

func (a *alignment) some(ctx context.Context, some []crm.Activity) error {
	kept := some[:0]
	for _, activity := range some {
		rows, reason, excluded := a.mapper.Screens(activity)
		if !excluded {
			kept = append(kept, activity)
			continue
		}
		if err := a.inForce(); err != nil {
			return err
		}
		started := time.Now()
		if err := a.cfg.Store.ExcludeRows(ctx, actor, rows, reason, time.Now().UTC()); err != nil {
			return fmt.Errorf("exclude rows: %w", err)
		}
		a.report.Excluded += len(rows)
		a.Removed += int64(len(rows))
		a.rest(ctx, time.Since(started))
	}
	changed, err := a.changes(ctx, a.mapper, kept)
	if err != nil {
		return err
	}
	for len(changed) > 0 {
		if err := a.inForce(); err != nil {
			return err
		}
		chunk := changed[:min(len(changed), writeStep)]
		changed = changed[len(chunk):]
		started := time.Now()
		n, err := a.put(ctx, a.mapper, chunk)
		if err != nil {
			return err
		}
		a.report.Rematched += n
		a.Changed += int64(n)
		a.rest(ctx, time.Since(started))
	}
	return nil
}

// rest waits as long as a write took, so that live mail has the store for half of the time. Who waits for the end of
// the work, outside of Run, is not made to wait longer.
func (u *Upkeep) rest(ctx context.Context, took time.Duration) {
	if !u.behind.Load() {
		return
	}
	pause := time.NewTimer(min(took, time.Second))
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
	}
}
