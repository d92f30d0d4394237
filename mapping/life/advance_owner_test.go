package life_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

func unowned(t testing.TB, rules *life.Rules) *story {
	s := newStory(t, rules)
	s.f.Person.Owner = ""
	return s
}

func TestALeadIsGivenToAnOwnerOnce(t *testing.T) {
	rules := rulesOf(t, life.Document{Assignment: []life.Assignment{{Name: "all", Owners: []string{"a@example.co.jp", "b@example.co.jp"}}}})
	loads := map[string]crm.Load{}
	var got []string
	for n, id := range []string{"01", "02", "03"} {
		s := unowned(t, rules)
		s.loads = loads
		p := *s.f.Person
		p.ID = tanaka[:30] + id
		s.f.ID, s.f.Person = p.ID, &p
		out := s.follow([]string{"2026-11-03 10:00", "2026-11-03 10:01", "2026-11-03 10:02"}[n])
		got = append(got, out.Owner)
		if again := s.follow("2026-11-04"); again.Owner != "" {
			t.Errorf("given again to %s", again.Owner)
		}
		s.f.Person.Owner = ""
		if again := s.follow("2026-11-05"); again.Owner != "" {
			t.Errorf("somebody took the owner away, and a rule gave %s", again.Owner)
		}
	}
	if diff := cmp.Diff([]string{"a@example.co.jp", "b@example.co.jp", "a@example.co.jp"}, got); diff != "" {
		t.Error(diff)
	}
	if loads["a@example.co.jp"].Leads[crm.StatusNew] != 2 {
		t.Errorf("loads %+v", loads)
	}
}

func TestAssignment(t *testing.T) {
	doc := life.Document{
		Territories: []life.Territory{{Name: life.Name{Name: "west"}, If: `person.title == "大阪"`}},
		Assignment: []life.Assignment{
			{Name: "west", Territory: "west", Owners: []string{"west@example.co.jp"}},
			{Name: "product", Product: []string{"製品Ａ"}, Owners: []string{"a@example.co.jp"}, Cap: 1},
			{Name: "english", Language: "en", Owners: []string{"en@example.co.jp"}},
			{Name: "rest", Owners: []string{"rest@example.co.jp"}},
		},
	}
	tests := []struct {
		name string
		do   func(s *story)
		want string
	}{
		{"by territory", func(s *story) { s.f.Person.Title = "大阪" }, "west@example.co.jp"},
		{"by product", func(s *story) { s.add(form(t, "2026-11-02", "製品A", crm.Touch{})) }, "a@example.co.jp"},
		{"by product, and that owner has enough", func(s *story) {
			s.loads["a@example.co.jp"] = crm.Load{Leads: map[crm.LeadStatus]int{crm.StatusWorking: 1}}
			s.add(form(t, "2026-11-02", "製品A", crm.Touch{}))
		}, "rest@example.co.jp"},
		{"by product, and what that owner has is closed", func(s *story) {
			s.loads["a@example.co.jp"] = crm.Load{Leads: map[crm.LeadStatus]int{crm.StatusDisqualified: 5}}
			s.add(form(t, "2026-11-02", "製品A", crm.Touch{}))
		}, "a@example.co.jp"},
		{"by language", func(s *story) { s.add(mailIn(t, "2026-11-02", "Request for a quote")) }, "en@example.co.jp"},
		{"by the name, where a form says nothing", func(s *story) {
			s.f.Person.Name, s.f.Person.Company = "John Smith", "Sample Inc."
			s.add(form(t, "2026-11-02", "", crm.Touch{}))
		}, "en@example.co.jp"},
		{"else", func(*story) {}, "rest@example.co.jp"},
		{"nobody for a closed lead", func(s *story) { s.f.Person.Status = crm.StatusDisqualified }, ""},
		{"nobody for a contact", func(s *story) { s.f.Person.Kind = crm.Contact }, ""},
	}
	rules := rulesOf(t, doc)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := unowned(t, rules)
			tt.do(s)
			if got := s.follow("2026-11-05").Owner; got != tt.want {
				t.Errorf("given to %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	doc := life.Document{Requests: []life.Request{
		{Name: life.Name{Name: "quote"}, Forms: []string{"contact"}, Stages: []life.Name{{Name: "received"}, {Name: "sent"}}, Final: []life.Name{{Name: "ordered"}}},
	}}
	s := newStory(t, rulesOf(t, doc))
	s.add(form(t, "2026-11-02", "", crm.Touch{})).follow("2026-11-03")
	stage := func() [3]string { return [3]string{s.f.Person.Request, s.f.Person.Stage, s.f.Person.Final} }
	if got := stage(); got != [3]string{"quote", "received", ""} {
		t.Fatalf("after the form: %v", got)
	}
	decide := func(at, to string) {
		s.f.Changes = append(s.f.Changes, crm.Change{ID: to + at, Person: tanaka, Field: crm.ChangeStage, At: moment(t, at), From: s.f.Person.Stage, To: to, By: rep})
		s.f.Person.Stage = to
	}
	decide("2026-11-04", "sent")
	if s.follow("2026-11-05"); stage() != [3]string{"quote", "sent", ""} {
		t.Errorf("after a decision: %v", stage())
	}
	decide("2026-11-06", "ordered")
	if s.follow("2026-11-07"); stage() != [3]string{"quote", "sent", "ordered"} {
		t.Errorf("after its end: %v", stage())
	}
	if s.follow("2026-11-08"); stage() != [3]string{"quote", "sent", "ordered"} {
		t.Errorf("and again: %v", stage())
	}
	s.add(form(t, "2026-11-10", "", crm.Touch{}))
	if out := s.follow("2026-11-11"); stage() != [3]string{"quote", "received", ""} || out.Facts[0].Detail != "quote" {
		t.Errorf("after another enquiry: %v", stage())
	}
}

func TestConditionsSeeTheStatusAsItWas(t *testing.T) {
	rules := rulesOf(t, life.Document{Rules: []life.Rule{
		{Name: "first", On: crm.EventMailSent, If: `person.status == "new"`, To: "working"},
		{Name: "second", On: crm.EventMailSent, If: `person.status == "working" && standing.territory == ""`, To: "scheduling"},
	}})
	s := newStory(t, rules).add(mailOut(t, "2026-11-03", "a"), mailOut(t, "2026-11-04", "b"))
	s.follow("2026-11-05")
	s.follow("2026-11-06")
	if diff := cmp.Diff([]string{"11-03 new>working first", "11-04 working>scheduling second"}, s.history()); diff != "" {
		t.Error(diff)
	}
}

// New rules leave history as it was told, and act on what comes after it.
func TestNewRulesLeaveHistory(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	s.add(mailOut(t, "2026-11-03", "a")).follow("2026-11-04")
	s.rules = rulesOf(t, life.Document{Rules: []life.Rule{{Name: "other", On: crm.EventMailSent, To: "scheduling"}}})
	s.follow("2026-11-05")
	if diff := cmp.Diff([]string{"11-03 new>working first_mail"}, s.history()); diff != "" {
		t.Error(diff)
	}
	s.add(mailOut(t, "2026-11-06", "b")).follow("2026-11-07")
	if diff := cmp.Diff([]string{"11-03 new>working first_mail", "11-06 working>scheduling other"}, s.history()); diff != "" {
		t.Error(diff)
	}
}
