package life_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

func TestUnrepliedAndContact(t *testing.T) {
	var none crm.NextAction
	tests := []struct {
		name                      string
		do                        []crm.Activity
		heard, reached, unreplied string
	}{
		{"nothing", nil, "", "", ""},
		{"an enquiry", []crm.Activity{form(t, "2026-11-02", "", crm.Touch{})}, "2026-11-02", "", "2026-11-02"},
		{"the first of several counts", []crm.Activity{form(t, "2026-11-02", "", crm.Touch{}), mailIn(t, "2026-11-04", "まだですか")}, "2026-11-04", "", "2026-11-02"},
		{"answered by mail", []crm.Activity{form(t, "2026-11-02", "", crm.Touch{}), mailOut(t, "2026-11-03", "お礼")}, "2026-11-02", "2026-11-03", ""},
		{"answered, and they write again", []crm.Activity{mailIn(t, "2026-11-02", "a"), mailOut(t, "2026-11-03", "Re: a"), mailIn(t, "2026-11-04", "Re: Re: a")},
			"2026-11-04", "2026-11-03", "2026-11-04"},
		{"an automatic reply wants no answer", []crm.Activity{mailOut(t, "2026-11-02", "a"), autoReply(t, "2026-11-03")}, "", "2026-11-02", ""},
		{"a bounce is nothing from them", []crm.Activity{mailOut(t, "2026-11-02", "a"), bounce(t, "2026-11-03", crm.SignalBounceSoft)}, "", "2026-11-02", ""},
		{"a refusal wants no answer", []crm.Activity{mailIn(t, "2026-11-02", "a", sig(crm.SignalRefusal, "不要です"))}, "2026-11-02", "", ""},
		{"a call nobody took answers nothing", []crm.Activity{mailIn(t, "2026-11-02", "a"), call(t, "2026-11-03", crm.CallNoAnswer, none)}, "2026-11-02", "", "2026-11-02"},
		{"a call that was taken answers", []crm.Activity{mailIn(t, "2026-11-02", "a"), call(t, "2026-11-03", crm.CallAgain, none)}, "2026-11-03", "2026-11-03", ""},
		{"a meeting that was held answers", []crm.Activity{mailIn(t, "2026-11-02", "a"), meeting(t, "2026-11-02", "2026-11-03", crm.ResponseNone, held())},
			"2026-11-03 13:00", "2026-11-03 13:00", ""},
		{"one that was accepted, and nobody said anything", []crm.Activity{meeting(t, "2026-11-02", "2026-11-03", crm.ResponseAccepted, nil)},
			"2026-11-03 13:00", "2026-11-03 13:00", ""},
		{"one that was not answered may not have been", []crm.Activity{meeting(t, "2026-11-02", "2026-11-03", crm.ResponseNone, nil)}, "", "", ""},
		{"one that lies ahead has not been", []crm.Activity{meeting(t, "2026-11-02", "2026-11-23", crm.ResponseAccepted, nil)}, "", "", ""},
	}
	rules := rulesOf(t, life.Document{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, rules).add(tt.do...)
			st := s.follow("2026-11-05").Standing
			for field, pair := range map[string][2]any{"heard": {st.LastHeard, tt.heard}, "reached": {st.LastReached, tt.reached}, "unreplied": {st.Unreplied, tt.unreplied}} {
				want := time.Time{}
				if text, ok := pair[1].(string); ok && text != "" {
					want = moment(t, text)
				}
				if diff := cmp.Diff(any(want), pair[0]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", field, diff)
				}
			}
			if (st.UnrepliedAt == "") != st.Unreplied.IsZero() {
				t.Errorf("the activity that is unanswered is %q", st.UnrepliedAt)
			}
		})
	}
}

func TestTouches(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{}))
	s.f.Person.Given = crm.Touch{Channel: "展示会"}
	s.add(form(t, "2026-11-10", "製品B", crm.Touch{Channel: "広告", Campaign: "秋"}), form(t, "2026-11-12", "製品A", crm.Touch{}),
		form(t, "2026-10-30", "製品A", crm.Touch{Channel: "検索"}))
	st := s.follow("2026-11-15").Standing
	if st.First.Channel != "検索" || st.Last.Channel != "広告" || !st.LastAt.Equal(moment(t, "2026-11-10")) {
		t.Errorf("came first by %q, last by %q", st.First.Channel, st.Last.Channel)
	}
	if diff := cmp.Diff([]string{"製品A", "製品B"}, st.Products); diff != "" {
		t.Error(diff)
	}
}

func TestFollowUp(t *testing.T) {
	doc := life.Document{Segments: []life.Segment{
		{Name: life.Name{Name: "hot"}, If: `person.title == "部長"`, After: "60d"},
		{Name: life.Name{Name: "cold"}, If: `person.title == "学生"`, After: "never"},
		{Name: life.Name{Name: "slow"}, If: `person.title == "顧問"`, After: "700d"},
	}}
	tests := []struct {
		name string
		do   func(s *story)
		want string
	}{
		{"nobody ever reached them", func(*story) {}, "2027-03-02 09:00"},
		{"120 days after the last contact", func(s *story) { s.add(mailIn(t, "2026-11-10", "a"), mailOut(t, "2026-11-12", "b")) }, "2027-03-12"},
		{"reached another way", func(s *story) {
			s.add(mailIn(t, "2026-11-10", "a"), call(t, "2026-11-20", crm.CallAgain, crm.NextAction{}))
		}, "2027-03-20"},
		{"a call without an answer is no contact", func(s *story) {
			s.add(mailIn(t, "2026-11-10", "a"), call(t, "2026-11-20", crm.CallNoAnswer, crm.NextAction{}))
		}, "2027-03-10"},
		{"sooner by a segment", func(s *story) { s.f.Person.Title = "部長"; s.add(mailIn(t, "2026-11-10", "a")) }, "2027-01-09"},
		{"never, and yet within a year", func(s *story) { s.f.Person.Title = "学生"; s.add(mailIn(t, "2026-11-10", "a")) }, "2027-11-10"},
		{"nothing is left for more than a year", func(s *story) { s.f.Person.Title = "顧問"; s.add(mailIn(t, "2026-11-10", "a")) }, "2027-11-10"},
		{"a meeting lies ahead", func(s *story) {
			s.add(mailIn(t, "2026-11-10", "a"), meeting(t, "2026-11-11", "2027-04-20", crm.ResponseAccepted, nil))
		}, "2027-04-21 13:00"},
		{"must not be contacted", func(s *story) { s.f.Person.DoNotContact = "連絡不要" }, ""},
		{"left", func(s *story) { s.f.Person.Left = moment(t, "2026-11-01") }, ""},
		{"closed", func(s *story) { s.add(call(t, "2026-11-10", crm.CallDisqualified, crm.NextAction{})) }, ""},
		{"every address is bad", func(s *story) { s.f.Person.BadEmails = []string{address} }, ""},
		{"every address is bad, and they have a telephone", func(s *story) {
			s.f.Person.BadEmails, s.f.Person.Phones = []string{address}, []crm.Phone{{Number: "03-1234-5678"}}
		}, "2027-03-02 09:00"},
	}
	rules := rulesOf(t, doc)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, rules)
			tt.do(s)
			got := s.follow("2026-11-25").Standing.Follow
			want := time.Time{}
			if tt.want != "" {
				want = moment(t, tt.want)
			}
			if !got.Equal(want) {
				t.Errorf("due %v, want %v", got.In(tokyo(t)), want.In(tokyo(t)))
			}
		})
	}
}

func TestAway(t *testing.T) {
	away := sig(crm.SignalOutOfOffice, "11月20日まで不在")
	away.Until = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	s := newStory(t, rulesOf(t, life.Document{})).add(autoReply(t, "2026-11-10", away))
	st := s.follow("2026-11-11").Standing
	if want := moment(t, "2026-11-21 00:00"); !st.Away.Equal(want) || !st.Look.Equal(want) {
		t.Errorf("away until %v, looked at again %v", st.Away, st.Look)
	}
	if got := s.follow("2026-11-21 00:00").Standing.Away; !got.IsZero() {
		t.Errorf("still away: %v", got)
	}
	s.add(mailIn(t, "2026-11-15", "戻りました"))
	if got := s.follow("2026-11-16").Standing.Away; !got.IsZero() {
		t.Errorf("back, and still away until %v", got)
	}
}

// When time alone changes something, Look says so: following then, and not before, gives something else.
func TestLook(t *testing.T) {
	rules := rulesOf(t, life.Document{})
	for _, tt := range []struct {
		name, now, want string
		do              []crm.Activity
	}{
		{"silence moves the status", "2026-11-05", "2026-12-02", []crm.Activity{mailIn(t, "2026-11-01", "a"), mailOut(t, "2026-11-02", "b")}},
		{"an answer is due", "2026-11-05 13:00", "2026-11-06 11:00", []crm.Activity{mailIn(t, "2026-11-05 12:00", "a")}},
		{"a meeting begins to have been", "2026-11-05", "2026-11-09 13:00", []crm.Activity{meeting(t, "2026-11-04", "2026-11-09", crm.ResponseAccepted, nil)}},
		{"freshness falls", "2026-12-03", "2027-01-30", []crm.Activity{mailIn(t, "2026-11-01", "a"), mailOut(t, "2026-11-02", "b")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, rules).add(tt.do...)
			if got := s.follow(tt.now).Standing.Look; !got.Equal(moment(t, tt.want)) {
				t.Errorf("look %v, want %v", got.In(tokyo(t)), tt.want)
			}
		})
	}
}

func TestFreshness(t *testing.T) {
	rules := rulesOf(t, life.Document{})
	tests := []struct {
		name string
		do   func(s *story)
		now  string
		want map[string]int
	}{
		{"heard from", func(s *story) { s.add(mailIn(t, "2026-11-10", "a")) }, "2026-11-11", nil},
		{"never heard from", func(*story) {}, "2026-11-11", map[string]int{"never_heard": -20}},
		{"imported, and never heard from", func(s *story) { s.f.Person.Origin = "import" }, "2026-11-11", map[string]int{"never_heard": -20, "unverified": -10}},
		{"silent", func(s *story) { s.add(mailIn(t, "2026-11-10", "a")) }, "2027-06-11", map[string]int{"silence": -25}},
		{"bounced", func(s *story) { s.add(mailIn(t, "2026-11-10", "a"), bounce(t, "2026-11-12", crm.SignalBounceHard)) }, "2026-11-13", map[string]int{"bounce": -40}},
		{"bounced, and wrote since", func(s *story) { s.add(bounce(t, "2026-11-12", crm.SignalBounceHard), mailIn(t, "2026-11-13", "a")) }, "2026-11-13", nil},
		{"one address of two", func(s *story) {
			s.f.Person.Emails = append(s.f.Person.Emails, "t2@client.example")
			s.add(mailIn(t, "2026-11-10", "a"), bounce(t, "2026-11-12", crm.SignalBounceHard))
		}, "2026-11-13", map[string]int{"bounce": -10}},
		{"left", func(s *story) {
			s.add(mailIn(t, "2026-11-10", "a"), autoReply(t, "2026-11-12", sig(crm.SignalLeft, "退職しました")))
		}, "2026-11-13", map[string]int{"left": -60}},
		{"moved on", func(s *story) {
			s.add(mailIn(t, "2026-11-10", "a"), autoReply(t, "2026-11-12", sig(crm.SignalTransferred, "異動しました")))
		}, "2026-11-13", map[string]int{"transferred": -30}},
		{"said to have left, and wrote", func(s *story) {
			s.f.Person.Left = moment(t, "2026-11-05")
			s.add(mailIn(t, "2026-11-10", "a"))
		}, "2026-11-13", map[string]int{"left": -60, "contradiction": -10}},
		{"a year of silence, and everything bad", func(s *story) {
			s.f.Person.Left, s.f.Person.BadEmails, s.f.Person.Updated = moment(t, "2026-11-12"), []string{address}, moment(t, "2026-11-12")
			s.add(mailIn(t, "2026-11-10", "a"))
		}, "2028-11-13", map[string]int{"silence": -60, "left": -60, "bounce": -40}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, rules)
			tt.do(s)
			st := s.follow(tt.now).Standing
			got, sum := map[string]int{}, 100
			for _, p := range st.Parts {
				got[p.Code] += p.Points
				sum += p.Points
				if p.Evidence == "" {
					t.Errorf("%s rests on nothing", p.Code)
				}
			}
			if tt.want == nil {
				tt.want = map[string]int{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if st.Freshness != max(0, sum) {
				t.Errorf("%d points, and its parts add up to %d", st.Freshness, sum)
			}
		})
	}
}

// A condition that looks at the clock is asked once a day, of each person at another time of it.
func TestTheDailyLookIsSpread(t *testing.T) {
	rules := rulesOf(t, life.Document{Segments: []life.Segment{{Name: life.Name{Name: "silent"}, If: "standing.days_since_heard > 60"}}})
	now := moment(t, "2026-11-20 15:00")
	seen := map[time.Time]bool{}
	for i := range 50 {
		s := newStory(t, rules)
		s.f.ID = crm.DerivedID("person", strconv.Itoa(i))
		s.f.Person.ID = s.f.ID
		look := s.followAt(now).Standing.Look
		if !look.After(now) || look.After(now.Add(24*time.Hour)) {
			t.Fatalf("looked at again at %s", look)
		}
		seen[look] = true
		if next := s.followAt(look).Standing.Look; !next.Equal(look.Add(24 * time.Hour)) {
			t.Errorf("looked at %s, and then at %s", look, next)
		}
	}
	if len(seen) < 40 {
		t.Errorf("50 people are looked at at %d times", len(seen))
	}
}

// A status that the section does not have any more still says that nothing is to be done.
func TestAStatusThatIsGoneKeepsItsMeaning(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{Rules: []life.Rule{}, Statuses: []life.Status{{Name: life.Name{Name: "new"}}, {Name: life.Name{Name: "done"}, Won: true}}}))
	s.f.Person.Status = crm.StatusDisqualified
	s.add(mailIn(t, "2026-11-04", "質問"))
	if out := s.follow("2027-11-20"); !out.Standing.Follow.IsZero() || out.Status != crm.StatusDisqualified || len(out.Proposals) > 0 {
		t.Errorf("status %s, due %s, proposals %+v", out.Status, out.Standing.Follow, out.Proposals)
	}
	if got := s.rules.ReportWords().Won; !slices.Equal(got, []string{"done", "meeting_won"}) {
		t.Errorf("meetings won are %v", got)
	}
}
