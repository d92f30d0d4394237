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

type proposalsQuery struct {
	Paging
	State   string `query:"state" enum:"open,accepted,refused,moot"`
	Owner   string `query:"owner" maxLength:"300" doc:"who is asked: a rep's address"`
	Subject string `query:"subject" maxLength:"200" doc:"id of a person or account"`
	Kind    string `query:"kind" enum:"bad_address,left,successor,field,do_not_contact,merge,task,contradicts"`
}

func (q *proposalsQuery) values() url.Values {
	return url.Values{"state": {q.State}, "owner": {q.Owner}, "subject": {q.Subject}, "kind": {q.Kind}, "limit": {strconv.Itoa(q.Limit)}}
}

// proposalActions are what can be answered to a proposal, by the last part of the address.
func proposalActions() map[string]crm.ProposalState {
	return map[string]crm.ProposalState{"accept": crm.ProposalAccepted, "refuse": crm.ProposalRefused, "reopen": crm.ProposalOpen}
}

func (s *Server) proposalsAPI(api huma.API) {
	huma.Register(api, operation("list-proposals", http.MethodGet, "/proposals", rep, "List proposals, the newest evidence first"),
		func(ctx context.Context, in *proposalsQuery) (*list[crm.Proposal], error) {
			name := listOfProposals + in.values().Encode()
			after, err := in.place(name)
			if err != nil {
				return nil, err
			}
			f := crm.ProposalFilter{State: crm.ProposalState(in.State), Owner: in.Owner, Subject: in.Subject, Kind: crm.ProposalKind(in.Kind), After: after, Limit: in.Limit}
			proposals, next, err := s.store.ListProposals(ctx, f)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(proposals, cursorFor(name, next), "/proposals", in.values()), nil
		})
	huma.Register(api, operation("get-proposal", http.MethodGet, "/proposals/{id}", rep, "Get a proposal with its evidence", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Proposal], error) {
			p, err := s.store.GetProposal(ctx, in.ID)
			return answer(s, p, err)
		})
	for action, summary := range map[string]string{
		"accept": "Accept a proposal: what it proposes is done",
		"refuse": "Refuse a proposal; it is not made again on the same evidence",
		"reopen": "Take a decision back, and what accepting did as far as nobody changed it since",
	} {
		state := proposalActions()[action]
		huma.Register(api, operation(action+"-proposal", http.MethodPost, "/proposals/{id}/"+action, rep, summary, http.StatusNotFound, http.StatusConflict),
			func(ctx context.Context, in *ByID) (*one[crm.Proposal], error) {
				p, err := s.decideProposal(ctx, actor(ctx), in.ID, state)
				return answer(s, p, err)
			})
	}
}

// decideProposal takes somebody's answer; pages and API share it.
func (s *Server) decideProposal(ctx context.Context, actor, id string, state crm.ProposalState) (crm.Proposal, error) {
	p, err := s.store.DecideProposal(ctx, actor, id, state, time.Now().UTC())
	if err == nil {
		s.cfg.Kick()
	}
	return p, err
}
