package main

import (
	"errors"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web"
)

// TestOneOfTwoSavesIsRefused has two admins save drafts of the same version at once.
func TestOneOfTwoSavesIsRefused(t *testing.T) {
	in := openTest(t, t.TempDir())
	if err := in.recordMapping(t.Context()); err != nil { // as at the start of the daemon
		t.Fatal(err)
	}
	m, base := webMapping{in}, in.version().Number
	refusals := make(chan error, 2)
	for _, document := range []string{"screen: {subjects: [a]}\n", "screen: {subjects: [b]}\n"} {
		go func() {
			_, err := m.SaveOver(t.Context(), "admin@example.co.jp", document, "", base)
			refusals <- err
		}()
	}
	refused := 0
	for range 2 {
		var stale *web.MappingStale
		if err := <-refusals; errors.As(err, &stale) {
			if refused++; stale.Newest.Author != "admin@example.co.jp" {
				t.Errorf("the refusal names %q", stale.Newest.Author)
			}
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if refused != 1 || in.version().Number != base+1 {
		t.Errorf("%d saves were refused, version %d is in force", refused, in.version().Number)
	}
	if err := m.Check(t.Context(), "screeen: {}\n"); err == nil {
		t.Error("a document with a mistake is in order")
	}
	trial, err := m.Try(t.Context(), "screen: {domains: [client.example]}\n", web.MappingTry{Pasted: "From: a@client.example\nTo: b@elsewhere.example\nSubject: x\n\nx\n"})
	if err != nil || trial.Verdict != crm.Excluded {
		t.Errorf("%v %+v", err, trial)
	}
	if _, err := m.RollBackOver(t.Context(), "admin@example.co.jp", base+1, "", base); err == nil {
		t.Error("a stale roll-back is taken")
	}
}
