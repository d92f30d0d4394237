package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestMeetingsInBrowser signs in at a provider on another site, answers a question, and looks at every page that
// has to do with meetings and accounts in both languages, on a phone and in the dark.
func TestMeetingsInBrowser(t *testing.T) {
	google := &fakeSignIns{connections: sampleConnections()[:3], answer: SignedIn{Email: "sato@example.co.jp", Verified: true, Connected: true}}
	f, store := withMeetings(t, (*fixture).sampleMeetings, func(c *Config) { c.SignIns = google })
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, f.url+"/signin/google/callback?code=1&state="+url.QueryEscape(r.URL.Query().Get("state")), http.StatusFound)
	}))
	defer provider.Close()
	google.to = strings.Replace(provider.URL, "127.0.0.1", "localhost", 1) + "/auth" // another site to the browser

	b := openBrowser(t)
	b.do(chromedp.Navigate(f.url + "/signin?lang=ja"))
	b.shoot("signin-google-ja")
	b.do(chromedp.Navigate(f.url+"/signin?lang=en&next=/people/"+f.tanaka.ID), chromedp.Click(chromedp.CSS(`.provider`)), chromedp.WaitVisible(chromedp.CSS(`.bar`)))
	if path := eval[string](b, `location.pathname`); path != "/people/"+f.tanaka.ID {
		t.Errorf("the sign-in ends on %s", path)
	}
	if !google.last().Connect {
		t.Error("the ticked box was not sent")
	}
	pages := map[string]string{"home": "/", "person": "/people/" + f.tanaka.ID, "moved": "/activities/" + store.held[1].ID,
		"held": "/activities/" + store.held[0].ID, "connections": "/connections", "ask": "/connections?ask=google/sato@example.co.jp", "sources": "/sources"}
	for _, lang := range []string{"ja", "en"} {
		u, err := f.store.GetUser(t.Context(), "sato@example.co.jp")
		must(t, err)
		u.Locale = lang
		must(t, f.store.SaveUser(t.Context(), "cli", u))
		for name, path := range pages {
			for _, width := range []int{1280, 390} {
				b.do(chromedp.EmulateViewport(int64(width), 1100))
				for _, s := range []string{"dark", "light"} {
					b.do(scheme(s), chromedp.Navigate(f.url+path))
					if w := eval[int](b, `document.documentElement.scrollWidth`); w > width {
						t.Errorf("%s, %s is %d pixels wide", name, lang, w)
					}
					if low := eval[[]string](b, contrastScript); len(low) > 0 {
						t.Errorf("%s, %s: too little contrast: %v", name, s, low)
					}
					b.shoot("m-" + name + "-" + lang + "-" + s + "-" + map[int]string{1280: "wide", 390: "phone"}[width])
				}
			}
		}
	}
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(f.url+"/"))
	b.do(chromedp.Click(chromedp.CSS(`.question summary`)), chromedp.SendKeys(chromedp.CSS(`input[name=next_what]`), "見積書を送る"))
	b.newsWhileWriting(f)
	b.do(chromedp.Click(chromedp.CSS(`.question button[value=held]`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)))
	if o := store.held[0].Outcome; o == nil || o.Result != crm.OutcomeHeld || o.Next.What != "見積書を送る" || time.Since(o.At) > time.Minute {
		t.Errorf("outcome %+v", o)
	}
	b.shoot("m-answered")
}

// newsWhileWriting lets something happen while a field has the cursor: the page stands still until it is left, and
// what was written stays.
func (b *tab) newsWhileWriting(f *fixture) {
	b.t.Helper()
	until := func(expression string) {
		b.t.Helper()
		if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(10*time.Second))); err != nil {
			b.t.Fatalf("wait for %s: %v", expression, err)
		}
	}
	until(`document.documentElement.dataset.live === "on"`)
	eval[bool](b, `(() => { window.swaps = 0; window.news = 0; document.addEventListener("tsunagu:refreshed", () => { swaps++; });
		const s = new EventSource(document.getElementById("live").dataset.live); s.addEventListener("open", () => { news = 1; }); s.addEventListener("change", () => { news = 2; }); return true; })()`)
	until(`news === 1`)
	f.engine.publish(Event{Many: true})
	until(`news === 2`)
	time.Sleep(500 * time.Millisecond) // longer than the page's own pause
	if n := eval[int](b, `swaps`); n != 0 {
		b.t.Errorf("the page was swapped %d times while somebody wrote", n)
	}
	eval[bool](b, `(() => { document.activeElement.blur(); return true; })()`)
	until(`swaps > 0`)
	if got := eval[string](b, `document.querySelector("input[name=next_what]").value`); got != "見積書を送る" {
		b.t.Errorf("what was written became %q", got)
	}
	if !eval[bool](b, `document.querySelector(".question details").open`) {
		b.t.Error("the fields were closed")
	}
}
