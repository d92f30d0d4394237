package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// campaignEntry is what a program enters of a campaign.
type campaignEntry struct {
	Code    string      `json:"code" minLength:"1" maxLength:"100" doc:"as utm_campaign says it, without regard to case and width"`
	Name    string      `json:"name" minLength:"1" maxLength:"300"`
	Channel string      `json:"channel,omitempty" maxLength:"100" doc:"流入経路"`
	Budget  int64       `json:"budget,omitempty" minimum:"0" doc:"in the smallest unit of the currency"`
	Start   string      `json:"start,omitempty" maxLength:"10" doc:"a day"`
	End     string      `json:"end,omitempty" maxLength:"10"`
	Costs   []costEntry `json:"costs,omitempty" maxItems:"5000" nullable:"false"`
	Retired bool        `json:"retired,omitempty"`
	Base    time.Time   `json:"base,omitzero" doc:"of a replacement: updated of the record that the change was made of; if it was changed since, nothing is stored and the answer is 409. Absent: the change is made of the record as it is"`
}

// costEntry is money spent on a campaign.
type costEntry struct {
	Day    string `json:"day" minLength:"1" maxLength:"10"`
	Amount int64  `json:"amount" doc:"less than 0 for money that came back"`
	Note   string `json:"note,omitempty" maxLength:"300"`
}

func (s *Server) campaignsAPI(api huma.API) {
	huma.Register(api, operation("list-campaigns", http.MethodGet, "/campaigns", rep, "List campaigns, the newest first"),
		func(ctx context.Context, _ *struct{}) (*list[crm.Campaign], error) {
			campaigns, err := s.store.ListCampaigns(ctx)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(campaigns, "", "/campaigns", nil), nil
		})
	huma.Register(api, operation("get-campaign", http.MethodGet, "/campaigns/{id}", rep, "Get a campaign", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Campaign], error) {
			c, err := s.store.GetCampaign(ctx, in.ID)
			return answer(s, c, err)
		})
	create := operation("create-campaign", http.MethodPost, "/campaigns", admin, "Create a campaign", http.StatusConflict)
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body campaignEntry }) (*one[crm.Campaign], error) {
		c, err := s.putCampaign(ctx, crm.Campaign{ID: crm.NewID(), Created: time.Now().UTC()}, in.Body, true)
		return answer(s, c, err)
	})
	huma.Register(api, operation("update-campaign", http.MethodPut, "/campaigns/{id}", admin, "Replace a campaign with its costs", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body campaignEntry
		}) (*one[crm.Campaign], error) {
			c, err := s.store.GetCampaign(ctx, in.ID)
			if err == nil {
				c, err = s.putCampaign(ctx, c, in.Body, false)
			}
			return answer(s, c, errOvertaken(err))
		})
}

func (s *Server) putCampaign(ctx context.Context, was crm.Campaign, e campaignEntry, fresh bool) (crm.Campaign, error) {
	c := was
	c.Code, c.Name, c.Channel, c.Budget, c.Start, c.End, c.Retired, c.Costs = e.Code, e.Name, e.Channel, e.Budget, e.Start, e.End, e.Retired, nil
	for _, cost := range e.Costs {
		c.Costs = append(c.Costs, crm.Cost{Day: cost.Day, Amount: cost.Amount, Note: cost.Note})
	}
	c.Updated = time.Now().UTC()
	if !fresh {
		return s.store.ChangeCampaign(ctx, actor(ctx), crm.Amendment[crm.Campaign]{Was: was, Is: c, Base: e.Base})
	}
	if err := s.store.SaveCampaign(ctx, actor(ctx), c); err != nil {
		return c, err
	}
	return s.store.GetCampaign(ctx, c.ID)
}
