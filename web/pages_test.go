package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestPagesEscapeEverything(t *testing.T) {
	f := newFixture(t)
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{{ID: "nasty", Kind: crm.Contact, Name: nastyName, Kana: nastySubject, Emails: []string{"n@x.example"}}}))
	must(t, f.store.SaveAccounts(t.Context(), "cli", []crm.Account{{ID: "nasty", Name: nastyName, Domains: []string{"x.example"}}}))
	b := f.signedIn(t, "it@example.co.jp")
	b.post(t, "/tokens", "name", nastySubject, "role", "it")
	nasty := ""
	for _, w := range f.sampleMail() {
		if w.Activity.Subject == nastySubject {
			nasty = w.Activity.ID
		}
	}
	bad := regexp.MustCompile(`<(script|img|svg|b|i)[ >/](?:onload|onerror|onmouse|alert|alert\(|"evidence)|alert\(\d\)</script>`)
	quoted := regexp.MustCompile(`="[^"]*"`) // an attribute's value, which cannot end it
	inline := regexp.MustCompile(`(?i)<[^>]*\s(on[a-z]+|style)=|<script(?: [^>]*)?>[^<]|javascript:`)
	for _, path := range []string{"/", "/people", "/people/nasty", "/people/nasty/edit?ask=delete", "/people/" + f.tanaka.ID, "/accounts", "/accounts/nasty",
		"/accounts/" + f.client.ID, "/activities/" + nasty, "/ledger", "/reviews", "/sources", "/tokens", "/people?q=" + url.QueryEscape(nastySubject), "/people?notice=%3Cscript%3E"} {
		code, page := b.get(t, path)
		if code != http.StatusOK {
			t.Errorf("%s: %d", path, code)
		}
		if m := bad.FindString(page); m != "" {
			t.Errorf("%s lets %q through", path, m)
		}
		if m := inline.FindString(quoted.ReplaceAllString(page, `=""`)); m != "" {
			t.Errorf("%s has inline code: %q", path, m)
		}
		if i := strings.Index(page, "\u202e"); i >= 0 && !inBDI(page, i) {
			t.Errorf("%s shows a direction override outside <bdi>: %q", path, page[max(0, i-60):i+20])
		}
	}
}

// inBDI says that the place is inside a <bdi> element, an attribute or a text box, where directions stay.
func inBDI(page string, at int) bool {
	before := page[:at]
	return strings.LastIndex(before, "<bdi>") > strings.LastIndex(before, "</bdi>") || strings.LastIndex(before, "<") > strings.LastIndex(before, ">") ||
		strings.LastIndex(before, "<textarea") > strings.LastIndex(before, "</textarea>") || strings.LastIndex(before, "<title>") > strings.LastIndex(before, "</title>") ||
		strings.LastIndex(before, `class="face`) > strings.LastIndex(before, "</span>")
}

func TestTimelinePages(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/people/"+f.tanaka.ID)
	wantIn(t, page, "田中 太郎", "タナカ タロウ", "/accounts/"+f.client.ID, "03-1234-5678", "Re: お見積りの件", "仕様書_最終版.pdf", "471 KB", "記録された理由")
	if n := strings.Count(page, "<article"); n != pageRows {
		t.Errorf("%d rows on the first page", n)
	}
	seen := articles(page)
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page)
	if next == nil {
		t.Fatal("there is no second page")
	}
	_, page = b.get(t, strings.ReplaceAll(next[1], "&amp;", "&"))
	for id := range articles(page) {
		if seen[id] {
			t.Errorf("%s is on both pages", id)
		}
		seen[id] = true
	}
	if len(seen) != 63 {
		t.Errorf("%d activities on both pages together", len(seen))
	}
	wantIn(t, page, "先頭へ")
	_, page = b.get(t, "/accounts/"+f.client.ID)
	wantIn(t, page, "会議室のご案内", "山田 次郎")
	if code, page := b.get(t, "/people/nobody"); code != http.StatusNotFound || !strings.Contains(page, "見つかりませんでした") {
		t.Errorf("an unknown person: %d", code)
	}
}

func articles(page string) map[string]bool {
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`<article[^>]*data-key="([0-9a-f]+)"`).FindAllStringSubmatch(page, -1) {
		ids[m[1]] = true
	}
	return ids
}

func TestLedgerFilters(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/ledger?source=sato-mail&verdict=excluded")
	wantIn(t, page, "社内だけのやり取りです。", `<option value="excluded" selected>`)
	wantOut(t, page, "登録された人または取引先が関わっています。")
	_, page = b.get(t, "/ledger?reason=folder")
	wantIn(t, page, "除外するフォルダー <bdi>人事</bdi> にあります。")
	wantOut(t, page, "社内だけ")
	_, page = b.get(t, "/ledger?verdict=failed")
	wantIn(t, page, "見つかりませんでした")
}

func TestPeopleForms(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	code, page := b.post(t, "/people", "kind", "contact", "name", "  新井 光 ", "emails", "arai@new.example\nhikari@new.example", "account", "新井商会", "owner", "Sato@example.co.jp")
	if code != http.StatusOK || f.kicks != 1 {
		t.Fatalf("status %d, %d kicks", code, f.kicks)
	}
	wantIn(t, page, "新井 光", "新井商会", "保存しました")
	people, _, err := f.store.ListPeople(t.Context(), crm.PeopleFilter{Query: "arai@new"})
	must(t, err)
	if len(people) != 1 || people[0].AccountID == "" || people[0].Owner != "sato@example.co.jp" || len(people[0].Emails) != 2 {
		t.Fatalf("people %+v", people)
	}
	id := people[0].ID
	_, page = b.post(t, "/people/"+id, "kind", "contact", "name", "新井 光子", "emails", "arai@new.example", "account", "株式会社クライアント")
	wantIn(t, page, "新井 光子", "株式会社クライアント")
	for name, fields := range map[string][]string{
		"no name":      {"kind", "contact", "name", " "},
		"bad address":  {"kind", "contact", "name", "x", "emails", "<script>"},
		"bad kind":     {"kind", "robot", "name", "x"},
		"endless name": {"kind", "contact", "name", strings.Repeat("x", 301)},
	} {
		if code, page := b.post(t, "/people", fields...); code != http.StatusUnprocessableEntity || !strings.Contains(page, `class="problem"`) {
			t.Errorf("%s: %d", name, code)
		}
	}
	if code, _ := b.post(t, "/people", "name", strings.Repeat("x", maxBody)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge form got %d", code)
	}
	admin := f.signedIn(t, "suzuki@example.co.jp")
	if _, page = admin.post(t, "/people/"+id+"/delete"); !strings.Contains(page, "削除しました") {
		t.Error("the person was not deleted")
	}
	code, page = b.post(t, "/accounts", "name", "Neu GmbH", "domains", "@Neu.example, bücher.example")
	if code != http.StatusOK {
		t.Fatalf("new account: %d", code)
	}
	wantIn(t, page, "neu.example", "xn--bcher-kva.example")
	if code, _ = b.post(t, "/accounts", "name", "x", "domains", "not a domain"); code != http.StatusUnprocessableEntity {
		t.Errorf("a bad domain got %d", code)
	}
}

func TestReviewIsDecided(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	fresh, who := "/reviews/"+crm.ReviewID(crm.ReviewNewContact, "new@prospect.example"), "/reviews/"+crm.ReviewID(crm.ReviewAmbiguous, "info@client.co.jp")
	_, page := b.post(t, fresh, "action", "accept", "name", "中村 葵", "account", "見込み商事")
	wantIn(t, page, "取引先責任者に登録しました")
	people, _, err := f.store.ListPeople(t.Context(), crm.PeopleFilter{Query: "new@prospect.example"})
	must(t, err)
	if len(people) != 1 || people[0].Name != "中村 葵" || people[0].Origin != "review" || people[0].AccountID == "" || f.kicks == 0 {
		t.Fatalf("people %+v, kicks %d", people, f.kicks)
	}
	if code, _ := b.post(t, fresh, "action", "dismiss"); code != http.StatusConflict {
		t.Errorf("deciding twice got %d", code)
	}
	b.post(t, fresh, "action", "undo")
	b.post(t, fresh, "action", "accept", "name", "中村 葵", "account", "見込み商事")
	if n, _ := f.store.CountPeople(t.Context()); n != 5 {
		t.Errorf("accepting again made another person: %d", n)
	}
	b.post(t, who, "action", "choose", "person", f.tanaka.ID)
	r, err := f.store.GetReview(t.Context(), strings.TrimPrefix(who, "/reviews/"))
	if err != nil || r.State != crm.ReviewAccepted || r.Person != f.tanaka.ID || r.DecidedBy != "sato@example.co.jp" {
		t.Errorf("review %+v, %v", r, err)
	}
	_, page = b.get(t, "/reviews?state=accepted")
	wantIn(t, page, "中村 葵", "取り消す")
	_, page = b.get(t, "/reviews")
	wantIn(t, page, "確認するものはありません")
}

func TestSourceIsWoken(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.post(t, "/sources/sato-mail/sync")
	wantIn(t, page, "今すぐ読み取るよう伝えました", "合計が一致しています")
	if len(f.engine.woken) != 1 || f.engine.woken[0] != "sato-mail" {
		t.Errorf("woken %v", f.engine.woken)
	}
	if code, _ := b.post(t, "/sources/none/sync"); code != http.StatusNotFound {
		t.Errorf("an unknown source got %d", code)
	}
	records, _, err := f.store.ListAudit(t.Context(), "", 10)
	must(t, err)
	if len(records) == 0 || records[0].Action != "wake source" || records[0].Actor != "sato@example.co.jp" {
		t.Errorf("audit %+v", records)
	}
}

func TestSourceShowsItsLatestNotes(t *testing.T) {
	at := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	for locale, want := range map[string][]string{
		"ja": {"最近の通知", "2026年11月21日(土) 10:00"},
		"en": {"Recent notes", "21 Nov 2026 10:00"},
	} {
		t.Run(locale, func(t *testing.T) {
			f := newFixture(t, func(c *Config) { c.Organization.Locale = locale })
			b := f.signedIn(t, "sato@example.co.jp")
			_, page := b.get(t, "/sources")
			wantOut(t, page, want[0])
			notes := []Note{{at, "folder <b>送信済み</b> was renamed"}}
			for i := 1; i <= shownNotes; i++ {
				notes = append(notes, Note{at.Add(-time.Hour), fmt.Sprintf("earlier note %d.", i)})
			}
			f.engine.notes = map[string][]Note{"sato-mail": notes}
			_, page = b.get(t, "/sources")
			wantIn(t, page, append(want, "folder &lt;b&gt;送信済み&lt;/b&gt; was renamed", "earlier note 4.")...)
			wantOut(t, page, "earlier note 5.")
			if n := strings.Count(page, want[0]); n != 1 {
				t.Errorf("%d sources show notes, want the one that has some", n)
			}
		})
	}
}

func TestUsersAndTokens(t *testing.T) {
	f := newFixture(t)
	admin := f.signedIn(t, "suzuki@example.co.jp")
	_, page := admin.post(t, "/users", "email", "New@example.co.jp", "name", "新人", "role", "rep", "password", testPassword)
	wantIn(t, page, "新人", "new@example.co.jp")
	f.signedIn(t, "new@example.co.jp")
	if code, _ := admin.post(t, "/users", "email", "x@example.co.jp", "role", "it", "password", testPassword); code != http.StatusForbidden {
		t.Errorf("a higher role got %d", code)
	}
	if code, _ := admin.post(t, "/users", "email", "new@example.co.jp", "role", "rep", "password", testPassword); code != http.StatusUnprocessableEntity {
		t.Errorf("the same user again got %d", code)
	}
	if code, _ := admin.post(t, "/users/state", "email", "it@example.co.jp", "disabled", "true"); code != http.StatusForbidden {
		t.Errorf("disabling somebody higher got %d", code)
	}
	if code, _ := admin.post(t, "/users/state", "email", "suzuki@example.co.jp", "disabled", "true"); code != http.StatusForbidden {
		t.Errorf("disabling oneself got %d", code)
	}
	if code, _ := admin.post(t, "/tokens", "name", "x", "role", "it"); code != http.StatusForbidden {
		t.Errorf("a token above one's role got %d", code)
	}
	for _, form := range [][]string{{"/tokens", "name", "x", "role", "boss"}, {"/users/place", "email", "sato@example.co.jp", "role", "boss"}, {"/users", "email", "n@example.co.jp", "role", "boss"}} {
		code, page := admin.post(t, form[0], form[1:]...)
		if code != http.StatusUnprocessableEntity {
			t.Errorf("a role that there is not: %s got %d", form[0], code)
		}
		wantIn(t, page, "この権限はありません。")
	}
	_, page = admin.post(t, "/tokens", "name", "月次 帳票", "role", "admin", "user", "sato@example.co.jp")
	wantIn(t, page, `value="月次 帳票"`, `<option value="admin" selected>`, `<option value="sato@example.co.jp" selected>`)
	_, page = admin.post(t, "/tokens", "name", "帳票", "role", "rep")
	secret := regexp.MustCompile(`tsunagu_[\w-]+`).FindString(page)
	if code, _ := f.api(t, secret, http.MethodGet, "/api/v1/sources", ""); code != http.StatusOK {
		t.Errorf("the token got %d", code)
	}
	id := regexp.MustCompile(`/tokens/([0-9a-f]{32})/revoke`).FindStringSubmatch(page)[1]
	_, page = admin.post(t, "/tokens/"+id+"/revoke")
	wantOut(t, page, secret)
	if code, _ := f.api(t, secret, http.MethodGet, "/api/v1/sources", ""); code != http.StatusUnauthorized {
		t.Errorf("the revoked token got %d", code)
	}
}

// TestFreshnessHasWords: every part of a freshness that following gives is said in both languages.
func TestFreshnessHasWords(t *testing.T) {
	f := newFixture(t)
	for _, lang := range []string{"ja", "en"} {
		for _, code := range []string{"silence", "never_heard", "unverified", "bounce", "bounce_soft", "left", "transferred", "contradiction", "members"} {
			if !f.server.speakers[lang].has("freshness." + code) {
				t.Errorf("%s has no words for %s", lang, code)
			}
		}
		for _, rule := range []crm.Rule{crm.RuleAddress, crm.RuleManual, crm.RulePhone, crm.RuleName, crm.RuleForm, crm.RuleThread, crm.RuleDomain} {
			if !f.server.speakers[lang].has("why.rule." + string(rule)) {
				t.Errorf("%s has no words for the rule %s", lang, rule)
			}
		}
	}
}
