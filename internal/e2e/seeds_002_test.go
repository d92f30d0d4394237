package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const sandboxMapping = `  custom:
    contact:
      - {name: shumi, type: text, label: {ja: 趣味}}
    account:
      - {name: gyoshu, type: option, label: {ja: 業種}, options: [{value: it, label: {ja: 情報通信}}, {value: seizo, label: {ja: 製造}}]}
`

// TestSeed002 is the text about customer organisations (顧客組織): a company with three members, of whom two have a report.
func TestSeed002(t *testing.T) {
	t.Parallel()
	s := newSeed(t, "mapping:\n"+sandboxMapping)
	var sandbox struct {
		ID     string
		Custom map[string]string
	}
	s.c.post("/accounts", object{"name": "合同会社サンドボックス", "kana": "サンドボックス", "domains": []string{"sandbox.example"}, "owner": sato, "custom": object{"gyoshu": "it"}}, &sandbox)
	member := func(name, kana, department string) string {
		return s.add(object{"kind": "contact", "name": name, "kana": kana, "account_id": sandbox.ID, "department": department, "owner": sato, "custom": object{"shumi": "登山"}})
	}
	aida, aoki, akashi := member("会田", "アイダ", "販売部"), member("青木", "アオキ", "企画部"), member("明石", "アカシ", "企画部")
	timelineOf := func(path string) []string {
		return seedTimeline(items[seedActivity](s.c, path))
	}

	s.part(t, "002_6ff98c20d3b6aed9.txt 顧客組織に顧客を登録する", func(t *testing.T) {
		alone := s.add(object{"kind": "lead", "name": "後藤", "company": "サンドボックス"})
		s.c.put("/people/"+alone, object{"kind": "contact", "name": "後藤", "account_id": sandbox.ID, "department": "販売部"}, nil) // 既存の顧客に対しても「編集」から
		var answer struct {
			Members     int
			Departments []struct {
				Department string
				Members    []struct{ Person seedPerson }
			}
		}
		s.c.get("/accounts/"+sandbox.ID+"/members", &answer)
		got := map[string][]string{}
		for _, d := range answer.Departments {
			for _, m := range d.Members {
				got[d.Department] = append(got[d.Department], m.Person.Name)
			}
			slices.Sort(got[d.Department])
		}
		if diff := cmp.Diff(map[string][]string{"企画部": {"明石", "青木"}, "販売部": {"会田", "後藤"}}, got); diff != "" || answer.Members != 4 {
			t.Errorf("%d members by department (-want +got):\n%s", answer.Members, diff)
		}
		if out := s.must("export", "contacts"); strings.Count(out, "合同会社サンドボックス")+strings.Count(out, sandbox.ID) < 4 {
			t.Errorf("the export of contacts does not say where they belong:\n%s", out)
		}
	})
	s.part(t, "002_6ff98c20d3b6aed9.txt 例1:顧客個人の報告書を作成する", func(t *testing.T) {
		s.c.post("/notes", object{"person": aida, "subject": "商談", "text": "商談額: 50千円", "at": time.Now().Add(-2 * time.Hour).UTC()}, nil)
		s.c.post("/opportunities", object{"name": "サンドボックスの商談", "account": sandbox.ID, "contacts": []string{aida}, "stage": "proposal", "amount": 50_000}, nil)
		s.c.post("/notes", object{"person": aoki, "subject": "来社", "text": "来社履歴: 企画のご相談", "at": time.Now().Add(-time.Hour).UTC()}, nil)
		if got := timelineOf("/activities"); !slices.Equal(got, []string{"note 来社", "note 商談"}) { // 報告書一覧
			t.Errorf("the list of reports is %q", got)
		}
	})
	s.part(t, "002_6ff98c20d3b6aed9.txt 例2:顧客組織の詳細を表示する", func(t *testing.T) {
		if got := timelineOf("/accounts/" + sandbox.ID + "/activities"); !slices.Equal(got, []string{"note 来社", "note 商談"}) {
			t.Errorf("the organisation shows %q, want both reports, the newest first", got)
		}
		if got := timelineOf("/accounts/" + sandbox.ID + "/activities?person=" + akashi); len(got) != 0 {
			t.Errorf("明石 has no report, and shows %q", got)
		}
	})
	s.part(t, "002_6ff98c20d3b6aed9.txt 補足: 顧客個人の詳細を表示してみる", func(t *testing.T) {
		for person, want := range map[string][]string{aida: {"note 商談"}, aoki: {"note 来社"}, akashi: nil} {
			if got := timelineOf("/activities?person=" + person); !slices.Equal(got, want) {
				t.Errorf("%s shows %q, want %q", s.person(person).Name, got, want)
			}
		}
		type deal struct{ Amount int64 }
		if got := items[deal](s.c, "/opportunities?person="+aida); !slices.Equal(got, []deal{{50_000}}) {
			t.Errorf("会田's deals: %v", got)
		}
		if got := items[deal](s.c, "/opportunities?person="+aoki); len(got) != 0 {
			t.Errorf("青木's deals: %v", got)
		}
	})
	s.part(t, "002_6ff98c20d3b6aed9.txt キーワードによる検索", func(t *testing.T) {
		for _, query := range []string{"合同会社サンドボックス", "ｻﾝﾄﾞﾎﾞｯｸｽ", "さんどぼっくす", "ドボック", "SANDBOX.EXAMPLE", "ｓａｎｄ"} {
			s.soon("the organisation is found by "+query, func() bool { return slices.Contains(s.found(query, "account"), "合同会社サンドボックス") })
		}
		for query, want := range map[string]string{"会田": "会田", "あいだ": "会田", "ｱｵｷ": "青木", "アカ": "明石"} {
			if got := s.found(query, "contact"); !slices.Contains(got, want) {
				t.Errorf("%s finds %q, want %s", query, got, want)
			}
		}
		s.refused(t, "/accounts", object{"name": ""}, "name")
	})
	s.part(t, "002_6ff98c20d3b6aed9.txt 顧客と顧客組織では異なるテンプレートが利用されます", func(t *testing.T) {
		if got := s.person(akashi).Custom; !cmp.Equal(got, map[string]string{"shumi": "登山"}) || !cmp.Equal(sandbox.Custom, map[string]string{"gyoshu": "it"}) {
			t.Errorf("fields of a person %v, of the organisation %v", got, sandbox.Custom)
		}
		s.refused(t, "/accounts", object{"name": "別会社", "custom": object{"shumi": "登山"}}, "shumi")
		s.refused(t, "/people", object{"kind": "contact", "name": "別人", "account_id": sandbox.ID, "custom": object{"gyoshu": "it"}}, "gyoshu")
	})
	s.part(t, "002_6ff98c20d3b6aed9.txt 顧客組織インポート", func(t *testing.T) {
		file := s.write("kumiai.csv", "会社名,ドメイン,業種\n株式会社ブランコ,buranko.example,製造\n㈲スベリダイ,suberi.example,\n合同会社サンドボックス,sandbox.example,情報通信\n")
		if out := s.must("import", "people", file, "--kind", "accounts"); !strings.Contains(out, "2 new, 0 changed, 1 unchanged") {
			t.Errorf("the import says:\n%s", out)
		}
		if got := s.found("ﾌﾞﾗﾝｺ", "account"); !slices.Equal(got, []string{"株式会社ブランコ"}) {
			t.Errorf("the imported organisation is not found: %q", got)
		}
	})
	s.part(t, "002_6ff98c20d3b6aed9.txt 顧客組織機能はデフォルトで無効化…有効にするには", func(t *testing.T) {
		paths := []string{"/accounts", "/accounts/" + sandbox.ID, "/accounts/" + sandbox.ID + "/activities", "/accounts/" + sandbox.ID + "/members"}
		for _, on := range []bool{false, true} {
			document := strings.ReplaceAll(sandboxMapping, "\n  ", "\n")[len("  "):] + "lifecycle:\n  accounts: " + map[bool]string{true: "true", false: "false"}[on] + "\n"
			s.must("mapping", "apply", s.write("mapping.yaml", document))
			want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[on]
			for _, path := range paths {
				if status, _ := s.c.ask(http.MethodGet, path, nil); status != want {
					t.Errorf("switched on %v: GET %s answers %d, want %d", on, path, status, want)
				}
			}
			if got := timelineOf("/activities?person=" + aida); !slices.Equal(got, []string{"note 商談"}) {
				t.Errorf("switched on %v: 会田 shows %q", on, got)
			}
		}
	})
}
