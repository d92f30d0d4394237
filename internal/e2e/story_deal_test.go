package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const dealName = "クラウド会計 導入"

// lines are what aoi buys: the catalogue's price where none is given.
func (s *story) lines() []map[string]any {
	return []map[string]any{{"product": s.products["クラウド会計"].ID, "quantity": 12}, {"product": s.products["給与計算"].ID, "quantity": 12},
		{"name": "初期設定", "quantity": 1, "price": 50000}}
}

// convert makes a contact of aoi, after it was asked what that would do.
func (s *story) convert() {
	id := s.person(aoi).ID
	var preview crm.ConversionPreview
	s.api.get("/people/"+id+"/conversion?opportunity="+url.QueryEscape(dealName), &preview)
	if !preview.New || preview.Account.Name != "株式会社アオゾラ" || len(preview.Accounts)+len(preview.Contacts) != 0 || preview.Opportunity == nil ||
		preview.Opportunity.Touch.Campaign != "spring" || s.person(aoi).Kind != crm.Lead {
		s.Errorf("preview %+v", preview)
	}
	if said := s.must("convert", aoi, "--dry-run"); !strings.Contains(said, "a new account: 株式会社アオゾラ") {
		s.Errorf("the command says %s", said)
	}
	var done crm.Conversion
	s.api.post("/people/"+id+"/conversion", map[string]any{"opportunity": map[string]any{"name": dealName, "expected": s.day(20), "lines": s.lines()}}, &done)
	s.account, s.opportunity, s.conversion = done.Account, done.Opportunity, done.ID
	p := s.person(aoi)
	if done.Contact != id || p.ID != id || p.Kind != crm.Contact || p.AccountID != done.Account || p.Owner != sato || !done.NewAccount {
		s.Errorf("conversion %+v made %+v", done, p)
	}
	var account crm.Account
	s.api.get("/accounts/"+done.Account, &account)
	if account.Name != "株式会社アオゾラ" || account.Owner != sato || !slices.Equal(account.Domains, []string{"aozora.example"}) {
		s.Errorf("account %+v", account)
	}
	if all := items[crm.ExportedActivity](s.api, "/accounts/"+done.Account+"/activities"); len(all) != 8 {
		s.Errorf("%d activities came along to the account, want 2 forms, 4 mails, a meeting and a call", len(all))
	}
	s.wantHistory(aoi, s.historyOfAoi()) // it came along, too
}

// win says that the deal is won: its contract makes itself.
func (s *story) win() {
	documents := []map[string]any{{"kind": "order", "name": "発注書", "url": "https://files.example/order.pdf"},
		{"kind": "contract", "name": "契約書", "url": "https://files.example/contract.pdf"}}
	var o crm.Opportunity
	s.api.get("/opportunities/"+s.opportunity, &o)
	if o.Stage != crm.StageProspect || o.Amount != 230000 || o.Lead != s.person(aoi).ID || o.Owner != sato || o.Expected != s.day(20) {
		s.Errorf("opportunity %+v", o)
	}
	body := map[string]any{"name": o.Name, "account": o.Account, "contacts": o.Contacts, "owner": o.Owner, "stage": "won", "lines": s.lines(),
		"expected": o.Expected, "documents": documents, "start": s.day(-335), "end": s.day(29), "notice": 60}
	s.api.put("/opportunities/"+s.opportunity, body, &o)
	if o.Ends != crm.EndsWon || o.Contract == "" || o.Closed < s.day(0) || len(o.Stages) != 2 || o.Stages[1].From != crm.StageProspect || o.Stages[1].To != crm.StageWon {
		s.Errorf("won opportunity %+v", o)
	}
	var c crm.Contract
	s.api.get("/contracts/"+o.Contract, &c)
	want := crm.Contract{ID: o.Contract, Name: dealName, Account: s.account, Opportunity: s.opportunity, Contacts: []string{s.person(aoi).ID}, Owner: sato,
		Start: s.day(-335), End: s.day(29), Notice: 60, Amount: 230000, Touch: o.Touch, Created: c.Created, Updated: c.Updated,
		Lines: []crm.Line{{Product: s.products["クラウド会計"].ID, Name: "クラウド会計", Quantity: 12, Price: 10000},
			{Product: s.products["給与計算"].ID, Name: "給与計算", Quantity: 12, Price: 5000}, {Name: "初期設定", Quantity: 1, Price: 50000}},
		Documents: []crm.Document{{Kind: "order", Name: "発注書", URL: "https://files.example/order.pdf"},
			{Kind: "contract", Name: "契約書", URL: "https://files.example/contract.pdf"}}}
	if diff := cmp.Diff(want, c); diff != "" || c.Touch.Campaign != "spring" {
		s.Errorf("contract (-want +got):\n%s", diff)
	}
}

// notices: the contract ends in 29 days, and its renewal is to be spoken of 60 days before.
func (s *story) notices() {
	for today, want := range map[string]int{"": 1, s.day(-31): 1, s.day(-32): 0} {
		list := items[crm.Contract](s.api, "/contracts/notices?today="+today)
		if len(list) != want || want == 1 && (list[0].Name != dealName || list[0].NoticeDay() != s.day(-31)) {
			s.Errorf("on the day %q %d contracts are to be spoken of, want %d: %+v", today, len(list), want, list)
		}
	}
	if expiring := items[crm.Contract](s.api, "/contracts?until="+s.day(30)); len(expiring) != 1 {
		s.Errorf("%d contracts expire within 30 days", len(expiring))
	}
	if printed := s.must("report", "expiring_contracts"); !containsAll(printed, dealName, "株式会社アオゾラ", sato, s.day(29), s.day(-31)) {
		s.Errorf("the command lists\n%s", printed)
	}
	if printed := s.must("report", "expiring_contracts", "--owner", kato); strings.Contains(printed, dealName) {
		s.Errorf("the command lists as kato's\n%s", printed)
	}
	if printed := s.must("report", "unreplied"); !containsAll(printed, "青井 空", sato) || strings.Contains(printed, "緑川") {
		s.Errorf("the command lists as unreplied\n%s", printed)
	}
}

func containsAll(text string, words ...string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}

// find: customers are found by what they are called, however that is written.
func (s *story) find() {
	for query, want := range map[string][]string{
		"ｱｵｿﾞﾗ": {"account " + s.account}, "青井": {"contact " + s.person(aoi).ID}, "aozora": {"account " + s.account, "contact " + s.person(aoi).ID},
		"みどり": {"lead " + s.person(midori).ID}, "KUMO@": {"lead " + s.person(kumo).ID},
	} {
		var found crm.Found
		s.api.get("/search?q="+url.QueryEscape(query), &found)
		var got []string
		for _, hit := range found.Hits {
			got = append(got, hit.Kind+" "+hit.ID)
		}
		for _, hit := range want {
			if !slices.Contains(got, hit) {
				s.Errorf("%q finds %v, want %s", query, got, hit)
			}
		}
	}
}

// convertAndUndo converts midori from the command line, and takes it back: all is as it was.
func (s *story) convertAndUndo(numbers map[string]reportWant) {
	s.must("convert", midori, "--opportunity", "会計の見直し", "--amount", "300000")
	s.wantReports(withConversions(numbers, "4 4 1 1 1/4 2 1/2 2 1/2 2 1/2 1 1/4", "2 2 1 1 1/2 1 1/2 1 1/2 1 1/2 1 1/2",
		"2 2 1 0 0 1 1/2 1 1/2 1 1/2 0 0", "3 3 1 1 1/3 2 2/3 2 2/3 2 2/3 1 1/3"), false)
	done := items[crm.Conversion](s.api, "/conversions?person="+s.person(midori).ID)
	if len(done) != 1 || done[0].Opportunity == "" || done[0].By != "cli" {
		s.Fatalf("conversions of midori: %+v", done)
	}
	s.must("undo", done[0].ID)
	s.wantReports(numbers, false)
	if p := s.person(midori); p.Kind != crm.Lead || p.AccountID != "" || p.Company != "ミドリ商会" || p.Status != "nurturing" || p.Reason != "timing" {
		s.Errorf("midori is %+v", p)
	}
	for _, gone := range []string{"/accounts/" + done[0].Account, "/opportunities/" + done[0].Opportunity} {
		if status, _ := s.api.ask(http.MethodGet, gone, nil); status != http.StatusNotFound {
			s.Errorf("%s is there still: %d", gone, status)
		}
	}
	s.wantHistory(midori, s.historyOfMidori())
}

// undoNurturing takes midori's last change back: it stays in history and counts no more.
func (s *story) undoNurturing(numbers map[string]reportWant) {
	changes := s.changes(midori)
	s.must("undo", changes[len(changes)-1].ID)
	s.reaches(midori, "meeting_won")
	s.wantReports(withoutNurturing(numbers), false)
	history := s.historyOfMidori()
	history[len(history)-1].undone = true
	s.wantHistory(midori, append(history, step{field: crm.ChangeStatus, from: "nurturing", to: "meeting_won", by: "cli", undoes: true}))
}

// undoConversion makes aoi a lead again. The deal was won since, so that it stays; then aoi is converted once more into the account
// that stayed.
func (s *story) undoConversion(numbers map[string]reportWant) {
	id := s.person(aoi).ID
	s.api.post("/conversions/"+s.conversion+"/undo", nil, nil)
	if p := s.person(aoi); p.ID != id || p.Kind != crm.Lead || p.Status != "meeting_won" || p.Company != "株式会社アオゾラ" || p.Owner != sato {
		s.Errorf("aoi is %+v", p)
	}
	s.wantReports(withConversions(numbers, "4 4 1 1 1/4 2 1/2 0 0 1 1/4 1 1/4", "2 2 1 1 1/2 1 1/2 0 0 1 1/2 1 1/2",
		"2 2 1 0 0 1 1/2 0 0 0 0 0 0", "3 3 1 1 1/3 2 2/3 0 0 1 1/3 1 1/3"), false)
	s.wantHistory(aoi, s.historyOfAoi())
	if status, _ := s.api.ask(http.MethodPost, "/conversions/"+s.conversion+"/undo", nil); status != http.StatusConflict {
		s.Errorf("undone twice: %d", status)
	}
	var preview crm.ConversionPreview
	s.api.get("/people/"+id+"/conversion", &preview)
	if len(preview.Accounts) != 1 || preview.Accounts[0].ID != s.account {
		s.Errorf("offered are the accounts %+v, want %s", preview.Accounts, s.account)
	}
	s.must("convert", aoi, "--account", "株式会社アオゾラ")
	s.wantReports(numbers, false)
	if p := s.person(aoi); p.Kind != crm.Contact || p.AccountID != s.account {
		s.Errorf("aoi is %+v", p)
	}
	s.wantHistory(aoi, s.historyOfAoi())
}
