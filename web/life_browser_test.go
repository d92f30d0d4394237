package web

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// sampleDeals are opportunities and contracts of the sample client, and a lead with a past.
func (f *fixture) sampleDeals(tb testing.TB) {
	tb.Helper()
	ctx, who := tb.Context(), "sato@example.co.jp"
	day := func(n int) string { return f.now.In(f.zone).AddDate(0, 0, n).Format(time.DateOnly) }
	must(tb, f.store.SaveProduct(ctx, who, crm.Product{ID: "cloud", Name: "クラウド基本プラン(年額・保守込み)", Price: 300000, Unit: "年"}))
	for _, o := range []crm.Opportunity{
		{ID: crm.DerivedID("deal", "1"), Name: "基幹システム更新(第2期・全国拠点への展開)", Account: f.client.ID, Contacts: []string{f.tanaka.ID}, Owner: who, Stage: crm.StageProposal, Amount: 12_500_000,
			Expected: day(30), Lines: []crm.Line{{Product: "cloud", Name: "クラウド基本プラン(年額・保守込み)", Quantity: 12, Price: 300000}}, Documents: []crm.Document{{Kind: "order", Name: "発注書.pdf", URL: "https://files.example/1.pdf"}}},
		{ID: crm.DerivedID("deal", "2"), Name: "保守", Account: f.client.ID, Owner: "suzuki@example.co.jp", Stage: crm.StageWon, Amount: 480_000, Start: day(-200), End: day(30), Notice: 60},
	} {
		_, err := f.store.SaveOpportunity(ctx, who, o)
		must(tb, err)
	}
	lead := crm.DerivedID("person", "lead")
	for _, c := range []crm.Change{{To: "working"}, {To: "nurturing", Reason: "timing"}, {To: "working"}} {
		c.Person, c.Field = lead, crm.ChangeStatus
		_, err := f.store.AddChange(ctx, who, c)
		must(tb, err)
	}
	following, err := f.store.GetFollowing(ctx, lead)
	must(tb, err)
	st := crm.Standing{ID: lead, LastHeard: f.now.Add(-100 * time.Hour), Unreplied: f.now.Add(-100 * time.Hour), Freshness: 55, Away: f.now.Add(48 * time.Hour),
		Parts: []crm.Part{{Code: "silence", Points: -30, Evidence: "95日"}, {Code: "members", Points: -15}}}
	must(tb, f.store.Follow(ctx, []crm.Followed{{ID: lead, Mark: following.Mark, Standing: st, Facts: []crm.Fact{{Metric: crm.MetricLeads, At: f.now, Channel: "展示会", Owners: []string{who}, Value: 1}}}}))
	must(tb, f.store.SaveTask(ctx, who, crm.Task{ID: crm.DerivedID("task", "1"), Kind: crm.TaskCall, Person: lead, Owner: who, Due: day(-1), What: "資料の感想を聞く", Origin: "person"}))
	f.propose(tb, f.sampleProposals()...)
}

// rawScript finds what no page shows: ids, codes of statuses, kinds and results, and keys of the catalogue.
const rawScript = `(() => [...new Set(document.body.innerText.match(/[0-9a-f]{32}|\b(token:|boltstore|undefined|<nil>|%!)|\b[a-z]+_[a-z_]+\b(?!@)|\b(life|call|proposal|deals|reports|range|grain|dimension|stage|outcome)\.[a-z_]+/g) || [])])()`

// TestLifeInBrowser does what a rep does with a lead, and looks at every page that has to do with it in both languages, on a
// desk and on a phone, light and dark.
func TestLifeInBrowser(t *testing.T) {
	f := newFixture(t)
	f.sampleDeals(t)
	b := openBrowser(t)
	b.signIn(f.url, "sato@example.co.jp")
	lead := "/people/" + crm.DerivedID("person", "lead")

	b.do(chromedp.Navigate(f.url+lead), chromedp.Click(chromedp.CSS(`details[data-key=call] > summary`)), chromedp.WaitVisible(chromedp.CSS(`form[action$="/calls"] textarea`)))
	b.do(chromedp.SendKeys(chromedp.CSS(`form[action$="/calls"] textarea`), "来週の訪問を約束"), chromedp.SendKeys(chromedp.CSS(`form[action$="/calls"] input[name=note]`), "とても前向き"))
	b.do(chromedp.Click(chromedp.CSS(`form[action$="/calls"] button[value=meeting_won]`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)))
	wantIn(t, b.text(), "架電を記録しました。", "アポ獲得", "来週の訪問を約束", "とても前向き")

	b.do(chromedp.Navigate(f.url+lead), chromedp.Click(chromedp.CSS(`details[data-key=move] > summary`)), chromedp.WaitVisible(chromedp.CSS(`form[action$="/status"] button.primary`)))
	eval[string](b, `(document.querySelector('form[action$="/status"] select[name=reason]').value = "cost", document.querySelector('form[action$="/status"] select[name=status]').value = "nurturing")`)
	b.do(chromedp.Click(chromedp.CSS(`form[action$="/status"] button.primary`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)))
	if p, err := f.store.GetPerson(t.Context(), crm.DerivedID("person", "lead")); err != nil || p.Status != crm.StatusNurturing || p.Reason != "cost" {
		t.Errorf("moved: %s %s %v", p.Status, p.Reason, err)
	}
	b.do(chromedp.Navigate(f.url+lead), chromedp.Click(chromedp.CSS(`details[data-key=changes] > summary`)), chromedp.WaitVisible(chromedp.CSS(`form[action$="/undo"] button`)))
	b.shoot("l-history-ja")
	b.do(chromedp.Click(chromedp.CSS(`form[action$="/undo"] button`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)))
	wantIn(t, b.text(), "取り消しました。")
	if p, err := f.store.GetPerson(t.Context(), crm.DerivedID("person", "lead")); err != nil || p.Status != crm.StatusWorking || p.Reason != "" {
		t.Errorf("undone: %s %s %v", p.Status, p.Reason, err)
	}

	b.do(chromedp.Navigate(f.url + "/proposals"))
	wantIn(t, b.text(), "中村 葵", "後任は中村葵(nakamura@client.co.jp)です", "本部長")
	title := crm.ProposalID(crm.ProposeField, f.tanaka.ID, "title", "本部長")
	b.do(chromedp.Click(chromedp.CSS(`#p`+title+` button[value=accept]`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)))
	if p, err := f.store.GetPerson(t.Context(), f.tanaka.ID); err != nil || p.Title != "本部長" {
		t.Errorf("accepted: %s %v", p.Title, err)
	}
	b.do(chromedp.Navigate(f.url + "/proposals?state=accepted"))
	wantIn(t, b.text(), "本部長", "sato@example.co.jp")
	b.do(chromedp.Click(chromedp.CSS(`#p`+title+` button`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)))
	if p, err := f.store.GetPerson(t.Context(), f.tanaka.ID); err != nil || p.Title != "部長" {
		t.Errorf("opened again: %s %v", p.Title, err)
	}
	b.do(chromedp.Navigate(f.url+"/proposals"), chromedp.Click(chromedp.CSS(`#p`+title+` button[value=accept]`)), chromedp.WaitVisible(chromedp.CSS(`.notice`)))

	b.do(chromedp.Navigate(f.url + "/deals"))
	wantIn(t, b.text(), "基幹システム更新", "3,600,000")
	b.do(chromedp.Navigate(f.url+"/reports/leads"), chromedp.Click(chromedp.CSS(`form.search button`)), chromedp.WaitVisible(chromedp.CSS(`tfoot`)))
	b.lifePages(f)
}

// lifePages looks at each page in each manner.
func (b *tab) lifePages(f *fixture) {
	b.t.Helper()
	pages := map[string]string{"person": "/people/" + crm.DerivedID("person", "lead"), "account": "/accounts/" + f.client.ID, "proposals": "/proposals", "accepted": "/proposals?state=accepted",
		"deals": "/deals?all=1", "contracts": "/deals?show=contracts", "report": "/reports?report=conversion&range=last_90d&grain=week&by=owner", "results": "/reports?report=call_results&range=this_month"}
	for _, lang := range []string{"ja", "en"} {
		u, err := f.store.GetUser(b.t.Context(), "sato@example.co.jp")
		must(b.t, err)
		u.Locale = lang
		must(b.t, f.store.SaveUser(b.t.Context(), "cli", u))
		for name, path := range pages {
			b.do(chromedp.Navigate(f.url + path))
			eval[int](b, `([...document.querySelectorAll("details")].forEach((d) => { d.open = true; }), 0)`)
			if raw := eval[[]string](b, rawScript); len(raw) > 0 {
				b.t.Errorf("%s in %s shows %q", name, lang, raw)
			}
			for width, size := range map[int]string{1280: "wide", 390: "phone"} {
				for _, s := range []string{"dark", "light"} {
					b.do(chromedp.EmulateViewport(int64(width), 1100), scheme(s))
					if w := eval[int](b, `document.documentElement.scrollWidth`); w > width {
						b.t.Errorf("%s, %s is %d pixels wide of %d", name, lang, w, width)
					}
					if low := eval[[]string](b, contrastScript); len(low) > 0 {
						b.t.Errorf("%s, %s: too little contrast: %v", name, s, low)
					}
					b.whole("l-" + strings.Join([]string{name, lang, s, size}, "-"))
				}
			}
			b.do(chromedp.EmulateViewport(1280, 900))
		}
	}
}

// whole keeps the whole page if TSUNAGU_SCREENSHOTS asks for pictures.
func (b *tab) whole(name string) {
	b.t.Helper()
	if os.Getenv("TSUNAGU_SCREENSHOTS") == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	must(b.t, err)
	must(b.t, os.WriteFile(b.dir+"/"+name+".png", png, 0o600))
}
