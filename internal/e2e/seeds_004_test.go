package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSeed004 is the text about how an inside sales team sets up its CRM: statuses of leads, results of calls, mail that all
// can see, and the dashboard.
func TestSeed004(t *testing.T) {
	t.Parallel()
	s := newSeed(t, "", sato, suzuki)
	var lists struct{ Statuses, Reasons, Results []seedCode }
	s.c.get("/lifecycle", &lists)

	s.part(t, "004_88eb0b36da6bc938.txt リードステータス", func(t *testing.T) {
		want := []string{"新規", "アプローチ中", "日程調整中", "商談獲得", "未接触", "ナーチャリング(次アクションなし)", "ナーチャリング(次アクションあり)", "対象外"}
		if diff := cmp.Diff(want, words(lists.Statuses)); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
		id := s.add(object{"kind": "lead", "name": "状況 一郎", "company": "状況商事", "owner": katoRep})
		s.becomes(id, "new")
		for _, status := range lists.Statuses[1:] {
			entry := object{"status": status.Name}
			if status.Reason { // ※「ナーチャリング理由」も同時に選択
				s.refused(t, "/people/"+id+"/status", entry, "reason")
				entry["reason"] = "timing"
			}
			if status.Next { // ネクストアクションあり
				s.refused(t, "/people/"+id+"/status", entry, "next")
				entry["next"] = object{"when": seedDay(30), "what": "来期の予算を伺う"}
			}
			s.c.post("/people/"+id+"/status", entry, nil)
			if got := s.person(id).Status; got != status.Name {
				t.Errorf("the status is %q, want %q", got, status.Name)
			}
		}
		history := s.must("history", id)
		for _, status := range lists.Statuses {
			if !strings.Contains(history, status.Name) {
				t.Errorf("the history does not have %s:\n%s", status.Name, history)
			}
		}
		s.refused(t, "/people/"+id+"/status", object{"status": "検討中"}, "working")
	})

	s.part(t, "004_88eb0b36da6bc938.txt ナーチャリング理由", func(t *testing.T) {
		if diff := cmp.Diff([]string{"時期ずれ", "コストネック", "競合導入", "情報収集"}, words(lists.Reasons)); diff != "" {
			t.Errorf("reasons (-want +got):\n%s", diff)
		}
		id := s.add(object{"kind": "lead", "name": "理由 花子", "company": "理由商事", "owner": katoRep})
		for _, reason := range lists.Reasons {
			s.must("status", id, "nurturing", "--reason", reason.Name)
			if p := s.person(id); p.Status != "nurturing" || p.Reason != reason.Name {
				t.Errorf("status %s for reason %q, want nurturing for %s", p.Status, p.Reason, reason.Name)
			}
		}
	})

	s.part(t, "004_88eb0b36da6bc938.txt 残すべき項目", func(t *testing.T) { seed004Calls(t, s, lists.Results) })
	s.part(t, "004_88eb0b36da6bc938.txt メールの残し方", func(t *testing.T) { seed004Mails(t, s) })
	s.part(t, "004_88eb0b36da6bc938.txt ダッシュボード基本項目", func(t *testing.T) { seed004Dashboard(t, s) })
}

// seed004Calls logs calls with each result: 未接続 and 再架電必要 only with when, to whom and what.
func seed004Calls(t *testing.T, s *seed, results []seedCode) {
	if diff := cmp.Diff([]string{"未接続", "再架電必要", "アポ獲得", "失注", "対象外"}, words(results)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	leads := map[string]string{}
	for _, result := range results {
		id := s.add(object{"kind": "lead", "name": "架電 " + result.Ja, "company": result.Ja + "商事", "owner": katoRep})
		leads[result.Name] = id
		call := object{"person": id, "result": result.Name, "text": result.Ja + "でした"}
		if asks := slices.Contains([]string{"未接続", "再架電必要"}, result.Ja); asks != result.Next {
			t.Errorf("%s asks for a next action: %v", result.Ja, result.Next)
		} else if asks {
			s.refused(t, "/calls", call, "next.when", "next.what")
			s.refused(t, "/calls", object{"person": id, "result": result.Name, "next": object{"when": seedDay(1)}}, "next.what")
			if r := s.run("call", id, "--result", result.Name); r.code == 0 {
				t.Errorf("the command line takes %s without a next action: %s", result.Ja, r.stdout)
			}
			call["next"] = object{"when": seedDay(3), "whom": "受付の方", "what": "折り返しのお願い"}
		}
		s.c.post("/calls", call, nil)
		if len(s.timelineOf(id)) != 1 {
			t.Errorf("%s: calls that were refused are stored", result.Ja)
		}
	}
	type task struct{ Kind, Owner, Due, Whom, What, Origin string }
	want := []task{{"call", katoRep, seedDay(3), "受付の方", "折り返しのお願い", "call"}}
	for _, result := range []string{"no_answer", "call_again"} {
		s.soon("the next action of "+result+" is a task", func() bool { return len(items[task](s.c, "/tasks?open=true&person="+leads[result])) > 0 })
		if diff := cmp.Diff(want, items[task](s.c, "/tasks?open=true&person="+leads[result])); diff != "" {
			t.Errorf("task of %s (-want +got):\n%s", result, diff)
		}
	}
	for result, status := range map[string]string{"no_answer": "working", "call_again": "working", "meeting_won": "meeting_won", "lost": "nurturing", "disqualified": "disqualified"} {
		s.becomes(leads[result], status)
	}
}

// seed004Mails has a lead refuse in one rep's mailbox, and the lead's own rep look before the next call.
func seed004Mails(t *testing.T, s *seed) {
	refusing := s.add(object{"kind": "lead", "name": "拒否 太郎", "company": "拒否商事", "emails": []string{"taro@kyohi.example"}, "owner": sato})
	willing := s.add(object{"kind": "lead", "name": "検討 次郎", "company": "検討工業", "emails": []string{"jiro@kento.example"}, "owner": sato})
	s.file(suzuki, seedMail{from: suzuki, to: "taro@kyohi.example", subject: "ご提案の件", text: "クラウド会計をご提案します。", at: ago(60)})
	s.file(suzuki, seedMail{from: "taro@kyohi.example", to: suzuki, subject: "Re: ご提案の件", text: "他社に決めました。今後のご連絡は不要です。", at: ago(59)})
	s.file(suzuki, seedMail{from: suzuki, to: "jiro@kento.example", subject: "資料の送付", text: "資料をお送りします。", at: ago(20)})
	s.file(suzuki, seedMail{from: "jiro@kento.example", to: suzuki, subject: "Re: 資料の送付", text: "社内で検討しております。来月の役員会で決める予定です。", at: ago(18)})
	s.read()

	s.soon("all mail of both is logged", func() bool { return len(s.timelineOf(refusing)) == 2 && len(s.timelineOf(willing)) == 2 })
	list := s.timelineOf(refusing)
	if diff := cmp.Diff([]string{"email Re: ご提案の件", "email ご提案の件"}, seedTimeline(list)); diff != "" {
		t.Errorf("what sato sees of 拒否 太郎 (-want +got):\n%s", diff)
	}
	refusal := list[0]
	if !strings.Contains(refusal.Text, "今後のご連絡は不要です") || !slices.Equal(refusal.Owners, []string{suzuki}) {
		t.Errorf("the refusal: text %q of %v, want suzuki's with the words", refusal.Text, refusal.Owners)
	}
	if len(refusal.Signals) == 0 || refusal.Signals[0].Kind != "refusal" || !strings.Contains(refusal.Signals[0].Evidence, "不要") {
		t.Errorf("the refusal tells %+v, want a refusal with its words", refusal.Signals)
	}
	s.becomes(refusing, "disqualified")
	type proposal struct{ Kind, Person, Owner, Activity string }
	if diff := cmp.Diff([]proposal{{"do_not_contact", refusing, sato, refusal.ID}}, items[proposal](s.c, "/proposals?state=open&subject="+refusing)); diff != "" {
		t.Errorf("what sato is asked (-want +got):\n%s", diff)
	}
	if got := s.timelineOf(willing)[0].Text; !strings.Contains(got, "来月の役員会") {
		t.Errorf("the answer about the decision reads %q", got)
	}
}

// seed004Dashboard enters two months of 2024 and counts by hand. July the 1st was a Monday.
func seed004Dashboard(t *testing.T, s *seed) {
	lead := func(name, owner, channel string) string {
		return s.add(object{"kind": "lead", "name": "盤 " + name, "company": "盤面" + name, "owner": owner, "emails": []string{name + "@dash.example"}, "given": object{"channel": channel}})
	}
	a, b, e := lead("a", sato, "展示会"), lead("b", sato, "Web"), lead("e", sato, "紹介")
	c, d := lead("c", suzuki, "Web"), lead("d", suzuki, "展示会")
	f := lead("f", sato, "広告")
	for _, call := range []struct{ person, at, result string }{
		{a, "2024-07-01T10:00:00+09:00", "no_answer"},
		{a, "2024-07-02T10:00:00+09:00", "call_again"},
		{a, "2024-07-03T10:00:00+09:00", "meeting_won"},
		{b, "2024-07-03T11:00:00+09:00", "no_answer"},
		{b, "2024-07-08T11:00:00+09:00", "meeting_won"},
		{c, "2024-07-09T11:00:00+09:00", "no_answer"},
		{c, "2024-07-09T15:00:00+09:00", "lost"},
		{f, "2024-07-31T23:30:00+09:00", "no_answer"},
		{f, "2024-08-01T00:30:00+09:00", "call_again"}, // July by UTC, August in Tokyo
		{d, "2024-08-01T14:00:00+09:00", "meeting_won"},
		{e, "2024-08-05T14:00:00+09:00", "disqualified"},
		{c, "2024-08-05T15:00:00+09:00", "meeting_won"},
	} {
		entry := object{"person": call.person, "result": call.result, "at": call.at}
		if call.result == "no_answer" || call.result == "call_again" {
			entry["next"] = object{"when": "2024-08-31", "what": "再架電"}
		}
		s.c.post("/calls", entry, nil)
	}
	at := func(text string) time.Time { when, _ := time.Parse(time.RFC3339, text); return when }
	s.file(sato, seedMail{from: sato, to: "a@dash.example", subject: "ご挨拶", text: "はじめまして。", at: at("2024-07-01T09:00:00+09:00")})
	s.file(sato, seedMail{from: "a@dash.example", to: sato, subject: "Re: ご挨拶", text: "資料を拝見しました。", at: at("2024-07-02T09:00:00+09:00")})
	both := seedMail{from: sato, to: "b@dash.example", header: "Cc: " + suzuki + "\r\n", subject: "お礼", text: "ありがとうございました。", at: at("2024-07-09T09:00:00+09:00"), id: "both@mail.example"}
	s.file(sato, both)
	s.file(suzuki, both) // two mailboxes, one mail
	s.file(suzuki, seedMail{from: suzuki, to: "c@dash.example", subject: "議事録", text: "お送りします。", at: at("2024-08-06T09:00:00+09:00")})
	s.read()
	const months = "from=2024-07-01&to=2024-08-31"

	s.part(t, "月次アポ獲得数", func(t *testing.T) {
		s.counts(t, "meetings_won", months, map[string]float64{"2024-07 meetings_won": 2, "2024-08 meetings_won": 2})
	})
	s.part(t, "月次リードソース別アポ獲得数", func(t *testing.T) {
		s.counts(t, "meetings_won_by_source", months, map[string]float64{
			"2024-07 展示会 meetings_won": 1, "2024-07 Web meetings_won": 1, "2024-08 展示会 meetings_won": 1, "2024-08 Web meetings_won": 1})
	})
	s.part(t, "月間アクティビティ数 ※架電メールの合計", func(t *testing.T) {
		s.counts(t, "activities", months, map[string]float64{
			"2024-07 total": 11, "2024-07 calls": 8, "2024-07 mails_sent": 2, "2024-07 mails_received": 1,
			"2024-08 total": 5, "2024-08 calls": 4, "2024-08 mails_sent": 1})
	})
	s.part(t, "月次/週次/日次それぞれの架電結果", func(t *testing.T) {
		s.counts(t, "call_results", months, map[string]float64{
			"2024-07 total": 8, "2024-07 result:no_answer": 4, "2024-07 result:call_again": 1, "2024-07 result:meeting_won": 2, "2024-07 result:lost": 1,
			"2024-08 total": 4, "2024-08 result:call_again": 1, "2024-08 result:meeting_won": 2, "2024-08 result:disqualified": 1})
		s.counts(t, "call_results", months+"&grain=week", map[string]float64{
			"2024-07-01 total": 4, "2024-07-01 result:no_answer": 2, "2024-07-01 result:call_again": 1, "2024-07-01 result:meeting_won": 1,
			"2024-07-08 total": 3, "2024-07-08 result:no_answer": 1, "2024-07-08 result:meeting_won": 1, "2024-07-08 result:lost": 1,
			"2024-07-29 total": 3, "2024-07-29 result:no_answer": 1, "2024-07-29 result:call_again": 1, "2024-07-29 result:meeting_won": 1,
			"2024-08-05 total": 2, "2024-08-05 result:meeting_won": 1, "2024-08-05 result:disqualified": 1})
		s.counts(t, "call_results", "from=2024-07-03&to=2024-08-01&grain=day", map[string]float64{
			"2024-07-03 total": 2, "2024-07-03 result:no_answer": 1, "2024-07-03 result:meeting_won": 1,
			"2024-07-08 total": 1, "2024-07-08 result:meeting_won": 1,
			"2024-07-09 total": 2, "2024-07-09 result:no_answer": 1, "2024-07-09 result:lost": 1,
			"2024-07-31 total": 1, "2024-07-31 result:no_answer": 1,
			"2024-08-01 total": 2, "2024-08-01 result:call_again": 1, "2024-08-01 result:meeting_won": 1})
		for _, column := range s.report("call_results", months).Columns[1:] {
			if !column.Stack {
				t.Errorf("%s is not stacked", column.ID)
			}
		}
	})
	s.part(t, "月次/週次/日次の発生リード数", func(t *testing.T) {
		made := s.person(a).Created.In(jst())
		monday := made.AddDate(0, 0, -(int(made.Weekday())+6)%7)
		for grain, period := range map[string]string{"day": made.Format(time.DateOnly), "week": monday.Format(time.DateOnly), "month": made.Format("2006-01")} {
			query := fmt.Sprintf("grain=%s&from=%s&to=%[2]s&owner=%s", grain, made.Format(time.DateOnly), suzuki)
			s.counts(t, "leads", query, map[string]float64{period + " leads": 2})
		}
	})
	s.part(t, "コストネック 競合利用 個人興味での情報収集", func(t *testing.T) {
		for _, n := range []struct{ person, reason string }{{b, "cost"}, {e, "cost"}, {f, "competitor"}, {d, "research"}} {
			s.c.post("/people/"+n.person+"/status", object{"status": "nurturing", "reason": n.reason}, nil)
		}
		month := time.Now().In(jst()).Format("2006-01")
		s.counts(t, "nurturing_reasons", "range="+month+"&owner="+sato, map[string]float64{month + " total": 3, month + " reason:cost": 2, month + " reason:competitor": 1})
		s.counts(t, "nurturing_reasons", "range="+month+"&owner="+suzuki, map[string]float64{month + " total": 1, month + " reason:research": 1})
		s.counts(t, "nurturing_reasons", months, map[string]float64{"2024-07 total": 1, "2024-07 reason:timing": 1})
	})
}
