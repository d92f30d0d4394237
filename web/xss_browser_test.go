package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// attacks are texts that would change the page's title if they were taken for markup or code, each in another way.
func attacks() []string {
	const run = `document.title='PWNED'`
	return []string{
		`<script>` + run + `</script>`,
		`"><img src=x onerror="` + run + `">`,
		`'><svg onload=` + run + `>`,
		`</title><script>` + run + `</script>`,
		`</textarea><script>` + run + `</script>`,
		`<iframe srcdoc="<script>parent.` + run + `</script>"></iframe>`,
		`<a href="javascript:` + run + `" autofocus onfocus="` + run + `" tabindex=1>x</a>`,
		"\u202e<b onmouseover=" + run + ">\u2066",
		`{{` + run + `}}${` + run + `}`,
	}
}

// attackHouse writes attacks into whatever comes from outside or from colleagues.
func (h *house) attackHouse(t *testing.T) {
	t.Helper()
	ctx, all := t.Context(), strings.Join(attacks(), " ")
	p, err := h.store.GetPerson(ctx, h.ids[personRecord]["own"])
	must(t, err)
	p.Name, p.Kana, p.Company, p.Department, p.Title, p.DoNotContact = all, all, all, all, all, all
	must(t, h.store.SavePeople(ctx, hRep, []crm.Person{p}))
	account, err := h.store.GetAccount(ctx, h.ids[accountRecord]["own"])
	must(t, err)
	account.Name, account.Kana = all, all
	must(t, h.store.SaveAccounts(ctx, hRep, []crm.Account{account}))
	must(t, h.store.SaveComment(ctx, hRep, crm.Comment{ID: crm.NewID(), Kind: crm.CommentPerson, Subject: p.ID, Author: hRep, Text: all, At: h.now}))
	must(t, h.store.SaveTask(ctx, hRep, crm.Task{ID: crm.NewID(), Kind: crm.TaskTodo, Person: p.ID, Owner: hRep, Due: h.now.Format(time.DateOnly), What: attacks()[0], Whom: attacks()[1], Origin: "person", Created: h.now}))
	h.propose(t, crm.Proposal{Kind: crm.ProposeField, Person: p.ID, Owner: hRep, Field: "title", Before: all, Value: all, Name: all, Evidence: attacks()})
	key := crm.MessageKey("attack@house", crm.MessageIdentity{})
	mail := crm.Activity{ID: string(key), Key: key, Kind: crm.KindEmail, Direction: crm.DirectionIn, Class: crm.ClassPersonal, Time: h.now.Add(-time.Second), Subject: all, Text: all, FullText: all + "\n" + all,
		Thread: string(key), Version: 1, Owners: []string{hRep}, Accounts: []string{account.ID}, People: []crm.Participant{{Kind: crm.Contact, ID: p.ID, Name: all, Address: "p@own.example", Role: crm.RoleFrom}},
		Observed: []crm.Observation{{Source: "src-own", ExternalID: all, Owner: hRep, Folder: all}}, Match: crm.Match{Rule: crm.RuleAddress, Evidence: all,
			RunnersUp: []crm.Candidate{{Kind: "contact", ID: p.ID, Name: all, Rule: crm.RuleAddress, Evidence: all}}}}
	for _, a := range attacks() {
		mail.Attachments = append(mail.Attachments, crm.Attachment{Name: a + ".pdf", Type: a, Size: 1})
	}
	formKey := crm.MessageKey("attack-form@house", crm.MessageIdentity{})
	sent := crm.Activity{ID: string(formKey), Key: formKey, Kind: crm.KindForm, Direction: crm.DirectionIn, Time: h.now.Add(-2 * time.Second), Subject: all, Text: all, Form: "contact", Version: 1, Owners: []string{hRep},
		Accounts: []string{account.ID}, People: []crm.Participant{{Kind: crm.Contact, ID: p.ID, Name: all, Address: "p@own.example", Role: crm.RoleSubmitter}}, Product: all,
		Touch: crm.Touch{Channel: all, Campaign: all}, Observed: []crm.Observation{{Source: "src-own", ExternalID: "form", Owner: hRep}}, Match: crm.Match{Rule: crm.RuleAddress, Evidence: all}}
	for _, a := range attacks() {
		sent.Fields = append(sent.Fields, crm.FormField{Name: a, Label: a, Values: []string{a}})
	}
	review := crm.Review{ID: crm.ReviewID(crm.ReviewNewContact, "attack@own.example"), Kind: crm.ReviewNewContact, Address: "attack@own.example", Name: all, Subject: all, Source: "src-own", Owner: hRep, Raised: h.now, State: crm.ReviewOpen}
	claim, ok, err := h.store.ClaimSource(ctx, "src-own", h.now.Add(2*time.Hour), time.Minute)
	if must(t, err); !ok {
		t.Fatal("the source cannot be claimed")
	}
	write := func(a *crm.Activity) crm.Write {
		return crm.Write{Activity: a, Entry: crm.Entry{Source: "src-own", ExternalID: a.Observed[0].ExternalID, Key: a.Key, SeenAt: h.now, ItemTime: a.Time, Verdict: crm.Logged, Reason: crm.ReasonMatched, Activity: a.ID}}
	}
	must(t, h.store.Commit(ctx, crm.Commit{Source: "src-own", Epoch: claim.Source.Epoch, Owner: hRep, Cursor: "9", MoveCursor: true, At: h.now, Writes: []crm.Write{write(&mail), write(&sent),
		{Pending: []string{review.Address}, Reviews: []crm.Review{review}, Entry: crm.Entry{Source: "src-own", ExternalID: all + "2", SeenAt: h.now, ItemTime: h.now, Verdict: crm.Waiting, Reason: crm.Reason("subject: " + all)}}}}))
	must(t, h.store.Settle(ctx, crm.Settlement{Source: "src-own", Epoch: claim.Source.Epoch, State: crm.SourceAuthExpired, Error: all, Hint: all, At: h.now}))
	u, err := h.store.GetUser(ctx, hMate)
	must(t, err)
	u.Name, u.Team = all, attacks()[1]
	must(t, h.store.SaveUser(ctx, "cli", u))
	_, hash := NewTokenSecret()
	must(t, h.store.SaveToken(ctx, "cli", crm.Token{ID: crm.NewID(), Name: all, Role: crm.RoleRep, Hash: hash, Created: h.now}))
	h.set(activityRecord, "mail", mail.ID)
	h.set(activityRecord, "form", sent.ID)
}

// TestNothingRunsInTheBrowser opens every page of the table, with attacks in whatever they show, in a real browser.
func TestNothingRunsInTheBrowser(t *testing.T) {
	h := newHouse(t, crm.AccessPolicy{})
	h.attackHouse(t)
	cookie := h.cookieOf(t, hIT)
	b := openBrowser(t)
	b.signIn(h.url, hIT)
	opened := 0
	open := func(path string) {
		t.Helper()
		b.do(chromedp.Navigate(h.url + path))
		if !eval[bool](b, `document.readyState !== "loading" && (document.querySelectorAll("details").forEach(d => d.open = true), document.querySelectorAll("[tabindex],a,button").forEach(e => e.focus && e.focus()), true)`) {
			t.Errorf("%s did not load", path)
		}
		if title := eval[string](b, `document.title`); strings.Contains(title, "PWNED") && !strings.Contains(title, "document.title") {
			t.Errorf("%s ran what it shows: the title is %q", path, title)
		}
		if n := eval[int](b, `document.querySelectorAll("iframe, img[onerror], svg[onload], [onfocus], [onmouseover], a[href^='javascript:' i], main script").length`); n > 0 {
			t.Errorf("%s made elements of what it shows: %d", path, n)
		}
		opened++
	}
	for _, rt := range routes() {
		id := h.ids[rt.of]["own"]
		method, path := pathOf(rt.pattern, id)
		if method != http.MethodGet || !sweeps(rt) || strings.HasSuffix(path, ".csv") || strings.Contains(path, "callback") {
			continue
		}
		if _, _, header := h.ask(t, cookie, method, path, nil); !strings.HasPrefix(header.Get("Content-Type"), "text/html") || header.Get("Content-Disposition") != "" {
			continue
		}
		open(path)
	}
	open("/activities/" + h.ids[activityRecord]["mail"])
	open("/activities/" + h.ids[activityRecord]["form"])
	open("/people?q=%3Cscript%3Edocument.title%3D%27PWNED%27%3C%2Fscript%3E")
	open("/reviews?state=%22%3E%3Cscript%3Edocument.title%3D%27PWNED%27%3C%2Fscript%3E")
	if opened < 30 {
		t.Errorf("only %d pages were opened", opened)
	}
}

// TestCellsOfTablesAreNoFormulas holds that what a spreadsheet would run is a text in every export that a page gives.
func TestCellsOfTablesAreNoFormulas(t *testing.T) {
	for _, evil := range []string{`=HYPERLINK("http://evil.example")`, "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1"} {
		if got := crm.GuardCell(evil); strings.IndexAny(got, "=+-@\t\r＝") == 0 {
			t.Errorf("%q stays %q", evil, got)
		}
	}
	h := newHouse(t, crm.AccessPolicy{})
	p, err := h.store.GetPerson(t.Context(), h.ids[personRecord]["own"])
	must(t, err)
	p.Name, p.Owner = `=HYPERLINK("http://evil.example","x")`, hRep
	must(t, h.store.SavePeople(t.Context(), hRep, []crm.Person{p}))
	cookie := h.cookieOf(t, hAdmin)
	for _, rt := range routes() {
		method, path := pathOf(rt.pattern, h.ids[rt.of]["own"])
		if method != http.MethodGet || !sweeps(rt) {
			continue
		}
		_, body, header := h.ask(t, cookie, method, path+"?format=csv", nil)
		if !strings.HasPrefix(header.Get("Content-Type"), "text/csv") {
			continue
		}
		for line := range strings.Lines(strings.TrimPrefix(body, "\ufeff")) {
			for _, start := range []string{"=", "\"=", "@", "\"@"} {
				if strings.HasPrefix(line, start) || strings.Contains(line, ","+start) {
					t.Errorf("%s gives a formula: %s", rt.pattern, line)
				}
			}
		}
	}
}
