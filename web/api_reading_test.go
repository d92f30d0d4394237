package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestTimesThatCannotBe holds that a time at which nothing can have happened is refused, with its place.
func TestTimesThatCannotBe(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	for _, at := range []string{"0000-01-01T00:00:00+14:00", "1601-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"} {
		for path, c := range map[string]struct{ body, place string }{
			"/people": {`{"kind":"lead","name":"会田","consent":{"state":"given","at":"` + at + `"}}`, "body.consent.at"},
			"/calls":  {`{"person":"` + f.tanaka.ID + `","result":"lost","at":"` + at + `"}`, "body.at"},
			"/notes":  {`{"person":"` + f.tanaka.ID + `","text":"x","at":"` + at + `"}`, "body.at"},
		} {
			code, answer := f.api(t, token, http.MethodPost, apiPrefix+path, c.body)
			if code != http.StatusUnprocessableEntity || !strings.Contains(answer, `"`+c.place+`"`) || !strings.Contains(answer, "It cannot have been at") {
				t.Errorf("%s at %s: %d %s", path, at, code, answer)
			}
		}
	}
	code, answer := f.api(t, token, http.MethodPost, apiPrefix+"/people", `{"kind":"lead","name":"会田","consent":{"state":"given","at":"2020-01-01T00:00:00Z"}}`)
	if code != http.StatusCreated {
		t.Errorf("an ordinary consent: %d %s", code, answer)
	}
}

// TestBodiesAreRefusedInPlainWords holds that nobody has to know in what the server is written.
func TestBodiesAreRefusedInPlainWords(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleAdmin)
	for name, c := range map[string]struct{ path, body, want string }{
		"a number out of range":  {"/campaigns", `{"code":"c","name":"x","budget":99999999999999999999}`, "body.budget"},
		"a number with decimals": {"/campaigns", `{"code":"c","name":"x","budget":1.5}`, "body.budget"},
		"a far number":           {"/campaigns", `{"code":"c","name":"x","budget":1e400}`, "number 1e400"},
		"half a body":            {"/campaigns", `{"name":`, "not JSON"},
		"a year of five digits":  {"/calls", `{"person":"` + f.tanaka.ID + `","result":"lost","at":"10000-01-01T00:00:00Z"}`, "body.at"},
	} {
		code, answer := f.api(t, token, http.MethodPost, apiPrefix+c.path, c.body)
		if code < 400 || code > 499 || !strings.Contains(answer, c.want) {
			t.Errorf("%s: %d %s", name, code, answer)
		}
		for _, word := range []string{"Go ", "json:", "unmarshal", "int64", "float64", "struct", "2006-01-02"} {
			if strings.Contains(answer, word) {
				t.Errorf("%s: the answer says %q: %s", name, word, answer)
			}
		}
	}
}
