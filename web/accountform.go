package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// accountForm is the form for a new or an existing account, filled with what was entered.
type accountForm struct {
	Account         crm.Account
	Domains, Phones string
	Named           string // as it is called on record
	New             bool
	Owners          []option
	Custom          []customGroup
	formNote

	entered map[string]string // of declared fields, shown again after a mistake
}

func (s *Server) newAccount(w http.ResponseWriter, r *request) error {
	return s.renderAccountForm(w, r, http.StatusOK, accountForm{Account: crm.Account{Owner: r.user.Email}, New: true})
}

func (s *Server) editAccount(w http.ResponseWriter, r *request) error {
	a, err := s.store.GetAccount(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	var phones []string
	for _, phone := range a.Phones {
		phones = append(phones, phone.Number)
	}
	f := accountForm{Account: a, Named: a.Name, Domains: strings.Join(a.Domains, "\n"), Phones: strings.Join(phones, "\n")}
	f.Base = versionOf(a.Updated)
	return s.renderAccountForm(w, r, http.StatusOK, f)
}

func (s *Server) renderAccountForm(w http.ResponseWriter, r *request, status int, f accountForm) error {
	title := r.say.text("account.new")
	if !f.New {
		title = r.say.text("record.edit", "name", f.Named)
	}
	users, err := s.store.ListUsers(r.Context())
	if err != nil {
		return err
	}
	f.Owners = ownerOptions(users, f.Account.Owner)
	if inputs := r.say.customInputs(crm.OnAccount, s.declared(crm.OnAccount), withEntered(f.Account.Custom, f.entered)); len(inputs) > 0 {
		f.Custom = []customGroup{{Inputs: inputs}}
	}
	return s.renderStatus(w, r, status, "accountform", page{Title: title, Nav: "accounts", Data: f})
}

func (s *Server) createAccount(w http.ResponseWriter, r *request) error {
	now := time.Now().UTC()
	return s.saveAccount(w, r, crm.Account{ID: crm.NewID(), Origin: "web", Created: now, Updated: now}, true)
}

func (s *Server) updateAccount(w http.ResponseWriter, r *request) error {
	a, err := s.store.GetAccount(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.saveAccount(w, r, a, false)
}

func (s *Server) saveAccount(w http.ResponseWriter, r *request, a crm.Account, fresh bool) error {
	if err := r.readForm(); err != nil {
		return err
	}
	form, was := r.PostForm, a
	a.Updated = time.Now().UTC()
	a.Name, a.Kana, a.Owner = form.Get("name"), form.Get("kana"), form.Get("owner")
	a.Domains, a.Phones = entered(form.Get("domains")), phonesOf(entered(form.Get("phones")))
	entered := r.say.enteredCustom(form, crm.OnAccount, s.declared(crm.OnAccount), a.Custom)
	custom, badCustom := s.checkCustom(crm.OnAccount, entered, a.Custom, r.say)
	bad := s.checkAccount(&a)
	for _, domain := range a.Domains {
		if bad == nil && ownedByNobody(domain) && !slices.Contains(was.Domains, domain) {
			bad = &problem{"form.everybodys_domain", domain}
		}
	}
	if bad == nil {
		bad = badCustom
	}
	c := &checks{s: s, labels: true}
	c.owner(r.Context(), "owner", &a.Owner, was.Owner)
	f := accountForm{Account: a, Named: was.Name, Domains: form.Get("domains"), Phones: form.Get("phones"), New: fresh, entered: entered}
	f.Base = form.Get("base")
	if words, flawed := r.say.flawIn(c.err("account")); flawed {
		f.Problem = words
	}
	if bad != nil {
		f.Problem = r.say.text(bad.key, "value", bad.value)
	}
	if f.Problem != "" {
		return s.renderAccountForm(w, r, http.StatusUnprocessableEntity, f)
	}
	if overtaken(form, was.Updated) {
		f.Base, f.Problem = versionOf(was.Updated), r.say.text("form.overtaken")
		return s.renderAccountForm(w, r, http.StatusConflict, f)
	}
	var err error
	if f.Others, err = s.othersWith(r, a.ID, nil, added(was.Domains, a.Domains)); err != nil {
		return err
	}
	if len(f.Others) > 0 {
		f.Problem = r.say.text("form.domain_held")
		return s.renderAccountForm(w, r, http.StatusUnprocessableEntity, f)
	}
	a.Custom = custom
	if fresh {
		err = s.store.SaveAccounts(r.Context(), r.user.Email, []crm.Account{a})
	} else {
		_, err = s.store.ChangeAccount(r.Context(), r.user.Email, crm.Amendment[crm.Account]{Was: was, Is: a, Base: basis(form, was.Updated)})
	}
	if errors.Is(err, crm.ErrConflict) { // within the moment since it was read
		now, err := s.store.GetAccount(r.Context(), a.ID)
		if err != nil {
			return err
		}
		f.Base, f.Problem = versionOf(now.Updated), r.say.text("form.overtaken")
		return s.renderAccountForm(w, r, http.StatusConflict, f)
	} else if err != nil {
		return err
	}
	s.cfg.Kick()
	http.Redirect(w, r.Request, "/accounts/"+a.ID+"?notice=account_saved", http.StatusSeeOther)
	return nil
}
