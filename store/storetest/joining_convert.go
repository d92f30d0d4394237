package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func testConvert(t *testing.T, w *world) {
	lead := w.lead("a", "田中 太郎", "tanaka@client.co.jp")
	lead.Company, lead.Owner, lead.Given = "株式会社クライアント", sato, crm.Touch{Channel: "web", Campaign: "spring"}
	w.savePeople(lead)
	w.commit(w.a, w.mail(w.a, "1", "one", "tanaka@client.co.jp"))
	plan := crm.ConversionPlan{Person: "a", Domain: "client.co.jp", Opportunity: &crm.Opportunity{Name: "導入"}}
	preview, err := w.s.PreviewConversion(w.ctx, plan)
	w.ok(err)
	if !preview.New || preview.Account.Name != lead.Company || preview.Person.Kind != crm.Contact || preview.Opportunity.Owner != sato {
		t.Errorf("preview: %+v", preview)
	}
	w.now = w.now.Add(time.Hour)
	c, err := w.s.Convert(w.ctx, "sato", plan, w.now)
	w.ok(err)
	contact, account := w.getPerson("a"), w.getAccount(c.Account)
	if contact.Kind != crm.Contact || contact.AccountID != c.Account || !contact.Converted.Equal(w.now) || contact.Status != lead.Status || contact.Company != "" {
		t.Errorf("contact: %+v", contact)
	}
	if account.Name != lead.Company || !slices.Equal(account.Domains, []string{"client.co.jp"}) || account.Owner != sato || !c.NewAccount {
		t.Errorf("account: %+v", account)
	}
	if p := w.activity("one").People[0]; p.Kind != crm.Contact || p.ID != "a" {
		t.Errorf("on the mail: %+v", p)
	}
	if n := len(timeline(t, w.s, crm.ActivityFilter{Account: c.Account})); n != 1 {
		t.Errorf("%d activities of the account", n)
	}
	o, err := w.s.GetOpportunity(w.ctx, c.Opportunity)
	w.ok(err)
	if o.Account != c.Account || o.Lead != "a" || !slices.Equal(o.Contacts, []string{"a"}) || o.Touch != lead.Given || o.Stage != crm.StageProspect {
		t.Errorf("opportunity: %+v", o)
	}
	_, err = w.s.Convert(w.ctx, "sato", plan, w.now)
	refused(t, err, "contact already")
	_, err = w.s.UndoConversion(w.ctx, "sato", c.ID, w.now)
	w.ok(err)
	if diff := gocmp.Diff(lead, w.getPerson("a")); diff != "" {
		t.Errorf("the lead afterwards (-want +got):\n%s", diff)
	}
	if _, err := w.s.GetAccount(w.ctx, c.Account); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the account stays: %v", err)
	}
	if _, err := w.s.GetOpportunity(w.ctx, c.Opportunity); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the opportunity stays: %v", err)
	}
	list, _, err := w.s.ListConversions(w.ctx, "a", "", 0)
	w.ok(err)
	if len(list) != 1 || list[0].UndoneBy != "sato" {
		t.Errorf("conversions: %+v", list)
	}
	if p := w.activity("one").People[0]; p.Kind != crm.Lead {
		t.Errorf("on the mail afterwards: %+v", p)
	}
}

// testConvertInto: the account and the contact that fit are offered, and the lead becomes part of the contact.
func testConvertInto(t *testing.T, w *world) {
	w.saveAccounts(w.company("x", "", "client.co.jp"), crm.Account{ID: "same", Name: "クライアント㈱", Created: w.now})
	contact := w.member("c", "x", "taro@client.co.jp")
	contact.Phones = []crm.Phone{{Number: "03-1234-5678", E164: "+81312345678"}}
	lead := w.lead("a", "田中 太郎", "tanaka@client.co.jp")
	lead.Company, lead.Phones = "株式会社クライアント", contact.Phones
	w.savePeople(contact, lead)
	w.commit(w.a, w.mail(w.a, "1", "one", "tanaka@client.co.jp"))
	preview, err := w.s.PreviewConversion(w.ctx, crm.ConversionPlan{Person: "a"})
	w.ok(err)
	ids := func(list []crm.Candidate) (out []string) {
		for _, c := range list {
			out = append(out, c.ID+" "+string(c.Rule))
		}
		return out
	}
	if got := ids(preview.Accounts); !slices.Equal(got, []string{"x domain", "same name"}) {
		t.Errorf("accounts offered: %v", got)
	}
	if got := ids(preview.Contacts); !slices.Equal(got, []string{"c phone"}) {
		t.Errorf("contacts offered: %v", got)
	}
	_, err = w.s.Convert(w.ctx, "sato", crm.ConversionPlan{Person: "a", Contact: "c", Account: "same"}, w.now)
	refused(t, err, "another account")
	c, err := w.s.Convert(w.ctx, "sato", crm.ConversionPlan{Person: "a", Contact: "c"}, w.now)
	w.ok(err)
	if c.Contact != "c" || c.Account != "x" || c.Merge == "" || w.namedOn("one") != "c<a" || w.activity("one").People[0].Kind != crm.Contact {
		t.Errorf("%+v, the mail names %s", c, w.namedOn("one"))
	}
	_, err = w.s.Unmerge(w.ctx, "sato", c.Merge, w.now)
	refused(t, err, c.ID)
	_, err = w.s.UndoConversion(w.ctx, "sato", c.ID, w.now)
	w.ok(err)
	for _, want := range []crm.Person{contact, lead} {
		if diff := gocmp.Diff(want, w.getPerson(want.ID)); diff != "" {
			t.Errorf("%s afterwards (-want +got):\n%s", want.ID, diff)
		}
	}
	if w.namedOn("one") != "a" {
		t.Errorf("afterwards the mail names %s", w.namedOn("one"))
	}
}

// testConvertStays: what others put their hands on since stays when a conversion is undone.
func testConvertStays(t *testing.T, w *world) {
	lead := w.lead("a", "田中", "tanaka@client.co.jp")
	w.savePeople(lead)
	c, err := w.s.Convert(w.ctx, "sato", crm.ConversionPlan{Person: "a", AccountName: "クライアント", Opportunity: &crm.Opportunity{Name: "導入"}}, w.now)
	w.ok(err)
	o, err := w.s.GetOpportunity(w.ctx, c.Opportunity)
	w.ok(err)
	o.Amount = 100
	_, err = w.s.SaveOpportunity(w.ctx, "sato", o)
	w.ok(err)
	w.savePeople(w.member("b", c.Account, "b@client.co.jp"))
	_, err = w.s.UndoConversion(w.ctx, "sato", c.ID, w.now)
	w.ok(err)
	if w.getPerson("a").Kind != crm.Lead || w.getAccount(c.Account).Name != "クライアント" {
		t.Errorf("afterwards: %+v", w.getPerson("a"))
	}
	if o, err = w.s.GetOpportunity(w.ctx, c.Opportunity); err != nil || o.Amount != 100 {
		t.Errorf("the opportunity: %+v, %v", o, err)
	}
}

// testMergeRecords: opportunities, tasks and proposals go with the loser, and come back.
func testMergeRecords(t *testing.T, w *world) {
	w.saveAccounts(w.company("x", ""))
	w.savePeople(w.member("a", "x", "a@x.co.jp"), w.member("b", "x", "b@x.co.jp"))
	_, err := w.s.SaveOpportunity(w.ctx, "sato", crm.Opportunity{ID: "o", Name: "導入", Account: "x", Contacts: []string{"b", "a"}, Stage: crm.StageProspect, Owner: sato})
	w.ok(err)
	w.ok(w.s.SaveTask(w.ctx, "sato", crm.Task{ID: "t", Kind: crm.TaskTodo, Person: "b", Owner: sato, Due: "2026-11-30", What: "見積", Origin: "person"}))
	r := w.mergePeople("a", "b")
	o, err := w.s.GetOpportunity(w.ctx, "o")
	w.ok(err)
	task, err := w.s.GetTask(w.ctx, "t")
	w.ok(err)
	if !slices.Equal(o.Contacts, []string{"a"}) || task.Person != "a" || !slices.Contains(r.Members, "t") {
		t.Errorf("merged: %v, %s, %v", o.Contacts, task.Person, r.Members)
	}
	_, err = w.s.Unmerge(w.ctx, "sato", r.ID, w.now)
	w.ok(err)
	o, err = w.s.GetOpportunity(w.ctx, "o")
	w.ok(err)
	task, err = w.s.GetTask(w.ctx, "t")
	w.ok(err)
	if !slices.Equal(o.Contacts, []string{"b", "a"}) || task.Person != "b" {
		t.Errorf("afterwards: %v, %s", o.Contacts, task.Person)
	}
}

// testEraseMerged: nothing of somebody who was erased stays in what merges and conversions keep.
func testEraseMerged(t *testing.T, w *world) {
	a, b := w.lead("a", "山田 花子", "hanako@client.co.jp"), w.lead("b", "Hanako Yamada", "yamada@client.co.jp")
	c := w.lead("c", "佐々木", "sasaki@other.co.jp")
	c.Company = "その他社"
	w.savePeople(a, b, c)
	conversion, err := w.s.Convert(w.ctx, "sato", crm.ConversionPlan{Person: "c"}, w.now)
	w.ok(err)
	r := w.mergePeople("a", "b")
	for _, address := range []string{"hanako@client.co.jp", "sasaki@other.co.jp"} {
		_, _, err = w.s.Erase(w.ctx, "it", address, w.now)
		w.ok(err)
	}
	text := string(backup(w))
	for _, word := range []string{"山田 花子", "Hanako Yamada", "yamada@client.co.jp", "佐々木", "sasaki@"} {
		if strings.Contains(text, word) {
			t.Errorf("%q is still in the store", word)
		}
	}
	_, err = w.s.Unmerge(w.ctx, "sato", r.ID, w.now)
	refused(t, err, "erased")
	_, err = w.s.UndoConversion(w.ctx, "sato", conversion.ID, w.now)
	refused(t, err, "erased")
}
