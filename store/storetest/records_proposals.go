package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// raise stores proposals as following does.
func (w *world) raise(person string, list ...crm.Proposal) {
	w.t.Helper()
	f, err := w.s.GetFollowing(w.ctx, person)
	w.ok(err)
	for i := range list {
		if list[i].ID == "" {
			list[i].ID = crm.ProposalID(list[i].Kind, list[i].Person+list[i].Account, list[i].Field, list[i].Value)
		}
	}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{{ID: f.ID, Mark: f.Mark, Standing: f.Standing, Proposals: list}}))
}

func testProposals(t *testing.T, w *world) {
	w.customer("acc")
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("p", "p@client.co.jp"), w.person("q", "q@client.co.jp")}))
	left := crm.Proposal{Kind: crm.ProposeLeft, Person: "p", Owner: sato, Evidence: []string{"退職しました"}, Activity: "m", Raised: w.now}
	bad := crm.Proposal{Kind: crm.ProposeBadAddress, Person: "p", Owner: sato, Value: "p@client.co.jp", Raised: w.now.Add(time.Hour)}
	w.raise("p", left, bad)
	w.raise("q", crm.Proposal{Kind: crm.ProposeField, Person: "q", Account: "acc", Owner: suzuki, Field: "title", Value: "部長", Raised: w.now.Add(-time.Hour)},
		crm.Proposal{Kind: crm.ProposeContradicts, Person: "q", Raised: w.now})
	kinds := func(f crm.ProposalFilter) []string {
		return pages(w, func(after string) ([]crm.Proposal, string, error) {
			f.After = after
			return w.s.ListProposals(w.ctx, f)
		}, func(p crm.Proposal) string { return string(p.Kind) })
	}
	for _, test := range []struct {
		name string
		f    crm.ProposalFilter
		want []string
	}{
		{"open, the newest first", crm.ProposalFilter{State: crm.ProposalOpen, Subject: "p"}, []string{"bad_address", "left"}},
		{"an owner's", crm.ProposalFilter{Owner: suzuki}, []string{"field"}},
		{"an owner's, one a page", crm.ProposalFilter{Owner: sato, Limit: 1}, []string{"bad_address", "left"}},
		{"of an account", crm.ProposalFilter{Subject: "acc"}, []string{"field"}},
		{"of a kind", crm.ProposalFilter{Kind: crm.ProposeLeft}, []string{"left"}},
		{"refused", crm.ProposalFilter{State: crm.ProposalRefused}, nil},
	} {
		if diff := cmp.Diff(test.want, kinds(test.f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if all := kinds(crm.ProposalFilter{}); len(all) != 4 {
		t.Errorf("all: %v", all)
	}
	_, err := w.s.DecideProposal(w.ctx, sato, crm.ProposalID(crm.ProposeLeft, "p", "", ""), crm.ProposalRefused, w.now.Add(2*time.Hour))
	w.ok(err)
	bad.State = crm.ProposalMoot
	w.raise("p", left, bad) // the same evidence again, and an address that takes mail again
	for _, test := range []struct {
		state crm.ProposalState
		owner string
		want  int64
	}{{crm.ProposalOpen, "", 2}, {crm.ProposalOpen, sato, 0}, {crm.ProposalRefused, sato, 1}, {crm.ProposalMoot, "", 1}, {"", "", 4}, {"", sato, 2}, {crm.ProposalOpen, suzuki, 1}} {
		n, err := w.s.CountProposals(w.ctx, test.state, test.owner)
		w.ok(err)
		if n != test.want {
			t.Errorf("%q of %q: %d instead of %d", test.state, test.owner, n, test.want)
		}
	}
	left.Activity, left.Raised = "m2", w.now.Add(3*time.Hour)
	w.raise("p", left)
	if got := kinds(crm.ProposalFilter{State: crm.ProposalOpen, Subject: "p"}); !slices.Equal(got, []string{"left"}) {
		t.Errorf("after newer evidence: %v", got)
	}
}

func testDecideProposal(t *testing.T, w *world) {
	person := w.person("p", "p@client.co.jp")
	person.Title = "課長"
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{person}))
	title := crm.Proposal{Kind: crm.ProposeField, Person: "p", Field: "title", Before: "課長", Value: "部長", Raised: w.now, Activity: "m"}
	stop := crm.Proposal{Kind: crm.ProposeDoNotContact, Person: "p", Raised: w.now, Evidence: []string{"連絡不要です"}}
	todo := crm.Proposal{Kind: crm.ProposeTask, Person: "p", Owner: sato, Value: "返信する", Due: "2026-11-24", Raised: w.now}
	w.raise("p", title, stop, todo)
	id := func(p crm.Proposal) string { return crm.ProposalID(p.Kind, "p", p.Field, p.Value) }
	decide := func(p crm.Proposal, state crm.ProposalState) crm.Proposal {
		t.Helper()
		w.now = w.now.Add(time.Minute)
		got, err := w.s.DecideProposal(w.ctx, sato, id(p), state, w.now)
		w.ok(err)
		return got
	}
	got := decide(title, crm.ProposalAccepted)
	if got.State != crm.ProposalAccepted || got.DecidedBy != sato || !got.DecidedAt.Equal(w.now) {
		t.Errorf("decided: %+v", got)
	}
	decide(stop, crm.ProposalAccepted)
	task := decide(todo, crm.ProposalAccepted).Result
	p, err := w.s.GetPerson(w.ctx, "p")
	w.ok(err)
	if p.Title != "部長" || p.DoNotContact != "連絡不要です" || len(p.Filled) != 1 {
		t.Errorf("after both: %+v", p)
	}
	if made, err := w.s.GetTask(w.ctx, task); err != nil || !made.Open() || made.Due != "2026-11-24" || made.Owner != sato {
		t.Errorf("task: %+v %v", made, err)
	}
	if _, err := w.s.DecideProposal(w.ctx, sato, id(title), crm.ProposalRefused, w.now); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("decided twice: %v", err)
	}
	p.DoNotContact = "電話でも断られた" // somebody knows more by now
	w.ok(w.s.SavePeople(w.ctx, sato, []crm.Person{p}))
	for _, proposal := range []crm.Proposal{title, stop, todo} {
		if back := decide(proposal, crm.ProposalOpen); back.DecidedBy != "" || back.Result != "" || len(back.Did) > 0 {
			t.Errorf("opened again: %+v", back)
		}
	}
	p, err = w.s.GetPerson(w.ctx, "p")
	w.ok(err)
	if p.Title != "課長" || len(p.Filled) != 0 || p.DoNotContact != "電話でも断られた" {
		t.Errorf("taken back: %+v", p)
	}
	if made, _ := w.s.GetTask(w.ctx, task); made.Open() {
		t.Errorf("the task stays: %+v", made)
	}
	decide(todo, crm.ProposalAccepted)
	if made, _ := w.s.GetTask(w.ctx, task); !made.Open() {
		t.Errorf("accepted again, the task does not come back: %+v", made)
	}
	p.Title = "本部長"
	w.ok(w.s.SavePeople(w.ctx, sato, []crm.Person{p}))
	if _, err := w.s.DecideProposal(w.ctx, sato, id(title), crm.ProposalAccepted, w.now); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("a title that changed meanwhile: %v", err)
	}
	if _, err := w.s.DecideProposal(w.ctx, sato, id(title), crm.ProposalMoot, w.now); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("made moot by hand: %v", err)
	}
	if _, err := w.s.DecideProposal(w.ctx, sato, "nothing", crm.ProposalAccepted, w.now); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
}

func testSuccessor(t *testing.T, w *world) {
	w.customer("acc")
	gone := w.person("p", "p@client.co.jp")
	gone.AccountID, gone.Owner = "acc", sato
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{gone, w.person("known", "known@client.co.jp")}))
	next := crm.Proposal{Kind: crm.ProposeSuccessor, Person: "p", Name: "鈴木 花子", Value: "suzuki@client.co.jp", Raised: w.now}
	id := crm.ProposalID(next.Kind, "p", "", next.Value)
	w.raise("p", next)
	got, err := w.s.DecideProposal(w.ctx, sato, id, crm.ProposalAccepted, w.now)
	w.ok(err)
	made, err := w.s.GetPerson(w.ctx, got.Result)
	w.ok(err)
	want := crm.Person{ID: got.Result, Kind: crm.Contact, Name: "鈴木 花子", AccountID: "acc", Emails: []string{"suzuki@client.co.jp"}, Owner: sato,
		Origin: "proposal", Created: w.now, Updated: w.now}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p, _ := w.s.GetPerson(w.ctx, "p"); p.Successor != made.ID {
		t.Errorf("who follows: %+v", p)
	}
	_, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalOpen, w.now)
	w.ok(err)
	if _, err := w.s.GetPerson(w.ctx, made.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the contact stays: %v", err)
	}
	if p, _ := w.s.GetPerson(w.ctx, "p"); p.Successor != "" {
		t.Errorf("still followed: %+v", p)
	}
	_, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalAccepted, w.now)
	w.ok(err)
	earlier := w.logged(w.a, "0", "early", made.ID)
	earlier.Activity.Time = w.now.Add(-30 * 24 * time.Hour)
	earlier.Activity.People[0].Address = next.Value
	w.commit(w.a, earlier)
	got, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalOpen, w.now)
	w.ok(err)
	if _, err := w.s.GetPerson(w.ctx, made.ID); !errors.Is(err, crm.ErrNotFound) || got.Stayed != "" {
		t.Errorf("a contact stays for the mail that was there before it: %v, %+v", err, got)
	}
	if a := w.activity("early"); a.People[0].ID != "" || !slices.Contains(w.lateWork(), next.Value+" a/0") {
		t.Errorf("its mail does not wait for somebody: %+v", a.People)
	}
	w.stays(id, "exchanges", func(made crm.Person) { w.commit(w.a, w.logged(w.a, "1", "m", made.ID)) })
	other := crm.Proposal{Kind: crm.ProposeSuccessor, Person: "p", Name: "既知", Value: "known@client.co.jp", Raised: w.now}
	w.raise("p", other)
	got, err = w.s.DecideProposal(w.ctx, sato, crm.ProposalID(other.Kind, "p", "", other.Value), crm.ProposalAccepted, w.now)
	w.ok(err)
	if got.Result != "known" {
		t.Errorf("somebody who is there was made again: %+v", got)
	}
}

// stays accepts the proposal of a contact, has something come to concern that one, and takes the answer back: the contact stays,
// and the proposal says so until it is accepted again.
func (w *world) stays(id, why string, concern func(made crm.Person)) {
	w.t.Helper()
	got, err := w.s.DecideProposal(w.ctx, sato, id, crm.ProposalAccepted, w.now)
	w.ok(err)
	made, err := w.s.GetPerson(w.ctx, got.Result)
	w.ok(err)
	concern(made)
	got, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalOpen, w.now)
	w.ok(err)
	if _, err := w.s.GetPerson(w.ctx, made.ID); err != nil {
		w.t.Errorf("a contact with %s went: %v", why, err)
	}
	if got.Stayed != made.ID {
		w.t.Errorf("with %s, the proposal does not say that the contact stays: %+v", why, got)
	}
	if got, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalAccepted, w.now); err != nil || got.Stayed != "" || got.Result != made.ID {
		w.t.Errorf("with %s, accepted again: %+v, %v", why, got, err)
	}
	_, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalOpen, w.now)
	w.ok(err)
}

// testMadeContactStays: a contact that accepting a proposal made stays when that is taken back and something else concerns it.
func testMadeContactStays(_ *testing.T, w *world) {
	w.customer("acc")
	for name, concern := range map[string]func(made crm.Person){
		"an edit": func(made crm.Person) {
			made.Title = "課長"
			w.ok(w.s.SavePeople(w.ctx, sato, []crm.Person{made}))
		},
		"another owner": func(made crm.Person) {
			_, err := w.s.AddChange(w.ctx, sato, crm.Change{Person: made.ID, Field: crm.ChangeOwner, To: suzuki})
			w.ok(err)
		},
		"a comment": func(made crm.Person) { w.comment("c", made.ID, "会った") },
		"a task": func(made crm.Person) {
			w.ok(w.s.SaveTask(w.ctx, sato, crm.Task{ID: "t", Kind: crm.TaskCall, Person: made.ID, Owner: sato, Due: "2026-12-01", What: "電話", Origin: "person"}))
		},
		"a deal": func(made crm.Person) {
			w.opportunity("o", func(o *crm.Opportunity) { o.Contacts = []string{made.ID} })
		},
		"a call": func(made crm.Person) { w.ok(w.s.LogActivity(w.ctx, sato, w.call("call", made.ID))) },
		"a follow": func(made crm.Person) {
			p := w.person("left", "left@client.co.jp")
			p.Successor = made.ID
			w.savePeople(p)
		},
	} {
		address := crm.DerivedID("address", name)[:8] + "@client.co.jp"
		leaves := w.person(crm.DerivedID("leaves", name), "old-"+address)
		w.savePeople(leaves)
		next := crm.Proposal{Kind: crm.ProposeSuccessor, Person: leaves.ID, Name: "鈴木 花子", Value: address, Raised: w.now}
		w.raise(leaves.ID, next)
		w.stays(crm.ProposalID(next.Kind, leaves.ID, "", address), name, concern)
	}
}

func testProposedMerge(t *testing.T, w *world) {
	older, younger := w.person("p", "p@client.co.jp"), w.person("q", "q@client.co.jp")
	younger.Created = w.now.Add(time.Hour)
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{older, younger}))
	one := crm.Proposal{Kind: crm.ProposeMerge, Person: "q", Other: "p", Value: "p", Score: 90, Raised: w.now}
	id := crm.ProposalID(one.Kind, "q", "", "p")
	w.raise("q", one)
	got, err := w.s.DecideProposal(w.ctx, sato, id, crm.ProposalAccepted, w.now)
	w.ok(err)
	m, err := w.s.GetMerge(w.ctx, got.Result)
	w.ok(err)
	if m.Winner != "p" || m.Loser != "q" {
		t.Errorf("merged: %+v", m)
	}
	stored, err := w.s.GetProposal(w.ctx, id)
	w.ok(err)
	if stored.State != crm.ProposalAccepted || stored.Result != m.ID {
		t.Errorf("proposal: %+v", stored)
	}
	_, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalOpen, w.now.Add(time.Hour))
	w.ok(err)
	if _, err := w.s.GetPerson(w.ctx, "q"); err != nil {
		t.Errorf("not there again: %v", err)
	}
	if n, _ := w.s.CountProposals(w.ctx, crm.ProposalOpen, ""); n != 1 {
		t.Errorf("%d are open", n)
	}
}
