package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestFormPages is a form's first day in a real browser: its page with the HTML to copy, an enquiry typed into the
// open form, one in quarantine that is let through, and the person's page with what was sent.
func TestFormPages(t *testing.T) {
	t.Parallel()
	s := formsSite(t, "")
	d := s.start()
	d.ready()
	b := openBrowser(t)
	b.setUp(d)
	for _, lang := range []string{"ja", "en"} {
		b.do(chromedp.Navigate(d.url() + "/forms?lang=" + lang))
		b.wants("contact")
		b.shoot("forms-" + lang)
		b.do(chromedp.Navigate(d.url() + "/forms/contact?lang=" + lang))
		b.wants(d.url() + "/forms/contact")
		b.shoot("form-" + lang)
	}

	b.do(chromedp.Navigate(d.url()+"/forms/contact/form?lang=ja"), chromedp.WaitVisible(chromedp.CSS(`input[name=email]`)),
		chromedp.SendKeys(chromedp.CSS(`input[name=email]`), "ken@new.example"),
		chromedp.SendKeys(chromedp.CSS(`input[name=company]`), "㈱ニュー"),
		chromedp.SendKeys(chromedp.CSS(`input[name=last_name]`), "髙橋"), chromedp.SendKeys(chromedp.CSS(`input[name=first_name]`), "健"))
	b.shoot("form-open-ja")
	b.do(chromedp.Submit(chromedp.CSS(`input[name=email]`)), chromedp.WaitNotPresent(chromedp.CSS(`input[name=email]`)))
	b.wants("送信ありがとうございました")
	b.shoot("thanks-ja")

	answer, err := http.PostForm(d.url()+"/forms/contact", url.Values{"email": {"spam@new.example"}, "name": {"<script>alert(1)</script>"},
		"description": {strings.Repeat("https://spam.example/x ", 40)}})
	if err != nil || answer.StatusCode/100 > 3 {
		t.Fatalf("post what looks like spam: %v %v", answer, err)
	}
	answer.Body.Close()
	eventually(t, 20*time.Second, "the enquiry is logged", func() bool { return len(s.activities()) == 1 })
	b.do(chromedp.Navigate(d.url() + "/forms/contact?lang=ja"))
	b.wants("spam@new.example", "<script>alert(1)</script>")
	b.shoot("quarantine-ja")
	b.do(chromedp.Click(chromedp.CSS(`button[value=release]`)))
	eventually(t, 20*time.Second, "the released one is logged", func() bool { return len(s.activities()) == 2 })

	for _, a := range s.activities() {
		if len(a.People) != 1 || a.People[0].Kind != "lead" {
			t.Errorf("people of %s: %+v", a.Subject, a.People)
			continue
		}
		b.do(chromedp.Navigate(d.url() + "/people/" + a.People[0].ID + "?lang=ja"))
		b.wants(a.People[0].Email)
		b.shoot("lead-" + strings.Split(a.People[0].Email, "@")[0])
	}
}
