package engine

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/sync/schedule"
)

// quiet is a source that never has anything new.
type quiet struct{}

func (quiet) Fetch(_ context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	return connectors.Batch{Next: cur}, nil
}
func (quiet) Close() error { return nil }

// BenchmarkIdlePoll measures what a poll costs that finds nothing, with the store that is shipped and as many
// sources as a large company has: one after the other, as when they come due evenly, and four at a time, when polls
// share writes. Report: the processor time of a poll, and the share of one core that polling each source once a
// minute takes.
func BenchmarkIdlePoll(b *testing.B) {
	for _, atATime := range []int{1, 4} {
		b.Run(fmt.Sprintf("%d_at_a_time", atATime), func(b *testing.B) { benchmarkIdlePoll(b, atATime) })
	}
}

func benchmarkIdlePoll(b *testing.B, atATime int) {
	const sources = 2000
	e := newQuietEngine(b, sources)
	e.cfg.Workers = atATime
	defer e.Close()
	if err := e.declare(b.Context()); err != nil {
		b.Fatal(err)
	}
	e.pollAll(b, sources) // opens them
	before, polls := processorTime(b), 0
	for b.Loop() {
		e.pollAll(b, sources)
		polls += sources
	}
	each := float64((processorTime(b) - before).Microseconds()) / float64(polls)
	b.ReportMetric(each, "cpu-µs/poll")
	b.ReportMetric(each*sources/1e6/60*100, "%core")
}

func newQuietEngine(b *testing.B, n int) *Engine {
	b.Helper()
	store, err := boltstore.Open(b.Context(), filepath.Join(b.TempDir(), "store.db"), boltstore.Options{HMACKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	spec, err := schedule.Parse("@every 1m", nil)
	if err != nil {
		b.Fatal(err)
	}
	mapper, problems := mapping.New(mapping.Organization{}, mapping.Document{})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	var sources []Source
	for i := range n {
		sources = append(sources, Source{
			Source: crm.Source{ID: fmt.Sprintf("source-%04d", i), Kind: "fake"}, Schedule: spec,
			Open: func(context.Context) (connectors.Source, error) { return quiet{}, nil },
		})
	}
	return New(Config{Store: store, Directory: store, Sources: sources, Mapper: func() *mapping.Mapper { return mapper }})
}

// pollAll reads so many sources that come due within the next hours, as dispatch does.
func (e *Engine) pollAll(b *testing.B, n int) {
	var group sync.WaitGroup
	places := make(chan struct{}, e.cfg.Workers)
	for range n {
		places <- struct{}{}
		if _, err := e.cfg.Store.NextDue(b.Context()); err != nil {
			b.Fatal(err)
		}
		claims, err := e.cfg.Store.ClaimDue(b.Context(), time.Now().Add(24*time.Hour).UTC(), e.cfg.Lease, 1)
		if err != nil || len(claims) == 0 {
			b.Fatalf("claim: %v, %v", claims, err)
		}
		claim := claims[0]
		group.Go(func() {
			defer func() { <-places }()
			e.read(b.Context(), e.runner(claim.Source.ID), claim, turn{lane: laneDue, began: time.Now()})
		})
	}
	group.Wait()
}

// processorTime is what this process has used so far, of both kinds.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
