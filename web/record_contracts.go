package web

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (s *Server) newContract(w http.ResponseWriter, r *request) error {
	return s.renderContract(w, r, http.StatusOK, crm.Contract{Owner: r.user.Email, Account: r.URL.Query().Get("account")}, "", "")
}

func (s *Server) showContract(w http.ResponseWriter, r *request) error {
	c, err := s.store.GetContract(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.renderContract(w, r, http.StatusOK, c, "", "")
}

func (s *Server) renderContract(w http.ResponseWriter, r *request, status int, c crm.Contract, account, problem string) error {
	ctx := r.Context()
	v := dealPage{Contract: true, New: c.ID == "", ID: c.ID, Name: c.Name, Action: "/contracts", AccountID: c.Account, AccountName: account, Amount: whole(c.Amount),
		Start: c.Start, End: c.End, Notice: whole(int64(c.Notice)), Ended: c.Ended, Note: c.Note}
	title := r.say.text("deal.new_contract")
	v.Problem = problem
	if !v.New {
		v.Base = versionOf(c.Updated)
		v.Action, title = "/contracts/"+c.ID, cmp.Or(c.Name, r.say.text("deals.contracts"))
		v.Shown = s.contractView(ctx, r.say, s.names(), &c)
	}
	v.Facts = s.dealTouch(r.say, c.Touch)
	if c.Opportunity != "" {
		if o, err := s.store.GetOpportunity(ctx, c.Opportunity); err == nil {
			v.From = link{o.Name, "/opportunities/" + o.ID}
		}
	}
	if err := s.renewals(r, &v, &c); err != nil {
		return err
	}
	if err := s.dealBasis(r, &v, c.Owner, c.Contacts, c.Lines, c.Documents); err != nil {
		return err
	}
	return s.renderStatus(w, r, status, "deal", page{Title: title, Nav: "deals", Data: v})
}

// renewals are the contracts of the same account that can follow this one.
func (s *Server) renewals(r *request, v *dealPage, c *crm.Contract) error {
	if v.New {
		return nil
	}
	list, _, err := s.store.ListContracts(r.Context(), crm.DealFilter{Account: c.Account, Limit: pageRows})
	if err != nil {
		return err
	}
	v.Renewals = []option{{Selected: c.Renewed == ""}}
	for i := range list {
		if other := &list[i]; other.ID != c.ID {
			v.Renewals = append(v.Renewals, option{other.ID, other.Name + " · " + r.say.plannedDay(other.Start), other.ID == c.Renewed})
			if other.ID == c.Renewed {
				v.Follows = link{other.Name, "/contracts/" + other.ID}
			}
		}
	}
	return nil
}

func (s *Server) createContract(w http.ResponseWriter, r *request) error {
	return s.saveContract(w, r, crm.Contract{})
}

func (s *Server) updateContract(w http.ResponseWriter, r *request) error {
	c, err := s.store.GetContract(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.saveContract(w, r, c)
}

func (s *Server) saveContract(w http.ResponseWriter, r *request, was crm.Contract) error {
	if err := r.readForm(); err != nil {
		return err
	}
	form := r.PostForm
	f := s.dealForm(r, form)
	e := contractEntry{Name: f.name, Account: cmp.Or(was.Account, f.account), Contacts: f.contacts, Owner: form.Get("owner"), Start: form.Get("start"), End: form.Get("end"), Notice: f.notice,
		Amount: f.amount, Lines: f.lines, Documents: f.documents, Ended: form.Get("ended"), Renewed: form.Get("renewed"), Note: form.Get("note")}
	next := was
	if next.ID == "" {
		next.ID = crm.NewID()
	}
	var err error
	status, filled := refusedDeal(r, &f, was.Updated)
	if e.Base = basis(form, was.Updated); f.problem == "" {
		next, err = s.putContract(withActor(r), next, e, was.ID == "")
	}
	if errors.Is(err, crm.ErrConflict) { // within the moment since it was read
		now, err := s.store.GetContract(r.Context(), was.ID)
		if err != nil {
			return err
		}
		status, filled, f.problem = http.StatusConflict, now.Updated, r.say.text("form.overtaken")
	}
	if words, bad := r.say.flawIn(err); bad || f.problem != "" {
		shown := crm.Contract{ID: was.ID, Name: e.Name, Account: e.Account, Contacts: e.Contacts, Owner: e.Owner, Amount: e.Amount, Lines: shownLines(f.lines), Documents: documentsOf(f.documents),
			Start: e.Start, End: e.End, Notice: e.Notice, Ended: e.Ended, Renewed: e.Renewed, Note: e.Note, Opportunity: was.Opportunity, Touch: was.Touch, Updated: filled}
		return s.renderContract(w, r, status, shown, form.Get("account_name"), cmp.Or(f.problem, words))
	} else if err != nil {
		return joinRefused(err, "deal.refused")
	}
	if ok, err := s.sees(r.Context(), r.may, contractRecord, next.ID); err != nil || !ok {
		return backTo(w, r, "/deals", "saved")
	}
	return backTo(w, r, "/contracts/"+next.ID, "saved")
}

func (s *Server) deleteContract(w http.ResponseWriter, r *request) error {
	if err := s.store.DeleteContract(r.Context(), r.user.Email, r.PathValue("id")); err != nil {
		return joinRefused(err, "deal.refused")
	}
	s.cfg.Kick()
	return backTo(w, r, "/deals", "deal_deleted")
}
