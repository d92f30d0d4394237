package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestCheckPerson(t *testing.T) {
	tests := map[string]struct {
		in   crm.Person
		want crm.Person // only if problem is ""
		key  string     // of the problem
	}{
		"numbers are read": {
			in:   crm.Person{Kind: crm.Contact, Name: "x", Phones: []crm.Phone{{Number: " 03-1234-5678 "}, {Number: "０９０（１２３４）５６７８"}, {Number: "none"}}},
			want: crm.Person{Kind: crm.Contact, Name: "x", Phones: []crm.Phone{{Number: "03-1234-5678", E164: "+81312345678"}, {Number: "０９０（１２３４）５６７８", E164: "+819012345678"}, {Number: "none"}}},
		},
		"a carrier's address": {
			in:   crm.Person{Kind: crm.Contact, Name: "x", Emails: []string{"a..b.@docomo.ne.jp", "Taro <a..c@ezweb.ne.jp>", "Taro <taro@client.co.jp>"}},
			want: crm.Person{Kind: crm.Contact, Name: "x", Emails: []string{"a..b.@docomo.ne.jp", "a..c@ezweb.ne.jp", "taro@client.co.jp"}},
		},
		"a contact has no status": {
			in:   crm.Person{Kind: crm.Contact, Name: "x", Status: crm.StatusNew, AccountID: "1"},
			want: crm.Person{Kind: crm.Contact, Name: "x", AccountID: "1"},
		},
		"a lead has no account": {
			in:   crm.Person{Kind: crm.Lead, Name: "x", Status: crm.StatusNew, AccountID: "1"},
			want: crm.Person{Kind: crm.Lead, Name: "x", Status: crm.StatusNew},
		},
		"no address":      {in: crm.Person{Kind: crm.Contact, Name: "x", Emails: []string{"a b"}}, key: "form.bad_address"},
		"endless address": {in: crm.Person{Kind: crm.Contact, Name: "x", Emails: []string{strings.Repeat("a", 300) + "@b.jp"}}, key: "form.bad_address"},
		"endless number":  {in: crm.Person{Kind: crm.Contact, Name: "x", Phones: []crm.Phone{{Number: strings.Repeat("1", 61)}}}, key: "form.too_long"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := tt.in
			bad := checkPerson(&got)
			switch {
			case tt.key != "" && (bad == nil || bad.key != tt.key), tt.key == "" && bad != nil:
				t.Errorf("problem %v", bad)
			case tt.key == "":
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestEnteredNumbersAreRead(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	want := []crm.Phone{{Number: "06-1234-5678", E164: "+81612345678"}}
	b.post(t, "/people/"+f.tanaka.ID, "kind", "contact", "name", "田中 太郎", "phones", "06-1234-5678")
	p, err := f.store.GetPerson(t.Context(), f.tanaka.ID)
	must(t, err)
	b.post(t, "/accounts/"+f.client.ID, "name", "株式会社クライアント", "phones", "06-1234-5678")
	a, err := f.store.GetAccount(t.Context(), f.client.ID)
	must(t, err)
	_, raw := f.call(t, f.token(t, crm.RoleRep), http.MethodPost, "/api/v1/people", `{"kind":"contact","name":"x","phones":["06-1234-5678"]}`)
	var made crm.Person
	must(t, json.Unmarshal(raw, &made))
	for place, got := range map[string][]crm.Phone{"person": p.Phones, "account": a.Phones, "API": made.Phones} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", place, diff)
		}
	}
}

func TestUnforeseenStatusStays(t *testing.T) {
	f := newFixture(t)
	lead, err := f.store.GetPerson(t.Context(), crm.DerivedID("person", "lead"))
	must(t, err)
	lead.Status = "hot"
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{lead}))
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/people/"+lead.ID+"/edit")
	wantIn(t, page, `<option value="hot" selected>`)
	if code, _ := b.post(t, "/people/"+lead.ID, "kind", "lead", "name", lead.Name, "status", "hot"); code != http.StatusOK {
		t.Errorf("keeping it got %d", code)
	}
	if code, _ := b.post(t, "/people/"+lead.ID, "kind", "lead", "name", lead.Name, "status", "made up"); code != http.StatusUnprocessableEntity {
		t.Errorf("making one up got %d", code)
	}
}

func TestChoosingSomebodyElseIsRefused(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	id := crm.ReviewID(crm.ReviewAmbiguous, "info@client.co.jp")
	jane := crm.DerivedID("person", "jane")
	if code, _ := b.post(t, "/reviews/"+id, "action", "choose", "person", jane); code != http.StatusBadRequest {
		t.Errorf("somebody who is no candidate: %d", code)
	}
	p, err := f.store.GetPerson(t.Context(), jane)
	must(t, err)
	p.Emails = append(p.Emails, "Info@client.co.jp")
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{p}))
	if code, _ := b.post(t, "/reviews/"+id, "action", "choose", "person", jane); code != http.StatusOK {
		t.Errorf("somebody who got the address since: %d", code)
	}
}
