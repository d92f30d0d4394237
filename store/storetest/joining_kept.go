package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// raised makes the store follow somebody, with a task and a proposal that rest on a mail.
func (w *world) raised(person, mail, what string) (task, proposal string) {
	w.t.Helper()
	f, ok := w.due()[person]
	if !ok {
		w.t.Fatalf("%s is not to be followed", person)
	}
	id := w.activity(mail).ID
	made := asIs(f)
	t := crm.Task{ID: crm.DerivedID("task", "call", id), Kind: crm.TaskCall, Person: person, Owner: sato, Due: "2026-12-01", What: what, Origin: "call", Cause: id, Created: w.now}
	p := crm.Proposal{ID: crm.ProposalID(crm.ProposeField, person, "title", what), Kind: crm.ProposeField, Person: person, Field: "title", Value: what,
		Evidence: []string{"署名: " + what}, Activity: id, Raised: w.now, State: crm.ProposalOpen}
	made.Tasks, made.Proposals = []crm.Task{t}, []crm.Proposal{p}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	return t.ID, p.ID
}

// testUnmergeCaused: what came up about the winner after a merge and rests on the loser's mail goes with the loser, and is
// erased with them; what rests on the winner's stays.
func testUnmergeCaused(t *testing.T, w *world) {
	w.savePeople(w.lead("x", "残田 一", "x@client.co.jp"), w.lead("y", "消去田 二", "y@client.co.jp"))
	r := w.mergePeople("x", "y")
	w.commit(w.a, w.mail(w.a, "1", "theirs", "y@client.co.jp"))
	task, proposal := w.raised("x", "theirs", "見積ゼブラQX77")
	w.commit(w.a, w.mail(w.a, "2", "own", "x@client.co.jp"))
	own, ownProposal := w.raised("x", "own", "訪問キリンQX78")
	_, err := w.s.Unmerge(w.ctx, suzuki, r.ID, w.now.Add(time.Hour))
	w.ok(err)
	for id, want := range map[string]string{task: "y", own: "x"} {
		got, err := w.s.GetTask(w.ctx, id)
		w.ok(err)
		if got.Person != want {
			t.Errorf("the task %q is about %s", got.What, got.Person)
		}
	}
	if _, err := w.s.GetProposal(w.ctx, proposal); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the proposal is still about x: %v", err)
	}
	got, err := w.s.GetProposal(w.ctx, crm.ProposalID(crm.ProposeField, "y", "title", "見積ゼブラQX77"))
	w.ok(err)
	if got.Person != "y" || got.State != crm.ProposalOpen {
		t.Errorf("the proposal: %+v", got)
	}
	_, _, err = w.s.Erase(w.ctx, "it", "y@client.co.jp", w.now)
	w.ok(err)
	w.gone("ゼブラQX77", "消去田")
	w.kept("キリンQX78")
	if _, err := w.s.GetProposal(w.ctx, ownProposal); err != nil {
		t.Error(err)
	}
}

// testEraseCaused: tasks and proposals that rest on a mail that goes with somebody go too, whomever they are about, and what
// they quote by another name for the person.
func testEraseCaused(t *testing.T, w *world) {
	w.savePeople(w.lead("x", "残田 一", "x@client.co.jp"), w.lead("y", "消去田 二", "y@client.co.jp"))
	theirs := w.mail(w.a, "1", "theirs", "y@client.co.jp", "x@client.co.jp")
	cc := w.mail(w.a, "2", "cc", "x@client.co.jp", "y@client.co.jp")
	cc.Activity.People[1].Name = "ケシゴム部長"
	w.commit(w.a, theirs, cc)
	task, _ := w.raised("x", "theirs", "見積ゼブラQX77")
	w.savePeople(func() crm.Person { p := w.getPerson("x"); p.Kana = "ザン"; return p }())
	kept, _ := w.raised("x", "cc", "ケシゴム部長 と訪問キリンQX78")
	edited, err := w.s.GetTask(w.ctx, kept)
	w.ok(err)
	edited.Whom = "ケシゴム部長"
	w.ok(w.s.SaveTask(w.ctx, sato, edited))
	_, _, err = w.s.Erase(w.ctx, "it", "y@client.co.jp", w.now)
	w.ok(err)
	if _, err := w.s.GetTask(w.ctx, task); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the task of a mail that went: %v", err)
	}
	if got, err := w.s.GetTask(w.ctx, kept); err != nil || got.What != "[erased] と訪問キリンQX78" {
		t.Errorf("the task of a mail that stays: %+v, %v", got, err)
	}
	w.gone("ゼブラQX77", "ケシゴム部長", "消去田")
	w.kept("キリンQX78")
}

// testEraseDealNames: a deal that somebody's surname is in the name of does not keep it.
func testEraseDealNames(t *testing.T, w *world) {
	lead := w.lead("y", "消去田 花子", "y@client.co.jp")
	lead.FamilyName, lead.GivenName, lead.Company = "消去田", "花子", "クライアント"
	w.savePeople(lead)
	c, err := w.s.Convert(w.ctx, sato, crm.ConversionPlan{Person: "y", Opportunity: &crm.Opportunity{Name: "消去田 キリンQX78 案件", Note: "花子様"}}, w.now)
	w.ok(err)
	o, err := w.s.GetOpportunity(w.ctx, c.Opportunity)
	w.ok(err)
	o.Contacts, o.Lead = nil, ""
	_, err = w.s.SaveOpportunity(w.ctx, sato, o)
	w.ok(err)
	_, err = w.s.SaveOpportunity(w.ctx, sato, crm.Opportunity{ID: "other", Name: "花子商店", Account: c.Account, Stage: crm.StageProspect, Owner: sato})
	w.ok(err)
	_, _, err = w.s.Erase(w.ctx, "it", "y@client.co.jp", w.now)
	w.ok(err)
	if o, err = w.s.GetOpportunity(w.ctx, c.Opportunity); err != nil || o.Name != "[erased] キリンQX78 案件" || o.Note != "[erased]様" {
		t.Errorf("the deal: %+v, %v", o, err)
	}
	if o, err = w.s.GetOpportunity(w.ctx, "other"); err != nil || o.Name != "花子商店" {
		t.Errorf("another deal: %+v, %v", o, err)
	}
	w.gone("消去田")
}

// testDeleteJoined: who others are part of is not deleted with them, but can be erased.
func testDeleteJoined(t *testing.T, w *world) {
	w.savePeople(w.lead("x", "X", "x@client.co.jp"), w.lead("y", "残る人", "y@client.co.jp"), w.lead("z", "Z", "z@client.co.jp"))
	w.saveAccounts(w.company("a", ""), w.company("b", ""))
	w.savePeople(w.member("c", "a", "c@client.co.jp"))
	r := w.mergePeople("x", "y")
	refused(t, w.s.DeletePerson(w.ctx, sato, "x"), "残る人", "undo merge "+r.ID+" first")
	_, err := w.s.Unmerge(w.ctx, sato, r.ID, w.now)
	w.ok(err)
	w.ok(w.s.DeletePerson(w.ctx, sato, "x"))
	if w.getPerson("y").Name != "残る人" {
		t.Error("the other did not come back")
	}
	c, err := w.s.Convert(w.ctx, sato, crm.ConversionPlan{Person: "z", Contact: "c"}, w.now)
	w.ok(err)
	refused(t, w.s.DeletePerson(w.ctx, sato, "c"), "undo conversion "+c.ID+" first")
	_, _, err = w.s.Erase(w.ctx, "it", "c@client.co.jp", w.now)
	w.ok(err)
	if _, err := w.s.GetPerson(w.ctx, "c"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("erased, and still there: %v", err)
	}
	accounts, err := w.s.Merge(w.ctx, sato, crm.MergeAccounts, "a", "b", w.now)
	w.ok(err)
	refused(t, w.deleteAccount("a"), "undo merge "+accounts.ID+" first")
	_, err = w.s.Unmerge(w.ctx, sato, accounts.ID, w.now)
	w.ok(err)
	w.ok(w.deleteAccount("a"))
}

func (w *world) deleteAccount(id string) error {
	return w.s.(interface {
		DeleteAccount(ctx context.Context, actor, id string) error
	}).DeleteAccount(w.ctx, sato, id)
}

// testConvertWon: undoing a conversion says what it leaves.
func testConvertWon(t *testing.T, w *world) {
	w.savePeople(w.lead("a", "田中", "tanaka@client.co.jp"))
	c, err := w.s.Convert(w.ctx, sato, crm.ConversionPlan{Person: "a", AccountName: "クライアント", Opportunity: &crm.Opportunity{Name: "導入"}}, w.now)
	w.ok(err)
	o, err := w.s.GetOpportunity(w.ctx, c.Opportunity)
	w.ok(err)
	o.Stage, o.Ends, o.Start, o.End = crm.StageWon, crm.EndsWon, "2026-12-01", "2027-11-30"
	o, err = w.s.SaveOpportunity(w.ctx, sato, o)
	w.ok(err)
	undone, err := w.s.UndoConversion(w.ctx, sato, c.ID, w.now)
	w.ok(err)
	want := []string{"opportunity/" + o.ID, "contract/" + o.Contract, "account/" + c.Account}
	if o.Contract == "" || !slices.Equal(undone.Stayed, want) {
		t.Errorf("stayed: %v, want %v", undone.Stayed, want)
	}
}

// testKeysAreOwn: an external key is of one record, and after a merge both keys lead to the winner.
func testKeysAreOwn(t *testing.T, w *world) {
	x, y := w.lead("x", "X", "x@client.co.jp"), w.lead("y", "Y", "y@client.co.jp")
	x.ExternalKey, y.ExternalKey = "K-1", "K-1"
	refused(t, w.s.SavePeople(w.ctx, "api", []crm.Person{x, y}), `"K-1"`, `"X"`)
	w.savePeople(x)
	refused(t, w.s.SavePeople(w.ctx, "api", []crm.Person{y}), `"K-1"`, `"X"`)
	y.ExternalKey = "K-2"
	w.savePeople(y)
	w.savePeople(y)
	r := w.mergePeople("x", "y")
	for _, key := range []string{"K-1", "K-2"} {
		if got, err := w.s.FindPersonByKey(w.ctx, key); err != nil || got.ID != "x" {
			t.Errorf("%s leads to %q, %v", key, got.ID, err)
		}
	}
	z := w.lead("z", "Z", "z@client.co.jp")
	z.ExternalKey = "K-2"
	refused(t, w.s.SavePeople(w.ctx, "api", []crm.Person{z}), `"K-2"`, `"X"`)
	_, err := w.s.Unmerge(w.ctx, sato, r.ID, w.now)
	w.ok(err)
	if got, err := w.s.FindPersonByKey(w.ctx, "K-2"); err != nil || got.ID != "y" {
		t.Errorf("afterwards K-2 leads to %q, %v", got.ID, err)
	}
	a, b := w.company("a", ""), w.company("b", "")
	a.ExternalKey, b.ExternalKey = "K-1", "K-1"
	w.saveAccounts(a)
	refused(t, w.s.SaveAccounts(w.ctx, "api", []crm.Account{b}), `"K-1"`)
	b.ExternalKey = "K-2"
	w.saveAccounts(b)
	_, err = w.s.Merge(w.ctx, sato, crm.MergeAccounts, "a", "b", w.now)
	w.ok(err)
	if got, err := w.s.FindAccountByKey(w.ctx, "K-2"); err != nil || got.ID != "a" {
		t.Errorf("the account's key leads to %q, %v", got.ID, err)
	}
	w.ok(w.s.SaveProduct(w.ctx, sato, crm.Product{ID: "p", Code: "ABC-1", Name: "製品", Created: w.now}))
	w.ok(w.s.SaveProduct(w.ctx, sato, crm.Product{ID: "p", Code: "abc-1", Name: "製品", Created: w.now}))
	var flawed *crm.FlawError
	if err := w.s.SaveProduct(w.ctx, sato, crm.Product{ID: "q", Code: "ＡＢＣ-1", Name: "別", Created: w.now}); !errors.As(err, &flawed) || !strings.Contains(err.Error(), "code") {
		t.Errorf("a code used twice: %v", err)
	}
	w.ok(w.s.SaveProduct(w.ctx, sato, crm.Product{ID: "q", Name: "別", Created: w.now}))
}
