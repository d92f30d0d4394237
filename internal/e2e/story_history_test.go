package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// step is a change in somebody's history, oldest first in lists.
type step struct {
	field          crm.ChangeField
	from, to       string
	label          string // as people read it
	reason         string
	rule           string
	event          string
	cause          string    // id of the activity
	at             time.Time // of the cause; zero where the follower's own clock counts
	undone, undoes bool
	by             string // "" for a rule
}

func (s *stage) changes(address string) []crm.Change {
	s.Helper()
	list := items[crm.Change](s.api, "/people/"+s.person(address).ID+"/changes")
	slices.Reverse(list)
	return list
}

// wantHistory compares what the API and the command line tell of somebody's changes.
func (s *stage) wantHistory(address string, want []step) {
	s.Helper()
	s.await(fmt.Sprintf("%s has %d changes", address, len(want)), func() bool { return len(s.changes(address)) >= len(want) })
	changes := s.changes(address)
	var got []step
	for i, c := range changes {
		g := step{field: c.Field, from: c.From, to: c.To, label: c.Label, reason: c.Reason, rule: c.Rule, event: c.Event, cause: c.Activity,
			undone: c.Undone != "", undoes: c.Undoes != "", by: c.By, at: c.At}
		if c.By == crm.ByRules {
			g.by = ""
		}
		if i < len(want) {
			if g.at.Equal(want[i].at) {
				g.at = want[i].at // whatever the zone
			}
			if want[i].at.IsZero() {
				g.at = time.Time{}
			}
			if want[i].field != crm.ChangeStatus {
				g.label = ""
			}
		}
		got = append(got, g)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(step{})); diff != "" {
		s.Errorf("history of %s (-want +got):\n%s", address, diff)
	}
	s.wantHistoryPrinted(address, changes)
}

// wantHistoryPrinted demands a line of `tsunagu history` for each change, newest first, with all that it is.
func (s *stage) wantHistoryPrinted(address string, changes []crm.Change) {
	s.Helper()
	printed := s.must("history", address)
	lines := strings.Split(strings.TrimSpace(printed), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return !strings.Contains(line, ":") })
	if len(lines) != len(changes) {
		s.Errorf("history of %s has %d lines for %d changes:\n%s", address, len(lines), len(changes), printed)
		return
	}
	for i, line := range lines {
		c := changes[len(changes)-1-i]
		words := strings.Fields(line)
		for _, word := range []string{c.At.In(tokyo(s.T)).Format("15:04"), string(c.Field), c.From, c.To, c.Reason, c.By, c.Rule, c.Event, c.ID} {
			if word != "" && !slices.Contains(words, word) {
				s.Errorf("history of %s, line %q: want %q", address, line, word)
			}
		}
	}
}

// given is the change by which a rule gave somebody to an owner.
func given(owner, rule string, form crm.ExportedActivity) step {
	return step{field: crm.ChangeOwner, to: owner, rule: rule, cause: form.ID}
}

// became is a change of status by a rule because of an activity.
func became(from, to, rule, event string, cause crm.ExportedActivity) step {
	return step{field: crm.ChangeStatus, from: from, to: to, label: statusNames()[to], rule: rule, event: event, cause: cause.ID, at: cause.Time}
}

// statusNames are how the statuses are called, by code (product.md).
func statusNames() map[string]string {
	return map[string]string{"working": "アプローチ中", "scheduling": "日程調整中", "meeting_won": "商談獲得", "untouched": "未接触",
		"nurturing": "ナーチャリング(次アクションなし)", "disqualified": "対象外"}
}

// standing is where somebody stands.
func (s *stage) standing(address string) (st crm.Standing) {
	s.Helper()
	s.api.get("/people/"+s.person(address).ID+"/standing", &st)
	return st
}

// wantTimes compares the last times of contact, and what nobody answered; nil means nothing is unanswered.
func (s *stage) wantTimes(address string, heard, reached time.Time, unreplied *crm.ExportedActivity) {
	s.Helper()
	st := s.standing(address)
	if !st.LastHeard.Equal(heard) || !st.LastReached.Equal(reached) {
		s.Errorf("%s was last heard %s, want %s, and last reached %s, want %s", address, st.LastHeard, heard, st.LastReached, reached)
	}
	switch {
	case unreplied == nil && (!st.Unreplied.IsZero() || st.UnrepliedAt != ""):
		s.Errorf("%s waits since %s for an answer to %s", address, st.Unreplied, st.UnrepliedAt)
	case unreplied != nil && (!st.Unreplied.Equal(unreplied.Time) || st.UnrepliedAt != unreplied.ID):
		s.Errorf("%s waits since %s for an answer to %s, want %s of %s", address, st.Unreplied, st.UnrepliedAt, unreplied.ID, unreplied.Time)
	}
}

// task is what a test demands of a task.
type task struct {
	Kind                             crm.TaskKind
	Owner, Due, What, Origin, Doneby string
	Done                             bool
}

// wantTasks compares all tasks of somebody, by the day they are due.
func (s *stage) wantTasks(address string, want ...task) {
	s.Helper()
	var got []task
	for _, t := range items[crm.Task](s.api, "/tasks?person="+s.person(address).ID) {
		got = append(got, task{t.Kind, t.Owner, t.Due, t.What, t.Origin, t.DoneBy, !t.Done.IsZero()})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("tasks of %s (-want +got):\n%s", address, diff)
	}
}

// proposals are those about somebody, whatever became of them.
func (s *stage) proposals(address string) []crm.Proposal {
	s.Helper()
	return items[crm.Proposal](s.api, "/proposals?subject="+s.person(address).ID)
}

// proposed waits for the one proposal about somebody, of a kind.
func (s *stage) proposed(t *testing.T, address string, kind crm.ProposalKind) crm.Proposal {
	t.Helper()
	var list []crm.Proposal
	s.await("a proposal about "+address, func() bool {
		list = s.proposals(address)
		return len(list) > 0
	})
	if len(list) != 1 || list[0].Kind != kind || list[0].State != crm.ProposalOpen {
		t.Fatalf("proposals about %s: %+v, want an open one of the kind %s", address, list, kind)
	}
	return list[0]
}
