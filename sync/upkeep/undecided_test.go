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
	decide := func(state crm.ReviewState, person string) { t.Helper(); r.decided(emma, state, person) }
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

// decided answers the question who of several has an address, or takes the answer back.
func (r *rig) decided(address string, state crm.ReviewState, person string) {
	r.t.Helper()
	review, err := r.store.GetReview(r.ctx, crm.ReviewID(crm.ReviewAmbiguous, address))
	if err != nil {
		r.t.Fatal(err)
	}
	review.State, review.Person, review.DecidedBy, review.DecidedAt = state, person, "sato@ours.example", time.Now()
	if err := r.store.Decide(r.ctx, "sato@ours.example", review, nil); err != nil {
		r.t.Fatal(err)
	}
	r.once()
}

// TestUndecidedConversation: replies that were logged because of a mail that an answer had filed go with it when the answer is taken
// back, whatever their own addresses are, and come again with the right answer.
func TestUndecidedConversation(t *testing.T) {
	r := newRig(t)
	const emma, colleague = "emma@bluebird.example", "colleague@elsewhere.example"
	r.person("wrong", emma)
	r.person("right", emma)
	r.box.mail(emma, "sato@ours.example", "Hello")
	r.box.mail(colleague, "sato@ours.example", "Re: Hello", messageID(0))
	r.box.mail(colleague, "sato@ours.example", "Re: Re: Hello", messageID(1))
	r.read()
	r.wantVerdicts(crm.Waiting, crm.Unmatched, crm.Unmatched)
	for range 2 { // the same again and again
		r.decided(emma, crm.ReviewAccepted, "wrong")
		r.wantVerdicts(crm.Logged, crm.Logged, crm.Logged)
		r.decided(emma, crm.ReviewOpen, "")
		r.wantVerdicts(crm.Waiting, crm.Unmatched, crm.Unmatched)
	}
	r.decided(emma, crm.ReviewAccepted, "right")
	if wrong, right := r.countOf("wrong"), r.countOf("right"); wrong != 0 || right != 3 {
		t.Errorf("%d on the wrong, %d on the right one, want all three on the right one", wrong, right)
	}
}

// TestUndecidedElsewhere: what others on it keep logged stays, waits for them and for the answer, and the question stays open; what
// its source does not have any more is not given up.
func TestUndecidedElsewhere(t *testing.T) {
	r := newRig(t)
	const emma, bob, stranger = "emma@bluebird.example", "bob@client.example", "stranger@elsewhere.example"
	r.person("wrong", emma)
	r.person("right", emma)
	r.person("bob", bob)
	r.box.mail(emma, "sato@ours.example", "To all")
	r.box.mails[0].Message.Cc = []crm.Mailbox{{Address: bob}, {Address: stranger}}
	r.box.mail(emma, "sato@ours.example", "Gone soon")
	r.read()
	r.wantVerdicts(crm.Logged, crm.Waiting)
	r.decided(emma, crm.ReviewAccepted, "wrong")
	r.box.gone[1] = true
	r.decided(emma, crm.ReviewOpen, "")
	r.wantVerdicts(crm.Logged, crm.Logged)
	if wrong, open := r.countOf("wrong"), r.openAbout(emma); wrong != 0 || !open {
		t.Errorf("%d on the wrong one, asked again %v", wrong, open)
	}
	if n, err := r.store.CountPending(r.ctx, emma); err != nil || n != 2 {
		t.Errorf("%d wait for the answer, %v", n, err)
	}
	r.person("stranger", stranger)
	r.once()
	if n := r.countOf("stranger"); n != 1 {
		t.Errorf("%d on who became known since, want 1", n)
	}
	r.decided(emma, crm.ReviewAccepted, "right")
	if n := r.countOf("right"); n != 2 || r.openAbout(emma) {
		t.Errorf("%d on the right one, want both; open %v", n, r.openAbout(emma))
	}
}

func (r *rig) openAbout(address string) bool {
	review, err := r.store.GetReview(r.ctx, crm.ReviewID(crm.ReviewAmbiguous, address))
	return err == nil && review.State == crm.ReviewOpen
}
