package e2e

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// standings: where they came from, when there was contact last, what is unanswered, and what is to be done.
func (s *story) standings() {
	spring := crm.Touch{Channel: "paid_search", Campaign: "spring", Source: "google", Medium: "cpc"}
	st := s.standing(aoi)
	if st.First != spring || !st.FirstAt.Equal(s.aoi.Time) || st.Last.Campaign != "newsletter" || st.Last.Channel != "email" || !st.LastAt.Equal(s.again.Time) ||
		!slices.Equal(st.Products, []string{"クラウド会計", "給与計算"}) || st.Freshness != 100 {
		s.Errorf("aoi stands at %+v", st)
	}
	if st := s.standing(kumo); st.First.Campaign != "expo" || st.Last != st.First || st.Freshness >= 100 ||
		!slices.ContainsFunc(st.Parts, func(p crm.Part) bool { return p.Code == "bounce" && p.Activity == s.failure.ID }) {
		s.Errorf("kumo stands at %+v", st)
	}
	s.wantTimes(aoi, s.promise.Time, s.call.Time, &s.promise)
	s.wantTimes(midori, s.lost.Time, s.lost.Time, nil) // both calls reached them
	s.wantTimes(kumo, s.kumo.Time, s.toKumo.Time, nil) // the call did not
	s.wantTimes(mori, s.refusal.Time, s.toMori.Time, nil)
	if waiting := items[crm.Listed](s.api, "/lists/unreplied"); len(waiting) != 1 || waiting[0].Person.ID != s.person(aoi).ID {
		s.Errorf("%d wait for an answer: %+v", len(waiting), waiting)
	}
	s.wantTasks(aoi, task{Kind: "call", Owner: sato, Due: s.day(5), What: "見積もりの感想を伺う", Origin: "call"})
	s.wantTasks(midori, task{Kind: "call", Owner: kato, Due: s.day(1), What: "午後に電話する", Origin: "call", Done: true, Doneby: s.appointment.ID})
	s.wantTasks(kumo, task{Kind: "call", Owner: kato, Due: s.day(2), What: "もう一度電話する", Origin: "call"})
	s.wantTasks(mori)
}

// decisions: what the words of mails propose is accepted, and then done.
func (s *story) decisions() {
	accept := func(p crm.Proposal, evidence string, activity crm.ExportedActivity) (done crm.Proposal) {
		if p.Activity != activity.ID || !strings.Contains(strings.Join(p.Evidence, "\n"), evidence) || !p.Raised.Equal(activity.Time) {
			s.Errorf("proposal %+v, want %q of %s", p, evidence, activity.ID)
		}
		s.api.post("/proposals/"+p.ID+"/accept", nil, &done)
		return done
	}
	if s.proposed(s.T, kumo, crm.ProposeBadAddress).Value != kumo || len(s.person(kumo).BadEmails) > 0 {
		s.Errorf("before anybody decided: %+v", s.person(kumo))
	}
	accept(s.proposed(s.T, kumo, crm.ProposeBadAddress), "User unknown", s.failure)
	if p := s.person(kumo); !slices.Equal(p.BadEmails, []string{kumo}) {
		s.Errorf("kumo's bad addresses are %v", p.BadEmails)
	}
	accept(s.proposed(s.T, mori, crm.ProposeDoNotContact), "今後のご連絡は不要です", s.refusal)
	if p := s.person(mori); !strings.Contains(p.DoNotContact, "今後のご連絡は不要です") {
		s.Errorf("mori must not be contacted because of %q", p.DoNotContact)
	}
	promised := s.proposed(s.T, aoi, crm.ProposeTask)
	if promised.Due != s.day(11) || promised.Owner != sato || !strings.Contains(promised.Value, s.promise.Subject) {
		s.Errorf("proposed %+v", promised)
	}
	done := accept(promised, "決裁の結果をご連絡", s.promise)
	s.wantTasks(aoi, task{Kind: "call", Owner: sato, Due: s.day(5), What: "見積もりの感想を伺う", Origin: "call"},
		task{Kind: "todo", Owner: sato, Due: s.day(11), What: done.Value, Origin: "proposal"})
	if open := items[crm.Proposal](s.api, "/proposals?state=open"); len(open) != 0 || len(s.proposals(midori)) != 0 {
		s.Errorf("open proposals: %+v", open)
	}
	if status, _ := s.api.ask(http.MethodPost, "/proposals/"+done.ID+"/accept", nil); status != http.StatusConflict {
		s.Errorf("accepted twice: %d", status)
	}
}
