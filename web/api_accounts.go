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

// accountEntry is what a program enters of an account.
type accountEntry struct {
	Name    string   `json:"name" minLength:"1" maxLength:"300"`
	Kana    string   `json:"kana,omitempty" maxLength:"300"`
	Domains []string `json:"domains,omitempty" maxItems:"50" nullable:"false" doc:"mail from these domains belongs to the account; subdomains included"`
	Phones  []string `json:"phones,omitempty" maxItems:"50" nullable:"false"`
	Owner   string   `json:"owner,omitempty" maxLength:"300" doc:"the rep's address"`

	Base time.Time `json:"base,omitzero" doc:"of a replacement: updated of the record that the change was made of; if it was changed since, nothing is stored and the answer is 409. Absent: the change is made of the record as it is"`

	// Of what follows, a part that is left out stays as it is.
	Parent      *string `json:"parent,omitempty" maxLength:"200" doc:"id of the account it is a subsidiary of; empty for none"`
	ExternalKey *string `json:"external_key,omitempty" maxLength:"200" doc:"by which an import finds the record again; empty for none"`

	Custom map[string]string `json:"custom,omitempty" doc:"declared fields by name; one that is left out stays as it is, an empty one is taken away"`
}

func (e accountEntry) apply(a crm.Account) crm.Account {
	a.Name, a.Kana, a.Domains, a.Owner = e.Name, e.Kana, e.Domains, e.Owner
	a.Phones = phonesOf(e.Phones)
	if e.Parent != nil {
		a.Parent = *e.Parent
	}
	if e.ExternalKey != nil {
		a.ExternalKey = *e.ExternalKey
	}
	a.Updated = time.Now().UTC()
	return a
}

type accountsQuery struct {
	Paging
	Query string `query:"q" doc:"words of names, kana or domains; all must be found" maxLength:"300"`
}

func (s *Server) accountsAPI(api huma.API) {
	huma.Register(api, operation("list-accounts", http.MethodGet, "/accounts", rep, "List accounts, by name"),
		func(ctx context.Context, in *accountsQuery) (*list[crm.Account], error) {
			after, err := in.place(listOfAccounts)
			if err != nil {
				return nil, err
			}
			accounts, next, err := s.store.ListAccounts(ctx, crm.AccountFilter{Query: in.Query, After: after, Limit: in.Limit})
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(accounts, cursorFor(listOfAccounts, next), "/accounts", url.Values{"q": {in.Query}, "limit": {strconv.Itoa(in.Limit)}}), nil
		})
	huma.Register(api, operation("get-account", http.MethodGet, "/accounts/{id}", rep, "Get an account", http.StatusNotFound),
		func(ctx context.Context, in *ByID) (*one[crm.Account], error) {
			a, err := s.store.GetAccount(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			return &one[crm.Account]{a}, nil
		})
	create := operation("create-account", http.MethodPost, "/accounts", rep, "Create an account; earlier mail of its domains is logged soon after")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body accountEntry }) (*one[crm.Account], error) {
		return s.putAccount(ctx, crm.Account{ID: crm.NewID(), Origin: "api", Created: time.Now().UTC()}, in.Body, true)
	})
	huma.Register(api, operation("update-account", http.MethodPut, "/accounts/{id}", rep, "Replace an account", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body accountEntry
		}) (*one[crm.Account], error) {
			a, err := s.store.GetAccount(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			return s.putAccount(ctx, a, in.Body, false)
		})
}

// putAccount checks an entry and stores it, as a new account or as a change of the one that was.
func (s *Server) putAccount(ctx context.Context, was crm.Account, e accountEntry, fresh bool) (*one[crm.Account], error) {
	a := e.apply(was)
	if bad := s.checkAccount(&a); bad != nil {
		return nil, s.apiError(bad)
	}
	c := &checks{s: s}
	c.owner(ctx, "owner", &a.Owner, was.Owner)
	c.line("external_key", &a.ExternalKey, 200)
	if err := s.checkParent(ctx, c, a); err != nil {
		return nil, s.apiError(err)
	}
	if err := c.err("account"); err != nil {
		return nil, s.apiError(err)
	}
	var bad *problem
	if a.Custom, bad = s.checkCustom(crm.OnAccount, e.Custom, a.Custom, s.speakers["en"]); bad != nil {
		return nil, s.apiError(bad)
	}
	var err error
	if fresh {
		err = s.store.SaveAccounts(ctx, actor(ctx), []crm.Account{a})
	} else {
		a, err = s.store.ChangeAccount(ctx, actor(ctx), crm.Amendment[crm.Account]{Was: was, Is: a, Base: e.Base})
	}
	if err != nil {
		return nil, s.apiError(errOvertaken(err))
	}
	s.cfg.Kick()
	return &one[crm.Account]{a}, nil
}
