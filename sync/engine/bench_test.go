package engine

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// BenchmarkNewsToCommit measures from the moment a waiting source says that it has news to the commit of the
// mail, in this process, with a store in memory. Report: the median and the 99th percentile.
func BenchmarkNewsToCommit(b *testing.B) {
	for _, idle := range []int{0, 1000} {
		b.Run(fmt.Sprintf("beside_%d_idle", idle), func(b *testing.B) {
			boxes := manyBoxes(idle, 1, 10)
			box := newMailbox(1, 10)
			boxes["a"] = box
			r := newRig(b, boxes)
			stop := r.run(b)
			defer stop()
			events, unsubscribe := r.Subscribe()
			defer unsubscribe()
			waitUntilIdle(b, r)
			drain(events)

			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				box.deliver("known@client.example")
				for ev := range events {
					if ev.Source == "a" && ev.Ledger {
						break
					}
				}
				took = append(took, time.Since(start))
				for !r.runner("a").isWaiting() {
					runtime.Gosched()
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "µs-p99")
		})
	}
}

// BenchmarkIdleSources measures what sources cost that wait for news: bytes each, with their goroutine.
func BenchmarkIdleSources(b *testing.B) {
	const sources = 2000
	for b.Loop() {
		before := inUse()
		r := newRig(b, manyBoxes(sources, 1, 10))
		stop := r.run(b)
		waitUntilIdle(b, r)
		b.ReportMetric(float64(inUse()-before)/sources, "bytes/source")
		stop()
	}
}

func waitUntilIdle(b *testing.B, r *rig) {
	b.Helper()
	for _, run := range r.all() {
		for !run.isWaiting() {
			time.Sleep(time.Millisecond)
		}
		if s := r.store.source(run.id); s.State != crm.SourceOK {
			b.Fatalf("%s is %s: %s", run.id, s.State, s.Error)
		}
	}
}

func drain(events <-chan Event) {
	for {
		select {
		case <-events:
		default:
			return
		}
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
