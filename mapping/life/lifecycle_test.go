package life_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// The statuses of seeds/004 move by what happened, under the default rules.
func TestLifecycle(t *testing.T) {
	var none crm.NextAction
	tests := []struct {
		name string
		do   func(s *story)
		now  string
		want []string
	}{
		{"nothing", func(*story) {}, "2026-11-03", nil},
		{"an enquiry leaves it new", func(s *story) { s.add(form(t, "2026-11-02", "", crm.Touch{})) }, "2026-11-03", nil},
		{"the first mail", func(s *story) { s.add(mailOut(t, "2026-11-02", "お礼")) }, "2026-11-03", []string{"11-02 new>working first_mail"}},
		{"a mail to somebody else", func(s *story) {
			a := mailOut(t, "2026-11-02", "お礼")
			a.People[1].ID = suzuki
			s.add(a)
		}, "2026-11-03", nil},
		{"a newsletter of ours is no mail", func(s *story) {
			a := mailOut(t, "2026-11-02", "お知らせ")
			a.Class = crm.ClassBulk
			s.add(a)
		}, "2026-11-03", nil},
		{"known from the conversation only", func(s *story) {
			a := mailOut(t, "2026-11-02", "お礼")
			a.People[1].Role = crm.RoleThread
			s.add(a)
		}, "2026-11-03", nil},
		{"they propose dates", func(s *story) {
			s.add(mailOut(t, "2026-11-02", "お礼"), mailIn(t, "2026-11-03", "Re: お礼", sig(crm.SignalDatesProposed, "11/10 14時")))
		}, "2026-11-04", []string{"11-02 new>working first_mail", "11-03 working>scheduling dates_proposed"}},
		{"a meeting is accepted", func(s *story) {
			s.add(mailOut(t, "2026-11-02", "お礼"), meeting(t, "2026-11-04", "2026-11-10", crm.ResponseAccepted, nil))
		}, "2026-11-05", []string{"11-02 new>working first_mail", "11-04 working>meeting_won meeting_planned"}},
		{"a meeting is declined", func(s *story) {
			s.add(mailOut(t, "2026-11-02", "お礼"), meeting(t, "2026-11-04", "2026-11-10", crm.ResponseDeclined, nil))
		}, "2026-11-05", []string{"11-02 new>working first_mail"}},
		{"a meeting is cancelled", func(s *story) {
			s.add(cancelled(t, meeting(t, "2026-11-04", "2026-11-10", crm.ResponseAccepted, nil), "2026-11-06", "2026-11-04"))
		}, "2026-11-07", []string{"11-04 new>meeting_won meeting_planned", "11-06 meeting_won>scheduling meeting_cancelled"}},
		{"a meeting that was moved was agreed on when it was", func(s *story) {
			m := meeting(t, "2026-11-04", "2026-12-10", crm.ResponseAccepted, nil)
			m.Meeting.Updated = moment(t, "2026-11-20")
			m.Meeting.Memory = &crm.MeetingMemory{States: []crm.Revision{{At: moment(t, "2026-11-04")}, {At: moment(t, "2026-11-20")}}}
			s.add(m)
		}, "2026-11-21", []string{"11-04 new>meeting_won meeting_planned"}},
		{"a meeting is cancelled, and its earlier state is known", func(s *story) {
			m := cancelled(t, meeting(t, "2026-11-04", "2026-11-10", crm.ResponseAccepted, nil), "2026-11-06", "")
			m.Meeting.Memory = &crm.MeetingMemory{States: []crm.Revision{{At: moment(t, "2026-11-04")}, {At: moment(t, "2026-11-06"), Status: crm.MeetingCancelled}}}
			s.add(m)
		}, "2026-11-07", []string{"11-04 new>meeting_won meeting_planned", "11-06 meeting_won>scheduling meeting_cancelled"}},
		{"a mail was refused for what it was", func(s *story) {
			b := bounce(t, "2026-11-03 10:01", crm.SignalBounceHard)
			b.Signals[0].Reason = "too_big"
			s.add(mailOut(t, "2026-11-03 10:00", "お礼"), b)
		}, "2026-11-05", []string{"11-03 new>working first_mail"}},
		{"a meeting is cancelled, and nothing tells when it was made", func(s *story) {
			s.add(cancelled(t, meeting(t, "2026-11-04", "2026-11-10", crm.ResponseAccepted, nil), "2026-11-06", ""))
		}, "2026-11-07", nil},
		{"nobody came", func(s *story) {
			s.add(meeting(t, "2026-11-04", "2026-11-10", crm.ResponseAccepted, &crm.Outcome{Result: crm.OutcomeNoShow}))
		}, "2026-11-11", []string{"11-04 new>meeting_won meeting_planned", "11-10 meeting_won>scheduling meeting_no_show"}},
		{"a call that won a meeting", func(s *story) { s.add(call(t, "2026-11-03", crm.CallMeetingWon, none)) }, "2026-11-04",
			[]string{"11-03 new>meeting_won call_meeting_won"}},
		{"calls without an answer, then one that lost it", func(s *story) {
			s.add(call(t, "2026-11-03", crm.CallNoAnswer, none), call(t, "2026-11-04", crm.CallLost, none))
		}, "2026-11-05", []string{"11-03 new>working first_call", "11-04 working>nurturing call_lost"}},
		{"lost, with a next action", func(s *story) {
			s.add(call(t, "2026-11-04", crm.CallLost, crm.NextAction{When: "2027-04-01", What: "来期に電話"}))
		}, "2026-11-05", []string{"11-04 new>nurturing_planned call_lost_next_action"}},
		{"disqualified by a call", func(s *story) { s.add(call(t, "2026-11-04", crm.CallDisqualified, none)) }, "2026-11-05",
			[]string{"11-04 new>disqualified call_disqualified"}},
		{"the address is bad", func(s *story) {
			s.add(mailOut(t, "2026-11-03 10:00", "お礼"), bounce(t, "2026-11-03 10:01", crm.SignalBounceHard))
		}, "2026-11-05",
			[]string{"11-03 new>working first_mail", "11-03 working>untouched bounce_hard"}},
		{"the mailbox is full", func(s *story) { s.add(bounce(t, "2026-11-03", crm.SignalBounceSoft)) }, "2026-11-05", nil},
		{"they refuse", func(s *story) {
			s.add(mailIn(t, "2026-11-03", "Re:", sig(crm.SignalRefusal, "今後のご連絡は不要です")))
		}, "2026-11-05",
			[]string{"11-03 new>disqualified refusal"}},
		{"they left", func(s *story) { s.add(autoReply(t, "2026-11-03", sig(crm.SignalLeft, "退職いたしました"))) }, "2026-11-05",
			[]string{"11-03 new>disqualified left"}},
		{"somebody else left", func(s *story) {
			other := sig(crm.SignalLeft, "退職いたしました")
			other.Address = "yamada@client.example"
			s.add(mailIn(t, "2026-11-03", "ご連絡", other))
		}, "2026-11-05", nil},
		{"silence", func(s *story) { s.add(mailOut(t, "2026-11-02", "お礼")) }, "2026-12-02 13:00",
			[]string{"11-02 new>working first_mail", "12-02 working>nurturing silence"}},
		{"not silent yet", func(s *story) { s.add(mailOut(t, "2026-11-02", "お礼")) }, "2026-12-02 11:00", []string{"11-02 new>working first_mail"}},
		{"they come back after a silence", func(s *story) {
			s.add(mailOut(t, "2026-11-02", "お礼"), mailIn(t, "2027-01-10", "ご相談"))
		}, "2027-01-11", []string{"11-02 new>working first_mail", "12-02 working>nurturing silence", "01-10 nurturing>working wrote_again"}},
		{"a mail that comes to light later takes the silence away", func(s *story) {
			s.add(mailOut(t, "2026-11-02", "お礼")).follow("2026-12-10")
			s.add(mailOut(t, "2026-11-20", "その後いかがですか"))
		}, "2026-12-12", []string{"11-02 new>working first_mail"}},
		{"silence waits for a meeting that was agreed on", func(s *story) {
			m := meeting(t, "2026-11-05", "2027-01-20", crm.ResponseAccepted, nil)
			s.add(m, mailOut(t, "2026-11-04", "お礼")).by("2026-11-06", "scheduling")
		}, "2026-12-20", []string{"11-04 new>working first_mail", "11-05 working>meeting_won meeting_planned", "11-06 new>scheduling " + rep}},
		{"what lies ahead is no evidence", func(s *story) { s.add(mailOut(t, "2026-11-20", "お礼")) }, "2026-11-05", nil},
		{"a person decides, and older mails change nothing", func(s *story) {
			s.by("2026-11-05", "scheduling").add(mailIn(t, "2026-11-04", "Re:", sig(crm.SignalRefusal, "不要です")))
		}, "2026-11-06", []string{"11-04 new>disqualified refusal", "11-05 new>scheduling " + rep}},
		{"a person decides, and new evidence moves it again", func(s *story) {
			s.by("2026-11-05", "nurturing").add(mailIn(t, "2026-11-06", "やはりお願いします"))
		}, "2026-11-07", []string{"11-05 new>nurturing " + rep, "11-06 nurturing>working wrote_again"}},
		{"silence counts from a decision", func(s *story) {
			s.add(mailOut(t, "2026-11-02", "お礼")).follow("2026-12-03")
			s.by("2026-12-04", "working")
		}, "2027-01-02", []string{"11-02 new>working first_mail", "12-02 working>nurturing silence", "12-04 nurturing>working " + rep}},
		{"and is over again", func(s *story) {
			s.add(mailOut(t, "2026-11-02", "お礼")).follow("2026-12-03")
			s.by("2026-12-04", "working")
		}, "2027-01-04", []string{"11-02 new>working first_mail", "12-02 working>nurturing silence", "12-04 nurturing>working " + rep, "01-03 working>nurturing silence"}},
		{"taken back, and not made again", func(s *story) {
			s.add(mailOut(t, "2026-11-02", "お礼"), mailIn(t, "2026-11-03", "Re: お礼", sig(crm.SignalDatesProposed, "11/10"))).follow("2026-11-04")
			s.undo("2026-11-04 15:00")
		}, "2026-11-06", []string{"11-02 new>working first_mail", "11-03 working>scheduling dates_proposed (undone)", "11-04 scheduling>working " + rep}},
		{"taken back, and new evidence counts", func(s *story) {
			s.add(mailIn(t, "2026-11-03", "Re: お礼", sig(crm.SignalDatesProposed, "11/10"))).follow("2026-11-04")
			s.undo("2026-11-04 15:00").add(mailIn(t, "2026-11-05", "Re: お礼", sig(crm.SignalDatesProposed, "11/12")))
		}, "2026-11-06", []string{"11-03 new>scheduling dates_proposed (undone)", "11-04 scheduling>new " + rep, "11-05 new>scheduling dates_proposed"}},
		{"the evidence goes, and so does what rested on it", func(s *story) {
			s.add(mailOut(t, "2026-11-02", "お礼")).follow("2026-11-04")
			s.f.Activities = nil
		}, "2026-11-06", nil},
		{"a status that was imported is where it starts", func(s *story) {
			s.f.Person.Status = crm.StatusNurturing
			s.add(mailOut(t, "2026-10-20", "お礼"), mailIn(t, "2026-10-21", "Re:"), mailIn(t, "2026-11-05", "ご相談"))
		}, "2026-11-06", []string{"11-05 nurturing>working wrote_again"}},
		{"a converted lead stays as it was", func(s *story) {
			s.f.Person.Kind, s.f.Person.Converted = crm.Contact, moment(t, "2026-11-10")
			s.add(mailOut(t, "2026-11-02", "お礼"), mailIn(t, "2026-11-11", "Re:", sig(crm.SignalRefusal, "不要です")))
		}, "2027-11-06", []string{"11-02 new>working first_mail"}},
		{"who was never a lead has no status", func(s *story) {
			s.f.Person.Kind, s.f.Person.Status = crm.Contact, ""
			s.add(mailOut(t, "2026-11-02", "お礼"))
		}, "2026-11-06", nil},
	}
	rules := rulesOf(t, life.Document{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, rules)
			tt.do(s)
			s.follow(tt.now)
			if diff := cmp.Diff(tt.want, s.history()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again := s.follow(tt.now)
			if diff := cmp.Diff(tt.want, s.history()); diff != "" {
				t.Errorf("the second time (-want +got):\n%s", diff)
			}
			if len(again.Proposals)+len(again.Tasks)+len(again.TasksDone) > 0 {
				t.Errorf("following again still changes things: %+v %+v %+v", again.Proposals, again.Tasks, again.TasksDone)
			}
		})
	}
}
