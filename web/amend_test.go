package web

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// between is a store in which somebody else is faster: what they do comes after a record was read and before it is saved.
type between struct {
	Store
	now func()
}

func (b *between) meanwhile() {
	if now := b.now; now != nil {
		b.now = nil
		now()
	}
}

func (b *between) ChangePerson(ctx context.Context, actor string, a crm.Amendment[crm.Person], moves ...crm.Change) (crm.Person, error) {
	b.meanwhile()
	return b.Store.ChangePerson(ctx, actor, a, moves...)
}

func (b *between) ChangeAccount(ctx context.Context, actor string, a crm.Amendment[crm.Account]) (crm.Account, error) {
	b.meanwhile()
	return b.Store.ChangeAccount(ctx, actor, a)
}

func (b *between) ChangeOpportunity(ctx context.Context, actor string, a crm.Amendment[crm.Opportunity]) (crm.Opportunity, error) {
	b.meanwhile()
	return b.Store.ChangeOpportunity(ctx, actor, a)
}

func (b *between) ChangeContract(ctx context.Context, actor string, a crm.Amendment[crm.Contract]) (crm.Contract, error) {
	b.meanwhile()
	return b.Store.ChangeContract(ctx, actor, a)
}

func (b *between) ChangeCampaign(ctx context.Context, actor string, a crm.Amendment[crm.Campaign]) (crm.Campaign, error) {
	b.meanwhile()
	return b.Store.ChangeCampaign(ctx, actor, a)
}

func (b *between) ChangeProduct(ctx context.Context, actor string, a crm.Amendment[crm.Product]) (crm.Product, error) {
	b.meanwhile()
	return b.Store.ChangeProduct(ctx, actor, a)
}

// TestSavesThatCross: somebody else saves a record in the moment between a form's look at it and its saving. The form is
// shown again with what was typed, and theirs stays.
func TestSavesThatCross(t *testing.T) {
	other := &between{}
	f := newFixture(t, func(c *Config) { other.Store, c.Store = c.Store, other })
	ctx, store := t.Context(), f.store
	b := f.signedIn(t, "suzuki@example.co.jp")
	deal, err := store.SaveOpportunity(ctx, "cli", crm.Opportunity{ID: crm.NewID(), Name: "商談", Account: f.client.ID, Stage: crm.Stage(inUse(stageNames(f.server.lifecycle()))[0])})
	must(t, err)
	contract, err := store.SaveContract(ctx, "cli", crm.Contract{ID: crm.NewID(), Name: "契約", Account: f.client.ID, Start: "2026-01-01"})
	must(t, err)
	campaign := crm.Campaign{ID: crm.NewID(), Code: "expo", Name: "展示会", Created: f.now, Updated: f.now}
	must(t, store.SaveCampaign(ctx, "cli", campaign))
	product := crm.Product{ID: crm.NewID(), Name: "月額", Created: f.now, Updated: f.now}
	must(t, store.SaveProduct(ctx, "cli", product))
	for name, tt := range map[string]struct {
		form, action string
		fields       []string
		theirs       func() // they change a field that the form has, too
		kept         func() bool
	}{
		"person": {"/people/" + f.tanaka.ID + "/edit", "/people/" + f.tanaka.ID, []string{"kind", "contact", "account", f.client.Name, "title", "部長"}, func() {
			p, err := store.GetPerson(ctx, f.tanaka.ID)
			must(t, err)
			p.Title, p.Updated = "社長", time.Now()
			must(t, store.SavePeople(ctx, "cli", []crm.Person{p}))
		}, func() bool {
			p, err := store.GetPerson(ctx, f.tanaka.ID)
			must(t, err)
			return p.Title == "社長" && p.Name == "田中 太郎"
		}},
		"account": {"/accounts/" + f.client.ID + "/edit", "/accounts/" + f.client.ID, nil, func() {
			a, err := store.GetAccount(ctx, f.client.ID)
			must(t, err)
			a.Kana, a.Updated = "カナ", time.Now()
			must(t, store.SaveAccounts(ctx, "cli", []crm.Account{a}))
		}, func() bool {
			a, err := store.GetAccount(ctx, f.client.ID)
			must(t, err)
			return a.Kana == "カナ" && a.Name == f.client.Name
		}},
		"opportunity": {"/opportunities/" + deal.ID, "/opportunities/" + deal.ID, []string{"stage", string(deal.Stage), "account", f.client.ID}, func() {
			o := deal
			o.Note = "値引き"
			_, err := store.SaveOpportunity(ctx, "cli", o)
			must(t, err)
		}, func() bool {
			o, err := store.GetOpportunity(ctx, deal.ID)
			must(t, err)
			return o.Note == "値引き" && o.Name == deal.Name
		}},
		"contract": {"/contracts/" + contract.ID, "/contracts/" + contract.ID, []string{"start", "2026-01-01", "account", f.client.ID}, func() {
			k := contract
			k.Note = "自動更新"
			_, err := store.SaveContract(ctx, "cli", k)
			must(t, err)
		}, func() bool {
			k, err := store.GetContract(ctx, contract.ID)
			must(t, err)
			return k.Note == "自動更新" && k.Name == contract.Name
		}},
		"campaign": {"/campaigns/" + campaign.ID, "/campaigns/" + campaign.ID, []string{"code", "expo"}, func() {
			c := campaign
			c.Budget, c.Updated = 100, time.Now()
			must(t, store.SaveCampaign(ctx, "cli", c))
		}, func() bool {
			c, err := store.GetCampaign(ctx, campaign.ID)
			must(t, err)
			return c.Budget == 100 && c.Name == campaign.Name
		}},
		"product": {"/products", "/products/" + product.ID, nil, func() {
			p := product
			p.Price, p.Updated = 300, time.Now()
			must(t, store.SaveProduct(ctx, "cli", p))
		}, func() bool {
			list, err := store.ListProducts(ctx)
			must(t, err)
			return list[0].Price == 300 && list[0].Name == product.Name
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, page := b.get(t, tt.form)
			base := formBase.FindStringSubmatch(page)
			if base == nil {
				t.Fatal("the form names no version")
			}
			other.now = tt.theirs
			code, page := b.post(t, tt.action, append([]string{"name", "二人目", "base", base[1]}, tt.fields...)...)
			if code != http.StatusConflict || !tt.kept() {
				t.Errorf("%d, theirs is kept: %v", code, tt.kept())
			}
			wantIn(t, page, `value="二人目"`, "ほかの人がこの記録を変更しました")
			now := formBase.FindStringSubmatch(page)
			if now == nil || now[1] == base[1] {
				t.Fatal("the form that is shown again names the version it was filled from first")
			}
			if code, _ := b.post(t, tt.action, append([]string{"name", "二人目", "base", now[1]}, tt.fields...)...); code != http.StatusOK {
				t.Errorf("saved all the same: %d", code)
			}
		})
	}
}

// TestFormLeavesWhatRulesDecide: a form that changes a person's title does not take back the status that following gave
// the lead in the moment between, nor what somebody changed elsewhere of the record.
func TestFormLeavesWhatRulesDecide(t *testing.T) {
	other := &between{}
	f := newFixture(t, func(c *Config) { other.Store, c.Store = c.Store, other })
	b, id := f.signedIn(t, recordSato), crm.DerivedID("person", "lead")
	other.now = func() {
		must(t, f.store.Follow(t.Context(), []crm.Followed{{ID: id, Mark: 1 << 40, Status: crm.StatusWorking, StatusAt: f.now, Owner: "suzuki@example.co.jp", Standing: crm.Standing{ID: id}}}))
	}
	_, page := b.get(t, "/people/"+id+"/edit")
	base := formBase.FindStringSubmatch(page)[1]
	if code, page := b.post(t, "/people/"+id, "base", base, "kind", "lead", "name", "高橋 みなみ", "company", "南商店", "title", "店長",
		"status", string(crm.StatusScheduling), "emails", "minami@minami.example"); code != http.StatusOK {
		t.Fatalf("%d %s", code, page)
	}
	p, err := f.store.GetPerson(t.Context(), id)
	must(t, err)
	if p.Title != "店長" || p.Status != crm.StatusWorking || p.Owner != "suzuki@example.co.jp" {
		t.Errorf("%+v", p)
	}
}

// TestProgramsThatCross: a program that names the version it read is told 409 when it is gone; one that names none changes
// the record as it is, without what it did not touch.
func TestProgramsThatCross(t *testing.T) {
	other := &between{}
	f := newFixture(t, func(c *Config) { other.Store, c.Store = c.Store, other })
	token := f.token(t, crm.RoleAdmin)
	id := crm.DerivedID("person", "lead")
	body := func(title, base string) string {
		if base != "" {
			base = `,"base":"` + base + `"`
		}
		return `{"kind":"lead","name":"高橋 みなみ","company":"南商店","emails":["minami@minami.example"],"title":"` + title + `"` + base + `}`
	}
	p, err := f.store.GetPerson(t.Context(), id)
	must(t, err)
	read := versionOf(p.Updated)
	other.now = func() {
		q := p
		q.DoNotContact, q.Updated = "電話不可", time.Now()
		must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{q}))
	}
	if code, answer := f.api(t, token, http.MethodPut, apiPrefix+"/people/"+id, body("店長", "")); code != http.StatusOK {
		t.Fatalf("%d %s", code, answer)
	}
	if p, err = f.store.GetPerson(t.Context(), id); err != nil || p.Title != "店長" || p.DoNotContact != "電話不可" {
		t.Errorf("%+v %v", p, err)
	}
	code, answer := f.api(t, token, http.MethodPut, apiPrefix+"/people/"+id, body("社長", read))
	if code != http.StatusConflict {
		t.Errorf("a version that is gone: %d %s", code, answer)
	}
	wantIn(t, answer, "changed this record meanwhile")
	if code, answer := f.api(t, token, http.MethodPut, apiPrefix+"/people/"+id, body("社長", versionOf(p.Updated))); code != http.StatusOK {
		t.Errorf("the version that is there: %d %s", code, answer)
	}
}

// TestTwoFinishOneTask: a task that two say is done stays as the first did it.
func TestTwoFinishOneTask(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	task := crm.Task{ID: crm.NewID(), Kind: crm.TaskCall, Person: f.tanaka.ID, Owner: recordSato, Due: "2026-11-24", What: "電話", Origin: "person", Created: f.now}
	must(t, f.store.SaveTask(ctx, "cli", task))
	done := task
	done.Done, done.DoneBy = f.now, recordSato
	_, err := f.store.ChangeTask(ctx, recordSato, crm.Amendment[crm.Task]{Was: task, Is: done, Whole: true})
	must(t, err)
	b := f.signedIn(t, "suzuki@example.co.jp")
	b.post(t, "/tasks/"+task.ID+"/done")
	if got, err := f.store.GetTask(ctx, task.ID); err != nil || got.DoneBy != recordSato {
		t.Errorf("%+v %v", got, err)
	}
}
