package web

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestLoggedAndAsked: a mail that is logged on its account says on its page, in its reasons and on the account's timeline that a
// question about it is open, and does so no more when it is answered.
func TestLoggedAndAsked(t *testing.T) {
	f := newFixture(t)
	const who = "office@client.co.jp"
	w := f.mail("見積りの件", "お願いします。", f.now.Add(time.Second), who, "<b>総務</b>", "")
	w.Activity.Accounts, w.Activity.Match = []string{f.client.ID}, crm.Match{Rule: crm.RuleDomain, Evidence: "client.co.jp"}
	review := crm.Review{ID: crm.ReviewID(crm.ReviewAmbiguous, who), Kind: crm.ReviewAmbiguous, Address: who, Source: "sato-mail", Owner: "sato@example.co.jp",
		Raised: f.now, State: crm.ReviewOpen, Candidates: []crm.Candidate{{Kind: "contact", ID: f.tanaka.ID, Name: f.tanaka.Name, Rule: crm.RuleAddress, Evidence: who}}}
	w.Pending, w.Reviews = []string{who}, []crm.Review{review}
	f.commit(t, w)
	b := f.signedIn(t, "sato@example.co.jp")
	link := "/reviews?id=" + review.ID
	for _, page := range []string{"/activities/" + w.Activity.ID, "/accounts/" + f.client.ID} {
		_, body := b.get(t, page)
		wantIn(t, body, link, "まだ確認中です", who)
	}
	_, body := b.get(t, "/accounts/"+f.client.ID)
	wantIn(t, body, "確認待ち")
	_, body = b.get(t, link)
	wantIn(t, body, "1件が答えを待っています", "うち1件は記録済み")
	wantOut(t, body, "new@prospect.example")
	b.post(t, "/reviews/"+review.ID, "action", "dismiss")
	_, body = b.get(t, "/activities/"+w.Activity.ID)
	wantOut(t, body, link, "まだ確認中です")
	if _, body = b.get(t, "/reviews?id=none"); !strings.Contains(body, "答えが要らなくなりました") {
		t.Error("a question that is gone is not said to be")
	}
}

// TestQuestionsAreCountedAlike: questions and items are different numbers here, and each page says the same of both.
func TestQuestionsAreCountedAlike(t *testing.T) {
	f := newFixture(t)
	var more []crm.Write
	for n := range 3 { // the one question about new@ is about four mails now
		w := crm.Write{Entry: crm.Entry{Source: "sato-mail", ExternalID: fmt.Sprint("more", n), SeenAt: f.now, ItemTime: f.now, Verdict: crm.Waiting, Reason: crm.ReasonNewContact}}
		w.Pending = []string{"new@prospect.example"}
		w.Reviews = []crm.Review{{ID: crm.ReviewID(crm.ReviewNewContact, "new@prospect.example"), Kind: crm.ReviewNewContact, Address: "new@prospect.example",
			Source: "sato-mail", Owner: "sato@example.co.jp", Raised: f.now.Add(time.Minute), State: crm.ReviewOpen}}
		more = append(more, w)
	}
	f.commit(t, more...)
	b := f.signedIn(t, "sato@example.co.jp")
	source, err := f.store.GetSource(t.Context(), "sato-mail")
	must(t, err)
	open, err := f.store.CountReviews(t.Context(), crm.ReviewOpen)
	must(t, err)
	if open != 2 || source.Tally.Waiting != 5 {
		t.Fatalf("%d questions about %d items", open, source.Tally.Waiting)
	}
	for page, says := range map[string][]string{
		"/reviews":                {"未回答の質問は2件です", "答えが出るまで記録されないものは5件です", "4件が答えを待っています"},
		"/ledger?verdict=waiting": {"未回答の質問は2件です", "答えが出るまで記録されないものは5件です"},
		"/?for=me":                {"要確認2件、自分への提案0件"},
		"/?for=all":               {"要確認2件、全員への提案0件"},
	} {
		_, body := b.get(t, page)
		wantIn(t, body, append(says, "2件が判断待ち(要確認2件、自分への提案0件)")...)
	}
}

// TestTwoPeopleAnswer: of two who answer at the same moment one is told that the other was faster, and one contact is made;
// who answers what is settled is told so.
func TestTwoPeopleAnswer(t *testing.T) {
	f := newFixture(t)
	id := crm.ReviewID(crm.ReviewNewContact, "new@prospect.example")
	before, err := f.store.CountPeople(t.Context())
	must(t, err)
	users := []*browser{f.signedIn(t, "sato@example.co.jp"), f.signedIn(t, "suzuki@example.co.jp")}
	codes, pages := make([]int, len(users)), make([]string, len(users))
	var all sync.WaitGroup
	for i, u := range users {
		all.Go(func() {
			codes[i], pages[i] = u.post(t, "/reviews/"+id, "action", "accept", "name", fmt.Sprint("中村 ", i), "account", "見込み商事")
		})
	}
	all.Wait()
	if codes[0]+codes[1] != http.StatusOK+http.StatusConflict {
		t.Errorf("they got %v", codes)
	}
	for i, page := range pages {
		if codes[i] == http.StatusConflict {
			wantIn(t, page, "ほかの人がすでに決めました", `href="/reviews"`)
		}
	}
	if n, _ := f.store.CountPeople(t.Context()); n != before+1 {
		t.Errorf("%d people, want one more than %d", n, before)
	}
	accounts, _, err := f.store.ListAccounts(t.Context(), crm.AccountFilter{Query: "見込み商事"})
	if must(t, err); len(accounts) != 1 {
		t.Errorf("%d accounts were made", len(accounts))
	}
	code, page := users[0].post(t, "/reviews/"+crm.ReviewID(crm.ReviewNewContact, "settled@prospect.example"), "action", "dismiss")
	if code != http.StatusNotFound {
		t.Errorf("what is settled got %d", code)
	}
	wantIn(t, page, "答えが要らなくなりました", `href="/reviews"`)
	who := "/reviews/" + crm.ReviewID(crm.ReviewAmbiguous, "info@client.co.jp")
	must(t, f.store.DeletePerson(t.Context(), "cli", f.tanaka.ID))
	if code, page = users[1].post(t, who, "action", "choose", "person", f.tanaka.ID); code != http.StatusConflict {
		t.Errorf("choosing somebody who is gone got %d", code)
	}
	wantIn(t, page, "統合されたか削除されました")
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{{ID: crm.DerivedID("person", "also"), Kind: crm.Contact, Name: "別人", Emails: []string{"new@prospect.example"}}}))
	if code, page = users[1].post(t, "/reviews/"+id, "action", "undo"); code != http.StatusConflict {
		t.Errorf("taking back what is in use got %d", code)
	}
	wantIn(t, page, "この回答は取り消せません")
}

// TestRuleOfAnAnswerTakenBack: a rule that was made of an answer outlives the answer, so who takes the answer back is told of it
// and offered to take it back, too.
func TestRuleOfAnAnswerTakenBack(t *testing.T) {
	m := &fakeMapping{}
	f := newFixture(t, func(c *Config) { c.Mapping = m })
	id := crm.ReviewID(crm.ReviewNewContact, "new@prospect.example")
	c := f.signedIn(t, "suzuki@example.co.jp")
	_, err := m.Save(t.Context(), "suzuki", "# ours\nscreen:\n  subjects: [社外秘]\n", "")
	must(t, err)
	c.post(t, "/reviews/"+id, "action", "dismiss")
	c.post(t, "/reviews/"+id+"/rule")
	_, page := c.post(t, "/reviews/"+id, "action", "undo")
	wantIn(t, page, "この回答から作ったルールが、まだ有効です", "/reviews/"+id+"/rule/undo", "screen.addresses: new@prospect.example")
	_, page = f.signedIn(t, "sato@example.co.jp").get(t, "/reviews?decided="+id)
	wantIn(t, page, "取り消せるのは管理者です")
	_, page = c.post(t, "/reviews/"+id+"/rule/undo")
	wantIn(t, page, "ルールを取り消しました")
	newest, err := m.Newest(t.Context())
	if must(t, err); strings.Contains(newest.Document, "new@prospect.example") || !strings.Contains(newest.Document, "社外秘") || !strings.Contains(newest.Document, "# ours") {
		t.Errorf("the mapping is\n%s", newest.Document)
	}
	if code, _ := c.post(t, "/reviews/"+id+"/rule/undo"); code != http.StatusNotFound {
		t.Errorf("taking it back again got %d", code)
	}
	_, page = c.get(t, "/reviews?decided="+id)
	wantOut(t, page, "まだ有効です")
}
