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

// lineEntry is a product of an opportunity or a contract.
type lineEntry struct {
	Product  string `json:"product,omitempty" maxLength:"200" doc:"id in the catalogue; absent for something else"`
	Name     string `json:"name,omitempty" maxLength:"300" doc:"absent: as the catalogue calls it"`
	Quantity int64  `json:"quantity" minimum:"0"`
	Price    *int64 `json:"price,omitempty" minimum:"0" doc:"of one, in the smallest unit of the currency; absent: as the catalogue says"`
}

// documentEntry is a link to an order, a contract or another paper.
type documentEntry struct {
	Kind string `json:"kind" enum:"order,contract,other"`
	Name string `json:"name" minLength:"1" maxLength:"300"`
	URL  string `json:"url" minLength:"1" maxLength:"2000" doc:"http or https, or a path as the company writes it"`
}

// opportunityEntry is what a program enters of an opportunity.
type opportunityEntry struct {
	Name      string            `json:"name" minLength:"1" maxLength:"300"`
	Account   string            `json:"account" minLength:"1" maxLength:"200" doc:"id"`
	Contacts  []string          `json:"contacts,omitempty" maxItems:"200" nullable:"false" doc:"ids, the main one first"`
	Owner     string            `json:"owner,omitempty" maxLength:"300" doc:"the rep's address"`
	Stage     string            `json:"stage" minLength:"1" maxLength:"40" doc:"name of a stage of the lifecycle"`
	Amount    int64             `json:"amount,omitempty" minimum:"0" doc:"in the smallest unit of the currency; the lines' sum if there are any"`
	Expected  string            `json:"expected,omitempty" maxLength:"10" doc:"day of the expected close"`
	Closed    string            `json:"closed,omitempty" maxLength:"10" doc:"day it was won or lost; absent: the day the stage said so"`
	Lines     []lineEntry       `json:"lines,omitempty" maxItems:"200" nullable:"false"`
	Documents []documentEntry   `json:"documents,omitempty" maxItems:"200" nullable:"false"`
	Start     string            `json:"start,omitempty" maxLength:"10" doc:"of the contract as agreed; one that is won and has a start makes its contract"`
	End       string            `json:"end,omitempty" maxLength:"10"`
	Notice    int               `json:"notice,omitempty" minimum:"0" maximum:"3650" doc:"days before the end at which the renewal is to be spoken of"`
	Note      string            `json:"note,omitempty" maxLength:"10000"`
	Custom    map[string]string `json:"custom,omitempty"`
	Base      time.Time         `json:"base,omitzero" doc:"of a replacement: updated of the record that the change was made of; if it was changed since, nothing is stored and the answer is 409. Absent: the change is made of the record as it is"`
}

// DealsQuery is how deals are chosen, exported like Paging.
type DealsQuery struct {
	Paging
	Account string `query:"account" maxLength:"200" doc:"id"`
	Person  string `query:"person" maxLength:"200" doc:"id of a contact"`
	Owner   string `query:"owner" maxLength:"300" doc:"a rep's address"`
	Open    bool   `query:"open" doc:"opportunities that are neither won nor lost; contracts that neither ended nor were renewed"`
	Since   string `query:"since" maxLength:"10" doc:"expected close, or a contract's end: this day or later"`
	Until   string `query:"until" maxLength:"10" doc:"expected close, or a contract's end: this day or before"`
}

func (q *DealsQuery) filter() crm.DealFilter {
	return crm.DealFilter{Account: q.Account, Person: q.Person, Owner: q.Owner, Open: q.Open, Since: q.Since, Until: q.Until, Limit: q.Limit}
}

func (q *DealsQuery) values() url.Values {
	return url.Values{"account": {q.Account}, "person": {q.Person}, "owner": {q.Owner}, "open": {yes(q.Open)}, "since": {q.Since}, "until": {q.Until}, "limit": {strconv.Itoa(q.Limit)}}
}

type opportunitiesQuery struct {
	DealsQuery
	Stage string `query:"stage" maxLength:"40" doc:"name of a stage"`
}

func (s *Server) opportunitiesAPI(api huma.API) {
	huma.Register(api, operation("list-opportunities", http.MethodGet, "/opportunities", rep, "List opportunities, by expected close"), s.apiListOpportunities)
	huma.Register(api, operation("get-opportunity", http.MethodGet, "/opportunities/{id}", rep, "Get an opportunity", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Opportunity], error) {
			o, err := s.store.GetOpportunity(ctx, in.ID)
			return answer(s, o, err)
		})
	create := operation("create-opportunity", http.MethodPost, "/opportunities", rep, "Create an opportunity")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body opportunityEntry }) (*one[crm.Opportunity], error) {
		o, err := s.putOpportunity(ctx, crm.Opportunity{ID: crm.NewID()}, in.Body, true)
		return answer(s, o, err)
	})
	huma.Register(api, operation("update-opportunity", http.MethodPut, "/opportunities/{id}", rep, "Replace an opportunity; its history stays", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body opportunityEntry
		}) (*one[crm.Opportunity], error) {
			o, err := s.store.GetOpportunity(ctx, in.ID)
			if err == nil {
				o, err = s.putOpportunity(ctx, o, in.Body, false)
			}
			return answer(s, o, errOvertaken(err))
		})
	huma.Register(api, operation("delete-opportunity", http.MethodDelete, "/opportunities/{id}", admin, "Delete an opportunity", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *ByID) (*struct{}, error) {
			if err := s.store.DeleteOpportunity(ctx, actor(ctx), in.ID); err != nil {
				return nil, s.apiError(err)
			}
			return nil, nil
		})
}

func (s *Server) apiListOpportunities(ctx context.Context, in *opportunitiesQuery) (*list[crm.Opportunity], error) {
	if err := queryDays("since", in.Since, "until", in.Until); err != nil {
		return nil, err
	}
	values := in.values()
	values.Set("stage", in.Stage)
	name := listOfOpportunities + values.Encode()
	after, err := in.place(name)
	if err != nil {
		return nil, err
	}
	f := in.filter()
	f.Stage, f.After = crm.Stage(in.Stage), after
	deals, next, err := s.store.ListOpportunities(ctx, f)
	if err != nil {
		return nil, s.apiError(err)
	}
	return listOf(deals, cursorFor(name, next), "/opportunities", values), nil
}

// putOpportunity makes an entry an opportunity and stores it, as a new one or as a change of the one that was.
func (s *Server) putOpportunity(ctx context.Context, was crm.Opportunity, e opportunityEntry, fresh bool) (crm.Opportunity, error) {
	c := &checks{s: s}
	o, err := s.enteredOpportunity(ctx, c, was, e)
	if err == nil {
		err = c.err("opportunity")
	}
	if err != nil {
		return o, err
	}
	if fresh {
		o, err = s.store.SaveOpportunity(ctx, actor(ctx), o)
	} else {
		o, err = s.store.ChangeOpportunity(ctx, actor(ctx), crm.Amendment[crm.Opportunity]{Was: was, Is: o, Base: e.Base})
	}
	if err == nil {
		s.cfg.Kick()
	}
	return o, err
}

// enteredOpportunity is the entry as an opportunity, with what the catalogue and the lifecycle know of it.
func (s *Server) enteredOpportunity(ctx context.Context, c *checks, o crm.Opportunity, e opportunityEntry) (crm.Opportunity, error) {
	doc := s.lifecycle()
	if e.Stage != string(o.Stage) {
		c.code("stage", e.Stage, inUse(stageNames(doc)))
	}
	for _, st := range doc.Stages {
		if st.Name.Name == e.Stage {
			o.Ends = st.Ends
		}
	}
	c.owner(ctx, "owner", &e.Owner, o.Owner)
	o.Name, o.Account, o.Contacts, o.Owner, o.Stage, o.Amount = e.Name, e.Account, e.Contacts, e.Owner, crm.Stage(e.Stage), e.Amount
	o.Expected, o.Closed, o.Start, o.End, o.Notice, o.Note, o.Custom = e.Expected, e.Closed, e.Start, e.End, e.Notice, e.Note, e.Custom
	o.Documents = documentsOf(e.Documents)
	s.checkParties(ctx, c, o.Account, o.Contacts)
	var err error
	o.Lines, err = s.linesOf(ctx, c, e.Lines)
	return o, err
}
