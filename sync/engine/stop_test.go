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

func TestStopsWithinTheLimit(t *testing.T) {
	tests := map[string]struct {
		deaf  bool // the call does not end with its context
		limit time.Duration
	}{
		"a call that listens":  {false, 100 * time.Millisecond},
		"a call that does not": {true, 10 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				box := newMailbox(3, 10)
				box.onFetch = func(ctx context.Context, _ int, _ connectors.Cursor) error {
					if test.deaf {
						<-release
						return nil
					}
					<-ctx.Done()
					return ctx.Err()
				}
				r := newRig(t, map[string]*mailbox{"a": box})
				stop := r.run(t)
				time.Sleep(time.Minute)
				if took := stop(); took > test.limit {
					t.Errorf("stopping took %v, want at most %v", took, test.limit)
				}
				s := r.wantState(t, "a", crm.SourceNeverRun)
				if s.Error != "" || s.Attempts != 0 || !s.LeaseUntil.IsZero() {
					t.Errorf("stopping left %+v: it is no failure, and the claim has to end", s)
				}
				close(release)
			})
		})
	}
}

func TestHangingCallFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var calls atomic.Int32
		box := newMailbox(3, 10)
		box.onFetch = func(_ context.Context, n int, _ connectors.Cursor) error {
			calls.Add(1)
			if n == 1 {
				<-release
			}
			return nil
		}
		r := newRig(t, map[string]*mailbox{"a": box})
		stop := r.run(t)
		time.Sleep(5 * time.Hour)
		s := r.wantState(t, "a", crm.SourceRetrying)
		if s.Attempts < 2 || calls.Load() != 1 {
			t.Errorf("%d attempts, %d calls: want several attempts and never a second call beside the first", s.Attempts, calls.Load())
		}
		close(release)
		time.Sleep(31 * time.Minute)
		r.wantComplete(t, "a", box, crm.Logged)
		stop()
	})
}
