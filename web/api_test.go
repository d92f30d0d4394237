package web

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (f *fixture) token(tb testing.TB, role crm.UserRole) string {
	tb.Helper()
	secret, hash := NewTokenSecret()
	must(tb, f.store.SaveToken(tb.Context(), "cli", crm.Token{ID: crm.NewID(), Name: string(role), Role: role, Hash: hash, Created: f.now}))
	return secret
}

func (f *fixture) api(tb testing.TB, token, method, path, body string) (int, string) {
	tb.Helper()
	res, raw := f.call(tb, token, method, path, body)
	return res.StatusCode, string(raw)
}

func (f *fixture) call(tb testing.TB, token, method, path, body string) (*http.Response, []byte) {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), method, f.url+path, strings.NewReader(body))
	must(tb, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	must(tb, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	must(tb, err)
	return res, raw
}

func (f *fixture) document(tb testing.TB) *openapi3.T {
	tb.Helper()
	_, raw := f.call(tb, "", http.MethodGet, "/api/openapi.json", "")
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	must(tb, err)
	must(tb, doc.Validate(tb.Context()))
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		tb.Errorf("version %s", doc.OpenAPI)
	}
	return doc
}

// TestDocumentHoldsForEveryOperation calls every operation and validates request and answer against the
// document. An operation without an example here fails.
func TestDocumentHoldsForEveryOperation(t *testing.T) {
	f, meetings := withMeetings(t, (*fixture).sampleMeetings)
	doc := f.document(t)
	doc.Servers = openapi3.Servers{{URL: f.url}}
	router, err := legacy.NewRouter(doc)
	must(t, err)
	activity := f.sampleMail()[0].Activity.ID
	review := crm.ReviewID(crm.ReviewNewContact, "new@prospect.example")
	person := `{"kind":"contact","name":"王 小明","emails":["wang@acme.example"],"phones":["+81 3 1234 5678"],"account_id":"` + f.client.ID + `"}`
	calls := []apiExample{
		{"list-people", "GET", "/people?q=%E7%94%B0%E4%B8%AD&limit=1", "", 200, ""},
		{"get-person", "GET", "/people/" + f.tanaka.ID, "", 200, ""},
		{"get-person", "GET", "/people/nobody", "", 404, ""},
		{"create-person", "POST", "/people", person, 201, ""},
		{"create-person", "POST", "/people", `{"kind":"contact","name":"x","emails":["nonsense"]}`, 422, ""},
		{"update-person", "PUT", "/people/" + f.tanaka.ID, person, 200, ""},
		{"delete-person", "DELETE", "/people/" + f.tanaka.ID, "", 204, ""},
		{"list-accounts", "GET", "/accounts", "", 200, ""},
		{"get-account", "GET", "/accounts/" + f.client.ID, "", 200, ""},
		{"create-account", "POST", "/accounts", `{"name":"Neu","domains":["neu.example"]}`, 201, ""},
		{"update-account", "PUT", "/accounts/" + f.client.ID, `{"name":"Neuer Name","domains":["client.co.jp"]}`, 200, ""},
		{"list-activities", "GET", "/activities?account=" + f.client.ID + "&limit=5", "", 200, ""},
		{"get-activity", "GET", "/activities/" + activity, "", 200, ""},
		{"get-activity", "GET", "/activities/" + meetings.held[1].ID, "", 200, ""},
		{"set-outcome", "POST", "/activities/" + meetings.held[0].ID + "/outcome", `{"result":"no_show","note":"x","next":{"when":"2026-12-01","whom":"田中","what":"call"}}`, 200, ""},
		{"set-outcome", "POST", "/activities/" + meetings.held[1].ID + "/outcome", `{"result":"held"}`, 422, ""},
		{"list-ledger", "GET", "/ledger?verdict=excluded", "", 200, ""},
		{"list-reviews", "GET", "/reviews?state=open", "", 200, ""},
		{"get-review", "GET", "/reviews/" + review, "", 200, ""},
		{"decide-review", "POST", "/reviews/" + review + "/decision", `{"action":"accept","name":"中村 葵"}`, 200, ""},
		{"decide-review", "POST", "/reviews/" + review + "/decision", `{"action":"dismiss"}`, 409, ""},
		{"list-sources", "GET", "/sources", "", 200, ""},
		{"get-source", "GET", "/sources/sato-mail", "", 200, ""},
		{"wake-source", "POST", "/sources/sato-mail/wake", "", 202, ""},
	}
	token := f.token(t, crm.RoleAdmin)
	tried := map[string]bool{}
	said := remembered{}
	for _, c := range append(calls, f.lifeExamples()...) {
		c.path, c.body = said.fill(c.path), said.fill(c.body)
		tried[c.operation] = true
		res, raw := f.call(t, token, c.method, apiPrefix+c.path, c.body)
		if res.StatusCode != c.status {
			t.Errorf("%s: %d instead of %d: %s", c.operation, res.StatusCode, c.status, raw)
			continue
		}
		said.keep(c.keep, raw)
		req, err := http.NewRequestWithContext(t.Context(), c.method, f.url+apiPrefix+c.path, strings.NewReader(c.body))
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		rt, params, err := router.FindRoute(req)
		if err != nil {
			t.Errorf("%s %s is not in the document: %v", c.method, c.path, err)
			continue
		}
		in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: rt,
			Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}}
		if c.status < 300 {
			if err := openapi3filter.ValidateRequest(t.Context(), in); err != nil {
				t.Errorf("%s: request: %v", c.operation, err)
			}
		}
		err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: res.StatusCode,
			Header: res.Header, Body: io.NopCloser(bytes.NewReader(raw)), Options: in.Options})
		if err != nil {
			t.Errorf("%s: answer: %v\n%s", c.operation, err, raw)
		}
		if c.status >= 400 && res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s", c.operation, res.Header.Get("Content-Type"))
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if !tried[op.OperationID] {
				t.Errorf("%s %s (%s) has no example", method, path, op.OperationID)
			}
		}
	}
}

// TestAPIRoles walks every operation as nobody and with tokens of each role.
func TestAPIRoles(t *testing.T) {
	f := newFixture(t)
	need := map[string]access{"rep": rep, "admin": admin, "it": it}
	tokens := map[crm.UserRole]string{"": "", crm.RoleRep: f.token(t, crm.RoleRep), crm.RoleAdmin: f.token(t, crm.RoleAdmin), crm.RoleIT: f.token(t, crm.RoleIT)}
	for path, item := range f.document(t).Paths.Map() {
		for method, op := range item.Operations() {
			if op.Security == nil || len(*op.Security) != 1 {
				t.Errorf("%s %s names no role", method, path)
				continue
			}
			role := need[(*op.Security)[0]["bearer"][0]]
			for who, token := range tokens {
				code, body := f.api(t, token, method, strings.NewReplacer("{id}", "0123", "{name}", "none").Replace(path), "")
				switch {
				case who == "" && code != http.StatusUnauthorized,
					who != "" && !role.allows(who) && code != http.StatusForbidden,
					who != "" && role.allows(who) && (code == http.StatusForbidden || code == http.StatusUnauthorized || code >= 500):
					t.Errorf("%s %s as %q: %d %s", method, path, who, code, body)
				}
			}
		}
	}
	if code, _ := f.api(t, "tsunagu_made-up", http.MethodGet, "/api/v1/people", ""); code != http.StatusUnauthorized {
		t.Errorf("a made-up token got %d", code)
	}
	b := f.signedIn(t, "it@example.co.jp")
	if code, _ := b.get(t, "/api/v1/people"); code != http.StatusUnauthorized {
		t.Errorf("a browser's session got %d", code)
	}
	if code, _ := f.api(t, tokens[crm.RoleIT], http.MethodGet, "/api/v1/nowhere", ""); code != http.StatusNotFound {
		t.Errorf("an unknown path got %d", code)
	}
}

func TestAPIPaging(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	link := regexp.MustCompile(`^<([^>]+)>; rel="next"$`)
	seen := map[string]bool{}
	path := "/api/v1/activities?owner=" + url.QueryEscape("sato@example.co.jp") + "&limit=20"
	for pages := 0; path != ""; pages++ {
		if pages > 10 {
			t.Fatalf("the pages never end: %s", path)
		}
		res, raw := f.call(t, token, http.MethodGet, path, "")
		var page struct {
			Items []crm.ExportedActivity `json:"items"`
			Next  string                 `json:"next"`
		}
		must(t, json.Unmarshal(raw, &page))
		for _, a := range page.Items {
			if seen[a.ID] {
				t.Errorf("%s came twice", a.ID)
			}
			seen[a.ID] = true
		}
		m := link.FindStringSubmatch(res.Header.Get("Link"))
		if (m != nil) != (page.Next != "") {
			t.Fatalf("next %q, Link %q", page.Next, res.Header.Get("Link"))
		}
		if path = ""; m != nil {
			path = m[1]
			wantIn(t, path, "owner=sato%40example.co.jp", "limit=20")
		}
	}
	if len(seen) != 65 {
		t.Errorf("%d activities", len(seen))
	}
	if code, _ := f.api(t, token, http.MethodGet, "/api/v1/activities?person=a&account=b", ""); code != http.StatusBadRequest {
		t.Errorf("two filters got %d", code)
	}
}
