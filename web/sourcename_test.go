package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestNamesOfSources(t *testing.T) {
	f := newFixture(t)
	ja, en := f.server.speakers["ja"], f.server.speakers["en"]
	for _, c := range []struct{ name, id, kind, owner, ja, en, byID string }{
		{"of an account", "gmail-sato-at-example.co.jp", "gmail", "sato@example.co.jp", "Gmail(sato@example.co.jp)", "Gmail (sato@example.co.jp)", "Gmail (sato@example.co.jp)"},
		{"calendar", "googlecalendar-a.b-at-x.jp", "googlecalendar", "a.b@x.jp", "Google カレンダー(a.b@x.jp)", "Google Calendar (a.b@x.jp)", "Google Calendar (a.b@x.jp)"},
		{"address that cannot stand in an id", "gmail-o_brien-at-x.jp-0123456789", "gmail", "o'brien@x.jp", "Gmail(o'brien@x.jp)", "Gmail (o'brien@x.jp)", "gmail-o_brien-at-x.jp-0123456789"},
		{"named by somebody", "gmail-sales", "gmail", "sato@example.co.jp", "gmail-sales", "gmail-sales", "gmail-sales"},
		{"mailbox", "sato-mail", "imap", "sato@example.co.jp", "sato-mail", "sato-mail", "sato-mail"},
	} {
		src := crm.Source{ID: c.id, Kind: c.kind, Owner: c.owner}
		if got := ja.nameOfSource(&src); got != c.ja {
			t.Errorf("%s: %q, want %q", c.name, got, c.ja)
		}
		if got := en.nameOfSource(&src); got != c.en {
			t.Errorf("%s: %q, want %q", c.name, got, c.en)
		}
		if got := en.nameOfSourceID(c.id); got != c.byID {
			t.Errorf("%s, by id: %q, want %q", c.name, got, c.byID)
		}
	}
}

// TestSourcesOfTheAPI holds that a token finds and wakes the sources that the pages show its user, and no others, also where
// records are everybody's.
func TestSourcesOfTheAPI(t *testing.T) {
	f := newFixture(t)
	must(t, f.store.DeclareSources(t.Context(), []crm.Source{{ID: "sato-mail", Kind: "imap", Owner: "sato@example.co.jp", Fingerprint: "a"},
		{ID: "suzuki-mail", Kind: "imap", Owner: "suzuki@example.co.jp", Fingerprint: "a"}, {ID: "web", Kind: "webform", Fingerprint: "a"}}, f.now))
	for name, test := range map[string]struct {
		token crm.Token
		want  []string
	}{
		"a rep":                {crm.Token{Role: crm.RoleRep, User: "sato@example.co.jp"}, []string{"sato-mail", "web"}},
		"a rep's, of an admin": {crm.Token{Role: crm.RoleRep, User: "suzuki@example.co.jp"}, []string{"suzuki-mail", "web"}},
		"a manager's, of none": {crm.Token{Role: crm.RoleManager}, []string{"web"}},
		"an admin":             {crm.Token{Role: crm.RoleAdmin}, []string{"sato-mail", "suzuki-mail", "web"}},
		"IT":                   {crm.Token{Role: crm.RoleIT}, []string{"sato-mail", "suzuki-mail", "web"}},
	} {
		secret, hash := NewTokenSecret()
		test.token.ID, test.token.Name, test.token.Hash, test.token.Created = crm.NewID(), name, hash, f.now
		must(t, f.store.SaveToken(t.Context(), "cli", test.token))
		_, list := f.api(t, secret, http.MethodGet, "/api/v1/sources", "")
		for _, id := range []string{"sato-mail", "suzuki-mail", "web"} {
			got, woken := http.StatusOK, http.StatusAccepted
			if !slices.Contains(test.want, id) {
				got, woken = http.StatusNotFound, http.StatusNotFound
			}
			if strings.Contains(list, `"`+id+`"`) != (got == http.StatusOK) {
				t.Errorf("%s: the list has %s", name, list)
			}
			if code, _ := f.api(t, secret, http.MethodGet, "/api/v1/sources/"+id, ""); code != got {
				t.Errorf("%s: %s gives %d", name, id, code)
			}
			if code, _ := f.api(t, secret, http.MethodPost, "/api/v1/sources/"+id+"/wake", ""); code != woken {
				t.Errorf("%s: waking %s gives %d", name, id, code)
			}
		}
	}
}
