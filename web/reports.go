package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// reportPage is a report as a table, with what can be chosen.
type reportPage struct {
	Title, Problem          string
	Reports, Grains         []option
	Dimensions, Ranges      []option
	From, To                string // of the table
	Head                    []string
	Rows, Keys              [][]string
	Totals, Before          []string
	BeforeFrom, BeforeUntil string
	CSV                     string
}

// showReport is the page of all reports: a table, and the address that gives it as CSV.
func (s *Server) showReport(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	asked := reportAsked{ID: q.Get("report"), Grain: q.Get("grain"), By: q.Get("by"), Range: q.Get("range")}
	if _, known := crm.ReportNamed(crm.ReportID(asked.ID)); !known {
		asked.ID = string(crm.ReportMeetingsWon)
	}
	v := s.reportChoices(r.say, asked)
	t, err := s.report(r.Context(), asked)
	switch {
	case errors.Is(err, crm.ErrRefused):
		v.Problem = r.say.text("reports.refused")
	case err != nil:
		return err
	case q.Get("format") == "csv":
		raw, err := reportCSV(&t, r.say.lang)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+string(t.ID)+`.csv"`)
		_, _ = w.Write(raw) // the browser may have gone; there is nobody to tell
		return nil
	default:
		r.say.fillReport(&v, &t)
		q.Set("report", asked.ID)
		q.Set("format", "csv")
		v.CSV = "/reports?" + q.Encode()
	}
	status := http.StatusOK
	if v.Problem != "" {
		status = http.StatusUnprocessableEntity
	}
	return s.renderStatus(w, r, status, "reports", page{Title: r.say.text("nav.reports"), Nav: "reports", Data: v})
}

func (s *Server) reportChoices(sp *speaker, asked reportAsked) reportPage {
	v := reportPage{}
	report, _ := crm.ReportNamed(crm.ReportID(asked.ID))
	v.Title = report.Title.In(sp.lang)
	for _, r := range crm.Reports() {
		if !r.List { // those are the lists of people and of deals
			v.Reports = append(v.Reports, option{string(r.ID), r.Title.In(sp.lang), string(r.ID) == asked.ID})
		}
	}
	for _, g := range []crm.Grain{crm.GrainMonth, crm.GrainWeek, crm.GrainDay} {
		v.Grains = append(v.Grains, option{string(g), sp.text("grain." + string(g)), string(g) == asked.Grain})
	}
	by := asked.By
	if by == "" {
		if by = string(report.By); by == "" {
			by = "none"
		}
	}
	v.Dimensions = append(v.Dimensions, option{"none", sp.text("dimension.none"), by == "none"})
	for _, d := range report.Dimensions {
		v.Dimensions = append(v.Dimensions, option{string(d), sp.text("dimension." + string(d)), by == string(d)})
	}
	chosen := asked.Range
	if chosen == "" {
		chosen = defaultRange
	}
	for _, name := range append([]string{defaultRange, "last_90d"}, crm.ReportRanges()...) {
		v.Ranges = append(v.Ranges, option{name, sp.text("range." + name), name == chosen})
	}
	return v
}

// fillReport writes the numbers as people read them.
func (sp *speaker) fillReport(v *reportPage, t *crm.ReportTable) {
	v.From, v.To = sp.plannedDay(t.From), sp.plannedDay(t.To)
	v.BeforeFrom, v.BeforeUntil = sp.plannedDay(t.Previous.From), sp.plannedDay(t.Previous.To)
	v.Head = []string{sp.text("grain." + string(t.Grain))}
	if t.By != crm.ByNone {
		v.Head = append(v.Head, sp.text("dimension."+string(t.By)))
	}
	for _, c := range t.Columns {
		v.Head = append(v.Head, c.Title.In(sp.lang))
	}
	line := func(first, key string, values []crm.Measure) []string {
		cells := []string{first}
		if t.By != crm.ByNone {
			cells = append(cells, key)
		}
		for i, m := range values {
			cells = append(cells, sp.measure(m, t.Columns[i].Unit))
		}
		return cells
	}
	named := func(key string) string {
		if key == "" {
			return sp.text("reports.no_key")
		}
		return key
	}
	for _, r := range t.Rows {
		v.Rows = append(v.Rows, line(r.Period, named(r.Key), r.Values))
	}
	for _, r := range t.Keys {
		v.Keys = append(v.Keys, line(sp.text("reports.all"), named(r.Key), r.Values))
	}
	v.Totals = line(sp.text("reports.total"), "", t.Totals)
	v.Before = line(sp.text("reports.before"), "", t.Previous.Totals)
}

// measure is a value in its unit; "–" for what cannot be known.
func (sp *speaker) measure(m crm.Measure, unit crm.Unit) string {
	switch {
	case !m.Known:
		return "–"
	case unit == crm.UnitRate:
		return strconv.FormatFloat(100*m.Value, 'f', 1, 64) + " %"
	case unit == crm.UnitSeconds:
		return sp.ago(time.Duration(m.Value) * time.Second)
	default:
		return group(int64(m.Value + 0.5))
	}
}
