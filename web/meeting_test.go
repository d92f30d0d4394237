package web

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestMeetingOnATimeline(t *testing.T) {
	f, _ := withMeetings(t, (*fixture).sampleMeetings)
	_, page := f.signedIn(t, "sato@example.co.jp").get(t, "/people/"+f.tanaka.ID)
	wantIn(t, page, "これからの予定", "価格のご相談", "日程変更:", "繰り返し", "参加2 · 仮1", "https://meet.google.com/abc-defg-hij", `rel="noopener noreferrer"`,
		"当社主催 · 会議", "取消", "終日", "Europe/Berlin", "1時間", "ほか1件の予定", "非公開の予定", "Re: お見積りの件")
	wantOut(t, page, "secret", "room-a@example.co.jp")
	at := -1
	for _, subject := range []string{"価格のご相談", "Quarterly review", "展示会 TECH 2026", "フォローアップ", "Re: お見積りの件", "製品デモ", "非公開の予定", "お見積りの件</bdi>", "キックオフ"} {
		next := strings.Index(page[at+1:], subject)
		if next < 0 {
			t.Fatalf("%s does not follow what comes before it", subject)
		}
		at += 1 + next
	}
	if !regexp.MustCompile(`<article class="act out meeting cancelled"[^>]*>(?s:.{1,400})キックオフ`).MatchString(page) {
		t.Error("the cancelled meeting is not struck")
	}
	_, page = f.signedIn(t, "sato@example.co.jp").get(t, "/?lang=en")
	wantIn(t, page, "Upcoming", "What became of “<bdi>製品デモ</bdi>”?", "Private event")
}

func TestMeetingOnItsPage(t *testing.T) {
	f, store := withMeetings(t, (*fixture).sampleMeetings)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/activities/"+store.held[1].ID)
	wantIn(t, page, "参加者", "主催", "任意", "会議室・設備", "会議室A(10名)", "グループ", "法務部", "変更の履歴", "先方 受付", "価格の件(仮)",
		"通も、この会議の一部です", "取得元 <bdi>sato-calendar</bdi>", "記録された理由")
	wantOut(t, page, "/outcome") // it is yet to come
	store.held[1].Observed = append(store.held[1].Observed, crm.Observation{Source: "sato-mail", Folder: "受信トレイ", Mail: true}, crm.Observation{Source: "other", Withdrawn: true})
	_, page = b.get(t, "/activities/"+store.held[1].ID)
	wantIn(t, page, "招待などのメールが、取得元 <bdi>sato-mail</bdi> のフォルダー <bdi>受信トレイ</bdi> にありました。", "取得元 <bdi>other</bdi> にありましたが、いまは消えています。")
	wantOut(t, page, string(store.held[1].Messages[0]))
	_, page = b.get(t, "/activities/"+store.held[3].ID)
	wantIn(t, page, "<h1><bdi>非公開の予定</bdi></h1>", "先方主催")
	wantOut(t, page, "secret", "meet.google.com", "会議室A</bdi>")
}

// TestHostileMeeting looks for every text of a meeting that would leave its place on a page.
func TestHostileMeeting(t *testing.T) {
	hostile := []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)//https://x", "http://meet.example/plain", "data:text/html,<script>alert(7)</script>",
		"https://user:pw@evil.example/", "https://evil.example/\"onmouseover=alert(8)", "//evil.example", "https://", " https://ok.example/a b<svg onload=alert(9)>"}
	f, store := withMeetings(t, func(f *fixture) []crm.Activity {
		var list []crm.Activity
		for i, address := range hostile {
			a := f.meeting("x"+string(rune('a'+i)), nastySubject, f.now.Add(-time.Duration(i+1)*time.Hour))
			a.Meeting.Conference, a.Meeting.Location, a.Meeting.Zone = address, address, `"><script>alert(10)</script>`
			a.People[1].Name, a.People[2].Name, a.People[3].Name, a.People[4].Name = nastyName, nastyName, nastyName, nastyName
			a.People[0].Address = `"><script>alert(11)</script>`
			a.Outcome = &crm.Outcome{Result: `"><b>`, Note: nastySubject, By: nastyName, At: f.now, Next: crm.NextAction{When: nastySubject, Whom: nastySubject, What: nastySubject}}
			a.Letters = []crm.Letter{{Message: "1", At: f.now, From: nastyName, Subject: nastySubject, Text: nastySubject}, {Message: "2", At: f.now, From: a.People[0].Address, Subject: nastyName, Text: nastyName}}
			a.Revisions = []crm.Revision{{At: f.now, Start: f.now, End: f.now, Subject: nastySubject + "2", Location: nastySubject, Status: nastySubject}}
			list = append(list, a)
		}
		return list
	})
	b := f.signedIn(t, "sato@example.co.jp")
	paths := []string{"/", "/people/" + f.tanaka.ID, "/accounts/" + f.client.ID}
	for _, a := range store.held {
		paths = append(paths, "/activities/"+a.ID)
	}
	links := regexp.MustCompile(`(?i)(?:href|src|action)\s*=\s*"([^"]*)"`)
	for _, path := range paths {
		code, page := b.get(t, path)
		if code != http.StatusOK {
			t.Fatalf("%s: %d", path, code)
		}
		wantOut(t, page, "<script>alert", "<img src=x", "<svg onload", "<b onmouseover", `" onmouseover`, "ZgotmplZ")
		for _, m := range links.FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(m[1], "/") && !strings.HasPrefix(m[1], "#") || strings.HasPrefix(m[1], "//") {
				t.Errorf("%s leads to %q", path, m[1])
			}
		}
	}
}

// TestLettersOfAMeeting holds that what the mails about a meeting say is shown: the newest on a timeline, all on its page,
// nothing of it where only the times may be known.
func TestLettersOfAMeeting(t *testing.T) {
	f, store := withMeetings(t, func(f *fixture) []crm.Activity {
		told := f.meeting("told", "製品デモ", f.now.Add(-3*time.Hour))
		for i, text := range []string{"第一信です。", "第二信です。", "第三信です。\n" + strings.Repeat("とても長い本文。", 60) + "終わり"} {
			told.Letters = append(told.Letters, crm.Letter{Message: crm.Key(strings.Repeat(string(rune('1'+i)), 32)), At: f.now.Add(time.Duration(i-9) * time.Hour),
				From: "tanaka@client.co.jp", Subject: "Re: 製品デモ " + string(rune('1'+i)), Text: text})
		}
		told.Letters[1].From = "stranger@other.example"
		private := told
		private.ID, private.Key = "private", "private"
		private.Meeting = &crm.Meeting{UID: "private", TimesOnly: true}
		return []crm.Activity{told, private}
	})
	b := f.signedIn(t, "sato@example.co.jp")
	id := store.held[0].ID
	_, page := b.get(t, "/people/"+f.tanaka.ID)
	wantIn(t, page, "第三信です。", "第二信です。", "Re: 製品デモ 3", "stranger@other.example", `<a href="/activities/`+id+`">ほか1通の本文</a>`)
	wantOut(t, page, "第一信です。", "終わり")
	if strings.Count(page, "第三信です。") != 1 || strings.Index(page, "第三信です。") > strings.Index(page, "第二信です。") {
		t.Error("the letters do not stand once, the newest first")
	}
	_, page = b.get(t, "/activities/"+id)
	wantIn(t, page, "この会議についてのメールの本文", "第一信です。", "第二信です。", "終わり", ">田中 太郎<")
	_, page = b.get(t, "/activities/private")
	wantOut(t, page, "信です。", "Re: 製品デモ")
}

func TestSpan(t *testing.T) {
	sps := testSpeakers(t)
	at := time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		lang       string
		start, end time.Time
		m          crm.Meeting
		want       string
		length     string
	}{
		"an hour":               {"ja", at, at.Add(time.Hour), crm.Meeting{Zone: "Asia/Tokyo"}, "2026年11月24日(火) 10:00–11:00 JST", "1時間"},
		"in English":            {"en", at, at.Add(90 * time.Minute), crm.Meeting{}, "24 Nov 2026 10:00–11:30 JST", "1 hour 30 minutes"},
		"past midnight":         {"en", at, at.Add(15 * time.Hour), crm.Meeting{}, "24 Nov 2026 10:00–25 Nov 2026 01:00 JST", "15 hours"},
		"no end":                {"en", at, time.Time{}, crm.Meeting{}, "24 Nov 2026 10:00 JST", ""},
		"a day":                 {"en", at.Add(-10 * time.Hour), at.Add(14 * time.Hour), crm.Meeting{AllDay: true, Zone: "Asia/Tokyo"}, "24 Nov 2026 all day", ""},
		"three days":            {"ja", at.Add(-10 * time.Hour), at.Add(62 * time.Hour), crm.Meeting{AllDay: true, Zone: "Asia/Tokyo"}, "2026年11月24日(火)–2026年11月26日(木) 終日", ""},
		"a day far away":        {"en", at.Add(7 * time.Hour), at.Add(31 * time.Hour), crm.Meeting{AllDay: true, Zone: "America/Los_Angeles"}, "24 Nov 2026 all day", ""},
		"a day without a zone":  {"en", at.Add(-time.Hour), at.Add(23 * time.Hour), crm.Meeting{AllDay: true, Zone: "../../etc/passwd"}, "24 Nov 2026 all day", ""},
		"a day that never ends": {"en", at.Add(-time.Hour), time.Time{}, crm.Meeting{AllDay: true}, "24 Nov 2026 all day", ""},
		"ten days":              {"en", at, at.Add(240 * time.Hour), crm.Meeting{}, "24 Nov 2026 10:00–4 Dec 2026 10:00 JST", "10 days"},
	} {
		t.Run(name, func(t *testing.T) {
			got := sps[tt.lang].span(&crm.Activity{Time: tt.start, End: tt.end, Meeting: &tt.m})
			if got.full() != tt.want || got.Length != tt.length {
				t.Errorf("got %q, %q", got.full(), got.Length)
			}
		})
	}
}

func TestGuestsAreCountedOnce(t *testing.T) {
	people := []crm.Participant{
		{Address: "a@x", Role: crm.RoleOrganizer}, {Address: "a@x", Role: crm.RoleAttendee, Response: crm.ResponseAccepted},
		{Address: "b@x", Role: crm.RoleAttendee, Response: "odd"}, {Address: "c@x", Role: crm.RoleAttendee, Response: crm.ResponseDeclined},
		{Address: "r@x", Role: crm.RoleAttendee, Type: crm.TypeRoom, Response: crm.ResponseAccepted}, {Address: "t@x", Role: crm.RoleThread}}
	sp := testSpeakers(t)["en"]
	if got := sp.responses(people); got != "1 accepted · 1 declined · 1 no answer" {
		t.Errorf("got %q", got)
	}
	if g := guests(people); len(g) != 3 || g[0].Role != crm.RoleOrganizer || g[0].Response != crm.ResponseAccepted {
		t.Errorf("guests %+v", g)
	}
}

func TestOutcomeIsSaid(t *testing.T) {
	f, store := withMeetings(t, (*fixture).sampleMeetings)
	held := "/activities/" + store.held[0].ID
	b := f.signedIn(t, "sato@example.co.jp")
	code, page := b.post(t, held+"/outcome", "result", "held", "next_when", "2026-12-01", "next_whom", " 田中様 ", "next_what", "見積書を送る", "note", "好感触", "return", "home")
	if code != http.StatusOK || strings.Contains(page, "はどうなりましたか") && strings.Contains(page, "「<bdi>製品デモ") {
		t.Errorf("the question is still asked: %d", code)
	}
	wantIn(t, page, "会議の結果を保存しました。")
	want := crm.Outcome{Result: "held", Note: "好感触", By: "sato@example.co.jp", At: store.held[0].Outcome.At, Next: crm.NextAction{When: "2026-12-01", Whom: "田中様", What: "見積書を送る"}}
	if diff := cmp.Diff(want, *store.held[0].Outcome); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, page = b.post(t, held+"/outcome", "result", "no_show")
	wantIn(t, page, "相手が来なかった", "結果を変更")
	if _, page = b.get(t, "/people/"+f.tanaka.ID); !strings.Contains(page, `class="verdict no_show"`) {
		t.Error("the timeline does not say it")
	}
	for name, tt := range map[string]struct {
		who, path string
		fields    []string
		want      int
	}{
		"an admin may":          {"suzuki@example.co.jp", held, []string{"result", "rescheduled"}, 200},
		"IT may":                {"it@example.co.jp", held, []string{"result", "held"}, 200},
		"made up":               {"it@example.co.jp", held, []string{"result", "great"}, 422},
		"no day":                {"it@example.co.jp", held, []string{"result", "held", "next_when", "tomorrow"}, 422},
		"too long":              {"it@example.co.jp", held, []string{"result", "held", "note", strings.Repeat("長", 2001)}, 422},
		"hidden":                {"it@example.co.jp", held, []string{"result", "held", "next_what", "a\u202eb"}, 422},
		"not over yet":          {"it@example.co.jp", "/activities/" + store.held[1].ID, []string{"result", "held"}, 422},
		"no such meeting":       {"it@example.co.jp", "/activities/0123", []string{"result", "held"}, 404},
		"a mail has no outcome": {"it@example.co.jp", "/activities/" + f.sampleMail()[0].Activity.ID, []string{"result", "held"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			if code, _ := f.signedIn(t, tt.who).post(t, tt.path+"/outcome", tt.fields...); code != tt.want {
				t.Errorf("got %d", code)
			}
		})
	}
	t.Run("somebody else's meeting", func(t *testing.T) {
		store.held[0].Owners = []string{"other@example.co.jp"}
		if code, _ := b.post(t, held+"/outcome", "result", "held"); code != http.StatusForbidden {
			t.Errorf("got %d", code)
		}
		if _, page := b.get(t, held); strings.Contains(page, "/outcome") {
			t.Error("the form is shown")
		}
	})
	t.Run("API", func(t *testing.T) {
		_, raw := f.call(t, f.token(t, crm.RoleAdmin), http.MethodPost, apiPrefix+held+"/outcome", `{"result":"held","next":{"what":"call"}}`)
		var a crm.ExportedActivity
		must(t, json.Unmarshal(raw, &a))
		if o := store.held[0].Outcome; o.Result != "held" || !strings.HasPrefix(o.By, "token:") || o.Next.What != "call" || a.ID != store.held[0].ID {
			t.Errorf("outcome %+v, answer %s", o, raw)
		}
		if code, body := f.api(t, f.token(t, crm.RoleAdmin), http.MethodPost, apiPrefix+held+"/outcome", `{"result":"held","next":{"when":"soon"}}`); code != http.StatusUnprocessableEntity {
			t.Errorf("a made-up day got %d %s", code, body)
		}
	})
}

// TestMeetingThroughTheStore logs meetings in the embedded store and answers what it asks.
func TestMeetingThroughTheStore(t *testing.T) {
	f := newFixture(t)
	var writes []crm.Write
	for _, a := range f.sampleMeetings() {
		a.Observed = []crm.Observation{{Source: "sato-mail", ExternalID: "primary/" + a.Meeting.UID + ";", Owner: "sato@example.co.jp", Folder: "佐藤 花子"}}
		a.Messages = nil
		writes = append(writes, crm.Write{Activity: &a, Entry: crm.Entry{Source: "sato-mail", ExternalID: a.Observed[0].ExternalID, Key: a.Key, SeenAt: f.now,
			ItemTime: a.Time, Verdict: crm.Logged, Reason: crm.ReasonMatched, Activity: a.ID}})
	}
	f.commit(t, writes...)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/")
	wantIn(t, page, "「<bdi>製品デモ</bdi>」はどうなりましたか", "これからの予定", "価格のご相談")
	wantOut(t, page, "「<bdi>キックオフ")
	held := "/activities/" + writes[0].Activity.ID
	if _, page = b.post(t, held+"/outcome", "result", "held", "next_what", "見積書を送る", "return", "home"); strings.Contains(page, "「<bdi>製品デモ") {
		t.Error("the question is still asked")
	}
	_, page = b.get(t, held)
	wantIn(t, page, `class="verdict held"`, "見積書を送る", "結果を変更", "参加者", "台帳の行")
	_, page = b.get(t, "/people/"+f.tanaka.ID)
	wantIn(t, page, "展示会 TECH 2026", "終日", "非公開の予定", "Re: お見積りの件", `class="verdict held"`)
	wantOut(t, page, "secret")
	_, raw := f.api(t, f.token(t, crm.RoleRep), http.MethodGet, apiPrefix+held, "")
	wantIn(t, raw, `"outcome":{"result":"held"`, `"meeting":{"uid":"held"`)
}
