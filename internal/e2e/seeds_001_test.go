package e2e

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSeed001 is the text about keeping a CRM's data fresh: follow-up calls, facts apart from opinions, and signals that data is old.
func TestSeed001(t *testing.T) {
	t.Parallel()
	s := newSeed(t, `mapping:
  lifecycle:
    segments:
      - {name: partners, label: {ja: 提携先}, if: 'person.company == "提携商事"', follow_up: never}
`, sato, suzuki)
	s.part(t, "001_ce89ed2ab8946ba3.txt 定期的なフォローコール", func(t *testing.T) { seed001FollowUps(t, s) })
	s.part(t, "001_ce89ed2ab8946ba3.txt 事実と解釈をしっかり分別", func(t *testing.T) { seed001Facts(t, s) })
	s.part(t, "001_ce89ed2ab8946ba3.txt CRMの情報が間違ってるんですが", func(t *testing.T) { seed001Stale(t, s) })
	s.part(t, "001_ce89ed2ab8946ba3.txt 営業はCRM入力を嫌う", func(t *testing.T) { seed001Saved(t, s) })
}

// seed001FollowUps: 3 to 4 months without contact is due (120 days), nothing is left alone for more than a year, and who was
// reached another way is not listed.
func seed001FollowUps(t *testing.T, s *seed) {
	lead := func(nick, company string) string {
		return s.add(object{"kind": "lead", "name": "追跡 " + nick, "company": company, "emails": []string{nick + "@follow.example"}, "owner": sato})
	}
	mail := func(rep, nick string, days int) {
		s.file(rep, seedMail{from: rep, to: nick + "@follow.example", subject: "その後いかがですか " + nick, text: "ご検討の状況を伺えますか。", at: ago(days)})
	}
	for nick, days := range map[string]int{"d130": 130, "d119": 119, "called": 200, "unanswered": 180, "colleague": 150, "wrote": 140, "unwanted": 300} {
		lead(nick, nick+"商事")
		mail(sato, nick, days)
	}
	for nick, days := range map[string]int{"partner": 350, "forgotten": 370} {
		lead(nick, "提携商事")
		mail(sato, nick, days)
	}
	both := seedMail{from: sato, to: "both@follow.example, " + suzuki, subject: "両方の控え", text: "共有します。", at: ago(125), id: "both-of-us@mail.example"}
	lead("both", "両方商事")
	s.file(sato, both) // seen in two mailboxes, listed once
	s.file(suzuki, both)
	mail(suzuki, "colleague", 10) // 別ルートでアプローチした履歴
	s.file(suzuki, seedMail{from: "wrote@follow.example", to: suzuki, subject: "ご相談", text: "一度ご相談したいことがあります。", at: ago(5)})
	s.read()
	find := func(nick string) string { return items[seedPerson](s.c, "/people?q="+nick+"@follow.example")[0].ID }
	call := func(nick, result string) {
		s.c.post("/calls", object{"person": find(nick), "result": result, "at": time.Now().AddDate(0, 0, -3).UTC(), "next": object{"when": seedDay(7), "what": "再架電"}}, nil)
	}
	call("called", "call_again")    // somebody spoke to them
	call("unanswered", "no_answer") // nobody did
	person := s.person(find("unwanted"))
	s.c.put("/people/"+person.ID, object{"kind": "lead", "name": person.Name, "company": person.Company, "emails": person.Emails, "owner": sato, "do_not_contact": "電話しないでほしい"}, nil)

	want := []string{"追跡 forgotten", "追跡 unanswered", "追跡 d130", "追跡 both"}
	var got []string
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		got = nil
		for _, row := range items[struct{ Person seedPerson }](s.c, "/lists/follow-ups?limit=100&owner="+sato) {
			got = append(got, row.Person.Name)
		}
		slices.Sort(got)
		if cmp.Equal(slices.Sorted(slices.Values(want)), got) || time.Now().After(end) {
			break
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), got); diff != "" {
		t.Errorf("follow-up calls of sato (-want +got):\n%s", diff)
	}
}

// seed001Facts logs the call of the text, with what was said word for word and what the rep thinks of it.
func seed001Facts(t *testing.T, s *seed) {
	id := s.add(object{"kind": "lead", "name": "事実 太郎", "company": "事実商事", "owner": sato})
	const fact = "架電→受付→担当者につながる→最近は担当から外れて、自分はとくにやってない→いま、まだ動いたばかりだから、また時期を見て連絡して→わかりました。"
	const opinion = "明るい方\n早口\n落ち着いた印象"
	var made seedActivity
	s.c.post("/calls", object{"person": id, "result": "call_again", "text": fact, "note": opinion, "next": object{"when": seedDay(90), "what": "時期を見て連絡"}}, &made)
	var again seedActivity
	s.c.get("/activities/"+made.ID, &again)
	for _, a := range []seedActivity{made, again} {
		if a.Text != fact || a.Call == nil || a.Call.Note != opinion || a.By != sato {
			t.Errorf("text %q, call %+v of %s", a.Text, a.Call, a.By)
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPost} {
		if status, _ := s.c.ask(method, "/activities/"+made.ID, object{"text": "担当は前向き"}); status < 400 {
			t.Errorf("%s changes what was said: %d", method, status)
		}
	}
	lines := decodeLines[seedActivity](t, s.must("export", "activities"))
	at := slices.IndexFunc(lines, func(a seedActivity) bool { return a.ID == made.ID })
	if at < 0 || lines[at].Text != fact || lines[at].Call == nil || lines[at].Call.Note != opinion {
		t.Errorf("the export does not keep fact and opinion apart")
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s.must("export", "activities", "--format", "csv"), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	text, note := slices.Index(rows[0], "本文"), slices.Index(rows[0], "所感")
	if text < 0 || note < 0 {
		t.Fatalf("columns are %q, want 本文 and 所感", rows[0])
	}
	if !slices.ContainsFunc(rows[1:], func(row []string) bool {
		return row[text] == fact && strings.ReplaceAll(row[note], "\r\n", "\n") == opinion
	}) {
		t.Errorf("no row of the table has the fact in one column and the opinion in the other")
	}
}

// failed is the report of a mail server that an address is gone.
func failed(address string, at time.Time) seedMail {
	return seedMail{from: "Mail Delivery System <MAILER-DAEMON@mx.example.co.jp>", to: sato, subject: "Undelivered Mail Returned to Sender", at: at,
		header: "Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"report\"\r\n",
		text: "--report\nContent-Type: text/plain; charset=us-ascii\n\nThis is the mail system. Your message could not be delivered.\n\n<" + address + ">: host mx.stale.example said: 550 5.1.1 User unknown\n\n" +
			"--report\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.co.jp\n\nFinal-Recipient: rfc822; " + address + "\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n\n" +
			"--report\nContent-Type: text/rfc822-headers\n\nFrom: " + sato + "\nTo: " + address + "\nSubject: ご案内\n\n--report--"}
}

type seedProposal struct {
	ID, Kind, State, Value, Name, Result string
	Evidence                             []string
}

// seed001Stale has data turn out old in three ways; nothing changes before somebody agrees.
func seed001Stale(t *testing.T, s *seed) {
	var account struct{ ID string }
	s.c.post("/accounts", object{"name": "株式会社ステイル", "domains": []string{"stale.example"}, "owner": sato}, &account)
	contact := func(name, address string) string {
		return s.add(object{"kind": "contact", "name": name, "account_id": account.ID, "emails": []string{address}, "owner": sato})
	}
	left, gone := contact("鈴木 一郎", "ichiro@stale.example"), contact("佐々木 二郎", "jiro@stale.example")
	refusing := s.add(object{"kind": "lead", "name": "拒否 花子", "company": "拒否商店", "emails": []string{"hanako@refuse.example"}, "owner": sato})
	s.file(sato, seedMail{from: "ichiro@stale.example", to: sato, subject: "自動応答: ご案内", header: "Auto-Submitted: auto-replied\r\n", at: ago(4),
		text: "鈴木は9月30日をもって退職いたしました。今後は営業二課の高橋(takahashi@stale.example)が担当いたします。"})
	s.file(sato, seedMail{from: "hanako@refuse.example", to: sato, subject: "Re: ご案内", text: "もう電話しないでと伝えたと思います。今後のご連絡は不要です。", at: ago(3)})
	s.file(sato, failed("jiro@stale.example", ago(2)))
	s.read()
	proposals := func(person, state string) map[string]seedProposal {
		out := map[string]seedProposal{}
		for _, p := range items[seedProposal](s.c, "/proposals?limit=100&state="+state+"&subject="+person) {
			out[p.Kind] = p
		}
		return out
	}
	kinds := map[string][]string{left: {"left", "successor"}, gone: {"bad_address"}, refusing: {"do_not_contact"}}
	for person, want := range kinds {
		s.soon("what is old of "+s.person(person).Name+" is proposed", func() bool { return len(proposals(person, "open")) >= len(want) })
		for _, kind := range want {
			if p := proposals(person, "open")[kind]; p.ID == "" || len(p.Evidence) == 0 {
				t.Errorf("%s: proposals are %+v, want %s with its evidence", s.person(person).Name, proposals(person, "open"), kind)
			}
		}
	}
	if p := s.person(left); !p.Left.IsZero() || len(s.person(gone).BadEmails) != 0 || s.person(refusing).DoNotContact != "" {
		t.Errorf("something changed before anybody agreed")
	}
	successor := proposals(left, "open")["successor"]
	if successor.Name != "高橋" || successor.Value != "takahashi@stale.example" {
		t.Errorf("the successor is %q <%s>", successor.Name, successor.Value)
	}
	for person, list := range kinds {
		for _, kind := range list {
			s.c.post("/proposals/"+proposals(person, "open")[kind].ID+"/accept", nil, nil)
		}
	}
	accepted := proposals(left, "accepted")["successor"]
	if p := s.person(accepted.Result); p.Kind != "contact" || p.AccountID != account.ID || !slices.Equal(p.Emails, []string{"takahashi@stale.example"}) {
		t.Errorf("the successor is %+v", p)
	}
	if p := s.person(left); p.Left.IsZero() || p.Successor != accepted.Result {
		t.Errorf("who left: left %v, successor %q", p.Left, p.Successor)
	}
	if got := s.person(gone).BadEmails; !slices.Equal(got, []string{"jiro@stale.example"}) {
		t.Errorf("bad addresses are %q", got)
	}
	if got := s.person(refusing).DoNotContact; got == "" {
		t.Errorf("who refused may still be approached")
	}
	var standing struct{ Freshness int }
	s.soon("the data of who left counts as old", func() bool {
		s.c.get("/people/"+left+"/standing", &standing)
		return standing.Freshness < 50
	})
}

// seed001Saved counts what was recorded by itself in a month of the past, and what was typed: three mails and two changes of status
// against the result of one call.
func seed001Saved(t *testing.T, s *seed) {
	id := s.add(object{"kind": "lead", "name": "入力 太郎", "company": "入力商事", "emails": []string{"taro@nyuryoku.example"}, "owner": sato})
	at := func(day int) time.Time { return time.Date(2023, 7, day, 10, 0, 0, 0, jst()) }
	s.file(sato, seedMail{from: sato, to: "taro@nyuryoku.example", subject: "ご挨拶", text: "はじめまして。", at: at(3)}) // new → working
	s.file(sato, seedMail{from: "taro@nyuryoku.example", to: sato, subject: "Re: ご挨拶", text: "ありがとうございます。", at: at(4)})
	s.file(sato, seedMail{from: sato, to: "taro@nyuryoku.example", subject: "資料", text: "お送りします。", at: at(5)})
	s.read()
	s.c.post("/calls", object{"person": id, "result": "lost", "text": "予算が取れない", "at": at(6).UTC()}, nil) // working → nurturing
	s.counts(t, "manual_entries_saved", "from=2023-07-01&to=2023-07-31", map[string]float64{"2023-07 saved": 5, "2023-07 typed": 1, "2023-07 share": 5.0 / 6.0})
}
