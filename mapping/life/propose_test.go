package life_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// proposed is what is open, as "kind field value name due".
func proposed(s *story) (out []string) {
	for _, p := range s.f.Proposals {
		if p.State == crm.ProposalOpen {
			out = append(out, strings.Join(strings.Fields(strings.Join([]string{string(p.Kind), p.Field, p.Before, p.Value, p.Name, p.Due}, " ")), " "))
		}
	}
	slices.Sort(out)
	return out
}

func left(successor, email string) crm.Signal {
	s := sig(crm.SignalLeft, "10月末で退職いたしました")
	s.Successor, s.NewEmail = successor, email
	return s
}

func signature(fields map[string]string) crm.Signal {
	s := sig(crm.SignalSignature, "営業本部 部長 田中太郎")
	s.Fields = fields
	return s
}

func promised(evidence string, until string) crm.Signal {
	s := sig(crm.SignalPromised, evidence)
	s.Until, _ = time.Parse(time.DateOnly, until)
	return s
}

func TestProposals(t *testing.T) {
	tests := []struct {
		name string
		do   func(s *story)
		now  string
		want []string
	}{
		{"nothing", func(*story) {}, "2026-11-05", nil},
		{"a bad address", func(s *story) { s.add(bounce(t, "2026-11-04", crm.SignalBounceHard)) }, "2026-11-05", []string{"bad_address " + address}},
		{"of which a mail came since", func(s *story) {
			s.add(bounce(t, "2026-11-04 10:00", crm.SignalBounceHard), mailIn(t, "2026-11-04 11:00", "a"), mailOut(t, "2026-11-04 12:00", "b"))
		}, "2026-11-05", nil},
		{"of somebody else", func(s *story) {
			b := bounce(t, "2026-11-04", crm.SignalBounceHard)
			b.Signals[0].Address = "suzuki@client.example"
			s.add(b)
		}, "2026-11-05", nil},
		{"a mail that was refused for what it was", func(s *story) {
			b := bounce(t, "2026-11-04", crm.SignalBounceHard)
			b.Signals[0].Code, b.Signals[0].Reason = "5.7.1", "policy"
			s.add(b)
		}, "2026-11-05", nil},
		{"left, and somebody else's address there", func(s *story) { s.add(autoReply(t, "2026-11-04", left("", "sales@client.example"))) }, "2026-11-05",
			[]string{"left", "successor sales@client.example"}},
		{"left, with an address elsewhere", func(s *story) { s.add(autoReply(t, "2026-11-04", left("", "tanaka@elsewhere.example"))) }, "2026-11-05",
			[]string{"field emails tanaka@elsewhere.example", "left"}},
		{"an English signature under a Japanese record", func(s *story) {
			s.f.Person.Title, s.f.Person.Department = "部長", "営業部"
			s.add(mailIn(t, "2026-11-04", "a", signature(map[string]string{"title": "General Manager", "department": "Sales Department"})), mailOut(t, "2026-11-04 15:00", "b"))
		}, "2026-11-05", nil},
		{"left, with a successor", func(s *story) { s.add(autoReply(t, "2026-11-04", left("鈴木 花子", "suzuki@client.example"))) }, "2026-11-05",
			[]string{"left", "successor suzuki@client.example 鈴木 花子"}},
		{"a new address of theirs", func(s *story) {
			moved := sig(crm.SignalTransferred, "アドレスが変わりました")
			moved.NewEmail = "tanaka@new.example"
			s.add(mailIn(t, "2026-11-04", "変更", moved), mailOut(t, "2026-11-04 15:00", "Re: 変更"))
		}, "2026-11-05", []string{"field emails tanaka@new.example"}},
		{"they refuse", func(s *story) { s.add(mailIn(t, "2026-11-04", "a", sig(crm.SignalRefusal, "今後は不要です"))) }, "2026-11-10", []string{"do_not_contact"}},
		{"they refuse, and enquire again", func(s *story) {
			s.add(mailIn(t, "2026-11-04", "a", sig(crm.SignalRefusal, "今後は不要です")), form(t, "2026-11-05", "", crm.Touch{}), mailOut(t, "2026-11-05 13:00", "b"))
		}, "2026-11-10", nil},
		{"a signature that says the same", func(s *story) {
			s.f.Person.Title, s.f.Person.Phones = "部長", []crm.Phone{{Number: "03-1234-5678", E164: "+81312345678"}}
			s.add(mailIn(t, "2026-11-04", "a", signature(map[string]string{"company": "(株)サンプル", "title": "部長", "phone": "03(1234)5678", "name": "田中太郎"})),
				mailOut(t, "2026-11-04 15:00", "b"))
		}, "2026-11-05", nil},
		{"a contact whose signature names another company", func(s *story) {
			s.f.Person.Kind, s.f.Person.Company, s.f.Employer = crm.Contact, "", &crm.Account{Name: "株式会社サンプル"}
			s.add(mailIn(t, "2026-11-04", "a", signature(map[string]string{"company": "株式会社転職先"})), mailOut(t, "2026-11-04 15:00", "b"))
		}, "2026-11-05", []string{"contradicts company: 株式会社転職先"}},
		{"a contact whose signature names the account", func(s *story) {
			s.f.Person.Kind, s.f.Person.Company, s.f.Employer = crm.Contact, "", &crm.Account{Name: "株式会社サンプル"}
			s.add(mailIn(t, "2026-11-04", "a", signature(map[string]string{"company": "㈱サンプル 大阪支店"})), mailOut(t, "2026-11-04 15:00", "b"))
		}, "2026-11-05", nil},
		{"a signature that says something new", func(s *story) {
			s.f.Person.Title = "課長"
			s.add(mailIn(t, "2026-11-03", "a", signature(map[string]string{"title": "次長"})),
				mailIn(t, "2026-11-04", "a", signature(map[string]string{"title": "部長", "company": "株式会社別会社", "phone": "06-1111-2222", "name": "田中"})),
				mailOut(t, "2026-11-04 15:00", "b"))
		}, "2026-11-05", []string{"field company 株式会社サンプル 株式会社別会社", "field phones 06-1111-2222", "field title 課長 部長"}},
		{"eight business hours without an answer", func(s *story) { s.add(mailIn(t, "2026-11-20 17:00", "見積のお願い")) }, "2026-11-24 16:00",
			[]string{"task mail 2026-11-20 の連絡に返信する: 見積のお願い 2026-11-24"}},
		{"a minute before", func(s *story) { s.add(mailIn(t, "2026-11-20 17:00", "見積のお願い")) }, "2026-11-24 15:59", nil},
		{"nobody is asked to answer who was refused", func(s *story) {
			s.f.Person.DoNotContact = "不要"
			s.add(mailIn(t, "2026-11-20 17:00", "見積のお願い"))
		}, "2026-11-26", nil},
		{"we promised something", func(s *story) {
			s.add(mailOut(t, "2026-11-04", "資料", promised("金曜までにお送りします", "2026-11-06")))
		}, "2026-11-05",
			[]string{"task todo 約束の件を進める: 資料 (2026-11-06) 2026-11-06"}},
		{"we kept it", func(s *story) {
			s.add(mailOut(t, "2026-11-04", "資料", promised("金曜までにお送りします", "2026-11-06")), mailOut(t, "2026-11-05", "資料をお送りします"))
		}, "2026-11-05 13:00", nil},
		{"they promised something", func(s *story) {
			s.add(mailIn(t, "2026-11-04 10:00", "検討", promised("来週回答します", "2026-11-13")), mailOut(t, "2026-11-04 11:00", "Re: 検討"))
		}, "2026-11-05", []string{"task todo 約束の件を確認する: 検討 (2026-11-13) 2026-11-16"}},
		{"they did it", func(s *story) {
			s.add(mailIn(t, "2026-11-04 10:00", "検討", promised("来週回答します", "2026-11-13")), mailOut(t, "2026-11-04 11:00", "Re: 検討"),
				mailIn(t, "2026-11-12 17:00", "回答"))
		}, "2026-11-12 17:30", nil},
		{"a meeting without a next step", func(s *story) { s.add(meeting(t, "2026-11-04", "2026-11-06", crm.ResponseAccepted, held())) }, "2026-11-07",
			[]string{"task todo 2026-11-06 の打ち合わせの次アクションを決める: ご紹介 2026-11-09"}},
		{"a meeting with one", func(s *story) {
			s.add(meeting(t, "2026-11-04", "2026-11-06", crm.ResponseAccepted, &crm.Outcome{Result: crm.OutcomeHeld, Next: crm.NextAction{When: "2026-11-12", What: "見積"}}))
		}, "2026-11-07", nil},
		{"a meeting after which we wrote", func(s *story) {
			s.add(meeting(t, "2026-11-04", "2026-11-06", crm.ResponseAccepted, held()), mailOut(t, "2026-11-06 18:00", "お礼"))
		}, "2026-11-07", nil},
		{"a twin that is newer", func(s *story) {
			s.f.Twins = []crm.Person{{ID: suzuki, Kind: crm.Lead, Name: "田中太郎", Company: "サンプル株式会社", Emails: []string{address}, Created: moment(t, "2026-11-03")}}
		}, "2026-11-05", []string{"merge " + suzuki + " 田中太郎"}},
		{"a twin that is older proposes it itself", func(s *story) {
			s.f.Twins = []crm.Person{{ID: suzuki, Kind: crm.Lead, Name: "田中太郎", Company: "サンプル株式会社", Emails: []string{address}, Created: moment(t, "2026-10-03")}}
		}, "2026-11-05", nil},
		{"a lead goes into a contact", func(s *story) {
			s.f.Twins = []crm.Person{{ID: suzuki, Kind: crm.Contact, Name: "田中太郎", Company: "サンプル株式会社", Emails: []string{address}, Created: moment(t, "2026-11-03")}}
		}, "2026-11-05", nil},
		{"somebody else with the telephone number of the office", func(s *story) {
			s.f.Person.Phones = []crm.Phone{{Number: "03-1234-5678", E164: "+81312345678"}}
			s.f.Twins = []crm.Person{{ID: suzuki, Kind: crm.Lead, Name: "山本次郎", Phones: s.f.Person.Phones, Created: moment(t, "2026-11-03")}}
		}, "2026-11-05", nil},
		{"said to have left, and wrote", func(s *story) {
			s.f.Person.Left = moment(t, "2026-11-05")
			s.add(mailIn(t, "2026-11-10", "a"))
		}, "2026-11-13", []string{"contradicts left"}},
	}
	rules := rulesOf(t, life.Document{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, rules)
			tt.do(s)
			s.follow(tt.now)
			if diff := cmp.Diff(tt.want, proposed(s)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, p := range s.f.Proposals {
				if len(p.Evidence) == 0 || p.Raised.IsZero() || p.Owner != rep || p.Person != tanaka {
					t.Errorf("a proposal says too little: %+v", p)
				}
			}
			if again := s.follow(tt.now); len(again.Proposals) > 0 {
				t.Errorf("raised again: %+v", again.Proposals)
			}
		})
	}
}

func TestAProposalIsMootWhenItCameTrueOtherwise(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{})).add(mailIn(t, "2026-11-04 10:00", "質問"))
	if s.follow("2026-11-06"); len(proposed(s)) != 1 {
		t.Fatalf("proposed: %v", proposed(s))
	}
	s.add(mailOut(t, "2026-11-06 13:00", "Re: 質問")).follow("2026-11-06 13:01")
	if len(proposed(s)) != 0 || s.f.Proposals[0].State != crm.ProposalMoot {
		t.Errorf("after the answer: %+v", s.f.Proposals)
	}
}

func TestARefusedProposalStaysRefusedOnTheSameEvidence(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{})).add(bounce(t, "2026-11-04", crm.SignalBounceHard))
	s.follow("2026-11-05")
	p := &s.f.Proposals[0]
	p.State, p.DecidedBy, p.DecidedAt = crm.ProposalRefused, rep, moment(t, "2026-11-06")
	if out := s.follow("2026-11-07"); len(out.Proposals) > 0 || len(proposed(s)) > 0 {
		t.Errorf("raised again: %+v", out.Proposals)
	}
	if parts := s.f.Standing.Parts; slices.ContainsFunc(parts, func(p crm.Part) bool { return p.Code == "bounce" }) {
		t.Errorf("refused, and yet it counts: %+v", parts)
	}
	s.add(bounce(t, "2026-11-08", crm.SignalBounceHard)).follow("2026-11-09")
	if diff := cmp.Diff([]string{"bad_address " + address}, proposed(s)); diff != "" {
		t.Errorf("new evidence asks again: %s", diff)
	}
}

// What was accepted once, and is not so any more, can be so again.
func TestAnAcceptedProposalIsRaisedAgainByNewEvidence(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{})).add(mailIn(t, "2026-11-04", "a", sig(crm.SignalRefusal, "今後は不要です")))
	s.follow("2026-11-05")
	p := &s.f.Proposals[0]
	p.State, p.DecidedBy, p.DecidedAt = crm.ProposalAccepted, rep, moment(t, "2026-11-06")
	if out := s.follow("2026-11-07"); len(out.Proposals) > 0 {
		t.Errorf("somebody took it back, and the same mail asks again: %+v", out.Proposals)
	}
	s.add(mailIn(t, "2027-03-08", "b", sig(crm.SignalRefusal, "もうご連絡は不要です"))).follow("2027-03-09")
	if diff := cmp.Diff([]string{"do_not_contact"}, proposed(s)); diff != "" {
		t.Errorf("they refuse once more: %s", diff)
	}
}

func TestAPolicyAccepts(t *testing.T) {
	rules := rulesOf(t, life.Document{Accept: []crm.ProposalKind{crm.ProposeBadAddress}})
	s := newStory(t, rules).add(mailOut(t, "2026-11-03", "a"), bounce(t, "2026-11-04", crm.SignalBounceHard), autoReply(t, "2026-11-04", left("", "")))
	out := s.follow("2026-11-05")
	want := []string{crm.ProposalID(crm.ProposeBadAddress, tanaka, "", address)}
	if diff := cmp.Diff(want, out.Apply); diff != "" {
		t.Error(diff)
	}
	s.f.Proposals[slices.IndexFunc(s.f.Proposals, func(p crm.Proposal) bool { return p.ID == want[0] })].State = crm.ProposalAccepted
	s.f.Person.BadEmails = []string{address}
	if out := s.follow("2026-11-05"); len(out.Apply) > 0 {
		t.Errorf("accepted again: %v", out.Apply)
	}
}

func TestEvidenceOutOfSightStaysProposed(t *testing.T) {
	s := newStory(t, rulesOf(t, life.Document{})).add(bounce(t, "2026-11-04", crm.SignalBounceHard))
	s.follow("2026-11-05")
	s.f.Activities, s.f.More = []crm.Activity{mailOut(t, "2026-11-10", "a")}, true
	if s.follow("2026-11-11"); len(proposed(s)) != 1 {
		t.Errorf("what is out of sight was found moot: %+v", s.f.Proposals)
	}
}

func TestAccountsFollowTheirMembers(t *testing.T) {
	rules := rulesOf(t, life.Document{})
	account := crm.Account{ID: "b1000000000000000000000000000001", Name: "株式会社サンプル", Domains: []string{"client.example"}, Owner: rep, Created: moment(t, "2026-01-05")}
	twin := crm.Account{ID: "b1000000000000000000000000000002", Name: "サンプル(株)", Domains: []string{"client.example"}, Created: moment(t, "2026-02-05")}
	f := crm.Following{ID: account.ID, Account: &account, TwinAccounts: []crm.Account{twin}, Heard: [2]time.Time{moment(t, "2026-11-02"), {}}, Members: []crm.Standing{
		{LastHeard: moment(t, "2026-11-04"), Unreplied: moment(t, "2026-11-04"), UnrepliedAt: "x", Products: []string{"B", "A"}, Reached: []string{"working"},
			First: crm.Touch{Channel: "検索"}, FirstAt: moment(t, "2026-10-01"), LastAt: moment(t, "2026-10-01")},
		{LastReached: moment(t, "2026-11-03"), Products: []string{"A"}, Parts: []crm.Part{{Code: "left", Points: -60}}},
	}}
	out := rules.Follow(f, &life.Around{Now: moment(t, "2026-11-05"), Location: tokyo(t)})
	st := out.Standing
	if !st.LastHeard.Equal(moment(t, "2026-11-04")) || !st.LastReached.Equal(moment(t, "2026-11-03")) || st.UnrepliedAt != "x" || st.First.Channel != "検索" {
		t.Errorf("standing %+v", st)
	}
	if diff := cmp.Diff([]string{"A", "B"}, st.Products); diff != "" {
		t.Error(diff)
	}
	if st.Freshness != 80 {
		t.Errorf("freshness %d of %+v", st.Freshness, st.Parts)
	}
	if len(out.Proposals) != 1 || out.Proposals[0].Other != twin.ID || out.Proposals[0].Account != account.ID || out.Proposals[0].Score < crm.DuplicateAt {
		t.Errorf("proposals %+v", out.Proposals)
	}
	off := false
	if out := rulesOf(t, life.Document{Accounts: &off}).Follow(f, &life.Around{Now: moment(t, "2026-11-05")}); len(out.Proposals) > 0 {
		t.Errorf("switched off, and yet %+v", out.Proposals)
	}
	if out := rules.Follow(crm.Following{ID: "x", Mark: 3}, &life.Around{}); !out.Missing || out.Mark != 3 {
		t.Errorf("nobody: %+v", out)
	}
}
