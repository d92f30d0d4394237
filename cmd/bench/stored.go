package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// measureStore fills a store with years of activities and measures writing, growing, opening and reading.
func (b *bench) measureStore(ctx context.Context) error {
	path := filepath.Join(b.dir, "stored", "bench.db")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make folder for the store: %w", err)
	}
	store, err := boltstore.Open(ctx, path, storeOptions())
	if err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	if err := b.fillStore(ctx, store); err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	var opening []float64
	for range 3 {
		start := time.Now()
		if store, err = boltstore.Open(ctx, path, storeOptions()); err != nil {
			return fmt.Errorf("open store: %w", err)
		}
		if _, err := store.ListSources(ctx); err != nil {
			return fmt.Errorf("list sources: %w", err)
		}
		opening = append(opening, time.Since(start).Seconds()*1000)
		if err := store.Close(); err != nil {
			return fmt.Errorf("close store: %w", err)
		}
	}
	b.report.atMost(fmt.Sprintf("open a store with %d activities", b.stored), spreadOf(opening), " ms", 1000)
	if store, err = boltstore.Open(ctx, path, storeOptions()); err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	defer func() { _ = store.Close() }()
	return b.measureReads(ctx, store)
}

func storeOptions() boltstore.Options {
	return boltstore.Options{HMACKey: make([]byte, 32), Location: time.FixedZone("JST", 9*3600)}
}

// fillStore commits batches of a thousand and takes the rate at the start and at the end.
func (b *bench) fillStore(ctx context.Context, store *boltstore.Store) error {
	now := time.Now().UTC()
	source := crm.Source{ID: storedSource, Kind: "imap", Owner: userName, Fingerprint: "1"}
	if err := store.DeclareSources(ctx, []crm.Source{source}, now); err != nil {
		return fmt.Errorf("declare source: %w", err)
	}
	claim, ok, err := store.ClaimSource(ctx, storedSource, now, time.Hour)
	if err != nil || !ok {
		return fmt.Errorf("claim source: %v, %w", ok, err)
	}
	maker := newActivityMaker()
	var early, late []float64
	for done := 0; done < b.stored; done += 1000 {
		commit := maker.batch(1000, claim.Source.Epoch, now)
		start := time.Now()
		if err := store.Commit(ctx, commit); err != nil {
			return fmt.Errorf("commit batch: %w", err)
		}
		seconds := time.Since(start).Seconds()
		if done >= 25_000 && done < 75_000 {
			early = append(early, seconds)
		}
		if done >= b.stored-100_000 {
			late = append(late, seconds)
		}
		if done%500_000 == 0 {
			fmt.Fprintf(os.Stderr, "   %d stored, the last thousand in %.0f ms\n", done, seconds*1000)
		}
	}
	perSecond := func(list []float64) spread {
		s := spreadOf(list)
		return spread{1000 / s.median, 1000 / s.greatest, 1000 / s.least}
	}
	b.report.atLeast("durable commit of activities with all indexes, 50,000 stored", perSecond(early), "/s", 12_000)
	b.report.inform(fmt.Sprintf("the same, %d stored", b.stored), perSecond(late).String()+"/s")
	growth := spreadOf(late).median / spreadOf(early).median
	b.report.atMost(fmt.Sprintf("time per mail at %d stored ÷ at 50,000", b.stored), spread{growth, growth, growth}, "×", 1.3)
	if size, err := store.Size(ctx); err == nil {
		b.report.inform("bytes on disk an activity", fmt.Sprint(size/int64(b.stored)))
	}
	return nil
}

// measureReads times what pages ask for.
func (b *bench) measureReads(ctx context.Context, store *boltstore.Store) error {
	var first, deep []float64
	cursor := ""
	for range 200 {
		start := time.Now()
		list, _, err := store.ListActivities(ctx, crm.ActivityFilter{Account: bigAccount, Limit: 50})
		if err != nil || len(list) != 50 {
			return fmt.Errorf("read timeline: %d rows, %w", len(list), err)
		}
		first = append(first, time.Since(start).Seconds()*1000)
		start = time.Now()
		if _, cursor, err = store.ListActivities(ctx, crm.ActivityFilter{Account: bigAccount, Limit: 50, After: cursor}); err != nil {
			return fmt.Errorf("read timeline: %w", err)
		}
		deep = append(deep, time.Since(start).Seconds()*1000)
	}
	b.report.atMost(fmt.Sprintf("timeline (50 rows) of an account with %d activities, store", b.stored/5), spreadOf(first), " ms", 10)
	b.report.atMost("the same, further pages", spreadOf(deep), " ms", 10)
	var reports []float64
	for range 50 {
		start := time.Now()
		if _, err := store.Rollups(ctx, "2020-01-01", "2099-12-31"); err != nil {
			return fmt.Errorf("read roll-ups: %w", err)
		}
		reports = append(reports, time.Since(start).Seconds()*1000)
	}
	b.report.atMost("report over all days, store", spreadOf(reports), " ms", 10)
	return nil
}
