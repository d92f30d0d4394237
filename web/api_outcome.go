package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// outcomeEntry is what a program says became of a meeting.
type outcomeEntry struct {
	Result string `json:"result" enum:"held,no_show,rescheduled"`
	Note   string `json:"note,omitempty" maxLength:"2000"`
	Next   struct {
		When string `json:"when,omitempty" doc:"a day, 2026-11-21" maxLength:"10"`
		Whom string `json:"whom,omitempty" maxLength:"300"`
		What string `json:"what,omitempty" maxLength:"300"`
	} `json:"next,omitempty" doc:"what is to be done next"`
}

func (s *Server) outcomeAPI(api huma.API) {
	huma.Register(api, operation("set-outcome", http.MethodPost, "/activities/{id}/outcome", admin, "Say what became of a meeting that is over", http.StatusNotFound),
		func(ctx context.Context, in *struct {
			ByID
			Body outcomeEntry
		}) (*one[crm.ExportedActivity], error) {
			a, err := s.store.GetActivity(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			next := in.Body.Next
			bad, err := s.setOutcome(ctx, actor(ctx), &a, crm.Outcome{Result: in.Body.Result, Note: in.Body.Note, By: actor(ctx),
				Next: crm.NextAction{When: next.When, Whom: next.Whom, What: next.What}})
			if bad != nil {
				err = bad
			}
			if err != nil {
				return nil, s.apiError(err)
			}
			return &one[crm.ExportedActivity]{crm.ExportActivity(a)}, nil
		})
}
