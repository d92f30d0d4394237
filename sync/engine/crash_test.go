package engine

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestStoppedAnywhere stops a run at every call of the store and of the source in turn, goes on with a fresh
// engine, and compares with a run that nobody stopped.
func TestStoppedAnywhere(t *testing.T) {
	whole := func(t *testing.T, stopAt int) (ledger map[crm.ItemRef]crm.Verdict, source crm.Source, calls int) {
		box := newMailbox(35, 10)
		box.poison[7] = true
		first := newRig(t, map[string]*mailbox{"a": box})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var count atomic.Int32
		step := func() {
			if int(count.Add(1)) == stopAt {
				cancel()
			}
		}
		first.store.onCall = func(context.Context, string) { step() }
		box.onFetch = func(context.Context, int, connectors.Cursor) error { step(); return nil }
		if err := first.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		first.store.onCall, box.onFetch = nil, nil
		calls = int(count.Load())

		second := newRig(t, map[string]*mailbox{"a": box}, func(c *Config) { c.Store = first.store })
		if err := second.Drain(t.Context(), nil, false, nil); err != nil {
			t.Fatal(err)
		}
		second.Close()
		source = first.store.source("a")
		return first.store.ledger(), crm.Source{State: source.State, Tally: source.Tally, Cursor: source.Cursor, Progress: source.Progress}, calls
	}
	synctest.Test(t, func(t *testing.T) {
		wantLedger, wantSource, calls := whole(t, 0)
		if len(wantLedger) != 35 || wantSource.Tally.Seen != 35 || wantSource.State != crm.SourceOK {
			t.Fatalf("a run that nobody stopped ends with %+v", wantSource)
		}
		for stopAt := 1; stopAt <= calls; stopAt++ {
			ledger, source, _ := whole(t, stopAt)
			if diff := cmp.Diff(wantLedger, ledger); diff != "" {
				t.Errorf("stopped at call %d, the ledger differs (-whole +stopped):\n%s", stopAt, diff)
			}
			if diff := cmp.Diff(wantSource, source); diff != "" {
				t.Errorf("stopped at call %d, the source differs (-whole +stopped):\n%s", stopAt, diff)
			}
		}
	})
}
