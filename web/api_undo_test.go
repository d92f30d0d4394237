package web

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// object calls the API and reads the answer.
func (f *fixture) object(t *testing.T, token, method, path, body string, out any) (code int) {
	t.Helper()
	res, raw := f.call(t, token, method, apiPrefix+path, body)
	must(t, json.Unmarshal(raw, out))
	return res.StatusCode
}

// TestLeadsBeginAtOnce: a lead that a program makes has the first status before anything follows, so that one who is
// converted at once was something.
func TestLeadsBeginAtOnce(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	var p, contact crm.Person
	if code := f.object(t, token, http.MethodPost, "/people", `{"kind":"lead","name":"新田 一"}`, &p); code != http.StatusCreated || p.Status != crm.StatusNew {
		t.Errorf("%d, status %q", code, p.Status)
	}
	if code := f.object(t, token, http.MethodPost, "/people", `{"kind":"contact","name":"新田 二"}`, &contact); code != http.StatusCreated || contact.Status != "" {
		t.Errorf("a contact: %d, status %q", code, contact.Status)
	}
}

// TestKeysOverTheAPI: a key of somebody else is refused with words, of people and of accounts.
func TestKeysOverTheAPI(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	for _, path := range []string{"/people", "/accounts"} {
		for i, want := range []int{http.StatusCreated, http.StatusConflict} {
			body := `{"kind":"lead","name":"新田","external_key":"K-9"}`
			if path == "/accounts" {
				body = `{"name":"新田商店","external_key":"K-9"}`
			}
			code, answer := f.api(t, token, http.MethodPost, apiPrefix+path, body)
			if code != want {
				t.Errorf("%s %d: %d %s", path, i, code, answer)
			}
			if want == http.StatusConflict {
				wantIn(t, answer, "K-9", "新田")
			}
		}
	}
}

// TestUndoSaysWhatStandsInTheWay: the answer names the later change.
func TestUndoSaysWhatStandsInTheWay(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	lead := "/people/" + crm.DerivedID("person", "lead")
	var first, second struct {
		Change crm.Change `json:"change"`
	}
	f.object(t, token, http.MethodPost, lead+"/status", `{"status":"working"}`, &first)
	f.object(t, token, http.MethodPost, lead+"/status", `{"status":"untouched"}`, &second)
	code, answer := f.api(t, token, http.MethodPost, apiPrefix+"/changes/"+first.Change.ID+"/undo", "")
	if code != http.StatusConflict {
		t.Errorf("%d %s", code, answer)
	}
	wantIn(t, answer, "later change", second.Change.ID)
}
