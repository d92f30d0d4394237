package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// propose stores proposals as following does, and gives the ids.
func (f *fixture) propose(tb testing.TB, list ...crm.Proposal) (ids []string) {
	tb.Helper()
	for _, p := range list {
		if p.ID == "" {
			p.ID = crm.ProposalID(p.Kind, p.Person+p.Account, p.Field, p.Value)
		}
		if p.Raised.IsZero() {
			p.Raised = f.now
		}
		p.State = crm.ProposalOpen
		following, err := f.store.GetFollowing(tb.Context(), p.Person+p.Account)
		must(tb, err)
		must(tb, f.store.Follow(tb.Context(), []crm.Followed{{ID: following.ID, Mark: following.Mark, Standing: following.Standing, Proposals: []crm.Proposal{p}}}))
		ids = append(ids, p.ID)
	}
	return ids
}

// sampleProposals are one of each kind.
func (f *fixture) sampleProposals() []crm.Proposal {
	lead, yamada := crm.DerivedID("person", "lead"), crm.DerivedID("person", "yamada")
	return []crm.Proposal{
		{Kind: crm.ProposeSuccessor, Person: f.tanaka.ID, Owner: "sato@example.co.jp", Name: "中村 葵", Value: "nakamura@client.co.jp", Evidence: []string{"後任は中村葵(nakamura@client.co.jp)です"}},
		{Kind: crm.ProposeLeft, Person: f.tanaka.ID, Owner: "sato@example.co.jp", Evidence: []string{"10月末をもちまして退職いたしました"}},
		{Kind: crm.ProposeField, Person: f.tanaka.ID, Owner: "sato@example.co.jp", Field: "title", Before: "部長", Value: "本部長", Evidence: []string{"署名: 購買部 本部長 田中 太郎"}},
		{Kind: crm.ProposeBadAddress, Person: f.tanaka.ID, Owner: "sato@example.co.jp", Value: "tanaka@client.co.jp", Evidence: []string{"550 5.1.1 User unknown"}},
		{Kind: crm.ProposeDoNotContact, Person: lead, Owner: "sato@example.co.jp", Evidence: []string{"今後のご連絡は不要です"}},
		{Kind: crm.ProposeMerge, Person: yamada, Other: f.tanaka.ID, Value: f.tanaka.ID, Score: 92, Evidence: []string{"同じ電話番号"}},
		{Kind: crm.ProposeTask, Person: lead, Owner: "sato@example.co.jp", Value: "見積書を送る", Due: "2026-12-01", Evidence: []string{"来週までにお送りします"}},
		{Kind: crm.ProposeContradicts, Person: lead, Owner: "sato@example.co.jp", Evidence: []string{"署名の会社名が登録と違います"}},
	}
}

// TestProposalsOverTheAPI accepts, opens again and refuses a proposal of each kind, and looks at the record each time.
func TestProposalsOverTheAPI(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	lead, yamada := crm.DerivedID("person", "lead"), crm.DerivedID("person", "yamada")
	person := func(id string) (p crm.Person) {
		t.Helper()
		code, body := f.api(t, token, http.MethodGet, apiPrefix+"/people/"+id, "")
		if code != http.StatusOK {
			t.Fatalf("%s: %d %s", id, code, body)
		}
		must(t, json.Unmarshal([]byte(body), &p))
		return p
	}
	gone := func(id string) bool {
		code, _ := f.api(t, token, http.MethodGet, apiPrefix+"/people/"+id, "")
		return code == http.StatusNotFound
	}
	task := func(id string) (out crm.Task) {
		t.Helper()
		code, body := f.api(t, token, http.MethodGet, apiPrefix+"/tasks/"+id, "")
		if code != http.StatusOK {
			t.Fatalf("%s: %d %s", id, code, body)
		}
		must(t, json.Unmarshal([]byte(body), &out))
		return out
	}
	proposals := map[crm.ProposalKind]crm.Proposal{}
	for _, p := range f.sampleProposals() {
		proposals[p.Kind] = p
	}
	for _, test := range []struct {
		kind    crm.ProposalKind
		applied func(result string) bool
		undone  func(result string) bool
	}{
		{crm.ProposeSuccessor, func(made string) bool {
			p := person(made)
			return p.Name == "中村 葵" && p.AccountID == f.client.ID && p.Emails[0] == "nakamura@client.co.jp" && p.Owner == "sato@example.co.jp" && person(f.tanaka.ID).Successor == made
		}, func(made string) bool { return gone(made) && person(f.tanaka.ID).Successor == "" }},
		{crm.ProposeField, func(string) bool { return person(f.tanaka.ID).Title == "本部長" }, func(string) bool { return person(f.tanaka.ID).Title == "部長" }},
		{crm.ProposeBadAddress, func(string) bool { return strings.Join(person(f.tanaka.ID).BadEmails, " ") == "tanaka@client.co.jp" },
			func(string) bool { return len(person(f.tanaka.ID).BadEmails) == 0 }},
		{crm.ProposeLeft, func(string) bool { return !person(f.tanaka.ID).Left.IsZero() }, func(string) bool { return person(f.tanaka.ID).Left.IsZero() }},
		{crm.ProposeDoNotContact, func(string) bool {
			return strings.Contains(person(lead).DoNotContact, "今後のご連絡は不要です")
		}, func(string) bool { return person(lead).DoNotContact == "" }},
		{crm.ProposeTask, func(made string) bool {
			todo := task(made)
			return todo.Open() && todo.What == "見積書を送る" && todo.Due == "2026-12-01" && todo.Person == lead && todo.Owner == "sato@example.co.jp"
		}, func(made string) bool { todo := task(made); return !todo.Open() }},
		{crm.ProposeContradicts, func(string) bool { return person(lead).Name == "高橋 みなみ" }, func(string) bool { return person(lead).Name == "高橋 みなみ" }},
		{crm.ProposeMerge, func(string) bool { return gone(yamada) != gone(f.tanaka.ID) },
			func(string) bool {
				return !gone(yamada) && !gone(f.tanaka.ID) && person(yamada).Name == "山田 次郎" && person(f.tanaka.ID).Name == "田中 太郎"
			}},
	} {
		t.Run(string(test.kind), func(t *testing.T) {
			id := f.propose(t, proposals[test.kind])[0]
			answer := func(action string, want int) (p crm.Proposal) {
				t.Helper()
				code, body := f.api(t, token, http.MethodPost, apiPrefix+"/proposals/"+id+"/"+action, "")
				if code != want {
					t.Fatalf("%s: %d %s", action, code, body)
				}
				if code == http.StatusOK {
					must(t, json.Unmarshal([]byte(body), &p))
				}
				return p
			}
			_, list := f.api(t, token, http.MethodGet, apiPrefix+"/proposals?state=open&kind="+string(test.kind), "")
			wantIn(t, list, id, proposals[test.kind].Evidence[0])
			accepted := answer("accept", http.StatusOK)
			if accepted.State != crm.ProposalAccepted || !strings.HasPrefix(accepted.DecidedBy, "token:") || !test.applied(accepted.Result) {
				t.Errorf("accepted: %+v", accepted)
			}
			answer("accept", http.StatusConflict)
			answer("refuse", http.StatusConflict)
			opened := answer("reopen", http.StatusOK)
			if opened.State != crm.ProposalOpen || opened.DecidedBy != "" || !test.undone(accepted.Result) {
				t.Errorf("opened again: %+v", opened)
			}
			answer("reopen", http.StatusConflict)
			if refused := answer("refuse", http.StatusOK); refused.State != crm.ProposalRefused {
				t.Errorf("refused: %+v", refused)
			}
			_, list = f.api(t, token, http.MethodGet, apiPrefix+"/proposals?state=refused&kind="+string(test.kind), "")
			wantIn(t, list, id)
			f.propose(t, proposals[test.kind]) // the same evidence once more
			if _, body := f.api(t, token, http.MethodGet, apiPrefix+"/proposals/"+id, ""); !strings.Contains(body, `"state":"refused"`) {
				t.Errorf("raised again on the same evidence: %s", body)
			}
			answer("reopen", http.StatusOK)
			if again := answer("accept", http.StatusOK); !test.applied(again.Result) {
				t.Errorf("accepted once more: %+v", again)
			}
			answer("reopen", http.StatusOK)
		})
	}
	if f.kicks == 0 {
		t.Error("late matching was not started")
	}
}

// TestReopeningKeepsWhatPeopleChanged: what somebody entered since a proposal was accepted stays.
func TestReopeningKeepsWhatPeopleChanged(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	id := f.propose(t, f.sampleProposals()[2])[0]
	if code, body := f.api(t, token, http.MethodPost, apiPrefix+"/proposals/"+id+"/accept", ""); code != http.StatusOK {
		t.Fatal(body)
	}
	p, err := f.store.GetPerson(t.Context(), f.tanaka.ID)
	must(t, err)
	p.Title = "執行役員"
	must(t, f.store.SavePeople(t.Context(), "sato@example.co.jp", []crm.Person{p}))
	if code, body := f.api(t, token, http.MethodPost, apiPrefix+"/proposals/"+id+"/reopen", ""); code != http.StatusOK {
		t.Fatal(body)
	}
	if p, err = f.store.GetPerson(t.Context(), f.tanaka.ID); err != nil || p.Title != "執行役員" {
		t.Errorf("%s %v", p.Title, err)
	}
	if code, _ := f.api(t, token, http.MethodPost, apiPrefix+"/proposals/"+id+"/accept", ""); code != http.StatusConflict {
		t.Errorf("accepted though the record says something else: %d", code)
	}
}

// TestWhoDecidedIsReadable: pages name programs by what they are, not by the id of their token.
func TestWhoDecidedIsReadable(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	id := f.propose(t, f.sampleProposals()[2])[0]
	if code, body := f.api(t, token, http.MethodPost, apiPrefix+"/proposals/"+id+"/accept", ""); code != http.StatusOK {
		t.Fatal(body)
	}
	_, page := f.signedIn(t, "sato@example.co.jp").get(t, "/proposals?state=accepted")
	wantIn(t, page, "プログラム(API)")
	wantOut(t, page, "token:")
}
