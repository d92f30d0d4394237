package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// menuOf are the addresses in the menu of a page.
func menuOf(page string) []string {
	rail := page[strings.Index(page, `<nav class="rail"`):]
	rail = rail[:strings.Index(rail, "</nav>")]
	var list []string
	for _, m := range regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(rail, -1) {
		list = append(list, m[1])
	}
	return list
}

// TestMenu holds that everybody is shown what they may enter, and nothing else.
func TestMenu(t *testing.T) {
	f := newFixture(t)
	for email, role := range map[string]crm.UserRole{"sato@example.co.jp": crm.RoleRep, "suzuki@example.co.jp": crm.RoleAdmin, "it@example.co.jp": crm.RoleIT} {
		b := f.browser(t)
		signInOnce(t, f, b, email)
		_, page := b.get(t, "/people")
		menu := menuOf(page)
		if !slices.Contains(menu, "/ledger") || !slices.Contains(menu, "/forms") {
			t.Errorf("%s lacks entries: %v", role, menu)
		}
		for _, e := range navigation() {
			a, built := navAccess(routes(), e.url)
			if shown := slices.Contains(menu, e.url); shown != (built && a.allows(role)) {
				t.Errorf("%s: %s is shown: %v, built: %v", role, e.url, shown, built)
			}
		}
		if n := strings.Count(page, `<a href="/people" aria-current="page"`); n != 2 { // in the rail and in the tabs of a phone
			t.Errorf("%s: the page is marked %d times", role, n)
		}
	}
}

func TestCurrentEntry(t *testing.T) {
	entries := builtNavigation(routes())
	for _, tt := range []struct{ path, nav, want string }{
		{"/", "", "home"}, {"/tasks", "", "home"}, {"/people/1/edit", "", "people"}, {"/peoples", "", ""}, {"/proposals", "", "reviews"},
		{"/elsewhere", "proposals", "reviews"}, {"/elsewhere", "forms", "forms"}, {"/connections", "settings", "connections"}, {"/help", "help", ""},
	} {
		got := ""
		if i := currentEntry(entries, tt.path, tt.nav); i >= 0 {
			got = entries[i].name
		}
		if got != tt.want {
			t.Errorf("%s (%s) belongs to %q instead of %q", tt.path, tt.nav, got, tt.want)
		}
	}
}

func TestTheme(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/help")
	wantOut(t, page, "data-theme")
	code, page := b.post(t, "/settings/theme", "theme", "dark", "return", "/help?x=1")
	if code != http.StatusOK {
		t.Fatalf("answered %d", code)
	}
	wantIn(t, page, `<html lang="ja" data-theme="dark">`, `content="dark"`, `name="return" value="/help?x=1"`)
	_, page = b.get(t, "/signin?lang=en")
	wantIn(t, page, `data-theme="dark"`)
	_, page = b.post(t, "/settings/theme", "theme", "", "return", "https://evil.example/")
	wantOut(t, page, "data-theme")
	wantIn(t, page, "<h1>今日</h1>")
	if code, _ := b.post(t, "/settings/theme", "theme", `"><script>`); code != http.StatusBadRequest {
		t.Errorf("an unknown theme: %d", code)
	}
}

func TestSearchPage(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/search?q="+url.QueryEscape("たなか"))
	wantIn(t, page, "/people/"+f.tanaka.ID, "株式会社クライアント · tanaka@client.co.jp", "/ledger?q=")
	wantOut(t, page, "Jane Doe")
	_, page = b.get(t, "/search?kind=account&q=client")
	wantIn(t, page, "/accounts/"+f.client.ID)
	wantOut(t, page, `href="/people/`+f.tanaka.ID)
	_, page = b.get(t, "/search?q=nosuchthing")
	wantIn(t, page, "見つかりませんでした")
	_, page = b.get(t, "/search?q="+url.QueryEscape(`"><script>alert(1)</script>`))
	wantOut(t, page, "<script>alert")

	_, list := b.get(t, "/search?fragment=1&q="+url.QueryEscape("田中"))
	wantIn(t, list, `role="listbox"`, `id="found-0"`, `data-href="/people/`+f.tanaka.ID)
	wantOut(t, list, "<html")
	_, list = b.get(t, "/search?fragment=1&q=ledger")
	wantIn(t, list, `data-href="/ledger"`)
	_, list = b.get(t, "/search?fragment=1&q=")
	wantIn(t, list, `data-href="/people/new"`, `data-href="#keys"`)
	wantOut(t, list, `data-href="/tokens"`)
	if code, _ := f.browser(t).get(t, "/search?q=x"); code != http.StatusOK { // the sign-in page, where it leads
		t.Errorf("a stranger got %d", code)
	}
}

// TestSearchKeepsToSight holds that nobody finds whom they may not see.
func TestSearchKeepsToSight(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Access = func() crm.AccessPolicy { return crm.AccessPolicy{Records: crm.RecordsOwn} }
	})
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{{ID: "hidden", Kind: crm.Contact, Name: "田中 秘密", Owner: "suzuki@example.co.jp", Created: f.now, Updated: f.now}}))
	b := f.signedIn(t, "sato@example.co.jp")
	for _, query := range []string{"/search?q=", "/search?fragment=1&q="} {
		_, page := b.get(t, query+url.QueryEscape("田中"))
		wantIn(t, page, "田中 太郎")
		wantOut(t, page, "秘密")
	}
}

func TestWorkLists(t *testing.T) {
	f := newFixture(t)
	day := func(n int) string { return time.Now().In(f.zone).AddDate(0, 0, n).Format(time.DateOnly) }
	for _, task := range []crm.Task{
		{ID: "late", Kind: crm.TaskCall, Person: f.tanaka.ID, Owner: "sato@example.co.jp", Due: day(-3), What: "納期を伝える"},
		{ID: "now", Kind: crm.TaskTodo, Owner: "sato@example.co.jp", Due: day(0), What: "見積りを直す"},
		{ID: "later", Kind: crm.TaskMail, Owner: "sato@example.co.jp", Due: day(5), What: "カタログを送る"},
		{ID: "other", Kind: crm.TaskTodo, Owner: "suzuki@example.co.jp", Due: day(1), What: "会議室を取る"}} {
		task.Created, task.Origin = f.now, "person"
		must(t, f.store.SaveTask(t.Context(), "cli", task))
	}
	b := f.signedIn(t, "sato@example.co.jp")
	for path, want := range map[string]string{"/tasks": "納期を伝える 見積りを直す カタログを送る", "/tasks?owner=all": "納期を伝える 見積りを直す 会議室を取る カタログを送る",
		"/tasks?due=late": "納期を伝える", "/tasks?due=today": "納期を伝える 見積りを直す"} {
		_, page := b.get(t, path)
		var got []string
		for _, m := range regexp.MustCompile(`<div><bdi>([^<]+)</bdi>\n<p><time`).FindAllStringSubmatch(page, -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s lists %v, want %s", path, got, want)
		}
	}
	_, page := b.get(t, "/")
	wantIn(t, page, "納期を伝える", "期限切れ", "田中 太郎")
	wantOut(t, page, "会議室を取る")
	_, page = b.post(t, "/tasks/late/done", "return", "tasks")
	wantIn(t, page, "見積りを直す", "保存しました")
	wantOut(t, page, "納期を伝える")
	for _, path := range []string{"/unreplied", "/unreplied?owner=all", "/cold", "/cold?owner=all"} {
		if code, _ := b.get(t, path); code != http.StatusOK {
			t.Errorf("%s: %d", path, code)
		}
		if code, _ := b.get(t, path+"?after=x"); code != http.StatusBadRequest && !strings.Contains(path, "?") {
			t.Errorf("%s with a broken cursor: %d", path, code)
		}
	}
}

func TestToday(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/")
	wantIn(t, page, "<h1>今日</h1>", "入力の必要はありません", "new@prospect.example", "見当たらないメールを探す", "/ledger#find", "/sources", "/help#stop")
	id := crm.ReviewID(crm.ReviewNewContact, "new@prospect.example")
	_, page = b.post(t, "/reviews/"+id, "return", "home", "action", "dismiss")
	wantIn(t, page, "<h1>今日</h1>", "記録しないことにしました")
	_, page = b.get(t, "/?for=all&lang=en")
	wantIn(t, page, "<h1>Today</h1>", `<a href="/?for=all" aria-current="true">`)
}
