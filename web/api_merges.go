package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// mergeEntry says which two records are one.
type mergeEntry struct {
	Kind   string `json:"kind" enum:"people,accounts"`
	Winner string `json:"winner" minLength:"1" maxLength:"200" doc:"id of the record that stays"`
	Loser  string `json:"loser" minLength:"1" maxLength:"200" doc:"id of the record that goes into it"`
}

type mergesQuery struct {
	Paging
	Subject string `query:"subject" maxLength:"200" doc:"id of a person or account; absent: all"`
}

func (s *Server) mergesAPI(api huma.API) {
	huma.Register(api, operation("list-merges", http.MethodGet, "/merges", rep, "List merges, newest first"),
		func(ctx context.Context, in *mergesQuery) (*list[crm.MergeRecord], error) {
			after, err := in.place(listOfMerges + in.Subject)
			if err != nil {
				return nil, err
			}
			merges, next, err := s.store.ListMerges(ctx, in.Subject, after, in.Limit)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(merges, cursorFor(listOfMerges+in.Subject, next), "/merges", url.Values{"subject": {in.Subject}, "limit": {strconv.Itoa(in.Limit)}}), nil
		})
	huma.Register(api, operation("get-merge", http.MethodGet, "/merges/{id}", rep, "Get a merge with the record that went", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.MergeRecord], error) {
			m, err := s.store.GetMerge(ctx, in.ID)
			return answer(s, m, err)
		})
	huma.Register(api, operation("preview-merge", http.MethodPost, "/merges/preview", rep, "Say what a merge would do, and change nothing", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct{ Body mergeEntry }) (*one[crm.MergePreview], error) {
			preview, err := s.store.PreviewMerge(ctx, crm.MergeKind(in.Body.Kind), in.Body.Winner, in.Body.Loser)
			return answer(s, preview, err)
		})
	merge := operation("merge", http.MethodPost, "/merges", rep, "Make one record of two people or two accounts", http.StatusNotFound, http.StatusConflict)
	merge.DefaultStatus = http.StatusCreated
	huma.Register(api, merge, func(ctx context.Context, in *struct{ Body mergeEntry }) (*one[crm.MergeRecord], error) {
		m, err := s.store.Merge(ctx, actor(ctx), crm.MergeKind(in.Body.Kind), in.Body.Winner, in.Body.Loser, time.Now().UTC())
		if err == nil {
			s.cfg.Kick()
		}
		return answer(s, m, err)
	})
	huma.Register(api, operation("undo-merge", http.MethodPost, "/merges/{id}/undo", admin, "Take a merge apart again, with what came later to the one that went", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *ByID) (*one[crm.MergeRecord], error) {
			m, err := s.store.Unmerge(ctx, actor(ctx), in.ID, time.Now().UTC())
			if err == nil {
				s.cfg.Kick()
			}
			return answer(s, m, err)
		})
}
