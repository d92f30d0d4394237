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
	r.wantAsked(emma, mails)
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

// wantAsked wants so many mails to wait for the answer to one open question about an address, without their content.
func (r *rig) wantAsked(address string, mails int64) {
	r.t.Helper()
	open, _, err := r.store.ListReviews(r.ctx, crm.ReviewOpen, "", 10)
	if err != nil || len(open) != 1 || open[0].Address != address {
		r.t.Errorf("open questions %+v, %v, want one about %s", open, err, address)
	}
	n, err := r.store.CountPending(r.ctx, address)
	source, sourceErr := r.store.GetSource(r.ctx, "a")
	if err != nil || sourceErr != nil || n != mails || source.Tally != (crm.Tally{Seen: int64(len(r.box.mails)), Waiting: mails}) {
		r.t.Errorf("%d wait for %s, tally %+v, %v, %v, want %d", n, address, source.Tally, err, sourceErr, mails)
	}
	if list, _, err := r.store.ListActivities(r.ctx, crm.ActivityFilter{Limit: 1}); err != nil || len(list) > 0 {
		r.t.Errorf("what waits is stored: %+v, %v", list, err)
	}
}
