package upkeep_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/sync/engine"
	"github.com/tsunagu-crm/tsunagu/sync/schedule"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// box is a mailbox that is read whole in one batch. The id of a mail is its place.
type box struct {
	mu     sync.Mutex
	mails  []connectors.Item
	gone   map[int]bool
	hidden map[int]bool // Fetch does not see it, as when a client library loses a message
}

func (b *box) mail(from, to, subject string, refs ...string) {
	n := len(b.mails)
	at := time.Date(2026, 11, 1, 9, n, 0, 0, time.UTC)
	id := messageID(n)
	b.mails = append(b.mails, connectors.Item{
		ExternalID: strconv.Itoa(n), Key: crm.MessageKey(id, crm.MessageIdentity{}), Kind: crm.KindEmail, Folder: "INBOX", Received: at, Size: 10,
		Message: &connectors.Message{MessageID: id, References: refs, InReplyTo: refs, Date: at, From: []crm.Mailbox{{Address: from}},
			To: []crm.Mailbox{{Address: to}}, Subject: subject, Text: subject, Class: crm.ClassPersonal},
	})
}

func messageID(n int) string { return fmt.Sprintf("%d@mail.example", n) }

func (b *box) Fetch(_ context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	from, _ := strconv.Atoi(string(cur))
	var items []connectors.Item
	for n := from; n < len(b.mails); n++ {
		if !b.hidden[n] {
			items = append(items, b.mails[n])
		}
	}
	total := int64(len(b.mails))
	return connectors.Batch{Items: items, Next: connectors.Cursor(strconv.Itoa(len(b.mails))), Progress: crm.Progress{Done: total, Total: total}}, nil
}

func (b *box) Get(_ context.Context, ids []string) (items []connectors.Item, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if n, _ := strconv.Atoi(id); !b.gone[n] {
			items = append(items, b.mails[n])
		}
	}
	return items, nil
}

func (b *box) Census(_ context.Context, yield func([]string) error) error {
	b.mu.Lock()
	var ids []string
	for n := range b.mails {
		if !b.gone[n] {
			ids = append(ids, strconv.Itoa(n))
		}
	}
	b.mu.Unlock()
	return yield(ids)
}

func (b *box) Close() error { return nil }

// rig is a real store, a real engine and a real mapping over one box.
type rig struct {
	*upkeep.Upkeep
	t       *testing.T
	ctx     context.Context
	box     *box
	store   *boltstore.Store
	engine  *engine.Engine
	mapper  atomic.Pointer[mapping.Mapper]
	policy  mapping.Policy
	changed []string
}

func newRig(t *testing.T) *rig { return newRigOf(t, mapping.PolicyNever) }

func newRigOf(t *testing.T, policy mapping.Policy) *rig {
	t.Helper()
	r := &rig{t: t, ctx: t.Context(), box: &box{gone: map[int]bool{}, hidden: map[int]bool{}}, policy: policy}
	store, err := boltstore.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), boltstore.Options{HMACKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	r.store = store
	r.setMapping(mapping.Document{})
	source := engine.Source{
		Source:  crm.Source{ID: "a", Kind: "fake", Owner: "sato@ours.example"},
		Open:    func(context.Context) (connectors.Source, error) { return r.box, nil },
		Mapping: mapping.Source{ID: "a", Owner: "sato@ours.example", NewPeople: policy},
	}
	r.engine = engine.New(engine.Config{Store: store, Directory: store, Mapper: r.mapper.Load, Sources: []engine.Source{source}})
	nightly, err := schedule.Parse("0 3 * * *", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	r.Upkeep = upkeep.New(upkeep.Config{Store: store, Nightly: nightly, Reader: r.engine, Directory: store, Mapper: r.mapper.Load,
		Changed: func(a crm.Activity) { r.changed = append(r.changed, a.ID) }})
	t.Cleanup(func() {
		r.engine.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) setMapping(d mapping.Document) {
	r.t.Helper()
	r.setOrganization(mapping.Organization{Domains: []string{"ours.example"}}, d)
}

func (r *rig) setOrganization(org mapping.Organization, d mapping.Document) {
	r.t.Helper()
	m, problems := mapping.New(org, d,
		mapping.Source{ID: "a", Owner: "sato@ours.example", NewPeople: r.policy})
	if len(problems) > 0 {
		r.t.Fatal(problems)
	}
	r.mapper.Store(m)
}

// saveMapping makes the exclusions of addresses today's mapping, as the web app does.
func (r *rig) saveMapping(yaml string, addresses ...string) {
	r.t.Helper()
	r.setMapping(mapping.Document{Screen: mapping.Screen{Addresses: addresses}})
	if _, err := r.store.SaveMapping(r.ctx, crm.MappingVersion{At: time.Now(), Author: "admin", Document: yaml, Hash: yaml}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) read() {
	r.t.Helper()
	if err := r.engine.Drain(r.ctx, nil, false, nil); err != nil {
		r.t.Fatal(err)
	}
	if s, err := r.store.GetSource(r.ctx, "a"); err != nil || s.State != crm.SourceOK {
		r.t.Fatalf("source is %s: %s, %v", s.State, s.Error, err)
	}
}

func (r *rig) once() upkeep.Report {
	r.t.Helper()
	report, err := r.Once(r.ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	return report
}

func (r *rig) person(id, address string) {
	r.t.Helper()
	if err := r.store.SavePeople(r.ctx, "admin", []crm.Person{{ID: id, Kind: crm.Lead, Name: id, Emails: []string{address}}}); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) wantVerdicts(want ...crm.Verdict) {
	r.t.Helper()
	for n, verdict := range want {
		entry, err := r.store.GetEntry(r.ctx, "a", strconv.Itoa(n))
		if err != nil {
			r.t.Fatalf("mail %d: %v", n, err)
		}
		if entry.Verdict != verdict {
			r.t.Errorf("mail %d is %s (%s), want %s", n, entry.Verdict, entry.Reason, verdict)
		}
	}
}
