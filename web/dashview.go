package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// dashLook is how a table of numbers is looked at: which columns are drawn, and how.
type dashLook struct {
	t      *crm.ReportTable
	sp     *speaker
	base   url.Values // what was asked, for links; without range
	before []crm.Measure
	linked func(column string) bool // whether there is a list behind a column
	people map[string]string        // names of owners
	small  bool                     // on the overview
}

// primary is the column that a report is about.
func dashPrimary(id crm.ReportID) int {
	switch id {
	case crm.ReportCostPerLead, crm.ReportCostPerMeeting:
		return 2
	case crm.ReportWon:
		return 1
	}
	return 0
}

// dashHeadline is the column whose total stands above the chart: the number that a report is called after.
func dashHeadline(t *crm.ReportTable) int {
	at := dashPrimary(t.ID)
	for i, c := range t.Columns {
		if t.ID == crm.ReportConversion && c.Unit == crm.UnitRate || t.ID == crm.ReportResponseTime && c.Unit == crm.UnitSeconds {
			at = i // of conversion the last step
		}
	}
	return at
}

// parts are the columns that stand on each other, of a table that is not told apart.
func dashParts(t *crm.ReportTable) []int {
	var out []int
	for i, c := range t.Columns {
		if c.Stack {
			out = append(out, i)
		}
	}
	switch {
	case t.ID == crm.ReportManualSaved:
		return []int{0, 1}
	case len(out) == 0 || len(out) > dashSeries:
		return []int{dashPrimary(t.ID)}
	}
	return out
}

func dashClass(i int) string { return "s" + string(rune('1'+min(i, dashSeries-1))) }

// draw makes the chart of a report.
func (l *dashLook) draw() *dashChart {
	at := dashPrimary(l.t.ID)
	switch {
	case l.t.ID == crm.ReportConversion && l.t.By == crm.ByNone:
		return l.funnel()
	case l.t.By == crm.ByNone:
		return l.overTime()
	case l.t.ID == crm.ReportCostPerLead || l.t.ID == crm.ReportCostPerMeeting:
		return l.across(at)
	}
	return l.byKey(at)
}

// overTime draws a bar for each period, with its parts.
func (l *dashLook) overTime() *dashChart {
	cols := dashParts(l.t)
	slots := dashSlots{unit: l.t.Columns[cols[0]].Unit, ghost: l.before, small: l.small}
	slots.line = l.t.ID == crm.ReportCostPerLead || l.t.ID == crm.ReportCostPerMeeting
	for i := range l.t.Rows {
		row := &l.t.Rows[i]
		var parts []dashPart
		for n, col := range cols {
			parts = append(parts, dashPart{row.Values[col], dashClass(n), l.t.Columns[col].Title.In(l.sp.lang), l.behind(col, row.Period, nil)})
		}
		slots.names, slots.parts = append(slots.names, row.Period), append(slots.parts, parts)
	}
	c := l.sp.dashDraw(slots, l.t.Grain)
	for n, col := range cols {
		c.Legend = append(c.Legend, dashLegend{dashClass(n), l.t.Columns[col].Title.In(l.sp.lang)})
	}
	return c
}

// byKey draws the greatest keys on each other; the last colour is of all others together.
func (l *dashLook) byKey(at int) *dashChart {
	place := map[string]int{}
	slots := dashSlots{unit: l.t.Columns[at].Unit, ghost: l.before, small: l.small}
	var legend []dashLegend
	for i, k := range l.t.Keys {
		if i == dashSeries-1 && len(l.t.Keys) > dashSeries {
			legend = append(legend, dashLegend{dashClass(i), l.sp.text("dash.others")})
			break
		}
		place[k.Key] = i
		legend = append(legend, dashLegend{dashClass(i), l.key(k.Key)})
	}
	index := map[string]int{}
	for _, p := range dashPeriods(l.t) {
		index[p] = len(slots.names)
		slots.names, slots.parts = append(slots.names, p), append(slots.parts, make([]dashPart, len(legend)))
	}
	for i := range l.t.Rows {
		row := &l.t.Rows[i]
		slot, ok := index[row.Period]
		if !ok {
			continue
		}
		n, own := place[row.Key]
		if !own {
			n = len(legend) - 1
		}
		part := &slots.parts[slot][n]
		part.value.Value, part.value.Known = part.value.Value+row.Values[at].Value, true
		part.class, part.label = dashClass(n), legend[n].Label
		if own {
			part.url = l.behind(at, row.Period, &row.Key)
		}
	}
	c := l.sp.dashDraw(slots, l.t.Grain)
	c.Legend = legend
	return c
}

// dashPeriods are all periods of a table in order, those without numbers too.
func dashPeriods(t *crm.ReportTable) (out []string) {
	from, err := time.Parse(time.DateOnly, t.From)
	if err != nil {
		return nil
	}
	to, _ := time.Parse(time.DateOnly, t.To)
	for !from.After(to) {
		switch t.Grain {
		case crm.GrainMonth:
			out, from = append(out, from.Format("2006-01")), from.AddDate(0, 1, 0)
		case crm.GrainWeek:
			out, from = append(out, from.Format(time.DateOnly)), from.AddDate(0, 0, 7)
		default:
			out, from = append(out, from.Format(time.DateOnly)), from.AddDate(0, 0, 1)
		}
	}
	return out
}

// across draws a bar for each key that has a value: what cannot be put on each other.
func (l *dashLook) across(at int) *dashChart {
	c, most := &dashChart{Kind: "across"}, 0.0
	for _, k := range l.t.Keys {
		most = max(most, k.Values[at].Value)
	}
	for _, k := range l.t.Keys {
		if m := k.Values[at]; m.Known && most > 0 && len(c.Across) < 30 {
			value := l.sp.dashValue(m, l.t.Columns[at].Unit)
			c.Across = append(c.Across, dashAcross{Label: l.key(k.Key), Value: value, Width: share(m.Value / most), Class: "s1",
				Note: l.t.Columns[1].Title.In(l.sp.lang) + " " + l.sp.dashValue(k.Values[1], l.t.Columns[1].Unit),
				URL:  l.behind(1, "", &k.Key), Title: l.key(k.Key) + ": " + value})
		}
	}
	return c
}

// funnel draws how many leads reached each step.
func (l *dashLook) funnel() *dashChart {
	c, most := &dashChart{Kind: "across"}, l.t.Totals[0].Value
	for i, col := range l.t.Columns {
		if col.Unit != crm.UnitCount || most <= 0 {
			continue
		}
		m, note := l.t.Totals[i], ""
		if i > 0 && i+1 < len(l.t.Columns) {
			note = l.sp.dashValue(l.t.Totals[i+1], crm.UnitRate)
		}
		value := l.sp.dashValue(m, col.Unit)
		c.Across = append(c.Across, dashAcross{Label: col.Title.In(l.sp.lang), Value: value, Note: note, Width: share(m.Value / most), Class: "s1",
			URL: l.behind(i, "", nil), Title: col.Title.In(l.sp.lang) + ": " + value})
	}
	return c
}

// key is what people read of a key.
func (l *dashLook) key(key string) string { return l.sp.reportKey(l.t.By, key, l.people) }

// behind is the address of the list behind a number; "" if there is none. No period means all of them, no key all keys.
func (l *dashLook) behind(col int, period string, key *string) string {
	column := l.t.Columns[col].ID
	if !l.linked(column) {
		return ""
	}
	q := url.Values{}
	for name, v := range l.base {
		q[name] = v
	}
	from, to := l.t.From, l.t.To
	if period != "" {
		from, to = dashPeriodBounds(period, l.t.Grain)
	}
	q.Set("column", column)
	q.Set("from", from)
	q.Set("to", to)
	q.Set("grain", string(l.t.Grain))
	q.Set("by", "none")
	q.Del("range")
	if key != nil && l.t.By != crm.ByNone {
		q.Set(string(l.t.By), dashKeyParam(*key))
	}
	return "/reports/" + string(l.t.ID) + "/list?" + q.Encode()
}

func dashKeyParam(key string) string {
	if key == "" {
		return dashNone
	}
	return key
}

// dashPeriodBounds are the days of a period.
func dashPeriodBounds(period string, grain crm.Grain) (from, to string) {
	if grain == crm.GrainMonth {
		t, err := time.Parse("2006-01", period)
		if err != nil {
			return period, period
		}
		return t.Format(time.DateOnly), t.AddDate(0, 1, -1).Format(time.DateOnly)
	}
	t, err := time.Parse(time.DateOnly, period)
	if err != nil || grain == crm.GrainDay {
		return period, period
	}
	return period, t.AddDate(0, 0, 6).Format(time.DateOnly)
}

// dashCell is a number in a table.
type dashCell struct {
	Text, URL string
	Number    bool
}

const dashRows = 80 // rows of the table beneath a chart, more than anybody reads; the exports have all

// rows are the lines of the table, and whether some were left out.
func (l *dashLook) rows(list []crm.ReportRow, first string) (out [][]dashCell, cut bool) {
	if len(list) > dashRows {
		list, cut = list[:dashRows], true
	}
	for i := range list {
		row := &list[i]
		cells := []dashCell{{Text: first}}
		if row.Period != "" {
			cells[0].Text = l.sp.dashPeriodName(row.Period, l.t.Grain)
		}
		var key *string
		if l.t.By != crm.ByNone {
			cells, key = append(cells, dashCell{Text: l.key(row.Key), URL: l.only(row.Key)}), &row.Key
		}
		for n, m := range row.Values {
			cell := dashCell{Text: l.sp.measure(m, l.t.Columns[n].Unit), Number: true}
			if m.Known && m.Value != 0 {
				cell.URL = l.behind(n, row.Period, key)
			}
			cells = append(cells, cell)
		}
		out = append(out, cells)
	}
	return out, cut
}

// only is the address of the report for one key alone.
func (l *dashLook) only(key string) string {
	q := url.Values{}
	for name, v := range l.base {
		q[name] = v
	}
	q.Set(string(l.t.By), dashKeyParam(key))
	q.Set("by", "none")
	return "/reports/" + string(l.t.ID) + "?" + q.Encode()
}

// change is how a value differs from the one before: "+12 %". Of nothing there is none.
func (sp *speaker) dashChange(now, before crm.Measure) string {
	if !now.Known || !before.Known || before.Value == 0 {
		return ""
	}
	d := crm.Measure{Value: now.Value/before.Value - 1, Known: true}
	text := sp.dashValue(crm.Measure{Value: float64(int64(1000*d.Value+0.5*sign(d.Value))) / 1000, Known: true}, crm.UnitRate)
	if d.Value > 0 {
		return "+" + text
	}
	return strings.Replace(text, "-", "−", 1)
}

func sign(v float64) float64 {
	if v < 0 {
		return -1
	}
	return 1
}

// dashGhost is the period before, place by place; of a table told apart by keys the sum of each period.
func dashGhost(before *crm.ReportTable, t *crm.ReportTable) []crm.Measure {
	cols := []int{dashPrimary(t.ID)}
	if t.By == crm.ByNone && t.ID == crm.ReportManualSaved {
		cols = []int{0, 1}
	}
	n := len(dashPeriods(t))
	var out []crm.Measure
	for i := range before.Rows {
		if i == n {
			break
		}
		sum := crm.Measure{}
		for _, col := range cols {
			// The columns of the two tables can differ where other details were counted: the first ones do not.
			if col < len(before.Rows[i].Values) && before.Rows[i].Values[col].Known {
				sum.Value, sum.Known = sum.Value+before.Rows[i].Values[col].Value, true
			}
		}
		out = append(out, sum)
	}
	return slices.Clip(out)
}
