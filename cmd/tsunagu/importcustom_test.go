package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
)

// declaredOfLeads has a field of every type that spreadsheets spoil.
func declaredOfLeads() map[crm.FieldTarget][]crm.FieldDef {
	return map[crm.FieldTarget][]crm.FieldDef{
		crm.OnLead: {
			{Name: "rank", Type: crm.FieldOption, Label: crm.Label{JA: "確度", EN: "Rank"}, Options: []crm.FieldChoice{{Value: "a", Label: crm.Label{JA: "高い"}}, {Value: "b", Label: crm.Label{JA: "=低い"}}}},
			{Name: "wants", Type: crm.FieldOptions, Label: crm.Label{JA: "希望"}, Options: []crm.FieldChoice{{Value: "doc", Label: crm.Label{JA: "資料、カタログ"}}, {Value: "demo", Label: crm.Label{JA: "デモ"}}}},
			{Name: "balance", Type: crm.FieldNumber, Label: crm.Label{JA: "残高"}},
			{Name: "visit", Type: crm.FieldTime, Label: crm.Label{JA: "来社"}},
			{Name: "agreed", Type: crm.FieldBool, Label: crm.Label{JA: "同意"}},
			{Name: "note", Type: crm.FieldText, Label: crm.Label{JA: "部署"}}, // the label of something else
		},
		crm.OnContact: {{Name: "rank", Type: crm.FieldText, Label: crm.Label{JA: "確度"}}},
		crm.OnAccount: {{Name: "size", Type: crm.FieldNumber, Label: crm.Label{JA: "従業員数"}}},
	}
}

// takeDeclared imports a file where fields are declared.
func (m *peopleMemory) takeDeclared(t *testing.T, file, kind string) (string, imported) {
	t.Helper()
	return m.takeWith(t, []byte(file), importing.Options{Kind: kind, Custom: declaredOfLeads(), Zone: time.FixedZone("JST", 9*3600)}, false)
}

// exportMemory adds what an export asks besides.
type exportMemory struct {
	*peopleMemory
	activities []crm.Activity
}

func (m exportMemory) ListActivities(context.Context, crm.ActivityFilter) ([]crm.Activity, string, error) {
	return m.activities, "", nil
}

func (m exportMemory) ListEntries(context.Context, crm.LedgerFilter) ([]crm.Entry, string, error) {
	return nil, "", nil
}

func (m exportMemory) csv(t *testing.T, what string) string {
	t.Helper()
	var out bytes.Buffer
	sheet, err := newSheet("csv", &out)
	if err != nil {
		t.Fatal(err)
	}
	x := &exporter{app: &app{ctx: t.Context()}, store: m, sheet: sheet, zone: time.FixedZone("JST", 9*3600), ja: true, custom: declaredOfLeads()}
	if err := x.write(what); err != nil {
		t.Fatal(err)
	}
	if err := sheet.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestDeclaredFieldsGoInAndOut(t *testing.T) {
	m := newPeopleMemory()
	said, report := m.takeDeclared(t, "会社名,氏名,メール,ステータス,確度,custom.wants,残高,来社,同意,部署,custom.note,custom.unknown\n"+
		"A社,田中 太郎,t@a.example,新規,=低い,デモ;資料、カタログ,\"△1,200\",2026/11/21 9:00,はい,営業部,\"一行\n二行\",x\n"+
		"A社,佐藤 花子,s@a.example,新規,中くらい,,多い,,,,,\n", "leads")
	for _, want := range []string{"確度 → custom.rank", "部署 → department", "not read: custom.unknown", "row 4: rank: \"中くらい\" is none of its options, so it is not set", "row 4: balance:"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	if report.bad != 0 || report.written != 2 {
		t.Errorf("%+v", report)
	}
	want := map[string]string{"rank": "b", "wants": "doc;demo", "balance": "-1200", "visit": "2026-11-21T00:00:00Z", "agreed": "true", "note": "一行\n二行"}
	if diff := cmp.Diff(want, m.named(t, "田中 太郎").Custom); diff != "" {
		t.Fatalf("values (-want +got):\n%s", diff)
	}
	if got := m.named(t, "佐藤 花子"); got.Custom != nil {
		t.Errorf("values of mistakes: %v", got.Custom)
	}

	file := exportMemory{peopleMemory: m}.csv(t, "leads")
	for _, want := range []string{"確度,希望,残高,来社,同意,custom.note", "'=低い,資料、カタログ; デモ,-1200,2026-11-21 09:00:00,はい"} {
		if !strings.Contains(file, want) {
			t.Errorf("the export lacks %q:\n%s", want, file)
		}
	}
	said, report = m.takeDeclared(t, file, "leads")
	if report.written != 0 || report.bad != 0 {
		t.Errorf("the export read again changes %d records:\n%s", report.written, said)
	}
}

func TestDeclaredFieldsOfAccountsAndOtherKinds(t *testing.T) {
	m := newPeopleMemory()
	m.takeDeclared(t, "会社名,ドメイン,従業員数\nA社,a.example,\"1,000\"\n", "accounts")
	for _, a := range m.accounts {
		if a.Custom["size"] != "1000" {
			t.Errorf("account: %+v", a)
		}
	}
	if out := (exportMemory{peopleMemory: m}).csv(t, "accounts"); !strings.Contains(out, ",従業員数\r\n") || !strings.Contains(out, ",1000\r\n") {
		t.Errorf("export:\n%s", out)
	}
	m.takeDeclared(t, "会社名,氏名,メール,確度\nA社,田中 太郎,t@a.example,未定\n", "contacts")
	m.takeDeclared(t, "会社名,氏名,メール,ステータス,確度,残高\nA社,田中 太郎,t@a.example,新規,高い,5\n", "leads")
	if p := m.named(t, "田中 太郎"); p.Kind != crm.Contact || p.Custom["rank"] != "a" || len(p.Custom) != 1 {
		t.Errorf("a contact has what is declared on leads: %+v", p.Custom)
	}
}

func TestFormsInAnExport(t *testing.T) {
	m := exportMemory{newPeopleMemory(), []crm.Activity{{ID: "1", Kind: crm.KindForm, Form: "contact", Product: "つなぐ", Touch: crm.Touch{Campaign: "秋", Channel: "広告"},
		People: []crm.Participant{{Name: "田中 太郎", Role: crm.RoleSubmitter}},
		Fields: []crm.FormField{{Name: "q1", Label: "ご用件", Values: []string{"見積", "デモ"}}, {Name: "memo", Values: []string{"=1+1"}}}}}}
	out := m.csv(t, "activities")
	for _, want := range []string{"フォーム,入力内容,商品,キャンペーン,流入経路", ",田中 太郎,", "contact,\"ご用件: 見積; デモ\r\nmemo: =1+1\",つなぐ,秋,広告"} {
		if !strings.Contains(out, want) {
			t.Errorf("the export lacks %q:\n%s", want, out)
		}
	}
}

// TestAccountsThatOnlyLookAlike has companies that an import must not join, and writings of one that it must.
func TestAccountsThatOnlyLookAlike(t *testing.T) {
	file := "会社名,氏名,メール\n" +
		"東亜電機株式会社,田中 一,a@x1.example\n東亜電機株式会社労働組合,田中 二,b@x2.example\n株式会社 東亜電機 研究所,田中 三,c@x3.example\n有限会社東亜電機,田中 四,d@x4.example\n" +
		"㈱東亜電機　大阪支店,田中 五,e@x5.example\n東亜電機,田中 六,f@x6.example\n" +
		"株式会社中嶋,中嶋 一,g@x7.example\n株式会社中島,中島 一,h@x8.example\n個人,鈴木 一,i@x9.example\n個人,鈴木 二,j@x0.example\n"
	m := newPeopleMemory()
	said, _ := m.take(t, []byte(file), "contacts", false)
	var names []string
	for _, a := range m.accounts {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	want := []string{"個人", "有限会社東亜電機", "東亜電機株式会社", "東亜電機株式会社労働組合", "株式会社 東亜電機 研究所", "株式会社中島", "株式会社中嶋"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("accounts (-want +got):\n%s\n%s", diff, said)
	}
	if _, report := m.take(t, []byte(file), "contacts", false); report.written != 0 {
		t.Errorf("the file read again changes %d records", report.written)
	}
}
