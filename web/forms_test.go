package web

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// newForms is the sample web app with forms.
func newForms(t *testing.T, forms ...Form) (*fixture, *queue) {
	t.Helper()
	q := newQueue()
	f := newFixture(t, func(c *Config) { c.Forms, c.Intake, c.FormKey = formList(forms), q, []byte(strings.Repeat("k", 32)) })
	return f, q
}

const nasty = `"><script>alert(1)</script>`

func TestFormPages(t *testing.T) {
	f, q := newForms(t, Form{ID: "contact", Name: "お問い合わせ" + nasty, ReturnURLs: []string{"https://www.example.co.jp/thanks?a=1&b=" + nasty},
		Inputs: []FormInput{{Name: "mail" + nasty, Label: crm.Label{JA: "メール" + nasty}, Type: "email", Required: true},
			{Name: "topic", Label: crm.Label{JA: "用件", EN: "Topic"}, Type: "select", Options: []string{"見積", nasty}},
			{Name: "box", Type: "checkbox", Options: []string{"a", nasty}, Required: true}}},
		Form{ID: "signed", HMACSecret: "x"}, Form{ID: "guarded", Captcha: Captcha{Provider: "turnstile"}})
	for i := range 3 {
		_, _, err := q.AddSubmission(t.Context(), crm.Submission{ID: fmt.Sprintf("%032x", i), Form: "contact", At: f.now, State: crm.SubmissionQuarantined,
			Reason: suspectLinks, Version: 1, Fields: []crm.FormField{field(nasty, "値"+nasty, "二つ目")}, Touch: crm.Touch{Landing: nasty, Source: nasty}})
		must(t, err)
	}
	b := f.signedIn(t, "sato@example.co.jp")
	t.Run("list", func(t *testing.T) {
		_, page := b.get(t, "/forms")
		wantIn(t, page, `href="/forms/contact"`, "3件", "signed")
		wantOut(t, page, "<script>alert")
	})
	t.Run("form", func(t *testing.T) {
		_, page := b.get(t, "/forms/contact")
		wantOut(t, page, "<script>alert")
		text := html.UnescapeString(page)
		wantIn(t, text, "値"+nasty+"; 二つ目", "リンクが多数", `action="`+f.url+`/forms/contact"`, `name="_token"`, `name="tsunagu_website"`, `name="retURL"`,
			"Topic", "用件", `action="/forms/contact/quarantine/`+fmt.Sprintf("%032x", 0)+`"`)
		wantOut(t, text, "required type=\"checkbox\"")
	})
	t.Run("what is copied is escaped once more", func(t *testing.T) {
		form, _ := f.server.form("contact")
		copied := f.server.formHTML(f.server.speakers["ja"], &form, "https://x.example/forms/contact", false)
		wantOut(t, copied, "<script>", "onerror")
		wantIn(t, copied, `value="https://www.example.co.jp/thanks?a=1&amp;b=`)
	})
	t.Run("programs' form", func(t *testing.T) {
		_, page := b.get(t, "/forms/signed?lang=en")
		wantIn(t, page, "no HTML form to copy")
		wantOut(t, page, "<textarea")
		for _, id := range []string{"signed", "guarded", "nothing"} {
			if code, _ := b.get(t, "/forms/"+id+"/form"); code != http.StatusNotFound {
				t.Errorf("%s can be opened: %d", id, code)
			}
		}
		_, page = b.get(t, "/forms/guarded?lang=en")
		wantIn(t, page, "Cloudflare Turnstile")
	})
	t.Run("decide", func(t *testing.T) {
		id := func(i int) string { return fmt.Sprintf("/forms/contact/quarantine/%032x", i) }
		_, page := b.post(t, id(0), "action", "release")
		wantIn(t, page, "受け付けました")
		_, page = b.post(t, id(1), "action", "reject")
		wantIn(t, page, "却下しました")
		for path, want := range map[string]int{id(0): 409, id(1): 409, "/forms/signed/quarantine/" + id(2)[len(id(2))-32:]: 404, id(7): 404, "/forms/nothing/quarantine/x": 404} {
			if code, _ := b.post(t, path, "action", "reject"); code != want {
				t.Errorf("%s: %d", path, code)
			}
		}
		if code, _ := b.post(t, id(2), "action", "delete"); code != http.StatusBadRequest {
			t.Errorf("an unknown action: %d", code)
		}
		for state, n := range map[string]int{"": 1, "released": 1, "rejected": 1} {
			_, page := b.get(t, "/forms/contact?state="+state)
			if got := strings.Count(page, "<article"); got != n {
				t.Errorf("%q: %d are shown", state, got)
			}
		}
		if _, page = b.post(t, id(1), "action", "release"); !strings.Contains(page, "受け付けました") {
			t.Error("a rejected one cannot be released")
		}
	})
	t.Run("from elsewhere", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+fmt.Sprintf("/forms/contact/quarantine/%032x", 2), strings.NewReader("action=release"))
		must(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		req.Header.Set("Origin", "https://evil.example")
		if code, _ := b.send(t, req); code != http.StatusForbidden {
			t.Errorf("got %d", code)
		}
		if s, _ := q.GetSubmission(t.Context(), fmt.Sprintf("%032x", 2)); s.State != crm.SubmissionQuarantined {
			t.Errorf("it is %s", s.State)
		}
	})
}

func TestQuarantineIsPaged(t *testing.T) {
	f, q := newForms(t, Form{ID: "contact"}, Form{ID: "other"})
	for i := range 300 {
		form := "other"
		if i%10 == 0 {
			form = "contact"
		}
		_, _, err := q.AddSubmission(t.Context(), crm.Submission{ID: fmt.Sprintf("%032x", i), Form: form, State: crm.SubmissionQuarantined, Fields: []crm.FormField{field("a", "b")}})
		must(t, err)
	}
	b := f.signedIn(t, "sato@example.co.jp")
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	seen, path := 0, "/forms/contact"
	for range 10 {
		_, page := b.get(t, path)
		seen += strings.Count(page, "<article")
		m := next.FindStringSubmatch(page)
		if m == nil {
			break
		}
		path = html.UnescapeString(m[1])
	}
	if seen != 30 {
		t.Errorf("%d of 30 are shown", seen)
	}
	if code, _ := b.get(t, "/forms/other"+strings.TrimPrefix(path, "/forms/contact")); code != http.StatusBadRequest {
		t.Errorf("a place of another form's list: %d", code)
	}
}

// TestOpenForm sends our own page's form back as a browser would, and follows it to the thank-you page.
func TestOpenForm(t *testing.T) {
	f, q := newForms(t, Form{ID: "contact", MinFill: 3 * time.Second})
	for lang, thanks := range map[string]string{"ja": "送信ありがとうございました", "en": "Thank you"} {
		b := f.browser(t)
		_, page := b.get(t, "/forms/contact/form?lang="+lang)
		token := regexp.MustCompile(`name="_token" value="([^"]+)"`).FindStringSubmatch(page)
		if token == nil {
			t.Fatal("the form bears no token")
		}
		wantOut(t, page, "style=", "<script>")
		f.server.intake.now = func() time.Time { return time.Now().Add(time.Minute) }
		_, page = b.post(t, "/forms/contact", "last_name", "田中 "+lang, "tsunagu_website", "", "_token", token[1], "_lang", lang)
		f.server.intake.now = time.Now
		wantIn(t, page, thanks)
	}
	for _, s := range q.all() {
		if s.State != crm.SubmissionAccepted {
			t.Errorf("%+v", s)
		}
	}
	res, err := http.Get(f.url + "/forms/contact/thanks")
	must(t, err)
	res.Body.Close()
	if got := strings.Join(res.Header.Values("Link"), " "); !strings.Contains(got, `hreflang="ja"`) || !strings.Contains(got, `hreflang="en"`) {
		t.Errorf("Link %s", got)
	}
	if code, _ := f.browser(t).get(t, "/forms/nothing/thanks"); code != http.StatusNotFound {
		t.Errorf("a form that is none: %d", code)
	}
}

func TestNoForms(t *testing.T) {
	f := newFixture(t)
	_, page := f.signedIn(t, "sato@example.co.jp").get(t, "/forms")
	wantIn(t, page, "フォームはまだありません")
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/forms/contact", strings.NewReader("a=1"))
	f.server.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusNotFound {
		t.Errorf("answered %d", w.Code)
	}
}

func TestEverySuspicionHasASentence(t *testing.T) {
	for lang, sp := range testSpeakers(t) {
		for _, code := range []string{suspectHoneypot, suspectTooFast, suspectToken, suspectControls, suspectCharset, suspectLinks, suspectCaptcha, suspectOutage} {
			if !sp.has("suspect." + code) {
				t.Errorf("%s has no sentence for %s", lang, code)
			}
		}
		for _, l := range languages() {
			if !sp.has("forms.in_" + l) {
				t.Errorf("%s has no word for %s", lang, l)
			}
		}
		for _, code := range []string{"quarantined", "released", "rejected"} {
			if !sp.has("submission_state." + code) {
				t.Errorf("%s has no word for %s", lang, code)
			}
		}
	}
}
