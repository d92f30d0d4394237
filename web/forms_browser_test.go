package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"golang.org/x/text/encoding/japanese"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestFormsInBrowser fills the form of our own page in, and one that was copied into a page in Shift_JIS, in a
// real browser, and reads the quarantine.
func TestFormsInBrowser(t *testing.T) {
	var copied string
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=Shift_JIS")
		page := `<!doctype html><h1 id="done">完了</h1>`
		if r.URL.Path == "/form" {
			page = "<!doctype html>" + strings.Replace(copied, `accept-charset="UTF-8"`, "", 1)
		}
		raw, err := japanese.ShiftJIS.NewEncoder().String(page)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte(raw))
	}))
	defer site.Close()
	f, q := newForms(t, Form{ID: "contact", Name: "お問い合わせ", ReturnURLs: []string{site.URL + "/done"}})
	form, _ := f.server.form("contact")
	copied = f.server.formHTML(f.server.speakers["ja"], &form, f.url+"/forms/contact", false)
	_, _, err := q.AddSubmission(t.Context(), crm.Submission{ID: crm.NewID(), Form: "contact", At: f.now, State: crm.SubmissionQuarantined, Reason: suspectLinks, Version: 1,
		Fields: []crm.FormField{field("last_name", "中村"), field("email", "nakamura@spam.example"), field("description", strings.Repeat("https://spam.example/ とても安い\n", 6))},
		Touch:  crm.Touch{Landing: "https://www.example.co.jp/lp?utm_source=google", Source: "google"}})
	must(t, err)

	b := openBrowser(t)
	fill := func() {
		b.do(chromedp.WaitVisible(chromedp.CSS(`input[name=last_name]`)),
			chromedp.SendKeys(chromedp.CSS(`input[name=last_name]`), "髙橋"), chromedp.SendKeys(chromedp.CSS(`input[name=email]`), "ken@client.example"),
			chromedp.SendKeys(chromedp.CSS(`textarea`), "①見積り～𠮷"))
	}
	b.do(chromedp.Navigate(f.url + "/forms/contact/form?lang=ja"))
	fill()
	b.shoot("formopen-ja")
	b.do(chromedp.Click(chromedp.CSS(`button.primary`)), chromedp.WaitVisible(chromedp.CSS(`.card.center`)))
	wantIn(t, b.text(), "送信ありがとうございました")
	b.shoot("thanks-ja")
	b.do(chromedp.Navigate(site.URL + "/form"))
	fill()
	b.do(chromedp.Click(chromedp.CSS(`button`)), chromedp.WaitVisible(chromedp.CSS(`#done`)))
	arrived := 0
	for _, s := range q.all() {
		if s.State == crm.SubmissionAccepted {
			arrived++
			want := map[string]string{"last_name": "髙橋", "description": "①見積り～𠮷"}
			for _, field := range s.Fields {
				if w, ok := want[field.Name]; ok && field.Values[0] != w {
					t.Errorf("%s is %q", field.Name, field.Values[0])
				}
			}
		}
	}
	if arrived != 2 {
		t.Errorf("%d arrived", arrived)
	}

	b.signIn(f.url, "suzuki@example.co.jp")
	b.do(chromedp.Navigate(f.url + "/forms"))
	b.shoot("forms-ja")
	b.do(chromedp.Navigate(f.url + "/forms/contact"))
	wantIn(t, b.text(), "リンクが多数含まれています")
	b.shoot("form-ja")
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
	for _, path := range []string{"/forms", "/forms/contact", "/forms/contact/form", "/forms/contact/thanks"} {
		b.do(chromedp.Navigate(f.url + path))
		if w := eval[int](b, `document.documentElement.scrollWidth`); w > 390 {
			t.Errorf("%s is %d pixels wide", path, w)
		}
		for _, s := range []string{"dark", "light"} {
			b.do(scheme(s))
			if low := eval[[]string](b, contrastScript); len(low) > 0 {
				t.Errorf("%s, %s: too little contrast: %v", path, s, low)
			}
		}
	}
	b.shoot("phone-form")
	b.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(f.url+"/forms/contact"), chromedp.Click(chromedp.CSS(`button[value=release]`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)))
	if n, _ := q.CountSubmissions(t.Context(), crm.SubmissionReleased); n != 1 {
		t.Errorf("%d are released", n)
	}
}
