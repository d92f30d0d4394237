package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// storeCheck holds that the embedded store is all the web app asks for.
var _ Store = (*boltstore.Store)(nil)

const testPassword = "correct horse 馬"

// fakeEngine tells its subscribers what a test publishes and writes down whom it was asked to wake.
type fakeEngine struct {
	mu    sync.Mutex
	subs  map[chan Event]bool
	woken []string
}

func (e *fakeEngine) Wake(_ context.Context, id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.woken = append(e.woken, id)
	return nil
}

func (e *fakeEngine) Subscribe() (<-chan Event, func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := make(chan Event, 64)
	if e.subs == nil {
		e.subs = map[chan Event]bool{}
	}
	e.subs[c] = true
	return c, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.subs[c] {
			delete(e.subs, c)
			close(c)
		}
	}
}

func (e *fakeEngine) publish(ev Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for c := range e.subs {
		c <- ev
	}
}

// fixture is a web app on an embedded store with sample data.
type fixture struct {
	store  *boltstore.Store
	engine *fakeEngine
	server *Server
	url    string
	kicks  int
	tanaka crm.Person
	client crm.Account
	epoch  uint64
	zone   *time.Location
	now    time.Time
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func openStore(tb testing.TB, zone *time.Location) *boltstore.Store {
	tb.Helper()
	store, err := boltstore.Open(tb.Context(), filepath.Join(tb.TempDir(), "tsunagu.db"), boltstore.Options{HMACKey: make([]byte, 32), Location: zone})
	must(tb, err)
	tb.Cleanup(func() { store.Close() })
	return store
}

func newFixture(tb testing.TB, change ...func(*Config)) *fixture {
	tb.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	must(tb, err)
	f := &fixture{store: openStore(tb, zone), engine: &fakeEngine{}, zone: zone, now: time.Now().UTC().Truncate(time.Second)}
	f.fill(tb)
	cfg := Config{Store: f.store, Engine: f.engine, Kick: func() { f.kicks++ }, Version: "1.2.3",
		Organization: Organization{Name: "株式会社サンプル", Locale: "ja", Location: zone}}
	for _, c := range change {
		c(&cfg)
	}
	f.server, err = New(cfg)
	must(tb, err)
	f.serve(tb)
	return f
}

func (f *fixture) serve(tb testing.TB) {
	tb.Helper()
	ts := httptest.NewServer(f.server.Handler())
	tb.Cleanup(func() { f.server.Close(); ts.Close() })
	f.url = ts.URL
}

func (f *fixture) fill(tb testing.TB) {
	tb.Helper()
	ctx := tb.Context()
	hash, err := HashPassword(testPassword)
	must(tb, err)
	for _, u := range []crm.User{
		{Email: "sato@example.co.jp", Name: "佐藤 花子", Role: crm.RoleRep},
		{Email: "suzuki@example.co.jp", Name: "鈴木 一郎", Role: crm.RoleAdmin},
		{Email: "it@example.co.jp", Name: "IT", Role: crm.RoleIT},
	} {
		u.PasswordHash, u.Created = hash, f.now
		must(tb, f.store.SaveUser(ctx, "cli", u))
	}
	f.client = crm.Account{ID: crm.DerivedID("account", "client"), Name: "株式会社クライアント", Kana: "クライアント", Domains: []string{"client.co.jp"}, Owner: "sato@example.co.jp", Created: f.now, Updated: f.now}
	acme := crm.Account{ID: crm.DerivedID("account", "acme"), Name: "Acme Industries Ltd", Domains: []string{"acme.example"}, Created: f.now, Updated: f.now}
	must(tb, f.store.SaveAccounts(ctx, "cli", []crm.Account{f.client, acme}))
	f.tanaka = crm.Person{ID: crm.DerivedID("person", "tanaka"), Kind: crm.Contact, Name: "田中 太郎", Kana: "タナカ タロウ", AccountID: f.client.ID,
		Emails: []string{"tanaka@client.co.jp"}, Phones: []crm.Phone{{Number: "03-1234-5678"}}, Department: "購買部", Title: "部長", Owner: "sato@example.co.jp", Created: f.now, Updated: f.now}
	people := []crm.Person{f.tanaka,
		{ID: crm.DerivedID("person", "yamada"), Kind: crm.Contact, Name: "山田 次郎", AccountID: f.client.ID, Emails: []string{"yamada@client.co.jp"}, Created: f.now, Updated: f.now},
		{ID: crm.DerivedID("person", "jane"), Kind: crm.Contact, Name: "Jane Doe", AccountID: acme.ID, Emails: []string{"jane@acme.example"}, Created: f.now, Updated: f.now},
		{ID: crm.DerivedID("person", "lead"), Kind: crm.Lead, Name: "高橋 みなみ", Company: "南商店", Status: crm.StatusScheduling, Emails: []string{"minami@minami.example"}, Created: f.now, Updated: f.now}}
	must(tb, f.store.SavePeople(ctx, "cli", people))
	must(tb, f.store.DeclareSources(ctx, []crm.Source{
		{ID: "sato-mail", Kind: "imap", Owner: "sato@example.co.jp", Fingerprint: "a"},
		{ID: "suzuki-mail", Kind: "imap", Owner: "suzuki@example.co.jp", Fingerprint: "a"}}, f.now))
	f.commit(tb, append(f.sampleMail(), f.otherVerdicts()...)...)
	must(tb, f.store.Settle(ctx, crm.Settlement{Source: "sato-mail", Epoch: f.epoch, State: crm.SourceOK, Due: f.now.Add(time.Minute), Success: true, At: f.now}))
	claim, ok, err := f.store.ClaimSource(ctx, "suzuki-mail", f.now, time.Minute)
	if must(tb, err); !ok {
		tb.Fatal("the source cannot be claimed")
	}
	must(tb, f.store.Settle(ctx, crm.Settlement{Source: "suzuki-mail", Epoch: claim.Source.Epoch, State: crm.SourceAuthExpired,
		Error: "sign in: NO [AUTHENTICATIONFAILED] Invalid credentials", Hint: "Put the mailbox's new password into the configuration, then reload.", At: f.now}))
}

// commit claims sato-mail and stores writes.
func (f *fixture) commit(tb testing.TB, writes ...crm.Write) {
	tb.Helper()
	claim, ok, err := f.store.ClaimSource(tb.Context(), "sato-mail", f.now, time.Minute)
	if must(tb, err); !ok {
		tb.Fatal("the source cannot be claimed")
	}
	f.epoch = claim.Source.Epoch
	must(tb, f.store.Commit(tb.Context(), crm.Commit{Source: "sato-mail", Epoch: f.epoch, Owner: "sato@example.co.jp",
		Cursor: "1", MoveCursor: true, Writes: writes, Progress: crm.Progress{Done: 10, Total: 10}, At: f.now}))
}

// deliver logs one more mail of Tanaka's and tells the engine's subscribers.
func (f *fixture) deliver(tb testing.TB, subject string) crm.Activity {
	tb.Helper()
	w := f.mail(subject, "届きました。", f.now.Add(time.Second), "tanaka@client.co.jp", "田中 太郎", f.tanaka.ID)
	f.commit(tb, w)
	must(tb, f.store.Settle(tb.Context(), crm.Settlement{Source: "sato-mail", Epoch: f.epoch, State: crm.SourceOK, Success: true, At: f.now}))
	f.engine.publish(Event{Source: "sato-mail", Activities: []string{w.Activity.ID}, People: []string{f.tanaka.ID}, Accounts: []string{f.client.ID}, Ledger: true, At: f.now})
	return *w.Activity
}

func (f *fixture) mail(subject, text string, at time.Time, from, name, person string) crm.Write {
	key := crm.MessageKey(subject+at.String()+"@test", crm.MessageIdentity{})
	external := "INBOX;UIDVALIDITY=1;UID=" + string(key[:6])
	a := crm.Activity{ID: string(key), Key: key, Kind: crm.KindEmail, Direction: crm.DirectionIn, Class: crm.ClassPersonal, Time: at,
		Subject: subject, Text: text, Owners: []string{"sato@example.co.jp"}, Thread: string(key), Version: 1,
		People: []crm.Participant{
			{Kind: crm.Contact, ID: person, Name: name, Address: from, Role: crm.RoleFrom},
			{Name: "佐藤 花子", Address: "sato@example.co.jp", Role: crm.RoleTo, Internal: true}},
		Observed: []crm.Observation{{Source: "sato-mail", ExternalID: external, Owner: "sato@example.co.jp", Folder: "INBOX"}},
		Match:    crm.Match{Rule: crm.RuleAddress, Evidence: from}}
	if strings.HasSuffix(from, "@client.co.jp") {
		a.Accounts = []string{f.client.ID}
		a.Match.RunnersUp = []crm.Candidate{{Kind: "account", ID: f.client.ID, Name: f.client.Name, Rule: crm.RuleDomain, Evidence: "client.co.jp"}}
	}
	return crm.Write{Activity: &a, Entry: crm.Entry{Source: "sato-mail", ExternalID: external, Key: key, SeenAt: f.now, ItemTime: at,
		Verdict: crm.Logged, Reason: crm.ReasonMatched, Activity: a.ID}}
}

// Texts that try to break out of the page. The override in the second is written as an escape.
const (
	nastySubject = `<script>alert(1)</script>"><img src=x onerror=alert(2)>{{.}}`
	nastyName    = "\u202eevil\u2066 <b onmouseover=alert(3)>"
	nastyReason  = `subject: <svg onload=alert(4)>`
)

func (f *fixture) sampleMail() []crm.Write {
	jane, yamada := crm.DerivedID("person", "jane"), crm.DerivedID("person", "yamada")
	quote := f.mail("Re: お見積りの件", "佐藤様\n\nお世話になっております。クライアントの田中です。\nお見積りをありがとうございます。社内で検討し、来週月曜日までにご連絡いたします。\n\n納期についてもう一点だけ確認させてください。12月20日までに50台の納品は可能でしょうか。", f.now.Add(-2*time.Minute), "tanaka@client.co.jp", "田中 太郎", f.tanaka.ID)
	quote.Activity.FullText = quote.Activity.Text + "\n\n2026年11月20日(金) 18:04 佐藤 花子 <sato@example.co.jp>:\n> 田中様\n> お見積書をお送りします。\n"
	quote.Activity.Attachments = []crm.Attachment{{Name: "仕様書_最終版.pdf", Type: "application/pdf", Size: 482133}}
	sent := f.mail("お見積りの件", "田中様\n\nお見積書をお送りします。ご確認をお願いいたします。", f.now.Add(-26*time.Hour), "tanaka@client.co.jp", "田中 太郎", f.tanaka.ID)
	sent.Activity.Direction = crm.DirectionOut
	sent.Activity.People[0].Role, sent.Activity.People[1].Role = crm.RoleTo, crm.RoleFrom
	english := f.mail("Delivery schedule for December", "Hi Hanako,\n\nThe first lot leaves our plant on 3 December. Please let me know where the second one should go.\n\nBest,\nJane", f.now.Add(-5*time.Minute), "jane@acme.example", "Jane Doe", jane)
	english.Activity.Accounts = []string{crm.DerivedID("account", "acme")}
	english.Activity.Match.RunnersUp = nil
	nasty := f.mail(nastySubject, "<script>alert(5)</script> plain & text", f.now.Add(-30*time.Minute), "tanaka@client.co.jp", nastyName, f.tanaka.ID)
	nasty.Activity.Attachments = []crm.Attachment{{Name: `"><script>alert(6)</script>.pdf`, Type: `"onload="x`, Size: 12}}
	nasty.Activity.Match.Evidence = `<i>"evidence"`
	writes := []crm.Write{quote, sent, english, nasty,
		f.mail("会議室のご案内", "明日の打ち合わせは3階の会議室です。", f.now.Add(-50*time.Hour), "yamada@client.co.jp", "山田 次郎", yamada)}
	for i := range 60 {
		writes = append(writes, f.mail(fmt.Sprintf("定例のご報告 %02d", i), "今週の進捗をご報告します。", f.now.Add(-time.Duration(72+i)*time.Hour), "tanaka@client.co.jp", "田中 太郎", f.tanaka.ID))
	}
	return writes
}

func (f *fixture) otherVerdicts() []crm.Write {
	var writes []crm.Write
	for i, row := range []struct {
		verdict crm.Verdict
		reason  crm.Reason
	}{
		{crm.Excluded, crm.ReasonInternal}, {crm.Excluded, nastyReason}, {crm.Excluded, "folder: 人事"},
		{crm.Unmatched, crm.ReasonNobody}, {crm.Waiting, crm.ReasonNewContact}, {crm.Waiting, crm.ReasonAmbiguous},
	} {
		writes = append(writes, crm.Write{Entry: crm.Entry{Source: "sato-mail", ExternalID: fmt.Sprintf("Archive;UIDVALIDITY=1;UID=%d", i),
			SeenAt: f.now, ItemTime: f.now, Verdict: row.verdict, Reason: row.reason}})
	}
	writes[4].Pending = []string{"new@prospect.example"}
	writes[4].Reviews = []crm.Review{{ID: crm.ReviewID(crm.ReviewNewContact, "new@prospect.example"), Kind: crm.ReviewNewContact, Address: "new@prospect.example",
		Name: "中村 葵", Subject: "資料のご請求ありがとうございます", Source: "sato-mail", Owner: "sato@example.co.jp", Raised: f.now, State: crm.ReviewOpen}}
	writes[5].Reviews = []crm.Review{{ID: crm.ReviewID(crm.ReviewAmbiguous, "info@client.co.jp"), Kind: crm.ReviewAmbiguous, Address: "info@client.co.jp",
		Subject: nastySubject, Source: "sato-mail", Owner: "sato@example.co.jp", Raised: f.now, State: crm.ReviewOpen,
		Candidates: []crm.Candidate{{Kind: "contact", ID: f.tanaka.ID, Name: f.tanaka.Name, Rule: crm.RuleAddress, Evidence: "info@client.co.jp"}}}}
	return writes
}

// browser keeps cookies and stays where redirects lead.
type browser struct {
	*http.Client
	base string
}

func (f *fixture) browser(tb testing.TB) *browser {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	must(tb, err)
	return &browser{&http.Client{Jar: jar, Timeout: 20 * time.Second}, f.url}
}

// signedIn is a browser in which a user has signed in; "" stays outside.
func (f *fixture) signedIn(tb testing.TB, email string) *browser {
	tb.Helper()
	b := f.browser(tb)
	if email == "" {
		return b
	}
	if code, body := b.post(tb, "/signin", "email", email, "password", testPassword); code != http.StatusOK {
		tb.Fatalf("sign in %s: %d\n%s", email, code, body)
	}
	return b
}

func (b *browser) get(tb testing.TB, path string) (int, string) {
	tb.Helper()
	return b.do(tb, http.MethodGet, path, nil)
}

func (b *browser) post(tb testing.TB, path string, fields ...string) (int, string) {
	tb.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.do(tb, http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (b *browser) do(tb testing.TB, method, path string, body *strings.Reader) (int, string) {
	tb.Helper()
	var req *http.Request
	var err error
	if body == nil {
		req, err = http.NewRequestWithContext(tb.Context(), method, b.base+path, nil)
	} else {
		req, err = http.NewRequestWithContext(tb.Context(), method, b.base+path, body)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	must(tb, err)
	return b.send(tb, req)
}

func (b *browser) send(tb testing.TB, req *http.Request) (int, string) {
	tb.Helper()
	res, err := b.Do(req)
	must(tb, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 8<<20))
	must(tb, err)
	return res.StatusCode, string(raw)
}

func wantIn(tb testing.TB, body string, wants ...string) {
	tb.Helper()
	for _, w := range wants {
		if !strings.Contains(body, w) {
			tb.Errorf("%q is missing from the page", w)
		}
	}
}

func wantOut(tb testing.TB, body string, unwanted ...string) {
	tb.Helper()
	for _, w := range unwanted {
		if strings.Contains(body, w) {
			tb.Errorf("%q is on the page", w)
		}
	}
}
