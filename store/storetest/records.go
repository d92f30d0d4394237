package storetest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// runRecords holds a store to what Records says.
func runRecords(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"opportunities", testOpportunities},
		{"an opportunity is won", testWonOpportunity},
		{"a win is taken back", testUnwon},
		{"everything of a record", testWholeDeals},
		{"lists of deals", testDealLists},
		{"notices", testNotices},
		{"records that cannot be stored", testBadRecords},
		{"catalogue and campaigns", testCampaigns},
		{"numbers of records", testRecordNumbers},
		{"tasks", testTasks},
		{"proposals", testProposals},
		{"a proposal is decided and opened again", testDecideProposal},
		{"a proposed successor", testSuccessor},
		{"a contact that a proposal made", testMadeContactStays},
		{"a proposed merge", testProposedMerge},
		{"records mark and are audited", testRecordMarks},
		{"records of the erased", testEraseRecords},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, open(t))
			test.run(t, w)
			Check(t, w.s)
		})
	}
}

// ordered is an id that is ordered as the name is; named gives the name back. Ids of another shape have no order.
func ordered(name string) string {
	return fmt.Sprintf("%x%s", name, strings.Repeat("0", 32-2*len(name)))
}

func named(id string) string {
	name, err := hex.DecodeString(id)
	if err != nil {
		return id
	}
	return strings.TrimRight(string(name), "\x00")
}

// customer makes an account that deals can be with.
func (w *world) customer(id string) {
	w.t.Helper()
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{{ID: id, Name: "Account " + id, Created: w.now, Updated: w.now}}))
}

func (w *world) opportunity(id string, edit func(o *crm.Opportunity)) crm.Opportunity {
	w.t.Helper()
	o := crm.Opportunity{ID: id, Name: "導入 " + id, Account: "acc", Owner: sato, Stage: crm.StageProspect, Updated: w.now}
	if edit != nil {
		edit(&o)
	}
	o, err := w.s.SaveOpportunity(w.ctx, sato, o)
	w.ok(err)
	return o
}

func testOpportunities(t *testing.T, w *world) {
	w.customer("acc")
	made := w.opportunity("o", nil)
	want := crm.Opportunity{ID: "o", Name: "導入 o", Account: "acc", Owner: sato, Stage: crm.StageProspect,
		Stages: []crm.StageChange{{At: w.now, To: crm.StageProspect, By: sato}}, Created: w.now, Updated: w.now}
	got, err := w.s.GetOpportunity(w.ctx, "o")
	w.ok(err)
	if diff := cmp.Diff(want, got) + cmp.Diff(want, made); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.now = w.now.Add(7 * time.Hour) // the next day in Tokyo
	got.Stage, got.Lines, got.Updated = crm.StageLost, []crm.Line{{Name: "x", Quantity: 2, Price: 50}}, w.now
	lost, err := w.s.SaveOpportunity(w.ctx, suzuki, got)
	w.ok(err)
	want.Stage, want.Ends, want.Closed, want.Amount, want.Lines, want.Updated = crm.StageLost, crm.EndsLost, "2026-11-22", 100, got.Lines, w.now
	want.Stages = append(want.Stages, crm.StageChange{At: w.now, From: crm.StageProspect, To: crm.StageLost, By: suzuki})
	if diff := cmp.Diff(want, lost); diff != "" {
		t.Errorf("lost (-want +got):\n%s", diff)
	}
	w.ok(w.s.DeleteOpportunity(w.ctx, sato, "o"))
	if _, err := w.s.GetOpportunity(w.ctx, "o"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	if err := w.s.DeleteOpportunity(w.ctx, sato, "o"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
}

// agreed is a won opportunity with everything that goes into its contract.
func agreed(o *crm.Opportunity) {
	o.Stage, o.Contacts, o.Start, o.End, o.Notice = crm.StageWon, []string{"p", "q"}, "2026-12-01", "2027-11-30", 60
	o.Lines = []crm.Line{{Product: "prod", Name: "月額", Quantity: 12, Price: 30000}}
	o.Documents = []crm.Document{{Kind: crm.DocumentOrder, Name: "発注書", URL: "https://files.example/1"}}
	o.Touch = crm.Touch{Channel: "web", Campaign: "expo"}
}

func testWonOpportunity(t *testing.T, w *world) {
	w.customer("acc")
	won := w.opportunity("o", func(o *crm.Opportunity) { agreed(o); o.Start = "" })
	if won.Contract != "" {
		t.Errorf("a contract without a start: %s", won.Contract)
	}
	won.Start, won.Updated = "2026-12-01", w.now.Add(time.Hour)
	won, err := w.s.SaveOpportunity(w.ctx, sato, won)
	w.ok(err)
	c, err := w.s.GetContract(w.ctx, crm.ContractID("o"))
	w.ok(err)
	want := crm.Contract{ID: crm.ContractID("o"), Name: "導入 o", Account: "acc", Opportunity: "o", Contacts: []string{"p", "q"}, Owner: sato,
		Start: "2026-12-01", End: "2027-11-30", Notice: 60, Amount: 360000, Lines: won.Lines, Documents: won.Documents, Touch: won.Touch,
		Created: won.Updated, Updated: won.Updated}
	if diff := cmp.Diff(want, c); diff != "" || won.Contract != c.ID {
		t.Errorf("contract %s (-want +got):\n%s", won.Contract, diff)
	}
	c.End = "2028-03-31" // somebody agreed on another end
	c, err = w.s.SaveContract(w.ctx, sato, c)
	w.ok(err)
	won.Documents = append(won.Documents, crm.Document{Kind: crm.DocumentContract, Name: "契約書", URL: `\\server\k.pdf`})
	won.End, won.Updated = "2027-10-31", won.Updated.Add(time.Hour)
	won, err = w.s.SaveOpportunity(w.ctx, sato, won)
	w.ok(err)
	carried, err := w.s.GetContract(w.ctx, c.ID)
	w.ok(err)
	if carried.End != "2028-03-31" || len(carried.Documents) != 2 {
		t.Errorf("carried on: %+v", carried)
	}
	if err := w.s.DeleteOpportunity(w.ctx, sato, "o"); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("an opportunity with a contract goes: %v", err)
	}
	w.ok(w.s.DeleteContract(w.ctx, sato, c.ID))
	won.Updated = won.Updated.Add(time.Hour)
	_, err = w.s.SaveOpportunity(w.ctx, sato, won)
	w.ok(err)
	if _, err := w.s.GetContract(w.ctx, c.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("a contract that somebody removed is made again: %v", err)
	}
	w.ok(w.s.DeleteOpportunity(w.ctx, sato, "o"))
}

func testUnwon(t *testing.T, w *world) {
	w.customer("acc")
	id := crm.ContractID("o")
	there := func() bool {
		_, err := w.s.GetContract(w.ctx, id)
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	stage := func(stage crm.Stage) crm.Opportunity {
		o, err := w.s.GetOpportunity(w.ctx, "o")
		w.ok(err)
		w.now = w.now.Add(time.Hour)
		o.Stage, o.Updated = stage, w.now
		o, err = w.s.SaveOpportunity(w.ctx, sato, o)
		w.ok(err)
		return o
	}
	w.opportunity("o", agreed)
	if o := stage(crm.StageNegotiation); there() || o.Contract != "" || o.Closed != "" {
		t.Errorf("the win is taken back, the contract stays: %+v", o)
	}
	stage(crm.StageWon)
	if !there() {
		t.Fatal("won again without a contract")
	}
	c, err := w.s.GetContract(w.ctx, id)
	w.ok(err)
	c.Note = "担当者と合意"
	_, err = w.s.SaveContract(w.ctx, sato, c)
	w.ok(err)
	if o := stage(crm.StageLost); !there() || o.Contract != id {
		t.Errorf("a contract that somebody changed went: %+v", o)
	}
}

func testWholeDeals(t *testing.T, w *world) {
	w.customer("acc")
	at := w.now.Add(123456789)
	o := crm.Opportunity{ID: crm.NewID(), Name: "<導入> \"&\"", Account: "acc", Contacts: []string{"p"}, Owner: sato, Stage: "signed", Ends: crm.EndsLost, Amount: 10,
		Expected: "2026-12-31", Closed: "2026-11-20", Lines: []crm.Line{{Product: "x", Name: "y", Quantity: 2, Price: 5}},
		Documents: []crm.Document{{Kind: crm.DocumentOther, Name: "n", URL: "/a"}}, Start: "2027-01-01", End: "2027-12-31", Notice: 30, Lead: "l",
		Touch: crm.Touch{Campaign: "1", Channel: "2", Source: "3", Medium: "4", Term: "5", Content: "6", Referrer: "7", Landing: "8"}, Note: "a\nb",
		Custom: map[string]string{"k": "v"}, Created: w.now, Updated: at}
	o, err := w.s.SaveOpportunity(w.ctx, sato, o)
	w.ok(err)
	gotO, err := w.s.GetOpportunity(w.ctx, o.ID)
	w.ok(err)
	c := crm.Contract{ID: crm.NewID(), Name: "n", Account: "acc", Contacts: []string{"p"}, Owner: sato, Start: "2027-01-01", End: "2027-12-31", Notice: 30, Amount: 10,
		Lines: o.Lines, Documents: o.Documents, Ended: "2027-06-30", Renewed: "r", Touch: o.Touch, Note: "a\nb", Created: w.now}
	c, err = w.s.SaveContract(w.ctx, sato, c)
	w.ok(err)
	gotC, err := w.s.GetContract(w.ctx, c.ID)
	w.ok(err)
	task := crm.Task{ID: crm.NewID(), Kind: crm.TaskCall, Person: "p", Account: "acc", Owner: sato, Due: "2026-11-30", Whom: "w", What: "x", Origin: "person",
		Cause: "c", Created: w.now, Done: at, DoneBy: sato, Dropped: true}
	w.ok(w.s.SaveTask(w.ctx, sato, task))
	gotT, err := w.s.GetTask(w.ctx, task.ID)
	w.ok(err)
	campaign := crm.Campaign{ID: crm.NewID(), Code: "expo", Name: "展示会", Channel: "web", Budget: 5, Start: "2026-04-01", End: "2026-09-30",
		Costs: []crm.Cost{{Day: "2026-04-02", Amount: 3, Note: "ブース"}}, Retired: true, Created: w.now, Updated: at}
	w.ok(w.s.SaveCampaign(w.ctx, sato, campaign))
	gotM, err := w.s.GetCampaign(w.ctx, campaign.ID)
	w.ok(err)
	product := crm.Product{ID: crm.NewID(), Code: "c", Name: "n", Price: 1, Unit: "月", Retired: true, Created: w.now, Updated: at}
	w.ok(w.s.SaveProduct(w.ctx, sato, product))
	products, err := w.s.ListProducts(w.ctx)
	w.ok(err)
	if diff := cmp.Diff(o, gotO) + cmp.Diff(c, gotC) + cmp.Diff(task, gotT) + cmp.Diff(campaign, gotM) + cmp.Diff([]crm.Product{product}, products); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func testDealLists(t *testing.T, w *world) {
	w.customer("acc")
	w.customer("other")
	for i, expected := range []string{"2026-12-31", "", "2026-11-30", "2027-01-31", "2026-11-30"} {
		w.opportunity(ordered(fmt.Sprint(i)), func(o *crm.Opportunity) {
			o.Expected, o.Contacts = expected, []string{"p"}
			switch i {
			case 0:
				o.Stage = crm.StageWon
			case 3:
				o.Account, o.Owner, o.Contacts, o.Lead = "other", suzuki, nil, "p"
			case 4:
				o.Stage, o.Contacts = crm.StageProposal, []string{"q", "p"}
			}
		})
		_, err := w.s.SaveContract(w.ctx, sato, crm.Contract{ID: ordered(fmt.Sprint(i)), Name: "c", Account: "acc", Start: "2026-01-01", End: expected,
			Contacts: []string{"p"}, Owner: sato, Ended: map[bool]string{true: "2026-06-30"}[i == 2]})
		w.ok(err)
	}
	for _, test := range []struct {
		name      string
		f         crm.DealFilter
		deals     []string
		contracts []string
	}{
		{"all", crm.DealFilter{}, []string{"2", "4", "0", "3", "1"}, []string{"2", "4", "0", "3", "1"}},
		{"open", crm.DealFilter{Open: true}, []string{"2", "4", "3", "1"}, []string{"4", "0", "3", "1"}},
		{"an account's", crm.DealFilter{Account: "other"}, []string{"3"}, nil},
		{"an owner's", crm.DealFilter{Owner: sato}, []string{"2", "4", "0", "1"}, []string{"2", "4", "0", "3", "1"}},
		{"a person's, as contact or lead", crm.DealFilter{Person: "p"}, []string{"2", "4", "0", "3", "1"}, []string{"2", "4", "0", "3", "1"}},
		{"a person's with an owner", crm.DealFilter{Person: "p", Owner: suzuki}, []string{"3"}, nil},
		{"a second contact's", crm.DealFilter{Person: "q", Account: "acc"}, []string{"4"}, nil},
		{"of days", crm.DealFilter{Since: "2026-12-01", Until: "2026-12-31"}, []string{"0"}, []string{"0"}},
		{"since", crm.DealFilter{Since: "2026-12-31"}, []string{"0", "3"}, []string{"0", "3", "1"}},
		{"until", crm.DealFilter{Until: "2026-11-30"}, []string{"2", "4"}, []string{"2", "4"}},
	} {
		for _, limit := range []int{1, 2, 50} {
			f := test.f
			f.Limit = limit
			deals := pages(w, func(after string) ([]crm.Opportunity, string, error) {
				f.After = after
				return w.s.ListOpportunities(w.ctx, f)
			}, func(o crm.Opportunity) string { return o.ID })
			contracts := pages(w, func(after string) ([]crm.Contract, string, error) {
				f.After = after
				return w.s.ListContracts(w.ctx, f)
			}, func(c crm.Contract) string { return c.ID })
			if diff := cmp.Diff(test.deals, deals) + cmp.Diff(test.contracts, contracts); diff != "" {
				t.Errorf("%s, %d a page (-want +got):\n%s", test.name, limit, diff)
			}
		}
	}
	list, _, err := w.s.ListOpportunities(w.ctx, crm.DealFilter{Stage: crm.StageProposal})
	w.ok(err)
	if len(list) != 1 || named(list[0].ID) != "4" {
		t.Errorf("of a stage: %+v", list)
	}
}

// pages reads a list to its end.
func pages[T any](w *world, read func(after string) ([]T, string, error), id func(T) string) (out []string) {
	w.t.Helper()
	for after := ""; ; {
		list, next, err := read(after)
		w.ok(err)
		for _, one := range list {
			out = append(out, named(id(one)))
		}
		if after = next; next == "" {
			return out
		}
		if len(list) == 0 {
			w.t.Fatal("an empty page that is not the last")
		}
	}
}

func testNotices(t *testing.T, w *world) {
	w.customer("acc")
	for _, c := range []crm.Contract{
		{ID: "soon", End: "2027-01-31", Notice: 60}, {ID: "far", End: "2027-01-31", Notice: 59}, {ID: "long", End: "2028-11-21", Notice: 731},
		{ID: "over", End: "2026-11-01"}, {ID: "endless"}, {ID: "ended", End: "2026-11-30", Notice: 90, Ended: "2026-10-01"},
		{ID: "renewed", End: "2026-11-30", Notice: 90, Renewed: "soon"},
	} {
		c.Name, c.Account, c.Start, c.ID = c.ID, "acc", "2026-01-01", ordered(c.ID)
		_, err := w.s.SaveContract(w.ctx, sato, c)
		w.ok(err)
	}
	for today, want := range map[string][]string{"2026-10-31": nil, "2026-11-01": {"over"}, "2026-12-01": {"over", "long"},
		"2026-12-02": {"over", "soon", "long"}, "2026-12-03": {"over", "far", "soon", "long"}} {
		for _, limit := range []int{1, 50} {
			got := pages(w, func(after string) ([]crm.Contract, string, error) { return w.s.ListNotices(w.ctx, today, after, limit) },
				func(c crm.Contract) string { return c.ID })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", today, diff)
			}
		}
	}
}

func testBadRecords(t *testing.T, w *world) {
	w.customer("acc")
	good := crm.Opportunity{ID: "o", Name: "x", Account: "acc", Stage: crm.StageProspect}
	bad, homeless := good, good
	bad.End, bad.Start = "2026-01-01", "2026-02-01"
	homeless.Account = "nowhere"
	if _, err := w.s.SaveOpportunity(w.ctx, sato, bad); !errors.Is(err, crm.ErrRefused) {
		t.Error(err)
	}
	if _, err := w.s.SaveOpportunity(w.ctx, sato, homeless); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	if _, err := w.s.SaveContract(w.ctx, sato, crm.Contract{ID: "c", Name: "x", Account: "nowhere", Start: "2026-01-01"}); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"contract": second(w.s.SaveContract(w.ctx, sato, crm.Contract{ID: "c", Name: "x", Account: "acc", Start: "2026-02-30"})),
		"product":  w.s.SaveProduct(w.ctx, sato, crm.Product{ID: "p", Price: -1, Name: "x"}),
		"campaign": w.s.SaveCampaign(w.ctx, sato, crm.Campaign{ID: "m", Name: "x"}),
		"task":     w.s.SaveTask(w.ctx, sato, crm.Task{ID: "t", Kind: crm.TaskCall, What: "x", Due: "soon"}),
	} {
		if !errors.Is(err, crm.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"opportunity": second(w.s.SaveOpportunity(w.ctx, sato, crm.Opportunity{Name: "x", Account: "acc", Stage: crm.StageProspect})),
		"contract":    second(w.s.SaveContract(w.ctx, sato, crm.Contract{Name: "x", Account: "acc", Start: "2026-02-03"})),
		"product":     w.s.SaveProduct(w.ctx, sato, crm.Product{Name: "x"}),
		"campaign":    w.s.SaveCampaign(w.ctx, sato, crm.Campaign{Code: "x", Name: "x"}),
		"task":        w.s.SaveTask(w.ctx, sato, crm.Task{Kind: crm.TaskCall, What: "x", Due: "2026-11-21"}),
	} {
		if err == nil {
			t.Errorf("%s without an id was stored", name)
		}
	}
	if list, _, _ := w.s.ListOpportunities(w.ctx, crm.DealFilter{}); len(list) > 0 {
		t.Errorf("stored: %+v", list)
	}
}

func second[T any](_ T, err error) error { return err }
