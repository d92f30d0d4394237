package web

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// arrive waits until a page with this path is there. A page that goes away meanwhile cannot be asked, which is no fault.
func (b *tab) arrive(path string) {
	b.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 300 {
		if at, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.readyState === "complete" ? location.pathname : ""`)); err == nil && at == path {
			return
		}
		<-tick.C
	}
	b.shoot("failed")
	b.t.Fatalf("the browser never came to %s", path)
}

// TestBrowserShell opens what lies over the pages with keys alone, and walks docs/newcomer.md.
func TestBrowserShell(t *testing.T) {
	f := newFixture(t)
	b := openBrowser(t)
	b.signIn(f.url, "sato@example.co.jp")

	t.Run("search by keys", func(t *testing.T) {
		b.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
		b.wait(`document.activeElement.id === "palette-box" && document.querySelectorAll("[role=option]").length > 5`)
		b.do(chromedp.KeyEvent("yamada"))
		b.wait(`document.querySelector("[role=option][aria-selected=true]")?.textContent.includes("山田 次郎")`)
		if !eval[bool](b, `(() => { const box = document.activeElement; return document.getElementById(box.getAttribute("aria-activedescendant")).getAttribute("aria-selected") === "true" && document.getElementById(box.getAttribute("aria-controls")).getAttribute("role") === "listbox"; })()`) {
			t.Error("the chosen option is not told to those who listen")
		}
		b.do(chromedp.KeyEvent(kb.Enter))
		b.arrive("/people/" + crm.DerivedID("person", "yamada"))
	})
	t.Run("keys", func(*testing.T) {
		b.do(chromedp.KeyEvent("?"))
		b.wait(`document.getElementById("keys").open`)
		b.do(chromedp.KeyEvent(kb.Escape))
		b.wait(`!document.getElementById("keys").open`)
		b.do(chromedp.KeyEvent("g"), chromedp.KeyEvent("t"))
		b.arrive("/tasks")
	})
	t.Run("newcomer", func(t *testing.T) {
		b.do(chromedp.Navigate(f.url+"/"), chromedp.Click(chromedp.CSS(`#latest ~ .timeline .why summary`)))
		wantIn(t, b.text(), "一致しました")
		b.do(chromedp.Click(chromedp.CSS(`.ways a[href="/ledger#find"]`)), chromedp.WaitVisible(chromedp.CSS(`#find input[name=q]`)),
			chromedp.SendKeys(chromedp.CSS(`#find input[name=q]`), "new@prospect.example"), chromedp.Click(chromedp.CSS(`#find .primary`)), chromedp.WaitVisible(chromedp.CSS(`#find-title`)))
		wantIn(t, b.text(), "判断を待っています")
		b.do(chromedp.Navigate(f.url+"/"), chromedp.Click(chromedp.CSS(`.ways a[href="/help#stop"]`)), chromedp.WaitVisible(chromedp.CSS(`#stop`)))
		b.do(chromedp.Click(chromedp.CSS(`#stop a`)))
		b.wait(`document.getElementById("palette").open`)
		b.do(chromedp.Navigate(f.url+"/"), chromedp.Click(chromedp.CSS(`.ways a[href="/sources"]`)))
		b.arrive("/sources")
	})
}
