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

// personEntry is what a program enters of a person.
type personEntry struct {
	Kind       string   `json:"kind" enum:"lead,contact"`
	Name       string   `json:"name" minLength:"1" maxLength:"300"`
	FamilyName string   `json:"family_name,omitempty" maxLength:"300"`
	GivenName  string   `json:"given_name,omitempty" maxLength:"300"`
	Kana       string   `json:"kana,omitempty" maxLength:"300"`
	Company    string   `json:"company,omitempty" maxLength:"300" doc:"of a lead"`
	AccountID  string   `json:"account_id,omitempty" maxLength:"200" doc:"of a contact; left out of a lead"`
	Department string   `json:"department,omitempty" maxLength:"300"`
	Title      string   `json:"title,omitempty" maxLength:"300"`
	Emails     []string `json:"emails,omitempty" maxItems:"50" nullable:"false" doc:"the main one first"`
	Phones     []string `json:"phones,omitempty" maxItems:"50" nullable:"false" doc:"the main one first"`
	Owner      string   `json:"owner,omitempty" maxLength:"300" doc:"the rep's address"`
	Status     string   `json:"status,omitempty" maxLength:"100" doc:"of a lead; left out of a contact"`

	Custom map[string]string `json:"custom,omitempty" doc:"declared fields by name; one that is left out stays as it is, an empty one is taken away"`
}

func (e personEntry) apply(p crm.Person) crm.Person {
	p.Kind, p.Name, p.FamilyName, p.GivenName, p.Kana = crm.PersonKind(e.Kind), e.Name, e.FamilyName, e.GivenName, e.Kana
	p.Company, p.AccountID, p.Department, p.Title, p.Owner = e.Company, e.AccountID, e.Department, e.Title, e.Owner
	p.Emails, p.Phones, p.Status = e.Emails, phonesOf(e.Phones), crm.LeadStatus(e.Status)
	p.Updated = time.Now().UTC()
	return p
}

type peopleQuery struct {
	Paging
	Query   string `query:"q" doc:"words of names, kana, companies or addresses; all must be found" maxLength:"300"`
	Kind    string `query:"kind" enum:"lead,contact"`
	Account string `query:"account" doc:"members of this account" maxLength:"200"`
}

func (s *Server) peopleAPI(api huma.API) {
	huma.Register(api, operation("list-people", http.MethodGet, "/people", rep, "List leads and contacts, by name"),
		func(ctx context.Context, in *peopleQuery) (*list[crm.Person], error) {
			after, err := in.place(peopleList(in.Account))
			if err != nil {
				return nil, err
			}
			f := crm.PeopleFilter{Query: in.Query, Kind: crm.PersonKind(in.Kind), Account: in.Account, After: after, Limit: in.Limit}
			people, next, err := s.store.ListPeople(ctx, f)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(people, cursorFor(peopleList(in.Account), next), "/people", url.Values{"q": {in.Query}, "kind": {in.Kind}, "account": {in.Account}, "limit": {strconv.Itoa(in.Limit)}}), nil
		})
	huma.Register(api, operation("get-person", http.MethodGet, "/people/{id}", rep, "Get a lead or contact", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Person], error) {
			p, err := s.store.GetPerson(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			return &one[crm.Person]{p}, nil
		})
	create := operation("create-person", http.MethodPost, "/people", rep, "Create a lead or contact; earlier mail with its addresses is logged soon after")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body personEntry }) (*one[crm.Person], error) {
		now := time.Now().UTC()
		return s.putPerson(ctx, in.Body.apply(crm.Person{ID: crm.NewID(), Origin: "api", Created: now}), in.Body.Custom)
	})
	huma.Register(api, operation("update-person", http.MethodPut, "/people/{id}", rep, "Replace a lead or contact", http.StatusNotFound),
		func(ctx context.Context, in *struct {
			ByID
			Body personEntry
		}) (*one[crm.Person], error) {
			p, err := s.store.GetPerson(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			return s.putPerson(ctx, in.Body.apply(p), in.Body.Custom)
		})
	huma.Register(api, operation("delete-person", http.MethodDelete, "/people/{id}", admin, "Delete a lead or contact; activities keep the address", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*struct{}, error) {
			if err := s.store.DeletePerson(ctx, actor(ctx), in.ID); err != nil {
				return nil, s.apiError(err)
			}
			s.cfg.Kick()
			return nil, nil
		})
}

func (s *Server) putPerson(ctx context.Context, p crm.Person, custom map[string]string) (*one[crm.Person], error) {
	if bad := s.checkPerson(&p); bad != nil {
		return nil, s.apiError(bad)
	}
	var bad *problem
	if p.Custom, bad = s.checkCustom(crm.FieldTarget(p.Kind), custom, p.Custom, s.speakers["en"]); bad != nil {
		return nil, s.apiError(bad)
	}
	if p.AccountID != "" {
		if _, err := s.store.GetAccount(ctx, p.AccountID); err != nil {
			return nil, s.apiError(&problem{"form.no_account", p.AccountID})
		}
	}
	if err := s.store.SavePeople(ctx, actor(ctx), []crm.Person{p}); err != nil {
		return nil, s.apiError(err)
	}
	s.cfg.Kick()
	return &one[crm.Person]{p}, nil
}
