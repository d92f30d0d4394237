package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// newcomerWords are what a newcomer reads at the end of each path of docs/newcomer.md, by language.
func newcomerWords() map[string]map[string]string {
	return map[string]map[string]string{
		"ja": {"why": "一致しました", "missing": "登録されていません", "stop": "この人の記録を止める", "latest": "記録された理由", "lost": "見当たらない", "sources": "合計が一致しています"},
		"en": {"why": "on record", "missing": "Nobody with the address", "stop": "Stop logging this person", "latest": "Why it was logged", "lost": "missing", "sources": "The sums agree"},
	}
}

// latestMail finds a mail among the latest activities; only what is no mail names its kind.
const latestMail = `(() => [...document.querySelectorAll("#latest ~ .timeline article.act")].find(a => !a.querySelector(".act-who .tag").textContent.includes("·")))`

// TestNewcomer walks the four paths of docs/newcomer.md on the demo, from the first page with clicks and keys alone,
// in both languages.
func TestNewcomer(t *testing.T) {
	t.Parallel()
	d := startDemo(t)
	b := openBrowser(t)
	b.toConsent(d.url, "ja")
	b.allow()
	for _, lang := range []string{"ja", "en"} {
		say := newcomerWords()[lang]
		b.do(chromedp.Navigate(d.url + "/settings"))
		b.do(b.script(fmt.Sprintf(`document.querySelector("select[name=language]").value = %q`, lang)))
		b.do(chromedp.Click(chromedp.CSS(`form[action="/settings/language"] button`)), chromedp.WaitVisible(chromedp.CSS(`html[lang=`+lang+`] .notice`)))
		first := func() {
			b.do(chromedp.Navigate(d.url + "/"))
			b.waitFor(`document.querySelectorAll("#latest ~ .timeline article.act").length > 0`, 20*time.Second)
		}

		first() // why was a mail logged?
		b.wants(say["latest"])
		b.waitFor(latestMail+`() !== undefined`, 20*time.Second)
		mail := value[string](b, latestMail+`().dataset.key`)
		b.do(chromedp.Click(chromedp.CSS(fmt.Sprintf(`article[data-key=%q] .why summary`, mail))))
		b.wants(say["why"])
		b.shoot("newcomer-why-" + lang)

		first() // why was one not?
		b.wants(say["lost"])
		b.do(chromedp.Click(chromedp.CSS(`.ways a[href="/ledger#find"]`)))
		b.arrive("#find input[name=q]")
		b.do(chromedp.SendKeys(chromedp.CSS(`#find input[name=q]`), "stranger@nowhere.example"), chromedp.Click(chromedp.CSS(`#find .primary`)))
		b.arrive("#find-title")
		b.wants("stranger@nowhere.example", say["missing"])
		b.shoot("newcomer-missing-" + lang)

		first() // how far is the back-fill?
		b.do(chromedp.Click(chromedp.CSS(`.ways li:last-child a`)))
		b.arrive(".state")
		b.wants("Gmail", say["sources"])
		b.shoot("newcomer-fill-" + lang)

		first() // how do I stop logging a person?
		b.do(chromedp.Click(chromedp.CSS(`.ways a[href="/help#stop"]`)))
		b.arrive("#stop")
		b.do(chromedp.Click(chromedp.CSS(`#stop a`)))
		b.wait(`document.activeElement.id === "palette-box"`)
		b.do(chromedp.KeyEvent("西村"))
		b.wait(`document.querySelector("[role=option][aria-selected=true]")?.textContent.includes("西村")`)
		b.do(chromedp.KeyEvent(kb.Enter))
		b.arrive("details[data-key=stop]")
		b.do(chromedp.Click(chromedp.CSS(`details[data-key=stop] summary`)), chromedp.WaitVisible(chromedp.CSS(`details[data-key=stop] button`)))
		b.wants(say["stop"], "nishimura@hanatsubaki.example")
		b.shoot("newcomer-stop-" + lang)
	}
	b.do(chromedp.Click(chromedp.CSS(`details[data-key=stop] button`)))
	b.arrive(".notice")
	b.shoot("newcomer-stopped")
	b.do(chromedp.Navigate(d.url + "/exclusions"))
	b.wants("nishimura@hanatsubaki.example")
}
