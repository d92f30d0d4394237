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
	Retired bool   `query:"retired" doc:"include rows whose id the source no longer knows"`
}

func (q *ledgerQuery) values() url.Values {
	v := url.Values{"source": {q.Source}, "verdict": {q.Verdict}, "reason": {q.Reason}, "limit": {strconv.Itoa(q.Limit)}}
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
			f := crm.LedgerFilter{Source: in.Source, Verdict: crm.Verdict(in.Verdict), Reason: in.Reason, Retired: in.Retired, After: after, Limit: in.Limit}
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
