package storetest

import (
	"slices"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// check holds what must be true at every moment.
func (j *joinWorld) check() {
	j.t.Helper()
	var question crm.Question
	question.Addresses = j.addresses()
	answer, err := j.s.Lookup(j.ctx, question)
	j.ok(err)
	accounts := map[string]bool{"": true}
	for _, a := range j.liveAccounts() {
		accounts[a.ID] = true
	}
	kinds := map[string]crm.PersonKind{}
	for _, p := range j.livePeople() {
		kinds[p.ID] = p.Kind
		if !accounts[p.AccountID] {
			j.failf("%s belongs to the account %s, which is not there", p.ID, p.AccountID)
		}
	}
	for mail, addresses := range j.mails {
		a := j.activity(mail)
		if len(a.People) != len(addresses) {
			j.failf("mail %s has %d people: %+v", mail, len(a.People), a.People)
		}
		for _, p := range a.People {
			owner := ""
			if known := answer.Addresses[p.Address].People; len(known) == 1 {
				owner = known[0].ID
			} else if len(known) > 1 {
				j.failf("%s belongs to %+v", p.Address, known)
			}
			if p.ID != owner || p.Kind != kinds[owner] {
				j.failf("mail %s names %s %s for %s, which is that of %s", mail, p.Kind, p.ID, p.Address, owner)
			}
		}
		for _, id := range a.Accounts {
			if !accounts[id] {
				j.failf("mail %s belongs to the account %s, which is not there", mail, id)
			}
		}
	}
}

// checkNumbers compares what is counted with a recount.
func (j *joinWorld) checkNumbers() {
	j.t.Helper()
	lines, err := j.s.CheckRollups(j.ctx, false)
	j.ok(err)
	if len(lines) > 0 {
		j.failf("counted otherwise: %v", lines)
	}
}

// checkStart compares the world with the one of the start.
func (j *joinWorld) checkStart() {
	j.t.Helper()
	options := cmpopts.EquateEmpty()
	for id, want := range j.people {
		if note := j.notes[id]; note != "" {
			want.Custom = noted(want.Custom, note)
		}
		if diff := gocmp.Diff(want, j.getPerson(id), options); diff != "" {
			j.failf("%s afterwards (-want +got):\n%s", id, diff)
		}
	}
	for id, want := range j.accounts {
		if note := j.notes[id]; note != "" {
			want.Custom = noted(want.Custom, note)
		}
		if diff := gocmp.Diff(want, j.getAccount(id), options); diff != "" {
			j.failf("%s afterwards (-want +got):\n%s", id, diff)
		}
	}
	for _, a := range j.liveAccounts() {
		if _, known := j.accounts[a.ID]; !known && !j.stays[a.ID] {
			j.failf("account %s that a conversion made stays", a.ID)
		}
	}
	for mail, addresses := range j.mails {
		a := j.activity(mail)
		for _, p := range a.People {
			if p.Was != "" {
				j.failf("mail %s remembers %s", mail, p.Was)
			}
		}
		if len(a.Moved) > 0 {
			j.failf("mail %s remembers %+v", mail, a.Moved)
		}
		again := j.mail(j.a, mail, mail, addresses...).Activity
		slices.Sort(again.Accounts)
		if diff := gocmp.Diff(again.Accounts, a.Accounts, options); diff != "" {
			j.failf("accounts of mail %s (-want +got):\n%s", mail, diff)
		}
	}
}
