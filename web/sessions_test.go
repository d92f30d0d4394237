package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	chromeOnWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"
	safariOnPhone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)

func TestSessions(t *testing.T) {
	h := newHouse(t, crm.AccessPolicy{})
	at := func(agent, remote string) *http.Cookie {
		user, err := h.store.GetUser(t.Context(), hRep)
		must(t, err)
		req := httptest.NewRequest(http.MethodPost, "/signin", nil)
		req.Header.Set("User-Agent", agent)
		req.RemoteAddr = remote
		rec := httptest.NewRecorder()
		must(t, h.server.signIn(rec, req, user, byPassword))
		return rec.Result().Cookies()[0]
	}
	office, phone, train := at(chromeOnWindows, "192.0.2.77:1"), at(safariOnPhone, "[2001:db8:1:2::9]:1"), at("<script>alert(1)</script>", "198.51.100.3:1")
	other := h.cookieOf(t, hFar)
	_, page, _ := h.ask(t, office, http.MethodGet, "/sessions", nil)
	wantIn(t, page, "Chrome（Windows）", "Safari（iPhone）", "192.0.2.…", "2001:db8:1:…", "この端末")
	wantOut(t, page, "192.0.2.77", "<script>alert", office.Value, phone.Value)
	in := func(c *http.Cookie) bool {
		code, _, _ := h.ask(t, c, http.MethodGet, "/people", nil)
		return code == http.StatusOK
	}
	user, err := h.store.GetUser(t.Context(), hRep)
	must(t, err)
	list, err := h.server.sessionsOf(t.Context(), user)
	must(t, err)
	key := ""
	for _, one := range list {
		if strings.Contains(one.device, "iPhone") {
			key = one.key
		}
	}
	h.ask(t, other, http.MethodPost, "/sessions/end", url.Values{"session": {key}})
	if !in(phone) {
		t.Error("somebody else ended a session")
	}
	h.ask(t, office, http.MethodPost, "/sessions/end", url.Values{"session": {key}})
	if in(phone) || !in(office) || !in(train) {
		t.Errorf("after ending one: phone %v, office %v, train %v", in(phone), in(office), in(train))
	}
	h.ask(t, office, http.MethodPost, "/sessions/others", nil)
	if in(train) || !in(office) || !in(other) {
		t.Errorf("after ending the others: train %v, office %v, somebody else's %v", in(train), in(office), in(other))
	}
	h.ask(t, h.cookieOf(t, hAdmin), http.MethodPost, "/users/sessions", url.Values{"email": {hRep}})
	if in(office) {
		t.Error("an admin's signing out does nothing")
	}
	if code, _, _ := h.ask(t, h.cookieOf(t, hAdmin), http.MethodPost, "/users/sessions", url.Values{"email": {hIT}}); code != http.StatusForbidden {
		t.Errorf("an admin signs IT out: %d", code)
	}
}

// TestPlantedSessionLetsNobodyIn comes with a cookie of somebody else's making: signing in gives another one, and ends the old.
func TestPlantedSessionLetsNobodyIn(t *testing.T) {
	h := newHouse(t, crm.AccessPolicy{})
	name := h.server.sessions.Cookie.Name
	for _, planted := range []*http.Cookie{{Name: name, Value: "planted-by-a-stranger"}, h.cookieOf(t, hFar)} {
		code, _, header := h.ask(t, planted, http.MethodPost, "/signin", url.Values{"email": {hRep}, "password": {testPassword}})
		if code != http.StatusSeeOther {
			t.Fatalf("sign in: %d", code)
		}
		fresh := ""
		for _, line := range header.Values("Set-Cookie") {
			if c, err := http.ParseSetCookie(line); err == nil && c.Name == name && c.Value != "" {
				fresh = c.Value
			}
		}
		if fresh == "" || fresh == planted.Value {
			t.Errorf("the session is %q", fresh)
		}
		if code, _, _ := h.ask(t, planted, http.MethodGet, "/people", nil); code == http.StatusOK {
			t.Error("the planted cookie lets in")
		}
	}
}

// TestEndedSessionStaysEnded ends a session while a request that uses it is under way.
func TestEndedSessionStaysEnded(t *testing.T) {
	h := newHouse(t, crm.AccessPolicy{})
	cookie := h.cookieOf(t, hRep)
	_, _, ctx, err := h.server.findSession(t.Context(), cookie.Value)
	must(t, err)
	user, err := h.store.GetUser(t.Context(), hRep)
	must(t, err)
	must(t, h.server.endSessions(t.Context(), hRep, user, func(storedSession) bool { return true }))
	h.server.touch(ctx, httptest.NewRequest(http.MethodGet, "/", nil), time.Now())
	if code, _, _ := h.ask(t, cookie, http.MethodGet, "/people", nil); code == http.StatusOK {
		t.Error("it began again")
	}
}

// TestUseIsWrittenDown ages a session and uses it.
func TestUseIsWrittenDown(t *testing.T) {
	h := newHouse(t, crm.AccessPolicy{})
	cookie := h.cookieOf(t, hRep)
	_, _, ctx, err := h.server.findSession(t.Context(), cookie.Value)
	must(t, err)
	h.server.sessions.Put(ctx, sessionUsed, time.Now().Add(-time.Hour).Unix())
	_, _, err = h.server.sessions.Commit(ctx)
	must(t, err)
	h.ask(t, cookie, http.MethodGet, "/people", nil)
	list, err := h.store.ListSessions(t.Context(), time.Now())
	must(t, err)
	_, values, err := (scs.GobCodec{}).Decode(list[0].Data)
	must(t, err)
	if used := secondsOf(values[sessionUsed]); time.Since(used) > 5*time.Minute {
		t.Errorf("last used %v", used)
	}
}

// TestCrossSitePostsOfTheTable sends a form from another site to every route that takes one.
func TestCrossSitePostsOfTheTable(t *testing.T) {
	h := newHouse(t, crm.AccessPolicy{})
	cookie := h.cookieOf(t, hIT)
	for _, rt := range routes() {
		method, path := pathOf(rt.pattern, h.ids[rt.of]["own"])
		if method == http.MethodGet {
			continue
		}
		for name, header := range map[string][2]string{"fetch metadata": {"Sec-Fetch-Site", "cross-site"}, "same-site": {"Sec-Fetch-Site", "same-site"}, "origin": {"Origin", "https://evil.example"}} {
			req := httptest.NewRequest(method, path, strings.NewReader(""))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set(header[0], header[1])
			req.AddCookie(cookie)
			rec := httptest.NewRecorder()
			h.server.Handler().ServeHTTP(rec, req)
			if rec.Code != http.StatusForbidden {
				t.Errorf("%s with %s: %d", rt.pattern, name, rec.Code)
			}
		}
	}
}

// TestNoWayLeadsOut gives every route of the table addresses of other sites, as queries and in forms, under the names by
// which pages are told where to go next.
func TestNoWayLeadsOut(t *testing.T) {
	h := newHouse(t, crm.AccessPolicy{})
	cookie := h.cookieOf(t, hAdmin)
	fields := []string{"return", "next", "back", "to", "url", "retURL", "redirect"}
	for _, evil := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "/\t/evil.example", "javascript:alert(1)", "https:evil.example", "/%0d%0aLocation:https://evil.example"} {
		form := url.Values{}
		for _, name := range fields {
			form.Set(name, evil)
		}
		for _, rt := range routes() {
			if !sweeps(rt) || destroys(rt) > 0 {
				continue
			}
			method, path := pathOf(rt.pattern, h.ids[rt.of]["own"])
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			_, _, header := h.ask(t, cookie, method, path+sep+form.Encode(), form)
			for _, to := range append(header.Values("Location"), header.Values("Refresh")...) {
				u, err := url.Parse(strings.TrimPrefix(to, "0; url="))
				if err != nil || strings.Contains(u.Host, "evil") || u.Scheme == "javascript" || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
					t.Errorf("%s with %q leads to %q", rt.pattern, evil, to)
				}
			}
		}
	}
}

// inlineCode is what the policy would keep from working.
var inlineCode = regexp.MustCompile(`(?i)<script>|<script [^>]*src="[^/]|<style|<[a-z][^<>]*\s(on[a-z]+|style)=|(href|src|action)="\s*javascript:`)

// TestPolicyOfScripts holds the Content-Security-Policy of every page.
func TestPolicyOfScripts(t *testing.T) {
	h := newHouse(t, crm.AccessPolicy{})
	cookie := h.cookieOf(t, hIT)
	for _, rt := range routes() {
		method, path := pathOf(rt.pattern, h.ids[rt.of]["own"])
		if method != http.MethodGet || rt.endless {
			continue
		}
		_, body, header := h.ask(t, cookie, method, path, nil)
		csp := header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "base-uri 'none'") {
			t.Errorf("%s: %q", rt.pattern, csp)
		}
		if strings.HasPrefix(header.Get("Content-Type"), "text/html") {
			if bad := inlineCode.FindString(body); bad != "" {
				t.Errorf("%s holds %s", rt.pattern, bad)
			}
		}
	}
}
