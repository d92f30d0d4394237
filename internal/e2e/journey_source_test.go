package e2e

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// TestJourneysOfASource connects a mailbox in the browser, watches it fill, and repairs it after its password changed.
func TestJourneysOfASource(t *testing.T) {
	t.Parallel()
	server := testdovecot.Start(t)
	line := newLine(t, server.TLSAddr)
	s := bareSeed(t, server, strings.Replace(listenOn(freePort(t)), "sources:\n", "", 1))
	s.c = s.client()
	b := openBrowser(t)
	s.walk(t, b, "admin", func(w *walker, part func(string, func(t *testing.T))) {
		const history = 490 // fewer than a page of the ledger, and of several batches
		from := w.address("tanaka", "client")
		w.add(object{"kind": "lead", "name": "田中 一郎", "emails": []string{from}, "owner": w.me})
		server.AddUser(w.me, "secret")
		server.Fill(w.me, "INBOX", mailFrom(from, w.me, history, 1200))
		source := ""
		part("connect a mailbox and watch it fill", func(t *testing.T) { source = w.connectsAMailbox(t, line, history) })
		part("repair a source", func(t *testing.T) { w.repairsASource(t, server, line, source, from, history) })
	})
}

// connectsAMailbox tries a mailbox, connects it, and sees its bar grow and go on a page that is never loaded again. It
// gives the source.
func (w *walker) connectsAMailbox(t *testing.T, line *line, history int) string {
	b := w.b
	w.open("/connections")
	b.leave(b.click("a.button", w.either("メールボックス", "Mailbox")))
	fill := func(password string) {
		b.do(b.script(fmt.Sprintf(`const f = document.querySelector('form[action="/connections/new"]').elements; f.server.value = %q; f.password.value = %q; f.since.value = "365d"`, line.proxy.Listen, password)))
	}
	fill("wrong")
	b.leave(b.click("button", w.either("確認だけ", "Test")))
	b.wants(w.either("受け付けられませんでした", "is not accepted"))
	fill("secret")
	b.leave(chromedp.Click(chromedp.CSS(`button[name=test]`)))
	b.wants(w.either(fmt.Sprintf("読み取る対象は%d件", history), fmt.Sprintf("There are %d items to read", history)))
	b.shoot("journey-mailbox-" + w.lang)
	line.spoil("bandwidth", `{"rate": 3000}`) // so slow that the bar can be watched
	fill("secret")
	b.leave(b.click("button.primary", w.either("つなぐ", "connect")))
	source := regexp.MustCompile(`imap-at-[0-9a-f]+`).FindString(value[string](b, `location.href`))
	b.do(b.script(`window.stayed = true; window.grown = []; const look = () => { const p = document.querySelector(".source progress"); if (p && grown.at(-1) !== p.value) grown.push(p.value); requestAnimationFrame(look); }; look()`))
	b.wait(`grown.filter((v) => v > 0 && v < 100).length >= 2`)
	b.shoot("journey-filling-" + w.lang)
	line.heal("bandwidth")
	b.waitFor(`document.querySelector(".source .state.ok") && !document.querySelector(".source progress")`, time.Minute)
	if !value[bool](b, `window.stayed === true`) {
		t.Error("the page was loaded anew")
	}
	if grown := value[[]float64](b, `grown`); !slices.IsSorted(grown) {
		t.Errorf("the bar went %v", grown)
	}
	b.wait(fmt.Sprintf(`document.body.innerText.includes(%q)`, w.either(strconv.Itoa(history)+"件", strconv.Itoa(history))))
	b.shoot("journey-filled-" + w.lang)
	if got := items[ledgerRow](w.c, "/ledger?limit=500&source="+source); len(got) != history || slices.ContainsFunc(got, func(r ledgerRow) bool { return r.Verdict != "logged" }) {
		t.Errorf("%d rows are in the ledger, want %d that were logged", len(got), history)
	}
	return source
}

// repairsASource is told that a password changed, enters the new one, and misses nothing.
func (w *walker) repairsASource(t *testing.T, server *testdovecot.Server, line *line, source, from string, history int) {
	b := w.b
	if source == "" {
		t.Fatal("there is no mailbox to repair")
	}
	w.open("/sources/" + source)
	server.ChangePassword(w.me, "renewed")
	server.Restart() // whoever was signed in has to do it again
	line.cut()
	put := func(n int) {
		at := time.Now().Add(-time.Minute)
		server.Append(w.me, "INBOX", []byte(seedMail{from: from, to: w.me, subject: fmt.Sprintf("late %d %s", n, w.lang), text: "Hello.", at: at, id: fmt.Sprintf("late.%d.%s", n, from)}.raw()), at)
	}
	put(1)
	w.soon("the sign-in has expired", func() bool {
		var got struct{ State string }
		w.c.post("/sources/"+source+"/wake", nil, nil)
		w.c.get("/sources/"+source, &got)
		return got.State == "auth_expired"
	})
	put(2)
	w.open("/")
	b.leave(b.click("a.alert", w.either("要サインイン", "Sign in again")))
	b.wants(w.either("要サインイン", "Sign in again"))
	b.shoot("journey-expired-" + w.lang)
	b.leave(b.script(`document.querySelector("#` + source + ` a.button[href$='` + source + `']").click()`))
	b.wants(w.either("要サインイン", "Sign in again"))
	enter := func(password string) {
		b.do(chromedp.SendKeys(chromedp.CSS(`form[action$="/password"] input[name=password]`), password))
		b.leave(b.click(`form[action$="/password"] button`, ""))
	}
	enter("secret")
	b.wants(w.either("受け付けられませんでした", "is not accepted"))
	enter("renewed")
	b.wants(w.either("サインインしました", "Signed in"))
	w.soon("what came meanwhile is read", func() bool {
		return len(items[ledgerRow](w.c, "/ledger?limit=500&source="+source)) == history+2
	})
	b.wait(`!!document.querySelector(".state.ok")`) // the page says so by itself
	b.shoot("journey-repaired-" + w.lang)
	w.oneActivity("late 1 " + w.lang)
	w.oneActivity("late 2 " + w.lang)
}
