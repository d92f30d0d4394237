package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type reviewsQuery struct {
	Paging
	State string `query:"state" enum:"open,accepted,dismissed" doc:"absent: all"`
}

// decisionEntry is what a program answers to a review.
type decisionEntry struct {
	Action  string `json:"action" enum:"accept,choose,dismiss,undo" doc:"accept makes a contact, choose takes one of the candidates"`
	Person  string `json:"person,omitempty" maxLength:"200" doc:"id of whom to choose"`
	Name    string `json:"name,omitempty" maxLength:"300" doc:"of the contact that accept makes"`
	Account string `json:"account,omitempty" maxLength:"300" doc:"name of the account of that contact; an unknown one is made"`
}

func (s *Server) reviewsAPI(api huma.API) {
	huma.Register(api, operation("list-reviews", http.MethodGet, "/reviews", rep, "List questions to people, newest first"),
		func(ctx context.Context, in *reviewsQuery) (*list[crm.Review], error) {
			after, err := in.place(listOfReviews)
			if err != nil {
				return nil, err
			}
			reviews, next, err := s.store.ListReviews(ctx, crm.ReviewState(in.State), after, in.Limit)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(reviews, cursorFor(listOfReviews, next), "/reviews", url.Values{"state": {in.State}, "limit": {strconv.Itoa(in.Limit)}}), nil
		})
	huma.Register(api, operation("get-review", http.MethodGet, "/reviews/{id}", rep, "Get a question", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Review], error) {
			review, err := s.store.GetReview(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			return &one[crm.Review]{review}, nil
		})
	huma.Register(api, operation("decide-review", http.MethodPost, "/reviews/{id}/decision", rep, "Answer a question, or take the answer back", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body decisionEntry
		}) (*one[crm.Review], error) {
			d := decision{action: in.Body.Action, person: in.Body.Person, name: in.Body.Name, account: in.Body.Account}
			review, err := s.decide(ctx, actor(ctx), in.ID, d)
			if err != nil {
				return nil, s.apiError(err)
			}
			return &one[crm.Review]{review}, nil
		})
}
