package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type searchQuery struct {
	Query string `query:"q" required:"true" minLength:"1" maxLength:"300" doc:"words of names, kana, companies, addresses, telephone numbers or domains, whole or in part; width, case and kana do not matter"`
	Kind  string `query:"kind" enum:"lead,contact,account"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (s *Server) searchAPI(api huma.API) {
	huma.Register(api, operation("search", http.MethodGet, "/search", rep, "Find people and accounts, the best first"),
		func(ctx context.Context, in *searchQuery) (*one[crm.Found], error) {
			found, err := s.store.Search(ctx, crm.SearchQuery{Query: in.Query, Kind: in.Kind, Limit: in.Limit})
			if found.Hits == nil {
				found.Hits = []crm.Hit{}
			}
			return answer(s, found, err)
		})
}
