package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestDrain(t *testing.T) {
	lost := errors.New("connection reset")
	tests := map[string]struct {
		onFetch func(ctx context.Context, n int, cur connectors.Cursor) error
		state   crm.SourceState
		seen    int64
	}{
		"all is well": {nil, crm.SourceOK, 95},
		"cut now and then": {func(_ context.Context, n int, _ connectors.Cursor) error {
			if n%3 == 0 {
				return lost
			}
			return nil
		}, crm.SourceOK, 95},
		"refused": {func(context.Context, int, connectors.Cursor) error { return lost }, crm.SourceRetrying, 0},
		"cut for good": {func(_ context.Context, n int, _ connectors.Cursor) error {
			if n > 5 {
				return lost
			}
			return nil
		}, crm.SourceRetrying, 50},
		"a cursor that died": {func(_ context.Context, n int, _ connectors.Cursor) error {
			if n == 4 {
				return &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read", Err: errors.New("410")}
			}
			return nil
		}, crm.SourceOK, 95},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				box := newMailbox(95, 10)
				box.onFetch = test.onFetch
				r := newRig(t, map[string]*mailbox{"a": box})
				var last crm.Source
				if err := r.Drain(t.Context(), nil, false, func(s crm.Source) { last = s }); err != nil {
					t.Fatal(err)
				}
				r.Close()
				s := r.wantState(t, "a", test.state)
				if s.Tally.Seen != test.seen || last.Tally != s.Tally || last.State != s.State {
					t.Errorf("seen %d, want %d; last report %+v", s.Tally.Seen, test.seen, last)
				}
				if !s.LeaseUntil.IsZero() {
					t.Error("the claim was not ended")
				}
			})
		})
	}
}

func TestDrainNamedAndFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newMailbox(20, 10), newMailbox(20, 10)
		r := newRig(t, map[string]*mailbox{"a": a, "b": b})
		defer r.Close()
		if err := r.Drain(t.Context(), []string{"c"}, false, nil); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("Drain of an unknown source: %v", err)
		}
		for range 2 {
			if err := r.Drain(t.Context(), []string{"a"}, true, nil); err != nil {
				t.Fatal(err)
			}
		}
		if a.count(&a.fetches) < 4 || b.count(&b.fetches) != 0 {
			t.Errorf("%d calls of a, %d of b; want a read twice from the start and b left alone", a.count(&a.fetches), b.count(&b.fetches))
		}
		if s := r.store.source("a"); s.Tally.Seen != 20 {
			t.Errorf("read twice, seen %d, want 20", s.Tally.Seen)
		}
	})
}

func TestDrainMeetsALease(t *testing.T) {
	tests := map[string]struct {
		shared bool
		want   time.Duration
	}{
		"of somebody who may be alive": {true, time.Minute},
		"of a process that was killed": {false, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				box := newMailbox(5, 10)
				r := newRig(t, map[string]*mailbox{"a": box}, func(c *Config) { c.Shared = test.shared })
				start := time.Now()
				r.store.sources["a"] = &crm.Source{ID: "a", State: crm.SourceNeverRun, Epoch: 3, LeaseUntil: start.Add(time.Minute)}
				if err := r.Drain(t.Context(), nil, false, nil); err != nil {
					t.Fatal(err)
				}
				took := time.Since(start)
				if took < test.want || took > test.want+2*time.Second {
					t.Errorf("it took %v, want %v", took, test.want)
				}
				r.Close()
				r.wantComplete(t, "a", box, crm.Logged)
			})
		})
	}
}

func TestSubscribersNeverHoldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(5000, 10)
		r := newRig(t, map[string]*mailbox{"a": box})
		deaf, stopDeaf := r.Subscribe()
		keen, stopKeen := r.Subscribe()
		heard := make(chan int)
		go func() {
			n := 0
			for ev := range keen {
				if ev.Ledger && (ev.Source != "a" || len(ev.Activities) == 0 || fmt.Sprint(ev.People, ev.Accounts) != "[p1] [a1]") {
					t.Errorf("event %+v", ev)
				}
				n++
			}
			heard <- n
		}()
		if err := r.Drain(t.Context(), nil, false, nil); err != nil {
			t.Fatal(err)
		}
		r.Close()
		stopKeen()
		stopKeen() // twice does no harm
		stopDeaf()
		if n := <-heard; n == 0 {
			t.Error("no event arrived")
		}
		if n := len(deaf); n != eventBuffer {
			t.Errorf("%d events wait for the deaf subscriber, want %d", n, eventBuffer)
		}
		r.wantComplete(t, "a", box, crm.Logged)
	})
}

func TestEventListsAreBounded(t *testing.T) {
	var c crm.Commit
	for n := range 250 {
		c.Writes = append(c.Writes, crm.Write{Activity: &crm.Activity{ID: fmt.Sprint(n), Accounts: []string{"a"}}})
	}
	ev := eventOf(c)
	if len(ev.Activities) != eventIDs || len(ev.Accounts) != 1 || !ev.Many {
		t.Errorf("%d activities, %d accounts, many %v", len(ev.Activities), len(ev.Accounts), ev.Many)
	}
}
