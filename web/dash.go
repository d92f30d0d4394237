package web

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Dashboards. What is looked at stands in the address alone, so that it can be sent to somebody: the report, the range (a
// name, or two days), the grain, by what it is told apart, and restrictions. Charts are SVG that the server draws
// (dashchart.go), with the same numbers in a table beneath. Every bar leads to the list behind it (dashlist.go), of
// the same days and restrictions, whose rows are as many as the bar says.
//
// Who sees only some records sees only their numbers: such a report is of one owner, oneself or a colleague of the team,
// or told apart by those owners.

// numberRoutes are reports, what stands behind them, and what they rest on.
func numberRoutes() []route {
	return []route{
		{pattern: "GET /reports", access: rep, handle: (*Server).showDashboards},
		{pattern: "GET /reports/{report}", access: rep, handle: (*Server).showDashboard},
		{pattern: "GET /reports/{report}/list", access: rep, handle: (*Server).listBehind},
		{pattern: "POST /views", access: rep, handle: (*Server).saveView},
		{pattern: "POST /views/{view}/delete", access: rep, handle: (*Server).deleteView},
		{pattern: "GET /campaigns", access: rep, handle: (*Server).listCampaignPage},
		{pattern: "GET /campaigns/new", access: admin, handle: (*Server).newCampaign},
		{pattern: "POST /campaigns", access: admin, handle: (*Server).saveCampaign},
		{pattern: "GET /campaigns/{campaign}", access: rep, handle: (*Server).showCampaign},
		{pattern: "POST /campaigns/{campaign}", access: admin, handle: (*Server).saveCampaign},
		{pattern: "GET /products", access: rep, handle: (*Server).listProductPage},
		{pattern: "POST /products", access: admin, handle: (*Server).saveProduct},
		{pattern: "POST /products/{product}", access: admin, handle: (*Server).saveProduct},
		{pattern: "GET /segments", access: rep, handle: (*Server).listSegmentPage},
		{pattern: "GET /segments/{segment}", access: rep, handle: (*Server).showSegment},
		{pattern: "POST /segments/{segment}/export", access: admin, handle: (*Server).exportSegmentPage},
	}
}

// dashNone is how an address names what has no owner, channel or campaign.
const dashNone = "-"

// dashAsked reads a report's address; tidied is the same in one way of writing it, for links.
func dashAsked(id string, q url.Values) (asked reportAsked, tidied url.Values) {
	asked, tidied = reportAsked{ID: id}, url.Values{}
	keep := func(name string, to *string) {
		if *to = q.Get(name); *to != "" {
			tidied.Set(name, *to)
		}
	}
	keep("grain", &asked.Grain)
	keep("by", &asked.By)
	keep("from", &asked.From)
	keep("to", &asked.To)
	if asked.From == "" || asked.To == "" {
		asked.From, asked.To = "", ""
		tidied.Del("from")
		tidied.Del("to")
		keep("range", &asked.Range)
	}
	for name, to := range map[string]**string{"owner": &asked.Owner, "channel": &asked.Channel, "campaign": &asked.Campaign} {
		value := q.Get(name)
		if value == "" {
			continue
		}
		tidied.Set(name, value)
		if value == dashNone {
			value = ""
		}
		*to = &value
	}
	return asked, tidied
}

// dashBounds fills in what an address leaves open: the range, and a grain that fits it.
func (s *Server) dashBounds(asked *reportAsked) error {
	if asked.From == "" {
		var err error
		asked.From, asked.To, err = crm.ResolveRange(cmp.Or(asked.Range, defaultRange), s.today(), fiscalStart(s.lifecycle()))
		if err != nil {
			return err
		}
	}
	if asked.Grain != "" {
		return nil
	}
	from, _ := time.Parse(time.DateOnly, asked.From) // whoever runs the report says what is no day
	to, _ := time.Parse(time.DateOnly, asked.To)
	switch n := to.Sub(from).Hours() / 24; {
	case n <= 35:
		asked.Grain = string(crm.GrainDay)
	case n <= 100:
		asked.Grain = string(crm.GrainWeek)
	default:
		asked.Grain = string(crm.GrainMonth)
	}
	if asked.limits() > 1 {
		asked.Grain = string(crm.GrainMonth) // told by one of them only elsewhere
	}
	return nil
}

// limits are how many of owner, channel and campaign play a part.
func (q *reportAsked) limits() int {
	n := 0
	report, _ := crm.ReportNamed(crm.ReportID(q.ID))
	by := cmp.Or(q.By, string(report.By))
	for name, only := range map[crm.Dimension]*string{crm.ByOwner: q.Owner, crm.ByChannel: q.Channel, crm.ByCampaign: q.Campaign} {
		if only != nil || by == string(name) {
			n++
		}
	}
	return n
}

// errDashHidden says that a report counts what somebody may not see all of.
var errDashHidden = errors.New("the report is of all records")

// dashConfine makes a question one that somebody may ask who does not see all records.
func dashConfine(may crm.Clearance, user crm.User, asked *reportAsked) error {
	if may.All() {
		return nil
	}
	report, _ := crm.ReportNamed(crm.ReportID(asked.ID))
	switch {
	case !slices.Contains(report.Dimensions, crm.ByOwner):
		return errDashHidden
	case asked.Owner != nil && !may.Owner(*asked.Owner):
		return crm.ErrNotFound
	case asked.Owner == nil && asked.By != string(crm.ByOwner):
		own := user.Email
		asked.Owner = &own
		if asked.Grain != string(crm.GrainMonth) && asked.limits() > 1 {
			asked.Grain = string(crm.GrainMonth)
		}
	}
	return nil
}

// dashTable works a report out as far as somebody may see it.
func (s *Server) dashTable(ctx context.Context, r *request, asked reportAsked) (crm.ReportTable, error) {
	if err := dashConfine(r.may, r.user, &asked); err != nil {
		return crm.ReportTable{}, err
	}
	return s.report(ctx, asked)
}
