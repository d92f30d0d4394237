package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// nextEntry is a next action: when, to whom, what.
type nextEntry struct {
	When string `json:"when,omitempty" maxLength:"10" doc:"a day in the organisation's time zone, 2026-11-21"`
	Whom string `json:"whom,omitempty" maxLength:"300" doc:"if it is not the person"`
	What string `json:"what,omitempty" maxLength:"500"`
}

func (n nextEntry) action() crm.NextAction {
	return crm.NextAction{When: n.When, Whom: n.Whom, What: n.What}
}

type statusBody struct {
	Status string    `json:"status" minLength:"1" maxLength:"40" doc:"name of a status of the lifecycle"`
	Reason string    `json:"reason,omitempty" maxLength:"40" doc:"name of a nurturing reason, where the status takes one"`
	Next   nextEntry `json:"next,omitzero" doc:"the next action; needed where the status wants one. It becomes a task"`
	Owner  string    `json:"next_owner,omitempty" maxLength:"300" doc:"who does what is next; absent: the lead's owner"`
}

type ownerBody struct {
	Owner string `json:"owner" maxLength:"300" doc:"the rep's address; empty for nobody"`
}

type stageBody struct {
	Stage string `json:"stage" minLength:"1" maxLength:"40" doc:"a stage of the person's type of enquiry, or a final action that ends it"`
}

// statusDecided is what became of a decision about a status.
type statusDecided struct {
	Change crm.Change `json:"change"`
	Task   *crm.Task  `json:"task,omitempty" doc:"the next action; absent if there is none"`
}

func (s *Server) lifeAPI(api huma.API) {
	huma.Register(api, operation("get-person-standing", http.MethodGet, "/people/{id}/standing", rep, "Say where a person stands: touches, freshness and its parts, segments", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Standing], error) {
			if _, err := s.store.GetPerson(ctx, in.ID); err != nil {
				return nil, s.apiError(err)
			}
			return s.standing(ctx, in.ID)
		})
	huma.Register(api, operation("get-account-standing", http.MethodGet, "/accounts/{id}/standing", rep, "Say where an account stands", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Standing], error) {
			if _, err := s.store.GetAccount(ctx, in.ID); err != nil {
				return nil, s.apiError(err)
			}
			return s.standing(ctx, in.ID)
		})
	huma.Register(api, operation("list-person-changes", http.MethodGet, "/people/{id}/changes", rep, "List the changes of a person's status, owner and stage, newest first", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*list[crm.Change], error) {
			if _, err := s.store.GetPerson(ctx, in.ID); err != nil {
				return nil, s.apiError(err)
			}
			changes, err := s.store.ListChanges(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(changes, "", "/people/{id}/changes", nil), nil
		})
	s.decisionsAPI(api)
}

// standing is where somebody stands; of one whom nothing is known of yet, the zero value.
func (s *Server) standing(ctx context.Context, id string) (*one[crm.Standing], error) {
	st, err := s.standingOf(ctx, id)
	if err != nil {
		return nil, s.apiError(err)
	}
	return &one[crm.Standing]{st}, nil
}

func (s *Server) decisionsAPI(api huma.API) {
	huma.Register(api, operation("set-person-status", http.MethodPost, "/people/{id}/status", rep, "Move a lead to a status; it stays until something new happens", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body statusBody
		}) (*one[statusDecided], error) {
			b := in.Body
			change, task, err := s.setStatus(ctx, actor(ctx), in.ID, statusEntry{Status: b.Status, Reason: b.Reason, Next: b.Next.action(), Owner: b.Owner})
			return answer(s, statusDecided{change, task}, err)
		})
	huma.Register(api, operation("set-person-owner", http.MethodPost, "/people/{id}/owner", rep, "Give a person to a rep; the history stays", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body ownerBody
		}) (*one[crm.Change], error) {
			change, err := s.setOwner(ctx, actor(ctx), in.ID, in.Body.Owner)
			return answer(s, change, err)
		})
	huma.Register(api, operation("set-person-stage", http.MethodPost, "/people/{id}/stage", rep, "Move a person's enquiry to a stage, or end it", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body stageBody
		}) (*one[crm.Change], error) {
			change, err := s.setStage(ctx, actor(ctx), in.ID, in.Body.Stage)
			return answer(s, change, err)
		})
	huma.Register(api, operation("undo-change", http.MethodPost, "/changes/{id}/undo", rep, "Take back the last change of a status, an owner or a stage", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *ByID) (*one[crm.Change], error) {
			change, err := s.undoChange(ctx, actor(ctx), in.ID)
			return answer(s, change, err)
		})
}
