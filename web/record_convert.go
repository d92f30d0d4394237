package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// convertPage is a conversion before it is done.
type convertPage struct {
	ID, Name, Company string
	Preview           crm.ConversionPreview
	AccountName       string // of the account to be made
	Accounts          []crm.Candidate
	Contacts          []crm.Candidate
	Chosen            conversionEntry
	Owners            []option
	Opportunity       bool
	OppName, Amount   string
	Expected          string
	Stages            []option
	Products          []option
	Touch             []fact
	Problem           string
}

// showConversion previews what converting a lead would do with what is chosen in the address.
func (s *Server) showConversion(w http.ResponseWriter, r *request) error {
	return s.renderConversion(w, r, http.StatusOK, r.URL.Query(), "")
}

func (s *Server) renderConversion(w http.ResponseWriter, r *request, status int, form url.Values, problem string) error {
	ctx := r.Context()
	p, err := s.store.GetPerson(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if p.Kind != crm.Lead {
		return &statusError{http.StatusConflict, "convert.no_lead"}
	}
	chosen, bad := s.conversionForm(r.say, form)
	problem = cmp.Or(problem, bad)
	if problem != "" { // the preview is of what can be read
		chosen.Opportunity = nil
	}
	plan, err := s.conversionPlan(ctx, p.ID, chosen)
	if words, flawed := r.say.flawIn(err); flawed {
		problem = cmp.Or(problem, words)
		plan, err = s.conversionPlan(ctx, p.ID, conversionEntry{})
	}
	if err != nil {
		return err
	}
	preview, err := s.store.PreviewConversion(ctx, plan)
	if err != nil {
		return joinRefused(err, "convert.refused")
	}
	v := convertPage{ID: p.ID, Name: p.Name, Company: p.Company, Preview: preview, Chosen: chosen, Accounts: preview.Accounts, Contacts: preview.Contacts, Problem: problem,
		AccountName: cmp.Or(form.Get("account_name"), p.Company, p.Name), Opportunity: form.Get("opportunity") != "", OppName: cmp.Or(form.Get("opp_name"), cmp.Or(p.Company, p.Name)),
		Amount: form.Get("opp_amount"), Expected: form.Get("opp_expected"), Stages: r.say.options(stageNames(s.lifecycle()), "stage", form.Get("opp_stage"))}
	if err := s.fillConversion(r, &v, form, &p); err != nil {
		return err
	}
	return s.renderStatus(w, r, status, "convert", page{Title: r.say.text("convert.title", "name", p.Name), Nav: "people", Data: v})
}

func (s *Server) fillConversion(r *request, v *convertPage, form url.Values, p *crm.Person) error {
	users, err := s.store.ListUsers(r.Context())
	if err != nil {
		return err
	}
	v.Owners = ownerOptions(users, cmp.Or(form.Get("owner"), p.Owner))
	products, err := s.store.ListProducts(r.Context())
	if err != nil {
		return err
	}
	for _, product := range products {
		if !product.Retired {
			v.Products = append(v.Products, option{product.ID, product.Name, form.Get("opp_product") == product.ID})
		}
	}
	st, err := s.standingOf(r.Context(), p.ID)
	if err != nil {
		return err
	}
	for _, f := range []struct{ key, value string }{{"convert.channel", st.First.Channel}, {"convert.campaign", st.First.Campaign}, {"convert.source", st.First.Source}} {
		if f.value != "" {
			v.Touch = append(v.Touch, fact{r.say.text(f.key), f.value})
		}
	}
	return nil
}

// conversionForm is what the page's form says; the text is what is wrong with it.
func (s *Server) conversionForm(sp *speaker, form url.Values) (conversionEntry, string) {
	e := conversionEntry{Account: form.Get("account"), Contact: form.Get("contact"), Owner: form.Get("owner")}
	if e.Account == "" {
		e.AccountName = strings.TrimSpace(form.Get("account_name"))
	}
	if form.Get("opportunity") == "" {
		return e, ""
	}
	amount, ok := amountOf(form.Get("opp_amount"))
	if !ok {
		return e, sp.text("deal.bad_amount", "value", shown(form.Get("opp_amount")))
	}
	e.Opportunity = &firstOpportunity{Name: strings.TrimSpace(form.Get("opp_name")), Stage: form.Get("opp_stage"), Amount: amount, Expected: form.Get("opp_expected")}
	if e.Opportunity.Name == "" {
		return e, sp.text("deal.no_name")
	}
	if id := form.Get("opp_product"); id != "" {
		e.Opportunity.Lines = []lineEntry{{Product: id, Quantity: 1}}
		if amount > 0 {
			e.Opportunity.Lines[0].Price = &amount
		}
	}
	return e, ""
}

// amountOf reads an amount of money as people write it.
func amountOf(text string) (int64, bool) {
	text = strings.NewReplacer(",", "", "\uff0c", "", "¥", "", "\uffe5", "", "円", "", " ", "", "\u3000", "").Replace(crm.Fold(text))
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}

// doConvert converts.
func (s *Server) doConvert(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	e, bad := s.conversionForm(r.say, r.PostForm)
	if bad != "" {
		return s.renderConversion(w, r, http.StatusUnprocessableEntity, r.PostForm, bad)
	}
	done, err := s.convertLead(r.Context(), r.user.Email, r.PathValue("id"), e)
	if words, flawed := r.say.flawIn(err); flawed {
		return s.renderConversion(w, r, http.StatusUnprocessableEntity, r.PostForm, words)
	} else if err != nil {
		return joinRefused(err, "convert.refused")
	}
	if _, err := s.store.GetPerson(r.Context(), done.Contact); errors.Is(err, crm.ErrNotFound) {
		return backTo(w, r, "/", "converted") // it was given to somebody else
	}
	return backTo(w, r, "/people/"+done.Contact, "converted")
}

func (s *Server) convertLead(ctx context.Context, actor, id string, e conversionEntry) (crm.Conversion, error) {
	plan, err := s.conversionPlan(ctx, id, e)
	if err != nil {
		return crm.Conversion{}, err
	}
	done, err := s.store.Convert(ctx, actor, plan, time.Now().UTC())
	if err == nil {
		s.cfg.Kick()
	}
	return done, err
}
