package e2e

import (
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// bareSeed makes a daemon that reads nothing yet and trusts a mail server.
func bareSeed(t *testing.T, server *testdovecot.Server, config string) *seed {
	t.Helper()
	s := newSite(t, config)
	s.env = []string{"SSL_CERT_FILE=" + server.CAFile}
	d := s.start()
	d.ready()
	return &seed{d, nil, map[string]int{}}
}

// mailFrom gives n mails of so many lines of somebody outside, the newest an hour old.
func mailFrom(from, to string, n, lines int) iter.Seq[testdovecot.Message] {
	return func(yield func(testdovecot.Message) bool) {
		for i := range n {
			at := time.Now().Add(-time.Duration(i+1) * time.Hour)
			raw := seedMail{from: from, to: to, subject: fmt.Sprintf("letter %d", i), text: strings.Repeat("What this is about stands here.\n", lines), at: at, id: fmt.Sprintf("%d.%s", i, from)}.raw()
			if !yield(testdovecot.Message{Raw: []byte(raw), Date: at}) {
				return
			}
		}
	}
}

// TestFirstRun sets a fresh installation up in the browser: its configuration names a place for data and an address, and
// nothing else.
func TestFirstRun(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	b := openBrowser(t)
	for _, lang := range []string{"ja", "en"} {
		b.on(t, lang, func(t *testing.T) {
			me := "admin-" + lang + "@example.co.jp"
			server.AddUser(me, "secret")
			server.Fill(me, "INBOX", mailFrom("tanaka@client.example", me, 5, 1))
			server.Append(me, "INBOX", letter("inside-"+lang, suzuki, me, "internal"), time.Now())
			s := bareSeed(t, server, fmt.Sprintf("data_dir: ./data\nhttp: {listen: %q}\n", freePort(t)))
			b.firstRun(t, &walker{seed: s, b: b, lang: lang, me: me}, server)
		})
	}
}

// firstRun goes through the steps, with the mistakes that people make.
func (b *tab) firstRun(t *testing.T, w *walker, server *testdovecot.Server) {
	var code []string
	w.soon("the daemon prints a set-up code", func() bool {
		code = regexp.MustCompile(`set-up code ([0-9a-z]+)`).FindStringSubmatch(w.stderr.String())
		return code != nil
	})
	b.clear()
	w.open("/setup?lang=" + map[string]string{"ja": "en", "en": "ja"}[w.lang])
	b.leave(b.click(".langs a", w.either("日本語", "English")))
	b.wants(w.either("言語と管理者", "Language and administrator"))
	fill := func(code, password string) {
		b.do(b.script(fmt.Sprintf(`const f = document.querySelector("form:has([name=code])").elements; f.code.value = %q; f.name.value = "Admin"; f.email.value = %q; f.password.value = %q`, code, w.me, password)))
		b.leave(chromedp.Click(chromedp.CSS(`form:has([name=code]) button.primary`)))
	}
	fill("wrong", walkPassword)
	b.wait(`!!document.querySelector("[role=alert]")`)
	b.shoot("journey-setup-" + w.lang)
	fill(code[1], walkPassword)

	b.wants(w.either("組織の設定", "Your organisation"))
	if domains := value[string](b, `document.querySelector("input[name=domains]").value`); domains != "example.co.jp" {
		t.Errorf("proposed as one's own domains: %q", domains)
	}
	b.do(chromedp.SendKeys(chromedp.CSS(`input[name=name]`), "Sample"), b.script(`document.querySelector("input[name=domains]").value = "gmail.com"`))
	b.leave(chromedp.Click(chromedp.CSS(`button.primary`)))
	b.wants(w.either("だれでも使える", "anybody can have an address"))
	b.do(b.script(`document.querySelector("input[name=domains]").value = "example.co.jp example.com"; document.querySelector("select[name=timezone]").value = "Asia/Tokyo"`))
	b.shoot("journey-organisation-" + w.lang)
	b.leave(chromedp.Click(chromedp.CSS(`button.primary`)))

	b.wants(w.either("最初のメールボックス", "The first mailbox"))
	connect := func(password string) {
		b.do(b.script(fmt.Sprintf(`const f = document.querySelector('form[action="/setup/source"]').elements; f.server.value = %q; f.password.value = %q; f.since.value = "all"`, server.TLSAddr, password)))
		b.leave(chromedp.Click(chromedp.CSS(`form[action="/setup/source"] button.primary`)))
	}
	connect("wrong")
	b.wants(w.either("サインインできません", "Signing in fails"), w.either("アドレスとパスワードを確かめて", "Check address and password"))
	b.shoot("journey-first-source-" + w.lang)
	connect("secret")
	b.wants(w.either("準備ができました", "You are ready"))
	b.wait(fmt.Sprintf(`document.body.innerText.includes(%q)`, w.either("6件を確認し、0件を記録しました", "6 items seen, 0 logged")))
	b.shoot("journey-ready-" + w.lang)
	verdicts := map[string]int{}
	for _, row := range w.ledger() {
		verdicts[row.Verdict]++
	}
	if verdicts["excluded"] != 1 || verdicts["unmatched"] != 5 {
		t.Errorf("what was read: %v, want one internal mail and five of nobody known", verdicts)
	}
	b.leave(b.click("a", w.either("今日の画面へ", "To today")))
	b.wants(w.either("今日", "Today"))

	// Whoever is entered now gets the mail that was there before.
	b.leave(b.click("nav a, .rail a", w.either("人", "People")))
	b.leave(b.click("a.button", w.either("人を追加", "Add a person")))
	b.do(chromedp.SendKeys(chromedp.CSS(`input[name=name]`), "Tanaka"), b.script(`document.querySelector("[name=emails]").value = "tanaka@client.example"`))
	b.leave(chromedp.Click(chromedp.CSS(`form[action^="/people"] button.primary`)))
	w.soon("the earlier mail is logged", func() bool { return len(w.activities()) == 5 })
	b.wait(`document.querySelectorAll("article.act").length === 5`)
	b.shoot("journey-first-person-" + w.lang)
	if owners := w.activities()[0].Owners; !slices.Contains(owners, w.me) {
		t.Errorf("the mail is credited to %v", owners)
	}
}
