package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type reportCommand struct {
	ID       string  `arg:"" optional:"" help:"Which report; without it they are listed."`
	Grain    string  `enum:"day,week,month," default:"" help:"Length of the periods: day, week or month (default)."`
	By       *string `placeholder:"WHAT" help:"owner, channel, campaign or none."`
	Range    string  `help:"this_month, last_month, this_quarter, fiscal_year, last_90d … (default: the fiscal year)."`
	From     string  `placeholder:"DAY" help:"First day, such as 2026-04-01, instead of a range."`
	To       string  `placeholder:"DAY" help:"Last day."`
	Owner    *string `placeholder:"ADDRESS" help:"Only what this rep did; an empty one is nobody."`
	Channel  *string `help:"Only what came this way."`
	Campaign *string `help:"Only what came from this campaign."`
	Format   string  `enum:"table,csv,json" default:"table" help:"table (default), csv or json."`
}

// Run prints a report, or which there are.
func (c *reportCommand) Run(a *app) error {
	if c.ID == "" {
		return c.list(a)
	}
	report, ok := crm.ReportNamed(crm.ReportID(c.ID))
	if !ok {
		return misused("`tsunagu report` lists them", "there is no report %q", c.ID)
	}
	if report.List {
		return c.records(a, report)
	}
	return a.with(streams{}, func(in *instance) error {
		query, err := c.query(in)
		if err != nil {
			return err
		}
		table, err := crm.RunReport(a.ctx, in.store, query)
		if err != nil {
			return misused("`tsunagu report --help` says what can be asked", "%s", oneLine(err.Error()))
		}
		ja := a.japanese(in.cfg.Load())
		switch c.Format {
		case "json":
			encoder := json.NewEncoder(a.stdout)
			encoder.SetEscapeHTML(false)
			return encoder.Encode(table)
		case "csv":
			return writeReport(a, table, ja)
		}
		c.print(a, table, ja)
		return nil
	})
}

func (c *reportCommand) list(a *app) error {
	t := newTable(a.stdout, []string{"report", "title", "タイトル"})
	for _, r := range crm.Reports() {
		t.AppendRow(cells([]string{string(r.ID), r.Title.EN, r.Title.JA}))
	}
	t.Render()
	return nil
}

func (c *reportCommand) query(in *instance) (crm.ReportQuery, error) {
	q := crm.ReportQuery{ID: crm.ReportID(c.ID), Grain: crm.Grain(c.Grain), From: c.From, To: c.To, Owner: c.Owner, Channel: c.Channel, Campaign: c.Campaign,
		Words: in.rules().ReportWords()}
	if c.By != nil {
		by := crm.Dimension(*c.By)
		if by == "none" {
			by = crm.ByNone
		}
		if !slices.Contains([]crm.Dimension{crm.ByNone, crm.ByOwner, crm.ByChannel, crm.ByCampaign}, by) {
			return q, misused("write owner, channel, campaign or none", "%q is not something to tell numbers apart by", *c.By)
		}
		q.By = &by
	}
	if c.Range != "" && c.From+c.To != "" {
		return q, misused("leave one of them out", "a range and days are given")
	}
	if c.From+c.To == "" {
		name := c.Range
		if name == "" {
			name = "fiscal_year"
		}
		today := time.Now().In(in.cfg.Load().Location).Format(time.DateOnly)
		var err error
		if q.From, q.To, err = crm.ResolveRange(name, today, in.rules().FiscalStart()); err != nil {
			return q, misused("write one of "+strings.Join(crm.ReportRanges(), ", "), "%s", oneLine(err.Error()))
		}
	}
	return q, nil
}

// print shows the rows that say something, and the totals.
func (c *reportCommand) print(a *app, table crm.ReportTable, ja bool) {
	heading := reportHeading(table, ja)
	t := newTable(a.stdout, heading, heading[min(2, len(heading)):]...)
	for _, r := range table.Rows {
		if slices.ContainsFunc(r.Values, func(m crm.Measure) bool { return m.Value != 0 }) {
			t.AppendRow(cells(reportRow(r.Period, r.Key, r.Values, table.Columns)))
		}
	}
	t.AppendFooter(cells(reportRow("total", "", table.Totals, table.Columns)))
	if len(table.Previous.Totals) > 0 {
		t.AppendFooter(cells(reportRow("before", table.Previous.From+" – "+table.Previous.To, table.Previous.Totals, table.Columns)))
	}
	t.Render()
	a.notef("%s, %s to %s", labelIn(table.Title, ja), table.From, table.To)
}

func writeReport(a *app, table crm.ReportTable, ja bool) error {
	w := csv.NewWriter(a.stdout)
	rows := [][]string{reportHeading(table, ja)}
	for _, r := range table.Rows {
		rows = append(rows, reportRow(r.Period, r.Key, r.Values, table.Columns))
	}
	for _, row := range rows {
		for i := range row {
			row[i] = crm.GuardCell(row[i])
		}
		if err := w.Write(row); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}

func reportHeading(table crm.ReportTable, ja bool) []string {
	out := []string{string(table.Grain), string(table.By)}
	for _, column := range table.Columns {
		out = append(out, labelIn(column.Title, ja))
	}
	return out
}

func reportRow(period, key string, values []crm.Measure, columns []crm.ReportColumn) []string {
	out := []string{period, key}
	for i, m := range values {
		switch {
		case !m.Known:
			out = append(out, "")
		case columns[i].Unit == crm.UnitRate:
			out = append(out, strconv.FormatFloat(m.Value*100, 'f', 1, 64)+" %")
		default:
			out = append(out, strconv.FormatFloat(m.Value, 'f', -1, 64))
		}
	}
	return out
}

func labelIn(l crm.Label, ja bool) string {
	if ja {
		return l.JA
	}
	return l.EN
}
