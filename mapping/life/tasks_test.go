package life_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// listed is tasks as "due kind what origin", with what became of them.
func listed(tasks []crm.Task) (out []string) {
	for _, t := range tasks {
		state := "open"
		switch {
		case t.Dropped:
			state = "dropped"
		case !t.Done.IsZero():
			state = "done"
		}
		out = append(out, fmt.Sprintf("%s %s %s (%s) %s", t.Due, t.Kind, t.What, t.Origin, state))
	}
	slices.Sort(out)
	return out
}

func TestANextActionOfACallBecomesATask(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	s.add(call(t, "2026-11-04", crm.CallAgain, crm.NextAction{When: "2026-11-10", Whom: "総務の方", What: "再架電"}))
	s.follow("2026-11-04 13:00")
	if diff := cmp.Diff([]string{"2026-11-10 call 再架電 (call) open"}, listed(s.f.Tasks)); diff != "" {
		t.Fatal(diff)
	}
	if task := s.f.Tasks[0]; task.Owner != rep || task.Person != tanaka || task.Whom != "総務の方" || task.Cause != s.f.Activities[0].ID {
		t.Errorf("%+v", task)
	}
	s.add(mailOut(t, "2026-11-05", "資料")).follow("2026-11-05 13:00")
	if diff := cmp.Diff([]string{"2026-11-10 call 再架電 (call) open"}, listed(s.f.Tasks)); diff != "" {
		t.Errorf("a mail is no call: %s", diff)
	}
	s.add(call(t, "2026-11-09", crm.CallNoAnswer, crm.NextAction{When: "2026-11-11", What: "再々架電"})).follow("2026-11-09 13:00")
	want := []string{"2026-11-10 call 再架電 (call) done", "2026-11-11 call 再々架電 (call) open"}
	if diff := cmp.Diff(want, listed(s.f.Tasks)); diff != "" {
		t.Errorf("after the call: %s", diff)
	}
	if out := s.follow("2026-11-10"); len(out.Tasks)+len(out.TasksDone) > 0 {
		t.Errorf("and again: %+v %+v", out.Tasks, out.TasksDone)
	}
}

func TestANextActionOfAnOutcome(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	m := meeting(t, "2026-11-04", "2026-11-06", crm.ResponseAccepted, &crm.Outcome{Result: crm.OutcomeHeld, Next: crm.NextAction{When: "2026-11-12", What: "見積を送る"}})
	s.add(m).follow("2026-11-07")
	if diff := cmp.Diff([]string{"2026-11-12 todo 見積を送る (outcome) open"}, listed(s.f.Tasks)); diff != "" {
		t.Fatal(diff)
	}
	other := *m.Outcome
	other.Next = crm.NextAction{}
	m.Outcome = &other
	s.add(m)
	if diff := cmp.Diff([]string{"2026-11-12 todo 見積を送る (outcome) dropped"}, listed(s.follow("2026-11-08").TasksDone)); diff != "" {
		t.Errorf("the outcome says something else now: %s", diff)
	}
}

func TestATaskOfACallWithSeveralPeopleIsMadeOnce(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	a := call(t, "2026-11-04", crm.CallAgain, crm.NextAction{When: "2026-11-10", What: "再架電"})
	a.People = slices.Insert(a.People, 0, crm.Participant{Kind: crm.Lead, ID: suzuki, Role: crm.RoleTo})
	s.add(a).follow("2026-11-05")
	if len(s.f.Tasks) > 0 {
		t.Errorf("it is the other one's: %v", listed(s.f.Tasks))
	}
}

func planDoc() life.Document {
	return life.Document{
		Segments: []life.Segment{{Name: life.Name{Name: "fresh"}, If: `person.status == "working"`}},
		Plans: []life.Plan{{Name: "first", Segment: "fresh", Steps: []life.Step{
			{After: "0d", Kind: crm.TaskMail, What: "事例を送る"}, {After: "3d", Kind: crm.TaskCall, What: "電話"}, {After: "4d", Kind: crm.TaskMail, What: "ご案内"},
		}}},
	}
}

func TestAWorkPlan(t *testing.T) {
	s := newStory(t, rulesOf(t, planDoc()))
	s.add(mailOut(t, "2026-11-04", "お礼")).follow("2026-11-04 13:00") // a Wednesday
	want := []string{"2026-11-04 mail 事例を送る (plan) open", "2026-11-09 call 電話 (plan) open", "2026-11-09 mail ご案内 (plan) open"}
	if diff := cmp.Diff(want, listed(s.f.Tasks)); diff != "" {
		t.Fatalf("a call due on a Saturday is due on Monday: %s", diff)
	}
	entered := s.f.Standing.Entered["fresh"]
	if out := s.follow("2026-11-05"); len(out.Tasks)+len(out.TasksDone) > 0 || !out.Standing.Entered["fresh"].Equal(entered) {
		t.Errorf("the next day: %+v", out)
	}
	s.add(mailOut(t, "2026-11-05 14:00", "事例"))
	if diff := cmp.Diff([]string{"2026-11-04 mail 事例を送る (plan) done"}, listed(s.follow("2026-11-05 15:00").TasksDone)); diff != "" {
		t.Errorf("one mail does one task: %s", diff)
	}
	if out := s.follow("2026-11-05 16:00"); len(out.TasksDone) > 0 {
		t.Errorf("and no second one later: %+v", out.TasksDone)
	}
	s.add(mailIn(t, "2026-11-06", "日程", sig(crm.SignalDatesProposed, "11/20")))
	out := s.follow("2026-11-06 13:00")
	if diff := cmp.Diff([]string{"2026-11-09 call 電話 (plan) dropped", "2026-11-09 mail ご案内 (plan) dropped"}, listed(out.TasksDone)); diff != "" {
		t.Errorf("they left the segment: %s", diff)
	}
	if out.Standing.Entered != nil || out.Standing.Segments != nil {
		t.Errorf("still in %v", out.Standing.Segments)
	}
}

func TestAWorkPlanStopsForSomebodyWhoMustNotBeContacted(t *testing.T) {
	s := newStory(t, rulesOf(t, planDoc()))
	s.add(mailOut(t, "2026-11-04", "お礼")).follow("2026-11-04 13:00")
	s.f.Person.DoNotContact = "不要"
	if out := s.follow("2026-11-04 14:00"); len(out.TasksDone) != 3 || !out.TasksDone[0].Dropped {
		t.Errorf("dropped: %v", listed(out.TasksDone))
	}
	if out := s.follow("2026-11-04 15:00"); len(out.Tasks) > 0 {
		t.Errorf("made again: %v", listed(out.Tasks))
	}
}

func TestTasksOfPeopleAreDoneByWhatTheyAskFor(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	s.f.Tasks = []crm.Task{
		{ID: "t1", Kind: crm.TaskMail, Person: tanaka, Due: "2026-11-10", What: "メール", Origin: "person", Created: moment(t, "2026-11-04")},
		{ID: "t2", Kind: crm.TaskTodo, Person: tanaka, Due: "2026-11-10", What: "調べる", Origin: "person", Created: moment(t, "2026-11-04")},
	}
	s.add(mailOut(t, "2026-11-03", "前"), call(t, "2026-11-05", crm.CallNoAnswer, crm.NextAction{}))
	if out := s.follow("2026-11-05 13:00"); len(out.TasksDone) > 0 {
		t.Errorf("done by what was before: %v", listed(out.TasksDone))
	}
	s.add(mailOut(t, "2026-11-06", "後"))
	if diff := cmp.Diff([]string{"2026-11-10 mail メール (person) done"}, listed(s.follow("2026-11-07").TasksDone)); diff != "" {
		t.Error(diff)
	}
}
