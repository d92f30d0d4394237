package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestLedgerFind(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Own = func(a string) bool { return a == "sato@example.co.jp" } })
	f.commit(t, crm.Write{Entry: crm.Entry{Source: "sato-mail", ExternalID: "stranger-1", SeenAt: f.now, ItemTime: f.now.Add(-time.Hour), Verdict: crm.Unmatched, Reason: crm.ReasonNobody},
		Pending: []string{"stranger@far.example"}},
		crm.Write{Entry: crm.Entry{Source: "sato-mail", ExternalID: "news-1", SeenAt: f.now, ItemTime: f.now, Verdict: crm.Excluded, Reason: "address: *@news.example"}})
	b := f.signedIn(t, "sato@example.co.jp")
	find := func(q string, more ...string) string {
		v := url.Values{"q": {q}}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		code, page := b.get(t, "/ledger?"+v.Encode())
		if code != http.StatusOK {
			t.Fatalf("%s: %d", q, code)
		}
		return page
	}
	page := find("tanaka@client.co.jp")
	wantIn(t, page, "<bdi>田中 太郎</bdi> のアドレスとして登録されています", "/people/"+f.tanaka.ID, "Re: お見積りの件", "記録された理由", "待っているものはありません")
	page = find("Stranger@far.example")
	wantIn(t, page, "登録されていません", "stranger-1", "登録された人も取引先も含まれていません", "この言葉に合う記録はありません")
	page = find("someone@news.example")
	wantIn(t, page, "除外ルール <bdi>*@news.example</bdi>", "/ledger?reason=address")
	page = find("new@prospect.example")
	wantIn(t, page, "判断を待っています", "/reviews#r"+crm.ReviewID(crm.ReviewNewContact, "new@prospect.example"))
	page = find("sato@example.co.jp")
	wantIn(t, page, "社内のアドレスです")
	wantOut(t, page, "登録すると、これまで")
	page = find("見積り")
	wantIn(t, page, "Re: お見積りの件", "件名やアドレスは保存していない")
	wantOut(t, page, "stranger-1")
	today := f.now.In(f.zone)
	page = find("見積り", "from", today.AddDate(0, 0, -30).Format(time.DateOnly), "to", today.AddDate(0, 0, -20).Format(time.DateOnly))
	wantIn(t, page, "この言葉に合う記録はありません")
	wantIn(t, find(nastySubject), "&lt;script&gt;")
	wantIn(t, find("tanaka@client.co.jp", "lang", "en"), "Mail with it is logged")

	_, page = b.get(t, "/ledger?from="+today.AddDate(0, 0, 1).Format(time.DateOnly))
	wantIn(t, page, "見つかりませんでした")
	_, page = b.get(t, "/ledger?verdict=unmatched&from="+today.Format(time.DateOnly)+"&to="+today.Format(time.DateOnly))
	wantIn(t, page, "stranger-1")
	for _, bad := range []string{"/ledger?from=yesterday", "/ledger?to=2026-02-30"} {
		if code, _ := b.get(t, bad); code != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, code)
		}
	}
}

// TestLedgerFindKeepsToSight holds that looking for mail tells nothing of records that are not to be seen.
func TestLedgerFindKeepsToSight(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Access = func() crm.AccessPolicy { return crm.AccessPolicy{Records: crm.RecordsOwn} }
	})
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{{ID: "hidden", Kind: crm.Contact, Name: "秘密 の人", Emails: []string{"hidden@secret.example"}, Owner: "suzuki@example.co.jp", Created: f.now, Updated: f.now}}))
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/ledger?q=hidden@secret.example")
	wantOut(t, page, "秘密")
}

func TestCoveredBy(t *testing.T) {
	for _, tt := range []struct {
		pattern string
		want    bool
	}{{"a@mail.x.example", true}, {"A@Mail.X.example", true}, {"x.example", true}, {"mail.x.example", true}, {"*@mail.x.example", true}, {"a@*", true},
		{"b@mail.x.example", false}, {"ail.x.example", false}, {"", false}, {"[", false}} {
		if got := tt.pattern != "" && coveredBy(tt.pattern, "a@mail.x.example", "mail.x.example"); got != tt.want {
			t.Errorf("%q: %v", tt.pattern, got)
		}
	}
}

// TestLedgerNamesWhatWasLogged holds that a row shows folder and subject, and the subject to those alone who may read it.
func TestLedgerNamesWhatWasLogged(t *testing.T) {
	f := newFixture(t)
	f.deliver(t, "台帳に出る件名")
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/ledger?lang=en&verdict=logged")
	wantIn(t, page, "<bdi>台帳に出る件名</bdi>", "Folder <bdi>INBOX</bdi>", `title="INBOX;UIDVALIDITY=1;UID=`)
	wantOut(t, page, "<bdi>INBOX;")

	f = newFixture(t, func(c *Config) {
		c.Access = func() crm.AccessPolicy { return crm.AccessPolicy{Bodies: crm.BodiesOwner} }
	})
	f.deliver(t, "台帳に出る件名")
	_, page = f.signedIn(t, "it@example.co.jp").get(t, "/ledger?lang=en&verdict=logged")
	wantIn(t, page, "Folder <bdi>INBOX</bdi>")
	wantOut(t, page, "台帳に出る件名")
}

func TestFolderOf(t *testing.T) {
	for id, want := range map[string]string{
		"INBOX;UIDVALIDITY=1;UID=2": "INBOX", "Kunden%20%C3%A4%3B1;UIDVALIDITY=7;UID=1": "Kunden ä;1", "100%;UIDVALIDITY=7;UID=1": "100%",
		"18c2f0a1b2c3d4e5": "", "primary/1;": "", "": "",
	} {
		if got := folderOf(id); got != want {
			t.Errorf("%q is in %q, want %q", id, got, want)
		}
	}
}
