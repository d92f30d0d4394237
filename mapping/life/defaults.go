package life

import (
	"cmp"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Default is the section that holds where the mapping says nothing: the statuses, reasons, call results and stages of the
// product, and rules that move a lead by what mails, calls and meetings show.
func Default() Document {
	on := true
	return Document{
		Statuses: defaultStatuses(), Reasons: defaultReasons(), Results: defaultResults(), Stages: defaultStages(), Rules: defaultRules(),
		FollowUp: FollowUp{After: "120d", Oldest: "365d", Reply: "8h"},
		Hours:    Hours{From: "09:00", To: "18:00", Days: []string{"mon", "tue", "wed", "thu", "fri"}, Holidays: HolidaysJapan},
		Accounts: &on, FiscalStart: 4,
	}
}

func named(name, ja, en string) Name { return Name{Name: name, Label: Label{Ja: ja, En: en}} }

func defaultStatuses() []Status {
	return []Status{
		{Name: named(string(crm.StatusNew), "新規", "New")},
		{Name: named(string(crm.StatusWorking), "アプローチ中", "Working")},
		{Name: named(string(crm.StatusScheduling), "日程調整中", "Scheduling")},
		{Name: named(string(crm.StatusMeetingWon), "商談獲得", "Meeting won"), Won: true},
		{Name: named(string(crm.StatusUntouched), "未接触", "Untouched")},
		{Name: named(string(crm.StatusNurturing), "ナーチャリング(次アクションなし)", "Nurturing (no next action)"), Reason: true},
		{Name: named(string(crm.StatusNurturingPlanned), "ナーチャリング(次アクションあり)", "Nurturing (next action planned)"), Reason: true, Next: true},
		{Name: named(string(crm.StatusDisqualified), "対象外", "Disqualified"), Closed: true},
	}
}

func defaultReasons() []Name {
	return []Name{
		named("timing", "時期ずれ", "Bad timing"), named("cost", "コストネック", "Cost"),
		named("competitor", "競合導入", "Chose a competitor"), named("research", "情報収集", "Only gathering information"),
	}
}

func defaultResults() []Result {
	return []Result{
		{Name: named(crm.CallNoAnswer, "未接続", "No answer"), Next: true},
		{Name: named(crm.CallAgain, "再架電必要", "Call again"), Next: true, Connected: true},
		{Name: named(crm.CallMeetingWon, "アポ獲得", "Meeting won"), Connected: true},
		{Name: named(crm.CallLost, "失注", "Lost"), Connected: true},
		{Name: named(crm.CallDisqualified, "対象外", "Disqualified")},
	}
}

func defaultStages() []DealStage {
	return []DealStage{
		{Name: named(string(crm.StageProspect), "見込み", "Prospect")},
		{Name: named(string(crm.StageProposal), "提案", "Proposal")},
		{Name: named(string(crm.StageNegotiation), "交渉", "Negotiation")},
		{Name: named(string(crm.StageWon), "受注", "Won"), Ends: EndsWon},
		{Name: named(string(crm.StageLost), "失注", "Lost"), Ends: EndsLost},
	}
}

// defaultRules move a lead. Of two rules for the same event the first that fits counts, so what ends a lead stands before
// what merely shows that it is worked on.
func defaultRules() []Rule {
	const (
		untouched, working, scheduling = string(crm.StatusUntouched), string(crm.StatusWorking), string(crm.StatusScheduling)
		won, nurturing, planned        = string(crm.StatusMeetingWon), string(crm.StatusNurturing), string(crm.StatusNurturingPlanned)
		disqualified, begun            = string(crm.StatusDisqualified), string(crm.StatusNew)
	)
	return []Rule{
		{Name: "refusal", On: crm.EventRefusal, To: disqualified},
		{Name: "left", On: crm.EventLeft, To: disqualified},
		{Name: "call_disqualified", On: crm.EventCall, Result: []string{crm.CallDisqualified}, To: disqualified},
		{Name: "call_meeting_won", On: crm.EventCall, Result: []string{crm.CallMeetingWon}, To: won},
		{Name: "call_lost_next_action", On: crm.EventCall, Result: []string{crm.CallLost}, If: "activity.next_action",
			From: []string{begun, untouched, working, scheduling, won, nurturing}, To: planned, Reason: "timing"},
		{Name: "call_lost", On: crm.EventCall, Result: []string{crm.CallLost},
			From: []string{begun, untouched, working, scheduling, won, planned}, To: nurturing, Reason: "timing"},
		{Name: "meeting_accepted", On: crm.EventMeetingAccepted, To: won},
		{Name: "meeting_planned", On: crm.EventMeetingPlanned, To: won},
		{Name: "meeting_held", On: crm.EventMeetingHeld, To: won},
		{Name: "meeting_no_show", On: crm.EventMeetingNoShow, From: []string{won}, To: scheduling},
		{Name: "meeting_cancelled", On: crm.EventMeetingCancelled, From: []string{won}, To: scheduling},
		{Name: "dates_proposed", On: crm.EventDatesProposed, If: `activity.direction == "in" || activity.reply`,
			From: []string{begun, untouched, working, nurturing, planned}, To: scheduling},
		{Name: "first_mail", On: crm.EventMailSent, From: []string{begun, untouched}, To: working},
		{Name: "first_call", On: crm.EventCall, From: []string{begun, untouched}, To: working},
		{Name: "wrote_again", On: crm.EventMailReceived, From: []string{untouched, nurturing, planned}, To: working},
		{Name: "enquired_again", On: crm.EventFormReceived, From: []string{untouched, nurturing, planned}, To: working},
		{Name: "bounce_hard", On: crm.EventBounceHard, From: []string{begun, working, scheduling}, To: untouched},
		{Name: "silence", On: crm.EventSilence, After: "30d", From: []string{working, scheduling}, To: nurturing, Reason: "timing"},
	}
}

// complete fills what the section leaves out with the defaults: each list and each setting as a whole.
func complete(doc Document) Document {
	d := Default()
	if doc.Statuses == nil {
		doc.Statuses = d.Statuses
	}
	if doc.Reasons == nil {
		doc.Reasons = d.Reasons
	}
	if doc.Results == nil {
		doc.Results = d.Results
	}
	if doc.Stages == nil {
		doc.Stages = d.Stages
	}
	if doc.Rules == nil {
		doc.Rules = fitting(d.Rules, &doc)
	}
	f, h := &doc.FollowUp, &doc.Hours
	f.After, f.Oldest, f.Reply = cmp.Or(f.After, d.FollowUp.After), cmp.Or(f.Oldest, d.FollowUp.Oldest), cmp.Or(f.Reply, d.FollowUp.Reply)
	h.From, h.To, h.Holidays = cmp.Or(h.From, d.Hours.From), cmp.Or(h.To, d.Hours.To), cmp.Or(h.Holidays, d.Hours.Holidays)
	if h.Days == nil {
		h.Days = d.Hours.Days
	}
	if doc.Accounts == nil {
		doc.Accounts = d.Accounts
	}
	doc.FiscalStart = cmp.Or(doc.FiscalStart, d.FiscalStart)
	return doc
}

// fitting are the default rules as far as the section's own lists have what they name, in use. A rule that would lead
// nowhere, from nowhere or without its reason is left out.
func fitting(rules []Rule, doc *Document) []Rule {
	has := func(status string) bool {
		return slices.ContainsFunc(doc.Statuses, func(s Status) bool { return s.Name.Name == status })
	}
	var out []Rule
	for _, r := range rules {
		from := slices.DeleteFunc(slices.Clone(r.From), func(status string) bool { return !has(status) })
		results := slices.DeleteFunc(slices.Clone(r.Result), func(result string) bool {
			return !slices.ContainsFunc(doc.Results, func(known Result) bool { return known.Name.Name == result })
		})
		to := slices.IndexFunc(doc.Statuses, func(s Status) bool { return s.Name.Name == r.To })
		if to < 0 || doc.Statuses[to].Retired || len(from) == 0 && len(r.From) > 0 || len(results) == 0 && len(r.Result) > 0 {
			continue
		}
		if wants := doc.Statuses[to].Reason; !wants {
			r.Reason = ""
		} else if !slices.ContainsFunc(doc.Reasons, func(n Name) bool { return n.Name == r.Reason && !n.Retired }) {
			continue
		}
		r.From, r.Result = from, results
		out = append(out, r)
	}
	if out == nil {
		return []Rule{}
	}
	return out
}
