package web

import (
	"net/url"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// shownSubsidiaries is how many accounts below another its page names.
const shownSubsidiaries = 50

// accountLife is an account as a whole: its windows, what is above and below it, and whose activities are shown.
type accountLife struct {
	Departments []departmentView
	Count       int
	More        bool
	Parent      link
	Below       []link
	MoreBelow   bool
	All         string // address of everybody's activities; "" if these are shown
	WithBelow   string // address that shows those of subsidiaries too; "" if there are none or they are shown
	OnlyHere    string // address that leaves them out again
	Only        string // name of the one person whose activities are shown
	Tasks       []taskView
	Proposals   []proposalView
	Deals       []dealView
	Contracts   []dealView
}

type departmentView struct {
	Name    string
	Members []memberView
}

// memberView is a member and what there is of them.
type memberView struct {
	ID, Name, Title, Heard string
	Only                   string // address of their activities alone
}

// accountLife gathers what an account's page says beside the timeline, and which activities that shows.
func (s *Server) accountLife(r *request, a *crm.Account) (*accountLife, crm.ActivityFilter, error) {
	ctx, q := r.Context(), r.URL.Query()
	f := crm.ActivityFilter{Account: a.ID}
	v := &accountLife{}
	members, err := s.membersOf(ctx, a.ID)
	if err != nil {
		return nil, f, err
	}
	page := "/accounts/" + url.PathEscape(a.ID)
	v.Count, v.More = members.Members, members.More
	for _, d := range members.Departments {
		row := departmentView{Name: d.Department}
		for _, m := range d.Members {
			mv := memberView{ID: m.Person.ID, Name: m.Person.Name, Title: m.Person.Title, Heard: r.say.date(latestOf(&m.Standing)), Only: page + "?person=" + url.QueryEscape(m.Person.ID)}
			if m.Person.ID == q.Get("person") {
				v.Only, v.All, f = m.Person.Name, page, crm.ActivityFilter{Person: m.Person.ID}
			}
			row.Members = append(row.Members, mv)
		}
		v.Departments = append(v.Departments, row)
	}
	if a.Parent != "" {
		if above, err := s.store.GetAccount(ctx, a.Parent); err == nil {
			v.Parent = link{above.Name, "/accounts/" + above.ID}
		}
	}
	below, more, err := s.store.ListSubsidiaries(ctx, a.ID, "", shownSubsidiaries)
	if err != nil {
		return nil, f, err
	}
	for _, b := range below {
		v.Below = append(v.Below, link{b.Name, "/accounts/" + b.ID})
	}
	if v.MoreBelow = more != ""; len(below) > 0 && f.Account != "" {
		if f.Below = q.Get("below") != ""; f.Below {
			v.OnlyHere = page
		} else {
			v.WithBelow = page + "?below=1"
		}
	}
	return v, f, s.accountDeals(r, a, v)
}

// accountDeals adds the opportunities and contracts of an account.
func (s *Server) accountDeals(r *request, a *crm.Account, v *accountLife) error {
	n := s.names()
	tasks, _, err := s.store.ListTasks(r.Context(), crm.TaskFilter{Account: a.ID, Open: true, Limit: 10})
	if err != nil {
		return err
	}
	today := s.today()
	for i := range tasks {
		v.Tasks = append(v.Tasks, r.say.taskView(r.Context(), n, &tasks[i], today))
	}
	proposals, _, err := s.store.ListProposals(r.Context(), crm.ProposalFilter{Subject: a.ID, State: crm.ProposalOpen, Limit: 10})
	if err != nil {
		return err
	}
	for i := range proposals {
		v.Proposals = append(v.Proposals, s.proposalView(r.Context(), r.say, n, &proposals[i], "list"))
	}
	deals, _, err := s.store.ListOpportunities(r.Context(), crm.DealFilter{Account: a.ID, Limit: 20})
	if err != nil {
		return err
	}
	for i := range deals {
		v.Deals = append(v.Deals, s.opportunityView(r.Context(), r.say, n, &deals[i]))
	}
	contracts, _, err := s.store.ListContracts(r.Context(), crm.DealFilter{Account: a.ID, Limit: 20})
	for i := range contracts {
		v.Contracts = append(v.Contracts, s.contractView(r.Context(), r.say, n, &contracts[i]))
	}
	return err
}

// followView is how fresh an account is, and why.
type followView struct {
	Known     bool
	Freshness int
	Parts     []partView
	Unreplied string
	Segments  []string
}

func (s *Server) followView(r *request, id string) (*followView, error) {
	st, err := s.standingOf(r.Context(), id)
	if err != nil {
		return nil, err
	}
	v := &followView{Known: len(st.Parts) > 0 || st.Freshness > 0, Freshness: st.Freshness, Unreplied: r.say.when(st.Unreplied), Segments: st.Segments}
	v.Parts = r.say.partViews(st.Parts)
	return v, nil
}

// latestOf is when there was anything last, either way.
func latestOf(st *crm.Standing) time.Time {
	return slices.MaxFunc([]time.Time{st.LastHeard, st.LastReached}, time.Time.Compare)
}
