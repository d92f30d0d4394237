package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// testForgottenWords: when a mail goes, so do its words in what stays: changes that people made sure of, and decided proposals.
func testForgottenWords(t *testing.T, w *world) {
	p := w.lead("p", "田中", "p@client.co.jp")
	w.savePeople(p)
	w.commit(w.a, w.logged(w.a, "1", "gone", "p"), w.logged(w.a, "2", "stays", "p"))
	f, err := w.s.GetFollowing(w.ctx, "p")
	w.ok(err)
	words := func(mail string) string { return "words of " + mail }
	propose := func(kind crm.ProposalKind, value, mail string) crm.Proposal {
		return crm.Proposal{ID: crm.ProposalID(kind, "p", "title", value), Kind: kind, Person: "p", Field: "title", Value: value, Activity: string(key(mail)),
			Evidence: []string{words(mail)}, Raised: w.now, State: crm.ProposalOpen}
	}
	open, refused := propose(crm.ProposeLeft, "", "gone"), propose(crm.ProposeField, "部長", "gone")
	other := propose(crm.ProposeDoNotContact, "", "stays")
	made := asIs(f)
	made.Rules = "r1"
	made.Proposals = []crm.Proposal{open, refused, other}
	for _, mail := range []string{"gone", "stays"} {
		c := byRule("c "+mail, "new", "working", "earlier rules", w.now)
		c.Activity, c.Evidence = string(key(mail)), words(mail)
		made.Changes = append(made.Changes, c)
	}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	_, err = w.s.DecideProposal(w.ctx, sato, refused.ID, crm.ProposalRefused, w.now)
	w.ok(err)

	w.ok(w.s.ExcludeRows(w.ctx, sato, []crm.ItemRef{{Source: w.a.Source.ID, ExternalID: "1"}}, crm.ReasonSubject, w.now))
	for _, c := range w.changes("p") {
		if want := map[string]string{string(key("gone")): "", string(key("stays")): words("stays")}[c.Activity]; c.Evidence != want {
			t.Errorf("the change by %s says %q, not %q", c.Activity, c.Evidence, want)
		}
	}
	list, _, err := w.s.ListProposals(w.ctx, crm.ProposalFilter{Subject: "p"})
	w.ok(err)
	for _, got := range list {
		switch got.ID {
		case open.ID:
			t.Errorf("nobody decided it, and it stays: %+v", got)
		case refused.ID:
			if len(got.Evidence) > 0 || got.Value != "" || got.State != crm.ProposalRefused || got.DecidedBy != sato {
				t.Errorf("refused: %+v", got)
			}
		case other.ID:
			if !slices.Equal(got.Evidence, other.Evidence) {
				t.Errorf("of another mail: %+v", got)
			}
		}
	}
	if len(list) != 2 {
		t.Errorf("%d proposals, want 2", len(list))
	}
}

// testPolicy: what a policy accepts is done while following; what it cannot do stays open, and what somebody takes back is not
// done again.
func testPolicy(t *testing.T, w *world) {
	p := w.lead("p", "田中", "p@client.co.jp")
	w.savePeople(p)
	bad := crm.Proposal{Kind: crm.ProposeBadAddress, Person: "p", Value: "p@client.co.jp", Activity: "a", Raised: w.now.Add(-time.Hour), State: crm.ProposalOpen}
	wrong := crm.Proposal{Kind: crm.ProposeBadAddress, Person: "p", Value: "no address", Activity: "a", Raised: w.now.Add(-time.Hour), State: crm.ProposalOpen}
	for _, one := range []*crm.Proposal{&bad, &wrong} {
		one.ID = crm.ProposalID(one.Kind, "p", "", one.Value)
	}
	f, err := w.s.GetFollowing(w.ctx, "p")
	w.ok(err)
	made := asIs(f)
	made.Proposals, made.Apply = []crm.Proposal{bad, wrong}, []string{bad.ID, wrong.ID}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	state := func(id string) crm.ProposalState {
		got, err := w.s.GetProposal(w.ctx, id)
		w.ok(err)
		return got.State
	}
	if got := w.getPerson("p"); !slices.Equal(got.BadEmails, []string{"p@client.co.jp"}) || state(bad.ID) != crm.ProposalAccepted || state(wrong.ID) != crm.ProposalOpen {
		t.Errorf("%v, %s, %s", got.BadEmails, state(bad.ID), state(wrong.ID))
	}
	_, err = w.s.DecideProposal(w.ctx, sato, bad.ID, crm.ProposalOpen, w.now)
	w.ok(err)
	if got := w.getPerson("p"); len(got.BadEmails) > 0 || state(bad.ID) != crm.ProposalRefused {
		t.Errorf("taken back: %v, %s", got.BadEmails, state(bad.ID))
	}
}
