package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// testKeep: somebody who cannot be followed stays as they are, leaves the queue, and is looked at again when it is said.
func testKeep(t *testing.T, w *world) {
	p := w.lead("p", "田中", "p@client.co.jp")
	p.AccountID = "acc"
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{w.account("acc", "client.co.jp")}))
	w.savePeople(p)
	w.follow(func(f crm.Following) crm.Followed {
		out := asIs(f)
		if f.ID == "p" {
			out.Status, out.StatusAt, out.Owner = crm.StatusWorking, w.now, sato
			out.Standing.Freshness, out.Standing.Segments = 70, []string{"tokyo"}
			out.Facts = []crm.Fact{{Metric: crm.MetricLeads, At: w.now, Value: 1}}
			out.Changes = []crm.Change{{ID: "c", Field: crm.ChangeStatus, To: "working", At: w.now, By: crm.ByRules}}
		}
		return out
	})
	w.commit(w.a, w.logged(w.a, "1", "m", "p"))
	read := w.due()["p"]
	person, standing, changes := w.getPerson("p"), w.standing("p"), w.changes("p")
	facts, err := w.s.FactsOf(w.ctx, "p")
	w.ok(err)
	audit, _, err := w.s.ListAudit(w.ctx, "", 1)
	w.ok(err)
	again := w.now.Add(time.Hour)
	w.ok(w.s.Follow(w.ctx, []crm.Followed{{ID: "p", Mark: read.Mark, Keep: true, Standing: crm.Standing{Freshness: 1, Look: again}, Status: crm.StatusDisqualified, Owner: suzuki,
		Facts: []crm.Fact{}, Changes: nil, Rules: "broken", Proposals: []crm.Proposal{{ID: "x", Kind: crm.ProposeLeft, Person: "p", Raised: w.now}},
		Tasks: []crm.Task{{ID: "t", Kind: crm.TaskCall, Person: "p", Due: "2026-12-01", What: "x"}}}}))
	standing.Look = again
	now, err := w.s.FactsOf(w.ctx, "p")
	w.ok(err)
	for what, diff := range map[string]string{"person": cmp.Diff(person, w.getPerson("p")), "standing": cmp.Diff(standing, w.standing("p")),
		"changes": cmp.Diff(changes, w.changes("p")), "facts": cmp.Diff(facts, now)} {
		if diff != "" {
			t.Errorf("the %s (-want +got):\n%s", what, diff)
		}
	}
	if n, err := w.s.CountProposals(w.ctx, "", ""); err != nil || n != 0 {
		t.Errorf("%d proposals, %v", n, err)
	}
	if _, err := w.s.GetTask(w.ctx, "t"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("a task: %v", err)
	}
	if last, _, err := w.s.ListAudit(w.ctx, "", 1); err != nil || cmp.Diff(audit, last) != "" {
		t.Errorf("written down: %+v, %v", last, err)
	}
	if n := w.numbersOf(crm.NumberQuery{Metric: crm.MetricLeads, Grain: crm.GrainDay}); len(n) != 1 || n[0].Count != 1 {
		t.Errorf("numbers: %+v", n)
	}
	w.wantDue("the queue's entry is gone", "acc")
	w.follow(asIs)
	for at, want := range map[time.Time]int{again.Add(-time.Second): 0, again: 1} {
		list, err := w.s.NextFollowing(w.ctx, at, later(), 10, nil)
		w.ok(err)
		if len(list) != want || want > 0 && (list[0].ID != "p" || len(list[0].Activities) != 1) {
			t.Errorf("at %s: %d are due", at, len(list))
		}
	}
	if f := w.due(); len(f) != 0 {
		t.Errorf("due: %v", f)
	}
	// What failed is not what somebody else made meanwhile: an older Keep changes nothing.
	w.commit(w.a, w.logged(w.a, "2", "n", "p"))
	w.ok(w.s.Follow(w.ctx, []crm.Followed{{ID: "p", Mark: read.Mark, Keep: true, Standing: crm.Standing{Look: again.Add(time.Hour)}}}))
	w.wantDue("marked meanwhile", "p", "acc")
	if got := w.standing("p").Look; !got.Equal(again) {
		t.Errorf("look: %s", got)
	}
}

func testFactsOf(t *testing.T, w *world) {
	w.savePeople(w.lead("p", "田中", "p@client.co.jp"), w.lead("q", "山田", "q@client.co.jp"))
	day := time.Date(2026, 10, 5, 1, 0, 0, 0, time.UTC)
	fact := func(m crm.Metric, at time.Time, detail string) crm.Fact {
		return crm.Fact{Metric: m, At: at, Owners: []string{sato}, Channel: "web", Campaign: "expo", Detail: detail, Value: 1}
	}
	later, earlier, second := fact(crm.MetricWon, day.AddDate(0, 1, 0), ""), fact(crm.MetricLeads, day, "a"), fact(crm.MetricLeads, day.Add(-time.Hour), "b")
	set := func(facts ...crm.Fact) {
		f, err := w.s.GetFollowing(w.ctx, "p")
		w.ok(err)
		made := asIs(f)
		made.Facts = facts
		w.ok(w.s.Follow(w.ctx, []crm.Followed{made}))
	}
	want := func(why string, facts ...crm.Fact) {
		t.Helper()
		got, err := w.s.FactsOf(w.ctx, "p")
		w.ok(err)
		months := func(a, b crm.Fact) int { return strings.Compare(a.At.Format("2006-01"), b.At.Format("2006-01")) }
		if !slices.IsSortedFunc(got, months) {
			t.Errorf("%s: not by month: %+v", why, got)
		}
		slices.SortFunc(got, func(a, b crm.Fact) int { return a.At.Compare(b.At) })
		if diff := cmp.Diff(facts, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", why, diff)
		}
	}
	want("none yet")
	set(later, earlier, second)
	want("by month", second, earlier, later)
	set(later)
	want("others in their place", later)
	set()
	want("none any more")
	for _, id := range []string{"q", "nobody"} {
		if got, err := w.s.FactsOf(w.ctx, id); err != nil || len(got) != 0 {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
	}
	set(earlier)
	w.ok(w.s.DeletePerson(w.ctx, "cli", "p"))
	want("of somebody who went")
}

func testGetChange(t *testing.T, w *world) {
	w.savePeople(w.lead("p", "田中", "p@client.co.jp"))
	made, err := w.s.AddChange(w.ctx, sato, crm.Change{Person: "p", Field: crm.ChangeStatus, To: "nurturing", Reason: "timing", Label: "ナーチャリング"})
	w.ok(err)
	got, err := w.s.GetChange(w.ctx, made.ID)
	w.ok(err)
	if diff := cmp.Diff(w.changes("p"), []crm.Change{got}); diff != "" {
		t.Errorf("(-listed +got):\n%s", diff)
	}
	if got.Person != "p" || got.From != "new" || got.To != "nurturing" || got.By != sato || got.Reason != "timing" {
		t.Errorf("%+v", got)
	}
	undone, err := w.s.AddChange(w.ctx, suzuki, crm.Change{Person: "p", Field: crm.ChangeStatus, Undoes: made.ID})
	w.ok(err)
	if got, err = w.s.GetChange(w.ctx, made.ID); err != nil || got.Undone != undone.ID {
		t.Errorf("undone by %s: %+v, %v", undone.ID, got, err)
	}
	for _, id := range []string{"", "nothing", made.ID + "0"} {
		if _, err := w.s.GetChange(w.ctx, id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
	w.ok(w.s.DeletePerson(w.ctx, "cli", "p"))
	if _, err := w.s.GetChange(w.ctx, made.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("of somebody who went: %v", err)
	}
}

func testSubsidiaries(t *testing.T, w *world) {
	below := func(id, parent string) crm.Account {
		a := w.account(id)
		a.Parent = parent
		return a
	}
	top, other := ordered("top"), ordered("other")
	list := []crm.Account{below(top, ""), below(other, "")}
	var want []string
	for i := range 5 {
		list = append(list, below(ordered(fmt.Sprint("a", i)), top))
		want = append(want, fmt.Sprint("a", i))
	}
	list = append(list, below(ordered("deep"), ordered("a0")), below(ordered("his"), other))
	w.ok(w.s.SaveAccounts(w.ctx, "cli", list))
	check := func(why, id string, want ...string) {
		t.Helper()
		for _, limit := range []int{1, 2, 5, 50} {
			got := pages(w, func(after string) ([]crm.Account, string, error) {
				return w.s.ListSubsidiaries(w.ctx, id, after, limit)
			},
				func(a crm.Account) string { return a.ID })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %d a page (-want +got):\n%s", why, limit, diff)
			}
		}
	}
	check("right below", top, want...)
	check("of one below", ordered("a0"), "deep")
	check("of none", ordered("deep"))
	check("of nobody", ordered("nothing"))
	w.ok(w.s.SaveAccounts(w.ctx, "cli", []crm.Account{below(ordered("a3"), other), below(ordered("a4"), "")}))
	check("after two moved", top, want[:3]...)
	check("where one went", other, "a3", "his")
}
