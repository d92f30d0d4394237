package crm

import (
	"maps"
	"slices"
)

// maxSeries is how many columns a metric is split into; what comes after them is added up in one.
const maxSeries = 40

// stacked splits a metric by its details: those of the mapping in their order, then what else was counted.
func stacked(m Metric, word, ja, en string, names []ReportName, all reportCell) []column {
	out := []column{countColumn("total", ja, en, func(c reportCell) int64 { return c.of(m).count })}
	names = slices.Concat(names, otherNames(m, names, all))
	for i, n := range names {
		if i == maxSeries {
			var rest []string
			for _, r := range names[i:] {
				rest = append(rest, r.Code)
			}
			other := countColumn("other", "その他", "Others", func(c reportCell) int64 { return c.counted(m, rest...) })
			other.Stack = true
			return append(out, other)
		}
		label := n.Label
		if label == (Label{}) {
			label = Label{JA: n.Code, EN: n.Code}
		}
		col := countColumn(word+":"+n.Code, label.JA, label.EN, func(c reportCell) int64 { return c.counted(m, n.Code) })
		col.Stack = true
		out = append(out, col)
	}
	return out
}

// otherNames are the details that no name of the mapping has, the most frequent first: what was renamed or retired stays counted.
func otherNames(m Metric, names []ReportName, all reportCell) []ReportName {
	left := map[string]int64{}
	for k, s := range all {
		if k.metric == m && s.count != 0 {
			left[k.detail] = s.count
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
func leadColumns(leads column, all reportCell) []column {
	types := otherNames(MetricLeads, nil, all)
	if len(types) == 0 || len(types) == 1 && types[0].Code == "" {
		return []column{leads}
	}
	return append([]column{leads}, stacked(MetricLeads, "request", "", "", nil, all)[1:]...)
}

// funnelColumns say how many of the leads of a period ever reached a step, and how large a part of them that is.
func funnelColumns(leads column, funnel []ReportName) []column {
	out := []column{leads}
	for _, step := range funnel {
		reached := func(c reportCell) int64 { return c.counted(MetricReached, step.Code) }
		out = append(out,
			countColumn("reached:"+step.Code, step.Label.In("ja"), step.Label.In("en"), reached),
			makeColumn("rate:"+step.Code, UnitRate, step.Label.In("ja")+"の割合", "Share "+step.Label.In("en"), func(c reportCell) Measure {
				return ratio(reached(c), c.of(MetricLeads).count)
			}))
	}
	return out
}

func costColumns(of column, id, ja, en string) []column {
	return []column{
		makeColumn("cost", UnitMoney, "費用", "Cost", func(c reportCell) Measure { return known(c.of(MetricCost).sum) }),
		of,
		makeColumn(id, UnitMoney, ja, en, func(c reportCell) Measure { return ratio(c.of(MetricCost).sum, int64(of.value(c).Value)) }),
	}
}

// responseColumns: the first four are what is known of all answers, the bands count them.
func responseColumns() []column {
	titles := map[string]Label{
		BandHour: {JA: "1時間以内", EN: "Within an hour"}, BandHours: {JA: "4時間以内", EN: "Within 4 hours"}, BandDay: {JA: "24時間以内", EN: "Within 24 hours"},
		BandDays: {JA: "3日以内", EN: "Within 3 days"}, BandWeek: {JA: "7日以内", EN: "Within 7 days"}, BandLater: {JA: "7日超", EN: "Later"},
	}
	out := []column{
		countColumn("answered", "返信数", "Answered", func(c reportCell) int64 { return c.of(MetricResponse).count }),
		makeColumn("mean", UnitSeconds, "平均時間", "Mean time", func(c reportCell) Measure {
			all := c.of(MetricResponse)
			return ratio(all.sum, all.count)
		}),
		makeColumn("within_day", UnitRate, "24時間以内の割合", "Share within a day", func(c reportCell) Measure {
			return ratio(c.counted(MetricResponse, BandHour, BandHours, BandDay), c.of(MetricResponse).count)
		}),
	}
	for _, band := range ResponseBands() {
		col := countColumn("band:"+band, titles[band].JA, titles[band].EN, func(c reportCell) int64 { return c.counted(MetricResponse, band) })
		col.Stack = true
		out = append(out, col)
	}
	return out
}

func manualColumns() []column {
	automatic := func(c reportCell) int64 { return c.counted(MetricManual, ManualAutomatic) }
	return []column{
		countColumn("saved", "自動で記録された件数", "Recorded by itself", automatic),
		countColumn("typed", "手入力の件数", "Typed", func(c reportCell) int64 { return c.counted(MetricManual, ManualTyped) }),
		makeColumn("share", UnitRate, "自動の割合", "Share recorded by itself", func(c reportCell) Measure {
			return ratio(automatic(c), c.of(MetricManual).count)
		}),
	}
}

func wonColumns() []column {
	won := func(c reportCell) int64 { return c.of(MetricWon).count }
	return []column{
		countColumn("won", "受注数", "Deals won", won),
		makeColumn("amount", UnitMoney, "受注金額", "Amount won", func(c reportCell) Measure { return known(c.of(MetricWon).sum) }),
		makeColumn("mean_amount", UnitMoney, "平均受注金額", "Mean amount", func(c reportCell) Measure { return ratio(c.of(MetricWon).sum, won(c)) }),
		countColumn("lost", "失注数", "Deals lost", func(c reportCell) int64 { return c.of(MetricLost).count }),
		makeColumn("win_rate", UnitRate, "受注率", "Share won", func(c reportCell) Measure { return ratio(won(c), won(c)+c.of(MetricLost).count) }),
	}
}
