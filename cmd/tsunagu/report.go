package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web"
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
		if c.Format == "json" {
			encoder := json.NewEncoder(a.stdout)
			encoder.SetEscapeHTML(false)
			return encoder.Encode(table)
		}
		words, err := reportWords(a, in, ja)
		if err != nil {
			return err
		}
		if c.Format == "csv" {
			return words.Write(a.stdout, "csv", &table)
		}
		printReport(a, &table, words)
		a.notef("%s, %s to %s", labelIn(table.Title, ja), table.From, table.To)
		return nil
	})
}

// reportWords speaks of reports as their pages do.
func reportWords(a *app, in *instance, ja bool) (*web.ReportText, error) {
	users, err := in.store.ListUsers(a.ctx)
	if err != nil {
		return nil, err
	}
	lang := "en"
	if ja {
		lang = "ja"
	}
	return web.NewReportText(lang, users)
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

// printReport shows the rows that say something, and the sums.
func printReport(a *app, table *crm.ReportTable, words *web.ReportText) {
	heading := words.Heading(table)
	t := newTable(a.stdout, heading, heading[len(heading)-len(table.Columns):]...)
	for i := range table.Rows {
		if slices.ContainsFunc(table.Rows[i].Values, func(m crm.Measure) bool { return m.Value != 0 }) {
			t.AppendRow(cells(printed(words.Row(table, &table.Rows[i]))))
		}
	}
	for _, line := range words.Sums(table) {
		t.AppendFooter(cells(printed(line)))
	}
	t.Render()
}

// printed are the cells of a sheet as texts.
func printed(row []any) []string {
	out := make([]string, len(row))
	for i, cell := range row {
		if cell != nil {
			out[i] = fmt.Sprint(cell)
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
