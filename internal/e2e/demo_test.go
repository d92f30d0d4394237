package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// yamaguchi is the rep of the demo whose mail, calendar and form are at the sample Google.
const yamaguchi = "yamaguchi@example.co.jp"

// demo is a running `tsunagu demo`.
type demo struct {
	t    *testing.T
	url  string
	dir  string
	said *syncBuffer
}

// startDemo runs the demo on a free port until the test ends.
func startDemo(t *testing.T) *demo {
	t.Helper()
	d := &demo{t: t, dir: filepath.Join(t.TempDir(), "demo"), said: &syncBuffer{}}
	address := freePort(t)
	d.url = "http://" + address
	s := &site{t: t, dir: t.TempDir()}
	cmd := s.command(context.Background(), "demo", "--listen", address, "--data", d.dir)
	cmd.Stdout, cmd.Stderr = d.said, d.said
	if err := cmd.Start(); err != nil {
		t.Fatalf("start demo: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("demo ended with %v\n%s", err, d.said)
			}
		case <-time.After(15 * time.Second):
			_ = cmd.Process.Kill()
			t.Errorf("demo did not end\n%s", d.said)
		}
	})
	eventually(t, 30*time.Second, "the demo answers", func() bool {
		res, err := http.Get(d.url + "/healthz")
		if err != nil {
			return false
		}
		return errors.Join(res.Body.Close()) == nil && res.StatusCode == http.StatusOK
	})
	return d
}

// toConsent goes from the sign-in page to the boxes of the consent page.
func (b *tab) toConsent(base, lang string) {
	b.t.Helper()
	b.do(chromedp.Navigate(base+"/signin?lang="+lang), chromedp.WaitVisible(chromedp.CSS(`button.provider`)))
	b.pictures("demo-signin-" + lang)
	b.do(chromedp.Click(chromedp.CSS(`button.provider`)))
	b.arrive("#next")
	b.do(chromedp.Click(chromedp.CSS(`#next`)))
	b.arrive("#allow")
}

// arrive waits for an element of a page that the browser is led to over other sites.
func (b *tab) arrive(selector string) {
	b.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		there, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](fmt.Sprintf(`document.readyState === "complete" && !!document.querySelector(%q)`, selector)))
		if err == nil && there {
			return
		}
		if time.Now().After(deadline) {
			b.shoot("failed")
			b.t.Fatalf("no page with %s: %v\n%s", selector, err, b.text())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// allow agrees on the consent page and comes back.
func (b *tab) allow() {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(`#allow`)))
	b.arrive(".bar")
}

// click clicks the first visible element of a kind that has the words.
func (b *tab) click(kind, words string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		script := fmt.Sprintf(`(() => { const e = [...document.querySelectorAll(%q)].find((e) => e.innerText.includes(%q) && e.checkVisibility()); if (e) e.click(); return !!e; })()`, kind, words)
		found, err := chromedp.Evaluate[bool](script)(ctx, t)
		if err == nil && !found {
			err = fmt.Errorf("there is no %s with %q", kind, words)
		}
		return chromedp.Void{}, err
	}
}

// rows are the activities under a selector as the page shows them, from top to bottom: sort and subject.
func (b *tab) rows(under string) []string {
	b.t.Helper()
	script := fmt.Sprintf(`[...document.querySelectorAll(%q)].map((e) => e.querySelector(".act-who .tag").innerText + " | " + e.querySelector("h3 a").innerText)`, under+" article.act")
	rows, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](script))
	if err != nil {
		b.t.Fatalf("read rows: %v", err)
	}
	return rows
}

// englishWords finds words of the English catalogue on a Japanese page.
var englishWords = regexp.MustCompile(`(?i)\b(upcoming|series|received|sent|why|meeting|form answers|sources?|connected|disconnect|ledger|home|sign (in|out)|accepted|tentative|intake|auth_expired|excluded|unmatched|googlecalendar|googleforms|event_type|focus_time|private)\b|-at-`)

func (b *tab) onlyJapanese(where string) {
	b.t.Helper()
	if found := englishWords.FindAllString(b.text(), -1); found != nil {
		b.t.Errorf("%s in Japanese has %q", where, found)
	}
}

// customerPage opens the page of the sample's customer whose story is at Google.
func (b *tab) customerPage(base, lang string) {
	b.t.Helper()
	b.do(chromedp.Navigate(base+"/accounts?lang="+lang), b.click("a", "花椿文具"), chromedp.WaitVisible(chromedp.CSS(`#live`)))
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.origin + location.pathname`))
	if err != nil {
		b.t.Fatalf("read address: %v", err)
	}
	b.do(chromedp.Navigate(at + "?lang=" + lang))
}

// TestDemo is the demo as somebody sees it who has ten minutes: "Sign in with Google" at the sample server ends on a
// timeline with the form answer, the mails and the meetings of one customer.
func TestDemo(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	b := openBrowser(t)
	b.toConsent(d.url, "ja")
	b.pictures("demo-consent")
	b.allow()
	b.do(chromedp.Navigate(d.url + "/?lang=ja"))
	b.pictures("demo-home-ja")
	b.customerPage(d.url, "ja")
	b.wait(`document.querySelectorAll("#live > .timeline article.act").length >= 10 && document.querySelectorAll(".ahead article.act").length >= 3`)
	b.do(chromedp.Click(chromedp.CSS(`#live > .timeline .why summary`)))
	b.wants("アドレス nishimura@hanatsubaki.example", "Gmail("+yamaguchi+")")
	b.pictures("demo-customer-ja")
	b.onlyJapanese("the customer's page")
	b.unfold(d.url)
	if diff := cmp.Diff([]string{
		"受信 | 店舗一覧をお送りします",
		"送信 | Re: 打ち合わせの日程について",
		"受信 | 打ち合わせの日程について",
		"送信 | Re: 本日のお礼と質問",
		"受信 | 本日のお礼と質問",
		"当社主催 · 会議 | オンライン説明会(花椿文具様)",
		"送信 | Re: 資料請求ありがとうございます(株式会社サンプル)",
		"受信 | Re: 資料請求ありがとうございます(株式会社サンプル)",
		"送信 | 資料請求ありがとうございます(株式会社サンプル)",
		"受信 · フォーム | 資料請求",
	}, b.rows("#live > .timeline")); diff != "" {
		t.Errorf("the customer's timeline (-want +got):\n%s", diff)
	}
	if ahead := b.rows("section.ahead > .timeline"); len(ahead) != 3 || !strings.Contains(ahead[0], "お見積りのご説明") || !strings.Contains(ahead[1], "導入準備の定例") {
		t.Errorf("what lies ahead: %q", ahead)
	}
	b.demoOutcome(d)
	b.demoMove(d)
	for _, lang := range []string{"ja", "en"} {
		for name, path := range map[string]string{"sources": "/sources", "connections": "/connections", "ledger": "/ledger?source=googlecalendar-yamaguchi-at-example.co.jp", "home": "/"} {
			b.do(chromedp.Navigate(d.url + path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "lang=" + lang))
			b.pictures("demo-" + name + "-" + lang)
			if lang == "ja" && name != "home" { // mails in English are shown there
				b.onlyJapanese(name)
			}
		}
	}
	b.demoDisconnect(d)
}

// unfold shows each mail of a timeline in its own place.
func (b *tab) unfold(base string) {
	b.t.Helper()
	path, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.pathname`))
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Navigate(base + path + "?lang=ja&fold=no"))
	b.wait(`document.querySelectorAll("#live > .timeline article.act").length >= 10`)
}

// demoOutcome answers what became of the talk that was held.
func (b *tab) demoOutcome(d *demo) {
	b.t.Helper()
	b.do(chromedp.Navigate(d.url+"/?lang=ja"), chromedp.WaitVisible(chromedp.CSS(`.question`)))
	b.wants("「オンライン説明会(花椿文具様)」はどうなりましたか")
	b.do(chromedp.Click(chromedp.CSS(`.question details summary`)), chromedp.WaitVisible(chromedp.CSS(`.question input[name=next_what]`)),
		chromedp.SendKeys(chromedp.CSS(`.question input[name=next_whom]`), "西村様"),
		chromedp.SendKeys(chromedp.CSS(`.question input[name=next_what]`), "見積書を送る"))
	b.pictures("demo-outcome-ja")
	b.do(chromedp.Click(chromedp.CSS(`.question button[value=held]`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)), chromedp.WaitNotPresent(chromedp.CSS(`.question`)))
	b.customerPage(d.url, "ja")
	b.wants("実施した", "見積書を送る", "西村様")
	b.do(b.click("a", "オンライン説明会"), chromedp.WaitVisible(chromedp.CSS(`article.letter`)))
	b.wants("見積書を送る")
	b.pictures("demo-activity")
}

// demoMove waits on the open page until the customer has moved the next talk.
func (b *tab) demoMove(d *demo) {
	b.t.Helper()
	b.customerPage(d.url, "ja")
	b.waitFor(`/日程変更.*14:00.*15:00/.test(document.querySelector("section.ahead article.act").innerText)`, time.Minute)
	b.wait(`document.body.innerText.includes("Re: 打ち合わせの開始時刻について")`)
	b.pictures("demo-moved-ja")
	b.do(b.click("section.ahead a", "お見積りのご説明"), chromedp.WaitVisible(chromedp.CSS(`article.letter`)))
	b.pictures("demo-moved-activity")
	b.customerPage(d.url, "en")
	b.pictures("demo-moved-en")
	b.wants("upcoming", "Why it was logged", "3 accepted")
}

// demoDisconnect takes the account away again. What was logged stays.
func (b *tab) demoDisconnect(d *demo) {
	b.t.Helper()
	b.do(chromedp.Navigate(d.url+"/connections?lang=ja"), b.click("a", "接続を解除"), chromedp.WaitVisible(chromedp.CSS(`#disconnect`)))
	b.do(chromedp.Navigate(d.url + "/connections?lang=ja&ask=google%2F" + yamaguchi))
	b.wants(yamaguchi+" の接続を解除しますか", "これまでの記録は残ります")
	b.pictures("demo-disconnect-ja")
	b.do(chromedp.Click(chromedp.CSS(`#disconnect button`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)), chromedp.Navigate(d.url+"/connections?lang=ja"))
	b.wants("記録は残っています", "Google をつなぐ")
	b.do(chromedp.Navigate(d.url + "/sources?lang=ja"))
	b.pictures("demo-sources-gone-ja")
	b.customerPage(d.url, "ja")
	if n := len(b.rows("#live > .timeline")); n != 12 {
		b.t.Errorf("%d activities are left, want 12", n)
	}
}
