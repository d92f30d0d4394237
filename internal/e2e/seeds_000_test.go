package e2e

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seedDeal is an opportunity or a contract.
type seedDeal struct {
	ID, Name, Account, Stage, Opportunity, Contract, Lead, Owner string
	Start, End, Expected, Closed                                 string
	Contacts                                                     []string
	Amount                                                       int64
	Notice                                                       int
	Touch                                                        struct{ Channel, Campaign string }
	Documents                                                    []seedDocument
	Lines                                                        []struct {
		Name            string
		Quantity, Price int64
	}
}

type seedDocument struct{ Kind, Name, URL string }

func dealNames(list []seedDeal) (names []string) {
	for _, d := range list {
		names = append(names, d.Name)
	}
	return names
}

// TestSeed000 is the text about one record of the customer from lead to contract (一気通貫の顧客管理).
func TestSeed000(t *testing.T) {
	t.Parallel()
	s := newSeed(t, "forms:\n  - {id: contact, rate_per_minute: 1000, min_fill_seconds: 0}\n", sato)
	s.send("contact", url.Values{"last_name": {"田中"}, "first_name": {"一郎"}, "company": {"株式会社クライアント"}, "email": {tanaka}, "description": {"見積をください"}, "lead_source": {"Web"}, "Campaign_ID": {"spring"}})
	var lead string
	s.soon("the enquiry is a lead", func() bool {
		for _, p := range items[seedPerson](s.c, "/people?kind=lead") {
			lead = p.ID
		}
		return lead != ""
	})
	s.c.post("/people/"+lead+"/owner", object{"owner": sato}, nil)
	s.file(sato, seedMail{from: sato, to: tanaka, subject: "お問い合わせありがとうございます", text: "資料をお送りします。", at: ago(9)})
	s.file(sato, seedMail{from: tanaka, to: sato, subject: "Re: お問い合わせありがとうございます", text: "拝見しました。", at: ago(8)})
	meeting := itip{id: "invite@mail.example", method: "REQUEST", uid: "meeting-1", subject: "お打ち合わせ", from: sato, to: tanaka, organiser: sato,
		start: ago(2), stamp: ago(7), answers: map[string]string{tanaka: "ACCEPTED"}}
	s.fileRaw(sato, meeting.mail("outlook"))
	s.read()
	history := []string{"meeting お打ち合わせ", "email Re: お問い合わせありがとうございます", "email お問い合わせありがとうございます"}
	withForm := func(list []seedActivity) (rest []string, form bool) {
		for _, line := range seedTimeline(list) {
			if strings.HasPrefix(line, "form") {
				form = true
			} else {
				rest = append(rest, line)
			}
		}
		return rest, form
	}
	s.soon("the lead has its history", func() bool { return len(s.timelineOf(lead)) == 4 })

	s.part(t, "000_3a854b9187c1d700.txt 見込客情報を管理する「リード」", func(t *testing.T) {
		rest, form := withForm(s.timelineOf(lead))
		if diff := cmp.Diff(history, rest); diff != "" || !form {
			t.Errorf("the lead's activities, form %v (-want +got):\n%s", form, diff)
		}
		s.becomes(lead, "meeting_won")
	})

	var done struct{ ID, Contact, Account, Opportunity string }
	s.part(t, "000_3a854b9187c1d700.txt 取引開始", func(t *testing.T) {
		var preview struct {
			New     bool
			Account struct{ Name string }
		}
		s.c.get("/people/"+lead+"/conversion?opportunity="+encoded("新規案件"), &preview)
		if !preview.New || preview.Account.Name != "株式会社クライアント" || s.person(lead).Kind != "lead" {
			t.Errorf("the preview is %+v of a %s", preview, s.person(lead).Kind)
		}
		s.c.post("/people/"+lead+"/conversion", object{"opportunity": object{"name": "クラウド会計 導入", "expected": seedDay(30),
			"lines": []object{{"name": "クラウド会計", "quantity": 12, "price": 50_000}}}}, &done)
		if got := items[seedPerson](s.c, "/people?kind=lead"); len(got) != 0 || len(s.found("田中", "lead")) != 0 || s.must("export", "leads") != "" {
			t.Errorf("there still are leads: %+v", got)
		}
		p := s.person(done.Contact)
		if p.Kind != "contact" || p.Name != "田中 一郎" || p.AccountID != done.Account || p.Converted.IsZero() {
			t.Errorf("the contact is %+v", p)
		}
		var account struct {
			Name    string
			Domains []string
		}
		s.c.get("/accounts/"+done.Account, &account)
		if account.Name != "株式会社クライアント" {
			t.Errorf("the account is %+v", account)
		}
		for _, path := range []string{"/activities?person=" + done.Contact, "/accounts/" + done.Account + "/activities"} {
			rest, form := withForm(items[seedActivity](s.c, path))
			if diff := cmp.Diff(history, rest); diff != "" || !form {
				t.Errorf("%s, form %v (-want +got):\n%s", path, form, diff)
			}
		}
		var o seedDeal
		s.c.get("/opportunities/"+done.Opportunity, &o)
		if o.Account != done.Account || !slices.Equal(o.Contacts, []string{done.Contact}) || o.Lead != lead || o.Amount != 600_000 || o.Touch.Channel != "Web" || o.Touch.Campaign != "spring" || o.Owner != sato {
			t.Errorf("the opportunity is %+v", o)
		}
		second := s.add(object{"kind": "lead", "name": "鈴木 花子", "company": "㈱クライアント", "emails": []string{"hanako@client.example"}})
		if out := s.must("convert", second, "--dry-run"); !strings.Contains(out, done.Account) {
			t.Errorf("the account is not offered to a second lead of the company:\n%s", out)
		}
		var offered struct{ Accounts []struct{ ID string } }
		s.c.get("/people/"+second+"/conversion", &offered)
		if len(offered.Accounts) != 1 || offered.Accounts[0].ID != done.Account {
			t.Errorf("the API offers %+v", offered)
		}
	})

	s.part(t, "000_3a854b9187c1d700.txt 商談:過去受注・失注した案件、現在進行中の案件、将来提案したい案件", func(t *testing.T) {
		s.c.post("/opportunities", object{"name": "過去に失注", "account": done.Account, "stage": "lost", "closed": "2024-03-31", "expected": "2024-03-31", "amount": 10_000}, nil)
		s.c.post("/opportunities", object{"name": "過去に受注", "account": done.Account, "stage": "won", "closed": "2023-06-30", "expected": "2023-06-30", "amount": 20_000}, nil)
		s.c.post("/opportunities", object{"name": "将来の提案", "account": done.Account, "stage": "prospect", "expected": seedDay(400)}, nil)
		for query, want := range map[string][]string{
			"": {"過去に受注", "過去に失注", "クラウド会計 導入", "将来の提案"}, "&open=true": {"クラウド会計 導入", "将来の提案"},
			"&until=" + seedDay(0): {"過去に受注", "過去に失注"}, "&open=true&since=" + seedDay(365): {"将来の提案"}, "&stage=lost": {"過去に失注"},
		} {
			if diff := cmp.Diff(want, dealNames(items[seedDeal](s.c, "/opportunities?account="+done.Account+query))); diff != "" {
				t.Errorf("opportunities%s (-want +got):\n%s", query, diff)
			}
		}
	})

	s.part(t, "000_3a854b9187c1d700.txt 契約後の顧客情報管理", func(t *testing.T) {
		documents := []object{{"kind": "order", "name": "発注書.pdf", "url": "https://files.example.co.jp/order.pdf"}, {"kind": "contract", "name": "契約書.pdf", "url": "https://files.example.co.jp/contract.pdf"}}
		s.c.put("/opportunities/"+done.Opportunity, object{"name": "クラウド会計 導入", "account": done.Account, "contacts": []string{done.Contact}, "owner": sato, "stage": "won",
			"lines": []object{{"name": "クラウド会計", "quantity": 12, "price": 50_000}}, "start": seedDay(-345), "end": seedDay(20), "notice": 60, "documents": documents}, nil)
		list := items[seedDeal](s.c, "/contracts?account="+done.Account)
		if len(list) != 1 {
			t.Fatalf("%d contracts, want the one that the win made", len(list))
		}
		k := list[0]
		want := seedDeal{ID: k.ID, Name: "クラウド会計 導入", Account: done.Account, Opportunity: done.Opportunity, Contacts: []string{done.Contact}, Owner: sato, Start: seedDay(-345), End: seedDay(20), Notice: 60, Amount: 600_000,
			Touch: k.Touch, Documents: []seedDocument{{"order", "発注書.pdf", "https://files.example.co.jp/order.pdf"}, {"contract", "契約書.pdf", "https://files.example.co.jp/contract.pdf"}}, Lines: k.Lines}
		if diff := cmp.Diff(want, k); diff != "" || k.Touch.Campaign != "spring" || len(k.Lines) != 1 || k.Lines[0].Quantity != 12 {
			t.Errorf("what was agreed is not carried over, from %+v (-want +got):\n%s", k.Touch, diff)
		}
		var o seedDeal
		if s.c.get("/opportunities/"+done.Opportunity, &o); o.Contract != k.ID {
			t.Errorf("the opportunity names the contract %q, want %q", o.Contract, k.ID)
		}
	})

	s.part(t, "000_3a854b9187c1d700.txt どのクライアントが満期を迎えるか", func(t *testing.T) {
		s.c.post("/contracts", object{"name": "保守契約", "account": done.Account, "start": seedDay(-100), "end": seedDay(265), "notice": 30}, nil)
		s.c.post("/contracts", object{"name": "期限なし", "account": done.Account, "start": seedDay(-100)}, nil)
		for path, want := range map[string][]string{
			"/contracts":                               {"クラウド会計 導入", "保守契約", "期限なし"},
			"/contracts?until=" + seedDay(30):          {"クラウド会計 導入"},
			"/contracts?until=" + seedDay(300):         {"クラウド会計 導入", "保守契約"},
			"/contracts/notices":                       {"クラウド会計 導入"},
			"/contracts/notices?today=" + seedDay(240): {"クラウド会計 導入", "保守契約"},
		} {
			if diff := cmp.Diff(want, dealNames(items[seedDeal](s.c, path))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
	})
}
