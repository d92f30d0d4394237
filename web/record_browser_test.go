package web

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestRecordInBrowser looks at every page of records in both languages, on a desk and on a phone, light and dark, and logs a call
// with one key.
func TestRecordInBrowser(t *testing.T) {
	f := newFixture(t)
	mail := f.deliver(t, "付け替える")
	sato, yamada := recordSato, crm.DerivedID("person", "yamada")
	must(t, f.store.SaveComment(t.Context(), recordSuzuki, crm.Comment{ID: crm.NewID(), Kind: crm.CommentPerson, Subject: f.tanaka.ID, Author: recordSuzuki, Text: "@sato 価格を確認してください", Mentions: []string{sato}, At: f.now}))
	deal, err := f.store.SaveOpportunity(t.Context(), sato, crm.Opportunity{ID: crm.NewID(), Name: "基幹システム", Account: f.client.ID, Owner: sato, Stage: crm.StageProposal, Amount: 500_000, Expected: "2026-12-31",
		Lines: []crm.Line{{Name: "月額", Quantity: 12, Price: 30_000}}, Documents: []crm.Document{{Kind: crm.DocumentOrder, Name: "注文書", URL: "https://files.example/1"}}})
	must(t, err)
	b := openBrowser(t)
	b.signIn(f.url, sato)
	b.do(chromedp.Navigate(f.url+"/people/"+recordLead()), chromedp.KeyEvent("c"), chromedp.WaitVisible(chromedp.CSS(`#call[open] .rec-results`)))
	if at := eval[string](b, `document.activeElement.name`); at != "result" {
		t.Errorf("after c the focus is on %q", at)
	}
	b.recordPages(f, map[string]string{
		"person": "/people/" + f.tanaka.ID, "person-comments": "/people/" + f.tanaka.ID + "?tab=comments", "lead-details": "/people/" + recordLead() + "?tab=details",
		"account": "/accounts/" + f.client.ID, "convert": "/people/" + recordLead() + "/convert?opportunity=1", "merge-find": "/people/" + f.tanaka.ID + "/merge?q=%E5%B1%B1",
		"merge": "/people/" + f.tanaka.ID + "/merge?with=" + yamada, "filing": "/activities/" + mail.ID + "/people?q=%E5%B1%B1", "activity": "/activities/" + mail.ID,
		"opportunity": "/opportunities/" + deal.ID, "contract-new": "/contracts/new",
	})
}

// recordPages looks at each page in each manner.
func (b *tab) recordPages(f *fixture, pages map[string]string) {
	b.t.Helper()
	for _, lang := range []string{"ja", "en"} {
		u, err := f.store.GetUser(b.t.Context(), recordSato)
		must(b.t, err)
		u.Locale = lang
		must(b.t, f.store.SaveUser(b.t.Context(), "cli", u))
		for name, path := range pages {
			b.do(chromedp.Navigate(f.url + path))
			for width, looks := range map[int]string{1280: "light", 390: "dark"} {
				b.do(chromedp.EmulateViewport(int64(width), 1100), scheme(looks))
				if raw := eval[[]string](b, rawScript); len(raw) > 0 {
					b.t.Errorf("%s in %s shows %q", name, lang, raw)
				}
				if w := eval[int](b, `document.documentElement.scrollWidth`); w > width {
					b.t.Errorf("%s, %s is %d pixels wide of %d", name, lang, w, width)
				}
				if low := eval[[]string](b, contrastScript); len(low) > 0 {
					b.t.Errorf("%s, %s: too little contrast: %v", name, looks, low)
				}
				b.whole("r-" + name + "-" + lang + "-" + looks)
			}
			b.do(chromedp.EmulateViewport(1280, 900))
		}
	}
}
