package life_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

func counted(facts []crm.Fact, metrics ...crm.Metric) (out []string) {
	for _, f := range facts {
		if slices.Contains(metrics, f.Metric) {
			out = append(out, fmt.Sprintf("%s %s %s %s %s %d", f.At.Format("01-02"), f.Metric, f.Detail, strings.Join(f.Owners, ","), f.Channel, f.Value))
		}
	}
	slices.Sort(out)
	return out
}

func TestWhatIsCountedOfALead(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	s.f.Opportunities = []crm.Opportunity{{ID: "o", Stage: crm.StageWon}}
	s.f.Person.Converted, s.f.Person.Kind = moment(t, "2026-11-20"), crm.Contact
	s.add(form(t, "2026-11-02", "製品A", crm.Touch{Channel: "検索", Campaign: "秋"}), mailOut(t, "2026-11-03", "お礼"),
		meeting(t, "2026-11-05", "2026-11-10", crm.ResponseAccepted, held()))
	out := s.follow("2026-11-25")
	want := []string{
		"11-02 leads  " + rep + " 検索 1", "11-02 reached converted " + rep + " 検索 1", "11-02 reached meeting_won " + rep + " 検索 1",
		"11-02 reached new " + rep + " 検索 1", "11-02 reached opportunity " + rep + " 検索 1", "11-02 reached won " + rep + " 検索 1",
		"11-02 reached working " + rep + " 検索 1", "11-03 status working " + rep + " 検索 1", "11-05 status meeting_won " + rep + " 検索 1",
	}
	if diff := cmp.Diff(want, counted(out.Facts, crm.MetricLeads, crm.MetricReached, crm.MetricStatus)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"converted", "meeting_won", "new", "opportunity", "won", "working"}, out.Standing.Reached); diff != "" {
		t.Error(diff)
	}
	for _, f := range out.Facts {
		if f.Campaign != "秋" {
			t.Errorf("%+v is of another campaign", f)
		}
	}
}

func TestChangesAreCountedByWhoMadeThem(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	s.f.Changes = []crm.Change{{ID: "own", Person: tanaka, Field: crm.ChangeOwner, At: moment(t, "2026-11-06"), From: "ito@example.co.jp", To: rep, By: rep}}
	s.add(mailOut(t, "2026-11-03", "お礼")).follow("2026-11-04")
	s.by("2026-11-08", "nurturing")
	s.f.Changes[len(s.f.Changes)-1].Reason = "cost"
	s.by("2026-11-09", "scheduling").undo("2026-11-10")
	out := s.follow("2026-11-11")
	want := []string{
		"11-03 manual automatic ito@example.co.jp  1", "11-03 status working ito@example.co.jp  1",
		"11-08 manual typed " + rep + "  1", "11-08 reasons cost " + rep + "  1", "11-08 status nurturing " + rep + "  1",
	}
	if diff := cmp.Diff(want, counted(out.Facts, crm.MetricStatus, crm.MetricReasons, crm.MetricManual)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestContactsThatWereNoLeadsAreNotCountedAsSuch(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	s.f.Person.Kind = crm.Contact
	s.add(mailIn(t, "2026-11-03 10:00", "a"), mailOut(t, "2026-11-03 10:30", "b"))
	if diff := cmp.Diff([]string{"11-03 response 1h " + rep + "  1800"}, counted(s.follow("2026-11-04").Facts, crm.MetricLeads, crm.MetricReached, crm.MetricResponse)); diff != "" {
		t.Error(diff)
	}
}

func TestResponseTimes(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	s.add(form(t, "2026-11-02 10:00", "", crm.Touch{}), mailIn(t, "2026-11-02 12:00", "まだですか"), mailOut(t, "2026-11-02 13:00", "お礼"), // 3 h
		mailOut(t, "2026-11-02 14:00", "追伸"),
		mailIn(t, "2026-11-04 10:00", "質問"), call(t, "2026-11-04 10:20", crm.CallNoAnswer, crm.NextAction{}), call(t, "2026-11-05 09:00", crm.CallAgain, crm.NextAction{}), // 23 h
		mailIn(t, "2026-11-06 10:00", "別の質問"))
	out := s.follow("2026-11-07")
	want := []string{"11-02 response 4h " + rep + "  10800", "11-04 response 24h " + rep + "  82800"}
	if diff := cmp.Diff(want, counted(out.Facts, crm.MetricResponse)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !out.FactsFrom.IsZero() {
		t.Errorf("everything is in sight, and yet responses before %v stay", out.FactsFrom)
	}
}

// Where older activities are out of sight, what was counted and known of them stays.
func TestWhatIsOutOfSightStays(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	s.add(form(t, "2026-11-02", "製品A", crm.Touch{Channel: "検索"}), mailOut(t, "2026-11-03", "お礼"), mailIn(t, "2026-11-04", "質問"))
	before := s.follow("2026-11-05")
	s.f.Activities = []crm.Activity{mailIn(t, "2026-11-06", "二度目"), mailOut(t, "2026-11-08", "回答"), mailIn(t, "2026-11-09", "三度目"), mailOut(t, "2026-11-10", "回答2")}
	s.f.More = true
	out := s.follow("2026-11-11")
	if diff := cmp.Diff([]string{"11-03 new>working"}, trimmed(s.history())[:1]); diff != "" {
		t.Error(diff)
	}
	if out.Standing.First != before.Standing.First || !slices.Equal(out.Standing.Products, []string{"製品A"}) {
		t.Errorf("where they came from was forgotten: %+v", out.Standing)
	}
	if diff := cmp.Diff([]string{"11-09 response 24h " + rep + " 検索 86400"}, counted(out.Facts, crm.MetricResponse)); diff != "" {
		t.Errorf("the first answer in sight may be to something older: %s", diff)
	}
	if got := out.FactsFrom; !got.After(moment(t, "2026-11-08")) || got.After(moment(t, "2026-11-08").Add(time.Second)) {
		t.Errorf("responses from %v on are replaced", got)
	}
	s.f.Activities = []crm.Activity{mailIn(t, "2026-11-12", "四度目")}
	if out := s.follow("2026-11-12 13:00"); !out.Standing.LastReached.Equal(moment(t, "2026-11-10")) || !out.Standing.Unreplied.Equal(moment(t, "2026-11-12")) {
		t.Errorf("last reached %v, unreplied %v", out.Standing.LastReached, out.Standing.Unreplied)
	}
}

func trimmed(history []string) (out []string) {
	for _, h := range history {
		out = append(out, h[:strings.LastIndexByte(h, ' ')])
	}
	return out
}

// A lead of a form is counted on the day of its first enquiry, in whichever order its enquiries were read.
func TestLeadsCountOnTheDayOfTheirFirstEnquiry(t *testing.T) {
	for _, c := range []struct{ origin, want string }{{"form", "10-05"}, {"import", "11-02"}} {
		s := newStory(t, rulesOf(t, life.Document{}))
		s.f.Person.Origin = c.origin
		other := form(t, "2026-09-01", "", crm.Touch{})
		other.People[0].ID = suzuki
		s.add(form(t, "2026-11-01", "", crm.Touch{}), form(t, "2026-10-05", "製品A", crm.Touch{}), other)
		for _, f := range s.follow("2026-11-25").Facts {
			if (f.Metric == crm.MetricLeads || f.Metric == crm.MetricReached) && f.At.Format("01-02") != c.want {
				t.Errorf("%s: %+v", c.origin, f)
			}
		}
	}
}
