package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// write is how a route that takes forms is made to change something.
type write struct {
	as     string // who posts; hAdmin if empty
	id     func(h *house) string
	form   url.Values
	before func(t *testing.T, h *house) // what has to be so first
}

// unaudited are the routes that take forms and change no record, each with its reason.
func unaudited() map[string]string {
	const own = "has tests of its own: the audit tells of signing in, and of what is set up"
	const (
		stores  = "the store audits it, and its suite looks (store/storetest)"
		mapped  = "whoever keeps the mapping audits it, with author and document of each version"
		machine = "the part behind the page audits it, with tests of its own"
		draft   = "a draft in the browser"
	)
	return map[string]string{
		"POST /setup": own, "POST /signin": own, "POST /signin/{provider}": own, "POST /signin/code": own, "POST /signout": own,
		"POST /settings/totp": own, "POST /settings/totp/codes": own, "POST /settings/totp/remove": own, "POST /users/totp": own,
		"POST /sources/{id}/sync": "wakes a source", "POST /sources/{id}/signin": "leads to a provider", "POST /connect/{provider}": "leads to a provider",
		"POST /connections/{provider}/{account}/disconnect": "whoever keeps the accounts audits it (cmd/tsunagu)",
		"POST /forms/{id}/quarantine/{submission}":          "the intake audits it (store/storetest)",
		"POST /reviews/{id}/rule":                           mapped,
		"POST /reviews/{id}/rule/undo":                      mapped,
		"POST /settings/theme":                              "a cookie of the browser",
		"POST /activities/{id}/private":                     stores, "POST /private/{id}/undo": stores, "POST /exclusions": stores, "POST /exclusions/{id}/remove": stores,
		"POST /views": stores, "POST /views/{view}/delete": stores, "POST /segments/{segment}/export": "makes a file; its own test looks for the audit",
		"POST /accounts/{id}/comments": stores, "POST /people/{id}/comments": stores, "POST /comments/{id}": stores, "POST /accounts/{id}/merge": stores, "POST /people/{id}/merge": stores,
		"POST /accounts/{id}/owner": stores, "POST /people/{id}/owner": stores, "POST /activities/{id}/people": stores, "POST /activities/{id}/people/rule": stores, "POST /people/{id}/contact": stores,
		"POST /people/{id}/convert": stores, "POST /conversions/{id}/undo": stores, "POST /merges/{id}/undo": stores, "POST /opportunities": stores, "POST /opportunities/{id}": stores,
		"POST /opportunities/{id}/delete": stores, "POST /contracts": stores, "POST /contracts/{id}": stores, "POST /contracts/{id}/delete": stores, "POST /people/{id}/exclude": mapped,
		"POST /backups": machine, "POST /backups/{name}/try": machine, "POST /health/prove": machine, "POST /setup/organization": machine, "POST /setup/source": machine,
		"POST /connections/new": machine, "POST /sources/{id}/disconnect": machine, "POST /sources/{id}/folders": machine, "POST /sources/{id}/password": machine,
		"POST /sources/{id}/pause": machine, "POST /sources/{id}/resume": machine,
		"POST /duplicates/{id}": stores, "POST /imports": draft, "POST /imports/{id}/columns": draft, "POST /imports/{id}/decide": draft, "POST /imports/{id}/delete": draft,
		"POST /imports/{id}/run": stores, "POST /forms/{id}/try": machine,
		"POST /mapping": mapped, "POST /mapping/versions/{n}/rollback": mapped, "POST /rules/{section}": mapped,
		"POST /mapping/edit": draft, "POST /mapping/check": draft, "POST /mapping/try": draft, "POST /mapping/field": draft, "POST /mapping/preview": draft,
		"POST /campaigns/{campaign}": stores, "POST /products/{product}": stores, "POST /campaigns": stores, "POST /products": stores,
	}
}

func form(fields ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	return v
}

// auditedWrites makes each route of the table change something.
func auditedWrites() map[string]write {
	of := func(kind record) func(h *house) string {
		return func(h *house) string { return h.ids[kind]["own"] }
	}
	return map[string]write{
		"POST /people":        {form: form("name", "新しい人", "kind", "contact", "emails", "new@own.example")},
		"POST /people/{id}":   {id: of(personRecord), form: form("name", "改名", "kind", "contact", "emails", "p@own.example")},
		"POST /accounts":      {form: form("name", "新しい会社")},
		"POST /accounts/{id}": {id: of(accountRecord), form: form("name", "改名した会社", "domains", "own.example")},
		"POST /people/{id}/status": {id: func(*house) string { return crm.DerivedID("h-lead", "team") },
			form: form("status", string(crm.StatusUntouched))},
		"POST /people/{id}/calls":       {id: of(personRecord), as: hRep, form: form("result", "no_answer", "text", "不在", "note", "-", "when", "2027-01-05", "what", "かけ直す", "next_when", "2027-01-05", "next_what", "かけ直す")},
		"POST /changes/{id}/undo":       {id: of(changeRecord)},
		"POST /activities/{id}/outcome": {id: meetingOf, as: hRep, form: form("result", crm.OutcomeHeld)},
		"POST /tasks/{id}/done":         {id: of(taskRecord), form: form("done", "true")},
		"POST /proposals/{id}":          {id: of(proposalRecord), form: form("action", "refuse")},
		"POST /reviews/{id}":            {id: of(reviewRecord), form: form("action", "dismiss")},
		"POST /settings/language":       {form: form("language", "en")},
		"POST /settings/password":       {as: hRep, form: form("current", testPassword, "password", "another password")},
		"POST /users":                   {form: form("email", "new@example.co.jp", "name", "新人", "role", "rep", "password", testPassword)},
		"POST /users/state":             {form: form("email", hFar, "disabled", "true")},
		"POST /users/place":             {form: form("email", hFar, "role", "manager", "team", "西")},
		"POST /users/sessions":          {form: form("email", hFar), before: func(t *testing.T, h *house) { h.cookieOf(t, hFar) }},
		"POST /sessions/end":            {form: nil, before: nil, id: nil},
		"POST /sessions/others":         {before: func(t *testing.T, h *house) { h.cookieOf(t, hAdmin) }},
		"POST /tokens":                  {form: form("name", "連携", "role", "rep")},
		"POST /tokens/{id}/revoke":      {id: tokenOf},
		"POST /people/{id}/delete":      {id: of(personRecord)},
	}
}

// meetingOf is the activity of a meeting that is over; the house logs one when it is asked for.
func meetingOf(h *house) string { return h.ids[meetingSample]["own"] }

func tokenOf(h *house) string { return h.ids[tokenSample]["own"] }

// Samples that no route names by its record.
const (
	meetingSample record = 1000 + iota
	tokenSample
)

// TestEveryWriteIsAudited posts to each route of the table so that something changes, and looks for what the audit tells:
// who it was, and how it was before or is after.
func TestEveryWriteIsAudited(t *testing.T) {
	writes, silent := auditedWrites(), unaudited()
	var patterns []string
	for _, rt := range routes() {
		if !strings.HasPrefix(rt.pattern, "POST ") {
			continue
		}
		if _, known := writes[rt.pattern]; !known && silent[rt.pattern] == "" {
			t.Errorf("%s: say in auditedWrites how it changes something, or in unaudited why it changes nothing", rt.pattern)
			continue
		}
		if silent[rt.pattern] == "" {
			patterns = append(patterns, rt.pattern)
		}
	}
	slices.SortStableFunc(patterns, func(a, b string) int {
		return destroys(route{pattern: a}) - destroys(route{pattern: b})
	})
	h := newHouse(t, crm.AccessPolicy{})
	h.auditSamples(t)
	for _, pattern := range patterns {
		t.Run(pattern, func(t *testing.T) { h.writeOnce(t, pattern, writes[pattern]) })
	}
}

func (h *house) auditSamples(t *testing.T) {
	t.Helper()
	_, hash := NewTokenSecret()
	token := crm.Token{ID: crm.NewID(), Name: "old", Role: crm.RoleRep, Hash: hash, Created: h.now}
	must(t, h.store.SaveToken(t.Context(), "cli", token))
	h.set(tokenSample, "own", token.ID)
	m := h.endedMeeting(t)
	h.set(meetingSample, "own", m)
}

func (h *house) writeOnce(t *testing.T, pattern string, w write) {
	who := hAdmin
	if w.as != "" {
		who = w.as
	}
	cookie := h.cookieOf(t, who)
	if w.before != nil {
		w.before(t, h)
	}
	id := ""
	if w.id != nil {
		id = w.id(h)
	}
	if pattern == "POST /sessions/end" {
		user, err := h.store.GetUser(t.Context(), who)
		must(t, err)
		list, err := h.server.sessionsOf(t.Context(), user)
		must(t, err)
		w.form = form("session", list[0].key)
	}
	before, _, err := h.store.FindAudit(t.Context(), crm.AuditFilter{Limit: 500})
	must(t, err)
	method, path := pathOf(pattern, id)
	code, body, header := h.ask(t, cookie, method, path, w.form)
	if code != http.StatusSeeOther && code != http.StatusOK {
		t.Fatalf("%d\n%s", code, body)
	}
	after, _, err := h.store.FindAudit(t.Context(), crm.AuditFilter{Limit: 500})
	must(t, err)
	fresh := after[:len(after)-len(before)]
	told := slices.ContainsFunc(fresh, func(r crm.AuditRecord) bool {
		return r.Actor == who && r.Action != "" && r.Object != "" && r.Before+r.After != "" && r.Before != r.After
	})
	if !told {
		t.Errorf("nothing new in the audit tells what %s did: %+v (%d, %s)", who, fresh, code, header.Get("Location"))
	}
}
