package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// dashListPage is the list behind a number.
type dashListPage struct {
	Title, Column, Period, Filters, Back string
	Number                               string
	Rows                                 []dashListRow
	Next, Start                          string
	Short                                bool // the page ends before it is full: there was much to look at
}

// dashListRow is one thing that was counted.
type dashListRow struct {
	When, Kind, Title, URL, Detail, Owner string
	Hidden                                bool // it counts, but its record may not be seen
}

// behindColumn says what stands behind a column of a report: a metric and some of its details, nil for all; false for rates,
// means and costs, which nothing is listed behind.
func (s *Server) behindColumn(id crm.ReportID, column string) (crm.Metric, []string, bool) {
	word, code, coded := strings.Cut(column, ":")
	metrics := map[string]crm.Metric{"result": crm.MetricCalls, "reason": crm.MetricReasons, "product": crm.MetricProducts,
		"request": crm.MetricLeads, "reached": crm.MetricReached, "band": crm.MetricResponse}
	if m, ok := metrics[word]; ok && coded {
		return m, []string{code}, true
	}
	call, mail := []string{"call/out", "call/in", "call/none"}, []string{"email/out", "email/in", "email/none"}
	switch column {
	case "meetings_won":
		return crm.MetricStatus, s.wonStatuses(), true
	case "leads":
		return crm.MetricLeads, nil, true
	case "calls":
		return crm.MetricActivities, call, true
	case "mails_sent":
		return crm.MetricActivities, []string{"email/out", "email/none"}, true
	case "mails_received":
		return crm.MetricActivities, []string{"email/in"}, true
	case "meetings":
		return crm.MetricActivities, []string{"meeting/in", "meeting/out", "meeting/none", "meeting/internal"}, true
	case "forms":
		return crm.MetricActivities, []string{"form/in", "form/none"}, true
	case "answered":
		return crm.MetricResponse, nil, true
	case "saved":
		return crm.MetricManual, []string{crm.ManualAutomatic}, true
	case "typed":
		return crm.MetricManual, []string{crm.ManualTyped}, true
	case "won", "amount":
		return crm.MetricWon, nil, id == crm.ReportWon
	case "lost":
		return crm.MetricLost, nil, true
	case "total":
		return dashTotal(id, slices.Concat(call, mail))
	}
	return "", nil, false
}

func dashTotal(id crm.ReportID, exchanges []string) (crm.Metric, []string, bool) {
	switch id {
	case crm.ReportActivities:
		return crm.MetricActivities, exchanges, true
	case crm.ReportCallResults:
		return crm.MetricCalls, nil, true
	case crm.ReportReasons:
		return crm.MetricReasons, nil, true
	case crm.ReportProductDemand:
		return crm.MetricProducts, nil, true
	}
	return "", nil, false
}

// wonStatuses are the statuses that count as a meeting won.
func (s *Server) wonStatuses() []string {
	if won := s.lifeRules().ReportWords().Won; won != nil {
		return won
	}
	return crm.DefaultReportWords().Won
}

// listBehind is the list behind a bar.
func (s *Server) listBehind(w http.ResponseWriter, r *request) error {
	id, q := r.PathValue("report"), r.URL.Query()
	report, known := crm.ReportNamed(crm.ReportID(id))
	metric, details, linked := s.behindColumn(report.ID, q.Get("column"))
	if !known || report.List || !linked {
		return crm.ErrNotFound
	}
	asked, tidied := dashAsked(id, q)
	if asked.By = "none"; asked.From == "" {
		return badRequest("error.incomplete")
	}
	if err := s.dashBounds(&asked); err != nil {
		return badRequest("error.form")
	}
	if err := dashConfine(r.may, r.user, &asked); errors.Is(err, errDashHidden) {
		return errForbidden
	} else if err != nil {
		return err
	}
	t, err := s.report(r.Context(), asked)
	if errors.Is(err, crm.ErrRefused) {
		return badRequest("error.form")
	} else if err != nil {
		return err
	}
	list := "reports/" + id + "/" + q.Get("column") + "/" + tidied.Encode()
	after, err := r.place(list)
	if err != nil {
		return err
	}
	rows, next, err := s.store.ListCounted(r.Context(), crm.CountedQuery{Metric: metric, Details: details, From: t.From, To: t.To,
		Owner: asked.Owner, Channel: asked.Channel, Campaign: asked.Campaign, After: after, Limit: pageRows})
	if err != nil {
		return err
	}
	look := &dashLook{t: &t, sp: r.say, people: map[string]string{}}
	v := dashListPage{Title: report.Title.In(r.say.lang), Filters: s.dashFilters(r.say, look, asked), Short: next != "" && len(rows) < pageRows,
		Period: r.say.text("dash.period", "from", r.say.plannedDay(t.From), "to", r.say.plannedDay(t.To)),
		Next:   nextPage(r, list, next), Start: firstPage(r)}
	for i, c := range t.Columns {
		if c.ID == q.Get("column") {
			v.Column, v.Number = c.Title.In(r.say.lang), r.say.measure(t.Totals[i], c.Unit)
		}
	}
	tidied.Del("by")
	v.Back = "/reports/" + id + "?" + tidied.Encode()
	n := s.names()
	for i := range rows {
		v.Rows = append(v.Rows, countedRow(r.Context(), r.say, n, &rows[i]))
	}
	return s.render(w, r, "dashlist", page{Title: v.Title, Nav: "reports", Data: v})
}

// countedRow is a row of the list. What may not be seen counts, but is not named.
func countedRow(ctx context.Context, sp *speaker, n *names, c *crm.Counted) dashListRow {
	owners := make([]string, len(c.Fact.Owners))
	for i, owner := range c.Fact.Owners {
		owners[i] = n.user(ctx, owner)
	}
	row := dashListRow{When: sp.when(c.Fact.At), Owner: strings.Join(owners, ", ")}
	switch {
	case c.Person != nil:
		p := c.Person
		row.Kind, row.Title, row.URL = sp.label("person_kind", string(p.Kind)), p.Name, "/people/"+p.ID
		row.Detail = cmp.Or(companyName(ctx, n, p), p.Company)
		return row
	case c.Activity != nil:
		a := c.Activity
		row.Kind, row.URL = sp.label("kind", string(a.Kind)), "/activities/"+a.ID
		row.Title = cmp.Or(a.Subject, sp.text("dash.no_subject"))
		row.Detail = dashPeople(a)
		return row
	case c.Opportunity != nil:
		o := c.Opportunity
		row.When = sp.plannedDay(o.Closed)
		row.Kind, row.Title, row.URL = sp.text("deals.opportunity"), o.Name, "/accounts/"+o.Account
		row.Detail = n.account(ctx, o.Account) + " · " + sp.money(o.Amount)
		return row
	}
	row.Hidden = true
	return row
}

// dashPeople are the first of those whom an activity concerns.
func dashPeople(a *crm.Activity) string {
	var out []string
	for i := range a.People {
		if p := &a.People[i]; p.ID != "" && len(out) < 3 {
			out = append(out, cmp.Or(p.Name, p.Address))
		}
	}
	return strings.Join(out, ", ")
}
