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

func testRecordMarks(t *testing.T, w *world) {
	w.customer("acc")
	w.ok(w.s.SavePeople(w.ctx, "cli", []crm.Person{w.person("p", "p@client.co.jp")}))
	settle := func() {
		for {
			list, err := w.s.NextFollowing(w.ctx, w.now.Add(1000*time.Hour), w.now.Add(1000*time.Hour), 100, nil)
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
		list, err := w.s.NextFollowing(w.ctx, w.now, w.now.Add(1000*time.Hour), 100, nil)
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
