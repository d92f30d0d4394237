package web

import (
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestWhyOfAnAnswerTakenBack holds that nobody is said to have decided what was taken back.
func TestWhyOfAnAnswerTakenBack(t *testing.T) {
	for lang, sp := range testSpeakers(t) {
		decided := string(sp.whyMatched(&crm.Activity{Match: crm.Match{Rule: crm.RuleDecision, Evidence: "emma@bluebird.example"}}))
		back := string(sp.whyMatched(&crm.Activity{}))
		if !strings.Contains(decided, "emma@bluebird.example") || back != sp.text("why.taken_back") {
			t.Errorf("%s: decided %q, taken back %q", lang, decided, back)
		}
	}
}
