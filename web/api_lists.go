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

type ownersQuery struct {
	Paging
	Owner string `query:"owner" maxLength:"300" doc:"a rep's address; absent: all"`
}

func (q *ownersQuery) values() url.Values {
	return url.Values{"owner": {q.Owner}, "limit": {strconv.Itoa(q.Limit)}}
}

func (s *Server) listsAPI(api huma.API) {
	huma.Register(api, operation("list-unreplied", http.MethodGet, "/lists/unreplied", rep, "List the people whom nobody answered, longest waiting first"),
		func(ctx context.Context, in *ownersQuery) (*list[crm.Listed], error) {
			after, err := in.place(listOfUnreplied + in.Owner)
			if err != nil {
				return nil, err
			}
			rows, next, err := s.store.ListUnreplied(ctx, in.Owner, after, in.Limit)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(rows, cursorFor(listOfUnreplied+in.Owner, next), "/lists/unreplied", in.values()), nil
		})
	huma.Register(api, operation("list-follow-ups", http.MethodGet, "/lists/follow-ups", rep, "List the people with whom there was no contact for too long, the longest first"),
		func(ctx context.Context, in *ownersQuery) (*list[crm.Listed], error) {
			after, err := in.place(listOfFollowUps + in.Owner)
			if err != nil {
				return nil, err
			}
			rows, next, err := s.store.ListFollowUps(ctx, in.Owner, time.Now(), after, in.Limit)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(rows, cursorFor(listOfFollowUps+in.Owner, next), "/lists/follow-ups", in.values()), nil
		})
}
