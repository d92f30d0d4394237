package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// withLife is a web app under a lifecycle section.
func withLife(tb testing.TB, doc life.Document) *fixture {
	tb.Helper()
	rules, problems := life.New(doc, nil)
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	return newFixture(tb, func(c *Config) { c.Life = func() *life.Rules { return rules } })
}

func TestTheSameCallAgainIsTheFirst(t *testing.T) {
	f := newFixture(t)
	token, other := f.token(t, crm.RoleRep), f.token(t, crm.RoleRep)
	log := func(token, text string) (int, crm.ExportedActivity) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+apiPrefix+"/calls",
			strings.NewReader(`{"person":"`+f.tanaka.ID+`","result":"lost","text":"`+text+`"}`))
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Idempotency-Key", "call-1")
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		defer res.Body.Close()
		var a crm.ExportedActivity
		must(t, json.NewDecoder(res.Body).Decode(&a))
		return res.StatusCode, a
	}
	code, first := log(token, "one")
	if code != http.StatusCreated || first.Text != "one" {
		t.Errorf("first: %d %+v", code, first)
	}
	if code, again := log(token, "two"); code != http.StatusOK || again.ID != first.ID || again.Text != "one" {
		t.Errorf("again: %d %+v", code, again)
	}
	if code, theirs := log(other, "three"); code != http.StatusCreated || theirs.ID == first.ID {
		t.Errorf("another token: %d %+v", code, theirs)
	}
}

func TestReplacingAPersonKeepsWhatIsLeftOut(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	lead := crm.DerivedID("person", "lead")
	put := func(body string, want int) string {
		code, answer := f.api(t, token, http.MethodPut, apiPrefix+"/people/"+lead, body)
		if code != want {
			t.Errorf("%s: %d %s", body, code, answer)
		}
		return answer
	}
	put(`{"kind":"lead","name":"高橋","given":{"channel":"展示会"},"consent":{"state":"given","evidence":"名刺交換"},"do_not_contact":"連絡不要","external_key":"K-1"}`, 200)
	put(`{"kind":"lead","name":"高橋 みなみ"}`, 200)
	p, err := f.store.GetPerson(t.Context(), lead)
	must(t, err)
	if p.Given.Channel != "展示会" || p.Consent.State != crm.ConsentGiven || p.DoNotContact != "連絡不要" || p.ExternalKey != "K-1" || p.Status != crm.StatusScheduling || p.Name != "高橋 みなみ" {
		t.Errorf("%+v", p)
	}
	put(`{"kind":"lead","name":"高橋","status":"nurturing","reason":"cost","owner":"sato@example.co.jp"}`, 200)
	changes, err := f.store.ListChanges(t.Context(), lead)
	must(t, err)
	if len(changes) != 2 {
		t.Errorf("the status and the owner left no history: %+v", changes)
	}
	wantIn(t, put(`{"kind":"lead","name":"高橋","status":"splendid"}`, 422), "body.status", "nurturing_planned")
	wantIn(t, put(`{"kind":"lead","name":"高橋","status":"nurturing_planned"}`, 422), "body.reason", "competitor")
	wantIn(t, put(`{"kind":"lead","name":"高橋","status":"working","reason":"cost"}`, 422), "body.reason")
}

func TestCustomerOrganisationsSwitchedOff(t *testing.T) {
	off := false
	f := withLife(t, life.Document{Accounts: &off})
	token := f.token(t, crm.RoleIT)
	for _, path := range []string{"/accounts", "/accounts/" + f.client.ID, "/accounts/" + f.client.ID + "/members"} {
		if code, body := f.api(t, token, http.MethodGet, apiPrefix+path, ""); code != http.StatusNotFound || !strings.Contains(body, "switched off") {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	b := f.signedIn(t, "sato@example.co.jp")
	if code, page := b.get(t, "/accounts"); code != http.StatusNotFound || !strings.Contains(page, "無効になっています") {
		t.Errorf("the page: %d", code)
	}
	_, page := b.get(t, "/people")
	wantOut(t, page, `<a href="/accounts"`)
}

func TestMailingExport(t *testing.T) {
	f := withLife(t, life.Document{Segments: []life.Segment{{Name: life.Name{Name: "fair"}, If: `person.kind == "lead"`}}})
	given := crm.Consent{State: crm.ConsentGiven, At: f.now}
	people := []crm.Person{
		{Name: "=HYPERLINK(1)", Emails: []string{"Good@x.example"}, Consent: given},
		{Name: "twice", Emails: []string{"good@x.example"}, Consent: given},
		{Name: "silent", Emails: []string{"silent@x.example"}},
		{Name: "refused", Emails: []string{"refused@x.example"}, Consent: crm.Consent{State: crm.ConsentRefused}},
		{Name: "hands off", Emails: []string{"off@x.example"}, Consent: given, DoNotContact: "x"},
		{Name: "left", Emails: []string{"left@x.example"}, Consent: given, Left: f.now},
		{Name: "bad", Emails: []string{"bad@x.example"}, Consent: given, BadEmails: []string{"bad@x.example"}},
		{Name: "second address", Emails: []string{"gone@x.example", "second@x.example"}, Consent: given, BadEmails: []string{"gone@x.example"}},
		{Name: "none", Consent: given},
	}
	var followed []crm.Followed
	for i := range people {
		people[i].ID, people[i].Kind, people[i].Created, people[i].Updated = crm.DerivedID("mailing", fmt.Sprint(i)), crm.Lead, f.now, f.now
	}
	must(t, f.store.SavePeople(t.Context(), "cli", people))
	for _, p := range people {
		following, err := f.store.GetFollowing(t.Context(), p.ID)
		must(t, err)
		followed = append(followed, crm.Followed{ID: p.ID, Mark: following.Mark, Standing: crm.Standing{ID: p.ID, Segments: []string{"fair"}}})
	}
	must(t, f.store.Follow(t.Context(), followed))
	if code, _ := f.api(t, f.token(t, crm.RoleRep), http.MethodGet, apiPrefix+"/segments/fair/export", ""); code != http.StatusForbidden {
		t.Errorf("a rep got %d", code)
	}
	token := f.token(t, crm.RoleAdmin)
	res, raw := f.call(t, token, http.MethodGet, apiPrefix+"/segments/fair/export", "")
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/csv") {
		t.Fatalf("%d %v %s", res.StatusCode, res.Header, raw)
	}
	wantIn(t, string(raw), "Good@x.example,'=HYPERLINK(1)", "second@x.example")
	if n := strings.Count(string(raw), "\n"); n != 3 {
		t.Errorf("%d lines:\n%s", n, raw)
	}
	_, counts := f.api(t, token, http.MethodGet, apiPrefix+"/segments/fair/export?format=json", "")
	wantIn(t, counts, `"exported":2`, `"no_consent":1`, `"refused":1`, `"do_not_contact":1`, `"left":1`, `"no_address":1`, `"bad_address":1`, `"twice":1`)
	_, rows := f.api(t, token, http.MethodGet, apiPrefix+"/segments", "")
	wantIn(t, rows, `"members":9`)
}

// TestLifePages walks through what a rep does on a lead's page, in both languages.
func TestLifePages(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "sato@example.co.jp")
	lead := "/people/" + crm.DerivedID("person", "lead")
	_, page := b.post(t, lead+"/calls", "result", "meeting_won", "text", "<b>来週訪問</b>", "note", "とても前向き")
	wantIn(t, page, "架電を記録しました。", "アポ獲得", "&lt;b&gt;来週訪問&lt;/b&gt;", "とても前向き", "所感")
	if code, page := b.post(t, lead+"/calls", "result", "call_again", "text", "x"); code != http.StatusUnprocessableEntity || !strings.Contains(page, "入力してください") {
		t.Errorf("a call without its next action: %d", code)
	}
	_, page = b.post(t, lead+"/status", "status", "nurturing_planned", "reason", "timing", "next_when", "2026-12-24", "next_what", "再提案")
	wantIn(t, page, "ナーチャリング(次アクションあり)", "時期ずれ", "再提案", "2026年12月24日", "sato@example.co.jp")
	changes, err := f.store.ListChanges(t.Context(), crm.DerivedID("person", "lead"))
	must(t, err)
	_, page = b.post(t, "/changes/"+changes[0].ID+"/undo")
	wantIn(t, page, "取り消しました。", "日程調整中")
	for _, path := range []string{lead, "/accounts/" + f.client.ID, "/accounts/" + f.client.ID + "?person=" + f.tanaka.ID, "/proposals", "/deals", "/deals?show=contracts", "/deals?show=notices",
		"/reports", "/reports?report=conversion&range=fiscal_year&by=owner", "/reports?report=leads&grain=week&range=last_90d"} {
		for _, lang := range []string{"ja", "en"} {
			joint := "?"
			if strings.Contains(path, "?") {
				joint = "&"
			}
			if code, page := b.get(t, path+joint+"lang="+lang); code != http.StatusOK {
				t.Errorf("%s in %s: %d", path, lang, code)
			} else {
				wantOut(t, page, "life.", "proposal_state.", "range.last", "dimension.")
			}
		}
	}
	if code, _ := b.get(t, "/reports?range=someday"); code != http.StatusUnprocessableEntity {
		t.Errorf("an odd range: %d", code)
	}
	_, page = b.get(t, "/accounts/"+f.client.ID)
	wantIn(t, page, "購買部", "部署なし")
}
