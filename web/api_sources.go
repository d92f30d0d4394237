package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (s *Server) sourcesAPI(api huma.API) {
	huma.Register(api, operation("list-sources", http.MethodGet, "/sources", rep, "List sources with their state and tally"),
		func(ctx context.Context, _ *struct{}) (*list[crm.Source], error) {
			sources, err := s.store.ListSources(ctx)
			if err != nil {
				return nil, s.apiError(err)
			}
			sources = slices.DeleteFunc(sources, func(src crm.Source) bool { return !mayShow(asker(ctx), &src) })
			return listOf(sources, "", "/sources", nil), nil
		})
	huma.Register(api, operation("get-source", http.MethodGet, "/sources/{id}", rep, "Get a source", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Source], error) {
			source, err := s.shownSource(ctx, asker(ctx), in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			return &one[crm.Source]{source}, nil
		})
	wake := operation("wake-source", http.MethodPost, "/sources/{id}/wake", rep, "Read a source now, also a paused one", http.StatusNotFound)
	wake.DefaultStatus = http.StatusAccepted
	huma.Register(api, wake, func(ctx context.Context, in *ByID) (*struct{}, error) {
		src, err := s.shownSource(ctx, asker(ctx), in.ID)
		if err == nil {
			err = s.wake(ctx, actor(ctx), src.ID)
		}
		if err != nil {
			return nil, s.apiError(err)
		}
		return nil, nil
	})
}
