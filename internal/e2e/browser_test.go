package e2e

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// tab is a tab of a real browser.
type tab struct {
	t   *testing.T
	ctx context.Context
	dir string // where screenshots go: TSUNAGU_SCREENSHOTS, or a temporary folder
}

func openBrowser(t *testing.T) *tab {
	t.Helper()
	opts := []chromedp.ExecAllocatorOption{
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.UserDataDir(filepath.Join(t.TempDir(), "profile")), chromedp.WindowSize(1280, 900),
	}
	ctx, cancelTime := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancelTime)
	ctx, cancelAllocator := chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancelAllocator)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	dir := os.Getenv("TSUNAGU_SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	return &tab{t, ctx, dir}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.shoot("failed")
		b.t.Fatal(err)
	}
}

// wait waits until a script's expression holds.
func (b *tab) wait(expression string) {
	b.t.Helper()
	b.waitFor(expression, 20*time.Second)
}

func (b *tab) waitFor(expression string, within time.Duration) {
	b.t.Helper()
	poll := chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(within), chromedp.WithPollingInterval(20*time.Millisecond))
	if _, err := chromedp.Run(b.ctx, poll); err != nil {
		b.shoot("failed")
		b.t.Fatalf("wait for %s: %v\n%s", expression, err, b.text())
	}
}

func (b *tab) text() string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		b.t.Fatalf("read page: %v", err)
	}
	return text
}

func (b *tab) wants(words ...string) {
	b.t.Helper()
	text := b.text()
	for _, word := range words {
		if !strings.Contains(text, word) {
			b.t.Errorf("the page lacks %q:\n%s", word, text)
		}
	}
}

func (b *tab) shoot(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil || len(png) < 1000 {
		b.t.Errorf("screenshot %s: %d bytes, %v", name, len(png), err)
		return
	}
	if err := os.WriteFile(filepath.Join(b.dir, "e2e-"+name+".png"), png, 0o600); err != nil {
		b.t.Error(err)
	}
}

// setUp makes the first user with the code that the daemon printed.
func (b *tab) setUp(d *daemon) {
	b.t.Helper()
	var code []string
	eventually(b.t, 10*time.Second, "the daemon prints a set-up code", func() bool {
		code = regexp.MustCompile(`set-up code ([0-9a-z]+)`).FindStringSubmatch(d.stderr.String())
		return code != nil
	})
	b.do(chromedp.Navigate(d.url()+"/?lang=ja"), chromedp.WaitVisible(chromedp.CSS(`input[name=code]`)))
	b.shoot("setup-ja")
	b.do(chromedp.SendKeys(chromedp.CSS(`input[name=code]`), code[1]),
		chromedp.SendKeys(chromedp.CSS(`input[name=name]`), "佐藤 花子"),
		chromedp.SendKeys(chromedp.CSS(`input[name=email]`), sato),
		chromedp.SendKeys(chromedp.CSS(`input[name=password]`), "correct horse battery"),
		chromedp.Click(chromedp.CSS(`button.primary`)), chromedp.WaitVisible(chromedp.CSS(`.bar`)))
}

// TestFirstDay is an installation's first day in a real browser: the first user, a timeline and its why, a
// ledger reason, both languages, and a mail that arrives while the page is open.
func TestFirstDay(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	server.AddUser(sato, "secret")
	server.Append(sato, "INBOX", letter("first", tanaka, sato, "見積もりのお願い"), time.Now())
	server.Append(sato, "INBOX", letter("inside", suzuki, sato, "飲み会"), time.Now())
	s := newSite(t, listenOn(freePort(t))+source("sato-mail", sato, server.Addr, `[INBOX, '\Sent']`))
	s.importTanaka()
	d := s.start()
	d.ready()
	b := openBrowser(t)
	b.setUp(d)
	eventually(t, 20*time.Second, "the first mails in the ledger", func() bool { return len(s.ledger()) == 2 })
	a := s.oneActivity("見積もりのお願い")

	b.do(chromedp.Navigate(d.url() + "/?lang=ja"))
	b.wants("田中 一郎")
	b.shoot("home-ja")
	b.do(chromedp.Navigate(d.url()+"/people/"+a.People[0].ID+"?lang=ja"), chromedp.Click(chromedp.CSS(`.act .why summary`)))
	b.wants("見積もりのお願い", "アドレス "+tanaka)
	b.shoot("person-ja")
	b.do(chromedp.Navigate(d.url() + "/ledger?verdict=excluded&lang=ja"))
	b.wants("社内だけのやり取りです。")
	b.shoot("ledger-ja")

	t.Run("mail appears on the open page", func(t *testing.T) {
		b.do(chromedp.Navigate(d.url() + "/people/" + a.People[0].ID + "?lang=ja"))
		b.wait(`document.documentElement.dataset.live === "on"`)
		time.Sleep(2 * time.Second) // lets the source go back to IDLE
		start := time.Now()
		server.Deliver(sato, letter("now", tanaka, sato, "ただいま届いたメール"))
		b.wait(`document.body.innerText.includes("ただいま届いたメール")`)
		t.Logf("delivered by LMTP → on the open page: %v", time.Since(start).Round(time.Millisecond))
		b.shoot("live-ja")
	})

	b.do(chromedp.Navigate(d.url() + "/ledger?verdict=excluded&lang=en"))
	b.wants("Everybody on it belongs to us.")
	b.shoot("ledger-en")
	b.do(chromedp.Navigate(d.url()+"/people/"+a.People[0].ID+"?lang=en"), chromedp.Click(chromedp.CSS(`.act .why summary`)))
	b.wants("Why", tanaka)
	b.shoot("person-en")
}
