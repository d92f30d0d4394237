package web

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// dashLooks are pages of dashboards that are looked at in each manner.
func dashLooks() map[string]string {
	return map[string]string{"overview": "/reports", "stack": "/reports/call_results?range=this_month&grain=day", "keys": "/reports/meetings_won?by=owner&range=last_30d&grain=week",
		"funnel": "/reports/conversion?range=this_month", "costs": "/reports/cost_per_lead?range=this_month", "line": "/reports/cost_per_lead?by=none", "won": "/reports/won",
		"list": "/reports/leads/list?column=leads&grain=month&by=none&from=2000-01-01&to=2019-12-31", "campaigns": "/campaigns", "campaign": "/campaigns/new", "products": "/products", "segments": "/segments"}
}

func TestDashboardsInBrowser(t *testing.T) {
	f := dashFixture(t, crm.AccessPolicy{})
	must(t, f.store.SaveProduct(t.Context(), "cli", crm.Product{ID: crm.NewID(), Name: "クラウド基本プラン(年額・保守込み)", Code: "CL-1", Price: 300000, Unit: "年"}))
	b := openBrowser(t)
	b.signIn(f.url, dashSuzuki)

	b.do(chromedp.Navigate(f.url+"/reports/meetings_won?range=last_30d&grain=week&by=none"), chromedp.WaitVisible(chromedp.CSS(`.plot-main a`)))
	b.do(chromedp.Click(chromedp.CSS(`[data-png]`)))
	b.wait(`Number(document.querySelector("[data-png]").dataset.bytes) > 5000`)
	if !eval[bool](b, `(() => { const bar = document.querySelector(".plot-main a"); bar.focus(); return document.activeElement === bar && bar.querySelector("title").textContent.includes("24"); })()`) {
		t.Error("a bar cannot be focused, or does not say what it is")
	}
	b.do(chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS(`tr[data-row]`)))
	wantIn(t, b.text(), "リード")
	for _, lang := range []string{"ja", "en"} {
		u, err := f.store.GetUser(t.Context(), dashSuzuki)
		must(t, err)
		u.Locale = lang
		must(t, f.store.SaveUser(t.Context(), "cli", u))
		for name, path := range dashLooks() {
			b.do(chromedp.Navigate(f.url + path))
			if raw := eval[[]string](b, strings.ReplaceAll(rawScript, "innerText.match", `innerText.replaceAll("utm_campaign", "").match`)); len(raw) > 0 {
				t.Errorf("%s in %s shows %q", name, lang, raw)
			}
			for width, size := range map[int]string{1280: "wide", 390: "phone"} {
				for _, s := range []string{"dark", "light"} {
					b.do(chromedp.EmulateViewport(int64(width), 1100), scheme(s))
					if w := eval[int](b, `document.documentElement.scrollWidth`); w > width {
						t.Errorf("%s, %s is %d pixels wide of %d", name, lang, w, width)
					}
					if low := eval[[]string](b, contrastScript); len(low) > 0 {
						t.Errorf("%s, %s: too little contrast: %v", name, s, low)
					}
					b.whole("d-" + strings.Join([]string{name, lang, s, size}, "-"))
				}
			}
		}
	}
}
