package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// personForm is the form for a new or an existing person, filled with what was entered.
type personForm struct {
	Person               crm.Person
	Emails, Phones       string
	Account              string // name
	Named                string // as they are called on record
	New                  bool
	Statuses, Reasons    []option
	Owners               []option
	SuggestedAccounts    []crm.Account
	Custom               []customGroup
	CanDelete, AskDelete bool
	formNote

	entered map[string]string // of declared fields, shown again after a mistake
}

// option is a choice in a form.
type option struct {
	Value, Label string
	Selected     bool
}

func (s *Server) newPerson(w http.ResponseWriter, r *request) error {
	f := personForm{Person: crm.Person{Kind: crm.Contact, Owner: r.user.Email}, New: true}
	if id := r.URL.Query().Get("account"); id != "" {
		f.Account = s.names().account(r.Context(), id)
	}
	f.Emails = excerpt(r.URL.Query().Get("email"), maxField)
	return s.renderPersonForm(w, r, http.StatusOK, f)
}

func (s *Server) editPerson(w http.ResponseWriter, r *request) error {
	p, err := s.store.GetPerson(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	var phones []string
	for _, phone := range p.Phones {
		phones = append(phones, phone.Number)
	}
	f := personForm{Person: p, Named: p.Name, Emails: strings.Join(p.Emails, "\n"), Phones: strings.Join(phones, "\n")}
	if p.AccountID != "" {
		f.Account = s.names().account(r.Context(), p.AccountID)
	}
	f.Base = versionOf(p.Updated)
	f.AskDelete = r.URL.Query().Get("ask") == "delete"
	return s.renderPersonForm(w, r, http.StatusOK, f)
}

func (s *Server) renderPersonForm(w http.ResponseWriter, r *request, status int, f personForm) error {
	f.Statuses, f.Reasons = s.statusOptions(r.say, string(f.Person.Status)), s.reasonOptions(r.say, f.Person.Reason)
	f.Custom = s.customGroups(r.say, f)
	accounts, _, err := s.store.ListAccounts(r.Context(), crm.AccountFilter{Limit: 200})
	if err != nil {
		return err
	}
	f.SuggestedAccounts = accounts
	f.CanDelete = !f.New && admin.allows(r.user.Role)
	users, err := s.store.ListUsers(r.Context())
	if err != nil {
		return err
	}
	f.Owners = ownerOptions(users, f.Person.Owner)
	title := r.say.text("person.new")
	if !f.New {
		title = r.say.text("record.edit", "name", f.Named)
	}
	return s.renderStatus(w, r, status, "personform", page{Title: title, Nav: "people", Data: f})
}

func (s *Server) createPerson(w http.ResponseWriter, r *request) error {
	now := time.Now().UTC()
	return s.savePerson(w, r, crm.Person{ID: crm.NewID(), Origin: "web", Created: now, Updated: now}, true)
}

func (s *Server) updatePerson(w http.ResponseWriter, r *request) error {
	p, err := s.store.GetPerson(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.savePerson(w, r, p, false)
}

func (s *Server) savePerson(w http.ResponseWriter, r *request, p crm.Person, fresh bool) error {
	if err := r.readForm(); err != nil {
		return err
	}
	form, was := r.PostForm, p
	p.Updated = time.Now().UTC()
	p.Kind, p.Name, p.Kana = crm.PersonKind(form.Get("kind")), form.Get("name"), form.Get("kana")
	p.Company, p.Department, p.Title, p.Owner = form.Get("company"), form.Get("department"), form.Get("title"), form.Get("owner")
	p.Emails, p.Phones = entered(form.Get("emails")), phonesOf(entered(form.Get("phones")))
	c := &checks{s: s, labels: true}
	moves := s.checkMove(r.Context(), c, was, &p, crm.LeadStatus(form.Get("status")), form.Get("reason"), fresh)
	f := personForm{Person: p, Named: was.Name, Emails: form.Get("emails"), Phones: form.Get("phones"), Account: strings.TrimSpace(form.Get("account")), New: fresh}
	target := crm.FieldTarget(p.Kind)
	f.Base = form.Get("base")
	f.entered = r.say.enteredCustom(form, target, s.declared(target), p.Custom)
	custom, badCustom := s.checkCustom(target, f.entered, p.Custom, r.say)
	var err error
	if wrong := s.checkPerson(&p); wrong != nil {
		err = wrong
	} else if badCustom != nil {
		err = badCustom
	} else {
		err = c.err("person")
	}
	again := func(status int, problem string) error {
		f.Problem = problem
		f.Person.Status, f.Person.Reason, f.Person.Owner = crm.LeadStatus(form.Get("status")), form.Get("reason"), form.Get("owner")
		return s.renderPersonForm(w, r, status, f)
	}
	if err == nil && overtaken(form, was.Updated) {
		f.Base = versionOf(was.Updated)
		return again(http.StatusConflict, r.say.text("form.overtaken"))
	}
	if err == nil {
		if f.Others, err = s.othersWith(r, p.ID, added(was.Emails, p.Emails), nil); len(f.Others) > 0 {
			return again(http.StatusUnprocessableEntity, r.say.text("form.address_held"))
		}
	}
	if err == nil {
		p.AccountID, err = s.accountFor(r.Context(), r.user.Email, p, f.Account)
	}
	if words, bad := r.say.flawIn(err); bad {
		return again(http.StatusUnprocessableEntity, words)
	} else if err != nil {
		return err
	}
	p.Custom = custom
	if fresh {
		err = s.store.SavePeople(r.Context(), r.user.Email, []crm.Person{p})
	} else {
		_, err = s.store.ChangePerson(r.Context(), r.user.Email, crm.Amendment[crm.Person]{Was: was, Is: p, Base: basis(form, was.Updated)}, moves...)
	}
	if errors.Is(err, crm.ErrConflict) { // within the moment since it was read
		now, err := s.store.GetPerson(r.Context(), p.ID)
		if err != nil {
			return err
		}
		f.Base = versionOf(now.Updated)
		return again(http.StatusConflict, r.say.text("form.overtaken"))
	} else if err != nil {
		return err
	}
	s.cfg.Kick()
	http.Redirect(w, r.Request, "/people/"+p.ID+"?notice=person_saved", http.StatusSeeOther)
	return nil
}

// customGroups are the inputs of declared fields: of the person's kind and, as the kind of somebody new can
// still be chosen, then of the other as well.
func (s *Server) customGroups(sp *speaker, f personForm) []customGroup {
	kinds := []crm.PersonKind{f.Person.Kind}
	if f.New {
		kinds = []crm.PersonKind{crm.Contact, crm.Lead}
	}
	var out []customGroup
	for _, kind := range kinds {
		target := crm.FieldTarget(kind)
		values := f.Person.Custom
		if kind == f.Person.Kind {
			values = withEntered(values, f.entered)
		}
		if inputs := sp.customInputs(target, s.declared(target), values); len(inputs) > 0 {
			g := customGroup{Inputs: inputs}
			if f.New {
				g.Kind, g.Title = kind, sp.text("form.custom_of", "kind", sp.label("person_kind", string(kind)))
			}
			out = append(out, g)
		}
	}
	return out
}

// accountFor is the id of the account a contact belongs to, by the name that was entered. The account the
// contact has keeps its place if its name stands there unchanged; an unknown name makes a new account.
func (s *Server) accountFor(ctx context.Context, actor string, p crm.Person, name string) (string, error) {
	if p.Kind == crm.Lead || name == "" {
		return "", nil
	}
	if p.AccountID != "" && s.names().account(ctx, p.AccountID) == name {
		return p.AccountID, nil
	}
	a, found, err := s.accountNamed(ctx, name)
	switch {
	case err != nil:
		return "", err
	case found == 1:
		return a.ID, nil
	case found > 1:
		return "", &problem{"form.account_ambiguous", name}
	}
	now := time.Now().UTC()
	a = crm.Account{ID: crm.NewID(), Name: name, Owner: p.Owner, Origin: "web", Created: now, Updated: now}
	if bad := s.checkAccount(&a); bad != nil {
		return "", bad
	}
	return a.ID, s.store.SaveAccounts(ctx, actor, []crm.Account{a})
}

func (s *Server) deletePerson(w http.ResponseWriter, r *request) error {
	if err := s.store.DeletePerson(r.Context(), r.user.Email, r.PathValue("id")); err != nil {
		return err
	}
	s.cfg.Kick()
	http.Redirect(w, r.Request, "/people?notice=person_deleted", http.StatusSeeOther)
	return nil
}
