package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// sampleIT is what the pages of IT show: a proof with items missing, back-ups, one under way, and a machine with quotas.
func sampleIT(now time.Time) IT {
	var sizes []DaySize
	for i := range 30 {
		sizes = append(sizes, DaySize{now.AddDate(0, 0, i-29).Format(time.DateOnly), int64(i+20) << 26})
	}
	return IT{
		Proofs: &fakeProofs{kept: map[string]crm.ProofRecord{"sato-mail": {Source: "sato-mail", At: now, Supported: true, OnServer: 1234, InLedger: 1231, Missing: 3}}},
		Backups: &fakeBackups{state: BackupState{Dir: "/var/lib/tsunagu/backups", Schedule: "03:30", Next: now.Add(9 * time.Hour), Keep: 14, Last: now.Add(-15 * time.Hour),
			Test: &crm.BackupTest{Name: backupName, At: now.Add(-time.Hour), By: "it@example.co.jp", People: 4, Sources: 2}}},
		Machine: func(context.Context) Machine {
			return Machine{Started: now.Add(-50 * time.Hour), Memory: 150 << 20, DiskFree: 40 << 30, KeyFile: "/var/lib/tsunagu/tsunagu.key", Sizes: sizes,
				Quotas: []Quota{{Name: "gmail/user/sato@example.co.jp", Units: 15000, Left: 14200}, {Name: "googlecalendar/user/sato@example.co.jp", Units: 600, Left: 0, Paused: true}}}
		},
		SetUp: &fakeSetUp{state: SetUpState{Settings: crm.Settings{Name: "株式会社サンプル", Domains: []string{"example.co.jp"}, Timezone: "Asia/Tokyo"}}},
	}
}

// richFixture is the sample web app with at least one record of each kind that has a page.
func richFixture(t *testing.T) *fixture {
	t.Helper()
	now, q, m := time.Now(), newQueue(), &realMapping{}
	rules, problems := life.New(life.Document{Segments: []life.Segment{{Name: life.Name{Name: "fair", Label: life.Label{Ja: "展示会の見込み客", En: "Leads of the fair"}}, If: `person.kind == "lead"`, After: "60d"}}}, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	f, _ := withMeetings(t, (*fixture).sampleMeetings, withCustom, withSealer, func(c *Config) {
		c.IT, c.Mapping, m.dir = sampleIT(now), m, c.Store
		c.Mailboxes = &fakeMailboxes{choices: map[string]SourceChoice{"sato-mail": {Own: true, Password: true, Folders: true, Labels: true, Username: "sato", Read: []string{"INBOX"}}}}
		c.SignIns = &fakeSignIns{connections: []Connection{{Provider: "google", Account: "sato@example.co.jp", Owner: "sato@example.co.jp",
			Services: []string{"mail"}, Missing: []string{"calendar"}, State: ConnectionPartial, Since: now}}}
		c.Forms = formList{{ID: "contact", Name: "お問い合わせ", ReturnURLs: []string{"https://www.example.co.jp/thanks"},
			Inputs: []FormInput{{Name: "last_name", Label: crm.Label{JA: "姓", EN: "Family name"}, Required: true}, {Name: "email", Label: crm.Label{JA: "メールアドレス", EN: "E-mail"}, Type: "email", Required: true},
				{Name: "topic", Label: crm.Label{JA: "用件", EN: "Topic"}, Type: "select", Options: []string{"見積", "その他"}}, {Name: "agreed", Label: crm.Label{JA: "同意します", EN: "I agree"}, Type: "checkbox", Options: []string{"OK"}}}},
			{ID: "signed", Name: "会員サイト", HMACSecret: "x"}}
		c.Intake, c.FormKey = q, []byte(strings.Repeat("k", 32))
		c.Life = func() *life.Rules { return rules }
		c.Own = func(a string) bool { return strings.HasSuffix(a, "@example.co.jp") }
	})
	for i := range 3 {
		_, _, err := q.AddSubmission(t.Context(), crm.Submission{ID: fmt.Sprintf("%032x", 0xf0+i), Form: "contact", At: f.now.Add(-time.Duration(i) * time.Hour), State: crm.SubmissionQuarantined, Reason: suspectLinks, Version: 1,
			Fields: []crm.FormField{field("last_name", "中村"), field("email", "nakamura@spam.example"), field("description", strings.Repeat("https://spam.example/ とても安い\n", 6))},
			Touch:  crm.Touch{Landing: "https://www.example.co.jp/lp?utm_source=google", Source: "google"}})
		must(t, err)
	}
	for i, document := range []string{startMapping, startMapping + "match:\n  domain: true\n"} {
		_, err := m.Save(t.Context(), []string{"it@example.co.jp", "suzuki@example.co.jp"}[i], document, "社内弁護士を除外")
		must(t, err)
	}
	f.sampleDeals(t)
	f.sampleNumbers(t)
	ctx := t.Context()
	_, err := f.store.SaveContract(ctx, dashSato, crm.Contract{ID: crm.DerivedID("contract", "1"), Name: "保守契約 2026", Account: f.client.ID, Contacts: []string{f.tanaka.ID}, Owner: dashSato, Start: f.day(-300), End: f.day(65), Notice: 60, Amount: 480000})
	must(t, err)
	must(t, f.store.ChangeOwnRules(ctx, dashSato, dashSato, []crm.OwnRule{{Kind: crm.OwnAddress, Text: "family@home.example"}, {Kind: crm.OwnDomain, Text: "hospital.example"}}, nil, f.now))
	_, err = f.store.MarkPrivate(ctx, dashSato, dashSato, satosMail(t, f).ID, "健康診断の件", f.now)
	must(t, err)
	for _, task := range []crm.Task{{ID: "late", Kind: crm.TaskCall, Person: f.tanaka.ID, Due: f.day(-3), What: "納期を伝える"}, {ID: "now", Kind: crm.TaskTodo, Due: f.day(0), What: "見積りを直す"}, {ID: "soon", Kind: crm.TaskMail, Due: f.day(5), What: "カタログを送る"}} {
		task.Created, task.Origin, task.Owner = f.now, "person", dashSato
		must(t, f.store.SaveTask(ctx, "cli", task))
	}
	return f
}

func (f *fixture) day(n int) string { return f.now.In(f.zone).AddDate(0, 0, n).Format(time.DateOnly) }

// sampleNumbers gives every report something to show.
func (f *fixture) sampleNumbers(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	must(t, f.store.SaveCampaign(ctx, "cli", crm.Campaign{ID: crm.DerivedID("campaign", "spring"), Code: "spring", Name: "春の展示会", Channel: "展示会", Created: f.now, Updated: f.now, Costs: []crm.Cost{{Day: f.day(0), Amount: 90000}}}))
	for i := range 12 {
		p := crm.Person{ID: crm.DerivedID("person", fmt.Sprint("number", i)), Kind: crm.Lead, Name: fmt.Sprintf("見込 %02d", i), Company: "見込み商事", Owner: dashSato, Emails: []string{fmt.Sprintf("n%d@numbers.example", i)}, Status: crm.StatusNew, Created: f.now, Updated: f.now}
		must(t, f.store.SavePeople(ctx, "cli", []crm.Person{p}))
		g, err := f.store.GetFollowing(ctx, p.ID)
		must(t, err)
		fact := func(m crm.Metric, detail string, value int64) crm.Fact {
			return crm.Fact{Metric: m, At: f.now, Owners: []string{dashSato}, Channel: []string{"展示会", "web"}[i%2], Campaign: []string{"Spring", ""}[i%2], Detail: detail, Value: value}
		}
		g.Standing.Segments = []string{"fair"}
		facts := []crm.Fact{fact(crm.MetricLeads, "", 1)}
		if i%3 == 0 {
			facts = append(facts, fact(crm.MetricStatus, "meeting_won", 1), fact(crm.MetricReached, "meeting_won", 1), fact(crm.MetricReasons, "timing", 1), fact(crm.MetricResponse, crm.BandHour, 60))
		}
		must(t, f.store.Follow(ctx, []crm.Followed{{ID: g.ID, Mark: g.Mark, Standing: g.Standing, Facts: facts}}))
	}
	must(t, f.store.LogActivity(ctx, dashSato, crm.Activity{Key: "pagescall", Kind: crm.KindCall, Direction: crm.DirectionOut, Subject: "架電", Text: "不在でした。", Owners: []string{dashSato},
		Time: f.now, Call: &crm.Call{Result: crm.CallNoAnswer}, People: []crm.Participant{{ID: f.tanaka.ID, Kind: crm.Contact, Name: "田中 太郎"}}}))
}

// placeAfter posts a form and gives where it leads.
func placeAfter(t *testing.T, b *browser, path, contentType string, body io.Reader) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+path, body)
	must(t, err)
	req.Header.Set("Content-Type", contentType)
	res, err := b.Do(req)
	must(t, err)
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s leads to %s: %d\n%s", path, res.Request.URL.Path, res.StatusCode, page)
	}
	return res.Request.URL.Path
}

// samplePreview tries a mapping on history, and gives the place of the result.
func samplePreview(t *testing.T, b *browser) string {
	t.Helper()
	return placeAfter(t, b, "/mapping/preview", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"document": {startMapping}, "base": {"2"}}.Encode()))
}

// sampleImport uploads a file, and gives the place of what was read of it.
func (f *fixture) sampleImport(t *testing.T, b *browser) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "名簿.csv")
	must(t, err)
	_, _ = io.WriteString(part, "会社名,氏名,メールアドレス,メモ\n南商店,高橋 みなみ,takahashi@other.example,x\n青葉フーズ,新井 光,arai@aoba.example,y\n青葉フーズ,新井 光,nothing,z\n")
	must(t, form.Close())
	path := placeAfter(t, b, "/imports", form.FormDataContentType(), &body)
	f.server.desk.group.Wait()
	return path
}

// linkOn is the first link of a page that fits.
func linkOn(t *testing.T, b *browser, page, pattern string) string {
	t.Helper()
	_, text := b.get(t, page)
	m := regexp.MustCompile(`href="(` + pattern + `)"`).FindStringSubmatch(text)
	if m == nil {
		t.Errorf("%s links to nothing like %s", page, pattern)
		return page
	}
	return m[1]
}

// emptySite is a web app that nobody has set up yet.
func emptySite(t *testing.T) string {
	t.Helper()
	server, err := New(Config{Store: openStore(t, time.UTC), Engine: &fakeEngine{}, SetupCode: "code-1234"})
	must(t, err)
	ts := httptest.NewServer(server.Handler())
	t.Cleanup(func() { server.Close(); ts.Close() })
	return ts.URL
}
