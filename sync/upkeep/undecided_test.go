package upkeep_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestUndecided holds that a wrong answer which is taken back leaves nothing where it put it, and that the right one then
// finds everything; also for more than fits into one piece of work.
func TestUndecided(t *testing.T) {
	r := newRig(t)
	const emma, mails = "emma@bluebird.example", 130
	wrong, right := crm.DerivedID("person", "wrong"), crm.DerivedID("person", "right")
	r.person(wrong, emma)
	r.person(right, emma)
	for n := range mails {
		var refs []string // every second mail answers the one before
		if n%2 == 1 {
			refs = []string{messageID(n - 1)}
		}
		r.box.mail(emma, "sato@ours.example", fmt.Sprintf("letter %d", n), refs...)
	}
	r.read()
	decide := func(state crm.ReviewState, person string) {
		t.Helper()
		review, err := r.store.GetReview(r.ctx, crm.ReviewID(crm.ReviewAmbiguous, emma))
		if err != nil {
			t.Fatal(err)
		}
		review.State, review.Person, review.DecidedBy, review.DecidedAt = state, person, "sato@ours.example", time.Now()
		if err := r.store.Decide(r.ctx, "sato@ours.example", review, nil); err != nil {
			t.Fatal(err)
		}
		r.once()
	}
	want := func(when string, wrongs, rights int) {
		t.Helper()
		if got := []int{r.countOf(wrong), r.countOf(right)}; !slices.Equal(got, []int{wrongs, rights}) {
			t.Errorf("%s: %v activities on the wrong and on the right one, want %d and %d", when, got, wrongs, rights)
		}
	}
	want("before", 0, 0)
	decide(crm.ReviewAccepted, wrong)
	want("after the wrong answer", mails, 0)
	r.changed = nil
	decide(crm.ReviewOpen, "")
	if len(r.changed) < mails {
		t.Errorf("pages were told of %d activities that went, want %d", len(r.changed), mails)
	}
	want("taken back", 0, 0)
	r.wantNoDecision()
	decide(crm.ReviewAccepted, right)
	want("after the right answer", 0, mails)
}

// countOf is how many activities stand on somebody.
func (r *rig) countOf(person string) (n int) {
	r.t.Helper()
	for after := ""; ; {
		list, next, err := r.store.ListActivities(r.ctx, crm.ActivityFilter{Person: person, After: after, Limit: 100})
		if err != nil {
			r.t.Fatal(err)
		}
		if n += len(list); next == "" {
			return n
		}
		after = next
	}
}

// wantNoDecision wants no activity to say that somebody decided whose it is.
func (r *rig) wantNoDecision() {
	r.t.Helper()
	list, _, err := r.store.ListActivities(r.ctx, crm.ActivityFilter{Limit: 100})
	if err != nil || len(list) == 0 {
		r.t.Fatalf("%d activities, %v", len(list), err)
	}
	for _, a := range list {
		if a.Match.Rule == crm.RuleDecision {
			r.t.Fatalf("activity %s still says that somebody decided: %+v", a.ID, a.Match)
		}
	}
}
