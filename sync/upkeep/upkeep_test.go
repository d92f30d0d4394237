package upkeep_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/sync/upkeep"
)

const tanaka, suzuki = "tanaka@client.example", "suzuki@other.example"

func TestLateMatchingReadsAgain(t *testing.T) {
	r := newRig(t)
	for range 250 {
		r.box.mail(tanaka, "sato@ours.example", "Hello")
	}
	r.box.mail(suzuki, "sato@ours.example", "Hello")
	r.read()
	r.wantVerdicts(crm.Unmatched, crm.Unmatched)
	r.person("t", tanaka)
	if report := r.once(); report.Reread != 250 {
		t.Errorf("report %+v, want 250 rows read again", report)
	}
	for n := range 250 {
		r.wantOne(n, crm.Logged)
	}
	r.wantOne(250, crm.Unmatched)
	if report := r.once(); report.Reread != 0 {
		t.Errorf("a second run read %d rows again: the work was not taken off the queue", report.Reread)
	}
}

func (r *rig) wantOne(n int, want crm.Verdict) {
	r.t.Helper()
	entry, err := r.store.GetEntry(r.ctx, "a", fmt.Sprint(n))
	if err != nil || entry.Verdict != want {
		r.t.Fatalf("mail %d is %s (%s), %v, want %s", n, entry.Verdict, entry.Reason, err, want)
	}
}

func TestLateMatchingMatchesStoredActivities(t *testing.T) {
	r := newRig(t)
	r.person("t", tanaka)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	r.box.mails[0].Message.Cc = []crm.Mailbox{{Address: suzuki}}
	r.read()
	r.person("s", suzuki)
	if report := r.once(); report.Rematched != 1 || report.Reread != 0 {
		t.Errorf("report %+v, want one activity matched again and nothing read", report)
	}
	if len(r.changed) != 1 {
		t.Fatalf("told of %d changed activities, want one", len(r.changed))
	}
	a, err := r.store.GetActivity(r.ctx, r.changed[0])
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, p := range a.People {
		known[p.ID] = true
	}
	if !known["s"] || !known["t"] {
		t.Errorf("people on it: %+v, want both", a.People)
	}
}

// TestAnswersFollowTheirMail has a mail become logged late, and with it the answer of somebody unknown, and
// the answer to that.
func TestAnswersFollowTheirMail(t *testing.T) {
	r := newRig(t)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	r.box.mail("colleague@elsewhere.example", "sato@ours.example", "Re: Hello", messageID(0))
	r.box.mail("third@elsewhere.example", "sato@ours.example", "Re: Re: Hello", messageID(1))
	r.box.mail("stranger@elsewhere.example", "sato@ours.example", "Something else")
	r.read()
	r.wantVerdicts(crm.Unmatched, crm.Unmatched, crm.Unmatched, crm.Unmatched)
	r.person("t", tanaka)
	r.once()
	r.wantVerdicts(crm.Logged, crm.Logged, crm.Logged, crm.Unmatched)
}

func TestLateMatchingOfPausedSourceIsNotLost(t *testing.T) {
	r := newRig(t)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	r.read()
	claim, ok, err := r.store.ClaimSource(r.ctx, "a", time.Now(), time.Minute)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	err = r.store.Settle(r.ctx, crm.Settlement{Source: "a", Epoch: claim.Source.Epoch, State: crm.SourceAuthExpired, Error: "invalid_grant", At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	r.person("t", tanaka)
	if report := r.once(); report.Postponed != 1 {
		t.Errorf("report %+v, want one row postponed", report)
	}
	r.read() // somebody has signed in again
	r.wantVerdicts(crm.Logged)
}

// TestWhatUpkeepKeepsIsPlain holds that what is stored among the sealed records without a seal is known by its name.
func TestWhatUpkeepKeepsIsPlain(t *testing.T) {
	r := newRig(t)
	r.once()
	raw, err := r.store.GetSealed(r.ctx, upkeep.PlainPrefix+"screening")
	if err != nil || !json.Valid(raw) {
		t.Errorf("holds %q, %v", raw, err)
	}
}

func TestScreening(t *testing.T) {
	r := newRig(t)
	r.person("t", tanaka)
	r.person("s", suzuki)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	r.box.mail(suzuki, "sato@ours.example", "Hello")
	r.read()
	r.once()
	r.wantVerdicts(crm.Logged, crm.Logged)

	r.saveMapping("screen: {addresses: ["+suzuki+"]}", suzuki)
	if report := r.once(); report.Excluded != 1 {
		t.Errorf("report %+v, want one row excluded", report)
	}
	r.wantVerdicts(crm.Logged, crm.Excluded)
	if v, err := r.store.LatestMapping(r.ctx); err != nil || !v.Applied {
		t.Errorf("mapping %+v, %v, want it applied", v, err)
	}

	r.saveMapping("screen: {addresses: ["+tanaka+"]}", tanaka)
	if report := r.once(); report.Excluded != 1 || report.Readmitted != 1 {
		t.Errorf("report %+v, want one row excluded and one read again", report)
	}
	r.wantVerdicts(crm.Excluded, crm.Logged)
	if report := r.once(); report.Excluded+report.Readmitted != 0 {
		t.Errorf("a second run did it again: %+v", report)
	}
}

// TestOwnDomainLeaves has mail of a sister company, which was internal, read again when its domain is taken out
// of the configuration, also if the run is interrupted; and nothing read again when a domain joins.
func TestOwnDomainLeaves(t *testing.T) {
	r := newRig(t)
	both := mapping.Organization{Domains: []string{"ours.example", "client.example"}}
	r.setOrganization(both, mapping.Document{})
	r.person("t", tanaka)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	r.box.mail("kato@ours.example", "sato@ours.example", "Hello")
	r.read()
	r.once()
	r.wantVerdicts(crm.Excluded, crm.Excluded)

	more := mapping.Organization{Domains: append(both.Domains, "third.example")}
	r.setOrganization(more, mapping.Document{})
	if report := r.once(); report.Readmitted != 0 {
		t.Errorf("a domain joined: report %+v, want nothing read again", report)
	}
	r.setOrganization(mapping.Organization{Domains: []string{"ours.example"}}, mapping.Document{})
	stopped, stop := context.WithCancel(r.ctx)
	stop()
	if _, err := r.Once(stopped); err == nil {
		t.Error("an interrupted run has no error")
	}
	if report := r.once(); report.Readmitted != 2 {
		t.Errorf("a domain left: report %+v, want both rows read again", report)
	}
	r.wantVerdicts(crm.Logged, crm.Excluded)
	if report := r.once(); report.Readmitted != 0 {
		t.Errorf("a second run did it again: %+v", report)
	}
}

// TestOwnDomainLeftUnseen does the same where an earlier version kept how far screening had come, without the
// organisation it was for.
func TestOwnDomainLeftUnseen(t *testing.T) {
	r := newRig(t)
	r.setOrganization(mapping.Organization{Domains: []string{"ours.example", "client.example"}}, mapping.Document{})
	r.person("t", tanaka)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	r.read()
	if err := r.store.PutSealed(r.ctx, upkeep.PlainPrefix+"screening", []byte(`{"hash":"x","cursor":"","step":2}`)); err != nil {
		t.Fatal(err)
	}
	r.setMapping(mapping.Document{})
	r.once()
	r.wantVerdicts(crm.Logged)
}

func TestVerify(t *testing.T) {
	r := newRig(t)
	r.person("t", tanaka)
	for range 4 {
		r.box.mail(tanaka, "sato@ours.example", "Hello")
	}
	r.box.hidden[1], r.box.hidden[2] = true, true
	r.read()
	want := upkeep.Proof{Source: "a", Supported: true, OnServer: 4, InLedger: 2, Missing: []string{"1", "2"}, MissingCount: 2}
	for _, repair := range []bool{false, true} {
		if repair {
			want.Repaired = 2
		}
		got, err := r.Verify(r.ctx, "a", repair)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
			t.Errorf("repair %v: %s", repair, diff)
		}
		if got.Complete() != repair {
			t.Errorf("repair %v: complete is %v", repair, got.Complete())
		}
	}
	r.wantVerdicts(crm.Logged, crm.Logged, crm.Logged, crm.Logged)
}

func TestVerifyBeforeHistoryIsRead(t *testing.T) {
	r := newRig(t)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	if err := r.store.DeclareSources(r.ctx, []crm.Source{{ID: "a", Kind: "fake"}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	got, err := r.Verify(r.ctx, "a", true)
	if err != nil {
		t.Fatal(err)
	}
	if got.ToRead != 1 || got.MissingCount != 0 || !got.Complete() {
		t.Errorf("proof %+v, want one item to be read and none missing", got)
	}
}

func TestReplay(t *testing.T) {
	r := newRig(t)
	r.person("t", tanaka)
	r.person("s", suzuki)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	r.box.mail(suzuki, "sato@ours.example", "Hello")
	r.setMappingAndRead(suzuki)
	r.wantVerdicts(crm.Logged, crm.Excluded)
	r.saveMapping("screen: {addresses: ["+tanaka+"]}", tanaka)
	for _, dry := range []bool{true, false} {
		got, err := r.Replay(r.ctx, "", time.Time{}, dry)
		if err != nil {
			t.Fatal(err)
		}
		if got.Add != 1 || got.Remove != 1 || got.Change != 0 || len(got.Samples) != 2 {
			t.Errorf("dry %v: %+v, want one added and one removed", dry, got)
		}
		if dry {
			r.wantVerdicts(crm.Logged, crm.Excluded)
		}
	}
	r.wantVerdicts(crm.Excluded, crm.Logged)
}

func (r *rig) setMappingAndRead(excluded string) {
	r.t.Helper()
	r.saveMapping("screen: {addresses: ["+excluded+"]}", excluded)
	r.read()
}

// TestRunByNight has a lost mail found by the nightly proof, and a kick taken up at once.
func TestRunByNight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.box.mail(tanaka, "sato@ours.example", "Hello")
		r.box.mail(tanaka, "sato@ours.example", "Hello")
		r.box.hidden[1] = true
		r.read()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		r.person("t", tanaka)
		r.Kick()
		time.Sleep(time.Second)
		r.wantOne(0, crm.Logged)
		time.Sleep(25 * time.Hour)
		r.wantOne(1, crm.Logged)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

// TestPersonMadeWhileReading adds the person in the middle of many passes and late work: whichever comes first,
// every mail must be logged in the end.
func TestPersonMadeWhileReading(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { r.Run(ctx) })
	group.Go(func() {
		r.person("t", tanaka)
		r.Kick()
	})
	const mails = 100
	for range mails {
		r.box.mu.Lock()
		r.box.mail(tanaka, "sato@ours.example", "Hello")
		r.box.mu.Unlock()
		if err := r.engine.Drain(ctx, nil, false, nil); err != nil {
			t.Error(err)
		}
	}
	cancel()
	group.Wait()
	r.once()
	for n := range mails {
		r.wantOne(n, crm.Logged)
	}
}
