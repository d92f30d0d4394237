package web

import (
	"net/http"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestAcceptingAnAddressThatSomebodyGot holds that a review makes no second person of somebody who is on record by now.
func TestAcceptingAnAddressThatSomebodyGot(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	raise := func(address, name string) crm.Review {
		r := crm.Review{ID: crm.DerivedID("review", address), Kind: crm.ReviewNewContact, State: crm.ReviewOpen, Address: address, Name: name, Owner: recordSato, Raised: f.now}
		must(t, f.store.RaiseReview(t.Context(), "cli", r))
		return r
	}
	held, free := raise("tanaka@client.co.jp", "田中"), raise("new@client.co.jp", "新井 新")
	code, page := b.post(t, "/reviews/"+held.ID, "action", "accept", "name", "田中")
	if code != http.StatusConflict {
		t.Fatal(code)
	}
	wantIn(t, page, `href="/people/`+f.tanaka.ID+`"`, "すでに登録されている人", `value="choose"`)
	if code, _ := b.post(t, "/reviews/"+held.ID, "action", "choose", "person", f.tanaka.ID); code != http.StatusOK {
		t.Errorf("chosen instead: %d", code)
	}
	for range 2 { // the person that was made first is found again
		if code, _ := b.post(t, "/reviews/"+free.ID, "action", "accept", "name", ""); code != http.StatusOK {
			t.Fatal(code)
		}
		p, err := f.store.GetPerson(t.Context(), crm.DerivedID("person", "review", free.ID))
		if must(t, err); p.Name != "新井 新" {
			t.Errorf("named %s", p.Name)
		}
		b.post(t, "/reviews/"+free.ID, "action", "undo")
	}
}

func TestDomainsThatAreEverybodys(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	for _, domain := range []string{"co.jp", "gmail.com", "GMAIL.com"} {
		code, page := b.post(t, "/accounts", "name", "新会社", "domains", domain)
		if code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", domain, code)
		}
		wantIn(t, page, "だれでも使えるドメイン", domain+"</textarea>")
	}
	if code, _ := b.post(t, "/accounts", "name", "新会社", "domains", "shinkaisha.co.jp"); code != http.StatusOK {
		t.Errorf("a company's own: %d", code)
	}
}

// TestAddressesThatAnotherRecordHas holds that the form says so, loses nothing, and saves if it is meant.
func TestAddressesThatAnotherRecordHas(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	for name, tt := range map[string]struct {
		path, holder string
		fields       []string
	}{
		"person":  {"/people", "/people/" + f.tanaka.ID, []string{"kind", "contact", "account", "作られない会社", "emails", "TANAKA@client.co.jp"}},
		"account": {"/accounts", "/accounts/" + f.client.ID, []string{"domains", "client.co.jp"}},
	} {
		t.Run(name, func(t *testing.T) {
			fields := append([]string{"name", "二重の記録"}, tt.fields...)
			accounts, err := f.store.CountAccounts(t.Context())
			must(t, err)
			code, page := b.post(t, tt.path, fields...)
			if code != http.StatusUnprocessableEntity {
				t.Fatal(code)
			}
			wantIn(t, page, `href="`+tt.holder+`"`, `name="anyway"`, `value="二重の記録"`, tt.fields[len(tt.fields)-1]+"</textarea>")
			if now, err := f.store.CountAccounts(t.Context()); err != nil || now != accounts {
				t.Errorf("a refused form made an account: %v", err)
			}
			if code, _ := b.post(t, tt.path, append(fields, "anyway", "1")...); code != http.StatusOK {
				t.Errorf("saved all the same: %d", code)
			}
		})
	}
}
