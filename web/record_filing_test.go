package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestRecordFiling(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	mail := f.deliver(t, "付け替える")
	yamada := crm.DerivedID("person", "yamada")
	path := "/activities/" + mail.ID + "/people"
	_, page := b.get(t, path+"?q="+url.QueryEscape("山田"))
	wantIn(t, page, "田中 太郎", "山田 次郎", "田中 太郎 の代わりに")
	_, page = b.post(t, path, "action", "attach", "person", yamada, "instead", f.tanaka.ID)
	wantIn(t, page, "今後も同じようにしますか", "tanaka@client.co.jp", "管理者に頼む")
	a, err := f.store.GetActivity(t.Context(), mail.ID)
	must(t, err)
	if !slices.ContainsFunc(a.People, func(p crm.Participant) bool { return p.ID == yamada && p.Address == "tanaka@client.co.jp" }) {
		t.Errorf("people %+v", a.People)
	}
	move := regexp.MustCompile(`name="move" value="([^"]+)"`).FindStringSubmatch(page)
	if move == nil {
		t.Fatal("no rule is offered")
	}
	_, page = b.post(t, path+"/rule", "move", move[1])
	wantIn(t, page, "管理者に確認を頼みました")
	id := crm.ReviewID(crm.ReviewFileTo, "tanaka@client.co.jp")
	if code, _ := b.post(t, "/reviews/"+id, "action", "choose", "person", yamada); code != http.StatusForbidden {
		t.Errorf("a rep makes a rule: %d", code)
	}
	admin := f.signedIn(t, recordSuzuki)
	_, page = admin.get(t, "/reviews")
	wantIn(t, page, "いつもこの人に記録しますか", "ルールにする")
	if code, _ := admin.post(t, "/reviews/"+id, "action", "choose", "person", yamada); code != http.StatusOK {
		t.Fatal(code)
	}
	has := func() bool {
		p, err := f.store.GetPerson(t.Context(), yamada)
		must(t, err)
		return slices.Contains(p.Emails, "tanaka@client.co.jp")
	}
	if !has() {
		t.Error("the rule gave nobody the address")
	}
	admin.post(t, "/reviews/"+id, "action", "undo")
	if has() {
		t.Error("the address stayed after the rule was taken back")
	}
	p, err := f.store.GetPerson(t.Context(), yamada)
	must(t, err)
	p.Emails = append(p.Emails, "tanaka@client.co.jp") // somebody enters it before the rule is made
	must(t, f.store.SavePeople(t.Context(), recordSuzuki, []crm.Person{p}))
	admin.post(t, "/reviews/"+id, "action", "choose", "person", yamada)
	admin.post(t, "/reviews/"+id, "action", "undo")
	if !has() {
		t.Error("taking the rule back took an address that it had not given")
	}
	_, page = b.post(t, path, "action", "undo", "move", move[1])
	wantIn(t, page, "取り消し")
	_, page = b.post(t, path, "action", "detach", "person", f.tanaka.ID)
	wantIn(t, page, "登録なし", "記録しない")
	for name, form := range map[string][]string{
		"nothing":      {"action", "detach"},
		"not on it":    {"action", "detach", "person", yamada},
		"no such":      {"action", "attach", "person", "nobody"},
		"odd":          {"action", "explode", "person", yamada},
		"older change": {"action", "undo", "move", "none"},
	} {
		if code, _ := b.post(t, path, form...); code < 400 || code >= 500 {
			t.Errorf("%s: %d", name, code)
		}
	}
	_, page = b.get(t, "/activities/"+mail.ID)
	wantIn(t, page, "相手から外しました")
}

func TestRecordDeals(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	_, page := b.get(t, "/opportunities/new?account="+f.client.ID)
	wantIn(t, page, "株式会社クライアント", "田中 太郎")
	fields := []string{"account", f.client.ID, "name", "基幹システム", "owner", recordSato, "stage", string(crm.StageProposal), "amount", "500,000", "contact", f.tanaka.ID, "line_product", "", "line_name", "", "line_quantity", "", "line_price", "",
		"doc_kind", "order", "doc_name", "注文書", "doc_url", "https://files.example/1"}
	code, page := b.post(t, "/opportunities", fields...)
	if code != http.StatusOK {
		t.Fatalf("%d\n%s", code, page)
	}
	wantIn(t, page, "基幹システム", "500,000", "注文書")
	deals, _, err := f.store.ListOpportunities(t.Context(), crm.DealFilter{Account: f.client.ID})
	must(t, err)
	if len(deals) != 1 || len(deals[0].Contacts) != 1 || deals[0].Amount != 500000 {
		t.Fatalf("%+v", deals)
	}
	path := "/opportunities/" + deals[0].ID
	code, page = b.post(t, path, "account", f.client.ID, "name", "", "stage", string(crm.StageProposal))
	if code != http.StatusUnprocessableEntity {
		t.Errorf("without a name: %d", code)
	}
	wantIn(t, page, "名前を入力してください")
	_, page = b.post(t, path, "account", f.client.ID, "name", "基幹システム", "stage", string(crm.StageWon), "start", "2026-12-01", "end", "2027-11-30", "notice", "60",
		"line_product", "", "line_name", "月額", "line_quantity", "12", "line_price", "30,000")
	wantIn(t, page, "360,000", "/contracts/")
	deal, err := f.store.GetOpportunity(t.Context(), deals[0].ID)
	must(t, err)
	if deal.Contract == "" {
		t.Fatal("the win made no contract")
	}
	_, page = b.get(t, "/contracts/"+deal.Contract)
	wantIn(t, page, "月額", path)
	_, page = b.post(t, "/contracts/"+deal.Contract, "account", f.client.ID, "name", "保守", "start", "2026-12-01", "end", "2027-11-30", "ended", "2027-01-31", "amount", "360000")
	wantIn(t, page, "保守", "終了")
	if code, _ := f.signedIn(t, recordSuzuki).post(t, path+"/delete"); code != http.StatusConflict {
		t.Errorf("an opportunity with a contract is deleted: %d", code)
	}
	if code, _ := b.post(t, "/contracts", "name", "x", "start", "2026-12-01"); code != http.StatusUnprocessableEntity {
		t.Errorf("a contract with nobody: %d", code)
	}
}

func TestRecordsAreNotOthers(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Access = func() crm.AccessPolicy { return crm.AccessPolicy{Records: crm.RecordsOwn} }
	})
	p, err := f.store.GetPerson(t.Context(), f.tanaka.ID)
	must(t, err)
	p.Owner = recordSuzuki
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{p}))
	b := f.signedIn(t, recordSato)
	for _, path := range []string{"", "/convert", "/merge"} {
		if code, _ := b.get(t, "/people/"+p.ID+path); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
	for _, path := range []string{"/comments", "/owner", "/contact", "/convert", "/merge"} {
		if code, _ := b.post(t, "/people/"+p.ID+path, "text", "x"); code != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, code)
		}
	}
	if code, _ := b.get(t, "/people/"+crm.DerivedID("person", "yamada")+"/merge?with="+p.ID); code != http.StatusNotFound {
		t.Errorf("merged with whom they may not see: %d", code)
	}
	must(t, f.store.SaveComment(t.Context(), recordSuzuki, crm.Comment{ID: crm.NewID(), Kind: crm.CommentPerson, Subject: p.ID, Author: recordSuzuki, Text: "@sato", Mentions: []string{recordSato}, At: f.now}))
	users, err := f.store.ListUsers(t.Context())
	must(t, err)
	sato, err := f.store.GetUser(t.Context(), recordSato)
	must(t, err)
	may := crm.NewClearance(sato, crm.AccessPolicy{Records: crm.RecordsOwn}, users)
	if rows, _, err := f.server.mentionsFor(withClearance(t.Context(), may), sato); err != nil || len(rows) != 0 {
		t.Errorf("mentions %+v, %v", rows, err)
	}
}
