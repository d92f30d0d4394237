package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// withCustom declares fields of every type.
func withCustom(cfg *Config) {
	defs := map[crm.FieldTarget][]crm.FieldDef{
		crm.OnLead: {{Name: "rank", Type: crm.FieldOption, Label: crm.Label{JA: "確度", EN: "Rank"}, Options: []crm.FieldChoice{{Value: "a", Label: crm.Label{JA: "高い", EN: "High"}}, {Value: "b", Label: crm.Label{JA: "低い", EN: "Low"}}}}},
		crm.OnContact: {
			{Name: "rank", Type: crm.FieldOption, Label: crm.Label{JA: "確度", EN: "Rank"}, Options: []crm.FieldChoice{{Value: "a", Label: crm.Label{JA: "高い", EN: "High"}}, {Value: "b", Label: crm.Label{JA: "低い", EN: "Low"}}}},
			{Name: "wants", Type: crm.FieldOptions, Label: crm.Label{JA: "希望", EN: "Wishes"}, Options: []crm.FieldChoice{{Value: "doc", Label: crm.Label{JA: "資料"}}, {Value: "demo", Label: crm.Label{JA: "デモ"}}}},
			{Name: "budget", Type: crm.FieldNumber, Label: crm.Label{JA: "予算", EN: "Budget"}},
			{Name: "visit", Type: crm.FieldTime, Label: crm.Label{JA: "来社", EN: "Visit"}},
			{Name: "agreed", Type: crm.FieldBool, Label: crm.Label{JA: "同意", EN: "Agreed"}},
			{Name: "memo", Type: crm.FieldText, Label: crm.Label{JA: nastyName, EN: "Memo"}},
		},
		crm.OnAccount:  {{Name: "size", Type: crm.FieldNumber, Label: crm.Label{JA: "従業員数", EN: "Employees"}}},
		crm.OnActivity: {{Name: "urgent", Type: crm.FieldBool, Label: crm.Label{JA: "至急", EN: "Urgent"}}},
	}
	cfg.Custom = func() map[crm.FieldTarget][]crm.FieldDef { return defs }
}

func TestDeclaredFieldsOfPeople(t *testing.T) {
	f := newFixture(t, withCustom)
	b := f.signedIn(t, "sato@example.co.jp")
	edit := func(more ...string) (int, string) {
		return b.post(t, "/people/"+f.tanaka.ID, append([]string{"kind", "contact", "name", "田中 太郎", "emails", "tanaka@client.co.jp", "account", "株式会社クライアント"}, more...)...)
	}
	custom := func() map[string]string {
		p, err := f.store.GetPerson(t.Context(), f.tanaka.ID)
		must(t, err)
		return p.Custom
	}
	code, page := edit("custom.contact.rank", "b", "custom.contact.wants", "demo;doc", "custom.contact.budget", "１,２００",
		"custom.contact.visit", "2026-11-21T09:00", "custom.contact.agreed", "true", "custom.contact.memo", nastySubject+"\r\n二行目", "custom.lead.rank", "a")
	if code != http.StatusOK {
		t.Fatalf("%d: %s", code, page)
	}
	want := map[string]string{"rank": "b", "wants": "doc;demo", "budget": "1200", "visit": "2026-11-21T00:00:00Z", "agreed": "true", "memo": nastySubject + "\n二行目"}
	if diff := cmp.Diff(want, custom()); diff != "" {
		t.Fatalf("stored (-want +got):\n%s", diff)
	}
	wantIn(t, page, "確度", "低い", "資料、デモ", "1200", "2026年11月21日(土) 09:00", "はい", "二行目")
	wantOut(t, page, "<script>alert", "<b onmouseover")
	_, page = b.get(t, "/people/"+f.tanaka.ID+"/edit")
	wantIn(t, page, `<option value="b" selected>低い</option>`, `name="custom.contact.wants" value="demo" checked`, `value="1200"`, `type="datetime-local" value="2026-11-21T09:00"`)
	wantOut(t, page, "custom.lead.")

	b.do(t, http.MethodPost, "/people/"+f.tanaka.ID, strings.NewReader("kind=contact&name=x&custom.contact.wants=&custom.contact.wants=demo&custom.contact.wants=doc"))
	if got := custom()["wants"]; got != "doc;demo" {
		t.Errorf("boxes ticked: %q", got)
	}

	if code, page = edit("custom.contact.budget", "たくさん", "custom.contact.rank", "a"); code != http.StatusUnprocessableEntity {
		t.Errorf("a mistake got %d", code)
	}
	wantIn(t, page, "「予算」には数値を入力してください", `value="たくさん"`, `<option value="a" selected>`)
	if code, _ = edit("custom.contact.rank", "c"); code != http.StatusUnprocessableEntity {
		t.Errorf("an option that is none got %d", code)
	}
	if code, _ = edit("custom.contact.memo", "a\u202eb"); code != http.StatusUnprocessableEntity {
		t.Errorf("a hidden character got %d", code)
	}
	if diff := cmp.Diff(want, custom()); diff != "" {
		t.Errorf("a mistake changed something (-want +got):\n%s", diff)
	}
	edit("custom.contact.wants", "", "custom.contact.agreed", "")
	delete(want, "wants")
	delete(want, "agreed")
	if diff := cmp.Diff(want, custom()); diff != "" {
		t.Errorf("emptied (-want +got):\n%s", diff)
	}
	_, page = b.get(t, "/people/new")
	wantIn(t, page, "取引先責任者の項目", "リードの項目", "custom.lead.rank", "custom.contact.rank")
}

// TestSecondsSurviveAForm has a time that the input shows only to the minute.
func TestSecondsSurviveAForm(t *testing.T) {
	f := newFixture(t, withCustom)
	p := f.tanaka
	p.Custom = map[string]string{"visit": "2026-11-21T00:00:30Z", "gone": "kept"}
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{p}))
	f.signedIn(t, "sato@example.co.jp").post(t, "/people/"+p.ID, "kind", "contact", "name", "田中 太郎", "custom.contact.visit", "2026-11-21T09:00", "custom.contact.budget", "5")
	got, err := f.store.GetPerson(t.Context(), p.ID)
	must(t, err)
	if diff := cmp.Diff(map[string]string{"visit": "2026-11-21T00:00:30Z", "gone": "kept", "budget": "5"}, got.Custom); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func TestDeclaredFieldsOfAccounts(t *testing.T) {
	f := newFixture(t, withCustom)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.post(t, "/accounts/"+f.client.ID, "name", f.client.Name, "domains", "client.co.jp", "custom.account.size", "1,000")
	wantIn(t, page, "従業員数", "1000")
	code, page := b.post(t, "/accounts/"+f.client.ID, "name", f.client.Name, "custom.account.size", "many")
	if code != http.StatusUnprocessableEntity {
		t.Errorf("a mistake got %d", code)
	}
	wantIn(t, page, `value="many"`)
}

func TestDeclaredFieldsInTheAPI(t *testing.T) {
	f := newFixture(t, withCustom)
	token := f.token(t, crm.RoleRep)
	put := func(path, body string) (int, map[string]string, string) {
		t.Helper()
		code, raw := f.api(t, token, http.MethodPut, apiPrefix+path, body)
		var got struct {
			Custom map[string]string `json:"custom"`
		}
		if code == http.StatusOK {
			must(t, json.Unmarshal([]byte(raw), &got))
		}
		return code, got.Custom, raw
	}
	person := "/people/" + f.tanaka.ID
	for _, step := range []struct {
		path, body string
		code       int
		want       map[string]string
		says       string
	}{
		{person, `{"kind":"contact","name":"田中","custom":{"rank":"低い","budget":"1,200"}}`, 200, map[string]string{"rank": "b", "budget": "1200"}, ""},
		{person, `{"kind":"contact","name":"田中"}`, 200, map[string]string{"rank": "b", "budget": "1200"}, ""},
		{person, `{"kind":"contact","name":"田中","custom":{"rank":""}}`, 200, map[string]string{"budget": "1200"}, ""},
		{person, `{"kind":"contact","name":"田中","custom":{"colour":"red"}}`, 422, nil, "declares no field “colour”"},
		{person, `{"kind":"contact","name":"田中","custom":{"budget":"much"}}`, 422, nil, "“Budget” needs a number"},
		{person, `{"kind":"contact","name":"田中","custom":{"visit":"x"}}`, 422, nil, "“Visit” needs a time"},
		{"/accounts/" + f.client.ID, `{"name":"客","custom":{"size":"10"}}`, 200, map[string]string{"size": "10"}, ""},
		{"/accounts/" + f.client.ID, `{"name":"客","custom":{"rank":"a"}}`, 422, nil, "declares no field"},
	} {
		code, got, raw := put(step.path, step.body)
		if code != step.code || !strings.Contains(raw, step.says) {
			t.Errorf("%s: %d %s", step.body, code, raw)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.body, diff)
		}
	}
}

// enquiry is a form of Tanaka's that was edited once.
func (f *fixture) enquiry() crm.Write {
	w := f.mail("お問い合わせ", "見積りをお願いします。", f.now, "", "田中 太郎", f.tanaka.ID)
	a := w.Activity
	a.Kind, a.Class, a.Form, a.Product, a.Version = crm.KindForm, "", "contact", "つなぐ", 2
	a.People[0].Role = crm.RoleSubmitter
	a.Match = crm.Match{Rule: crm.RulePhone, Evidence: "+81312345678"}
	a.Touch = crm.Touch{Campaign: "秋の展示会", Source: "newsletter", Referrer: "javascript:alert(1)"}
	a.Custom = map[string]string{"urgent": "true", "gone": "x"}
	a.Fields = []crm.FormField{{Name: "q1", Label: "ご用件", Values: []string{"見積り", "デモ"}}, {Name: "memo", Values: []string{nastySubject}}, {Name: "empty", Values: []string{""}},
		{Name: "long", Values: []string{strings.Repeat("長", 400)}}}
	a.Revisions = []crm.Revision{{At: f.now.Add(-time.Hour), Subject: "最初の件名", Text: "最初の本文", Fields: []crm.FormField{{Name: "q1", Label: "ご用件", Values: []string{nastyName}}}}}
	return w
}

func TestFormsOnTheTimeline(t *testing.T) {
	f := newFixture(t, withCustom)
	w := f.enquiry()
	f.commit(t, w)
	p := f.tanaka
	p.Filled = []crm.Provenance{{Field: "kana", Activity: w.Activity.ID, At: f.now}, {Field: "custom.budget", Activity: w.Activity.ID, At: f.now}}
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{p}))
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/people/"+f.tanaka.ID)
	wantIn(t, page, "ご用件", "見積り\nデモ", "秋の展示会", "newsletter", "つなぐ", "至急", "はい", "に編集されました。", "以前の内容を見る", "フォームから補完された項目", "フリガナ", "予算",
		"登録された <bdi>田中 太郎</bdi> の電話番号と一致しました")
	wantOut(t, page, "最初の本文", "<script>alert", strings.Repeat("長", 301), `href="javascript`)
	_, page = b.get(t, "/activities/"+w.Activity.ID)
	wantIn(t, page, "最初の件名", "最初の本文", strings.Repeat("長", 400), "の時点の内容", "フォーム <bdi>contact</bdi> から送信されました")
	wantOut(t, page, "<script>alert", "<b onmouseover")
	if strings.Contains(page, "\u202e") {
		t.Error("a direction override is on the page")
	}

	_, raw := f.api(t, f.token(t, crm.RoleRep), http.MethodGet, apiPrefix+"/activities/"+w.Activity.ID, "")
	var got crm.ExportedActivity
	must(t, json.Unmarshal([]byte(raw), &got))
	if got.Form != "contact" || len(got.Fields) != 4 || got.Touch == nil || got.Touch.Campaign != "秋の展示会" || got.Custom["urgent"] != "true" || len(got.Revisions) != 1 {
		t.Errorf("in the API: %s", raw)
	}
}

func TestWhyOfForms(t *testing.T) {
	sp := testSpeakers(t)["en"]
	for rule, want := range map[crm.Rule]string{crm.RulePhone: "is on record for", crm.RuleName: "name and company given", crm.RuleForm: "made a new lead"} {
		a := crm.Activity{Form: "contact", Match: crm.Match{Rule: rule, Evidence: "<e>"}, People: []crm.Participant{{ID: "1", Name: "田中", Role: crm.RoleSubmitter}}}
		if got := string(sp.why(&a, a.Form)); !strings.Contains(got, want) || strings.Contains(got, "<e>") || strings.Contains(got, "Rule ") {
			t.Errorf("%s: %s", rule, got)
		}
	}
}
