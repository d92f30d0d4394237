package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"strconv"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// defaultRange is what a report is of if nobody says.
const defaultRange = "last_12m"

// reportAsked is a report as an address asks for it. Nil restrictions do not restrict; "" is what has none.
type reportAsked struct {
	ID                       string
	Grain, By                string // "" for the report's own, "none" for none
	From, To, Range          string
	Owner, Channel, Campaign *string
}

// report works a report out; pages and API share it. Errors are crm.ErrRefused with words for what cannot be had.
func (s *Server) report(ctx context.Context, q reportAsked) (crm.ReportTable, error) {
	doc := s.lifecycle()
	if (q.From == "") != (q.To == "") {
		return crm.ReportTable{}, fmt.Errorf("%w: from and to are given together, or a range", crm.ErrRefused)
	}
	if q.From == "" {
		var err error
		if q.From, q.To, err = crm.ResolveRange(cmp.Or(q.Range, defaultRange), s.today(), fiscalStart(doc)); err != nil {
			return crm.ReportTable{}, err
		}
	}
	query := crm.ReportQuery{ID: crm.ReportID(q.ID), Grain: crm.Grain(q.Grain), From: q.From, To: q.To, Owner: q.Owner, Channel: q.Channel, Campaign: q.Campaign, Words: s.lifeRules().ReportWords()}
	if q.By != "" {
		by := crm.Dimension(q.By)
		if q.By == "none" {
			by = crm.ByNone
		}
		query.By = &by
	}
	return crm.RunReport(ctx, s.store, query)
}

// reportCSV is a report as a table that a Japanese Excel opens as it is: a line for each row, and the totals last.
func reportCSV(t *crm.ReportTable, lang string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	head := []string{string(t.Grain)}
	if t.By != crm.ByNone {
		head = append(head, string(t.By))
	}
	for _, c := range t.Columns {
		head = append(head, crm.GuardCell(c.Title.In(lang)))
	}
	_ = w.Write(head) // into memory; Error says what went wrong
	for _, r := range t.Rows {
		_ = w.Write(reportCells(t, r.Period, r.Key, r.Values))
	}
	_ = w.Write(reportCells(t, t.From+".."+t.To, "", t.Totals))
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return b.Bytes(), nil
}

func reportCells(t *crm.ReportTable, period, key string, values []crm.Measure) []string {
	cells := []string{period}
	if t.By != crm.ByNone {
		cells = append(cells, crm.GuardCell(key))
	}
	for _, v := range values {
		cell := ""
		if v.Known {
			cell = strconv.FormatFloat(v.Value, 'f', -1, 64)
		}
		cells = append(cells, cell)
	}
	return cells
}
