package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	recordSato   = "sato@example.co.jp"
	recordSuzuki = "suzuki@example.co.jp"
)

// recordLead is the lead of the fixture.
func recordLead() string { return crm.DerivedID("person", "lead") }

func TestRecordPageShowsItsParts(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	for _, lang := range []string{"ja", "en"} {
		for _, path := range []string{"/people/" + f.tanaka.ID, "/people/" + recordLead(), "/accounts/" + f.client.ID} {
			code, page := b.get(t, path+"?lang="+lang)
			if code != http.StatusOK {
				t.Fatalf("%s: %d", path, code)
			}
			wantIn(t, page, `class="rec"`, `id="comments"`, `id="timeline"`, `id="details"`, path+"/owner")
			if n := strings.Count(page, "<h1>"); n != 1 {
				t.Errorf("%s: %d headings", path, n)
			}
		}
	}
	_, page := b.get(t, "/people/"+recordLead())
	wantIn(t, page, "取引開始", "次アクション", `data-call`, "この人の記録を止める")
}

func TestRecordTimelineFilters(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	path := "/people/" + f.tanaka.ID
	_, page := b.get(t, path+"?q="+url.QueryEscape("お見積り")+"&fold=no")
	found := articles(page)
	if len(found) == 0 || len(found) > 10 {
		t.Errorf("%d rows with the words", len(found))
	}
	if _, page = b.get(t, path+"?q=nothing-of-the-sort"); len(articles(page)) != 0 {
		t.Error("words that nobody wrote are found")
	}
	wantIn(t, page, "絞り込みをやめる")
	_, page = b.get(t, path+"?direction=out&fold=no")
	if strings.Contains(page, `class="act in"`) {
		t.Error("what came in is among what went out")
	}
	if _, page = b.get(t, path+"?since="+f.now.AddDate(1, 0, 0).Format(time.DateOnly)); len(articles(page)) != 0 {
		t.Error("something is found in a year that has not come")
	}
	for _, bad := range []string{"?since=yesterday", "?until=2026-02-30"} {
		if code, _ := b.get(t, path+bad); code != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, code)
		}
	}
}

func TestRecordFoldsConversations(t *testing.T) {
	day := "21 Nov"
	list := []crm.Activity{{Kind: crm.KindEmail, Key: "c", Thread: "a"}, {Kind: crm.KindCall, Key: "x"}, {Kind: crm.KindEmail, Key: "b", Thread: "a"}, {Kind: crm.KindEmail, Key: "a"}, {Kind: crm.KindEmail, Key: "z"}}
	rows := []activityView{{ID: "c", Day: day}, {ID: "x"}, {ID: "b", Day: "20 Nov"}, {ID: "a"}, {ID: "z", Day: "19 Nov"}}
	got := foldThreads(list, rows)
	if len(got) != 3 || got[0].ID != "c" || len(got[0].Thread) != 2 || got[1].ID != "x" || got[1].Day != "" || got[2].ID != "z" || got[2].Day != "19 Nov" {
		t.Errorf("%+v", got)
	}
}

func TestRecordComments(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	path := "/people/" + f.tanaka.ID
	code, page := b.post(t, path+"/comments", "text", "@suzuki 価格を<b>確認</b>してください")
	if code != http.StatusOK {
		t.Fatal(code)
	}
	wantIn(t, page, "&lt;b&gt;確認", "コメントを書き込みました", "鈴木 一郎")
	suzuki, err := f.store.GetUser(t.Context(), recordSuzuki)
	must(t, err)
	rows, more, err := f.server.mentionsFor(context.Background(), suzuki)
	must(t, err)
	if len(rows) != 1 || more || rows[0].About.Name != f.tanaka.Name {
		t.Fatalf("mentions %+v", rows)
	}
	other := f.signedIn(t, recordSuzuki)
	_, page = other.get(t, path+"?tab=comments")
	wantIn(t, page, "あなた宛て")
	if rows, _, err = f.server.mentionsFor(context.Background(), suzuki); err != nil || len(rows) != 0 {
		t.Errorf("after looking: %+v, %v", rows, err)
	}
	list, _, err := f.store.ListComments(t.Context(), f.tanaka.ID, "", 0)
	must(t, err)
	id := list[0].ID
	if code, _ := other.post(t, "/comments/"+id, "action", "edit", "text", "x"); code != http.StatusForbidden {
		t.Errorf("somebody else edits it: %d", code)
	}
	if code, _ := b.post(t, path+"/comments", "text", "  "); code != http.StatusUnprocessableEntity {
		t.Errorf("an empty comment: %d", code)
	}
	_, page = b.post(t, "/comments/"+id, "action", "edit", "text", "やはり不要です")
	wantIn(t, page, "やはり不要です", "編集済み")
	_, page = other.post(t, "/comments/"+id, "action", "delete") // an admin may
	wantIn(t, page, "このコメントは削除されました")
	wantOut(t, page, "やはり不要です")
	if code, _ := b.post(t, "/comments/"+id, "action", "edit", "text", "x"); code != http.StatusConflict {
		t.Errorf("a deleted comment is edited: %d", code)
	}
}

func TestRecordOwnerAndConsent(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	b.post(t, "/people/"+f.tanaka.ID+"/owner", "owner", recordSuzuki)
	b.post(t, "/accounts/"+f.client.ID+"/owner", "owner", "")
	p, err := f.store.GetPerson(t.Context(), f.tanaka.ID)
	must(t, err)
	a, err := f.store.GetAccount(t.Context(), f.client.ID)
	must(t, err)
	if p.Owner != recordSuzuki || a.Owner != "" {
		t.Errorf("owners %q, %q", p.Owner, a.Owner)
	}
	_, page := b.post(t, "/people/"+p.ID+"/contact", "consent", "refused", "evidence", "電話で", "do_not_contact", "訴訟中")
	wantIn(t, page, "連絡不可:", "訴訟中", "拒否")
	if code, _ := b.post(t, "/people/"+p.ID+"/contact", "consent", "perhaps"); code != http.StatusUnprocessableEntity {
		t.Errorf("a consent that is none: %d", code)
	}
	if code, _ := b.post(t, "/people/"+p.ID+"/owner", "owner", "not an address"); code != http.StatusUnprocessableEntity {
		t.Errorf("an owner who is none: %d", code)
	}
}

func TestRecordCall(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	path := "/people/" + f.tanaka.ID
	_, page := b.get(t, path)
	again := regexp.MustCompile(`name="again" value="([^"]+)"`).FindStringSubmatch(page)
	var plain, asks string
	for _, r := range f.server.lifecycle().Results {
		if r.Next && asks == "" {
			asks = r.Name.Name
		} else if !r.Next && plain == "" {
			plain = r.Name.Name
		}
	}
	if again == nil || plain == "" {
		t.Fatal("no way to log a call")
	}
	for range 2 { // a button that is pressed twice
		if code, _ := b.post(t, path+"/calls", "result", plain, "again", again[1]); code != http.StatusOK {
			t.Fatal(code)
		}
	}
	calls, _, err := f.store.ListActivities(t.Context(), crm.ActivityFilter{Person: f.tanaka.ID, Kind: crm.KindCall})
	must(t, err)
	if len(calls) != 1 {
		t.Errorf("%d calls", len(calls))
	}
	if asks != "" {
		if code, _ := b.post(t, path+"/calls", "result", asks); code != http.StatusUnprocessableEntity {
			t.Errorf("without a next action: %d", code)
		}
	}
}

func TestRecordConvert(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	path := "/people/" + recordLead() + "/convert"
	_, page := b.get(t, path+"?opportunity=1&opp_name=X&opp_amount="+url.QueryEscape("12万"))
	wantIn(t, page, "数として読めません")
	_, page = b.get(t, path)
	wantIn(t, page, "高橋 みなみ", "南商店", "こうなります")
	code, page := b.post(t, path, "account_name", "南商店", "opportunity", "1", "opp_name", "導入", "opp_amount", "1,200,000", "opp_stage", string(crm.StageProspect))
	if code != http.StatusOK {
		t.Fatalf("%d\n%s", code, page)
	}
	wantIn(t, page, "取引を開始しました", "1,200,000", "リードからの取引開始")
	undo := regexp.MustCompile(`action="(/conversions/[0-9a-f]+/undo)"`).FindStringSubmatch(page)
	if undo == nil {
		t.Fatal("it cannot be undone")
	}
	if code, _ = b.get(t, path); code != http.StatusConflict {
		t.Errorf("a contact is converted: %d", code)
	}
	_, page = b.post(t, undo[1])
	wantIn(t, page, "リードに戻しました")
	p, err := f.store.GetPerson(t.Context(), recordLead())
	must(t, err)
	if p.Kind != crm.Lead {
		t.Errorf("kind %s", p.Kind)
	}
}

func TestRecordMerge(t *testing.T) {
	f := newFixture(t)
	admin := f.signedIn(t, recordSuzuki)
	yamada := crm.DerivedID("person", "yamada")
	path := "/people/" + f.tanaka.ID + "/merge"
	_, page := admin.get(t, path+"?q="+url.QueryEscape("山田"))
	wantIn(t, page, "with="+yamada)
	_, page = admin.get(t, path+"?with="+yamada)
	wantIn(t, page, "tanaka@client.co.jp", "yamada@client.co.jp", "メールアドレス", "残る記録")
	if _, page = admin.get(t, path+"?with="+f.tanaka.ID); !strings.Contains(page, "自分自身とは統合できません") {
		t.Error("a record is merged with itself")
	}
	_, page = admin.get(t, "/people/"+recordLead()+"/merge?with="+f.tanaka.ID)
	wantIn(t, page, "リードに統合することはできません")
	if code, _ := admin.get(t, path+"?with=nobody"); code != http.StatusNotFound {
		t.Errorf("with nobody: %d", code)
	}
	_, page = admin.post(t, path, "with", yamada)
	wantIn(t, page, "統合しました", "山田 次郎")
	undo := regexp.MustCompile(`action="(/merges/[0-9a-f]+/undo)"`).FindStringSubmatch(page)
	if undo == nil {
		t.Fatal("it cannot be undone")
	}
	rep := f.signedIn(t, recordSato)
	if code, page := rep.get(t, "/people/"+yamada); code != http.StatusOK || !strings.Contains(page, "<h1><bdi>田中 太郎") {
		t.Errorf("the page of who was merged away: %d", code)
	}
	if code, _ := rep.get(t, "/people/"+yamada+"?fragment=1"); code != http.StatusNotFound {
		t.Errorf("its fragment: %d", code)
	}
	if code, _ := rep.post(t, undo[1]); code != http.StatusForbidden {
		t.Errorf("a rep takes it apart: %d", code)
	}
	_, page = admin.post(t, undo[1])
	wantIn(t, page, "統合を取り消しました")
	acme := crm.DerivedID("account", "acme")
	_, page = admin.get(t, "/accounts/"+f.client.ID+"/merge?with="+acme+"&keep=other")
	wantIn(t, page, "Acme Industries Ltd", "client.co.jp")
	_, page = admin.post(t, "/accounts/"+f.client.ID+"/merge", "with", acme, "keep", "other")
	wantIn(t, page, "<h1><bdi>Acme Industries Ltd", "株式会社クライアント")
	_, page = admin.get(t, "/accounts/"+f.client.ID)
	wantIn(t, page, "<h1><bdi>Acme Industries Ltd")
	if code, _ := admin.post(t, "/people/"+f.tanaka.ID+"/merge", "with", f.tanaka.ID); code != http.StatusConflict {
		t.Errorf("merged with itself: %d", code)
	}
}
