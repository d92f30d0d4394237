package upkeep

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const lookEvery = time.Minute

// Run works until ctx ends, and returns nil then. At the start, after Kick and every minute it takes up late
// work and what alignment has to do; at night it does everything.
func (u *Upkeep) Run(ctx context.Context) error {
	u.behind.Store(true)
	defer u.behind.Store(false)
	u.Kick()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		night := u.untilNight()
		timer := time.NewTimer(night)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-u.kick:
			u.try(ctx, u.soon)
		case a := <-u.asks:
			u.answer(ctx, a)
		case <-look.C:
			u.try(ctx, u.soon)
		case <-timer.C:
			if night < longestSleep {
				u.try(ctx, u.everything)
			}
		}
		timer.Stop()
	}
}

const longestSleep = 24 * time.Hour

func (u *Upkeep) untilNight() time.Duration {
	now := time.Now()
	next := u.cfg.Nightly.Next(now, "upkeep")
	if next.IsZero() {
		return longestSleep
	}
	return min(next.Sub(now), longestSleep)
}

// try does one kind of work and logs what came of it. What failed is done again the next time.
func (u *Upkeep) try(ctx context.Context, work func(context.Context, *Report) error) {
	u.work.Lock()
	defer u.work.Unlock()
	var report Report
	err := work(ctx, &report)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		u.log.Error("upkeep failed and is tried again", "error", err)
	}
	if report.did() {
		u.log.Info("upkeep", "rematched", report.Rematched, "reread", report.Reread, "excluded", report.Excluded,
			"readmitted", report.Readmitted, "postponed", report.Postponed, "pruned", report.Pruned, "repairs", report.Repairs)
	}
	for _, p := range report.Proofs {
		if p.MissingCount > 0 {
			u.log.Warn("items were missing from the ledger", "source", p.Source, "missing", p.MissingCount,
				"repaired", p.Repaired, "gone", p.Gone, "ids", p.Missing)
		}
	}
}

func (r Report) did() bool {
	return r.Rematched+r.Reread+r.Excluded+r.Readmitted+r.Postponed+r.Pruned+len(r.Repairs) > 0
}

// Once does everything now and says what it did. An error of one kind of work does not keep the others from
// being done.
func (u *Upkeep) Once(ctx context.Context) (Report, error) {
	u.work.Lock()
	defer u.work.Unlock()
	var report Report
	err := u.everything(ctx, &report)
	return report, err
}

// CatchUp brings history in line with today's mapping and with who is known by now, and nothing else: what a
// single pass of the sources has to do, whose cost must not grow with what is stored.
func (u *Upkeep) CatchUp(ctx context.Context) (Report, error) {
	u.work.Lock()
	defer u.work.Unlock()
	var report Report
	err := u.soon(ctx, &report)
	return report, err
}

func (u *Upkeep) soon(ctx context.Context, report *Report) error {
	return errors.Join(u.ownRules(ctx, report), u.align(ctx, report), u.late(ctx, report))
}

func (u *Upkeep) everything(ctx context.Context, report *Report) error {
	return errors.Join(u.soon(ctx, report), u.prove(ctx, report), u.books(ctx, report))
}

// books recounts what is kept counted, and removes what expired.
func (u *Upkeep) books(ctx context.Context, report *Report) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	repairs, err := u.cfg.Store.CheckRollups(ctx, true)
	if err != nil {
		return fmt.Errorf("check roll-ups: %w", err)
	}
	report.Repairs = repairs
	now := time.Now().UTC()
	var auditBefore time.Time
	if u.cfg.AuditKeep > 0 {
		auditBefore = now.Add(-u.cfg.AuditKeep)
	}
	if report.Pruned, err = u.cfg.Store.Prune(ctx, now, auditBefore); err != nil {
		return fmt.Errorf("prune: %w", err)
	}
	return nil
}
