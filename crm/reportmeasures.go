package crm

import (
	"maps"
	"slices"
)

// maxSeries is how many columns a metric is split into; what comes after them is added up in one.
const maxSeries = 40

// stacked splits a metric by its details: those of the mapping in their order, then what else was counted.
func stacked(m Metric, word, ja, en string, names []ReportName, all everything) []column {
	out := []column{countColumn("total", ja, en, all.of(m))}
	names = slices.Concat(names, otherNames(m, names, all))
	for i, n := range names {
		if i == maxSeries {
			var rest []string
			for _, r := range names[i:] {
				rest = append(rest, r.Code)
			}
			other := countColumn("other", "その他", "Others", all.only(m, rest...))
			other.Stack = true
			return append(out, other)
		}
		label := n.Label
		if label == (Label{}) {
			label = Label{JA: n.Code, EN: n.Code}
		}
		col := countColumn(word+":"+n.Code, label.JA, label.EN, all.only(m, n.Code))
		col.Stack = true
		out = append(out, col)
	}
	return out
}

// otherNames are the details that no name of the mapping has, the most frequent first: what was renamed or retired stays counted.
func otherNames(m Metric, names []ReportName, all everything) []ReportName {
	left := map[string]int64{}
	for place, k := range all.index.list {
		if n := all.cell[place].count; k.metric == m && n != 0 {
			left[k.detail] = n
		}
	}
	for _, n := range names {
		delete(left, n.Code)
	}
	codes := slices.Sorted(maps.Keys(left))
	slices.SortStableFunc(codes, func(a, b string) int { return int(min(max(left[b]-left[a], -1), 1)) })
	out := make([]ReportName, len(codes))
	for i, code := range codes {
		out[i] = ReportName{Code: code}
		if code == "" {
			out[i].Label = Label{JA: "(なし)", EN: "(none)"}
		}
	}
	return out
}

// leadColumns split leads by their request types, if there are any.
func leadColumns(leads column, all everything) []column {
	types := otherNames(MetricLeads, nil, all)
	if len(types) == 0 || len(types) == 1 && types[0].Code == "" {
		return []column{leads}
	}
	return append([]column{leads}, stacked(MetricLeads, "request", "", "", nil, all)[1:]...)
}

// funnelColumns say how many of the leads of a period ever reached a step, and how large a part of them that is.
func funnelColumns(leads column, funnel []ReportName, all everything) []column {
	out, whole := []column{leads}, all.of(MetricLeads)
	for _, step := range funnel {
		reached := all.only(MetricReached, step.Code)
		out = append(out,
			countColumn("reached:"+step.Code, step.Label.In("ja"), step.Label.In("en"), reached),
			makeColumn("rate:"+step.Code, UnitRate, step.Label.In("ja")+"の割合", step.Label.In("en")+", of all leads", share(reached, whole)))
	}
	return out
}

// share is how many of one thing there are for each of another.
func share(part, whole places) func(c reportCell) Measure {
	return func(c reportCell) Measure { return ratio(c.sum(part).count, c.sum(whole).count) }
}

// amount is what counted things add up to, and mean that for each of them.
func amount(of places) func(c reportCell) Measure {
	return func(c reportCell) Measure { return known(c.sum(of).sum) }
}

func mean(of places) func(c reportCell) Measure {
	return func(c reportCell) Measure {
		all := c.sum(of)
		return ratio(all.sum, all.count)
	}
}

func costColumns(all everything, of column, id, ja, en string) []column {
	cost := all.of(MetricCost)
	return []column{
		makeColumn("cost", UnitMoney, "費用", "Cost", amount(cost)),
		of,
		makeColumn(id, UnitMoney, ja, en, func(c reportCell) Measure { return ratio(c.sum(cost).sum, int64(of.value(c).Value)) }),
	}
}

// responseColumns: the first four are what is known of all answers, the bands count them.
func responseColumns(all everything) []column {
	titles := map[string]Label{
		BandHour: {JA: "1時間以内", EN: "Within an hour"}, BandHours: {JA: "4時間以内", EN: "Within 4 hours"}, BandDay: {JA: "24時間以内", EN: "Within 24 hours"},
		BandDays: {JA: "3日以内", EN: "Within 3 days"}, BandWeek: {JA: "7日以内", EN: "Within 7 days"}, BandLater: {JA: "7日超", EN: "Later"},
	}
	answered := all.of(MetricResponse)
	out := []column{
		countColumn("answered", "返信数", "Answered", answered),
		makeColumn("mean", UnitSeconds, "平均時間", "Mean time", mean(answered)),
		makeColumn("within_day", UnitRate, "24時間以内の割合", "Share within a day", share(all.only(MetricResponse, BandHour, BandHours, BandDay), answered)),
	}
	for _, band := range ResponseBands() {
		col := countColumn("band:"+band, titles[band].JA, titles[band].EN, all.only(MetricResponse, band))
		col.Stack = true
		out = append(out, col)
	}
	return out
}

func manualColumns(all everything) []column {
	automatic := all.only(MetricManual, ManualAutomatic)
	return []column{
		countColumn("saved", "自動で記録された件数", "Logged automatically", automatic),
		countColumn("typed", "手入力の件数", "Typed", all.only(MetricManual, ManualTyped)),
		makeColumn("share", UnitRate, "自動の割合", "Share logged automatically", share(automatic, all.of(MetricManual))),
	}
}

func wonColumns(all everything) []column {
	won, lost := all.of(MetricWon), all.of(MetricLost)
	return []column{
		countColumn("won", "受注数", "Opportunities won", won),
		makeColumn("amount", UnitMoney, "受注金額", "Amount won", amount(won)),
		makeColumn("mean_amount", UnitMoney, "平均受注金額", "Mean amount", mean(won)),
		countColumn("lost", "失注数", "Opportunities lost", lost),
		makeColumn("win_rate", UnitRate, "受注率", "Share won", share(won, slices.Concat(won, lost))),
	}
}
