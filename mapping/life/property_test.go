package life_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// drawActivity is any exchange of the year.
func drawActivity(t *rapid.T, tb testing.TB, n int) crm.Activity {
	day := rapid.IntRange(0, 200).Draw(t, "day")
	at := time.Date(2026, 9, 1, 9+rapid.IntRange(0, 8).Draw(t, "hour"), rapid.IntRange(0, 2).Draw(t, "minute"), 0, 0, time.UTC).AddDate(0, 0, day)
	when, subject := at.Format("2006-01-02 15:04"), fmt.Sprint("件名", n)
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0, 1:
		return mailOut(tb, when, subject)
	case 2:
		return mailIn(tb, when, subject)
	case 3:
		return mailIn(tb, when, subject, sig(crm.SignalDatesProposed, "11/10"))
	case 4:
		result := rapid.SampledFrom([]string{crm.CallNoAnswer, crm.CallLost, crm.CallMeetingWon, crm.CallDisqualified}).Draw(t, "result")
		return call(tb, when, result, crm.NextAction{})
	case 5, 6:
		response := rapid.SampledFrom([]string{crm.ResponseAccepted, crm.ResponseDeclined, crm.ResponseNone}).Draw(t, "response")
		known := at.AddDate(0, 0, -rapid.IntRange(0, 9).Draw(t, "before")).Format("2006-01-02 15:04")
		return meeting(tb, known, when, response, rapid.SampledFrom([]*crm.Outcome{nil, held(), {Result: crm.OutcomeNoShow}}).Draw(t, "outcome"))
	case 7:
		return bounce(tb, when, rapid.SampledFrom([]crm.SignalKind{crm.SignalBounceHard, crm.SignalBounceSoft}).Draw(t, "bounce"))
	case 8:
		return form(tb, when, "製品", crm.Touch{Channel: fmt.Sprint("c", n%3)})
	}
	return autoReply(tb, when, sig(rapid.SampledFrom([]crm.SignalKind{crm.SignalLeft, crm.SignalRefusal, crm.SignalOutOfOffice}).Draw(t, "told"), "言葉"))
}

type decision struct{ at, to string }

// In whatever order and pieces exchanges come to light, and however often a person is followed meanwhile, the same is told in
// the end.
func TestTheOrderOfArrivalMakesNoDifference(t *testing.T) {
	rules := rulesOf(t, life.Document{})
	rapid.Check(t, func(rt *rapid.T) {
		var all []crm.Activity
		for n := range rapid.IntRange(1, 14).Draw(rt, "activities") {
			a := drawActivity(rt, t, n)
			a.ID = crm.DerivedID("drawn", fmt.Sprint(n))
			all = append(all, a)
		}
		var decisions []decision
		for range rapid.IntRange(0, 2).Draw(rt, "decisions") {
			at := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 150).Draw(rt, "decided"))
			decisions = append(decisions, decision{at.Format("2006-01-02 15:04"), rapid.SampledFrom([]string{"working", "scheduling", "nurturing"}).Draw(rt, "to")})
		}
		slices.SortFunc(decisions, func(a, b decision) int { return strings.Compare(a.at, b.at) })
		decisions = slices.CompactFunc(decisions, func(a, b decision) bool { return a.at == b.at })
		end := moment(t, "2027-04-20")

		at := func(s *story, d decision) {
			p := *s.f.Person
			s.by(d.at, d.to)
			if len(s.f.Changes) > 1 && s.f.Standing.ID == "" {
				s.f.Person = &p
			}
		}
		once := newStory(t, rules)
		for _, d := range decisions {
			at(once, d)
		}
		once.add(all...).followAt(end)

		pieces := newStory(t, rules)
		now := moment(t, "2026-11-03")
		pieces.followAt(now)
		for _, n := range rapid.Permutation(indexes(len(all))).Draw(rt, "order") {
			pieces.add(all[n])
			if rapid.Bool().Draw(rt, "follow") {
				now = now.AddDate(0, 0, rapid.IntRange(0, 12).Draw(rt, "later"))
				for len(decisions) > 0 && !moment(t, decisions[0].at).After(now) {
					pieces.followAt(moment(t, decisions[0].at))
					at(pieces, decisions[0])
					decisions = decisions[1:]
				}
				pieces.followAt(now)
			}
		}
		for _, d := range decisions {
			pieces.followAt(moment(t, d.at))
			at(pieces, d)
		}
		pieces.followAt(end)
		pieces.followAt(end)

		ignore := []cmp.Option{cmpopts.IgnoreFields(crm.Change{}, "Seen"), cmpopts.IgnoreFields(crm.Followed{}, "Mark", "Tasks", "TasksDone", "Proposals", "Apply")}
		if diff := cmp.Diff(once.history(), pieces.history(), cmp.Transformer("to", withoutFromOfDecisions)); diff != "" {
			rt.Fatalf("history (-at once +in pieces):\n%s", diff)
		}
		once.followAt(end)
		if diff := cmp.Diff(once.last, pieces.last, ignore...); diff != "" {
			rt.Fatalf("what follows (-at once +in pieces):\n%s", diff)
		}
		if diff := cmp.Diff(open(once), open(pieces)); diff != "" {
			rt.Fatalf("proposals (-at once +in pieces):\n%s", diff)
		}
	})
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// withoutFromOfDecisions leaves out what a decision was made from: that is what was known then.
func withoutFromOfDecisions(history []string) []any {
	var out []any
	for _, h := range history {
		if strings.HasSuffix(h, rep) {
			h = h[:6] + h[strings.IndexByte(h, '>'):]
		}
		out = append(out, h)
	}
	return out
}

func open(s *story) (out []string) {
	for _, p := range s.f.Proposals {
		if p.State == crm.ProposalOpen {
			out = append(out, string(p.Kind)+" "+p.Value+" "+p.Due)
		}
	}
	slices.Sort(out)
	return out
}

// Taking changes back in between loses none and doubles none: every id is there once, and each change begins where the one
// before it ended.
func TestHistoryIsAChain(t *testing.T) {
	rules := rulesOf(t, life.Document{})
	rapid.Check(t, func(rt *rapid.T) {
		s := newStory(t, rules)
		now := moment(t, "2026-11-03")
		for n := range rapid.IntRange(1, 12).Draw(rt, "activities") {
			a := drawActivity(rt, t, n)
			a.ID = crm.DerivedID("drawn", fmt.Sprint(n))
			s.add(a)
			now = now.AddDate(0, 0, rapid.IntRange(1, 20).Draw(rt, "later"))
			s.followAt(now)
			if len(s.history()) > 0 && rapid.IntRange(0, 3).Draw(rt, "undo") == 0 && canUndo(s) {
				now = now.Add(time.Hour)
				s.undo(now.In(tokyo(t)).Format("2006-01-02 15:04"))
				s.followAt(now.Add(time.Minute))
			}
		}
		s.history() // puts them in order
		seen := map[string]bool{}
		status := string(s.f.Standing.Began)
		for _, c := range s.f.Changes {
			if seen[c.ID] {
				rt.Fatalf("%s is there twice:\n%s", c.ID, strings.Join(s.history(), "\n"))
			}
			seen[c.ID] = true
			if c.By == crm.ByRules && c.Undone == "" && c.From != status {
				rt.Fatalf("%s begins with %s, not %s:\n%s", c.Rule, c.From, status, strings.Join(s.history(), "\n"))
			}
			status = c.To
		}
		if status != string(s.f.Person.Status) {
			rt.Fatalf("the status is %s, the history ends with %s", s.f.Person.Status, status)
		}
	})
}

func canUndo(s *story) bool {
	return slices.ContainsFunc(s.f.Changes, func(c crm.Change) bool { return c.Undone == "" && c.Undoes == "" })
}
