package crm

import "slices"

// DefaultReportWords are the lists out of the box (seed 004).
func DefaultReportWords() ReportWords {
	name := func(code, ja, en string) ReportName { return ReportName{Code: code, Label: Label{JA: ja, EN: en}} }
	return ReportWords{
		Results: []ReportName{
			name(CallNoAnswer, "未接続", "No answer"), name(CallAgain, "再架電必要", "Call again"), name(CallMeetingWon, "アポ獲得", "Meeting won"),
			name(CallLost, "失注", "Lost"), name(CallDisqualified, "対象外", "Disqualified"),
		},
		Reasons: []ReportName{
			name("timing", "時期ずれ", "Timing"), name("cost", "コストネック", "Cost"), name("competitor", "競合導入", "Competitor"),
			name("research", "情報収集", "Research"),
		},
		Funnel: []ReportName{
			name(string(StatusWorking), "アプローチ中", "Working"), name(string(StatusScheduling), "日程調整中", "Scheduling"),
			name(string(StatusMeetingWon), "商談獲得", "Meeting won"), name(ReachedConverted, "取引開始", "Converted"),
			name(ReachedOpportunity, "商談", "Opportunity"), name(ReachedWon, "受注", "Won"),
		},
		Won: []string{string(StatusMeetingWon)},
	}
}

// What a lead reaches beside statuses (Standing.Reached).
const (
	ReachedConverted   = "converted"
	ReachedOpportunity = "opportunity"
	ReachedWon         = "won"
)

func (w ReportWords) orDefault() ReportWords {
	d := DefaultReportWords()
	if w.Results == nil {
		w.Results = d.Results
	}
	if w.Reasons == nil {
		w.Reasons = d.Reasons
	}
	if w.Funnel == nil {
		w.Funnel = d.Funnel
	}
	if w.Won == nil {
		w.Won = d.Won
	}
	return w
}

// Reports are all reports, in the order of a dashboard (seed 004), the lists last.
func Reports() []Report {
	all := []Dimension{ByOwner, ByChannel, ByCampaign}
	paid := []Dimension{ByChannel, ByCampaign}
	report := func(id ReportID, by Dimension, dims []Dimension, ja, en string) Report {
		return Report{ID: id, Title: Label{JA: ja, EN: en}, By: by, Dimensions: dims}
	}
	out := []Report{
		report(ReportMeetingsWon, ByNone, all, "アポ獲得数", "Meetings won"),
		report(ReportMeetingsWonBySource, ByChannel, all, "リードソース別アポ獲得数", "Meetings won by lead source"),
		report(ReportActivities, ByNone, all, "アクティビティ数(架電とメールの合計)", "Activities (calls and mails)"),
		report(ReportCallResults, ByNone, all, "架電の結果", "Call results"),
		report(ReportLeads, ByNone, all, "発生リード数", "Leads created"),
		report(ReportReasons, ByNone, all, "ナーチャリング理由", "Nurturing reasons"),
		report(ReportConversion, ByNone, all, "コンバージョン率", "Conversion rates"),
		report(ReportCostPerLead, ByCampaign, paid, "リード獲得単価", "Cost per lead"),
		report(ReportCostPerMeeting, ByCampaign, paid, "アポ獲得単価", "Cost per meeting won"),
		report(ReportProductDemand, ByNone, all, "商品・サービスの需要", "Product demand"),
		report(ReportResponseTime, ByNone, all, "返信までの時間", "Response time"),
		report(ReportManualSaved, ByNone, all, "省けた手入力", "Manual entries saved"),
		report(ReportWon, ByNone, all, "受注", "Opportunities won"),
		report(ReportUnreplied, ByNone, nil, "未返信", "Unreplied"),
		report(ReportExpiring, ByNone, nil, "満了が近い契約", "Expiring contracts"),
	}
	for i := range out {
		out[i].List = out[i].ID == ReportUnreplied || out[i].ID == ReportExpiring
	}
	return out
}

// ReportNamed finds a report by its ID.
func ReportNamed(id ReportID) (Report, bool) {
	all := Reports()
	i := slices.IndexFunc(all, func(r Report) bool { return r.ID == id })
	if i < 0 {
		return Report{}, false
	}
	return all[i], true
}
