package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestReadsHistoryThenWaitsForNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(95, 10)
		r := newRig(t, map[string]*mailbox{"a": box})
		stop := r.run(t)
		time.Sleep(10 * time.Second)
		r.wantComplete(t, "a", box, crm.Logged)
		s := r.wantState(t, "a", crm.SourceOK)
		if time.Until(s.Due) < 9*time.Minute {
			t.Errorf("a source that waits for news is polled in %v", time.Until(s.Due))
		}

		start := time.Now()
		box.deliver("known@client.example")
		synctest.Wait()
		r.wantComplete(t, "a", box, crm.Logged)
		if took := time.Since(start); took != 0 {
			t.Errorf("news took %v to be committed, want no timer in between", took)
		}
		stop()
		if box.count(&box.opens) != 1 || box.count(&box.closes) != 1 {
			t.Errorf("the source was opened %d times and closed %d times, want once each", box.count(&box.opens), box.count(&box.closes))
		}
	})
}

func TestPollsWithoutWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(5, 10)
		box.silent = true
		r := newRig(t, map[string]*mailbox{"a": box})
		stop := r.run(t)
		time.Sleep(2 * time.Minute)
		commits := r.store.count(&r.store.commits)
		box.deliver("known@client.example")
		time.Sleep(61 * time.Second)
		r.wantComplete(t, "a", box, crm.Logged)
		if r.store.count(&r.store.commits) != commits+1 {
			t.Errorf("polls made %d commits for one mail", r.store.count(&r.store.commits)-commits)
		}
		stop()
	})
}

func TestRetriesWithBackOff(t *testing.T) {
	tests := map[string]struct {
		err      error
		wait     time.Duration // then the state is looked at
		state    crm.SourceState
		fetches  [2]int        // at least and at most by then
		recovers time.Duration // after the error is gone; 0 if it stays paused
	}{
		"unclassified":     {errors.New("connection reset"), time.Hour, crm.SourceRetrying, [2]int{3, 30}, 31 * time.Minute},
		"throttled":        {&connectors.Fault{Op: "fetch", After: 50 * time.Minute, Err: errors.New("slow down")}, 49 * time.Minute, crm.SourceRetrying, [2]int{1, 1}, 52 * time.Minute},
		"sign in again":    {&connectors.Fault{Kind: connectors.AuthExpired, Op: "sign in", Err: errors.New("invalid_grant")}, 48 * time.Hour, crm.SourceAuthExpired, [2]int{1, 1}, 0},
		"wrong setting":    {&connectors.Fault{Kind: connectors.Permanent, Op: "select", Err: errors.New("no such folder")}, 48 * time.Hour, crm.SourceNeedsIT, [2]int{1, 1}, 0},
		"cursor, for ever": {&connectors.Fault{Kind: connectors.CursorInvalid, Op: "read", Err: errors.New("410")}, time.Hour, crm.SourceRetrying, [2]int{3, 30}, 31 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				box := newMailbox(3, 10)
				box.onFetch = func(context.Context, int, connectors.Cursor) error { return test.err }
				r := newRig(t, map[string]*mailbox{"a": box})
				stop := r.run(t)
				defer stop()
				time.Sleep(test.wait)
				r.wantState(t, "a", test.state)
				if box.count(&box.fetches) < test.fetches[0] || box.count(&box.fetches) > test.fetches[1] {
					t.Errorf("%d calls in %v, want between %d and %d", box.count(&box.fetches), test.wait, test.fetches[0], test.fetches[1])
				}
				box.mu.Lock()
				box.onFetch = nil
				box.mu.Unlock()
				if test.recovers == 0 {
					if err := r.Wake(t.Context(), "a"); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(test.recovers + time.Second)
				r.wantState(t, "a", crm.SourceOK)
				r.wantComplete(t, "a", box, crm.Logged)
			})
		})
	}
}

func TestCursorInvalidReadsAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(30, 10)
		box.onFetch = func(_ context.Context, n int, _ connectors.Cursor) error {
			if n == 2 {
				return &connectors.Fault{Kind: connectors.CursorInvalid, Op: "read history", Err: errors.New("404")}
			}
			return nil
		}
		r := newRig(t, map[string]*mailbox{"a": box})
		stop := r.run(t)
		time.Sleep(time.Second)
		r.wantState(t, "a", crm.SourceOK)
		r.wantComplete(t, "a", box, crm.Logged)
		if notes := r.Notes("a"); len(notes) != 1 {
			t.Errorf("notes = %v, want the one that it is read again", notes)
		}
		stop()
	})
}

func TestPanicsAreContained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box, other := newMailbox(3, 10), newMailbox(3, 10)
		box.onFetch = func(_ context.Context, n int, _ connectors.Cursor) error {
			if n == 1 {
				panic("index out of range")
			}
			return nil
		}
		r := newRig(t, map[string]*mailbox{"a": box, "b": other})
		stop := r.run(t)
		time.Sleep(time.Second)
		r.wantState(t, "a", crm.SourceRetrying)
		r.wantComplete(t, "b", other, crm.Logged)
		time.Sleep(time.Minute)
		r.wantComplete(t, "a", box, crm.Logged)
		stop()
	})
}

func TestTypedNilIsNoError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(3, 10)
		r := newRig(t, map[string]*mailbox{"a": box}, func(c *Config) {
			c.Sources[0].Open = func(ctx context.Context) (connectors.Source, error) {
				src, _ := box.open(ctx)
				return typedNil{src}, (*connectors.Fault)(nil)
			}
		})
		stop := r.run(t)
		time.Sleep(time.Second)
		r.wantComplete(t, "a", box, crm.Logged)
		r.wantState(t, "a", crm.SourceOK)
		stop()
	})
}

type typedNil struct{ connectors.Source }

func (s typedNil) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	batch, err := s.Source.Fetch(ctx, cur)
	for i := range batch.Items {
		batch.Items[i].Err = (*connectors.Fault)(nil)
	}
	if err == nil {
		return batch, (*connectors.Fault)(nil)
	}
	return batch, err
}

func TestReplaceClosesAndReopens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, kept := newMailbox(3, 10), newMailbox(3, 10)
		r := newRig(t, map[string]*mailbox{"old": old, "kept": kept})
		stop := r.run(t)
		time.Sleep(time.Second)
		added := newMailbox(4, 10)
		r.Replace(sourcesOf(t, map[string]*mailbox{"kept": kept, "added": added}))
		time.Sleep(2 * time.Minute)
		r.wantState(t, "old", crm.SourceDisabled)
		r.wantComplete(t, "added", added, crm.Logged)
		if old.count(&old.closes) != 1 || kept.count(&kept.opens) != 2 {
			t.Errorf("old was closed %d times, kept opened %d times; want 1 and 2", old.count(&old.closes), kept.count(&kept.opens))
		}
		kept.deliver("known@client.example")
		synctest.Wait()
		r.wantComplete(t, "kept", kept, crm.Logged)
		stop()
	})
}
