package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func testCampaigns(t *testing.T, w *world) {
	for _, p := range []crm.Product{{ID: "2", Name: "ｂ"}, {ID: "1", Name: "B"}, {ID: "3", Name: "あ"}, {ID: "4", Name: "a"}} {
		w.ok(w.s.SaveProduct(w.ctx, sato, p))
	}
	w.ok(w.s.SaveProduct(w.ctx, sato, crm.Product{ID: "4", Name: "Z", Retired: true}))
	products, err := w.s.ListProducts(w.ctx)
	w.ok(err)
	var names []string
	for _, p := range products {
		names = append(names, p.ID)
	}
	if diff := cmp.Diff([]string{"1", "2", "4", "3"}, names); diff != "" {
		t.Errorf("products (-want +got):\n%s", diff)
	}
	for _, c := range []crm.Campaign{{ID: "old", Code: "expo", Name: "x", Start: "2025-01-01"}, {ID: "new", Code: "Web-Ads", Name: "y", Start: "2026-01-01"},
		{ID: "none", Code: "referral", Name: "z"}} {
		w.ok(w.s.SaveCampaign(w.ctx, sato, c))
	}
	if err := w.s.SaveCampaign(w.ctx, sato, crm.Campaign{ID: "twin", Code: " ＥＸＰＯ", Name: "x"}); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("a code is taken: %v", err)
	}
	w.ok(w.s.SaveCampaign(w.ctx, sato, crm.Campaign{ID: "old", Code: "expo-2025", Name: "x", Start: "2025-01-01"}))
	w.ok(w.s.SaveCampaign(w.ctx, sato, crm.Campaign{ID: "twin", Code: "EXPO", Name: "x", Start: "2024-01-01"}))
	list, err := w.s.ListCampaigns(w.ctx)
	w.ok(err)
	var ids []string
	for _, c := range list {
		ids = append(ids, c.ID)
	}
	if diff := cmp.Diff([]string{"new", "old", "twin", "none"}, ids); diff != "" {
		t.Errorf("campaigns (-want +got):\n%s", diff)
	}
	if _, err := w.s.GetCampaign(w.ctx, "nothing"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
}

// counts gives the numbers of a metric by month: "2026-11 key detail count sum".
func (w *world) numbers(m crm.Metric, by crm.Dimension) []crm.Number {
	w.t.Helper()
	out, err := w.s.Numbers(w.ctx, crm.NumberQuery{Metric: m, Grain: crm.GrainMonth, By: by, From: "2026-01-01", To: "2027-12-31"})
	w.ok(err)
	return out
}

func testRecordNumbers(t *testing.T, w *world) {
	w.customer("acc")
	campaign := crm.Campaign{ID: "m", Code: "expo", Name: "展示会", Channel: "event",
		Costs: []crm.Cost{{Day: "2026-11-01", Amount: 300}, {Day: "2026-11-30", Amount: 200}, {Day: "2026-12-01", Amount: 50}}}
	w.ok(w.s.SaveCampaign(w.ctx, sato, campaign))
	campaign.Costs = campaign.Costs[1:]
	campaign.Costs[1].Amount = 70
	w.ok(w.s.SaveCampaign(w.ctx, sato, campaign))
	want := []crm.Number{{Period: "2026-11", Key: "expo", Count: 1, Sum: 200}, {Period: "2026-12", Key: "expo", Count: 1, Sum: 70}}
	if diff := cmp.Diff(want, w.numbers(crm.MetricCost, crm.ByCampaign)); diff != "" {
		t.Errorf("costs (-want +got):\n%s", diff)
	}
	won := w.opportunity("o", agreed)
	w.opportunity("p", func(o *crm.Opportunity) { o.Stage, o.Amount, o.Owner = crm.StageLost, 5, suzuki })
	won.Owner, won.Updated = suzuki, w.now.Add(time.Hour)
	_, err := w.s.SaveOpportunity(w.ctx, sato, won)
	w.ok(err)
	month := func(key string, detail crm.Stage, sum int64) []crm.Number {
		return []crm.Number{{Period: "2026-11", Key: key, Detail: string(detail), Count: 1, Sum: sum}}
	}
	if diff := cmp.Diff(month(suzuki, crm.StageWon, 360000), w.numbers(crm.MetricWon, crm.ByOwner)); diff != "" {
		t.Errorf("won (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(month("web", crm.StageWon, 360000), w.numbers(crm.MetricWon, crm.ByChannel)); diff != "" {
		t.Errorf("won by source (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(month("", crm.StageLost, 5), w.numbers(crm.MetricLost, crm.ByNone)); diff != "" {
		t.Errorf("lost (-want +got):\n%s", diff)
	}
	w.ok(w.s.DeleteOpportunity(w.ctx, sato, "p"))
	if got := w.numbers(crm.MetricLost, crm.ByNone); len(got) > 0 {
		t.Errorf("lost, after it went: %+v", got)
	}
}

func testTasks(t *testing.T, w *world) {
	for _, task := range []crm.Task{
		{ID: "late", Due: "2026-11-01", Owner: sato, Person: "p"}, {ID: "b", Due: "2026-11-21", Owner: sato, Account: "acc"},
		{ID: "a", Due: "2026-11-21", Owner: sato, Person: "p", Account: "acc"}, {ID: "his", Due: "2026-11-10", Owner: suzuki, Person: "p"},
		{ID: "done", Due: "2026-11-02", Owner: sato, Person: "p", Done: w.now}, {ID: "dropped", Due: "2026-11-03", Owner: sato, Dropped: true},
	} {
		task.ID, task.Kind, task.What, task.Origin = ordered(task.ID), crm.TaskTodo, "次の連絡", "person"
		w.ok(w.s.SaveTask(w.ctx, sato, task))
	}
	for _, test := range []struct {
		name string
		f    crm.TaskFilter
		want []string
	}{
		{"all", crm.TaskFilter{}, []string{"late", "done", "dropped", "his", "a", "b"}},
		{"open", crm.TaskFilter{Open: true}, []string{"late", "his", "a", "b"}},
		{"an owner's", crm.TaskFilter{Owner: sato, Open: true}, []string{"late", "a", "b"}},
		{"due", crm.TaskFilter{Owner: sato, Open: true, Until: "2026-11-20"}, []string{"late"}},
		{"a person's", crm.TaskFilter{Person: "p"}, []string{"late", "done", "his", "a"}},
		{"a person's with an owner", crm.TaskFilter{Person: "p", Owner: suzuki}, []string{"his"}},
		{"an account's", crm.TaskFilter{Account: "acc"}, []string{"a", "b"}},
		{"nobody's", crm.TaskFilter{Owner: "ito@example.co.jp"}, nil},
	} {
		for _, limit := range []int{1, 2, 50} {
			got := pages(w, func(after string) ([]crm.Task, string, error) {
				test.f.After, test.f.Limit = after, limit
				return w.s.ListTasks(w.ctx, test.f)
			}, func(t crm.Task) string { return t.ID })
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
	}
	task, err := w.s.GetTask(w.ctx, ordered("late"))
	w.ok(err)
	created := task.Created
	task.Done, task.DoneBy, task.Created = w.now, sato, time.Time{}
	w.ok(w.s.SaveTask(w.ctx, sato, task))
	if task, _ = w.s.GetTask(w.ctx, ordered("late")); !task.Created.Equal(created) {
		t.Errorf("made at %v, then at %v", created, task.Created)
	}
	list, _, err := w.s.ListTasks(w.ctx, crm.TaskFilter{Person: "p", Owner: sato, Open: true})
	w.ok(err)
	if len(list) != 1 || named(list[0].ID) != "a" {
		t.Errorf("after one is done: %+v", list)
	}
}

// raise stores proposals as following does.
func (w *world) raise(person string, list ...crm.Proposal) {
	w.t.Helper()
	f, err := w.s.GetFollowing(w.ctx, person)
	w.ok(err)
	for i := range list {
		if list[i].ID == "" {
			list[i].ID = crm.ProposalID(list[i].Kind, list[i].Person+list[i].Account, list[i].Field, list[i].Value)
		}
	}
	w.ok(w.s.Follow(w.ctx, []crm.Followed{{ID: f.ID, Mark: f.Mark, Standing: f.Standing, Proposals: list}}))
}

func testProposals(t *testing.T, w *world) {
	w.customer("acc")
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("p", "p@client.co.jp"), w.person("q", "q@client.co.jp")}))
	left := crm.Proposal{Kind: crm.ProposeLeft, Person: "p", Owner: sato, Evidence: []string{"退職しました"}, Activity: "m", Raised: w.now}
	bad := crm.Proposal{Kind: crm.ProposeBadAddress, Person: "p", Owner: sato, Value: "p@client.co.jp", Raised: w.now.Add(time.Hour)}
	w.raise("p", left, bad)
	w.raise("q", crm.Proposal{Kind: crm.ProposeField, Person: "q", Account: "acc", Owner: suzuki, Field: "title", Value: "部長", Raised: w.now.Add(-time.Hour)},
		crm.Proposal{Kind: crm.ProposeContradicts, Person: "q", Raised: w.now})
	kinds := func(f crm.ProposalFilter) []string {
		return pages(w, func(after string) ([]crm.Proposal, string, error) {
			f.After = after
			return w.s.ListProposals(w.ctx, f)
		}, func(p crm.Proposal) string { return string(p.Kind) })
	}
	for _, test := range []struct {
		name string
		f    crm.ProposalFilter
		want []string
	}{
		{"open, the newest first", crm.ProposalFilter{State: crm.ProposalOpen, Subject: "p"}, []string{"bad_address", "left"}},
		{"an owner's", crm.ProposalFilter{Owner: suzuki}, []string{"field"}},
		{"an owner's, one a page", crm.ProposalFilter{Owner: sato, Limit: 1}, []string{"bad_address", "left"}},
		{"of an account", crm.ProposalFilter{Subject: "acc"}, []string{"field"}},
		{"of a kind", crm.ProposalFilter{Kind: crm.ProposeLeft}, []string{"left"}},
		{"refused", crm.ProposalFilter{State: crm.ProposalRefused}, nil},
	} {
		if diff := cmp.Diff(test.want, kinds(test.f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if all := kinds(crm.ProposalFilter{}); len(all) != 4 {
		t.Errorf("all: %v", all)
	}
	_, err := w.s.DecideProposal(w.ctx, sato, crm.ProposalID(crm.ProposeLeft, "p", "", ""), crm.ProposalRefused, w.now.Add(2*time.Hour))
	w.ok(err)
	bad.State = crm.ProposalMoot
	w.raise("p", left, bad) // the same evidence again, and an address that takes mail again
	for _, test := range []struct {
		state crm.ProposalState
		owner string
		want  int64
	}{{crm.ProposalOpen, "", 2}, {crm.ProposalOpen, sato, 0}, {crm.ProposalRefused, sato, 1}, {crm.ProposalMoot, "", 1}, {"", "", 4}, {"", sato, 2}, {crm.ProposalOpen, suzuki, 1}} {
		n, err := w.s.CountProposals(w.ctx, test.state, test.owner)
		w.ok(err)
		if n != test.want {
			t.Errorf("%q of %q: %d instead of %d", test.state, test.owner, n, test.want)
		}
	}
	left.Activity, left.Raised = "m2", w.now.Add(3*time.Hour)
	w.raise("p", left)
	if got := kinds(crm.ProposalFilter{State: crm.ProposalOpen, Subject: "p"}); !slices.Equal(got, []string{"left"}) {
		t.Errorf("after newer evidence: %v", got)
	}
}

func testDecideProposal(t *testing.T, w *world) {
	person := w.person("p", "p@client.co.jp")
	person.Title = "課長"
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{person}))
	title := crm.Proposal{Kind: crm.ProposeField, Person: "p", Field: "title", Before: "課長", Value: "部長", Raised: w.now, Activity: "m"}
	stop := crm.Proposal{Kind: crm.ProposeDoNotContact, Person: "p", Raised: w.now, Evidence: []string{"連絡不要です"}}
	todo := crm.Proposal{Kind: crm.ProposeTask, Person: "p", Owner: sato, Value: "返信する", Due: "2026-11-24", Raised: w.now}
	w.raise("p", title, stop, todo)
	id := func(p crm.Proposal) string { return crm.ProposalID(p.Kind, "p", p.Field, p.Value) }
	decide := func(p crm.Proposal, state crm.ProposalState) crm.Proposal {
		t.Helper()
		w.now = w.now.Add(time.Minute)
		got, err := w.s.DecideProposal(w.ctx, sato, id(p), state, w.now)
		w.ok(err)
		return got
	}
	got := decide(title, crm.ProposalAccepted)
	if got.State != crm.ProposalAccepted || got.DecidedBy != sato || !got.DecidedAt.Equal(w.now) {
		t.Errorf("decided: %+v", got)
	}
	decide(stop, crm.ProposalAccepted)
	task := decide(todo, crm.ProposalAccepted).Result
	p, err := w.s.GetPerson(w.ctx, "p")
	w.ok(err)
	if p.Title != "部長" || p.DoNotContact != "連絡不要です" || len(p.Filled) != 1 {
		t.Errorf("after both: %+v", p)
	}
	if made, err := w.s.GetTask(w.ctx, task); err != nil || !made.Open() || made.Due != "2026-11-24" || made.Owner != sato {
		t.Errorf("task: %+v %v", made, err)
	}
	if _, err := w.s.DecideProposal(w.ctx, sato, id(title), crm.ProposalRefused, w.now); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("decided twice: %v", err)
	}
	p.DoNotContact = "電話でも断られた" // somebody knows more by now
	w.ok(w.s.SavePeople(w.ctx, sato, []crm.Person{p}))
	for _, proposal := range []crm.Proposal{title, stop, todo} {
		if back := decide(proposal, crm.ProposalOpen); back.DecidedBy != "" || back.Result != "" || len(back.Did) > 0 {
			t.Errorf("opened again: %+v", back)
		}
	}
	p, err = w.s.GetPerson(w.ctx, "p")
	w.ok(err)
	if p.Title != "課長" || len(p.Filled) != 0 || p.DoNotContact != "電話でも断られた" {
		t.Errorf("taken back: %+v", p)
	}
	if made, _ := w.s.GetTask(w.ctx, task); made.Open() {
		t.Errorf("the task stays: %+v", made)
	}
	decide(todo, crm.ProposalAccepted)
	if made, _ := w.s.GetTask(w.ctx, task); !made.Open() {
		t.Errorf("accepted again, the task does not come back: %+v", made)
	}
	p.Title = "本部長"
	w.ok(w.s.SavePeople(w.ctx, sato, []crm.Person{p}))
	if _, err := w.s.DecideProposal(w.ctx, sato, id(title), crm.ProposalAccepted, w.now); !errors.Is(err, crm.ErrConflict) {
		t.Errorf("a title that changed meanwhile: %v", err)
	}
	if _, err := w.s.DecideProposal(w.ctx, sato, id(title), crm.ProposalMoot, w.now); !errors.Is(err, crm.ErrRefused) {
		t.Errorf("made moot by hand: %v", err)
	}
	if _, err := w.s.DecideProposal(w.ctx, sato, "nothing", crm.ProposalAccepted, w.now); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
}

func testSuccessor(t *testing.T, w *world) {
	w.customer("acc")
	gone := w.person("p", "p@client.co.jp")
	gone.AccountID, gone.Owner = "acc", sato
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{gone, w.person("known", "known@client.co.jp")}))
	next := crm.Proposal{Kind: crm.ProposeSuccessor, Person: "p", Name: "鈴木 花子", Value: "suzuki@client.co.jp", Raised: w.now}
	id := crm.ProposalID(next.Kind, "p", "", next.Value)
	w.raise("p", next)
	got, err := w.s.DecideProposal(w.ctx, sato, id, crm.ProposalAccepted, w.now)
	w.ok(err)
	made, err := w.s.GetPerson(w.ctx, got.Result)
	w.ok(err)
	want := crm.Person{ID: got.Result, Kind: crm.Contact, Name: "鈴木 花子", AccountID: "acc", Emails: []string{"suzuki@client.co.jp"}, Owner: sato,
		Origin: "proposal", Created: w.now, Updated: w.now}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p, _ := w.s.GetPerson(w.ctx, "p"); p.Successor != made.ID {
		t.Errorf("who follows: %+v", p)
	}
	_, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalOpen, w.now)
	w.ok(err)
	if _, err := w.s.GetPerson(w.ctx, made.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the contact stays: %v", err)
	}
	if p, _ := w.s.GetPerson(w.ctx, "p"); p.Successor != "" {
		t.Errorf("still followed: %+v", p)
	}
	_, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalAccepted, w.now)
	w.ok(err)
	w.commit(w.a, w.logged(w.a, "1", "m", made.ID))
	_, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalOpen, w.now)
	w.ok(err)
	if _, err := w.s.GetPerson(w.ctx, made.ID); err != nil {
		t.Errorf("a contact with exchanges went: %v", err)
	}
	other := crm.Proposal{Kind: crm.ProposeSuccessor, Person: "p", Name: "既知", Value: "known@client.co.jp", Raised: w.now}
	w.raise("p", other)
	got, err = w.s.DecideProposal(w.ctx, sato, crm.ProposalID(other.Kind, "p", "", other.Value), crm.ProposalAccepted, w.now)
	w.ok(err)
	if got.Result != "known" {
		t.Errorf("somebody who is there was made again: %+v", got)
	}
}

func testProposedMerge(t *testing.T, w *world) {
	older, younger := w.person("p", "p@client.co.jp"), w.person("q", "q@client.co.jp")
	younger.Created = w.now.Add(time.Hour)
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{older, younger}))
	one := crm.Proposal{Kind: crm.ProposeMerge, Person: "q", Other: "p", Value: "p", Score: 90, Raised: w.now}
	id := crm.ProposalID(one.Kind, "q", "", "p")
	w.raise("q", one)
	got, err := w.s.DecideProposal(w.ctx, sato, id, crm.ProposalAccepted, w.now)
	w.ok(err)
	m, err := w.s.GetMerge(w.ctx, got.Result)
	w.ok(err)
	if m.Winner != "p" || m.Loser != "q" {
		t.Errorf("merged: %+v", m)
	}
	stored, err := w.s.GetProposal(w.ctx, id)
	w.ok(err)
	if stored.State != crm.ProposalAccepted || stored.Result != m.ID {
		t.Errorf("proposal: %+v", stored)
	}
	_, err = w.s.DecideProposal(w.ctx, sato, id, crm.ProposalOpen, w.now.Add(time.Hour))
	w.ok(err)
	if _, err := w.s.GetPerson(w.ctx, "q"); err != nil {
		t.Errorf("not there again: %v", err)
	}
	if n, _ := w.s.CountProposals(w.ctx, crm.ProposalOpen, ""); n != 1 {
		t.Errorf("%d are open", n)
	}
}

func testRecordMarks(t *testing.T, w *world) {
	w.customer("acc")
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("p", "p@client.co.jp")}))
	settle := func() {
		for {
			list, err := w.s.NextFollowing(w.ctx, w.now.Add(1000*time.Hour), w.now.Add(1000*time.Hour), 100)
			w.ok(err)
			var done []crm.Followed
			for _, f := range list {
				done = append(done, crm.Followed{ID: f.ID, Mark: f.Mark, Standing: f.Standing, Missing: f.Person == nil && f.Account == nil})
			}
			if len(done) == 0 {
				return
			}
			w.ok(w.s.Follow(w.ctx, done))
		}
	}
	for _, test := range []struct {
		name string
		save func() error
		want []string
	}{
		{"an opportunity", func() error {
			_, err := w.s.SaveOpportunity(w.ctx, sato, crm.Opportunity{ID: "o", Name: "x", Account: "acc", Contacts: []string{"p"}, Stage: crm.StageProspect})
			return err
		}, []string{"acc", "p"}},
		{"a contract", func() error {
			_, err := w.s.SaveContract(w.ctx, sato, crm.Contract{ID: "c", Name: "x", Account: "acc", Start: "2026-01-01"})
			return err
		}, []string{"acc"}},
		{"a task", func() error {
			return w.s.SaveTask(w.ctx, sato, crm.Task{ID: "t", Kind: crm.TaskTodo, Person: "p", What: "x", Due: "2026-11-21"})
		}, []string{"p"}},
		{"an opportunity that goes", func() error { return w.s.DeleteOpportunity(w.ctx, sato, "o") }, []string{"acc", "p"}},
	} {
		settle()
		w.ok(test.save())
		list, err := w.s.NextFollowing(w.ctx, w.now, w.now.Add(1000*time.Hour), 100)
		w.ok(err)
		var ids []string
		for _, f := range list {
			ids = append(ids, f.ID)
		}
		if diff := cmp.Diff(test.want, sorted(ids)); diff != "" {
			t.Errorf("%s marks (-want +got):\n%s", test.name, diff)
		}
		audit, _, err := w.s.ListAudit(w.ctx, "", 1)
		w.ok(err)
		if len(audit) != 1 || audit[0].Actor != sato || audit[0].After == "" && audit[0].Before == "" {
			t.Errorf("%s is audited as %+v", test.name, audit)
		}
	}
}

func testEraseRecords(t *testing.T, w *world) {
	w.customer("acc")
	id, other := crm.NewID(), crm.NewID()
	person := w.person(id, forgotten)
	person.Name, person.AccountID = "忘田 花子", "acc"
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{person, w.person(other, "q@client.co.jp")}))
	w.opportunity("o", func(o *crm.Opportunity) {
		agreed(o)
		o.Name, o.Note, o.Lead = "忘田花子様 導入", "窓口は"+forgotten, id
		o.Contacts = []string{id, other}
		o.Custom = map[string]string{"window": "忘田 花子"}
		o.Documents[0].Name = "忘田 花子宛 発注書"
	})
	w.ok(w.s.SaveTask(w.ctx, sato, crm.Task{ID: "hers", Kind: crm.TaskCall, Person: id, What: "折り返し", Due: "2026-11-21"}))
	w.ok(w.s.SaveTask(w.ctx, sato, crm.Task{ID: "other", Kind: crm.TaskCall, Person: other, What: "忘田 花子様の後任を聞く", Whom: `"` + forgotten, Due: "2026-11-21"}))
	w.ok(w.s.SaveCampaign(w.ctx, sato, crm.Campaign{ID: "m", Code: "expo", Name: "x", Costs: []crm.Cost{{Day: "2026-11-21", Amount: 3, Note: "忘田 花子"}}}))
	w.raise(id, crm.Proposal{Kind: crm.ProposeLeft, Person: id, Raised: w.now})
	w.raise(other, crm.Proposal{Kind: crm.ProposeContradicts, Person: other, Raised: w.now, Evidence: []string{"忘田 花子と同じ番号"}},
		crm.Proposal{Kind: crm.ProposeSuccessor, Person: other, Name: "忘田 花子", Value: forgotten, Raised: w.now})
	_, _, err := w.s.Erase(w.ctx, "it", forgotten, w.now)
	w.ok(err)
	o, err := w.s.GetOpportunity(w.ctx, "o")
	w.ok(err)
	c, err := w.s.GetContract(w.ctx, crm.ContractID("o"))
	w.ok(err)
	for _, text := range []string{o.Name, o.Note, o.Custom["window"], o.Documents[0].Name, c.Name, c.Documents[0].Name} {
		if strings.Contains(text, "忘田") || strings.Contains(text, forgotten) || !strings.Contains(text, "[erased]") {
			t.Errorf("left: %q", text)
		}
	}
	if o.Lead != "" || slices.Contains(o.Contacts, id) || slices.Contains(c.Contacts, id) || !slices.Contains(c.Contacts, other) {
		t.Errorf("still a contact: %+v %+v", o, c)
	}
	if _, err := w.s.GetTask(w.ctx, "hers"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	if n, _ := w.s.CountProposals(w.ctx, "", ""); n != 1 {
		t.Errorf("%d proposals", n)
	}
	w.gone("忘田")
	w.gone(forgotten)
}
