package web

import (
	"cmp"
	"context"
	"fmt"

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
