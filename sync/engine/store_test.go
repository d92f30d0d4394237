package engine

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestDiskFullKeepsThePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(30, 10)
		r := newRig(t, map[string]*mailbox{"a": box})
		var full atomic.Bool
		full.Store(true)
		r.store.onCommit = func(n int, _ crm.Commit) error {
			if n >= 2 && full.Load() {
				return crm.ErrFull
			}
			return nil
		}
		stop := r.run(t)
		time.Sleep(time.Second)
		if s := r.wantState(t, "a", crm.SourceRetrying); s.Hint == "" || s.Cursor == "" {
			t.Errorf("hint %q and cursor %q, want both", s.Hint, s.Cursor)
		}
		full.Store(false)
		time.Sleep(31 * time.Minute)
		r.wantComplete(t, "a", box, crm.Logged)
		stop()
	})
}

// TestLastBatchCannotBeStored holds that a failing store costs no place when nothing is fetched ahead.
func TestLastBatchCannotBeStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(3, 10)
		r := newRig(t, map[string]*mailbox{"a": box})
		var full atomic.Bool
		full.Store(true)
		r.store.onCommit = func(int, crm.Commit) error {
			if full.Load() {
				return crm.ErrFull
			}
			return nil
		}
		stop := r.run(t)
		time.Sleep(time.Second)
		r.wantState(t, "a", crm.SourceRetrying)
		full.Store(false)
		time.Sleep(31 * time.Minute)
		r.wantComplete(t, "a", box, crm.Logged)
		if took := stop(); took > time.Second {
			t.Errorf("stopping took %v", took)
		}
	})
}

func TestFencedStopsQuietly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(30, 10)
		r := newRig(t, map[string]*mailbox{"a": box})
		box.onFetch = func(_ context.Context, n int, _ connectors.Cursor) error {
			if n == 2 { // somebody else takes the source over
				r.store.mu.Lock()
				defer r.store.mu.Unlock()
				s := r.store.sources["a"]
				s.Epoch++
				s.LeaseUntil = time.Now().Add(time.Minute)
			}
			return nil
		}
		stop := r.run(t)
		time.Sleep(time.Second)
		if s := r.store.source("a"); s.Error != "" || s.LeaseUntil.IsZero() {
			t.Errorf("the claim of somebody else was touched: %+v", s)
		}
		time.Sleep(2 * time.Minute) // his lease ends, and he never comes back
		r.wantComplete(t, "a", box, crm.Logged)
		stop()
	})
}

func TestLeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(3, 10)
		box.onFetch = func(context.Context, int, connectors.Cursor) error {
			time.Sleep(10 * time.Minute)
			return nil
		}
		r := newRig(t, map[string]*mailbox{"a": box})
		stop := r.run(t)
		time.Sleep(11 * time.Minute)
		r.wantComplete(t, "a", box, crm.Logged)
		if r.store.count(&r.store.claims) != 1 {
			t.Errorf("a slow call took %d claims, want one", r.store.count(&r.store.claims))
		}
		stop()
	})
}
