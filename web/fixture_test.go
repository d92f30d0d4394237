package web

import (
	"context"
	"net/http/httptest"
	"path/filepath"
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
	notes map[string][]Note
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

func (e *fakeEngine) Notes(id string) []Note {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.notes[id]
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
		Error: "sign in: NO [AUTHENTICATIONFAILED] Invalid credentials", Hint: "check username and password; Gmail, Yahoo, iCloud and accounts with two-step sign-in want an app password made for this purpose", At: f.now}))
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
