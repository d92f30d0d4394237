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
	Status     string   `json:"status,omitempty" maxLength:"100" doc:"of a lead: name of a status of the lifecycle; left out of a contact. Absent in a replacement, it stays"`
	Reason     string   `json:"reason,omitempty" maxLength:"40" doc:"name of a nurturing reason, where a status that is new takes one"`

	Base time.Time `json:"base,omitzero" doc:"of a replacement: updated of the record that the change was made of; if it was changed since, nothing is stored and the answer is 409. Absent: the change is made of the record as it is"`

	// Of what follows, a part that is left out stays as it is.
	Given        *touchEntry   `json:"given,omitempty" doc:"where they came from, as far as no form tells"`
	Consent      *consentEntry `json:"consent,omitempty" doc:"to be sent mailings"`
	DoNotContact *string       `json:"do_not_contact,omitempty" maxLength:"500" doc:"why they must not be approached; empty if they may"`
	ExternalKey  *string       `json:"external_key,omitempty" maxLength:"200" doc:"by which an import finds the record again; empty for none"`

	Custom map[string]string `json:"custom,omitempty" doc:"declared fields by name; one that is left out stays as it is, an empty one is taken away"`
}

// touchEntry is where somebody came from.
type touchEntry struct {
	Campaign string `json:"campaign,omitempty" maxLength:"100"`
	Channel  string `json:"channel,omitempty" maxLength:"100" doc:"流入経路"`
	Source   string `json:"source,omitempty" maxLength:"300"`
	Medium   string `json:"medium,omitempty" maxLength:"300"`
	Term     string `json:"term,omitempty" maxLength:"300"`
	Content  string `json:"content,omitempty" maxLength:"300"`
	Referrer string `json:"referrer,omitempty" maxLength:"2000"`
	Landing  string `json:"landing,omitempty" maxLength:"2000"`
}

// consentEntry is an answer to mailings.
type consentEntry struct {
	State    string    `json:"state" enum:"given,refused," doc:"empty: not known, which is no consent"`
	At       time.Time `json:"at,omitzero" doc:"when it was said, RFC 3339, not ahead; absent: now"`
	Evidence string    `json:"evidence,omitempty" maxLength:"500" doc:"the form or the words by which it was given or taken back"`
}

func (e personEntry) apply(p crm.Person) crm.Person {
	p.Updated = time.Now().UTC()
	p.Kind, p.Name, p.FamilyName, p.GivenName, p.Kana = crm.PersonKind(e.Kind), e.Name, e.FamilyName, e.GivenName, e.Kana
	p.Company, p.AccountID, p.Department, p.Title, p.Owner = e.Company, e.AccountID, e.Department, e.Title, e.Owner
	p.Emails, p.Phones = e.Emails, phonesOf(e.Phones)
	if e.Given != nil {
		p.Given = crm.Touch(*e.Given)
	}
	if c := e.Consent; c != nil {
		p.Consent = crm.Consent{State: crm.ConsentState(c.State), At: c.At.UTC(), Evidence: c.Evidence}
		if p.Consent.At.IsZero() && c.State != "" {
			p.Consent.At = p.Updated
		}
	}
	if e.DoNotContact != nil {
		p.DoNotContact = *e.DoNotContact
	}
	if e.ExternalKey != nil {
		p.ExternalKey = *e.ExternalKey
	}
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
		return s.putPerson(ctx, crm.Person{ID: crm.NewID(), Origin: "api", Created: now}, in.Body, true)
	})
	huma.Register(api, operation("update-person", http.MethodPut, "/people/{id}", rep, "Replace a lead or contact", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body personEntry
		}) (*one[crm.Person], error) {
			p, err := s.store.GetPerson(ctx, in.ID)
			if err != nil {
				return nil, s.apiError(err)
			}
			return s.putPerson(ctx, p, in.Body, false)
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

// putPerson checks an entry and stores it. A status and an owner that somebody changes are changes with a history.
func (s *Server) putPerson(ctx context.Context, was crm.Person, e personEntry, fresh bool) (*one[crm.Person], error) {
	p := e.apply(was)
	c := &checks{s: s}
	s.checkEntered(c, &p)
	if e.Consent != nil && !e.Consent.At.Equal(was.Consent.At) {
		c.past("consent.at", e.Consent.At)
	}
	moves := s.checkMove(ctx, c, was, &p, crm.LeadStatus(e.Status), e.Reason, fresh)
	if bad := s.checkPerson(&p); bad != nil {
		return nil, s.apiError(bad)
	}
	if err := c.err("person"); err != nil {
		return nil, s.apiError(err)
	}
	var bad *problem
	if p.Custom, bad = s.checkCustom(crm.FieldTarget(p.Kind), e.Custom, p.Custom, s.speakers["en"]); bad != nil {
		return nil, s.apiError(bad)
	}
	if p.AccountID != "" {
		if _, err := s.store.GetAccount(ctx, p.AccountID); err != nil {
			return nil, s.apiError(&problem{"form.no_account", p.AccountID})
		}
	}
	var err error
	if fresh {
		err = s.store.SavePeople(ctx, actor(ctx), []crm.Person{p})
	} else {
		p, err = s.store.ChangePerson(ctx, actor(ctx), crm.Amendment[crm.Person]{Was: was, Is: p, Base: e.Base}, moves...)
	}
	if err != nil {
		return nil, s.apiError(errOvertaken(err))
	}
	s.cfg.Kick()
	return &one[crm.Person]{p}, nil
}
