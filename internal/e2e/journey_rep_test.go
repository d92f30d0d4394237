package e2e

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestJourneysOfARep walks through a rep's day.
func TestJourneysOfARep(t *testing.T) {
	t.Parallel()
	s := newSeed(t, "", sato, katoRep)
	b := openBrowser(t)
	s.walk(t, b, "admin", func(w *walker, part func(string, func(t *testing.T))) {
		part("read a timeline and a why", w.readsATimeline)
		part("log a call", w.logsACall)
		part("convert a lead", w.convertsALead)
		part("read a dashboard", w.readsADashboard)
		part("resolve an ambiguous match", w.resolvesAMatch)
		part("mark a thread private", w.marksAThreadPrivate)
	})
}

// readsATimeline goes from the first page to a customer's timeline, and asks why a mail is there.
func (w *walker) readsATimeline(t *testing.T) {
	b, from := w.b, w.address("tanaka", "client")
	name := w.either("田中 一郎", "Ichiro Tanaka")
	id := w.add(object{"kind": "lead", "name": name, "company": "クライアント", "emails": []string{from}, "owner": w.me})
	ask, answer := w.either("見積もりのお願い", "A quotation please"), w.either("Re: 見積もりのお願い", "Re: A quotation please")
	w.file(w.me, seedMail{from: from, to: w.me, subject: ask, text: "Hello.", at: time.Now().Add(-2 * time.Hour), id: "ask@" + w.tag})
	w.gets(seedMail{from: w.me, to: from, subject: answer, text: "Thank you.", id: "answer@" + w.tag, header: "In-Reply-To: <ask@" + w.tag + ">\r\nReferences: <ask@" + w.tag + ">\r\n"})

	w.open("/")
	b.wants(ask, answer)
	b.leave(b.click("article.act a", from))
	if at := value[string](b, `location.pathname`); at != "/people/"+id {
		t.Fatalf("the name leads to %s", at)
	}
	b.wants(answer)
	b.do(b.script(`document.querySelector(".rec-thread summary").click()`)) // the conversation is folded
	b.wait(row(ask) + `?.checkVisibility()`)
	b.do(b.script(row(answer) + `.querySelector(".why summary").click()`))
	b.wants(w.either("アドレス "+from+" が、登録されたアドレスと一致しました", "The address "+from+" is one on record"), w.me)
	b.shoot("journey-why-" + w.lang)

	b.leave(b.script(row(answer) + `.querySelector("h3 a").click()`))
	b.wants("Thank you.", w.either("アドレス "+from, "The address "+from))
	b.shoot("journey-activity-" + w.lang)
}

// logsACall logs one with a key and a press, and another with two clicks.
func (w *walker) logsACall(t *testing.T) {
	b := w.b
	id := w.add(object{"kind": "lead", "name": w.either("電話 花子", "Hanako Denwa"), "company": "電話商会", "emails": []string{w.address("hanako", "denwa")}, "owner": w.me})
	calls := func() (found []seedActivity) {
		for _, a := range w.timelineOf(id) {
			if a.Kind == "call" {
				found = append(found, a)
			}
		}
		return found
	}
	logs := func(result string) {
		t.Helper()
		before := len(calls())
		said := value[string](b, `document.querySelector(".rec-results button[value=`+result+`]").firstChild.data.trim()`)
		b.leave(chromedp.Click(chromedp.CSS(`.rec-results button[value=` + result + `]`)))
		if got := calls(); len(got) != before+1 || got[0].Call == nil || got[0].Call.Result != result || !slices.Contains(got[0].Owners, w.me) {
			t.Fatalf("the calls are %+v, want one more that was %s", got, result)
		}
		b.wants(said)
	}
	w.open("/people/" + id)
	b.do(chromedp.KeyEvent("c"), chromedp.WaitVisible(chromedp.CSS(`#call[open] .rec-results button`)))
	b.shoot("journey-call-" + w.lang)
	logs("meeting_won")
	b.shoot("journey-called-" + w.lang)

	// A call that nobody answered wants a next action, and says so before it is sent.
	b.do(b.click("a.button", w.either("架電", "call")), chromedp.WaitVisible(chromedp.CSS(`#call[open] .rec-results button`)), chromedp.Click(chromedp.CSS(`.rec-results button[value=no_answer]`)))
	if missing := value[string](b, `document.querySelector("#call input:invalid").name`); missing != "next_when" || len(calls()) != 1 {
		t.Fatalf("without a next action %q is asked for, and there are %d calls", missing, len(calls()))
	}
	b.do(b.script(`const f = document.querySelector("#call form").elements; f.next_when.value = "` + seedDay(3) + `"; f.next_what.value = "` + w.either("もう一度電話する", "Call again") + `"`))
	logs("no_answer")
	b.wants(w.either("もう一度電話する", "Call again"))
}

// convertsALead looks at what would come of it, converts, and takes it back.
func (w *walker) convertsALead(t *testing.T) {
	b := w.b
	name, company := w.either("青井 空", "Sora Aoi"), w.either("株式会社アオゾラ", "Aozora Ltd.")
	id := w.add(object{"kind": "lead", "name": name, "company": company, "emails": []string{w.address("aoi", "aozora")}, "owner": w.me})
	w.gets(seedMail{from: w.address("aoi", "aozora"), subject: w.either("導入のご相談", "Shall we begin"), text: "Hello."})
	w.open("/people/" + id)
	b.leave(b.click("a.button", w.either("取引開始", "Convert")))
	b.wants(w.either("取引先 "+company+" を新しく作ります", "The account "+company+" is made"), w.either("取引先責任者は "+name, "The contact is "+name))
	b.do(b.script(`document.querySelector("input[name=opportunity]").click(); const f = document.querySelector(".rec-convert").elements; f.opp_name.value = "` + company + ` 2026"; f.opp_amount.value = "300,000"`))
	b.leave(b.click("button", w.either("変更を反映", "Preview again")))
	b.wants(w.either("商談 "+company+" 2026 を作ります", "The opportunity "+company+" 2026 is made"))
	b.shoot("journey-convert-" + w.lang)
	if p := w.person(id); p.Kind != "lead" {
		t.Fatalf("the preview made a %s", p.Kind)
	}
	b.leave(b.click("button.primary", w.either("取引を開始", "Convert")))
	p := w.person(id)
	if p.Kind != "contact" || p.AccountID == "" {
		t.Fatalf("converted: %+v", p)
	}
	deals := items[struct {
		ID, Name string
		Amount   int64
	}](w.c, "/opportunities?account="+p.AccountID)
	if len(deals) != 1 || deals[0].Name != company+" 2026" || deals[0].Amount != 300_000 {
		t.Errorf("opportunities %+v", deals)
	}
	w.open("/accounts/" + p.AccountID)
	b.wants(company, name, w.either("導入のご相談", "Shall we begin"))

	w.open("/people/" + id + "?tab=details")
	b.do(b.script(`document.querySelector('[data-key="joins"]').open = true`))
	b.leave(b.click(`[data-key="joins"] button`, w.either("取り消", "Undo")))
	if p := w.person(id); p.Kind != "lead" || p.AccountID != "" || p.Company != company {
		t.Errorf("taken back: %+v", p)
	}
	if status, _ := w.c.ask(http.MethodGet, "/accounts/"+p.AccountID, nil); status != http.StatusNotFound {
		t.Errorf("the account is there still: %d", status)
	}
	b.wants(w.either("リード", "Lead"))
	b.shoot("journey-lead-again-" + w.lang)
}

// readsADashboard goes from a chart to the list behind one of its bars: as many rows as the bar said.
func (w *walker) readsADashboard(t *testing.T) {
	b := w.b
	counted := func() float64 {
		return w.report("leads", "range=this_month&by=owner&owner="+encoded(w.me)).numbers()[time.Now().In(jst()).Format("2006-01")+" "+w.me+" leads"]
	}
	before := counted()
	for _, n := range []string{"1", "2", "3"} {
		w.add(object{"kind": "lead", "name": w.either("集計 ", "Count ") + n, "emails": []string{w.address("n"+n, "count")}, "owner": w.me})
	}
	w.soon("the leads are counted", func() bool { return counted() == before+3 })
	w.open("/reports")
	b.leave(b.click(`.dash-card h2 a[href^="/reports/leads"]`, w.either("リード", "Leads")))
	b.leave(b.script(`const f = document.querySelector(".dash-form"); f.elements.by.value = "owner"; f.elements.owner.value = "` + w.me + `"; f.requestSubmit()`))
	if at := value[string](b, `location.search`); !strings.Contains(at, "owner="+encoded(w.me)) {
		t.Errorf("what is looked at does not stand in the address: %s", at)
	}
	b.shoot("journey-dashboard-" + w.lang)
	bar := `[...document.querySelectorAll(".plot-main a")].at(-1)`
	said := value[int](b, `Number(`+bar+`.getAttribute("aria-label").match(/([0-9,]+)[^0-9]*$/)[1].replace(",", ""))`)
	if said < 3 {
		t.Errorf("the bar says %d, want at least the three leads just made", said)
	}
	b.do(b.script(bar + `.focus()`))
	b.leave(chromedp.KeyEvent("\r"))
	b.shoot("journey-behind-" + w.lang)
	if rows, head := value[int](b, `document.querySelectorAll("tr[data-row]").length`), value[string](b, `document.querySelector("h1 .count").innerText`); rows != said || !strings.Contains(head, strconv.Itoa(said)) {
		t.Errorf("the bar says %d, the list has %d rows and the heading %q", said, rows, head)
	}
	b.wants(w.either("集計 ", "Count ") + "2")
	b.leave(b.click("tr[data-row] a", w.either("集計 ", "Count ")+"2"))
	if at := value[string](b, `location.pathname`); !strings.HasPrefix(at, "/people/") {
		t.Errorf("a row leads to %s", at)
	}
}

// resolvesAMatch says who is meant by an address that two people have, and of another that it is nobody's, with the rule
// that follows from it.
func (w *walker) resolvesAMatch(t *testing.T) {
	b := w.b
	var account struct{ ID string }
	w.c.post("/accounts", object{"name": w.either("共有商事", "Shared Ltd."), "domains": []string{"shared-" + w.tag + ".example"}}, &account)
	share := func(address string, names ...string) (ids []string) {
		for _, name := range names {
			ids = append(ids, w.add(object{"kind": "contact", "name": name, "emails": []string{address}, "account_id": account.ID, "owner": w.me}))
		}
		return ids
	}
	two := w.address("two-"+w.tag, "shared")
	first := w.either("一人目 太郎", "First Person")
	ids := share(two, first, w.either("二人目 次郎", "Second Person"))
	desk := "desk-" + w.tag
	share(w.address(desk, "shared"), w.either("窓口 三郎", "Third Person"), w.either("窓口 四郎", "Fourth Person"))

	w.gets(seedMail{from: two, subject: "two-one-" + w.tag, text: "Hello."})
	w.open("/reviews")
	b.wants(w.either(two+" はどなたですか", "Who is "+two))
	b.shoot("journey-review-" + w.lang)
	b.leave(b.script(`[...document.querySelectorAll(".choices li")].find((e) => e.innerText.includes("` + first + `")).querySelector("button").click()`))
	w.soon("the mail that waited is logged for who was chosen", func() bool { return w.has(ids[0], "two-one-"+w.tag) })
	w.gets(seedMail{from: two, subject: "two-two-" + w.tag, text: "Hello."})
	w.soon("the next one goes the same way", func() bool { return w.has(ids[0], "two-two-"+w.tag) })
	if w.has(ids[1], "two-two-"+w.tag) {
		t.Error("the next mail stands with the other one, too")
	}

	w.gets(seedMail{from: w.address(desk, "shared"), subject: "desk-one-" + w.tag, text: "Hello."})
	w.open("/reviews")
	b.wants(w.address(desk, "shared"))
	b.leave(b.click(".review button.quiet", w.either("どの方でもない", "None of them")))
	b.wants(w.either(desk+"@…", "Treat "+desk+"@… as an office"))
	b.shoot("journey-rule-" + w.lang)
	b.leave(chromedp.Click(chromedp.CSS(`.rule button.primary`)))
	b.wants(w.either("ルールを適用しました", "The rule is in force"))
	w.gets(seedMail{from: w.address(desk, "shared"), subject: "desk-two-" + w.tag, text: "Hello."})
	w.soon("the next such mail is logged for the account", func() bool {
		return slices.ContainsFunc(w.activities(), func(a exported) bool {
			return a.Subject == "desk-two-"+w.tag && slices.Contains(a.Accounts, account.ID)
		})
	})
	w.open("/reviews")
	b.lacks(w.address(desk, "shared"))
	if rules := w.mapping().Document; !strings.Contains(rules, desk) {
		t.Errorf("the rule does not stand in the mapping:\n%s", rules)
	}
}

// has says whether an activity with a subject stands with somebody.
func (w *walker) has(person, subject string) bool {
	w.t.Helper()
	return slices.ContainsFunc(w.timelineOf(person), func(a seedActivity) bool { return a.Subject == subject })
}

// marksAThreadPrivate takes a conversation out of everything there is, and back.
func (w *walker) marksAThreadPrivate(t *testing.T) {
	b, from := w.b, w.address("naisho", "private")
	word := w.either("zanshomimai", "kingfisher") // stands nowhere else
	id := w.add(object{"kind": "lead", "name": w.either("内緒 一子", "Una Privy"), "emails": []string{from}, "owner": w.me})
	answers := func(n string) string {
		return "In-Reply-To: <" + n + "@" + word + ">\r\nReferences: <1@" + word + ">\r\n"
	}
	w.file(w.me, seedMail{from: from, to: w.me, subject: word, text: "about " + word, at: time.Now().Add(-3 * time.Hour), id: "1@" + word})
	w.file(w.me, seedMail{from: from, to: w.me, subject: "open-" + w.tag, text: "Everybody may read this.", at: time.Now().Add(-3 * time.Hour)})
	w.gets(seedMail{from: w.me, to: from, subject: "Re: " + word, text: "yes, " + word, at: time.Now().Add(-2 * time.Hour), id: "2@" + word, header: answers("1")})
	w.soon("both mails are logged", func() bool { return w.has(id, word) && w.has(id, "Re: "+word) && w.has(id, "open-"+w.tag) })
	activity := ""
	for _, a := range w.timelineOf(id) {
		if a.Subject == word {
			activity = a.ID
		}
	}
	if !w.stored(word) {
		t.Fatal("what is stored cannot be looked for in the files")
	}

	w.open("/people/" + id)
	b.leave(b.script(row(word) + `.querySelector("a[href$='/private']").click()`))
	b.wants(w.either("このスレッドを非公開にしますか", "Mark this conversation private?"), word)
	b.shoot("journey-private-" + w.lang)
	b.do(chromedp.SendKeys(chromedp.CSS(`input[name=note]`), w.either("夏の件", "the summer")))
	b.leave(chromedp.Click(chromedp.CSS(`button.danger`)))
	b.wants(w.either("夏の件", "the summer"), w.either("2件", "2 items"))
	b.shoot("journey-private-list-" + w.lang)
	w.lost(t, id, activity, word)

	w.gets(seedMail{from: from, subject: "Re: Re: " + word, text: "once more " + word, id: "3@" + word, header: answers("2")})
	w.lost(t, id, activity, word)
	kept := 0
	for _, r := range w.ledger() {
		if r.Verdict == "excluded" && r.Reason == "private_thread" && r.Source == nick(w.me)+"-mail" {
			kept++
		}
	}
	if kept != 3 {
		t.Errorf("%d rows of the ledger are kept out as private, want 3", kept)
	}

	w.open("/private")
	b.wants(w.either("3件", "3 items"))
	b.leave(b.click("button", w.either("記録を再開", "Log it again")))
	b.wants(w.either("非公開", "no longer private"))
	w.soon("all three are back", func() bool { return w.has(id, word) && w.has(id, "Re: "+word) && w.has(id, "Re: Re: "+word) })
	w.open("/people/" + id)
	b.wants("Re: Re: "+word, "open-"+w.tag)
}

// lost wants a conversation to be gone from wherever somebody could look.
func (w *walker) lost(t *testing.T, person, activity, word string) {
	t.Helper()
	b := w.b
	for _, path := range []string{"/", "/?for=all", "/people/" + person, "/people/" + person + "?q=" + word, "/ledger?verdict=logged", "/people?q=" + word} {
		w.open(path)
		if value[bool](b, `[...document.querySelectorAll("main *")].some((e) => e.children.length === 0 && e.textContent.includes("`+word+`"))`) {
			t.Errorf("%s shows it:\n%s", path, b.text())
		}
	}
	w.open("/people/" + person)
	b.wants("open-" + w.tag)
	w.open("/search?q=" + word)
	b.wants(w.either("見つかりません", "Nothing"))
	if status, _ := w.c.ask(http.MethodGet, "/activities/"+activity, nil); status != http.StatusNotFound {
		t.Errorf("the API gives the activity: status %d", status)
	}
	for _, path := range []string{"/activities?person=" + person, "/search?q=" + word, "/ledger?limit=500", "/reviews", "/proposals"} {
		if status, raw := w.c.ask(http.MethodGet, path, nil); status != http.StatusOK || bytes.Contains(raw, []byte(word)) {
			t.Errorf("the API gives it at %s: status %d: %s", path, status, raw)
		}
	}
	for _, what := range []string{"activities", "ledger"} {
		if out := w.must("export", what); strings.Contains(out, word) {
			t.Errorf("export %s has it", what)
		}
	}
	w.soon("it is gone from the files, and so from the outbox", func() bool { return !w.stored(word) })
}

// stored says whether words are anywhere in the files of the data directory: in records, in the outbox, in pages that are free.
func (s *site) stored(words string) bool {
	s.t.Helper()
	found := false
	err := filepath.WalkDir(filepath.Join(s.dir, "data"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.Contains(path, "backups") {
			return err
		}
		raw, err := os.ReadFile(path)
		found = found || bytes.Contains(raw, []byte(words))
		return err
	})
	if err != nil {
		s.t.Fatalf("read the data directory: %v", err)
	}
	return found
}
