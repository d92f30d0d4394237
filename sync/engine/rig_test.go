package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/sync/schedule"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// directory knows one person.
type directory struct {
	mu     sync.Mutex
	known  string
	panics atomic.Bool
}

func (d *directory) know(address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known = address
}

func (d *directory) Lookup(_ context.Context, q crm.Question) (crm.Answer, error) {
	if d.panics.Load() {
		panic("the directory is on fire")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	answer := crm.Answer{Generation: 1, Addresses: map[string]crm.AddressAnswer{}}
	for _, address := range q.Addresses {
		if address == d.known {
			answer.Addresses[address] = crm.AddressAnswer{People: []crm.PersonRef{
				{ID: "p1", Kind: crm.Contact, Name: "Known", AccountID: "a1", Address: address}}}
		}
	}
	return answer, nil
}

// rig is an engine over mailboxes and a store in memory.
type rig struct {
	*Engine
	store *fakeStore
	dir   *directory
}

func newRig(t testing.TB, boxes map[string]*mailbox, change ...func(*Config)) *rig {
	t.Helper()
	r := &rig{store: newFakeStore(), dir: &directory{known: "known@client.example"}}
	cfg := Config{Store: r.store, Directory: r.dir, Sources: sourcesOf(t, boxes)}
	var described []mapping.Source
	for _, s := range cfg.Sources {
		described = append(described, s.Mapping)
	}
	mapper, problems := mapping.New(mapping.Organization{Domains: []string{"ours.example"}}, mapping.Document{}, described...)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	cfg.Mapper = func() *mapping.Mapper { return mapper }
	for _, f := range change {
		f(&cfg)
	}
	r.Engine = New(cfg)
	return r
}

func sourcesOf(t testing.TB, boxes map[string]*mailbox) []Source {
	t.Helper()
	spec, err := schedule.Parse("@every 1m", nil)
	if err != nil {
		t.Fatal(err)
	}
	var sources []Source
	for id, box := range boxes {
		sources = append(sources, Source{
			Source:   crm.Source{ID: id, Kind: "fake", Owner: "sato@ours.example"},
			Schedule: spec, Open: box.open, Mapping: mapping.Source{ID: id, Owner: "sato@ours.example"},
		})
	}
	return sources
}

// run runs the engine in the background; the returned function stops it and says how long that took.
func (r *rig) run(t testing.TB) func() time.Duration {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	return func() time.Duration {
		start := time.Now()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
		return time.Since(start)
	}
}

// wantComplete checks that every mail of the box has its row with this verdict.
func (r *rig) wantComplete(t testing.TB, id string, box *mailbox, verdict crm.Verdict) {
	t.Helper()
	box.mu.Lock()
	defer box.mu.Unlock()
	r.store.mu.Lock()
	defer r.store.mu.Unlock()
	for n := range box.mails {
		if got := r.store.rows[crm.ItemRef{Source: id, ExternalID: mailID(n)}].Verdict; got != verdict {
			t.Fatalf("%s: mail %d of %d has verdict %q, want %q", id, n, len(box.mails), got, verdict)
		}
	}
	if box.overlap {
		t.Error("the source was used by two at a time, or after it was closed")
	}
}

func (r *rig) wantState(t testing.TB, id string, want crm.SourceState) crm.Source {
	t.Helper()
	s := r.store.source(id)
	if s.State != want {
		t.Fatalf("state of %s is %s (%s), want %s", id, s.State, s.Error, want)
	}
	return s
}

func manyBoxes(n, mails, page int) map[string]*mailbox {
	boxes := make(map[string]*mailbox, n)
	for i := range n {
		boxes[fmt.Sprintf("box-%04d", i)] = newMailbox(mails, page)
	}
	return boxes
}
