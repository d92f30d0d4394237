package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// axeFile is where scripts/install-test-deps puts axe-core.
const axeFile = "../.cache/testdeps/node_modules/axe-core/axe.min.js"

// lookedPage is a page that TestEveryPage looks at.
type lookedPage struct {
	pattern string // of the route
	name    string // of its pictures
	path    string // with the site, if it is another one
	as      string // who looks; "" for strangers
}

// notLooked are the routes whose GET is no page, and why.
func notLooked() map[string]string {
	return map[string]string{
		"GET /events":                     "a stream",
		"GET /signin/{provider}/callback": "leads on, or shows the page of an error",
		"GET /backups/{name}/file":        "a file",
		"GET /imports/{id}/left.csv":      "a file",
		"GET /mapping/words":              "JSON for the editor",
	}
}

// lookedPages are all pages with something to see on each.
func (f *fixture) lookedPages(t *testing.T) []lookedPage {
	t.Helper()
	const sato, it = "sato@example.co.jp", "it@example.co.jp"
	its := f.signedIn(t, it)
	list := []lookedPage{
		{"GET /setup", "setup", emptySite(t) + "/setup", ""},
		{"GET /signin", "signin", "/signin", ""},
		{"GET /signin/code", "signin-code", "/signin/code", ""}, {"GET /settings/totp", "second-factor", "/settings/totp", "sato@example.co.jp"}, {"GET /sessions", "sessions", "/sessions", "sato@example.co.jp"},
		{"GET /forms/{id}/form", "form-open", "/forms/contact/form", ""},
		{"GET /forms/{id}/thanks", "form-thanks", "/forms/contact/thanks", ""},
		{"GET /{$}", "home", "/", sato}, {"", "home-all", "/?for=all", it},
		{"GET /tasks", "tasks", "/tasks", sato}, {"GET /unreplied", "unreplied", "/unreplied", sato}, {"GET /cold", "cold", "/cold", sato},
		{"GET /people", "people", "/people", sato}, {"GET /people/new", "person-new", "/people/new", sato},
		{"GET /people/{id}", "person", "/people/" + f.tanaka.ID, sato}, {"", "lead", "/people/" + crm.DerivedID("person", "lead"), sato}, {"GET /people/{id}/edit", "person-edit", "/people/" + f.tanaka.ID + "/edit", sato},
		{"GET /accounts", "accounts", "/accounts", sato}, {"GET /accounts/new", "account-new", "/accounts/new", sato},
		{"GET /accounts/{id}", "account", "/accounts/" + f.client.ID, sato}, {"GET /accounts/{id}/edit", "account-edit", "/accounts/" + f.client.ID + "/edit", sato},
		{"GET /activities/{id}", "activity", "/activities/" + f.deliver(t, "個別のページ").ID, sato}, {"", "meeting", "/activities/" + f.sampleMeetings()[1].ID, sato},
		{"GET /activities/{id}/private", "private-ask", "/activities/" + f.deliver(t, "非公開にするメール").ID + "/private", sato},
		{"GET /private", "private", "/private", sato}, {"GET /exclusions", "exclusions", "/exclusions", sato},
		{"GET /deals", "deals", "/deals?all=1", sato}, {"", "contracts", "/deals?show=contracts", sato},
		{"GET /people/{id}/convert", "convert", "/people/" + crm.DerivedID("person", "lead") + "/convert", sato},
		{"GET /people/{id}/merge", "merge-person", "/people/" + f.tanaka.ID + "/merge", sato}, {"", "merge-preview", "/people/" + f.tanaka.ID + "/merge?with=" + crm.DerivedID("person", "yamada"), sato},
		{"GET /accounts/{id}/merge", "merge-account", "/accounts/" + f.client.ID + "/merge?with=" + crm.DerivedID("account", "acme"), it},
		{"GET /activities/{id}/people", "filing", "/activities/" + f.deliver(t, "別の人に付け替えるメール").ID + "/people", sato},
		{"GET /opportunities/new", "opportunity-new", "/opportunities/new?account=" + f.client.ID, sato}, {"GET /opportunities/{id}", "opportunity", "/opportunities/" + crm.DerivedID("deal", "1"), sato},
		{"GET /contracts/new", "contract-new", "/contracts/new?account=" + f.client.ID, sato}, {"GET /contracts/{id}", "contract", "/contracts/" + crm.DerivedID("contract", "1"), sato},
		{"GET /proposals", "proposals", "/proposals", sato}, {"GET /reviews", "reviews", "/reviews", it},
		{"GET /ledger", "ledger", "/ledger", sato}, {"", "ledger-find", "/ledger?q=new%40prospect.example", sato},
		{"GET /search", "search", "/search?q=%E7%94%B0%E4%B8%AD", sato}, {"", "search-none", "/search?q=zzzz", sato}, {"GET /help", "help", "/help", sato},
		{"GET /sources", "sources", "/sources", it}, {"GET /sources/{id}", "source", "/sources/sato-mail", sato}, {"", "source-expired", "/sources/suzuki-mail", it},
		{"GET /connections", "connections", "/connections", sato}, {"GET /connections/new", "connection-imap", "/connections/new?kind=imap", sato}, {"", "connection-caldav", "/connections/new?kind=caldav", sato},
		{"GET /forms", "forms", "/forms", it}, {"GET /forms/{id}", "form", "/forms/contact", it},
		{"GET /reports", "reports", "/reports", it}, {"GET /reports/{report}/list", "report-list", "/reports/leads/list?column=leads&grain=month&by=none&from=" + f.now.AddDate(0, -1, 0).Format(time.DateOnly) + "&to=" + f.now.Format(time.DateOnly), it},
		{"GET /campaigns", "campaigns", "/campaigns", it}, {"GET /campaigns/new", "campaign-new", "/campaigns/new", it}, {"GET /campaigns/{campaign}", "campaign", linkOn(t, its, "/campaigns", `/campaigns/[^"/]*spring[^"/]*|/campaigns/[0-9a-f]{32}`), it},
		{"GET /products", "products", "/products", it}, {"GET /segments", "segments", "/segments", it}, {"GET /segments/{segment}", "segment", "/segments/fair", it},
		{"GET /duplicates", "duplicates", "/duplicates", it}, {"GET /imports", "imports", "/imports", it}, {"GET /imports/{id}", "import", f.sampleImport(t, its), it},
		{"GET /mapping", "mapping", "/mapping", it}, {"GET /mapping/preview/{id}", "mapping-preview", samplePreview(t, its), it},
		{"GET /mapping/versions", "mapping-versions", "/mapping/versions", it}, {"GET /mapping/versions/{n}", "mapping-version", "/mapping/versions/2", it},
		{"GET /rules", "rules", "/rules", sato}, {"", "rules-admin", "/rules", it},
		{"GET /settings", "settings", "/settings", sato}, {"GET /users", "users", "/users", it}, {"GET /tokens", "tokens", "/tokens", it},
		{"GET /health", "health", "/health", it}, {"GET /backups", "backups", "/backups", it}, {"GET /audit", "audit", "/audit", it},
		{"GET /setup/organization", "setup-organization", "/setup/organization", it}, {"GET /setup/source", "setup-source", "/setup/source", it}, {"GET /setup/done", "setup-done", "/setup/done", it},
		{"", "error-missing", "/people/0123", sato}, {"", "error-forbidden", "/users", sato},
	}
	for _, report := range []crm.ReportID{crm.ReportLeads, crm.ReportConversion, crm.ReportCallResults, crm.ReportCostPerLead, crm.ReportExpiring} {
		if dashLists()[report] != "" {
			continue // leads to a page that is looked at by itself
		}
		list = append(list, lookedPage{"GET /reports/{report}", "report-" + string(report), "/reports/" + string(report) + "?range=this_month", it})
	}
	for _, section := range ruleSections() {
		list = append(list, lookedPage{"GET /rules/{section}", "rules-" + section.name, "/rules/" + section.name, it})
		if section.list != nil {
			list = append(list, lookedPage{"", "rules-" + section.name + "-open", "/rules/" + section.name + "?edit=0", it})
		}
	}
	// One user after the other: strangers, sato, IT.
	slices.SortStableFunc(list, func(a, b lookedPage) int { return strings.Compare(rank(a.as), rank(b.as)) })
	return list
}

func rank(email string) string {
	return map[string]string{"": "0", "sato@example.co.jp": "1"}[email] + "2"
}

// TestEveryRouteIsLookedAt holds that a page which is added to the table is added to the walk, too.
func TestEveryRouteIsLookedAt(t *testing.T) {
	seen := notLooked()
	for _, p := range richFixture(t).lookedPages(t) {
		seen[p.pattern] = p.name
	}
	there := map[string]bool{"": true}
	for _, rt := range routes() {
		there[rt.pattern] = true
		if strings.HasPrefix(rt.pattern, "GET ") && seen[rt.pattern] == "" {
			t.Errorf("%s is not among lookedPages, so nobody looks at it", rt.pattern)
		}
	}
	for pattern := range seen {
		if !there[pattern] {
			t.Errorf("%s is no route any more", pattern)
		}
	}
}

// TestEveryPage looks at every page in both languages, light and dark, on a desk and on a phone: nothing sticks out or
// moves while it loads, none is a mistake but those that show one, nothing is untranslated or raw, everything has a name and a label, the Tab key comes to
// everything and shows where it is, and axe-core finds nothing serious. TSUNAGU_SCREENSHOTS keeps pictures,
// TSUNAGU_LOOK=person,lead looks at these only. The short form sees every second page in Japanese and the others in English.
func TestEveryPage(t *testing.T) {
	axe, err := os.ReadFile(filepath.FromSlash(axeFile))
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatal("axe-core is not installed: run scripts/install-test-deps")
	}
	must(t, err)
	f := richFixture(t)
	script, err := os.ReadFile(filepath.Join("testdata", "look.js"))
	must(t, err)
	l := &looker{tab: openBrowserFor(t, 15*time.Minute), f: f, script: string(axe) + ";" + string(script), words: lookWords(t)}
	only := strings.FieldsFunc(os.Getenv("TSUNAGU_LOOK"), func(r rune) bool { return r == ',' })
	as := "nobody yet"
	start := time.Now()
	n := 0
	for _, p := range f.lookedPages(t) {
		if len(only) > 0 && !slices.Contains(only, p.name) {
			continue
		}
		if p.as != as {
			as = p.as
			l.become(as)
		}
		began := time.Now()
		for i, lang := range languages() {
			if os.Getenv("TSUNAGU_SOAK") != "" || len(only) > 0 || i == n%2 {
				l.look(p, lang)
			}
		}
		n++
		t.Logf("%s: %v", p.name, time.Since(began).Round(time.Millisecond))
	}
	t.Logf("%d pages, in each width and theme, in %v", n, time.Since(start).Round(time.Second))
}

// looker looks at pages in one tab.
type looker struct {
	*tab
	f      *fixture
	script string            // axe-core and testdata/look.js
	words  map[string]string // by language, as JSON
}

// lookWords gives for each language the catalogue texts that only the other one has, and the first parts of keys.
func lookWords(t *testing.T) map[string]string {
	t.Helper()
	sps := testSpeakers(t)
	texts, prefixes := map[string]map[string]bool{}, map[string]bool{}
	for lang, sp := range sps {
		texts[lang] = map[string]bool{}
		for key, m := range sp.messages {
			first, _, _ := strings.Cut(key, ".")
			prefixes[first] = true
			for i := 0; i < len(m); i += 2 {
				texts[lang][strings.TrimSpace(m[i])] = true
			}
		}
	}
	out := map[string]string{}
	for lang, other := range map[string]string{"ja": "en", "en": "ja"} {
		own := regexp.MustCompile(map[string]string{"ja": `[\p{Hiragana}\p{Katakana}\p{Han}]`, "en": `[A-Za-z]{3}`}[other])
		var words struct {
			Other    []string `json:"other"`
			Prefixes []string `json:"prefixes"`
		}
		for text := range texts[other] {
			if !texts[lang][text] && text != "Tsunagu" && own.MatchString(text) {
				words.Other = append(words.Other, text)
			}
		}
		for p := range prefixes {
			words.Prefixes = append(words.Prefixes, p)
		}
		raw, err := json.Marshal(words)
		must(t, err)
		out[lang] = string(raw)
	}
	return out
}

// become signs a user in with a cookie; "" signs out.
func (l *looker) become(email string) {
	l.t.Helper()
	value := ""
	if email != "" {
		user, err := l.f.store.GetUser(l.t.Context(), email)
		must(l.t, err)
		ctx, err := l.f.server.sessions.Load(l.t.Context(), "")
		must(l.t, err)
		l.f.server.sessions.Put(ctx, sessionUser, user.Email)
		l.f.server.sessions.Put(ctx, sessionStamp, passwordStamp(user))
		l.f.server.sessions.Put(ctx, sessionID, crm.NewID())
		l.f.server.sessions.Put(ctx, sessionSince, time.Now().Unix())
		l.f.server.sessions.Put(ctx, sessionUsed, time.Now().Unix())
		value, _, err = l.f.server.sessions.Commit(ctx)
		must(l.t, err)
	}
	l.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: l.f.server.sessions.Cookie.Name, Value: value, URL: l.f.url})
		if err != nil {
			return chromedp.Void{}, err
		}
		// Whoever gave a right password bears a second cookie; the page that asks for the code looks whether it is there.
		_, err = cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: l.f.server.flows.cookie.Name, Value: "half", URL: l.f.url + "/signin/code"})
		return chromedp.Void{}, err
	})
}

// look looks at a page in one language, in both widths and themes. axe reads the whole page once in each language,
// and the colours once more in the dark.
func (l *looker) look(p lookedPage, lang string) {
	l.t.Helper()
	at := p.path
	if strings.HasPrefix(at, "/") {
		at = l.f.url + at
	}
	at += map[bool]string{true: "&", false: "?"}[strings.Contains(at, "?")] + "lang=" + lang
	for _, width := range []int64{1280, 390} {
		where := fmt.Sprintf("%s-%s-%d", p.name, lang, width)
		tell := func(found []string) {
			for _, one := range found {
				l.t.Errorf("%s: %s", where, one)
			}
		}
		l.do(chromedp.EmulateViewport(width, 900), scheme("light"), chromedp.Navigate(at))
		status := eval[int](l.tab, `performance.getEntriesByType("navigation")[0].responseStatus`)
		if failed := status >= 400; failed != strings.HasPrefix(p.name, "error-") {
			l.t.Errorf("%s: answered with %d", where, status)
		}
		eval[bool](l.tab, l.script+"; window.look = window.look("+l.words[lang]+", "+fmt.Sprintf("%q", lang)+"); true")
		tell(l.ask("look.shift()"))
		tell(l.ask("look.page()"))
		eval[int](l.tab, "look.trim()")
		if lang == "ja" && width == 1280 {
			tell(l.tabThrough())
		}
		eval[int](l.tab, "look.open()")
		tell(l.ask("look.page()"))
		if (lang == "ja") == (width == 1280) {
			tell(l.ask("look.axe()"))
		}
		l.whole(fmt.Sprintf("%s-%s-light-%d", p.name, lang, width))
		if lang == "ja" || os.Getenv("TSUNAGU_SCREENSHOTS") != "" {
			l.do(scheme("dark"))
			if lang == "ja" {
				tell(l.ask(`look.axe(["color-contrast"])`))
			}
			l.whole(fmt.Sprintf("%s-%s-dark-%d", p.name, lang, width))
		}
	}
}

// ask waits for what a script finds.
func (l *looker) ask(expression string) []string {
	l.t.Helper()
	found, err := chromedp.Run(l.ctx, chromedp.Evaluate[[]string](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		l.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return found
}

// tabThrough walks the page with the Tab key and tells what it does not come to, or where one does not see it.
func (l *looker) tabThrough() []string {
	l.t.Helper()
	n := eval[int](l.tab, "look.stops()")
	var left []string
	for range 3 {
		l.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
			for range n {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: "Tab", Code: "Tab", WindowsVirtualKeyCode: 9}); err != nil {
					return chromedp.Void{}, err
				}
			}
			return chromedp.Void{}, nil
		})
		if left = l.ask("look.left()"); len(left) == 0 {
			return nil
		}
		n = 15 // inputs with several parts take more than one
	}
	return left
}
