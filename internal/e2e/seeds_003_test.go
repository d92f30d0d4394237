package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const leadGeneration = `forms:
  - {id: brochure, rate_per_minute: 1000, min_fill_seconds: 0}
  - {id: quote, rate_per_minute: 1000, min_fill_seconds: 0}
mapping:
  custom:
    lead: [{name: pref, type: text, label: {ja: 都道府県}}]
  forms:
    brochure:
      name: 資料請求
      product: form.?product.orValue("")
      person: {custom.pref: 'form.?pref.orValue("")'}
    quote:
      name: 見積依頼
      product: form.?product.orValue("")
      person: {custom.pref: 'form.?pref.orValue("")'}
  lifecycle:
    requests:
      - {name: brochure, label: {ja: 資料請求}, forms: [brochure], stages: [{name: received, label: {ja: 受付}}, {name: sent, label: {ja: 送付済}}], final: [{name: appointment, label: {ja: アポ化}}, {name: closed, label: {ja: 完了}}]}
      - {name: quote, label: {ja: 見積依頼}, forms: [quote], stages: [{name: received, label: {ja: 受付}}, {name: quoted, label: {ja: 見積提出}}]}
    territories:
      - {name: kanto, label: {ja: 関東}, if: 'person[?"custom.pref"].orValue("") in ["東京都", "神奈川県", "埼玉県"]'}
      - {name: others, label: {ja: その他}, if: "true"}
    assignment:
      - {name: 会計の関東, territory: kanto, product: [クラウド会計], owners: [sato@example.co.jp, suzuki@example.co.jp], cap: 1}
      - {name: その他, owners: [kato@example.co.jp]}
    segments:
      - {name: expo, label: {ja: 展示会}, if: 'standing.channel == "展示会" && person.kind == "lead"'}
      - {name: area, label: {ja: 関東の会計}, if: 'standing.territory == "kanto" && "クラウド会計" in standing.products'}
    plans:
      - name: 展示会フォロー
        segment: expo
        steps:
          - {after: 0d, kind: mail, what: お礼のメール}
          - {after: 3d, kind: call, what: 資料の感想を伺う}
`

// TestSeed003 is the text about what a CRM has to do for lead generation.
func TestSeed003(t *testing.T) {
	t.Parallel()
	s := newSeed(t, leadGeneration)
	for _, campaign := range []object{
		{"code": "expo-2026", "name": "展示会2026", "channel": "展示会", "budget": 500_000, "costs": []object{{"day": seedDay(0), "amount": 200_000}, {"day": seedDay(0), "amount": 100_000, "note": "装飾"}}},
		{"code": "web-2026", "name": "Web広告", "channel": "Web", "budget": 100_000, "costs": []object{{"day": seedDay(0), "amount": 100_000}}},
	} {
		s.c.post("/campaigns", campaign, nil)
	}
	for _, product := range []string{"クラウド会計", "請求書サービス"} {
		s.c.post("/products", object{"name": product, "price": 50_000, "unit": "月"}, nil)
	}
	leads := seed003Enquiries(s)
	month := time.Now().In(jst()).Format("2006-01")

	s.part(t, "003_232a5298eba6c789.txt 責任者の割り当て", func(t *testing.T) {
		want := map[string]string{"関東 一郎": sato, "関東 二郎": suzuki, "関東 三郎": katoRep, "関西 四郎": katoRep} // sato and suzuki have room for one each
		for name, owner := range want {
			if p := s.person(leads[name]); p.Owner != owner {
				t.Errorf("%s belongs to %q, want %s", name, p.Owner, owner)
			}
		}
		if out := s.must("history", leads["関東 三郎"]); !strings.Contains(out, "その他") || !strings.Contains(out, katoRep) {
			t.Errorf("the history does not say by which rule:\n%s", out)
		}
	})
	s.part(t, "003_232a5298eba6c789.txt 顧客ベースのセグメント・販売地域", func(t *testing.T) { seed003Segments(t, s, leads) })
	s.part(t, "003_232a5298eba6c789.txt 連絡先の作業計画(電話、メールなど)", func(t *testing.T) {
		type task struct{ Kind, Owner, What, Origin, Due string }
		for _, name := range []string{"関東 一郎", "関東 二郎"} {
			owner := s.person(leads[name]).Owner
			want := []task{{"mail", owner, "お礼のメール", "plan", seedDay(0)}, {"call", owner, "資料の感想を伺う", "plan", seedDay(3)}}
			var got []task
			s.soon("the plan of "+name, func() bool { got = items[task](s.c, "/tasks?person="+leads[name]); return len(got) == 2 })
			for i := range got {
				if got[i].Due < want[i].Due { // later where nobody works on that day
					t.Errorf("%s: %q is due on %s, before %s", name, got[i].What, got[i].Due, want[i].Due)
				}
				got[i].Due = want[i].Due
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("plan of %s (-want +got):\n%s", name, diff)
			}
		}
		if got := items[task](s.c, "/tasks?person="+leads["関西 四郎"]); len(got) != 0 {
			t.Errorf("who is not in the segment has tasks: %+v", got)
		}
	})
	s.part(t, "003_232a5298eba6c789.txt パーソナライズされたニュースレター: 同意したクライアント", func(t *testing.T) {
		var counts struct {
			Members, Exported int
			LeftOut           map[string]int `json:"left_out"`
		}
		s.c.get("/segments/expo/export?format=json", &counts)
		if counts.Members != 2 || counts.Exported != 1 || counts.LeftOut["refused"] != 1 {
			t.Errorf("the export counts %+v", counts)
		}
		_, file := s.c.ask(http.MethodGet, "/segments/expo/export", nil)
		for what, text := range map[string]string{"API": string(file), "command line": s.must("segment", "export", "expo")} {
			if !strings.Contains(text, "ichiro@kanto.example") || strings.Contains(text, "jiro@kanto.example") {
				t.Errorf("the export by the %s:\n%s", what, text)
			}
		}
	})
	s.part(t, "003_232a5298eba6c789.txt 期間ごとに商品とサービスの需要に関する統計", func(t *testing.T) {
		s.counts(t, "product_demand", "range="+month, map[string]float64{month + " total": 4, month + " product:クラウド会計": 3, month + " product:請求書サービス": 1})
		if got := items[struct{ Name string }](s.c, "/products"); len(got) != 2 {
			t.Errorf("the catalogue is %+v", got)
		}
	})
	s.part(t, "003_232a5298eba6c789.txt マーケティングキャンペーンの効果、コスト", func(t *testing.T) {
		s.c.post("/calls", object{"person": leads["関東 一郎"], "result": "meeting_won", "text": "お会いすることになった"}, nil)
		s.becomes(leads["関東 一郎"], "meeting_won")
		s.counts(t, "cost_per_lead", "by=campaign&range="+month, map[string]float64{
			month + " expo-2026 cost": 300_000, month + " expo-2026 leads": 2, month + " expo-2026 cost_per_lead": 150_000,
			month + " web-2026 cost": 100_000, month + " web-2026 leads": 2, month + " web-2026 cost_per_lead": 50_000})
		s.counts(t, "cost_per_meeting", "by=channel&range="+month, map[string]float64{
			month + " 展示会 cost": 300_000, month + " 展示会 meetings_won": 1, month + " 展示会 cost_per_meeting": 300_000, month + " Web cost": 100_000})
		s.counts(t, "conversion", "by=campaign&range="+month, map[string]float64{
			month + " expo-2026 leads": 2, month + " expo-2026 reached:meeting_won": 1, month + " expo-2026 rate:meeting_won": 0.5, month + " web-2026 leads": 2})
		type campaign struct {
			Code   string
			Budget int64
			Costs  []struct{ Amount int64 }
		}
		for _, c := range items[campaign](s.c, "/campaigns") {
			if want := map[string]int64{"expo-2026": 500_000, "web-2026": 100_000}[c.Code]; c.Budget != want {
				t.Errorf("the budget of %s is %d, want %d", c.Code, c.Budget, want)
			}
		}
	})
	s.part(t, "003_232a5298eba6c789.txt さまざまなタイプの要求とそのステージ、最終アクションのリスト", func(t *testing.T) {
		id := leads["関東 一郎"]
		if p := s.person(id); p.Request != "brochure" || p.Stage != "received" {
			t.Errorf("the request is %s at %s", p.Request, p.Stage)
		}
		if p := s.person(leads["関西 四郎"]); p.Request != "quote" || p.Stage != "received" {
			t.Errorf("the other request is %s at %s", p.Request, p.Stage)
		}
		s.c.post("/people/"+id+"/stage", object{"stage": "sent"}, nil)
		if p := s.person(id); p.Stage != "sent" || p.Final != "" {
			t.Errorf("after it was sent: stage %q, final %q", p.Stage, p.Final)
		}
		s.refused(t, "/people/"+id+"/stage", object{"stage": "quoted"}, "received") // of another type
		s.c.post("/people/"+id+"/stage", object{"stage": "appointment"}, nil)
		s.soon("the final action ends the request", func() bool { return s.person(id).Final == "appointment" })
	})
	s.part(t, "003_232a5298eba6c789.txt 重複データの検索とそれらを結合…インポート", func(t *testing.T) { seed003Import(t, s) })
}

// seed003Enquiries sends four enquiries, one after the other so that the order of assignment is known.
func seed003Enquiries(s *seed) map[string]string {
	s.t.Helper()
	leads := map[string]string{}
	for _, e := range []struct{ form, last, first, address, pref, product, channel, campaign, newsletter string }{
		{"brochure", "関東", "一郎", "ichiro@kanto.example", "東京都", "クラウド会計", "展示会", "expo-2026", "はい"},
		{"brochure", "関東", "二郎", "jiro@kanto.example", "神奈川県", "クラウド会計", "展示会", "expo-2026", "いいえ"},
		{"brochure", "関東", "三郎", "saburo@saitama.example", "埼玉県", "クラウド会計", "Web", "web-2026", "はい"},
		{"quote", "関西", "四郎", "shiro@osaka.example", "大阪府", "請求書サービス", "Web", "web-2026", ""},
	} {
		fields := url.Values{"last_name": {e.last}, "first_name": {e.first}, "company": {e.last + e.first + "商事"}, "email": {e.address}, "description": {"お願いします"},
			"pref": {e.pref}, "product": {e.product}, "lead_source": {e.channel}, "Campaign_ID": {e.campaign}}
		if e.newsletter != "" {
			fields.Set("メルマガ", e.newsletter)
		}
		s.send(e.form, fields)
		name := e.last + " " + e.first
		s.soon(name+" has an owner", func() bool {
			for _, p := range items[seedPerson](s.c, "/people?q="+encoded(e.address)) {
				leads[name] = p.ID
				return p.Owner != ""
			}
			return false
		})
	}
	return leads
}

// seed003Segments has people enter and leave by rules.
func seed003Segments(t *testing.T, s *seed, leads map[string]string) {
	members := func(segment string) []string {
		names := []string{}
		for _, row := range items[struct{ Person seedPerson }](s.c, "/segments/"+segment+"/members") {
			names = append(names, row.Person.Name)
		}
		slices.Sort(names)
		return names
	}
	are := func(segment string, want ...string) {
		t.Helper()
		slices.Sort(want)
		var got []string
		for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			if got = members(segment); slices.Equal(got, want) {
				return
			}
		}
		t.Errorf("members of %s: %q, want %q", segment, got, want)
	}
	are("expo", "関東 一郎", "関東 二郎")
	are("area", "関東 一郎", "関東 二郎", "関東 三郎")
	moves := func(name, pref string) {
		p := s.person(leads[name])
		s.c.put("/people/"+p.ID, object{"kind": "lead", "name": p.Name, "company": p.Company, "emails": p.Emails, "owner": p.Owner, "custom": object{"pref": pref}}, nil)
	}
	moves("関東 三郎", "大阪府")
	are("area", "関東 一郎", "関東 二郎")
	var standing struct{ Territory string }
	if s.c.get("/people/"+leads["関東 三郎"]+"/standing", &standing); standing.Territory != "others" {
		t.Errorf("who moved is in territory %q, want others", standing.Territory)
	}
	moves("関東 三郎", "東京都")
	are("area", "関東 一郎", "関東 二郎", "関東 三郎")
	if out := s.must("segment", "list"); !strings.Contains(out, "関東の会計") {
		t.Errorf("segments:\n%s", out)
	}
}

// seed003Import takes organisations and contacts in twice, finds what is there twice, makes one of them, and takes that back.
func seed003Import(t *testing.T, s *seed) {
	const heading = "会社名,部署,氏名,フリガナ,メールアドレス,電話番号\n"
	first := s.write("first.csv", heading+"株式会社サンプル機械,営業部,高橋 健,タカハシ ケン,ken@kikai.example,03-1111-2222\n㈱サンプル機械,総務部,山田 花子,ヤマダ ハナコ,hanako@kikai.example,03-1111-3333\n")
	out := s.must("import", "people", first, "--kind", "contacts", "--dry-run")
	if !strings.Contains(out, "contacts: 2 new") || !strings.Contains(out, "accounts: 1 new") || len(s.found("サンプル機械", "")) != 0 {
		t.Errorf("the trial says:\n%s", out)
	}
	s.must("import", "people", first, "--kind", "contacts")
	if out = s.must("import", "people", first, "--kind", "contacts"); !strings.Contains(out, "contacts: 0 new, 0 changed, 2 unchanged") {
		t.Errorf("once more it says:\n%s", out)
	}
	second := s.write("second.csv", heading+"(株)サンプル機械,営業部,髙橋健,タカハシケン,takahashi@kikai.example,03-1111-2222\n")
	if out = s.must("import", "people", second, "--kind", "contacts"); !strings.Contains(out, "may be 高橋 健") || !strings.Contains(out, "score 97, phone: +81311112222") || !strings.Contains(out, "1 row as possible duplicates") {
		t.Errorf("of the look-alike it says:\n%s", out)
	}
	s.must("import", "people", second, "--kind", "contacts", "--duplicates", "create")
	find := func(address string) string {
		for _, p := range items[seedPerson](s.c, "/people?q="+encoded(address)) {
			return p.ID
		}
		return ""
	}
	winner, loser := find("ken@kikai.example"), find("takahashi@kikai.example")
	if winner == "" || loser == "" {
		t.Fatalf("the two records are %q and %q", winner, loser)
	}
	var proposed []seedProposal
	s.soon("the two are proposed as one", func() bool {
		proposed = append(items[seedProposal](s.c, "/proposals?kind=merge&state=open&subject="+winner), items[seedProposal](s.c, "/proposals?kind=merge&state=open&subject="+loser)...)
		return len(proposed) == 1
	})
	if len(proposed[0].Evidence) == 0 {
		t.Errorf("the proposal has no evidence: %+v", proposed[0])
	}
	for _, id := range []string{winner, loser} {
		s.c.post("/notes", object{"person": id, "subject": "記録", "text": "打ち合わせの記録 " + id}, nil)
	}
	entry := object{"kind": "people", "winner": winner, "loser": loser}
	var preview struct{ Activities int }
	if s.c.post("/merges/preview", entry, &preview); preview.Activities != 1 {
		t.Errorf("the preview is %+v", preview)
	}
	var merged struct{ ID string }
	s.c.post("/merges", entry, &merged)
	p := s.person(winner)
	slices.Sort(p.Emails)
	if !slices.Equal(p.Emails, []string{"ken@kikai.example", "takahashi@kikai.example"}) || len(s.timelineOf(winner)) != 2 {
		t.Errorf("as one: addresses %q, %d activities", p.Emails, len(s.timelineOf(winner)))
	}
	s.must("undo", merged.ID)
	if len(s.timelineOf(winner)) != 1 || len(s.timelineOf(loser)) != 1 || !slices.Equal(s.person(winner).Emails, []string{"ken@kikai.example"}) {
		t.Errorf("taken back: %d and %d activities", len(s.timelineOf(winner)), len(s.timelineOf(loser)))
	}
}
