package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type ledgerQuery struct {
	Paging
	Source  string `query:"source" maxLength:"200"`
	Verdict string `query:"verdict" enum:"logged,excluded,unmatched,waiting,failed"`
	Reason  string `query:"reason" maxLength:"100" doc:"a reason's code"`
	Address string `query:"address" maxLength:"300" doc:"rows that wait for this address: of somebody nobody knew, or of whom a review asks"`
	From    string `query:"from" maxLength:"10" doc:"first seen on this day or later, 2026-11-21"`
	To      string `query:"to" maxLength:"10" doc:"first seen on this day or before"`
	Retired bool   `query:"retired" doc:"include rows whose id the source no longer knows"`
}

func (q *ledgerQuery) values() url.Values {
	v := url.Values{"source": {q.Source}, "verdict": {q.Verdict}, "reason": {q.Reason}, "address": {q.Address}, "from": {q.From}, "to": {q.To}, "limit": {strconv.Itoa(q.Limit)}}
	if q.Retired {
		v.Set("retired", "true")
	}
	return v
}

func (s *Server) ledgerAPI(api huma.API) {
	huma.Register(api, operation("list-ledger", http.MethodGet, "/ledger", rep, "List ledger rows, newest first"),
		func(ctx context.Context, in *ledgerQuery) (*list[crm.ExportedEntry], error) {
			after, err := in.place(listOfLedger)
			if err != nil {
				return nil, err
			}
			if err := queryDays("from", in.From, "to", in.To); err != nil {
				return nil, err
			}
			f := crm.LedgerFilter{Source: in.Source, Verdict: crm.Verdict(in.Verdict), Reason: in.Reason, Address: in.Address, Retired: in.Retired, After: after, Limit: in.Limit}
			if f.Since, f.Until, err = daysBetween(s.cfg.Organization.Location, in.From, in.To); err != nil {
				return nil, err
			}
			entries, next, err := s.store.ListEntries(ctx, f)
			if err != nil {
				return nil, s.apiError(err)
			}
			items := make([]crm.ExportedEntry, 0, len(entries))
			for _, e := range entries {
				items = append(items, crm.ExportEntry(e))
			}
			return listOf(items, cursorFor(listOfLedger, next), "/ledger", in.values()), nil
		})
}
