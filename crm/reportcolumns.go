package crm

import "slices"

// column is a column with how its values are worked out.
type column struct {
	ReportColumn
	value func(c reportCell) Measure
}

func makeColumn(id string, unit Unit, ja, en string, value func(c reportCell) Measure) column {
	return column{ReportColumn{ID: id, Title: Label{JA: ja, EN: en}, Unit: unit}, value}
}

// countColumn counts some of what a row has.
func countColumn(id, ja, en string, of places) column {
	return makeColumn(id, UnitCount, ja, en, func(c reportCell) Measure { return known(c.sum(of).count) })
}

// reportMetrics says what a report is made of.
func reportMetrics(id ReportID) []Metric {
	switch id {
	case ReportMeetingsWon, ReportMeetingsWonBySource:
		return []Metric{MetricStatus}
	case ReportActivities:
		return []Metric{MetricActivities}
	case ReportCallResults:
		return []Metric{MetricCalls}
	case ReportLeads:
		return []Metric{MetricLeads}
	case ReportReasons:
		return []Metric{MetricReasons}
	case ReportConversion:
		return []Metric{MetricLeads, MetricReached}
	case ReportCostPerLead:
		return []Metric{MetricCost, MetricLeads}
	case ReportCostPerMeeting:
		return []Metric{MetricCost, MetricStatus}
	case ReportProductDemand:
		return []Metric{MetricProducts}
	case ReportResponseTime:
		return []Metric{MetricResponse}
	case ReportManualSaved:
		return []Metric{MetricManual}
	case ReportWon:
		return []Metric{MetricWon, MetricLost}
	}
	return nil
}

// reportColumns are the columns of a report over everything that was counted.
func reportColumns(id ReportID, w ReportWords, all everything) []column {
	won := countColumn("meetings_won", "アポ獲得数", "Meetings won", all.only(MetricStatus, w.Won...))
	leads := countColumn("leads", "リード数", "Leads", all.of(MetricLeads))
	switch id {
	case ReportMeetingsWon, ReportMeetingsWonBySource:
		return []column{won}
	case ReportActivities:
		return activityColumns(all)
	case ReportCallResults:
		return stacked(MetricCalls, "result", "架電数", "Calls", w.Results, all)
	case ReportLeads:
		return leadColumns(leads, all)
	case ReportReasons:
		return stacked(MetricReasons, "reason", "件数", "Leads", w.Reasons, all)
	case ReportConversion:
		return funnelColumns(leads, w.Funnel, all)
	case ReportCostPerLead:
		return costColumns(all, leads, "cost_per_lead", "リード獲得単価", "Cost per lead")
	case ReportCostPerMeeting:
		return costColumns(all, won, "cost_per_meeting", "アポ獲得単価", "Cost per meeting won")
	case ReportProductDemand:
		return stacked(MetricProducts, "product", "問い合わせ数", "Enquiries", nil, all)
	case ReportResponseTime:
		return responseColumns(all)
	case ReportManualSaved:
		return manualColumns(all)
	case ReportWon:
		return wonColumns(all)
	}
	return nil
}

// activityColumns count calls and mails together (seed 004), and each for itself.
func activityColumns(all everything) []column {
	details := func(kinds ...string) places { return all.only(MetricActivities, kinds...) }
	call := []string{"call/out", "call/in", "call/none"}
	mail := []string{"email/out", "email/in", "email/none"}
	out := []column{
		countColumn("total", "架電とメールの合計", "Calls and mails", details(slices.Concat(call, mail)...)),
		countColumn("calls", "架電", "Calls", details(call...)),
		countColumn("mails_sent", "送信メール", "Mails sent", details("email/out", "email/none")),
		countColumn("mails_received", "受信メール", "Mails received", details("email/in")),
	}
	for i := range out[1:] {
		out[i+1].Stack = true
	}
	meetings := []string{"meeting/in", "meeting/out", "meeting/none", "meeting/internal"}
	return append(out, countColumn("meetings", "会議", "Meetings", details(meetings...)),
		countColumn("forms", "フォーム", "Forms", details("form/in", "form/none")))
}
