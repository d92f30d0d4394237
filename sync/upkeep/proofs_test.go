package upkeep_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestAskedProof asks the running upkeep for a proof with repair, and finds it after the end of the run.
func TestAskedProof(t *testing.T) {
	r := newRig(t)
	r.person("t", tanaka)
	for range 3 {
		r.box.mail(tanaka, "sato@ours.example", "Hello")
	}
	r.box.hidden[1] = true
	r.read()
	if proofs, err := r.Proofs(r.ctx); err != nil || len(proofs) != 0 {
		t.Fatalf("before the first: %v, %v", proofs, err)
	}
	if err := r.Ask("it@ours.example", nil, true); err != nil {
		t.Fatal(err)
	}
	if err := r.Ask("it@ours.example", nil, true); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("a second one: %v", err)
	}
	if run, ok := r.Proving(); !ok || run.By != "it@ours.example" || !run.Repair {
		t.Errorf("waiting: %+v, %v", run, ok)
	}
	ctx, stop := context.WithCancel(r.ctx)
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	for {
		if _, ok := r.Proving(); !ok {
			break
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	proofs, err := r.Proofs(r.ctx)
	got := proofs["a"]
	if err != nil || got.OnServer != 3 || got.InLedger != 2 || got.Missing != 1 || got.Repaired != 1 || got.By != "it@ours.example" || !got.Complete() || got.At.IsZero() {
		t.Errorf("kept %+v, %v", got, err)
	}
	r.wantOne(1, crm.Logged)
}

// TestVerifyIsKept holds that a proof asked for by the command line is kept, and that one that failed says so.
func TestVerifyIsKept(t *testing.T) {
	r := newRig(t)
	r.box.mail(tanaka, "sato@ours.example", "Hello")
	r.read()
	if _, err := r.Verify(r.ctx, "a", false); err != nil {
		t.Fatal(err)
	}
	proofs, err := r.Proofs(r.ctx)
	if got := proofs["a"]; err != nil || got.By != "cli" || !got.Complete() || got.OnServer != 1 {
		t.Errorf("kept %+v, %v", got, err)
	}
	if _, err := r.Verify(r.ctx, "nobody", false); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("no such source: %v", err)
	}
}
