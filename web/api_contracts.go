package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// contractEntry is what a program enters of a contract.
type contractEntry struct {
	Name      string          `json:"name" minLength:"1" maxLength:"300"`
	Account   string          `json:"account" minLength:"1" maxLength:"200" doc:"id"`
	Contacts  []string        `json:"contacts,omitempty" maxItems:"200" nullable:"false" doc:"ids, the main one first"`
	Owner     string          `json:"owner,omitempty" maxLength:"300" doc:"the rep's address"`
	Start     string          `json:"start" minLength:"1" maxLength:"10" doc:"a day"`
	End       string          `json:"end,omitempty" maxLength:"10" doc:"the last day; absent for one without an end"`
	Notice    int             `json:"notice,omitempty" minimum:"0" maximum:"3650" doc:"days before the end at which the renewal is to be spoken of"`
	Amount    int64           `json:"amount,omitempty" minimum:"0" doc:"in the smallest unit of the currency"`
	Lines     []lineEntry     `json:"lines,omitempty" maxItems:"200" nullable:"false"`
	Documents []documentEntry `json:"documents,omitempty" maxItems:"200" nullable:"false"`
	Ended     string          `json:"ended,omitempty" maxLength:"10" doc:"day on which it was cancelled or not renewed"`
	Renewed   string          `json:"renewed,omitempty" maxLength:"200" doc:"id of the contract that follows it"`
	Note      string          `json:"note,omitempty" maxLength:"10000"`
	Base      time.Time       `json:"base,omitzero" doc:"of a replacement: updated of the record that the change was made of; if it was changed since, nothing is stored and the answer is 409. Absent: the change is made of the record as it is"`
}

type noticesQuery struct {
	Paging
	Today string `query:"today" maxLength:"10" doc:"as if it were this day; absent: today"`
}

func (s *Server) contractsAPI(api huma.API) {
	huma.Register(api, operation("list-contracts", http.MethodGet, "/contracts", rep, "List contracts, by their end; with until those that expire"), s.apiListContracts)
	huma.Register(api, operation("list-notices", http.MethodGet, "/contracts/notices", rep, "List the open contracts whose renewal is to be spoken of, by their end"), s.apiListNotices)
	huma.Register(api, operation("get-contract", http.MethodGet, "/contracts/{id}", rep, "Get a contract", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Contract], error) {
			c, err := s.store.GetContract(ctx, in.ID)
			return answer(s, c, err)
		})
	create := operation("create-contract", http.MethodPost, "/contracts", rep, "Create a contract; one of a won opportunity makes itself")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body contractEntry }) (*one[crm.Contract], error) {
		c, err := s.putContract(ctx, crm.Contract{ID: crm.NewID()}, in.Body, true)
		return answer(s, c, err)
	})
	huma.Register(api, operation("update-contract", http.MethodPut, "/contracts/{id}", rep, "Replace a contract", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body contractEntry
		}) (*one[crm.Contract], error) {
			c, err := s.store.GetContract(ctx, in.ID)
			if err == nil {
				c, err = s.putContract(ctx, c, in.Body, false)
			}
			return answer(s, c, errOvertaken(err))
		})
	huma.Register(api, operation("delete-contract", http.MethodDelete, "/contracts/{id}", admin, "Delete a contract", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *ByID) (*struct{}, error) {
			if err := s.store.DeleteContract(ctx, actor(ctx), in.ID); err != nil {
				return nil, s.apiError(err)
			}
			return nil, nil
		})
}

func (s *Server) apiListContracts(ctx context.Context, in *DealsQuery) (*list[crm.Contract], error) {
	if err := queryDays("since", in.Since, "until", in.Until); err != nil {
		return nil, err
	}
	name := listOfContracts + in.values().Encode()
	after, err := in.place(name)
	if err != nil {
		return nil, err
	}
	f := in.filter()
	f.After = after
	deals, next, err := s.store.ListContracts(ctx, f)
	if err != nil {
		return nil, s.apiError(err)
	}
	return listOf(deals, cursorFor(name, next), "/contracts", in.values()), nil
}

func (s *Server) apiListNotices(ctx context.Context, in *noticesQuery) (*list[crm.Contract], error) {
	if err := queryDays("today", in.Today); err != nil {
		return nil, err
	}
	after, err := in.place(listOfNotices + in.Today)
	if err != nil {
		return nil, err
	}
	deals, next, err := s.store.ListNotices(ctx, cmp.Or(in.Today, s.today()), after, in.Limit)
	if err != nil {
		return nil, s.apiError(err)
	}
	return listOf(deals, cursorFor(listOfNotices+in.Today, next), "/contracts/notices", url.Values{"today": {in.Today}, "limit": {strconv.Itoa(in.Limit)}}), nil
}

// putContract makes an entry a contract and stores it, as a new one or as a change of the one that was.
func (s *Server) putContract(ctx context.Context, was crm.Contract, e contractEntry, fresh bool) (crm.Contract, error) {
	k, c := was, &checks{s: s}
	c.owner(ctx, "owner", &e.Owner, was.Owner)
	k.Name, k.Account, k.Contacts, k.Owner, k.Start, k.End, k.Notice = e.Name, e.Account, e.Contacts, e.Owner, e.Start, e.End, e.Notice
	k.Amount, k.Ended, k.Renewed, k.Note, k.Documents = e.Amount, e.Ended, e.Renewed, e.Note, documentsOf(e.Documents)
	s.checkParties(ctx, c, k.Account, k.Contacts)
	if k.Renewed != "" {
		if _, err := s.store.GetContract(ctx, k.Renewed); err != nil {
			c.wrong("renewed", "entry.no_contract", shown(k.Renewed))
		}
	}
	var err error
	if k.Lines, err = s.linesOf(ctx, c, e.Lines); err != nil {
		return k, err
	}
	if err = c.err("contract"); err != nil {
		return k, err
	}
	if fresh {
		return s.store.SaveContract(ctx, actor(ctx), k)
	}
	return s.store.ChangeContract(ctx, actor(ctx), crm.Amendment[crm.Contract]{Was: was, Is: k, Base: e.Base})
}
