package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestAThousandSourcesWithFourWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boxes := manyBoxes(1000, 20, 10)
		var most, now atomic.Int32
		for _, box := range boxes {
			box.onFetch = func(context.Context, int, connectors.Cursor) error {
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				defer now.Add(-1)
				time.Sleep(10 * time.Millisecond)
				return nil
			}
		}
		r := newRig(t, boxes)
		stop := r.run(t)
		time.Sleep(10 * time.Minute)
		for id, box := range boxes {
			r.wantComplete(t, id, box, crm.Logged)
			r.wantState(t, id, crm.SourceOK)
		}
		if most.Load() > 8 {
			t.Errorf("%d sources were called at a time, want at most four in each lane", most.Load())
		}
		stop()
	})
}

func TestFailingSourcesDoNotSlowOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boxes := manyBoxes(50, 0, 10)
		for i := range 45 {
			boxes[fmt.Sprintf("box-%04d", i)].onFetch = func(context.Context, int, connectors.Cursor) error {
				return errors.New("connection refused")
			}
		}
		r := newRig(t, boxes)
		stop := r.run(t)
		time.Sleep(5 * time.Minute)
		for i := 45; i < 50; i++ {
			id := fmt.Sprintf("box-%04d", i)
			boxes[id].deliver("known@client.example")
			synctest.Wait()
			r.wantComplete(t, id, boxes[id], crm.Logged)
		}
		stop()
	})
}

// TestLiveBeforeHistory keeps every worker busy with long histories while mail arrives elsewhere.
func TestLiveBeforeHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boxes := manyBoxes(8, 1500, 10)
		for _, box := range boxes {
			box.onFetch = func(context.Context, int, connectors.Cursor) error {
				time.Sleep(500 * time.Millisecond)
				return nil
			}
		}
		idle, polled := newMailbox(1, 10), newMailbox(1, 10)
		polled.silent = true
		boxes["idle"], boxes["polled"] = idle, polled
		r := newRig(t, boxes)
		stop := r.run(t)
		time.Sleep(30 * time.Second)
		idle.deliver("known@client.example")
		synctest.Wait()
		r.wantComplete(t, "idle", idle, crm.Logged)
		polled.deliver("known@client.example")
		time.Sleep(65 * time.Second) // a minute of polling, and a turn of whoever reads history
		r.wantComplete(t, "polled", polled, crm.Logged)
		for id := range boxes {
			if s := r.store.source(id); s.Tally.Seen < 2 {
				t.Errorf("%s did not get a turn: %+v", id, s.Tally)
			}
		}
		stop()
	})
}

func TestNewsThatIsNoneDoesNotSpin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(1, 10)
		box.onWait = func(context.Context) error { return nil }
		r := newRig(t, map[string]*mailbox{"a": box})
		stop := r.run(t)
		time.Sleep(time.Hour)
		if box.count(&box.fetches) > 150 {
			t.Errorf("%d calls in an hour for a source that always claims to have news", box.count(&box.fetches))
		}
		stop()
	})
}

func TestLostWaitIsPolled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(1, 10)
		box.onWait = func(context.Context) error { return errors.New("IDLE is not supported after all") }
		r := newRig(t, map[string]*mailbox{"a": box})
		stop := r.run(t)
		time.Sleep(time.Minute)
		box.deliver("known@client.example")
		time.Sleep(time.Minute)
		r.wantComplete(t, "a", box, crm.Logged)
		if box.count(&box.fetches) > 5 {
			t.Errorf("%d calls in two minutes", box.count(&box.fetches))
		}
		stop()
	})
}

func TestSourcesThatWaitedBeforeARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newMailbox(1, 10)
		first := newRig(t, map[string]*mailbox{"a": box})
		stop := first.run(t)
		time.Sleep(time.Second)
		stop()
		box.deliver("known@client.example")
		second := newRig(t, map[string]*mailbox{"a": box}, func(c *Config) { c.Store = first.store })
		stop = second.run(t)
		time.Sleep(61 * time.Second) // and not the ten minutes that it could have waited
		first.wantComplete(t, "a", box, crm.Logged)
		stop()
	})
}
