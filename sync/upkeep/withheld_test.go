package upkeep_test

import (
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestPrivateThreadStaysOut walks a conversation through marking, later mail, a replay, the proof, and lifting.
func TestPrivateThreadStaysOut(t *testing.T) {
	r := newRig(t)
	r.person("t", tanaka)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	r.box.mail("sato@ours.example", tanaka, "Re: Hello", messageID(0))
	r.box.mail(tanaka, "sato@ours.example", "Another")
	r.read()
	r.wantVerdicts(crm.Logged, crm.Logged, crm.Logged)
	thread, err := r.store.MarkPrivate(r.ctx, "sato@ours.example", "sato@ours.example", string(r.box.mails[1].Key), "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r.wantVerdicts(crm.Excluded, crm.Excluded, crm.Logged)
	r.box.mail(tanaka, "sato@ours.example", "Re: Re: Hello", messageID(0), messageID(1))
	r.box.mail(tanaka, "sato@ours.example", "Re: Re: Re: Hello", messageID(3))
	r.read()
	r.wantVerdicts(crm.Excluded, crm.Excluded, crm.Logged, crm.Excluded, crm.Excluded)
	got, err := r.Replay(r.ctx, "", time.Time{}, false)
	if err != nil || got.Add != 0 || got.Change != 0 || got.Same != 5 {
		t.Errorf("replay: %+v, %v", got, err)
	}
	refs := make([]crm.ItemRef, 0, 5)
	for n := range 5 {
		refs = append(refs, crm.ItemRef{Source: "a", ExternalID: string(rune('0' + n))})
	}
	if _, err := r.engine.Reread(r.ctx, refs); err != nil {
		t.Fatal(err)
	}
	r.wantVerdicts(crm.Excluded, crm.Excluded, crm.Logged, crm.Excluded, crm.Excluded)
	proof, err := r.Verify(r.ctx, "a", true)
	if err != nil || !proof.Complete() || proof.InLedger != 5 {
		t.Errorf("proof: %+v, %v", proof, err)
	}
	r.agrees()
	if _, err := r.store.LiftPrivate(r.ctx, "sato@ours.example", "sato@ours.example", thread.ID, time.Now()); err != nil {
		t.Fatal(err)
	}
	r.read()
	r.wantVerdicts(crm.Logged, crm.Logged, crm.Logged, crm.Logged, crm.Logged)
	r.agrees()
}

func (r *rig) agrees() {
	r.t.Helper()
	if lines, err := r.store.CheckRollups(r.ctx, false); err != nil || len(lines) > 0 {
		r.t.Errorf("roll-ups: %v, %v", lines, err)
	}
	s, err := r.store.GetSource(r.ctx, "a")
	if c := s.Tally; err != nil || c.Seen != c.Logged+c.Excluded+c.Unmatched+c.Waiting+c.Failed {
		r.t.Errorf("tally: %+v, %v", c, err)
	}
}

// TestOwnRulesAreFollowed has upkeep remove what a new rule of a rep covers, and the next pass read it again once it is gone.
func TestOwnRulesAreFollowed(t *testing.T) {
	r := newRig(t)
	r.person("t", tanaka)
	r.person("s", suzuki)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	r.box.mail(suzuki, "sato@ours.example", "Hello")
	r.read()
	rule, err := crm.NewOwnRule(crm.OwnAddress, tanaka, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	change := func(add []crm.OwnRule, remove ...string) {
		t.Helper()
		if err := r.store.ChangeOwnRules(r.ctx, "sato@ours.example", "sato@ours.example", add, remove, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	change([]crm.OwnRule{rule})
	if report := r.once(); report.Excluded != 1 {
		t.Errorf("report %+v", report)
	}
	r.box.mail(tanaka, "sato@ours.example", "Again")
	r.read()
	r.wantVerdicts(crm.Excluded, crm.Logged, crm.Excluded)
	r.agrees()
	change(nil, rule.ID)
	r.once()
	r.read()
	r.wantVerdicts(crm.Logged, crm.Logged, crm.Logged)
	r.agrees()
}
