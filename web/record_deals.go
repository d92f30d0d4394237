package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds of what a deal's form offers.
const (
	dealSpareLines = 2  // empty rows after those there are
	dealContacts   = 50 // members of the account that can be ticked
)

// dealPage is an opportunity or a contract: what it is, and the form that changes it.
type dealPage struct {
	Contract         bool
	New              bool
	ID, Name, Action string
	Account          link
	AccountID        string
	AccountName      string // entered, of a new deal without an account
	Owner            string
	Amount           string
	Shown            dealView
	Expected, Closed string
	Start, End       string
	Notice           string
	Ended, Note      string
	Stages           []option
	Owners           []option
	Contacts         []dealContact
	Lines            []dealLine
	Documents        []dealDocument
	Products         []crm.Product
	History          []dealStep
	Facts            []fact // where it came from
	From             link   // a contract's opportunity, or an opportunity's contract
	Follows          link   // the contract that renews this one
	Renewals         []option
	CanDelete, Ends  bool
	formNote
}

type dealContact struct {
	ID, Name, Department string
	On                   bool
}

type dealLine struct{ Product, Name, Quantity, Price, Sum string }

type dealDocument struct{ Kind, Name, URL string }

type dealStep struct{ When, From, To, By string }

// whole is a number that a form shows; "" for nothing.
func whole(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// dealBasis fills what opportunities and contracts have in common.
func (s *Server) dealBasis(r *request, v *dealPage, owner string, contacts []string, lines []crm.Line, documents []crm.Document) error {
	ctx := r.Context()
	users, err := s.store.ListUsers(ctx)
	if err != nil {
		return err
	}
	v.Owner, v.Owners = owner, ownerOptions(users, owner)
	if v.AccountID != "" {
		v.Account = link{s.names().account(ctx, v.AccountID), "/accounts/" + v.AccountID}
		members, _, err := s.store.ListPeople(ctx, crm.PeopleFilter{Account: v.AccountID, Limit: dealContacts})
		if err != nil {
			return err
		}
		for i := range members {
			p := &members[i]
			v.Contacts = append(v.Contacts, dealContact{p.ID, p.Name, p.Department, slices.Contains(contacts, p.ID)})
		}
	}
	for _, id := range contacts { // who is none of those
		if !slices.ContainsFunc(v.Contacts, func(c dealContact) bool { return c.ID == id }) {
			if name := s.personName(ctx, id); name != "" {
				v.Contacts = append(v.Contacts, dealContact{ID: id, Name: name, On: true})
			}
		}
	}
	for _, l := range lines {
		v.Lines = append(v.Lines, dealLine{l.Product, l.Name, strconv.FormatInt(l.Quantity, 10), strconv.FormatInt(l.Price, 10), group(l.Quantity * l.Price)})
	}
	v.Lines = append(v.Lines, make([]dealLine, dealSpareLines)...)
	for _, d := range documents {
		v.Documents = append(v.Documents, dealDocument{d.Kind, d.Name, d.URL})
	}
	v.Documents = append(v.Documents, make([]dealDocument, dealSpareLines)...)
	products, err := s.store.ListProducts(ctx)
	v.Products = slices.DeleteFunc(products, func(p crm.Product) bool { return p.Retired })
	v.CanDelete = !v.New && admin.allows(r.user.Role)
	return err
}

func (s *Server) newOpportunity(w http.ResponseWriter, r *request) error {
	o := crm.Opportunity{Owner: r.user.Email, Account: r.URL.Query().Get("account")}
	if id := r.URL.Query().Get("person"); id != "" {
		p, err := s.store.GetPerson(r.Context(), id)
		if err != nil {
			return err
		}
		o.Contacts, o.Account = []string{p.ID}, p.AccountID
	}
	return s.renderOpportunity(w, r, http.StatusOK, o, "", "")
}

func (s *Server) showOpportunity(w http.ResponseWriter, r *request) error {
	o, err := s.store.GetOpportunity(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.renderOpportunity(w, r, http.StatusOK, o, "", "")
}

func (s *Server) renderOpportunity(w http.ResponseWriter, r *request, status int, o crm.Opportunity, account, problem string) error {
	ctx, stages := r.Context(), stageNames(s.lifecycle())
	v := dealPage{New: o.ID == "", ID: o.ID, Name: o.Name, Action: "/opportunities", AccountID: o.Account, AccountName: account, Amount: whole(o.Amount), Expected: o.Expected,
		Closed: o.Closed, Start: o.Start, End: o.End, Notice: whole(int64(o.Notice)), Note: o.Note, Ends: o.Ends != "", Stages: r.say.options(stages, "stage", string(o.Stage))}
	title := r.say.text("deal.new_opportunity")
	v.Problem = problem
	if !v.New {
		v.Base = versionOf(o.Updated)
		v.Action, title = "/opportunities/"+o.ID, cmp.Or(o.Name, r.say.text("deals.opportunities"))
		v.Shown = s.opportunityView(ctx, r.say, s.names(), &o)
	}
	for _, st := range o.Stages {
		v.History = append(v.History, dealStep{r.say.when(st.At), r.say.wordOf(stages, "stage", string(st.From)), r.say.wordOf(stages, "stage", string(st.To)), r.say.actor(st.By)})
	}
	slices.Reverse(v.History)
	v.Facts = s.dealTouch(r.say, o.Touch)
	if o.Contract != "" {
		if c, err := s.store.GetContract(ctx, o.Contract); err == nil {
			v.From = link{c.Name, "/contracts/" + c.ID}
		}
	}
	if err := s.dealBasis(r, &v, o.Owner, o.Contacts, o.Lines, o.Documents); err != nil {
		return err
	}
	return s.renderStatus(w, r, status, "deal", page{Title: title, Nav: "deals", Data: v})
}

// dealTouch says where a deal came from.
func (s *Server) dealTouch(sp *speaker, t crm.Touch) (out []fact) {
	for _, f := range []struct{ key, value string }{{"convert.channel", t.Channel}, {"convert.campaign", t.Campaign}, {"convert.source", t.Source}} {
		if f.value != "" {
			out = append(out, fact{sp.text(f.key), f.value})
		}
	}
	return out
}

func (s *Server) createOpportunity(w http.ResponseWriter, r *request) error {
	return s.saveOpportunity(w, r, crm.Opportunity{})
}

func (s *Server) updateOpportunity(w http.ResponseWriter, r *request) error {
	o, err := s.store.GetOpportunity(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.saveOpportunity(w, r, o)
}

func (s *Server) saveOpportunity(w http.ResponseWriter, r *request, was crm.Opportunity) error {
	if err := r.readForm(); err != nil {
		return err
	}
	form := r.PostForm
	f := s.dealForm(r, form)
	e := opportunityEntry{Name: f.name, Account: cmp.Or(was.Account, f.account), Contacts: f.contacts, Owner: form.Get("owner"), Stage: form.Get("stage"), Amount: f.amount, Expected: form.Get("expected"),
		Closed: form.Get("closed"), Lines: f.lines, Documents: f.documents, Start: form.Get("start"), End: form.Get("end"), Notice: f.notice, Note: form.Get("note"), Custom: was.Custom}
	next := was
	if next.ID == "" {
		next.ID = crm.NewID()
	}
	var err error
	status, filled := refusedDeal(r, &f, was.Updated)
	if e.Base = basis(form, was.Updated); f.problem == "" {
		next, err = s.putOpportunity(withActor(r), next, e, was.ID == "")
	}
	if errors.Is(err, crm.ErrConflict) { // within the moment since it was read
		now, err := s.store.GetOpportunity(r.Context(), was.ID)
		if err != nil {
			return err
		}
		status, filled, f.problem = http.StatusConflict, now.Updated, r.say.text("form.overtaken")
	}
	if words, bad := r.say.flawIn(err); bad || f.problem != "" {
		shown := crm.Opportunity{ID: was.ID, Name: e.Name, Account: e.Account, Contacts: e.Contacts, Owner: e.Owner, Stage: crm.Stage(e.Stage), Amount: e.Amount, Expected: e.Expected, Closed: e.Closed,
			Lines: shownLines(f.lines), Documents: documentsOf(f.documents), Start: e.Start, End: e.End, Notice: e.Notice, Note: e.Note, Stages: was.Stages, Contract: was.Contract, Touch: was.Touch, Ends: was.Ends, Updated: filled}
		return s.renderOpportunity(w, r, status, shown, form.Get("account_name"), cmp.Or(f.problem, words))
	} else if err != nil {
		return joinRefused(err, "deal.refused")
	}
	if ok, err := s.sees(r.Context(), r.may, opportunityRecord, next.ID); err != nil || !ok {
		return backTo(w, r, "/deals", "saved")
	}
	return backTo(w, r, "/opportunities/"+next.ID, "saved")
}

// refusedDeal is the status of a deal's form that is shown again, and when the deal that it shows was changed. It refuses a
// form that somebody else overtook.
func refusedDeal(r *request, f *dealFields, updated time.Time) (status int, filled time.Time) {
	if !overtaken(r.PostForm, updated) {
		return http.StatusUnprocessableEntity, updated
	}
	if f.problem == "" {
		f.problem = r.say.text("form.overtaken")
		return http.StatusConflict, updated
	}
	filled, _ = time.Parse(time.RFC3339Nano, r.PostForm.Get("base"))
	return http.StatusUnprocessableEntity, filled
}

// withActor is a request's context with who acts, as the API's functions read it.
func withActor(r *request) context.Context {
	return context.WithValue(r.Context(), actorKey{}, r.user.Email)
}

func shownLines(entries []lineEntry) []crm.Line {
	out := make([]crm.Line, len(entries))
	for i, e := range entries {
		out[i] = crm.Line{Product: e.Product, Name: e.Name, Quantity: e.Quantity}
		if e.Price != nil {
			out[i].Price = *e.Price
		}
	}
	return out
}

// dealFields are what the forms of opportunities and contracts have in common.
type dealFields struct {
	name, account string
	contacts      []string
	amount        int64
	notice        int
	lines         []lineEntry
	documents     []documentEntry
	problem       string
}

// dealForm reads them. Rows of which nothing was filled in are none.
func (s *Server) dealForm(r *request, form url.Values) (f dealFields) {
	f.name, f.account, f.contacts = strings.TrimSpace(form.Get("name")), form.Get("account"), form["contact"]
	wrong := func(key, value string) {
		if f.problem == "" {
			f.problem = r.say.text(key, "value", shown(value))
		}
	}
	if f.name == "" {
		wrong("deal.no_name", "")
	}
	if name := strings.TrimSpace(form.Get("account_name")); f.account == "" && name != "" {
		a, found, err := s.accountNamed(r.Context(), name)
		switch {
		case err != nil || found == 0:
			wrong("form.no_account", name)
		case found > 1:
			wrong("form.account_ambiguous", name)
		default:
			f.account = a.ID
		}
	} else if f.account == "" && form.Get("known") == "" {
		wrong("deal.no_account", "")
	}
	var ok bool
	if f.amount, ok = amountOf(form.Get("amount")); !ok {
		wrong("deal.bad_amount", form.Get("amount"))
	}
	notice, ok := amountOf(form.Get("notice"))
	if f.notice = int(min(notice, 100_000)); !ok {
		wrong("deal.bad_amount", form.Get("notice"))
	}
	f.readLines(form, wrong)
	f.readDocuments(form)
	return f
}

func (f *dealFields) readLines(form url.Values, wrong func(key, value string)) {
	at := func(key string, i int) string {
		if list := form[key]; i < len(list) {
			return strings.TrimSpace(list[i])
		}
		return ""
	}
	for i := range min(len(form["line_name"]), 200) {
		e := lineEntry{Product: at("line_product", i), Name: at("line_name", i), Quantity: 1}
		if e.Product == "" && e.Name == "" {
			continue
		}
		if text := at("line_quantity", i); text != "" {
			n, ok := amountOf(text)
			if e.Quantity = n; !ok {
				wrong("deal.bad_amount", text)
			}
		}
		if text := at("line_price", i); text != "" {
			n, ok := amountOf(text)
			if e.Price = &n; !ok {
				wrong("deal.bad_amount", text)
			}
		}
		f.lines = append(f.lines, e)
	}
}

func (f *dealFields) readDocuments(form url.Values) {
	kinds, names, addresses := form["doc_kind"], form["doc_name"], form["doc_url"]
	for i := range min(len(kinds), len(names), len(addresses), 200) {
		e := documentEntry{Kind: kinds[i], Name: strings.TrimSpace(names[i]), URL: strings.TrimSpace(addresses[i])}
		if e.Name == "" && e.URL == "" {
			continue
		}
		e.Name = cmp.Or(e.Name, excerpt(e.URL, 60))
		f.documents = append(f.documents, e)
	}
}

func (s *Server) deleteOpportunity(w http.ResponseWriter, r *request) error {
	if err := s.store.DeleteOpportunity(r.Context(), r.user.Email, r.PathValue("id")); err != nil {
		return joinRefused(err, "deal.has_contract")
	}
	s.cfg.Kick()
	return backTo(w, r, "/deals", "deal_deleted")
}
