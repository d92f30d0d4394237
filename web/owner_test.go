package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

const (
	stranger = "nobody@elsewhere.example"
	formerly = "formerly@example.co.jp" // a user who may not sign in any more
)

// TestOwnersAreColleagues: what is given to somebody is given to a user, or to somebody whose mail is read; who has it already
// may keep it.
func TestOwnersAreColleagues(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Own = func(address string) bool { return strings.HasSuffix(address, "@example.co.jp") }
	})
	ctx := t.Context()
	must(t, f.store.SaveUser(ctx, "cli", crm.User{Email: formerly, Name: "旧 担当", Role: crm.RoleRep, Disabled: true, Created: f.now}))
	token, lead := f.token(t, crm.RoleAdmin), crm.DerivedID("person", "lead")
	stage := inUse(stageNames(f.server.lifecycle()))[0]
	deal, err := f.store.SaveOpportunity(ctx, "cli", crm.Opportunity{ID: crm.NewID(), Name: "商談", Account: f.client.ID, Stage: crm.Stage(stage), Owner: stranger})
	must(t, err)
	owner := func(address string) string { return `,"owner":"` + address + `"}` }
	for name, tt := range map[string]struct{ method, path, body, address string }{
		"a new person":      {http.MethodPost, "/people", `{"kind":"lead","name":"新田"`, stranger},
		"a person":          {http.MethodPut, "/people/" + lead, `{"kind":"lead","name":"高橋"`, stranger},
		"a former user":     {http.MethodPut, "/people/" + lead, `{"kind":"lead","name":"高橋"`, formerly},
		"an owner":          {http.MethodPost, "/people/" + lead + "/owner", `{"x":""`, stranger},
		"a new account":     {http.MethodPost, "/accounts", `{"name":"新田商店"`, stranger},
		"an account":        {http.MethodPut, "/accounts/" + f.client.ID, `{"name":"株式会社クライアント"`, stranger},
		"a new opportunity": {http.MethodPost, "/opportunities", `{"name":"商談","account":"` + f.client.ID + `","stage":"` + stage + `"`, stranger},
		"a new contract":    {http.MethodPost, "/contracts", `{"name":"契約","account":"` + f.client.ID + `","start":"2026-01-01"`, stranger},
		"a new task":        {http.MethodPost, "/tasks", `{"kind":"call","due":"2026-12-01","what":"電話"`, stranger},
		"a conversion":      {http.MethodPost, "/people/" + lead + "/conversion", `{"account_name":"南商店"`, stranger},
	} {
		body := tt.body + owner(tt.address)
		if name == "an owner" {
			body = `{"owner":"` + tt.address + `"}`
		}
		code, answer := f.api(t, token, tt.method, apiPrefix+tt.path, body)
		if code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, code, answer)
		}
		wantIn(t, answer, tt.address, "nobody who works with this system")
	}
	for name, tt := range map[string]struct{ method, path, body string }{
		"a user":              {http.MethodPut, "/accounts/" + f.client.ID, `{"name":"株式会社クライアント"` + owner("Suzuki@example.co.jp")},
		"a colleague to come": {http.MethodPut, "/accounts/" + f.client.ID, `{"name":"株式会社クライアント"` + owner("kato@example.co.jp")},
		"who has it":          {http.MethodPut, "/opportunities/" + deal.ID, `{"name":"商談 2","account":"` + f.client.ID + `","stage":"` + stage + `"` + owner(stranger)},
	} {
		if code, answer := f.api(t, token, tt.method, apiPrefix+tt.path, tt.body); code != http.StatusOK {
			t.Errorf("%s: %d %s", name, code, answer)
		}
	}
}

// TestFormsAskForColleagues: the forms say so in the language of the page, and keep what was typed.
func TestFormsAskForColleagues(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	for action, fields := range map[string][]string{
		"/people":                  {"kind", "lead", "name", "新田 一"},
		"/people/" + f.tanaka.ID:   {"kind", "contact", "name", "新田 一", "account", f.client.Name},
		"/accounts":                {"name", "新田 一"},
		"/accounts/" + f.client.ID: {"name", "新田 一"},
	} {
		code, page := b.post(t, action, append(fields, "owner", stranger)...)
		if code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", action, code)
		}
		wantIn(t, page, "このシステムの利用者ではありません", `value="新田 一"`)
	}
}

// TestAnOwnerWhoIsGone: a person's page says that whoever has them is no user, and their form can be saved all the same.
func TestAnOwnerWhoIsGone(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	p, err := f.store.GetPerson(t.Context(), f.tanaka.ID)
	must(t, err)
	if _, page := b.get(t, "/people/"+p.ID); strings.Contains(page, "利用者ではありません") {
		t.Error("the page says of a user that they are none")
	}
	p.Owner, p.Updated = stranger, time.Now()
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{p}))
	_, page := b.get(t, "/people/"+p.ID)
	wantIn(t, page, stranger, "利用者ではありません")
	if code, page := b.post(t, "/people/"+p.ID, "kind", "contact", "name", "田中 次郎", "account", f.client.Name, "owner", stranger); code != http.StatusOK {
		t.Errorf("%d %s", code, page)
	}
}

// TestOwnersInAMapping: the editor and the rules warn of owners who do not work with the system; saving is not refused for that.
func TestOwnersInAMapping(t *testing.T) {
	document := `lifecycle:
  assignment:
    - {name: all, owners: [sato@example.co.jp, nobody@elsewhere.example]}
forms:
  contact:
    owner: {value: '"literal@elsewhere.example"', map: {tokyo: tokyo@elsewhere.example}, default: default@elsewhere.example}
`
	doc, problems := mapping.Parse([]byte(document))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if diff := cmp.Diff([]string{"sato@example.co.jp", stranger, "literal@elsewhere.example", "default@elsewhere.example", "tokyo@elsewhere.example"}, ownersIn(&doc)); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
	f := newFixture(t)
	notes := f.server.ownerNotes(t.Context(), f.server.speakers["ja"], document)
	if len(notes) != 4 || !strings.Contains(notes[0], stranger) {
		t.Errorf("%v", notes)
	}
	if said := f.server.saidOwners(t.Context(), f.server.speakers["en"], []string{"sato@example.co.jp", stranger}); said != "sato@example.co.jp, nobody@elsewhere.example (no user (any more))" {
		t.Error(said)
	}
}
