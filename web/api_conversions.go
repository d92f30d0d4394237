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

// conversionEntry says what a conversion is to do.
type conversionEntry struct {
	Account     string            `json:"account,omitempty" maxLength:"200" doc:"id of an existing account; absent: one is made of the lead's company"`
	AccountName string            `json:"account_name,omitempty" maxLength:"300" doc:"of the account to be made; absent: the lead's company"`
	Contact     string            `json:"contact,omitempty" maxLength:"200" doc:"id of an existing contact that the lead is merged into"`
	Owner       string            `json:"owner,omitempty" maxLength:"300" doc:"of contact and account; absent: the lead's"`
	Opportunity *firstOpportunity `json:"opportunity,omitempty" doc:"to be made with it; absent: none"`
}

// firstOpportunity is the opportunity that a conversion makes.
type firstOpportunity struct {
	Name     string      `json:"name" minLength:"1" maxLength:"300"`
	Stage    string      `json:"stage,omitempty" maxLength:"40" doc:"absent: the first stage"`
	Amount   int64       `json:"amount,omitempty" minimum:"0"`
	Expected string      `json:"expected,omitempty" maxLength:"10" doc:"day of the expected close"`
	Lines    []lineEntry `json:"lines,omitempty" maxItems:"200" nullable:"false"`
	Note     string      `json:"note,omitempty" maxLength:"10000"`
}

type conversionQuery struct {
	ByID
	Account     string `query:"account" maxLength:"200" doc:"id of an existing account"`
	AccountName string `query:"account_name" maxLength:"300" doc:"of the account to be made"`
	Contact     string `query:"contact" maxLength:"200" doc:"id of an existing contact"`
	Owner       string `query:"owner" maxLength:"300"`
	Opportunity string `query:"opportunity" maxLength:"300" doc:"name of the opportunity to be made"`
}

type conversionsQuery struct {
	Paging
	Person string `query:"person" maxLength:"200" doc:"id of the lead or of the contact"`
}

func (s *Server) conversionsAPI(api huma.API) {
	huma.Register(api, operation("preview-conversion", http.MethodGet, "/people/{id}/conversion", rep, "Say what converting a lead would do, and which records fit instead of new ones", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *conversionQuery) (*one[crm.ConversionPreview], error) {
			e := conversionEntry{Account: in.Account, AccountName: in.AccountName, Contact: in.Contact, Owner: in.Owner}
			if in.Opportunity != "" {
				e.Opportunity = &firstOpportunity{Name: in.Opportunity}
			}
			plan, err := s.conversionPlan(ctx, in.ID, e)
			if err != nil {
				return nil, s.apiError(err)
			}
			preview, err := s.store.PreviewConversion(ctx, plan)
			return answer(s, preview, err)
		})
	convert := operation("convert-person", http.MethodPost, "/people/{id}/conversion", rep, "Convert a lead into a contact of an account; its history comes along", http.StatusNotFound, http.StatusConflict)
	convert.DefaultStatus = http.StatusCreated
	huma.Register(api, convert, func(ctx context.Context, in *struct {
		ByID
		Body conversionEntry
	}) (*one[crm.Conversion], error) {
		plan, err := s.conversionPlan(ctx, in.ID, in.Body)
		if err != nil {
			return nil, s.apiError(err)
		}
		done, err := s.store.Convert(ctx, actor(ctx), plan, time.Now().UTC())
		if err == nil {
			s.cfg.Kick()
		}
		return answer(s, done, err)
	})
	huma.Register(api, operation("list-conversions", http.MethodGet, "/conversions", rep, "List conversions, newest first"),
		func(ctx context.Context, in *conversionsQuery) (*list[crm.Conversion], error) {
			after, err := in.place(listOfConversions + in.Person)
			if err != nil {
				return nil, err
			}
			done, next, err := s.store.ListConversions(ctx, in.Person, after, in.Limit)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(done, cursorFor(listOfConversions+in.Person, next), "/conversions", url.Values{"person": {in.Person}, "limit": {strconv.Itoa(in.Limit)}}), nil
		})
	huma.Register(api, operation("get-conversion", http.MethodGet, "/conversions/{id}", rep, "Get a conversion", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Conversion], error) {
			done, err := s.store.GetConversion(ctx, in.ID)
			return answer(s, done, err)
		})
	huma.Register(api, operation("undo-conversion", http.MethodPost, "/conversions/{id}/undo", rep, "Make the lead again; what the conversion made goes if nobody touched it, and is named in stayed otherwise", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *ByID) (*one[crm.Conversion], error) {
			done, err := s.store.UndoConversion(ctx, actor(ctx), in.ID, time.Now().UTC())
			if err == nil {
				s.cfg.Kick()
			}
			return answer(s, done, err)
		})
}

// conversionPlan is an entry as the store takes it.
func (s *Server) conversionPlan(ctx context.Context, person string, e conversionEntry) (crm.ConversionPlan, error) {
	c, doc := &checks{s: s}, s.lifecycle()
	c.line("account_name", &e.AccountName, maxField)
	lead, err := s.store.GetPerson(ctx, person)
	if err != nil {
		return crm.ConversionPlan{}, err
	}
	c.owner(ctx, "owner", &e.Owner, lead.Owner)
	plan := crm.ConversionPlan{Person: person, Account: e.Account, AccountName: e.AccountName, Contact: e.Contact, Owner: e.Owner}
	if plan.Account == "" && s.cfg.CompanyDomain != nil {
		plan.Domain = s.cfg.CompanyDomain(lead.Emails)
	}
	if f := e.Opportunity; f != nil {
		if f.Stage != "" {
			c.code("opportunity.stage", f.Stage, inUse(stageNames(doc)))
		} else if stages := inUse(stageNames(doc)); len(stages) > 0 {
			f.Stage = stages[0]
		}
		c.day("opportunity.expected", &f.Expected)
		o := crm.Opportunity{Name: f.Name, Stage: crm.Stage(f.Stage), Amount: f.Amount, Expected: f.Expected, Note: f.Note}
		for _, st := range doc.Stages {
			if st.Name.Name == f.Stage {
				o.Ends = st.Ends
			}
		}
		var err error
		if o.Lines, err = s.linesOf(ctx, c, f.Lines); err != nil {
			return plan, err
		}
		plan.Opportunity = &o
	}
	return plan, c.err("conversion")
}
