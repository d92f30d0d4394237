package web

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// tab is a tab of a real browser.
type tab struct {
	t   *testing.T
	ctx context.Context
	dir string // where screenshots go
}

// openBrowser starts a headless Chromium of its own. Screenshots go to TSUNAGU_SCREENSHOTS if that is set.
func openBrowser(t *testing.T) *tab {
	t.Helper()
	return openBrowserFor(t, 2*time.Minute)
}

// openBrowserFor is openBrowser for a test that may take as long as this on a busy machine.
func openBrowserFor(t *testing.T, within time.Duration) *tab {
	t.Helper()
	opts := []chromedp.ExecAllocatorOption{
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.UserDataDir(filepath.Join(t.TempDir(), "profile")), chromedp.WindowSize(1280, 900),
	}
	ctx, cancelTime := context.WithTimeout(context.Background(), within)
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
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(15*time.Second))); err != nil {
		b.shoot("failed")
		b.t.Fatalf("wait for %s: %v", expression, err)
	}
}

func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

func (b *tab) shoot(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil || len(png) < 1000 {
		b.t.Errorf("screenshot %s: %d bytes, %v", name, len(png), err)
		return
	}
	must(b.t, os.WriteFile(filepath.Join(b.dir, name+".png"), png, 0o600))
}

func (b *tab) text() string { return eval[string](b, `document.body.innerText`) }

func (b *tab) signIn(base, email string) {
	b.t.Helper()
	b.do(chromedp.Navigate(base+"/signin?lang=ja"),
		chromedp.SendKeys(chromedp.CSS(`input[name=email]`), email),
		chromedp.SendKeys(chromedp.CSS(`input[name=password]`), testPassword))
	b.shoot("signin-ja")
	b.do(chromedp.Click(chromedp.CSS(`button.primary`)), chromedp.WaitVisible(chromedp.CSS(`.bar`)))
}

func TestBrowser(t *testing.T) {
	f := newFixture(t)
	b := openBrowser(t)
	b.signIn(f.url, "suzuki@example.co.jp")
	b.do(chromedp.Navigate(f.url + "/?for=all"))
	wantIn(t, b.text(), "今日の活動", "入力の必要はありません", "株式会社クライアント")
	b.shoot("home-ja")

	b.do(chromedp.Navigate(f.url+"/people/"+f.tanaka.ID), chromedp.WaitVisible(chromedp.CSS(`.act`)))
	wantIn(t, b.text(), "Re: お見積りの件", "仕様書_最終版.pdf", "<script>alert(1)</script>")
	b.do(chromedp.Click(chromedp.CSS(`.act .why summary`)))
	wantIn(t, b.text(), "アドレス tanaka@client.co.jp が、登録された 田中 太郎 のアドレスと一致しました。")
	b.shoot("person-why-ja")

	t.Run("mail appears without a reload", func(t *testing.T) {
		b.wait(`document.documentElement.dataset.live === "on"`)
		eval[int](b, `(window.stayed = 1, window.scrollTo(0, 600), 0)`)
		b.wait(`window.scrollY > 500`)
		before := eval[float64](b, `[...document.querySelectorAll("article")].find(a => a.getBoundingClientRect().bottom > 0).getBoundingClientRect().top`)
		name := eval[string](b, `(window.reading = [...document.querySelectorAll("article")].find(a => a.getBoundingClientRect().bottom > 0).dataset.key)`)
		f.deliver(t, "ただいま届いたメール")
		b.wait(`document.body.innerText.includes("ただいま届いたメール")`)
		after := eval[float64](b, `document.querySelector('[data-key="`+name+`"]').getBoundingClientRect().top`)
		if d := after - before; d > 2 || d < -2 {
			t.Errorf("the reader's place moved by %.0f pixels", d)
		}
		if !eval[bool](b, `window.stayed === 1 && document.querySelectorAll(".why[open]").length === 1`) {
			t.Error("the page was loaded anew, or the open explanation closed")
		}
		eval[int](b, `(window.scrollTo(0, 0), 0)`)
		b.shoot("person-live-ja")
	})

	b.do(chromedp.Navigate(f.url + "/accounts/" + f.client.ID))
	wantIn(t, b.text(), "山田 次郎", "田中 太郎", "会議室のご案内")
	b.shoot("account-ja")
	b.do(chromedp.Navigate(f.url + "/ledger?verdict=excluded"))
	wantIn(t, b.text(), "社内だけのやり取りです。", "除外するフォルダー 人事 にあります。")
	b.shoot("ledger-ja")
	b.do(chromedp.Navigate(f.url + "/sources"))
	wantIn(t, b.text(), "合計が一致しています")
	wantIn(t, eval[string](b, `document.body.textContent`), "Invalid credentials")
	b.shoot("sources-ja")

	b.do(chromedp.Navigate(f.url + "/reviews"))
	wantIn(t, b.text(), "new@prospect.example を取引先責任者に登録しますか")
	b.shoot("reviews-ja")
	b.do(chromedp.SendKeys(chromedp.CSS(`input[name=account]`), "見込み商事"), chromedp.Click(chromedp.CSS(`.review .primary`)),
		chromedp.WaitVisible(chromedp.CSS(`.notice`)))
	wantIn(t, b.text(), "取引先責任者に登録しました")

	for _, page := range []string{"people", "accounts", "settings", "users", "tokens", "people/new", "activities/" + f.deliver(t, "個別のページ").ID} {
		b.do(chromedp.Navigate(f.url + "/" + page))
		b.shoot(strings.ReplaceAll(page[:min(len(page), 12)], "/", "-") + "-ja")
	}

	b.do(chromedp.Navigate(f.url + "/settings"))
	eval[string](b, `document.querySelector("select[name=language]").value = "en"`)
	b.do(chromedp.Click(chromedp.CSS(`form[action="/settings/language"] button`)))
	b.do(chromedp.WaitVisible(chromedp.CSS(`html[lang=en] .notice`)))
	wantIn(t, b.text(), "Saved.")
	b.do(chromedp.Navigate(f.url + "/"))
	wantIn(t, b.text(), "No typing needed", "activities today")
	b.shoot("home-en")

	b.do(chromedp.Navigate(f.url + "/people"))
	eval[int](b, `(document.dispatchEvent(new KeyboardEvent("keydown", {key: "j", bubbles: true})), 0)`)
	if !eval[bool](b, `document.activeElement.matches("[data-row]")`) {
		t.Error("j does not move to the first row")
	}

	t.Run("phone", func(t *testing.T) {
		b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
		for _, page := range []string{"", "people", "people/" + f.tanaka.ID, "ledger", "sources", "reviews", "people/new"} {
			b.do(chromedp.Navigate(f.url + "/" + page))
			if w := eval[int](b, `document.documentElement.scrollWidth`); w > 390 {
				t.Errorf("/%s is %d pixels wide", page, w)
			}
			b.shoot("phone-" + strings.ReplaceAll(page[:min(len(page), 10)], "/", "-"))
		}
		b.do(chromedp.EmulateViewport(1280, 900))
	})

	t.Run("dark", func(t *testing.T) {
		b.do(scheme("dark"))
		for _, page := range []string{"", "people/" + f.tanaka.ID, "sources"} {
			b.do(chromedp.Navigate(f.url + "/" + page))
			if low := eval[[]string](b, contrastScript); len(low) > 0 {
				t.Errorf("/%s: too little contrast: %v", page, low)
			}
			b.shoot("dark-" + strings.ReplaceAll(page[:min(len(page), 6)], "/", "-"))
		}
		b.do(scheme("light"))
		for _, page := range []string{"", "people/" + f.tanaka.ID, "sources", "ledger", "reviews", "people"} {
			b.do(chromedp.Navigate(f.url + "/" + page))
			if low := eval[[]string](b, contrastScript); len(low) > 0 {
				t.Errorf("/%s: too little contrast: %v", page, low)
			}
		}
	})
}

func scheme(value string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}})
		return chromedp.Void{}, err
	}
}

// contrastScript lists texts whose contrast is under WCAG 2's 4.5 to 1.
const contrastScript = `(() => {
  const lum = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const parse = (s) => { const m = s.match(/[\d.]+/g).map(Number); return { c: m.slice(0, 3), a: m.length > 3 ? m[3] : 1 }; };
  const behind = (e) => { for (; e; e = e.parentElement) { const b = parse(getComputedStyle(e).backgroundColor); if (b.a > .99) return b.c; } return [255, 255, 255]; };
  const low = [];
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    const a = lum(parse(getComputedStyle(e).color).c), b = lum(behind(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) low.push(ratio.toFixed(2) + " " + e.className + " " + e.textContent.trim().slice(0, 20));
  }
  return low.slice(0, 10);
})()`
