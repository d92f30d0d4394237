package life

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheDefaultsAreRight(t *testing.T) {
	rules, problems := New(Document{}, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	again, problems := New(Default(), nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if rules.Hash() != again.Hash() || rules.moves != again.moves || rules.Hash() == "" {
		t.Errorf("the defaults written out are other rules: %s, %s", rules.Hash(), again.Hash())
	}
	if diff := cmp.Diff(Default(), rules.Document()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
