package web

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

var formBase = regexp.MustCompile(`name="base" value="([^"]+)"`)

// TestFormsThatSomebodyOvertook holds that a form which was filled before somebody else saved the record overwrites nothing
// unseen: it is shown again with what was typed, and saving that is a decision.
func TestFormsThatSomebodyOvertook(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	deal, err := f.store.SaveOpportunity(t.Context(), "cli", crm.Opportunity{ID: crm.NewID(), Name: "商談", Account: f.client.ID, Stage: crm.Stage(inUse(stageNames(f.server.lifecycle()))[0])})
	must(t, err)
	contract, err := f.store.SaveContract(t.Context(), "cli", crm.Contract{ID: crm.NewID(), Name: "契約", Account: f.client.ID, Start: "2026-01-01"})
	must(t, err)
	for name, tt := range map[string]struct {
		form, action string
		fields       []string
		stored       func() string
	}{
		"person": {"/people/" + f.tanaka.ID + "/edit", "/people/" + f.tanaka.ID, []string{"kind", "contact", "account", f.client.Name}, func() string {
			p, err := f.store.GetPerson(t.Context(), f.tanaka.ID)
			must(t, err)
			return p.Name
		}},
		"account": {"/accounts/" + f.client.ID + "/edit", "/accounts/" + f.client.ID, nil, func() string {
			a, err := f.store.GetAccount(t.Context(), f.client.ID)
			must(t, err)
			return a.Name
		}},
		"opportunity": {"/opportunities/" + deal.ID, "/opportunities/" + deal.ID, []string{"stage", string(deal.Stage), "account", f.client.ID}, func() string {
			o, err := f.store.GetOpportunity(t.Context(), deal.ID)
			must(t, err)
			return o.Name
		}},
		"contract": {"/contracts/" + contract.ID, "/contracts/" + contract.ID, []string{"start", "2026-01-01", "account", f.client.ID}, func() string {
			c, err := f.store.GetContract(t.Context(), contract.ID)
			must(t, err)
			return c.Name
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, page := b.get(t, tt.form)
			base := formBase.FindStringSubmatch(page)
			if base == nil {
				t.Fatal("the form names no version")
			}
			with := func(more ...string) []string { return append(more, tt.fields...) }
			if code, _ := b.post(t, tt.action, with("name", "一人目", "base", base[1])...); code != http.StatusOK || tt.stored() != "一人目" {
				t.Fatalf("the first save: %d, %s", code, tt.stored())
			}
			code, page := b.post(t, tt.action, with("name", "二人目", "base", base[1])...)
			if code != http.StatusConflict || tt.stored() != "一人目" {
				t.Errorf("the second save: %d, %s", code, tt.stored())
			}
			wantIn(t, page, `value="二人目"`, "ほかの人がこの記録を変更しました")
			if code, page = b.post(t, tt.action, with("name", "", "base", base[1])...); code != http.StatusUnprocessableEntity {
				t.Errorf("without a name: %d", code)
			}
			wantIn(t, page, `value="`+base[1]+`"`) // correcting a mistake makes no newer form of it
			_, page = b.post(t, tt.action, with("name", "二人目", "base", base[1])...)
			now := formBase.FindStringSubmatch(page)
			if now == nil || now[1] == base[1] {
				t.Fatal("the form that is shown again names the version it was filled from first")
			}
			if code, _ := b.post(t, tt.action, with("name", "二人目", "base", now[1])...); code != http.StatusOK || tt.stored() != "二人目" {
				t.Errorf("saved all the same: %d, %s", code, tt.stored())
			}
			if code, _ := b.post(t, tt.action, with("name", "三人目")...); code != http.StatusOK || tt.stored() != "三人目" {
				t.Errorf("without a version: %d, %s", code, tt.stored())
			}
		})
	}
}
