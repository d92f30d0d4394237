package crm_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// counted is a fact with the days of the organisation, and a source of numbers that adds them up as a store does.
type counted struct {
	metric                        crm.Metric
	day, owner, channel, campaign string
	detail                        string
	sum                           int64
}

type facts []counted

func (f facts) Numbers(_ context.Context, q crm.NumberQuery) ([]crm.Number, error) {
	limits := 0
	for _, set := range []bool{q.Owner != nil || q.By == crm.ByOwner, q.Channel != nil || q.By == crm.ByChannel, q.Campaign != nil || q.By == crm.ByCampaign} {
		if set {
			limits++
		}
	}
	if limits > 1 && q.Grain == crm.GrainDay {
		return nil, errors.New("not told")
	}
	type place struct{ period, key, detail string }
	sums := map[place]crm.Number{}
	for _, one := range f {
		period, from, to := one.day, q.From, q.To
		if q.Grain == crm.GrainMonth {
			period, from, to = period[:7], from[:7], to[:7]
		}
		owners := strings.Split(one.owner, ",")
		if one.metric != q.Metric || period < from || period > to || q.Owner != nil && !slices.Contains(owners, *q.Owner) ||
			q.Channel != nil && one.channel != *q.Channel || q.Campaign != nil && one.campaign != *q.Campaign {
			continue
		}
		keys := map[crm.Dimension][]string{crm.ByNone: {""}, crm.ByOwner: owners, crm.ByChannel: {one.channel}, crm.ByCampaign: {one.campaign}}[q.By]
		for _, key := range keys {
			p := place{period, key, one.detail}
			n := sums[p]
			sums[p] = crm.Number{Period: period, Key: key, Detail: one.detail, Count: n.Count + 1, Sum: n.Sum + one.sum}
		}
	}
	var out []crm.Number
	for _, n := range sums {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b crm.Number) int {
		return cmp.Or(strings.Compare(a.Period, b.Period), strings.Compare(a.Key, b.Key), strings.Compare(a.Detail, b.Detail))
	})
	return out, nil
}

// autumn are the numbers of two months and a bit, counted by hand in the tests.
func autumn() facts {
	const s, i = "sato", "ito"
	return facts{
		{metric: crm.MetricStatus, day: "2026-10-31", owner: s, channel: "web", detail: "meeting_won"},
		{metric: crm.MetricStatus, day: "2026-11-01", owner: s, channel: "web", campaign: "Expo", detail: "meeting_won"},
		{metric: crm.MetricStatus, day: "2026-11-02", owner: "ito,sato", channel: "referral", detail: "meeting_won"},
		{metric: crm.MetricStatus, day: "2026-11-30", owner: i, channel: "web", campaign: "EXPO", detail: "meeting_won"},
		{metric: crm.MetricStatus, day: "2026-11-30", owner: i, channel: "web", detail: "working"},

		{metric: crm.MetricLeads, day: "2026-11-01", owner: s, channel: "web", campaign: "expo", detail: "demo"},
		{metric: crm.MetricLeads, day: "2026-11-03", owner: s, channel: "web", campaign: "Expo", detail: "demo"},
		{metric: crm.MetricLeads, day: "2026-11-09", owner: i, channel: "web", campaign: "expo", detail: "quote"},
		{metric: crm.MetricLeads, day: "2026-11-09", owner: i, channel: "referral", detail: "quote"},
		{metric: crm.MetricReached, day: "2026-11-01", owner: s, channel: "web", campaign: "expo", detail: "working"},
		{metric: crm.MetricReached, day: "2026-11-01", owner: s, channel: "web", campaign: "expo", detail: "meeting_won"},
		{metric: crm.MetricReached, day: "2026-11-09", owner: i, channel: "referral", detail: "working"},
		{metric: crm.MetricReached, day: "2026-11-03", owner: s, channel: "web", campaign: "expo", detail: "working"},
		{metric: crm.MetricCost, day: "2026-11-05", channel: "web", campaign: "expo", sum: 30000},
		{metric: crm.MetricCost, day: "2026-11-30", channel: "web", campaign: "expo", sum: 15000},
		{metric: crm.MetricCost, day: "2026-10-05", channel: "mail", campaign: "dm", sum: 500},

		{metric: crm.MetricActivities, day: "2026-11-02", owner: s, detail: "call/out"},
		{metric: crm.MetricActivities, day: "2026-11-02", owner: s, detail: "email/out"},
		{metric: crm.MetricActivities, day: "2026-11-08", owner: s, detail: "email/in"},
		{metric: crm.MetricActivities, day: "2026-11-09", owner: s, detail: "meeting/none"},
		{metric: crm.MetricCalls, day: "2026-11-02", owner: s, detail: "no_answer"},
		{metric: crm.MetricCalls, day: "2026-11-03", owner: s, detail: "no_answer"},
		{metric: crm.MetricCalls, day: "2026-11-03", owner: s, detail: "lost"},
		{metric: crm.MetricCalls, day: "2026-11-03", owner: s, detail: "voicemail"},
		{metric: crm.MetricReasons, day: "2026-11-03", owner: s, detail: "timing"},
		{metric: crm.MetricReasons, day: "2026-11-03", owner: s, detail: "timing"},
		{metric: crm.MetricProducts, day: "2026-11-03", owner: s, detail: "CRM"},
		{metric: crm.MetricProducts, day: "2026-11-04", owner: s, detail: "SFA"},
		{metric: crm.MetricProducts, day: "2026-11-04", owner: s, detail: "SFA"},
		{metric: crm.MetricResponse, day: "2026-11-04", owner: s, detail: crm.BandHour, sum: 1800},
		{metric: crm.MetricResponse, day: "2026-11-04", owner: s, detail: crm.BandDay, sum: 43200},
		{metric: crm.MetricResponse, day: "2026-11-04", owner: s, detail: crm.BandLater, sum: 900000},
		{metric: crm.MetricManual, day: "2026-11-04", owner: s, detail: crm.ManualAutomatic},
		{metric: crm.MetricManual, day: "2026-11-04", owner: s, detail: crm.ManualAutomatic},
		{metric: crm.MetricManual, day: "2026-11-04", owner: s, detail: crm.ManualAutomatic},
		{metric: crm.MetricManual, day: "2026-11-04", owner: s, detail: crm.ManualTyped},
		{metric: crm.MetricWon, day: "2026-11-04", owner: s, channel: "web", campaign: "expo", detail: "won", sum: 1000},
		{metric: crm.MetricWon, day: "2026-11-05", owner: s, detail: "signed", sum: 500},
		{metric: crm.MetricLost, day: "2026-11-05", owner: i, detail: "lost", sum: 200},
	}
}

// shown is a row as "period key value value"; - is what is not known.
func shown(rows []crm.ReportRow) (out []string) {
	for _, r := range rows {
		out = append(out, strings.TrimSpace(r.Period+" "+r.Key)+": "+values(r.Values))
	}
	return out
}

func values(list []crm.Measure) string {
	var out []string
	for _, m := range list {
		b, _ := m.MarshalJSON()
		if !m.Known {
			b = []byte("-")
		}
		out = append(out, string(b))
	}
	return strings.Join(out, " ")
}

func columns(t crm.ReportTable) string {
	var out []string
	for _, c := range t.Columns {
		out = append(out, c.ID)
	}
	return strings.Join(out, " ")
}

func dimension(d crm.Dimension) *crm.Dimension { return &d }

func TestReports(t *testing.T) {
	november := crm.ReportQuery{From: "2026-11-01", To: "2026-11-30"}
	for _, test := range []struct {
		name    string
		id      crm.ReportID
		edit    func(q *crm.ReportQuery)
		columns string
		rows    []string
		keys    []string
		totals  string
		before  string // period and totals
	}{
		{name: "meetings won by month", id: crm.ReportMeetingsWon, edit: func(q *crm.ReportQuery) { q.From = "2026-10-15" },
			columns: "meetings_won", rows: []string{"2026-10: 1", "2026-11: 3"}, totals: "4", before: "2026-08-01 2026-09-30 0"},
		{name: "by lead source", id: crm.ReportMeetingsWonBySource, columns: "meetings_won",
			rows: []string{"2026-11 referral: 1", "2026-11 web: 2"}, keys: []string{"web: 2", "referral: 1"}, totals: "3", before: "2026-10-01 2026-10-31 1"},
		{name: "by owner: what has two counts once in the total", id: crm.ReportMeetingsWon, edit: func(q *crm.ReportQuery) { q.By = dimension(crm.ByOwner) },
			columns: "meetings_won", rows: []string{"2026-11 ito: 2", "2026-11 sato: 2"}, keys: []string{"ito: 2", "sato: 2"}, totals: "3", before: "2026-10-01 2026-10-31 1"},
		{name: "by campaign, however it is written", id: crm.ReportMeetingsWon, edit: func(q *crm.ReportQuery) { q.By = dimension(crm.ByCampaign) },
			columns: "meetings_won", rows: []string{"2026-11: 1", "2026-11 EXPO: 2"}, keys: []string{"EXPO: 2", ": 1"}, totals: "3", before: "2026-10-01 2026-10-31 1"},
		{name: "of a campaign", id: crm.ReportMeetingsWon, edit: func(q *crm.ReportQuery) { q.Campaign = word("ｅｘｐｏ") },
			columns: "meetings_won", rows: []string{"2026-11: 2"}, totals: "2", before: "2026-10-01 2026-10-31 0"},
		{name: "of a campaign by owner", id: crm.ReportMeetingsWon, edit: func(q *crm.ReportQuery) { q.Campaign, q.By = word("expo"), dimension(crm.ByOwner) },
			columns: "meetings_won", rows: []string{"2026-11 ito: 1", "2026-11 sato: 1"}, keys: []string{"ito: 1", "sato: 1"}, totals: "2", before: "2026-10-01 2026-10-31 0"},
		{name: "of an owner by week", id: crm.ReportMeetingsWon, edit: func(q *crm.ReportQuery) { q.Owner, q.Grain, q.To = word("sato"), crm.GrainWeek, "2026-11-04" },
			columns: "meetings_won", rows: []string{"2026-10-26: 2", "2026-11-02: 1"}, totals: "3", before: "2026-10-12 2026-10-25 0"},
		{name: "with another status that counts", id: crm.ReportMeetingsWon, edit: func(q *crm.ReportQuery) { q.Words.Won = []string{"working", "meeting_won"} },
			columns: "meetings_won", rows: []string{"2026-11: 4"}, totals: "4", before: "2026-10-01 2026-10-31 1"},
		{name: "activities by week", id: crm.ReportActivities, edit: func(q *crm.ReportQuery) { q.Grain, q.From, q.To = crm.GrainWeek, "2026-11-04", "2026-11-10" },
			columns: "total calls mails_sent mails_received meetings forms", rows: []string{"2026-11-02: 3 1 1 1 0 0", "2026-11-09: 0 0 0 0 1 0"},
			totals: "3 1 1 1 1 0", before: "2026-10-19 2026-11-01 0 0 0 0 0 0"},
		{name: "call results by day, stacked", id: crm.ReportCallResults, edit: func(q *crm.ReportQuery) { q.Grain, q.From, q.To = crm.GrainDay, "2026-11-02", "2026-11-04" },
			columns: "total result:no_answer result:call_again result:meeting_won result:lost result:disqualified result:voicemail",
			rows:    []string{"2026-11-02: 1 1 0 0 0 0 0", "2026-11-03: 3 1 0 0 1 0 1", "2026-11-04: 0 0 0 0 0 0 0"}, totals: "4 2 0 0 1 0 1", before: "2026-10-30 2026-11-01 0 0 0 0 0 0 0"},
		{name: "leads by request type", id: crm.ReportLeads, columns: "leads request:demo request:quote", rows: []string{"2026-11: 4 2 2"}, totals: "4 2 2", before: "2026-10-01 2026-10-31 0 0 0"},
		{name: "nurturing reasons", id: crm.ReportReasons, columns: "total reason:timing reason:cost reason:competitor reason:research",
			rows: []string{"2026-11: 2 2 0 0 0"}, totals: "2 2 0 0 0", before: "2026-10-01 2026-10-31 0 0 0 0 0"},
		{name: "conversion by source", id: crm.ReportConversion, edit: func(q *crm.ReportQuery) {
			q.By, q.Words.Funnel = dimension(crm.ByChannel), []crm.ReportName{{Code: "working"}, {Code: "meeting_won"}}
		}, columns: "leads reached:working rate:working reached:meeting_won rate:meeting_won",
			rows: []string{"2026-11 referral: 1 1 1 0 0", "2026-11 web: 3 2 0.6666666666666666 1 0.3333333333333333"},
			keys: []string{"web: 3 2 0.6666666666666666 1 0.3333333333333333", "referral: 1 1 1 0 0"}, totals: "4 3 0.75 1 0.25", before: "2026-10-01 2026-10-31 0 0 - 0 -"},
		{name: "cost per lead", id: crm.ReportCostPerLead, edit: func(q *crm.ReportQuery) { q.From = "2026-10-01" }, columns: "cost leads cost_per_lead",
			rows: []string{"2026-10 dm: 500 0 -", "2026-11: 0 1 0", "2026-11 expo: 45000 3 15000"},
			keys: []string{"expo: 45000 3 15000", "dm: 500 0 -", ": 0 1 0"}, totals: "45500 4 11375", before: "2026-08-01 2026-09-30 0 0 -"},
		{name: "cost per meeting", id: crm.ReportCostPerMeeting, columns: "cost meetings_won cost_per_meeting",
			rows: []string{"2026-11: 0 1 0", "2026-11 expo: 45000 2 22500"}, keys: []string{"expo: 45000 2 22500", ": 0 1 0"},
			totals: "45000 3 15000", before: "2026-10-01 2026-10-31 500 1 500"},
		{name: "product demand, the most wanted first", id: crm.ReportProductDemand, columns: "total product:SFA product:CRM", rows: []string{"2026-11: 3 2 1"},
			totals: "3 2 1", before: "2026-10-01 2026-10-31 0 0 0"},
		{name: "response time", id: crm.ReportResponseTime, columns: "answered mean within_day band:1h band:4h band:24h band:3d band:7d band:later",
			rows: []string{"2026-11: 3 315000 0.6666666666666666 1 0 1 0 0 1"}, totals: "3 315000 0.6666666666666666 1 0 1 0 0 1", before: "2026-10-01 2026-10-31 0 - - 0 0 0 0 0 0"},
		{name: "manual entries saved", id: crm.ReportManualSaved, columns: "saved typed share", rows: []string{"2026-11: 3 1 0.75"}, totals: "3 1 0.75", before: "2026-10-01 2026-10-31 0 0 -"},
		{name: "won", id: crm.ReportWon, columns: "won amount mean_amount lost win_rate", rows: []string{"2026-11: 2 1500 750 1 0.6666666666666666"},
			totals: "2 1500 750 1 0.6666666666666666", before: "2026-10-01 2026-10-31 0 0 - 0 -"},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := november
			q.ID = test.id
			if test.edit != nil {
				test.edit(&q)
			}
			got, err := crm.RunReport(t.Context(), autumn(), q)
			if err != nil {
				t.Fatal(err)
			}
			before := got.Previous.From + " " + got.Previous.To + " " + values(got.Previous.Totals)
			if diff := gocmp.Diff(test.columns, columns(got)) + gocmp.Diff(test.rows, shown(got.Rows)) + gocmp.Diff(test.keys, shown(got.Keys)) +
				gocmp.Diff(test.totals, values(got.Totals)) + gocmp.Diff(test.before, before); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, c := range got.Columns {
				if c.Unit == "" || c.Title.JA == "" && test.id != crm.ReportConversion {
					t.Errorf("column %+v", c)
				}
			}
		})
	}
}

func word(s string) *string { return &s }

func TestReportRefused(t *testing.T) {
	for name, q := range map[string]crm.ReportQuery{
		"no report":                    {ID: "sales", From: "2026-11-01", To: "2026-11-30"},
		"a list":                       {ID: crm.ReportUnreplied, From: "2026-11-01", To: "2026-11-30"},
		"no day":                       {ID: crm.ReportWon, From: "2026-11-31", To: "2026-12-01"},
		"days the wrong way":           {ID: crm.ReportWon, From: "2026-11-02", To: "2026-11-01"},
		"a dimension it has not":       {ID: crm.ReportCostPerLead, By: dimension(crm.ByOwner), From: "2026-11-01", To: "2026-11-30"},
		"costs of an owner":            {ID: crm.ReportCostPerLead, Owner: word("sato"), From: "2026-11-01", To: "2026-11-30"},
		"too many days":                {ID: crm.ReportWon, Grain: crm.GrainDay, From: "2024-11-01", To: "2026-11-30"},
		"too many weeks":               {ID: crm.ReportWon, Grain: crm.GrainWeek, From: "2020-11-01", To: "2026-11-30"},
		"too many months":              {ID: crm.ReportWon, From: "1990-11-01", To: "2026-11-30"},
		"another grain":                {ID: crm.ReportWon, Grain: "hour", From: "2026-11-01", To: "2026-11-30"},
		"two restrictions by week":     {ID: crm.ReportWon, Grain: crm.GrainWeek, Owner: word("sato"), Channel: word("web"), From: "2026-11-01", To: "2026-11-30"},
		"two restrictions by day, too": {ID: crm.ReportWon, Grain: crm.GrainDay, Owner: word("sato"), By: dimension(crm.ByChannel), From: "2026-11-01", To: "2026-11-30"},
	} {
		if _, err := crm.RunReport(t.Context(), autumn(), q); !errors.Is(err, crm.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDashboardItems: the items of the dashboard of seed 004 (004_88eb0b36da6bc938.txt), ＜ダッシュボード基本項目＞, are reports.
func TestDashboardItems(t *testing.T) {
	for item, want := range map[string]struct {
		id crm.ReportID
		by crm.Dimension
	}{
		"月次アポ獲得数": {crm.ReportMeetingsWon, crm.ByNone}, "月次リードソース別アポ獲得数": {crm.ReportMeetingsWonBySource, crm.ByChannel},
		"月間アクティビティ数": {crm.ReportActivities, crm.ByNone}, "月次/週次/日次それぞれの架電結果": {crm.ReportCallResults, crm.ByNone},
		"月次/週次/日次の発生リード数": {crm.ReportLeads, crm.ByNone}, "コストネック・競合利用・個人興味での情報収集": {crm.ReportReasons, crm.ByNone},
	} {
		for _, grain := range []crm.Grain{crm.GrainDay, crm.GrainWeek, crm.GrainMonth} {
			got, err := crm.RunReport(t.Context(), autumn(), crm.ReportQuery{ID: want.id, Grain: grain, From: "2026-11-01", To: "2026-11-30"})
			if err != nil || got.By != want.by || len(got.Rows) == 0 {
				t.Errorf("%s by %s: %+v %v", item, grain, got, err)
			}
		}
	}
	seen := map[crm.ReportID]bool{}
	for _, r := range crm.Reports() {
		if seen[r.ID] || r.Title.JA == "" || r.Title.EN == "" {
			t.Errorf("report %+v", r)
		}
		seen[r.ID] = true
	}
}

func TestMeasureJSON(t *testing.T) {
	in := []crm.Measure{{Value: 0.5, Known: true}, {}, {Value: 9_000_000_000_000_000, Known: true}, {Known: true}}
	b, err := json.Marshal(in)
	if err != nil || string(b) != "[0.5,null,9000000000000000,0]" {
		t.Fatalf("%s %v", b, err)
	}
	var out []crm.Measure
	if err := json.Unmarshal(b, &out); err != nil || !slices.Equal(in, out) {
		t.Errorf("%+v %v", out, err)
	}
}

func TestResolveRange(t *testing.T) {
	const today = "2026-11-22" // a Sunday
	for _, test := range []struct {
		name  string
		start int
		want  string
	}{
		{"today", 0, "2026-11-22 2026-11-22"}, {"yesterday", 0, "2026-11-21 2026-11-21"},
		{"this_week", 0, "2026-11-16 2026-11-22"}, {"last_week", 0, "2026-11-09 2026-11-15"},
		{"this_month", 0, "2026-11-01 2026-11-30"}, {"last_month", 0, "2026-10-01 2026-10-31"},
		{"this_quarter", 0, "2026-10-01 2026-12-31"}, {"last_quarter", 0, "2026-07-01 2026-09-30"},
		{"this_quarter", 2, "2026-11-01 2027-01-31"}, {"last_quarter", 12, "2026-06-01 2026-08-31"},
		{"fiscal_year", 0, "2026-04-01 2027-03-31"}, {"fiscal_year", 1, "2026-01-01 2026-12-31"}, {"fiscal_year", 12, "2025-12-01 2026-11-30"},
		{"last_fiscal_year", 4, "2025-04-01 2026-03-31"},
		{"last_90d", 0, "2026-08-25 2026-11-22"}, {"last_1d", 0, "2026-11-22 2026-11-22"}, {"last_2w", 0, "2026-11-09 2026-11-22"},
		{"last_12m", 0, "2025-12-01 2026-11-30"}, {"2026-02", 0, "2026-02-01 2026-02-28"}, {"2026-11-03", 0, "2026-11-03 2026-11-03"},
		{"2026-04-01..2026-06-30", 0, "2026-04-01 2026-06-30"},
		{"", 0, ""}, {"last_d", 0, ""}, {"last_0d", 0, ""}, {"last_9y", 0, ""}, {"2026-13", 0, ""}, {"2026-06-30..2026-04-01", 0, ""}, {"last_99999d", 0, ""},
	} {
		from, to, err := crm.ResolveRange(test.name, today, test.start)
		if got := strings.TrimSpace(from + " " + to); got != test.want || (err != nil) != (test.want == "") || err != nil && !errors.Is(err, crm.ErrRefused) {
			t.Errorf("%q from month %d: %q, %v; want %q", test.name, test.start, got, err, test.want)
		}
	}
	if _, _, err := crm.ResolveRange("today", "now", 0); err == nil {
		t.Error("today is no day")
	}
}

func TestFiscalYears(t *testing.T) {
	for _, test := range []struct {
		day   string
		start int
		want  int
	}{{"2026-03-31", 0, 2025}, {"2026-04-01", 0, 2026}, {"2026-04-01", 13, 2026}, {"2026-12-31", 1, 2026}, {"2026-11-30", 12, 2025}, {"x", 4, 0}} {
		if got := crm.FiscalYear(test.day, test.start); got != test.want {
			t.Errorf("%s from month %d: %d", test.day, test.start, got)
		}
	}
	months := crm.FiscalMonths(2026, 4)
	if len(months) != 12 || months[0] != "2026-04" || months[8] != "2026-12" || months[11] != "2027-03" {
		t.Errorf("%v", months)
	}
}

func TestResponseBand(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "1h", time.Hour: "1h", time.Hour + 1: "4h", 4 * time.Hour: "4h", 24 * time.Hour: "24h", 24*time.Hour + 1: "3d",
		72 * time.Hour: "3d", 168 * time.Hour: "7d", 169 * time.Hour: "later"} {
		if got := crm.ResponseBand(d); got != want || !slices.Contains(crm.ResponseBands(), got) {
			t.Errorf("%v: %s", d, got)
		}
	}
}
