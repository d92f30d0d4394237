package web

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestMappingInTheBrowser writes a mistake and sees it marked, mends it, sets a field, and looks at each page in both sizes.
func TestMappingInTheBrowser(t *testing.T) {
	f, _ := mappingFixture(t)
	b := openBrowser(t)
	b.signIn(f.url, "suzuki@example.co.jp")
	b.do(chromedp.Navigate(f.url + "/mapping"))
	b.wait(`document.querySelectorAll(".map-lines li").length > 5`)
	b.wait(`document.querySelector("#trial .verdict") !== null`)
	b.shoot("mapping-ja")
	eval[int](b, `(() => { const t = document.getElementById("document"); t.value += "match:\n  domian: true\n"; t.dispatchEvent(new Event("input", {bubbles: true})); return 0; })()`)
	b.wait(`document.querySelector(".map-lines .wrong")?.textContent === "9"`)
	b.shoot("mapping-mistake-ja")
	eval[int](b, `(() => { const t = document.getElementById("document"); t.value = t.value.replace("domian", "domain"); t.dispatchEvent(new Event("input", {bubbles: true})); return 0; })()`)
	b.wait(`document.querySelector(".map-lines .wrong") === null`)
	eval[int](b, `(() => { document.querySelector(".map-guide").open = true; const e = document.getElementById("mapping").elements; e.kind.value = "email"; e.field.value = "activity.product"; e.from.value = "mail.subject"; document.querySelector('[formaction="/mapping/field"]').click(); return 0; })()`)
	b.wait(`document.getElementById("document").value.includes("product: mail.subject")`)
	b.wait(`document.getElementById("trial").innerText.includes("商品")`)
	if !strings.Contains(eval[string](b, `document.getElementById("document").value`), "# the lawyer") {
		t.Error("a comment is gone")
	}
	b.shoot("mapping-field-ja")
	b.do(chromedp.Click(chromedp.CSS(`.map-text .primary`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)))
	b.shoot("mapping-versions-ja")
	for _, lang := range []string{"ja", "en"} {
		for _, path := range []string{"mapping", "mapping/versions", "mapping/versions/2", "rules", "rules/lifecycle", "rules/exclusions", "rules/proposals"} {
			for name, size := range map[string]int64{"": 1280, "phone-": 390} {
				b.do(chromedp.EmulateViewport(size, 844))
				b.do(chromedp.Navigate(f.url + "/" + path + "?lang=" + lang))
				if w := eval[int64](b, `document.documentElement.scrollWidth`); w > size {
					t.Errorf("/%s is %d pixels wide of %d", path, w, size)
				}
				b.shoot(name + strings.ReplaceAll(path, "/", "-") + "-" + lang)
			}
		}
	}
	b.do(scheme("dark"))
	for _, path := range []string{"mapping", "mapping/versions/2", "rules"} {
		b.do(chromedp.Navigate(f.url + "/" + path))
		b.shoot("dark-" + strings.ReplaceAll(path, "/", "-"))
		if low := eval[[]string](b, contrastScript); len(low) > 0 {
			t.Errorf("/%s: too little contrast: %v", path, low)
		}
	}
}
