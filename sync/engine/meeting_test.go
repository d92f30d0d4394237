package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// calendar is a source of meetings that gives prepared batches, one for each Fetch, and then nothing new.
type calendar struct {
	mu      sync.Mutex
	batches []connectors.Batch
	items   map[string]connectors.Item // for Get
	broken  bool
}

func (c *calendar) Fetch(_ context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.batches) == 0 {
		return connectors.Batch{Next: cur}, nil
	}
	batch := c.batches[0]
	c.batches = c.batches[1:]
	if batch.Next == "" {
		batch.Next = cur
	}
	return batch, nil
}

func (c *calendar) Get(_ context.Context, ids []string) (items []connectors.Item, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		if item, ok := c.items[id]; ok && !c.broken {
			items = append(items, item)
		} else if ok {
			items = append(items, connectors.Item{ExternalID: id, Err: errors.New("broken text")})
		}
	}
	return items, nil
}

func (c *calendar) Close() error { return nil }

func (c *calendar) give(batches ...connectors.Batch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batches = append(c.batches, batches...)
}

func meetingItem(id, guest string) connectors.Item {
	start := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	return connectors.Item{
		ExternalID: id, Key: crm.MeetingKey(id, ""), Kind: crm.KindMeeting, Folder: "work", Received: start,
		Meeting: &connectors.Meeting{
			UID: id, Start: start, End: start.Add(time.Hour), Summary: "Talk", Status: crm.MeetingConfirmed,
			Organizer: connectors.Attendee{Address: "sato@ours.example"}, Attendees: []connectors.Attendee{{Address: guest}},
		},
	}
}

// calendarRig is an engine over one calendar; commits gives those that reached the store.
func calendarRig(t *testing.T, c *calendar) (r *rig, commits func() []crm.Commit) {
	r = newRig(t, nil, func(cfg *Config) {
		cfg.Sources = sourcesOf(t, map[string]*mailbox{"a": newMailbox(0, 1)})
		cfg.Sources[0].Open = func(context.Context) (connectors.Source, error) { return c, nil }
		cfg.Sources[0].Mapping.NewPeople = mapping.PolicyNever
	})
	var stored []crm.Commit
	r.store.onCommit = func(_ int, c crm.Commit) error { // with the store's lock held
		stored = append(stored, c)
		return nil
	}
	return r, func() []crm.Commit {
		r.store.mu.Lock()
		defer r.store.mu.Unlock()
		return slices.Clone(stored)
	}
}

func TestWithdrawnReachesTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scope := crm.Scope{Prefix: "cal/", Present: []string{"cal/a"}, At: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
		c := &calendar{}
		c.give(
			connectors.Batch{Items: []connectors.Item{meetingItem("cal/a", "known@client.example")}, Next: "1", More: true},
			connectors.Batch{Next: "2", Withdrawn: []crm.Scope{scope}},
		)
		r, commits := calendarRig(t, c)
		stop := r.run(t)
		defer stop()
		time.Sleep(time.Second)
		if len(commits()) != 2 {
			t.Fatalf("%d commits, want one for each batch", len(commits()))
		}
		if diff := cmp.Diff([]crm.Scope{scope}, (commits())[1].Withdrawn); diff != "" {
			t.Errorf("withdrawn (-want +got):\n%s", diff)
		}
		events, unsubscribe := r.Subscribe()
		defer unsubscribe()
		c.give(connectors.Batch{Withdrawn: []crm.Scope{scope}}) // nothing else: the cursor stays, as after a call that told of it
		time.Sleep(2 * time.Minute)
		if len(commits()) != 3 || (commits())[2].Cursor != "2" {
			t.Fatalf("%d commits, want one more that leaves the cursor", len(commits()))
		}
		for told := false; !told; {
			told = (<-events).Ledger
		}
		time.Sleep(10 * time.Minute)
		if len(commits()) != 3 {
			t.Errorf("idle polls wrote %d commits", len(commits())-3)
		}
	})
}

// TestMeetingsAreReadAgain reads a meeting that could not be read, one that somebody late is on, and one that is gone.
func TestMeetingsAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late, gone := meetingItem("cal/late", "late@client.example"), meetingItem("cal/gone", "late@client.example")
		poison := connectors.Item{ExternalID: "cal/poison", Kind: crm.KindMeeting, Received: late.Received, Err: errors.New("broken text")}
		c := &calendar{broken: true, items: map[string]connectors.Item{"cal/late": late, "cal/poison": meetingItem("cal/poison", "known@client.example")}}
		c.give(connectors.Batch{Items: []connectors.Item{poison, late, gone}, Next: "1"})
		r, _ := calendarRig(t, c)
		stop := r.run(t)
		defer stop()
		time.Sleep(30 * time.Minute)
		if row := r.store.row("cal/poison"); row.Verdict != crm.Failed || row.Attempts < 2 {
			t.Errorf("the one that cannot be read is %+v", row)
		}
		c.mu.Lock()
		c.broken = false
		c.mu.Unlock()
		r.dir.know("late@client.example")
		refs := []crm.ItemRef{{Source: "a", ExternalID: "cal/late"}, {Source: "a", ExternalID: "cal/gone"}}
		if read, err := r.Reread(t.Context(), refs); read != 2 || err != nil {
			t.Fatalf("Reread = %d, %v", read, err)
		}
		if row := r.store.row("cal/late"); row.Verdict != crm.Logged || !row.ItemTime.Equal(late.Meeting.Start) {
			t.Errorf("the one with somebody late is %+v", row)
		}
		if row := r.store.row("cal/gone"); row.Reason != crm.ReasonGone {
			t.Errorf("the one that is gone is %+v", row)
		}
		r.dir.know("known@client.example")
		time.Sleep(25 * time.Hour)
		if row := r.store.row("cal/poison"); row.Verdict != crm.Logged {
			t.Errorf("the one that can be read again is %+v", row)
		}
	})
}
