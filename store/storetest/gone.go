package storetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// testGone deletes and erases people on whom hangs whatever chance picks: afterwards nothing that a page could show names them.
func testGone(t *testing.T, w *world) {
	w.customer("acc")
	for round := range 24 {
		pick := rand.New(rand.NewPCG(7, uint64(round)))
		h := w.hung(round, func() bool { return pick.IntN(3) > 0 })
		if round%2 == 0 {
			w.ok(w.s.DeletePerson(w.ctx, suzuki, h.gone))
		} else {
			_, _, err := w.s.Erase(w.ctx, suzuki, h.address, w.now)
			w.ok(err)
		}
		for what, shown := range w.everything() {
			if strings.Contains(shown, h.gone) {
				t.Errorf("round %d: %s names who is gone: %s", round, what, shown)
			}
		}
	}
}

// hung is somebody on whom much hangs, and a colleague of theirs.
type hung struct{ gone, other, address string }

func (w *world) hung(round int, some func() bool) hung {
	w.t.Helper()
	name := fmt.Sprintf("g%02d", round)
	h := hung{gone: crm.DerivedID("gone", name), other: crm.DerivedID("other", name), address: name + "@client.co.jp"}
	p, q := w.person(h.gone, h.address), w.person(h.other, "q"+h.address)
	p.Name, q.Name, p.AccountID, q.AccountID = "消田 "+name, "残田 "+name, "acc", "acc"
	if some() {
		q.Successor = h.gone
	}
	w.savePeople(p, q)
	mail := w.logged(w.a, name, name)
	mail.Activity.People = []crm.Participant{{Kind: crm.Contact, ID: h.gone, Address: h.address, Role: crm.RoleFrom}, {Kind: crm.Contact, ID: h.other, Address: "q" + h.address, Role: crm.RoleTo}}
	w.commit(w.a, mail)
	for _, does := range []func(hung, string){w.hangTasks, w.hangDeals, w.hangProposals, w.hangReviews, w.hangWords} {
		if some() {
			does(h, name)
		}
	}
	return h
}

func (w *world) hangTasks(h hung, name string) {
	w.ok(w.s.SaveTask(w.ctx, sato, crm.Task{ID: crm.DerivedID("open", name), Kind: crm.TaskCall, Person: h.gone, Account: "acc", Owner: sato, Due: "2026-12-01", What: "電話", Origin: "person"}))
	w.ok(w.s.SaveTask(w.ctx, sato, crm.Task{ID: crm.DerivedID("done", name), Kind: crm.TaskCall, Person: h.gone, Owner: sato, Due: "2026-12-01", What: "電話", Origin: "person", Done: w.now, DoneBy: sato}))
}

func (w *world) hangDeals(h hung, name string) {
	w.opportunity(crm.DerivedID("deal", name), func(o *crm.Opportunity) { agreed(o); o.Contacts, o.Lead = []string{h.gone, h.other}, h.gone })
	_, err := w.s.SaveContract(w.ctx, sato, crm.Contract{ID: crm.DerivedID("contract", name), Name: "保守", Account: "acc", Contacts: []string{h.gone}, Start: "2026-12-01"})
	w.ok(err)
}

func (w *world) hangProposals(h hung, _ string) {
	w.raise(h.gone, crm.Proposal{Kind: crm.ProposeLeft, Person: h.gone, Owner: sato, Raised: w.now})
	merge := crm.Proposal{Kind: crm.ProposeMerge, Person: h.other, Other: h.gone, Owner: sato, Raised: w.now}
	follows := crm.Proposal{Kind: crm.ProposeSuccessor, Person: h.other, Name: "後任", Value: h.address, Owner: sato, Raised: w.now}
	follows.ID = crm.ProposalID(follows.Kind, h.other, "", follows.Value)
	w.raise(h.other, merge, follows)
	_, err := w.s.DecideProposal(w.ctx, sato, follows.ID, crm.ProposalAccepted, w.now)
	w.ok(err)
}

func (w *world) hangReviews(h hung, name string) {
	who := func(address string) crm.Review {
		r := w.review(address, w.now)
		r.Kind, r.ID = crm.ReviewAmbiguous, crm.ReviewID(crm.ReviewAmbiguous, address)
		r.Candidates = []crm.Candidate{{Kind: "contact", ID: h.gone, Name: "P"}, {Kind: "contact", ID: h.other, Name: "Q"}}
		return r
	}
	var decided crm.Review
	for _, address := range []string{"open-" + name + "@else.example", "decided-" + name + "@else.example"} {
		write := w.other(address, address, crm.Waiting, crm.ReasonAmbiguous, address)
		decided = who(address)
		write.Reviews = []crm.Review{decided}
		w.commit(w.a, write)
	}
	decided.State, decided.Person, decided.DecidedBy, decided.DecidedAt = crm.ReviewAccepted, h.gone, sato, w.now
	w.ok(w.s.Decide(w.ctx, sato, decided, nil))
	rule := crm.Review{ID: crm.ReviewID(crm.ReviewFileTo, "rule-"+name+"@else.example"), Kind: crm.ReviewFileTo, Address: "rule-" + name + "@else.example", Owner: sato, Raised: w.now,
		Candidates: []crm.Candidate{{Kind: "contact", ID: h.gone}}}
	w.ok(w.s.RaiseReview(w.ctx, sato, rule))
}

func (w *world) hangWords(h hung, name string) {
	w.comment(crm.DerivedID("comment", name), h.gone, "会った", suzuki)
	second := w.logged(w.a, name+"-2", name+"-2")
	second.Activity.People = []crm.Participant{{Kind: crm.Contact, ID: h.other, Address: "q" + h.address, Role: crm.RoleFrom}}
	w.commit(w.a, second)
	w.file(name+"-2", crm.Filed{ID: crm.DerivedID("filed", name), Detach: h.other, Attach: h.gone, Address: "q" + h.address})
	w.ok(w.s.LogActivity(w.ctx, sato, w.call("call "+name, h.gone)))
	_, err := w.s.AddChange(w.ctx, sato, crm.Change{Person: h.gone, Field: crm.ChangeOwner, To: suzuki})
	w.ok(err)
}

// everything is what the store gives of records, in JSON.
func (w *world) everything() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	put := func(what string, v any, err error) {
		w.t.Helper()
		w.ok(err)
		raw, err := json.Marshal(v)
		w.ok(err)
		out[what] = string(raw)
	}
	people, _, err := w.s.ListPeople(w.ctx, crm.PeopleFilter{Limit: 1000})
	put("the list of people", people, err)
	tasks, _, err := w.s.ListTasks(w.ctx, crm.TaskFilter{Limit: 1000})
	put("tasks", tasks, err)
	deals, _, err := w.s.ListOpportunities(w.ctx, crm.DealFilter{Limit: 1000})
	put("opportunities", deals, err)
	contracts, _, err := w.s.ListContracts(w.ctx, crm.DealFilter{Limit: 1000})
	put("contracts", contracts, err)
	proposals, _, err := w.s.ListProposals(w.ctx, crm.ProposalFilter{Limit: 1000})
	put("proposals", proposals, err)
	reviews, _, err := w.s.ListReviews(w.ctx, "", "", 1000)
	put("reviews", reviews, err)
	activities, _, err := w.s.ListActivities(w.ctx, crm.ActivityFilter{Limit: 1000})
	put("activities", activities, err)
	var filings []crm.Filing
	for _, a := range activities {
		f, err := w.s.GetFiling(w.ctx, a.ID)
		w.ok(err)
		filings = append(filings, f)
	}
	put("who was put on activities", filings, nil)
	mentions, _, err := w.s.ListMentions(w.ctx, suzuki, false, "", 1000)
	put("mentions", mentions, err)
	var addresses []string
	for _, r := range reviews {
		addresses = append(addresses, r.Address)
	}
	answer, err := w.s.Lookup(w.ctx, crm.Question{Addresses: addresses})
	put("decisions", answer.Addresses, err)
	return out
}

// testGoneTasks: what was to be done with somebody is dropped when they are deleted, and the audit says why.
func testGoneTasks(t *testing.T, w *world) {
	w.customer("acc")
	h := hung{gone: "p", other: "q", address: "p@client.co.jp"}
	w.savePeople(w.person("p", h.address), w.person("q", "q@client.co.jp"))
	w.hangTasks(h, "x")
	w.hangDeals(h, "x")
	deal, err := w.s.GetOpportunity(w.ctx, crm.DerivedID("deal", "x"))
	w.ok(err)
	w.ok(w.s.DeletePerson(w.ctx, suzuki, "p"))
	open, err := w.s.GetTask(w.ctx, crm.DerivedID("open", "x"))
	w.ok(err)
	done, err := w.s.GetTask(w.ctx, crm.DerivedID("done", "x"))
	w.ok(err)
	if !open.Dropped || open.Person != "" || open.Account != "acc" || open.DoneBy != suzuki || done.Dropped || done.DoneBy != sato || done.Person != "" {
		t.Errorf("open %+v, done %+v", open, done)
	}
	list, _, err := w.s.ListTasks(w.ctx, crm.TaskFilter{Open: true})
	w.ok(err)
	if len(list) != 0 {
		t.Errorf("still to be done: %+v", list)
	}
	left, err := w.s.GetOpportunity(w.ctx, deal.ID)
	w.ok(err)
	if len(left.Contacts) != 1 || left.Contacts[0] != "q" || left.Lead != "" || !left.Updated.After(deal.Updated) {
		t.Errorf("the deal: %+v", left)
	}
	records, _, err := w.s.FindAudit(w.ctx, crm.AuditFilter{Limit: 100})
	w.ok(err)
	said := false
	for _, r := range records {
		said = said || r.Action == "drop task" && r.Actor == suzuki && r.Object == "task/"+open.ID && strings.Contains(r.Before, `"person":"p"`)
	}
	if !said {
		t.Error("the audit does not say why the task was dropped")
	}
	if next, err := w.s.ChangeTask(w.ctx, sato, crm.Amendment[crm.Task]{Was: open, Is: again(open)}); err != nil || !next.Open() {
		t.Errorf("it cannot be taken up again: %+v, %v", next, err)
	}
}

func again(t crm.Task) crm.Task {
	t.Dropped, t.DoneBy, t.Done = false, "", time.Time{}
	return t
}
