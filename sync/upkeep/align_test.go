package upkeep_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

// save makes a document the newest version and today's mapping.
func (r *rig) save(d mapping.Document) {
	r.t.Helper()
	text, err := yaml.Dump(d)
	if err != nil {
		r.t.Fatal(err)
	}
	r.setMapping(d)
	if _, err := r.store.SaveMapping(r.ctx, crm.MappingVersion{At: time.Now(), Author: "admin", Document: string(text), Hash: string(text)}); err != nil {
		r.t.Fatal(err)
	}
}

// export is everything about items that anybody can take out of the store.
func (r *rig) export() string {
	r.t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for after := ""; ; {
		list, next, err := r.store.ListActivities(r.ctx, crm.ActivityFilter{After: after, Limit: 500})
		if err != nil {
			r.t.Fatal(err)
		}
		for _, a := range list {
			_ = enc.Encode(crm.ExportActivity(a))
		}
		if after = next; after == "" {
			break
		}
	}
	for after := ""; ; {
		list, next, err := r.store.ListEntries(r.ctx, crm.LedgerFilter{After: after, Limit: 500})
		if err != nil {
			r.t.Fatal(err)
		}
		for _, e := range list {
			_ = enc.Encode(e)
		}
		if after = next; after == "" {
			return out.String()
		}
	}
}

// many is a rig with mails of Tanaka and Suzuki, taking turns.
func many(t *testing.T, mails int) *rig {
	r := newRig(t)
	r.person("t", tanaka)
	r.person("s", suzuki)
	for n := range mails {
		r.box.mail([]string{tanaka, suzuki}[n%2], "sato@ours.example", fmt.Sprintf("Mail %d", n))
	}
	r.read()
	r.once()
	return r
}

func withoutSuzuki() mapping.Document {
	return mapping.Document{Screen: mapping.Screen{Addresses: []string{suzuki}}}
}

func TestApplyAndRollBackRestoreTheExport(t *testing.T) {
	r := many(t, 60)
	r.save(mapping.Document{})
	r.once()
	before := r.export()
	r.save(withoutSuzuki())
	if report := r.once(); report.Excluded != 30 {
		t.Errorf("report %+v, want half of the mails excluded", report)
	}
	if r.export() == before {
		t.Fatal("the rule changed nothing")
	}
	r.save(mapping.Document{})
	if report := r.once(); report.Readmitted != 30 {
		t.Errorf("report %+v, want them back", report)
	}
	if diff := cmp.Diff(before, r.export()); diff != "" {
		t.Errorf("after the roll-back (-before +after):\n%s", diff)
	}
}

// TestAlignmentGoesOnWhereItWasKilled stops it after every note of how far it has come, and starts another one.
func TestAlignmentGoesOnWhereItWasKilled(t *testing.T) {
	r := many(t, 1300)
	r.save(withoutSuzuki())
	var last upkeep.Alignment
	for starts := 1; ; starts++ {
		ctx, kill := context.WithCancel(r.ctx)
		u := upkeep.New(upkeep.Config{Store: r.store, Reader: r.engine, Directory: r.store, Mapper: r.mapper.Load,
			Aligned: func(a upkeep.Alignment) {
				if a.Done < last.Done || a.Removed < last.Removed {
					t.Errorf("went back from %+v to %+v", last, a)
				}
				last = a
				kill()
			}})
		_, err := u.CatchUp(ctx)
		kill()
		if got, err := u.Alignment(r.ctx); err != nil || got != last {
			t.Fatalf("kept %+v, %v; told %+v", got, err, last)
		}
		if !last.Ended.IsZero() && err == nil {
			if starts < 4 {
				t.Errorf("only %d starts: nothing was interrupted", starts)
			}
			break
		}
		if starts > 20 {
			t.Fatal("it never ends: ", err)
		}
	}
	if last.Removed != 650 || last.Done != 1300 {
		t.Errorf("%+v, want half of 1300 mails removed", last)
	}
	if v, err := r.store.LatestMapping(r.ctx); err != nil || !v.Applied {
		t.Errorf("mapping %+v, %v, want it applied", v, err)
	}
	r.wantVerdicts(crm.Logged, crm.Excluded, crm.Logged)
}

// TestAnotherMappingSupersedes saves a mapping while history is being brought in line with another one.
func TestAnotherMappingSupersedes(t *testing.T) {
	r := many(t, 1300)
	r.save(withoutSuzuki())
	again := false
	u := upkeep.New(upkeep.Config{Store: r.store, Reader: r.engine, Directory: r.store, Mapper: r.mapper.Load, Aligned: func(upkeep.Alignment) {
		if !again {
			again = true
			r.save(mapping.Document{Screen: mapping.Screen{Addresses: []string{tanaka}}})
		}
	}})
	if _, err := u.CatchUp(r.ctx); err != nil {
		t.Fatal(err)
	}
	r.wantVerdicts(crm.Excluded, crm.Logged, crm.Excluded, crm.Logged)
	if got, err := u.Alignment(r.ctx); err != nil || got.Ended.IsZero() || got.Version != 2 {
		t.Errorf("%+v, %v, want version 2 done", got, err)
	}
}

// TestUnmatchedAreReadAgain has another matching rule log what was unmatched.
func TestUnmatchedAreReadAgain(t *testing.T) {
	r := newRig(t)
	off := false
	r.save(mapping.Document{Match: mapping.MatchRules{Domain: &off}})
	r.box.mail("new@client.example", "sato@ours.example", "Hello")
	if err := r.store.SaveAccounts(r.ctx, "admin", []crm.Account{{ID: "c", Name: "Client", Domains: []string{"client.example"}}}); err != nil {
		t.Fatal(err)
	}
	r.read()
	r.once()
	r.wantVerdicts(crm.Unmatched)
	r.save(mapping.Document{})
	if report := r.once(); report.Readmitted != 1 {
		t.Errorf("report %+v, want the mail read again", report)
	}
	r.wantVerdicts(crm.Logged)
	if report := r.once(); report.Readmitted != 0 {
		t.Errorf("it was read again without a reason: %+v", report)
	}
}

// TestTroubleIsToldAndOvercome has the store refuse for a while: whoever watches learns why, and within a minute it goes on.
func TestTroubleIsToldAndOvercome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := many(t, 4)
		r.save(withoutSuzuki())
		ctx, cancel := context.WithCancel(r.ctx)
		store := &stubborn{Store: r.store}
		store.refuse.Store(true)
		u := upkeep.New(upkeep.Config{Store: store, Reader: r.engine, Directory: r.store, Mapper: r.mapper.Load})
		done := make(chan error)
		go func() { done <- u.Run(ctx) }()
		time.Sleep(time.Second)
		if got, err := u.Alignment(ctx); err != nil || got.Trouble == "" || !got.Ended.IsZero() {
			t.Errorf("%+v, %v, want the trouble told", got, err)
		}
		store.refuse.Store(false)
		time.Sleep(2 * time.Minute)
		if got, err := u.Alignment(ctx); err != nil || got.Trouble != "" || got.Ended.IsZero() || got.Removed != 2 {
			t.Errorf("%+v, %v, want it done", got, err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// stubborn is a store that refuses to exclude rows.
type stubborn struct {
	upkeep.Store
	refuse atomic.Bool
}

func (s *stubborn) ExcludeRows(ctx context.Context, actor string, rows []crm.ItemRef, reason crm.Reason, now time.Time) error {
	if s.refuse.Load() {
		return crm.ErrFull
	}
	return s.Store.ExcludeRows(ctx, actor, rows, reason, now)
}
