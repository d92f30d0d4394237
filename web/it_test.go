package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// fakeProofs answers what a test sets and notes what is asked.
type fakeProofs struct {
	kept  map[string]crm.ProofRecord
	run   *crm.ProofRun
	asked []string
}

func (p *fakeProofs) Proofs(context.Context) (map[string]crm.ProofRecord, error) { return p.kept, nil }

func (p *fakeProofs) Proving() (crm.ProofRun, bool) {
	if p.run == nil {
		return crm.ProofRun{}, false
	}
	return *p.run, true
}

func (p *fakeProofs) Ask(by string, sources []string, repair bool) error {
	if p.run != nil {
		return crm.ErrConflict
	}
	word := by + " " + strings.Join(sources, ",")
	if repair {
		word += " repair"
	}
	p.asked = append(p.asked, word)
	return nil
}

// fakeBackups keeps one back-up.
type fakeBackups struct {
	state BackupState
	done  []string
}

const backupName = "tsunagu-20261121T183000Z.db"

func (b *fakeBackups) List() ([]crm.Backup, error) {
	return []crm.Backup{{Name: backupName, At: time.Date(2026, 11, 21, 18, 30, 0, 0, time.UTC), Bytes: 3 << 30}}, nil
}
func (b *fakeBackups) State(context.Context) (BackupState, error) { return b.state, nil }
func (b *fakeBackups) Make(actor string) error                    { b.done = append(b.done, "make "+actor); return nil }
func (b *fakeBackups) Try(_, name string) error {
	if name != backupName {
		return crm.ErrNotFound
	}
	b.done = append(b.done, "try "+name)
	return nil
}
func (b *fakeBackups) Read(name string) (io.ReadCloser, int64, error) {
	if name != backupName {
		return nil, 0, crm.ErrNotFound
	}
	return io.NopCloser(strings.NewReader("the store")), 9, nil
}

func itFixture(t *testing.T, proofs *fakeProofs, backups *fakeBackups, m Machine) *fixture {
	t.Helper()
	return newFixture(t, func(c *Config) {
		c.IT = IT{Proofs: proofs, Backups: backups, Machine: func(context.Context) Machine { return m }}
	})
}

func TestHealth(t *testing.T) {
	now := time.Now()
	proofs := &fakeProofs{kept: map[string]crm.ProofRecord{"sato-mail": {Source: "sato-mail", At: now, Supported: true, OnServer: 1234, InLedger: 1231, Missing: 3}}}
	backups := &fakeBackups{state: BackupState{Last: now.Add(-72 * time.Hour)}}
	f := itFixture(t, proofs, backups, Machine{Started: now.Add(-3 * time.Hour), Memory: 80 << 20, DiskFree: 100 << 20, KeyFile: "/etc/tsunagu.key", KeyError: "no such file",
		Sizes: []DaySize{{Day: now.Add(-72 * time.Hour).Format(time.DateOnly), Bytes: 1}}})
	b := f.signedIn(t, "it@example.co.jp")
	code, page := b.get(t, "/health?lang=ja")
	if code != http.StatusOK {
		t.Fatalf("health: %d %s", code, page)
	}
	wantIn(t, page, "対応が必要です。", "サインインできません。", "AUTHENTICATIONFAILED", "3件が記録されていません", "1,234", "鍵ファイルが読めません", "ディスクの空きがほとんどありません", "最後のバックアップから3日", "今すぐ確認する", "1.2.3", "1時間に")
	_, page = b.get(t, "/health?lang=en")
	wantIn(t, page, "Something must be done.", "Signing in fails.", "3 are missing", "The last back-up is 3 days old.", "Check now", `data-live="/events?page=health`)
	admin := f.signedIn(t, "suzuki@example.co.jp")
	if _, page := admin.get(t, "/health"); strings.Contains(page, "今すぐ確認する") {
		t.Error("an admin is offered what only IT may do")
	}
	if code := itPost(t, admin, "/health/prove", url.Values{}); code != http.StatusForbidden {
		t.Errorf("an admin asks for a proof: %d", code)
	}
	if code, _ := f.signedIn(t, "sato@example.co.jp").get(t, "/health"); code != http.StatusForbidden {
		t.Errorf("a rep looks at health: %d", code)
	}
}

func TestProofIsAsked(t *testing.T) {
	proofs := &fakeProofs{}
	f := itFixture(t, proofs, &fakeBackups{}, Machine{})
	b := f.signedIn(t, "it@example.co.jp")
	itPost(t, b, "/health/prove", url.Values{"repair": {"1"}})
	itPost(t, b, "/health/prove", url.Values{"source": {"sato-mail"}})
	if code := itPost(t, b, "/health/prove", url.Values{"source": {"nobody"}}); code != http.StatusNotFound {
		t.Errorf("no such source: %d", code)
	}
	if want := []string{"it@example.co.jp  repair", "it@example.co.jp sato-mail"}; !slices.Equal(proofs.asked, want) {
		t.Errorf("asked %q", proofs.asked)
	}
	records, _, err := f.store.FindAudit(t.Context(), crm.AuditFilter{Action: "repair source"})
	if err != nil || len(records) != 1 || records[0].Actor != "it@example.co.jp" {
		t.Errorf("audit %+v, %v", records, err)
	}
	proofs.run = &crm.ProofRun{Source: "sato-mail", Done: 1, Total: 2, Checked: 4000}
	_, page := b.get(t, "/health?lang=en")
	wantIn(t, page, "2 of 2, 4,000 items", `value="50"`)
	if strings.Contains(page, "Check now") {
		t.Error("a second proof is offered")
	}
	if code := itPost(t, b, "/health/prove", url.Values{}); code != http.StatusConflict {
		t.Errorf("a second proof: %d", code)
	}
}

// TestSilentSource lets a mailbox that had mail every working hour fall silent.
func TestSilentSource(t *testing.T) {
	f := newFixture(t)
	day := time.Date(2026, 11, 17, 9, 12, 0, 0, f.zone)
	var hours []crm.SourceHour
	for h := day.AddDate(0, 0, -40).Truncate(time.Hour); !h.After(day); h = h.Add(time.Hour) {
		if wd := h.In(f.zone).Weekday(); wd != time.Saturday && wd != time.Sunday && h.In(f.zone).Hour() >= 8 && h.In(f.zone).Hour() < 20 {
			hours = append(hours, crm.SourceHour{Hour: h.UTC(), Seen: 2, Live: 2, Last: h.Add(12 * time.Minute).UTC()})
		}
	}
	now := day.Add(6 * time.Hour)
	k := &keptHours{hours: hours, whole: now}
	silence := f.server.judge(k, now, now)
	en, ja := f.server.speakers["en"], f.server.speakers["ja"]
	if got, want := en.silenceText(&silence, now), "Silent since 09:12, unusual for a Tuesday."; got != want {
		t.Errorf("%q, %+v", got, silence)
	}
	if got, want := ja.silenceText(&silence, now), "09:12 から届いていません。火曜日としては珍しいことです。"; got != want {
		t.Errorf("%q", got)
	}
	if got := f.server.judge(k, now, now.Add(time.Second)); got != silence {
		t.Errorf("judged anew at once: %+v", got)
	}
	code, body := f.signedIn(t, "it@example.co.jp").get(t, "/metrics")
	if code != http.StatusOK {
		t.Fatal(code)
	}
	wantIn(t, body, `tsunagu_source_silent_seconds{source="sato-mail"}`, `tsunagu_source_silent_unusual{source="sato-mail"} 0`)
}

func TestBackups(t *testing.T) {
	at := time.Date(2026, 11, 21, 18, 30, 0, 0, time.UTC)
	backups := &fakeBackups{state: BackupState{Dir: "/backup", Schedule: "30 3 * * *", Next: at.Add(24 * time.Hour), Keep: 14, Last: at,
		Test: &crm.BackupTest{Name: backupName, At: at, People: 5, Sources: 2}}}
	f := itFixture(t, &fakeProofs{}, backups, Machine{})
	b := f.signedIn(t, "it@example.co.jp")
	_, page := b.get(t, "/backups?lang=en")
	wantIn(t, page, "3.0 GB", "/backup", "the newest 14", "5 people, 2 sources", "22 Nov 2026 03:30", "Make one now")
	itPost(t, b, "/backups", url.Values{})
	itPost(t, b, "/backups/"+backupName+"/try", url.Values{})
	if code := itPost(t, b, "/backups/nothing/try", url.Values{}); code != http.StatusNotFound {
		t.Errorf("try what is not there: %d", code)
	}
	if want := []string{"make it@example.co.jp", "try " + backupName}; !slices.Equal(backups.done, want) {
		t.Errorf("done %q", backups.done)
	}
	if code, file := b.get(t, "/backups/"+backupName+"/file"); code != http.StatusOK || file != "the store" {
		t.Errorf("download: %d %q", code, file)
	}
	if code, _ := b.get(t, "/backups/..%2Ftsunagu.key/file"); code != http.StatusNotFound {
		t.Errorf("another file: %d", code)
	}
	for _, who := range []string{"suzuki@example.co.jp", "sato@example.co.jp"} {
		for _, path := range []string{"/backups", "/backups/" + backupName + "/file", "/audit"} {
			if code, _ := f.signedIn(t, who).get(t, path); code != http.StatusForbidden {
				t.Errorf("%s opens %s: %d", who, path, code)
			}
		}
	}
	records, _, err := f.store.FindAudit(t.Context(), crm.AuditFilter{Object: "backup"})
	if err != nil || len(records) != 3 || records[0].Action != "download backup" {
		t.Errorf("audit %+v, %v", records, err)
	}
	backups.state.Error, backups.state.Working = "no space left on device", "make"
	_, page = b.get(t, "/backups?lang=ja")
	wantIn(t, page, "失敗しました", "作成しています")
}

func TestAudit(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "it@example.co.jp")
	was := f.tanaka
	changed := was
	changed.Title, changed.Emails = "本部長", append(slices.Clone(was.Emails), "t2@client.co.jp")
	must(t, f.store.SavePeople(t.Context(), "sato@example.co.jp", []crm.Person{changed}))
	_, page := b.get(t, "/audit?lang=ja&q="+url.QueryEscape("本部長"))
	wantIn(t, page, "人を変更", "田中 太郎", "/people/"+was.ID, "<del><bdi>部長</bdi></del>", "<ins><bdi>本部長</bdi></ins>", "t2@client.co.jp", "sato@example.co.jp")
	for path, want := range map[string]bool{
		"/audit?actor=sato@example.co.jp&action=change&object=person": true, "/audit?actor=nobody": false, "/audit?object=account&q=" + url.QueryEscape("本部長"): false,
		"/audit?until=2020-01-01": false, "/audit?since=2020-01-01&object=person": true,
	} {
		code, page := b.get(t, path)
		if code != http.StatusOK || strings.Contains(page, "本部長</bdi></ins>") != want {
			t.Errorf("%s: %d, found %v", path, code, !want)
		}
	}
	for _, path := range []string{"/audit?since=yesterday", "/audit?after=garbage"} {
		if code, _ := b.get(t, path); code != http.StatusBadRequest {
			t.Errorf("%s: %d", path, code)
		}
	}
	task := crm.Task{ID: crm.NewID(), Kind: crm.TaskMail, Due: "2026-11-28", What: "見積書を送る", Person: was.ID, Owner: "sato@example.co.jp", Origin: "call", Created: f.now}
	must(t, f.store.SaveTask(t.Context(), "sato@example.co.jp", task))
	_, page = b.get(t, "/audit?lang=ja&object=task")
	wantIn(t, page, "見積書を送る", `<a href="/people/`+was.ID+`"><bdi>田中 太郎</bdi></a>`, "<bdi>メール</bdi>", "<bdi>架電</bdi>", "2026年11月28日", "<bdi>作成元</bdi>")
	wantOut(t, page, "<bdi>"+was.ID, "<bdi>2026-11-28", "<bdi>origin", "<bdi>what")
	call := crm.Activity{Key: "audit-call", Kind: crm.KindCall, People: []crm.Participant{{ID: was.ID}}, Call: &crm.Call{Result: "no_answer"}}
	must(t, f.store.LogActivity(t.Context(), "sato@example.co.jp", call))
	_, page = b.get(t, "/audit?lang=ja&action=log")
	wantIn(t, page, "電話を記録", "<bdi>未接続</bdi>", `<a href="/people/`+was.ID+`"><bdi>田中 太郎</bdi></a>`)
	wantOut(t, page, "no_answer")
	yamada := crm.DerivedID("person", "yamada")
	merged, err := f.store.Merge(t.Context(), "sato@example.co.jp", crm.MergePeople, was.ID, yamada, f.now)
	must(t, err)
	_, page = b.get(t, "/audit?lang=ja&object=merge/"+merged.ID)
	wantIn(t, page, "人を統合", "<del><bdi>山田 次郎</bdi></del>", `<ins><a href="/people/`+was.ID+`"><bdi>田中 太郎</bdi></a></ins>`)
	wantOut(t, page, "<bdi>"+was.ID, yamada)
	_, err = f.store.Unmerge(t.Context(), "sato@example.co.jp", merged.ID, f.now)
	must(t, err)
	lead := crm.DerivedID("person", "lead")
	converted, err := f.store.Convert(t.Context(), "sato@example.co.jp", crm.ConversionPlan{Person: lead, Contact: was.ID}, f.now)
	must(t, err)
	_, page = b.get(t, "/audit?lang=en&object=conversion/"+converted.ID)
	wantIn(t, page, "converted lead", "<del><bdi>高橋 みなみ</bdi></del>", `<ins><a href="/people/`+was.ID+`"><bdi>田中 太郎</bdi></a></ins>`)
	wantOut(t, page, lead)
	for range 60 {
		must(t, f.store.AppendAudit(t.Context(), crm.AuditRecord{Actor: "cli", Action: "wake source", Object: "source/sato-mail", After: `{"subject":"<script>x</script>"}`}))
	}
	_, page = b.get(t, "/audit?lang=en&action=wake")
	wantIn(t, page, "Command line", "asked to read source", "&lt;script&gt;", `rel="next"`)
	if strings.Contains(page, "<script>x") {
		t.Error("a value is not escaped")
	}
}

// fakeSetUp keeps what is saved.
type fakeSetUp struct {
	state SetUpState
	mx    map[string][]string
}

func (u *fakeSetUp) SetUp(context.Context) (SetUpState, error) { return u.state, nil }
func (u *fakeSetUp) Save(_ context.Context, _ string, s crm.Settings) error {
	u.state.Settings = s
	return nil
}
func (u *fakeSetUp) MX(_ context.Context, domain string) []string { return u.mx[domain] }

// tryingMailboxes lets one server and user name in.
type tryingMailboxes struct {
	Mailboxes
	server, name string
	tried        []string
}

func (m *tryingMailboxes) Connect(_ context.Context, _ string, box Mailbox) (string, error) {
	m.tried = append(m.tried, box.Server+" "+box.Username)
	switch {
	case box.Server != m.server:
		return "", &MailboxTrouble{TroubleUnknownHost, "lookup " + box.Server + ": no such host"}
	case box.Username != m.name:
		return "", &MailboxTrouble{TroubleSignIn, "NO [AUTHENTICATIONFAILED]"}
	}
	return "mailbox", nil
}

func TestWizard(t *testing.T) {
	setUp := &fakeSetUp{state: SetUpState{Settings: crm.Settings{Timezone: "Asia/Tokyo"}}, mx: map[string][]string{"aoba.example": {"sv1.xserver.jp."}}}
	boxes := &tryingMailboxes{server: "sv1.xserver.jp", name: "it@aoba.example"}
	f := newFixture(t, func(c *Config) { c.IT.SetUp, c.Mailboxes = setUp, boxes })
	if got := f.server.afterFirstUser(t.Context()); got != "/setup/organization" {
		t.Errorf("the first user goes on at %s", got)
	}
	b := f.signedIn(t, "it@example.co.jp")
	if _, page := b.get(t, "/setup/source?lang=ja"); !strings.Contains(page, "自社のメールのドメイン") {
		t.Error("a mailbox can be connected before the organisation is known")
	}
	good := url.Values{"name": {"青葉フーズ"}, "domains": {"aoba.example、info@aoba-shop.example"}, "timezone": {"Asia/Tokyo"}}
	for name, change := range map[string][2]string{"no name": {"name", " "}, "no domain": {"domains", "aoba"}, "everybody's domain": {"domains", "gmail.com"}, "no zone": {"timezone", "Mars"}} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(change[0], change[1])
		if code := itPost(t, b, "/setup/organization", form); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, code)
		}
	}
	itPost(t, b, "/setup/organization", good)
	if want := []string{"aoba.example", "aoba-shop.example"}; setUp.state.Name != "青葉フーズ" || !slices.Equal(setUp.state.Domains, want) {
		t.Errorf("saved %+v", setUp.state)
	}
	source := url.Values{"address": {"it@aoba.example"}, "password": {"secret-pass"}, "since": {"90d"}}
	if code := itPost(t, b, "/setup/source", source); code != http.StatusSeeOther && code != http.StatusOK {
		t.Errorf("a mailbox that is found: %d", code)
	}
	if !slices.Equal(boxes.tried, []string{"sv1.xserver.jp it@aoba.example"}) {
		t.Errorf("tried %q", boxes.tried)
	}
	boxes.name = "other"
	if code := itPost(t, b, "/setup/source", source); code != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password: %d", code)
	}
	source.Set("address", "x@elsewhere.example")
	boxes.tried = nil
	if code := itPost(t, b, "/setup/source", source); code != http.StatusUnprocessableEntity || len(boxes.tried) != 2 {
		t.Errorf("no server: %d, tried %q", code, boxes.tried)
	}
	_, page := b.get(t, "/setup/done?lang=en")
	wantIn(t, page, "You are ready", `data-live="/events?page=setup`, "logged")
	if code, _ := f.signedIn(t, "suzuki@example.co.jp").get(t, "/setup/organization"); code != http.StatusForbidden {
		t.Errorf("an admin: %d", code)
	}
	setUp.state.Sources = 1
	if got := f.server.afterFirstUser(t.Context()); got != "/?notice=welcome" {
		t.Errorf("with sources the first user goes to %s", got)
	}
}

func TestMailHosts(t *testing.T) {
	for name, tt := range map[string]struct {
		domain string
		mx     []string
		want   string
	}{
		"Yahoo! Japan":     {"yahoo.co.jp", nil, "imap.mail.yahoo.co.jp"},
		"Google":           {"gmail.com", nil, "imap.gmail.com google"},
		"Workspace":        {"aoba.example", []string{"aspmx.l.google.com."}, "imap.gmail.com google"},
		"Microsoft 365":    {"aoba.example", []string{"aoba-example.mail.protection.outlook.com."}, "outlook.office365.com microsoft"},
		"a shared server":  {"aoba.example", []string{"sv123.XSERVER.jp."}, "sv123.xserver.jp"},
		"Lolipop":          {"aoba.example", []string{"mx01.lolipop.jp."}, "imap.lolipop.jp"},
		"their own server": {"aoba.example", []string{"mx.aoba.example."}, "imap.aoba.example mail.aoba.example mx.aoba.example"},
		"nothing known":    {"aoba.example", nil, "imap.aoba.example mail.aoba.example"},
		"a look-alike":     {"aoba.example", []string{"evilgoogle.com."}, "imap.aoba.example mail.aoba.example evilgoogle.com"},
	} {
		t.Run(name, func(t *testing.T) {
			h := mailHostOf(tt.domain, tt.mx)
			if got := strings.TrimSpace(strings.Join(h.Servers, " ") + " " + h.Provider); got != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

// itPost sends a form and gives the status.
func itPost(t *testing.T, b *browser, path string, form url.Values) int {
	t.Helper()
	var fields []string
	for k, v := range form {
		fields = append(fields, k, v[0])
	}
	code, _ := b.post(t, path, fields...)
	return code
}
