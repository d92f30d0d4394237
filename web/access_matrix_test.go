package web

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// strict is the policy that hides most.
func strict() crm.AccessPolicy {
	return crm.AccessPolicy{Records: crm.RecordsOwn, Bodies: crm.BodiesOwner}
}

// TestEveryRouteNamesItsRecord fails for a route with {id} of which nobody said what it names.
func TestEveryRouteNamesItsRecord(t *testing.T) {
	for _, rt := range routes() {
		has := strings.Contains(rt.pattern, "{id}")
		switch {
		case has && rt.of == noRecord && rt.any == "":
			t.Errorf("%s: say what record {id} names (of:), or why everybody who may enter may see it (any:)", rt.pattern)
		case has && rt.of != noRecord && rt.any != "", !has && rt.of != noRecord:
			t.Errorf("%s: of and any do not go with it", rt.pattern)
		}
	}
}

// sweeps says that a route can be asked along with all others: it is no stream and does not change who asks.
func sweeps(rt route) bool {
	_, path, _ := strings.Cut(rt.pattern, " ")
	return !rt.endless && path != "/signout" && path != "/signin" && path != "/setup"
}

// TestAccessOfEveryRoute asks each route of the table for a record of each visibility, as everybody there is: whoever may
// not see it gets 404, nobody gets a word of it, and lists have none of it either.
func TestAccessOfEveryRoute(t *testing.T) {
	h := newHouse(t, strict())
	table := routes()
	slices.SortStableFunc(table, func(a, b route) int { return cmp.Compare(destroys(a), destroys(b)) })
	for _, email := range []string{"", hRep, hMate, hManager, hFar, hAdmin, hIT} {
		cookie := h.cookieOf(t, email)
		user, _ := h.store.GetUser(t.Context(), email)
		for _, rt := range table {
			if !sweeps(rt) {
				continue
			}
			seen := []string{"-"}
			if rt.of != noRecord {
				if h.ids[rt.of] == nil {
					t.Fatalf("%s: newHouse knows no record of its kind: furnish one", rt.pattern)
				}
				seen = visibilities
			}
			for _, v := range seen {
				if mine, _ := h.sees(h.placeOf(email), h.viewedFrom(email, v)); mine && v != "-" && strings.HasPrefix(rt.pattern, "POST ") && email != "" && rt.access.allows(user.Role) {
					continue // those who may not are asked: whoever may would give it to somebody else, or take it away
				}
				h.askRoute(t, rt, cookie, user, email, v)
			}
		}
	}
}

// destroys orders routes so that what takes a record away comes last.
func destroys(rt route) int {
	if strings.HasSuffix(rt.pattern, "/delete") || rt.pattern == "POST /activities/{id}/private" || strings.HasSuffix(rt.pattern, "/erase") {
		return 1
	}
	return 0
}

func (h *house) askRoute(t *testing.T, rt route, cookie *http.Cookie, user crm.User, email, v string) {
	t.Helper()
	id := "0123"
	if v != "-" {
		id = h.ids[rt.of][v]
	}
	method, path := pathOf(rt.pattern, id)
	code, body, header := h.ask(t, cookie, method, path, url.Values{})
	who := rt.pattern + " of " + v + " as " + cmp.Or(email, "nobody")
	mine, _ := h.sees(h.placeOf(email), h.viewedFrom(email, v))
	switch {
	case email == "" && rt.access != anybody:
		if code != http.StatusSeeOther && code != http.StatusUnauthorized {
			t.Errorf("%s: %d", who, code)
		}
	case !rt.access.allows(user.Role):
		if code != http.StatusForbidden {
			t.Errorf("%s: %d instead of 403", who, code)
		}
	case v != "-" && !mine:
		if code != http.StatusNotFound {
			t.Errorf("%s: %d instead of 404", who, code)
		}
	case v != "-" && code == http.StatusNotFound && h.standsFor(rt):
		t.Errorf("%s: 404, but it may be seen", who)
	case code >= 500:
		t.Errorf("%s: %d\n%s", who, code, body)
	}
	h.checkMarkers(t, who, email, body+header.Get("Location"))
}

// standsFor says that a route shows the record itself: other routes have reasons of their own for 404.
func (h *house) standsFor(rt route) bool {
	return strings.HasPrefix(rt.pattern, "GET ") && rt.of != sourceRecord // that page is its owner's and IT's
}

// placeOf and viewedFrom put a person into the place of hRep: for hMate own is what hMate has.
func (h *house) placeOf(email string) string {
	if email == hMate || email == hFar {
		return hRep
	}
	return email
}

func (h *house) viewedFrom(email, v string) string {
	switch {
	case email == hMate && v == "team", email == hFar && v == "foreign":
		return "own"
	case email == hMate && v == "own", email == hFar && (v == "own" || v == "team"):
		return "foreign"
	}
	return v
}

// checkMarkers looks for words of records that may not be seen, and of mails that may not be read.
func (h *house) checkMarkers(t *testing.T, who, email, body string) {
	t.Helper()
	for _, v := range visibilities {
		record, read := false, false
		if email != "" {
			record, read = h.sees(h.placeOf(email), h.viewedFrom(email, v))
		}
		if !record && strings.Contains(body, marker(v)) {
			t.Errorf("%s shows a record of %s: …%s…", who, v, around(body, marker(v)))
		}
		if !read && strings.Contains(body, bodyMarker(v)) {
			t.Errorf("%s shows a mail of %s: …%s…", who, v, around(body, bodyMarker(v)))
		}
	}
}

func around(body, word string) string {
	at := strings.Index(body, word)
	return body[max(0, at-160):min(len(body), at+80)]
}

// TestListsShowWhatMayBeSeen holds that lists do show one's own: hiding all would pass the test above.
func TestListsShowWhatMayBeSeen(t *testing.T) {
	h := newHouse(t, strict())
	cookie := h.cookieOf(t, hRep)
	for _, path := range []string{"/people", "/accounts", "/deals", "/deals?show=contracts", "/proposals", "/reviews", "/people?q=" + marker("own")} {
		_, body, _ := h.ask(t, cookie, http.MethodGet, path, nil)
		for _, want := range []string{marker("own")} {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %s", path, want)
			}
		}
		h.checkMarkers(t, path, hRep, body)
	}
	_, body, _ := h.ask(t, cookie, http.MethodGet, "/activities/"+h.ids[activityRecord]["own"], nil)
	wantIn(t, body, bodyMarker("own"))
	manager := h.cookieOf(t, hManager)
	_, body, _ = h.ask(t, manager, http.MethodGet, "/people", nil)
	wantIn(t, body, marker("own"), marker("team"), marker("nobodys"))
	wantOut(t, body, marker("foreign"))
	h.policy.Bodies = crm.BodiesTeam
	_, body, _ = h.ask(t, manager, http.MethodGet, "/activities/"+h.ids[activityRecord]["own"], nil)
	wantIn(t, body, bodyMarker("own"))
	h.policy = crm.AccessPolicy{Records: crm.RecordsTeam, Bodies: crm.BodiesAll}
	_, body, _ = h.ask(t, cookie, http.MethodGet, "/people", nil)
	wantIn(t, body, marker("own"), marker("team"))
	wantOut(t, body, marker("foreign"))
	h.policy = crm.AccessPolicy{}
	_, body, _ = h.ask(t, cookie, http.MethodGet, "/people", nil)
	wantIn(t, body, marker("own"), marker("team"), marker("foreign"))
}

// apiRecord is what the {id} of an operation names, by the beginning of its path. An operation whose {id} is of none of
// them stands in apiAnyID with its reason.
func apiRecord(path string) (record, bool) {
	for prefix, kind := range map[string]record{
		"/people/{id}": personRecord, "/accounts/{id}": accountRecord, "/activities/{id}": activityRecord, "/opportunities/{id}": opportunityRecord,
		"/contracts/{id}": contractRecord, "/tasks/{id}": taskRecord, "/proposals/{id}": proposalRecord, "/changes/{id}": changeRecord, "/reviews/{id}": reviewRecord,
		"/sources/{id}": sourceRecord, "/comments/{id}": commentRecord, "/merges/{id}": mergeRecord, "/conversions/{id}": conversionRecord,
	} {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return kind, true
		}
	}
	return noRecord, false
}

// apiAnyID are paths whose {id} names what everybody with the role may see, or what is tried elsewhere.
func apiAnyID() map[string]string {
	return map[string]string{
		"/campaigns/{id}":    "campaigns are the organisation's",
		"/products/{id}":     "so is the catalogue",
		"/segments/{id}":     "names of the mapping; its people are listed and filtered",
		"/reports/{id}":      "numbers, bounded by owners",
		"/reports/{id}/rows": "rows are listed and filtered",
		"/views/{id}":        "a user's own",
		"/private/{id}/undo": "a user's own",
		"/exclusions/{id}":   "a user's own",
	}
}

// TestAccessOfEveryOperation does for the API what TestAccessOfEveryRoute does for pages. The tokens are a user's.
func TestAccessOfEveryOperation(t *testing.T) {
	h := newHouse(t, strict())
	doc := h.document(t)
	tokens := map[string]string{}
	for email, role := range map[string]crm.UserRole{hRep: crm.RoleRep, hManager: crm.RoleManager, hFar: crm.RoleRep, hAdmin: crm.RoleAdmin, hIT: crm.RoleIT} {
		secret, hash := NewTokenSecret()
		must(t, h.store.SaveToken(t.Context(), "cli", crm.Token{ID: crm.NewID(), Name: email, Role: role, User: email, Hash: hash, Created: h.now}))
		tokens[email] = secret
	}
	for _, path := range doc.Paths.InMatchingOrder() {
		item, short := doc.Paths.Value(path), strings.TrimPrefix(path, apiPrefix)
		kind, known := apiRecord(short)
		if strings.Contains(short, "{id}") && !known && apiAnyID()[short] == "" {
			t.Errorf("%s: say in apiRecord what {id} names, or in apiAnyID why it may be anything", short)
			continue
		}
		for method, op := range item.Operations() {
			need := crm.UserRole((*op.Security)[0]["bearer"][0])
			for email, token := range tokens {
				user, _ := h.store.GetUser(t.Context(), email)
				seen := []string{"-"}
				if known {
					seen = visibilities
				}
				for _, v := range seen {
					if method == http.MethodDelete && v != "foreign" {
						continue
					}
					h.askOperation(t, op.OperationID, method, path, v, kind, email, token, mayGrant(user.Role, need))
				}
			}
			if code, body := h.api(t, "", method, routeParameter.ReplaceAllString(path, "0123"), ""); code != http.StatusUnauthorized {
				t.Errorf("%s without a token: %d %s", op.OperationID, code, body)
			}
		}
	}
}

func (h *house) askOperation(t *testing.T, name, method, path, v string, kind record, email, token string, allowed bool) {
	t.Helper()
	id := "0123"
	if v != "-" {
		id = h.ids[kind][v]
	}
	path = routeParameter.ReplaceAllString(strings.ReplaceAll(path, "{id}", url.PathEscape(id)), "0123")
	if name == "search" {
		path += "?q=example"
	}
	body := ""
	if method == http.MethodPost || method == http.MethodPut {
		body = "{}"
	}
	mine, _ := h.sees(h.placeOf(email), h.viewedFrom(email, v))
	if method == http.MethodDelete && allowed && mine {
		return
	}
	code, answer := h.api(t, token, method, path, body)
	who := name + " of " + v + " as " + email
	switch {
	case !allowed && code != http.StatusForbidden:
		t.Errorf("%s: %d instead of 403", who, code)
	case allowed && v != "-" && !mine && code != http.StatusNotFound && code != http.StatusUnprocessableEntity && code != http.StatusBadRequest:
		t.Errorf("%s: %d instead of 404", who, code)
	case allowed && v != "-" && !mine && method == http.MethodGet && code != http.StatusNotFound:
		t.Errorf("%s: %d instead of 404", who, code)
	case allowed && v != "-" && mine && method == http.MethodGet && code == http.StatusNotFound && kind != sourceRecord && !strings.HasSuffix(path, "/rule"): // sources are their owner's and admins', as on the pages
		t.Errorf("%s: 404, but it may be seen", who)
	case code >= 500:
		t.Errorf("%s: %d %s", who, code, answer)
	}
	h.checkMarkers(t, who, email, answer)
}

// TestTokensWithoutAUser sees by role: admins' all, reps' what belongs to nobody.
func TestTokensWithoutAUser(t *testing.T) {
	h := newHouse(t, strict())
	names := func(token string) string {
		_, body := h.api(t, token, http.MethodGet, apiPrefix+"/people?limit=100", "")
		return body
	}
	body := names(h.token(t, crm.RoleAdmin))
	wantIn(t, body, marker("own"), marker("foreign"), marker("nobodys"))
	for _, role := range []crm.UserRole{crm.RoleRep, crm.RoleManager} {
		body = names(h.token(t, role))
		wantIn(t, body, marker("nobodys"))
		wantOut(t, body, marker("own"), marker("team"), marker("foreign"))
	}
	secret, hash := NewTokenSecret()
	must(t, h.store.SaveToken(t.Context(), "cli", crm.Token{ID: crm.NewID(), Name: "x", Role: crm.RoleRep, User: hRep, Hash: hash, Created: h.now}))
	wantIn(t, names(secret), marker("own"))
	user, err := h.store.GetUser(t.Context(), hRep)
	must(t, err)
	user.Disabled = true
	must(t, h.store.SaveUser(t.Context(), "cli", user))
	if code, _ := h.api(t, secret, http.MethodGet, apiPrefix+"/people", ""); code != http.StatusUnauthorized {
		t.Errorf("the token of a disabled user got %d", code)
	}
}

// TestPagesGoOn walks a list of which most may not be seen to its end: each row once, and no page for ever.
func TestPagesGoOn(t *testing.T) {
	h := newHouse(t, strict())
	var people []crm.Person
	for i := range 130 {
		owner := hFar
		if i%10 == 3 {
			owner = hRep
		}
		people = append(people, crm.Person{ID: crm.NewID(), Kind: crm.Contact, Name: "多数 " + string(rune('ぁ'+i/10)) + string(rune('a'+i%10)), Owner: owner, Created: h.now, Updated: h.now})
	}
	must(t, h.store.SavePeople(t.Context(), "cli", people))
	secret, hash := NewTokenSecret()
	must(t, h.store.SaveToken(t.Context(), "cli", crm.Token{ID: crm.NewID(), Name: "x", Role: crm.RoleRep, User: hRep, Hash: hash, Created: h.now}))
	got, after := map[string]int{}, ""
	for range 100 {
		var page struct {
			Items []crm.Person `json:"items"`
			Next  string       `json:"next"`
		}
		_, body := h.api(t, secret, http.MethodGet, apiPrefix+"/people?limit=3&q="+url.QueryEscape("多数")+"&after="+url.QueryEscape(after), "")
		must(t, json.Unmarshal([]byte(body), &page))
		for _, p := range page.Items {
			got[p.ID]++
		}
		if after = page.Next; after == "" {
			break
		}
		if len(page.Items) != 3 {
			t.Errorf("a page of %d rows in the middle", len(page.Items))
		}
	}
	if len(got) != 13 || after != "" {
		t.Errorf("%d people, then %q", len(got), after)
	}
	for id, n := range got {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
}
