package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// raiseMerge proposes that two are one, as the daemon does when it follows them.
func raiseMerge(t *testing.T, f *fixture, a, b crm.Person) string {
	t.Helper()
	like := crm.ComparePeople(a, b)
	p := crm.Proposal{ID: crm.ProposalID(crm.ProposeMerge, a.ID, "", b.ID), Kind: crm.ProposeMerge, Person: a.ID, Owner: a.Owner, Value: b.ID, Name: b.Name, Other: b.ID,
		Score: like.Score, Evidence: like.Evidence, Raised: f.now, State: crm.ProposalOpen}
	following, err := f.store.GetFollowing(t.Context(), a.ID)
	must(t, err)
	must(t, f.store.Follow(t.Context(), []crm.Followed{{ID: following.ID, Mark: following.Mark, Standing: following.Standing, Proposals: []crm.Proposal{p}}}))
	return p.ID
}

func TestDuplicatePages(t *testing.T) {
	f := newFixture(t)
	twin := crm.Person{ID: crm.DerivedID("person", "twin"), Kind: crm.Contact, Name: "田中 太郎", Company: "クライアント", Emails: []string{"tanaka@client.co.jp"}, Created: f.now, Updated: f.now}
	must(t, f.store.SavePeople(t.Context(), "cli", []crm.Person{twin}))
	id := raiseMerge(t, f, f.tanaka, twin)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/duplicates")
	wantIn(t, page, "田中 太郎", "メールアドレスが同じ: tanaka@client.co.jp", "別の登録です", "/people/"+twin.ID)
	_, page = b.get(t, "/duplicates?kind=accounts&lang=en")
	wantIn(t, page, "No duplicates")
	if code, _ := b.post(t, "/duplicates/"+id, "action", "explode"); code != http.StatusBadRequest {
		t.Errorf("an action that there is not: %d", code)
	}
	if code, _ := b.post(t, "/duplicates/0123", "action", "refuse"); code != http.StatusNotFound {
		t.Errorf("a pair that there is not: %d", code)
	}
	_, page = b.post(t, "/duplicates/"+id, "action", "refuse")
	wantIn(t, page, "二度と提案しません", "重複はありません")
	_, page = b.get(t, "/duplicates?state=refused")
	wantIn(t, page, "「別の登録」と判断しました", "判断を取り消す")
	_, page = b.post(t, "/duplicates/"+id, "action", "reopen")
	wantIn(t, page, "田中 太郎")
}

// tryingMapping makes the same of everything.
type tryingMapping struct {
	*realMapping
	trial mapping.Trial
	tried []crm.Submission
}

func (m *tryingMapping) Try(_ context.Context, _ string, sample MappingTry) (mapping.Trial, error) {
	m.tried = append(m.tried, *sample.Submission)
	return m.trial, nil
}

func TestFormPageTells(t *testing.T) {
	fake := &tryingMapping{realMapping: &realMapping{}, trial: mapping.Trial{Verdict: crm.Logged, Reason: crm.ReasonMatched, New: true, Person: []mapping.Tried{{Field: "name", Now: "新井 光"}}}}
	q := newQueue()
	form := Form{ID: "contact", Name: "お問い合わせ", PerMinute: 100, PerAddress: 7, Inputs: []FormInput{{Name: "mail", Label: crm.Label{JA: "アドレス"}, Type: "email"}, {Name: "kind", Type: "select", Options: []string{"見積"}}}}
	f := newFixture(t, func(c *Config) {
		c.Forms, c.Intake, c.FormKey, c.Mapping = formList{form}, q, []byte(strings.Repeat("k", 32)), fake
	})
	b := f.signedIn(t, "suzuki@example.co.jp")
	_, page := b.get(t, "/forms/contact")
	wantIn(t, page, "1つのアドレスから1分あたり", "<dd><bdi>7</bdi>", "アドレス", "<option>見積</option>", "最近30日間の送信はありません", "試しに送ってみる")
	before := len(q.all())
	code, page := b.post(t, "/forms/contact/try", "mail", "arai@new.example", "kind", "見積")
	if code != http.StatusOK || len(q.all()) != before {
		t.Errorf("%d, %d submissions", code, len(q.all()))
	}
	if len(fake.tried) != 1 || fake.tried[0].Form != "contact" || len(fake.tried[0].Fields) != 2 {
		t.Errorf("tried %+v", fake.tried)
	}
	wantIn(t, page, "新しいリードになります", "新井 光", `value="arai@new.example"`)
	_, page = b.post(t, "/forms/contact/try", "mail", "")
	wantIn(t, page, "項目に値を入れてください")
	if code, _ = f.signedIn(t, "sato@example.co.jp").post(t, "/forms/contact/try", "mail", "x"); code != http.StatusForbidden {
		t.Errorf("a rep tries: %d", code)
	}
}
