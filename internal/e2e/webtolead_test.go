package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/text/encoding/japanese"
)

// webToLead is a saved page with a form for another system; only the action is to be changed.
const webToLead = `<!DOCTYPE html>
<html><head><meta http-equiv="Content-type" content="text/html; charset=CHARSET"><title>資料請求</title></head><body>
<form action="ACTION" method="POST">
<input type=hidden name="oid" value="00D000000000001">
<input type=hidden name="retURL" value="RETURN">
<label for="first_name">名</label><input id="first_name" maxlength="40" name="first_name" size="20" type="text" /><br>
<label for="last_name">姓</label><input id="last_name" maxlength="80" name="last_name" size="20" type="text" /><br>
<label for="email">メール</label><input id="email" maxlength="80" name="email" size="20" type="text" /><br>
<label for="company">会社名</label><input id="company" maxlength="40" name="company" size="20" type="text" /><br>
<label for="phone">電話</label><input id="phone" maxlength="40" name="phone" size="20" type="text" /><br>
<label for="description">説明</label><textarea name="description"></textarea><br>
<input type="hidden" name="lead_source" value="Web">
製品:<select id="00N000000000001" name="00N000000000001" title="製品"><option value="つなぐ">つなぐ</option></select><br>
<input type="submit" name="submit" value="送信">
</form></body></html>`

// TestWebToLead has a real browser send a Web-to-Lead form, in two charsets, and land on the page that it names.
func TestWebToLead(t *testing.T) {
	t.Parallel()
	var daemonURL string
	site := http.NewServeMux()
	page := func(charset string) string {
		return strings.NewReplacer("CHARSET", charset, "ACTION", daemonURL+"/forms/contact", "RETURN", "RETURNURL").Replace(webToLead)
	}
	var companySite *httptest.Server
	site.HandleFunc("GET /utf8.html", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(strings.ReplaceAll(page("utf-8"), "RETURNURL", companySite.URL+"/thanks.html")))
	})
	site.HandleFunc("GET /sjis.html", func(w http.ResponseWriter, _ *http.Request) {
		encoded, err := japanese.ShiftJIS.NewEncoder().String(strings.ReplaceAll(page("Shift_JIS"), "RETURNURL", companySite.URL+"/thanks.html"))
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=Shift_JIS")
		_, _ = w.Write([]byte(encoded))
	})
	site.HandleFunc("GET /thanks.html", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<title>完了</title><h1 id="done">ありがとうございました</h1>`))
	})
	companySite = httptest.NewServer(site)
	t.Cleanup(companySite.Close)

	s := formsSite(t, `, return_urls: ["`+companySite.URL+`/"]`)
	d := s.start()
	d.ready()
	daemonURL = d.url()
	b := openBrowser(t)
	for _, charset := range []string{"utf8", "sjis"} {
		b.do(chromedp.Navigate(companySite.URL+"/"+charset+".html"), chromedp.WaitVisible(chromedp.CSS(`#email`)),
			chromedp.SendKeys(chromedp.CSS(`#last_name`), "髙橋"), chromedp.SendKeys(chromedp.CSS(`#first_name`), "健"),
			chromedp.SendKeys(chromedp.CSS(`#email`), "ken@"+charset+".example"),
			chromedp.SendKeys(chromedp.CSS(`#company`), "㈱テスト～商事"),
			chromedp.SendKeys(chromedp.CSS(`#phone`), "０３－１２３４－５６７８"),
			chromedp.SendKeys(chromedp.CSS(`textarea`), "資料をください "+charset),
			chromedp.Click(chromedp.CSS(`input[type=submit]`)), chromedp.WaitVisible(chromedp.CSS(`#done`)))
		b.wants("ありがとうございました")
		b.shoot("webtolead-" + charset)
	}
	eventually(t, 20*time.Second, "both enquiries are logged", func() bool { return len(s.activities()) == 2 })
	leads := decodeLines[struct {
		Name, Company string
		Emails        []string
		Phones        []struct{ E164 string }
	}](t, s.must("export", "leads"))
	if len(leads) != 1 || len(leads[0].Emails) != 2 { // the same name and telephone number
		t.Fatalf("%d leads, want one with both addresses: %+v", len(leads), leads)
	}
	for _, lead := range leads {
		if lead.Name != "髙橋 健" || !strings.Contains(lead.Company, "テスト～商事") && !strings.Contains(lead.Company, "テスト〜商事") ||
			len(lead.Phones) == 0 || lead.Phones[0].E164 != "+81312345678" {
			t.Errorf("lead %+v", lead)
		}
	}
	for _, a := range s.activities() {
		if !strings.Contains(a.Text, "資料をください") {
			t.Errorf("text %q", a.Text)
		}
	}
}
